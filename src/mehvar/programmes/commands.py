"""Offer ``mehvar programmes recompute``: compute colours and tallies anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb ``programmes``."""
    programmes = subparsers.add_parser("programmes", help="compute the status of deliveries anew")
    verbs = programmes.add_subparsers(title="verbs", metavar="VERB", required=True)
    verb = verbs.add_parser("recompute", help="after the thresholds of the status changed in the settings")
    verb.set_defaults(run=run_recompute)


def run_recompute(_options: argparse.Namespace) -> int:
    """Compute everything anew and say how much there was and how much of it changed."""
    from mehvar.programmes.actions import recomputation

    done = recomputation.recompute_status()
    print(f"{done.deliveries} open deliveries, {done.changed} with new colours; {done.tallies} tallies")
    return 0
