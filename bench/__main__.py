"""Run a benchmark, or all of them one after another: ``python -m bench NAME|all [--quick] [--json]``."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from dataclasses import asdict
from pathlib import Path

from bench.figures import Figure

SUPPORT = {"apart", "figures", "documents", "national", "peer_redmine", "timing", "__main__"}


def names() -> list[str]:
    """List the benchmarks."""
    return sorted(
        module.name
        for module in pkgutil.iter_modules([str(Path(__file__).parent)])
        if module.name not in SUPPORT
    )


def shown(figure: Figure) -> str:
    """Write one figure for people."""
    parts = [f"{figure.name:<70} {figure.value:>10g} {figure.unit:<6}"]
    if figure.peer is not None:
        parts.append(f"{figure.peer} {figure.peer_value:g}")
    if figure.ratio is not None:
        parts.append(f"ratio {figure.ratio:g}")
    if figure.goal is not None:
        parts.append(f"goal {figure.goal:g} {'reached' if figure.reached else 'MISSED'}")
    parts.append(f"runs {figure.runs}")
    if figure.spread is not None:
        parts.append(f"spread {figure.spread:g}")
    return "  ".join([*parts, *([f"({figure.note})"] if figure.note else [])])


def main(arguments: list[str] | None = None) -> int:
    """Run and print the figures as they come; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=[*names(), "all"])
    parser.add_argument("--quick", action="store_true", help="end within 60 s each")
    parser.add_argument("--json", action="store_true", help="one JSON object per figure and line")
    options = parser.parse_args(arguments)
    missed = False
    for name in names() if options.name == "all" else [options.name]:
        figures: list[Figure] = importlib.import_module(f"bench.{name}").run(quick=options.quick)
        for figure in figures:
            text = json.dumps(asdict(figure), ensure_ascii=False) if options.json else shown(figure)
            print(text, flush=True)
        missed = missed or any(figure.reached is False for figure in figures)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
