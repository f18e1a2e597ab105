"""Run a benchmark: ``python -m bench NAME [--quick] [--json]``."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from dataclasses import asdict
from pathlib import Path

from bench.figures import Figure

SUPPORT = {"figures", "documents", "national", "peer_redmine", "__main__"}


def names() -> list[str]:
    """List the benchmarks."""
    return sorted(
        module.name
        for module in pkgutil.iter_modules([str(Path(__file__).parent)])
        if module.name not in SUPPORT
    )


def shown(figure: Figure) -> str:
    """Write one figure for people."""
    goal = (
        "" if figure.goal is None else f"  goal {figure.goal:g} {'reached' if figure.reached else 'MISSED'}"
    )
    peer = "" if figure.peer is None else f"  {figure.peer} {figure.peer_value:g}"
    return f"{figure.name:<70} {figure.value:>10g} {figure.unit:<6}{peer}{goal}"


def main(arguments: list[str] | None = None) -> int:
    """Run one benchmark and print its figures; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=names())
    parser.add_argument("--quick", action="store_true", help="end within 60 s")
    parser.add_argument("--json", action="store_true", help="one JSON object per figure and line")
    options = parser.parse_args(arguments)
    figures: list[Figure] = importlib.import_module(f"bench.{options.name}").run(quick=options.quick)
    for figure in figures:
        print(json.dumps(asdict(figure), ensure_ascii=False) if options.json else shown(figure))
    return int(any(figure.reached is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
