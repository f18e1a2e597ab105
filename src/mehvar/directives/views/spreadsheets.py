"""Write and read tables of measures as CSV or XLSX files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from mehvar.directives.rules import exchange
from mehvar.directives.rules.content import MeasureContent
from mehvar.kernel.errors import InputError, LimitExceeded, gettext_noop

MOST_BYTES = 8_000_000
MOST_ROWS = 20_000


def as_csv(measures: Iterable[MeasureContent]) -> bytes:
    """Write measures as CSV, UTF-8 with a byte order mark so that spreadsheets read every letter."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(exchange.COLUMNS)
    for measure in measures:
        cells = exchange.as_cells(measure)
        writer.writerow([exchange.guarded(cells[name]) for name in exchange.COLUMNS])
    return "\ufeff".encode() + out.getvalue().encode()


def as_xlsx(measures: Iterable[MeasureContent], *, right_to_left: bool) -> bytes:
    """Write measures as XLSX; every cell is text."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("measures")
    wrap, head = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"bold": True})
    for at, name in enumerate(exchange.COLUMNS):
        sheet.write_string(0, at, name, head)
    for line, measure in enumerate(measures, 1):
        cells = exchange.as_cells(measure)
        for at, name in enumerate(exchange.COLUMNS):
            sheet.write_string(line, at, cells[name], wrap)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(exchange.COLUMNS) - 1, 24)
    if right_to_left:
        sheet.right_to_left()
    book.close()
    return out.getvalue()


def read_table(data: bytes, filename: str) -> list[list[str]]:
    """Read the first sheet of a file as rows of text.

    Raises:
        LimitExceeded: The file is too large or has too many rows.
        InputError: The file is no CSV in UTF-8 and no XLSX.
    """
    if len(data) > MOST_BYTES:
        raise LimitExceeded(
            gettext_noop("The table has more than {limit} MB."),
            code="table-too-big",
            field="file",
            limit=MOST_BYTES // 1_000_000,
        )
    rows = _xlsx_rows(data) if data[:2] == b"PK" or filename.lower().endswith(".xlsx") else _csv_rows(data)
    if len(rows) > MOST_ROWS:
        raise LimitExceeded(
            gettext_noop("The table has more than {limit} rows."),
            code="table-too-long",
            field="file",
            limit=MOST_ROWS,
        )
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _csv_rows(data: bytes) -> list[list[str]]:
    try:
        written = data.decode("utf-8-sig")
        first = written.split("\n", 1)[0]
        delimiter = max(",;\t", key=first.count)
        return list(csv.reader(io.StringIO(written), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            gettext_noop("The file is no table: CSV in UTF-8 or XLSX is read."), code="no-table", field="file"
        ) from error


def _xlsx_rows(data: bytes) -> list[list[str]]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MOST_ROWS + 1)
    except Exception as error:  # calamine raises errors of several kinds for a broken file
        raise InputError(
            gettext_noop("The file is no table: CSV in UTF-8 or XLSX is read."), code="no-table", field="file"
        ) from error
    return [[_cell(value) for value in row] for row in sheet]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
