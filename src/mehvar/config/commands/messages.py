"""Build the translations that pages read from those that people edit."""

import argparse
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mehvar messages build``."""
    parser = subparsers.add_parser("messages", help="build translations")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    build = verbs.add_parser("build", help="compile every .po file that is newer than its .mo file")
    build.add_argument("--quiet", action="store_true", help="say nothing")
    build.set_defaults(run=build_messages, needs_django=False)


def build_messages(options: argparse.Namespace) -> int:
    """Compile the translations of every room; return 0."""
    import polib

    built = 0
    for source in sorted(PACKAGE.glob("*/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        polib.pofile(str(source)).save_as_mofile(str(target))
        built += 1
    if not options.quiet:
        print(f"{built} translation files built")
    return 0
