"""Open a workbook within limits: values as stored, merged ranges, and which cells hold formulas."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_ROWS = 20_000
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<f')
_SHEET_FILE = re.compile(r"xl/worksheets/sheet(\d+)\.xml")

Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass(frozen=True, slots=True)
class RawSheet:
    """Hold a sheet: its name, rows of values as stored, merged cells by the place that holds their value, and places of formulas."""

    name: str
    rows: Sequence[Sequence[object]]
    merged: Mapping[Place, Place] = field(default_factory=dict)
    formulas: frozenset[Place] = frozenset()


def open_workbook(content: bytes) -> list[RawSheet]:
    """Read all sheets of an XLSX workbook.

    Raises:
        InputError: It is no workbook, broken or cut off.
        LimitExceeded: It is larger than ``MAX_BYTES``, unpacks to far more, or a sheet has more than ``MAX_ROWS`` filled rows.
    """
    if len(content) > MAX_BYTES:
        raise errors.LimitExceeded(
            gettext_noop("The file is larger than {limit} MB."), code="file-too-large", limit=MAX_BYTES >> 20
        )
    formulas = _formulas(content)
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            _sheet(book, name, formulas.get(position, frozenset()))
            for position, name in enumerate(book.sheet_names)
        ]
    except errors.MehvarError:
        raise
    except Exception:  # noqa: BLE001 - the reader's own errors share no class but Exception
        raise _broken() from None


def _sheet(book: object, name: str, formulas: frozenset[Place]) -> RawSheet:
    sheet = book.get_sheet_by_name(name)  # type: ignore[attr-defined]
    rows: list[list[object]] = sheet.to_python(skip_empty_area=False)
    while rows and not any(cell not in ("", None) for cell in rows[-1]):
        rows.pop()
    if len(rows) > MAX_ROWS:
        raise errors.LimitExceeded(
            gettext_noop("The sheet “{sheet}” has {rows} rows; at most {limit} are read."),
            code="too-many-rows",
            sheet=name,
            rows=len(rows),
            limit=MAX_ROWS,
        )
    return RawSheet(name, rows, dict(_merged(sheet.merged_cell_ranges or (), len(rows))), formulas)


def _merged(ranges: Sequence[tuple[Place, Place]], height: int) -> Iterator[tuple[Place, Place]]:
    """Map each cell of a merged range but the first to the first; ranges over whole columns end with the filled rows."""
    for (top, left), (bottom, right) in ranges:
        for row in range(top, min(bottom, height - 1) + 1):
            for column in range(left, min(right, left + 50) + 1):
                if (row, column) != (top, left):
                    yield (row, column), (top, left)


def _formulas(content: bytes) -> dict[int, frozenset[Place]]:
    """Find formulas in each worksheet, by the sheet's position; the file's order is the workbook's for every common writer."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise errors.LimitExceeded(
                    gettext_noop("The file unpacks to too much."), code="file-too-large"
                )
            if "xl/workbook.xml" not in archive.namelist():
                raise errors.InputError(
                    gettext_noop("The file is no XLSX workbook."), code="unknown-format", field="file"
                )
            names = sorted(
                (int(match[1]), entry)
                for entry in archive.namelist()
                if (match := _SHEET_FILE.fullmatch(entry))
            )
            return {
                position: frozenset(_places(archive.read(entry)))
                for position, (_number, entry) in enumerate(names)
            }
    except (zipfile.BadZipFile, OSError, ValueError, EOFError):
        raise _broken() from None


def _places(xml: bytes) -> Iterator[Place]:
    for match in _FORMULA.finditer(xml):
        column = 0
        for letter in match[1]:
            column = column * 26 + letter - 64
        yield int(match[2]) - 1, column - 1


def _broken() -> errors.InputError:
    return errors.InputError(
        gettext_noop("The workbook is broken or cut off. Save it again and hand it in once more."),
        code="broken-file",
        field="file",
    )
