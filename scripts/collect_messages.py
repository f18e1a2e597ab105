"""Collect translatable strings of every room into its locale folder: `make messages` (needs gettext).

Messages of errors are collected too: they are written once, in English, where the error is raised, and translated where it is shown.
"""

import os
import sys
from pathlib import Path

from django.core.management.commands.makemessages import Command

ERRORS = (
    "InputError",
    "NotFound",
    "Conflict",
    "NotPermitted",
    "LimitExceeded",
    "Unavailable",
    "TransitionNotAllowed",
)
KEYWORDS = (
    *ERRORS,
    *(f"errors.{name}" for name in ERRORS),
    "wrong:2",
    "refuse:3",
    "CellError:3",
    "Hindrance:2",
)


class Collector(Command):
    """Run Django's collection with the names of our errors as keywords."""

    xgettext_options = [*Command.xgettext_options, *(f"--keyword={name}" for name in KEYWORDS)]


def main(package: Path, rooms: list[str]) -> None:
    """Collect the strings of the named rooms below a package, of all when none is named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mehvar.config.settings")
    import django

    django.setup()
    for folder in sorted(package.glob("*/locale")):
        room = folder.parent
        if rooms and room.name not in rooms:
            continue
        os.chdir(room)
        Collector().run_from_argv(
            ["collect", "makemessages", "-l", "fa", "-l", "vi", "--no-location", "--no-wrap", "-v", "0"]
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
