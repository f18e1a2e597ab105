"""Offer ``mehvar``: one command line over all rooms.

Rooms are composed here and nowhere else. A room's ``commands`` module has ``register(subparsers)`` and imports
Django only inside the functions that run, so that help and the database-free verbs start at once.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import cast

from mehvar import __version__
from mehvar.kernel.errors import MehvarError

COMMAND_MODULES = (
    "mehvar.config.commands.demonstration",
    "mehvar.config.commands.serving",
    "mehvar.config.commands.database",
    "mehvar.home.commands",
    "mehvar.programmes.commands",
    "mehvar.directives.commands",
    "mehvar.organisations.commands",
    "mehvar.accounts.commands",
    "mehvar.config.commands.exchange",
    "mehvar.ledger.commands",
    "mehvar.config.commands.messages",
    "mehvar.config.commands.manage",
)

DESCRIPTION = """\
Mehvar (محور, "axis"): run a national digital programme from the minister's directive
to the verified result, with every step on provable record.
"""

EPILOG = """\
first steps:
  mehvar demo                          load a demonstration ministry and walk the main job
  mehvar serve                         serve pages, background work and reminders
  mehvar packs load vn                 load a country's organisations
  mehvar directives extract FILE --register vn --json
                                       read a directive without touching the database
  mehvar ledger verify                 check that no record was changed

Settings are environment variables that begin with MEHVAR_ (docs/settings.md); data live in
$MEHVAR_HOME, ./var by default. Every verb explains itself: mehvar VERB --help.
Exit codes: 0 done, 1 unexpected failure, 2 your input (one line says what to mend).
"""


def build_parser() -> argparse.ArgumentParser:
    """Build the parser with the verbs of every room."""
    parser = argparse.ArgumentParser(
        prog="mehvar",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mehvar {__version__}")
    subparsers = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb", required=True)
    for module in COMMAND_MODULES:
        importlib.import_module(module).register(subparsers)
    return parser


def start_django() -> None:
    """Load the settings and all rooms."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mehvar.config.settings")
    import django

    django.setup()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    options = build_parser().parse_args(arguments)
    run = cast("Callable[[argparse.Namespace], int]", options.run)
    try:
        if getattr(options, "needs_django", True):
            start_django()
        return run(options)
    except MehvarError as error:
        print(f"mehvar: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
