"""Open a file as tables of cells: XLSX as the plans' workbooks are opened, CSV in UTF-8 or UTF-16.

Which of the two it is, is told by its content and not by its name.
"""

from __future__ import annotations

import csv
import io

from mehvar.kernel.errors import InputError, LimitExceeded, gettext_noop
from mehvar.programmes.rules import workbooks
from mehvar.programmes.rules.workbooks.opening import MAX_BYTES, MAX_ROWS, RawSheet

_ZIP = b"PK"
_SEPARATORS = (",", ";", "\t")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARKS = " \u200e\u200f\ufeff"
_LONGEST_CELL = 131_072


def open_table(content: bytes) -> list[RawSheet]:
    """Read the tables of a file, at most 20,000 filled rows each.

    Raises:
        InputError: It is empty, broken, cut off, or no text.
        LimitExceeded: It is too large or has too many rows.
    """
    if not content:
        raise InputError(gettext_noop("The file is empty."), code="empty-file", field="file")
    if content.startswith(_ZIP):
        return workbooks.open_workbook(content)
    if len(content) > MAX_BYTES:
        raise LimitExceeded(
            gettext_noop("The file is larger than {limit} MB."),
            code="file-too-large",
            field="file",
            limit=MAX_BYTES >> 20,
        )
    return [RawSheet("", _csv_rows(_decoded(content)))]


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        written = content.decode(encoding)
    except UnicodeDecodeError:
        written = "\x00"
    if "\x00" in written:
        raise InputError(
            gettext_noop("The file is no table that can be read. Save it as XLSX or as “CSV UTF-8”."),
            code="unknown-format",
            field="file",
        )
    return written


def _csv_rows(written: str) -> list[list[object]]:
    """Read CSV row by row, as far as the limit goes."""
    head = written.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=head.count)
    csv.field_size_limit(_LONGEST_CELL)
    rows: list[list[object]] = []
    try:
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True):
            rows.append([_unguarded(cell) for cell in row])
            if len(rows) > MAX_ROWS + 1:
                raise LimitExceeded(
                    gettext_noop("The table has more than {limit} rows. Hand it in as several files."),
                    code="too-many-rows",
                    field="file",
                    limit=MAX_ROWS,
                )
    except csv.Error:
        raise InputError(
            gettext_noop("The table is broken or cut off at row {row}."),
            code="broken-file",
            field="file",
            row=len(rows) + 1,
        ) from None
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _unguarded(cell: str) -> str:
    """Take off the apostrophe by which exports keep spreadsheets from reading a formula."""
    return cell[1:] if cell.startswith("'") and is_dangerous(cell[1:]) else cell


def is_dangerous(cell: str) -> bool:
    """Tell whether a spreadsheet would take a CSV cell for a formula."""
    return cell.lstrip(_MARKS).startswith(DANGEROUS)
