"""Offer ``mehvar search rebuild``: make the search index anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb ``search``."""
    search = subparsers.add_parser("search", help="make the search index anew")
    verbs = search.add_subparsers(title="verbs", metavar="VERB", required=True)
    verb = verbs.add_parser("rebuild", help="read everything again; the pages keep answering meanwhile")
    verb.set_defaults(run=run_rebuild)


def run_rebuild(_options: argparse.Namespace) -> int:
    """Make the index anew and say how much is in it."""
    from mehvar.home.actions import indexing

    print(f"{indexing.rebuild()} entries")
    return 0
