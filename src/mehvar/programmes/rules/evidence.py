"""Decide which files may support a report: their number, size and kind, told by their first bytes and not by their name alone."""

from __future__ import annotations

from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop

LARGEST_BYTES = 10 * 1024 * 1024
MOST_FILES = 10
LONGEST_NAME = 120

_FIRST_PRINTABLE = 0x20
_DIRECTIONS = frozenset("\x7f\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Invisible marks that could make one ending look like another; the Persian half-space is kept."""
_ZIP = (b"PK\x03\x04",)
SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "docx": _ZIP,
    "xlsx": _ZIP,
    "pptx": _ZIP,
    "odt": _ZIP,
    "ods": _ZIP,
    "csv": (),
    "txt": (),
}
"""The kinds that are taken, with how each begins; text has no beginning of its own."""


def clean_name(filename: str) -> str:
    """Give a file's own name without folders or control characters, clipped in front of its ending."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    name = (
        "".join(
            letter for letter in name if letter not in _DIRECTIONS and ord(letter) >= _FIRST_PRINTABLE
        ).strip()
        or "file"
    )
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}" if dot else name[:LONGEST_NAME]


def check_file(filename: str, data: bytes, *, present: int) -> str:
    """Give the clean name of a file that may be kept.

    Raises:
        LimitExceeded: It is too large, or there are too many already.
        InputError: It is empty, of a kind that is not taken, or not what its name says.
    """
    name = clean_name(filename)
    ending = name.rpartition(".")[2].lower()
    if present >= MOST_FILES:
        raise errors.LimitExceeded(
            gettext_noop("A report holds at most {limit} files."),
            code="too-many-files",
            field="file",
            limit=MOST_FILES,
        )
    if len(data) > LARGEST_BYTES:
        raise errors.LimitExceeded(
            gettext_noop("A file holds at most {limit} MB."),
            code="file-too-large",
            field="file",
            limit=LARGEST_BYTES // (1024 * 1024),
        )
    if not data:
        raise errors.InputError(gettext_noop("The file is empty."), code="empty-file", field="file")
    if ending not in SIGNATURES:
        raise errors.InputError(
            gettext_noop("Files of the kind “{kind}” are not taken."),
            code="bad-kind",
            field="file",
            kind=ending[:12],
        )
    if not _begins_rightly(ending, data):
        raise errors.InputError(
            gettext_noop("The file is not what its name says."), code="disguised-file", field="file"
        )
    return name


def _begins_rightly(ending: str, data: bytes) -> bool:
    beginnings = SIGNATURES[ending]
    return data.startswith(beginnings) if beginnings else b"\x00" not in data
