"""Open a file as tables of cells: XLSX as the plans' workbooks are opened, CSV in UTF-8 or UTF-16, row by row.

Which of the two it is, is told by its content and not by its name. A workbook is held in memory, since its reader holds the sheet in any
case; a CSV file is read anew from its beginning each time that its rows are asked for, so that only the row at hand is held.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, Protocol, cast

from mehvar.kernel.errors import InputError, LimitExceeded, gettext_noop
from mehvar.programmes.rules import workbooks
from mehvar.programmes.rules.workbooks.opening import MAX_ROWS, Place, RawSheet

MAX_CSV_BYTES = 32 * 1024 * 1024
MAX_CSV_ROWS = 100_000
_ZIP = b"PK"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (",", ";", "\t")
_FIRST_LINE = 65_536
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARKS = " \u200e\u200f\ufeff"
_LONGEST_CELL = 131_072
Line = Sequence[object]


class Source(Protocol):
    """Name what is needed of a file of bytes, wherever it lies."""

    def read(self, size: int = -1, /) -> bytes:
        """Give so many bytes, or all."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place and say which it is."""


class CsvSheet:
    """Give the rows of a CSV file, each time from its beginning; one reading at a time."""

    name = ""
    merged: Mapping[Place, Place] = {}
    formulas: frozenset[Place] = frozenset()

    def __init__(self, source: Source, most_rows: int) -> None:
        """Begin with a file and the number of filled rows, beside the head, beyond which it is refused."""
        self._source, self._most_rows = source, most_rows
        source.seek(0)
        beginning = source.read(_FIRST_LINE)
        self._encoding = "utf-16" if beginning[:2] in _UTF_16 else "utf-8-sig"
        first = beginning.decode(self._encoding, errors="ignore").split("\n", 1)[0]
        self._separator = max(_SEPARATORS, key=first.count)

    @property
    def rows(self) -> Iterable[Line]:
        """Return the rows, to be gone through once."""
        return self._rows()

    def _rows(self) -> Iterator[Line]:
        """Read row by row; empty rows at the end are left out.

        Raises:
            InputError: It is broken, cut off, or no text.
            LimitExceeded: It has too many rows.
        """
        number = filled = empty = 0
        try:
            for number, row in enumerate(self._read(), 1):  # noqa: B007 - said when the next one is broken
                if not any(row):
                    empty += 1
                    continue
                filled += 1
                if filled > self._most_rows + 1:
                    raise too_many(self._most_rows)
                yield from ([] for _ in range(empty))
                empty = 0
                yield [_unguarded(cell) for cell in row]
        except csv.Error:
            raise InputError(
                gettext_noop("The table is broken or cut off at row {row}."),
                code="broken-file",
                field="file",
                row=number + 1,
            ) from None
        except UnicodeError:
            raise _no_table() from None

    def _read(self) -> Iterator[list[str]]:
        self._source.seek(0)
        text = io.TextIOWrapper(cast("BinaryIO", self._source), encoding=self._encoding, newline="")
        csv.field_size_limit(_LONGEST_CELL)
        try:
            yield from csv.reader(_without_nul(text), delimiter=self._separator, strict=True)
        finally:
            text.detach()  # who opened the file closes it


Sheet = RawSheet | CsvSheet


def open_table(source: bytes | Source, most_rows: int = MAX_CSV_ROWS) -> list[Sheet]:
    """Open the tables of a file. Of a workbook at most 20,000 filled rows of each sheet are read, of CSV ``most_rows``, as they are gone through.

    Raises:
        InputError: It is empty, broken, cut off, or no text.
        LimitExceeded: It is too large or has too many rows.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        raise InputError(gettext_noop("The file is empty."), code="empty-file", field="file")
    if file.read(len(_ZIP)) == _ZIP:
        file.seek(0)
        return _workbook(file.read(workbooks.MAX_BYTES + 1), most_rows)
    if size > MAX_CSV_BYTES:
        raise LimitExceeded(
            gettext_noop("The file is larger than {limit} MB."),
            code="file-too-large",
            field="file",
            limit=MAX_CSV_BYTES >> 20,
        )
    return [CsvSheet(file, most_rows)]


def _workbook(content: bytes, most_rows: int) -> list[Sheet]:
    try:
        return list(workbooks.open_workbook(content))
    except LimitExceeded as error:
        if error.code != "too-many-rows" or most_rows <= MAX_ROWS:
            raise
        raise LimitExceeded(
            gettext_noop(
                "A workbook is read up to {limit} rows. Save the table as “CSV UTF-8”, which may have {most}, or hand it in as several files."
            ),
            code="too-many-rows",
            field="file",
            limit=MAX_ROWS,
            most=most_rows,
        ) from None


def too_many(limit: int) -> LimitExceeded:
    """Say that a table is too long."""
    return LimitExceeded(
        gettext_noop("The table has more than {limit} rows. Hand it in as several files."),
        code="too-many-rows",
        field="file",
        limit=limit,
    )


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if "\x00" in line:
            raise _no_table()
        yield line


def _no_table() -> InputError:
    return InputError(
        gettext_noop("The file is no table that can be read. Save it as XLSX or as “CSV UTF-8”."),
        code="unknown-format",
        field="file",
    )


def _unguarded(cell: str) -> str:
    """Take off the apostrophe by which exports keep spreadsheets from reading a formula."""
    return cell[1:] if cell.startswith("'") and is_dangerous(cell[1:]) else cell


def is_dangerous(cell: str) -> bool:
    """Tell whether a spreadsheet would take a CSV cell for a formula."""
    return cell.lstrip(_MARKS).startswith(DANGEROUS)
