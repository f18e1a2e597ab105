"""Take spreadsheets in: check what they would do, take them over row by row, and tell what became of each row.

Every row is settled by the very action that the pages use, with the permissions of the person who handed the file in, and is on
record like an act by hand. A portion of rows, what became of them and how far the import has come are one transaction.
Source: issue "programmes", points 11 and 13.
"""

from mehvar.programmes.actions.imports.jobs import (
    QUEUED_EVENT,
    SILENT_AFTER,
    accept_import,
    cancel_import,
    hand_in,
    is_silent,
    resume_import,
    resume_silent_imports,
)
from mehvar.programmes.actions.imports.mending import mended
from mehvar.programmes.actions.imports.running import run_import

__all__ = [
    "QUEUED_EVENT",
    "SILENT_AFTER",
    "accept_import",
    "cancel_import",
    "hand_in",
    "is_silent",
    "mended",
    "resume_import",
    "resume_silent_imports",
    "run_import",
]
