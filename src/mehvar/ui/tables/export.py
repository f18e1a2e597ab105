"""Write a list as CSV or XLSX, row by row, in the order of its columns.

A cell that a spreadsheet would take for a formula is made harmless: with an apostrophe in CSV, as typed text in XLSX.
"""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext_noop

from mehvar.kernel import clock
from mehvar.kernel.errors import LimitExceeded
from mehvar.ui.tables.columns import Column, Row, exported_value

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from mehvar.ui.reader import Reader

FORMATS = ("csv", "xlsx")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_XLSX_ROWS = 1_048_575
_XLSX_CELL = 32_767
_WIDEST, _NARROWEST = 60, 12
_SAVE = "attachment"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Echo:
    """Give each written line back, so that it can be streamed."""

    def write(self, text: str, /) -> str:
        """Return the line."""
        return text


def harmless(value: Any) -> Any:
    """Return a CSV cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.lstrip(" \u200e\u200f\ufeff").startswith(_DANGEROUS):
        return f"'{value}"
    return value


def file_name(name: str, extension: str) -> str:
    """Return the name of the file, with the day."""
    return f"{name}-{clock.today():%Y-%m-%d}.{extension}"


def as_csv(columns: Sequence[Column], rows: Iterable[Row], reader: Reader, *, name: str) -> HttpResponseBase:
    """Return the list as UTF-8 CSV with a byte order mark (spreadsheets then know the encoding)."""
    response = StreamingHttpResponse(
        _csv_lines(columns, rows, reader), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'{_SAVE}; filename="{file_name(name, "csv")}"'
    return response


def _csv_lines(columns: Sequence[Column], rows: Iterable[Row], reader: Reader) -> Iterator[str]:
    """Yield the lines, head first."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([harmless(str(column.label)) for column in columns])
    words = [column.words() for column in columns]
    for row in rows:
        yield writer.writerow(
            [_csv_cell(exported_value(c, row, reader, w)) for c, w in zip(columns, words, strict=True)]
        )


def _csv_cell(value: str | float | dt.date) -> Any:
    """Return a cell for CSV: dates as ISO 8601."""
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, dt.date) else harmless(value)


def as_xlsx(columns: Sequence[Column], rows: Iterable[Row], reader: Reader, *, name: str) -> HttpResponseBase:
    """Return the list as a workbook: typed cells, head frozen, sheet right to left in Persian.

    Raises:
        LimitExceeded: more rows than a sheet can hold.
    """
    import xlsxwriter

    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(target, options) as book:
        _write_sheet(book, columns, rows, reader)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=file_name(name, "xlsx"), content_type=XLSX_TYPE)


def _write_sheet(book: Any, columns: Sequence[Column], rows: Iterable[Row], reader: Reader) -> None:
    """Write head and rows."""
    sheet = book.add_worksheet()
    if reader.is_rtl:
        sheet.right_to_left()
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True, "bottom": 1})
    for index, column in enumerate(columns):
        label = str(column.label)
        sheet.set_column(index, index, _width(column, label))
        sheet.write_string(0, index, label, bold)
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    words = [column.words() for column in columns]
    for number, row in enumerate(rows, start=1):
        if number > _XLSX_ROWS:
            raise LimitExceeded(
                gettext_noop("A sheet holds {limit} rows at most; export as CSV."),
                code="sheet-full",
                limit=_XLSX_ROWS,
            )
        for index, column in enumerate(columns):
            _write_cell(sheet, number, index, exported_value(column, row, reader, words[index]), moment)


def _width(column: Column, label: str) -> int:
    """Return the width of a column in characters."""
    return (
        _WIDEST
        if column.kind in {"text", "link"} and column.filter == "search"
        else max(_NARROWEST, len(label) + 4)
    )


def _write_cell(sheet: Any, row: int, column: int, value: str | float | dt.date, moment: Any) -> None:
    """Write a cell by its type; text is never read as a formula or a link."""
    if isinstance(value, dt.datetime):
        sheet.write_datetime(row, column, value, moment)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, value[:_XLSX_CELL])
