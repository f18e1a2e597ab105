"""Read a stranger's file in a process of its own, with limits of time and memory.

Only the reader meets the file's bytes, so only the reader is isolated; understanding works on plain text.

Source: issue "the house", point 8 (nothing stored, nothing hung).
"""

from __future__ import annotations

import subprocess
import sys
from datetime import date

from mehvar.directives.extraction import transport
from mehvar.directives.extraction.engine import Progress, understand
from mehvar.directives.extraction.limits import DEFAULT, WALL_RATIO, Limits, check_file_size
from mehvar.directives.extraction.model import Extraction
from mehvar.directives.extraction.readers.document import Document
from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop
from mehvar.organisations.rules.matching import BodyRegister

_GRACE_S = 5.0
_STEPS = 2


def extract_isolated(
    data: bytes,
    filename: str,
    *,
    register: BodyRegister,
    limits: Limits = DEFAULT,
    on: date | None = None,
    progress: Progress | None = None,
) -> Extraction:
    """Do what ``extract`` does, the reading in a process of its own.

    Raises:
        InputError: The file cannot be read.
        LimitExceeded: The file costs more time, memory or room than allowed.
    """
    tell = progress or (lambda _done, _total: None)
    check_file_size(len(data), limits)
    tell(0, _STEPS)
    document = read_isolated(data, filename, limits)
    tell(1, _STEPS)
    extraction = understand(document, register=register, on=on)
    tell(_STEPS, _STEPS)
    return extraction


def read_isolated(data: bytes, filename: str, limits: Limits) -> Document:
    """Read a file into blocks in a process of its own.

    Raises:
        InputError: The file cannot be read.
        LimitExceeded: The process took too long or too much memory.
    """
    command = [
        sys.executable,
        "-m",
        "mehvar.directives.extraction",
        filename,
        transport.limits_to_json(limits),
    ]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=data,
            capture_output=True,
            timeout=WALL_RATIO * limits.time_s + _GRACE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise errors.LimitExceeded(
            gettext_noop("Reading the document took longer than {seconds} seconds and was stopped."),
            code="time-limit",
            seconds=round(limits.time_s),
        ) from None
    try:
        return transport.document_from_json(done.stdout)
    except (ValueError, KeyError, TypeError):
        raise errors.LimitExceeded(
            gettext_noop("Reading the document needed more memory than is allowed, or the file is broken."),
            code="reader-failed",
        ) from None
