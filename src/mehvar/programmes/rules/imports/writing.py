"""Write rows of a list in the form in which they come in again."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

from mehvar.kernel.text import to_ascii_digits
from mehvar.programmes.data import SheetKind
from mehvar.programmes.rules import lines
from mehvar.programmes.rules.imports.choices import in_language
from mehvar.programmes.rules.imports.columns import COLUMNS, heads
from mehvar.programmes.rules.imports.files import is_dangerous
from mehvar.programmes.rules.imports.specs import ColumnSpec, ValueKind
from mehvar.programmes.rules.lines import Writing

Cell = str | int | float | dt.date
_LONGEST_CELL = 32_767
_WIDE, _NARROW = 44, 14
_EMPTY_ROWS = 1000


class _Echo:
    """Give each written line back, so that it can be streamed."""

    def write(self, written: str, /) -> str:
        """Return the line."""
        return written


def written(kind: SheetKind, values: Mapping[str, Any], writing: Writing) -> list[Cell]:
    """Write a row's values as cells in the order of the columns: numbers as numbers, days as the reader writes them."""
    return [_cell(spec, values.get(column), writing) for column, spec in COLUMNS[kind].items()]


def _cell(spec: ColumnSpec, value: Any, writing: Writing) -> Cell:
    if value is None or value == "":
        return ""
    write = _WRITERS.get(spec.kind)
    if write is not None:
        return write(spec, value, writing)
    return value if isinstance(value, int | float) else str(value)


def _choice(spec: ColumnSpec, value: Any, writing: Writing) -> Cell:
    words = (spec.choices or {}).get(str(value))
    return in_language(words, writing.language) if words else str(value)


def _several(spec: ColumnSpec, value: Any, writing: Writing) -> Cell:
    between = "، " if writing.language == "fa" else ", "
    return between.join(str(_choice(spec, one, writing)) for one in value)


_WRITERS: Mapping[ValueKind, Callable[[ColumnSpec, Any, Writing], Cell]] = {
    ValueKind.CHOICE: _choice,
    ValueKind.SEVERAL: _several,
    ValueKind.BODIES: lambda _spec, value, _writing: "\n".join(value),
    ValueKind.DAY: lambda _spec, value, writing: to_ascii_digits(lines.write_day(value, writing)),
    ValueKind.MILESTONES: lambda _spec, value, writing: to_ascii_digits(
        lines.write_milestones(value, writing)
    ),
    ValueKind.BUDGET: lambda _spec, value, writing: lines.write_budget(value, writing),
    ValueKind.NEEDS: lambda _spec, value, _writing: ", ".join(str(number) for number in value),
}


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield CSV lines, head first, with a byte order mark, no cell of which a spreadsheet takes for a formula."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([_harmless(cell) for cell in head])
    for row in rows:
        yield writer.writerow([_harmless(cell) for cell in row])


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and is_dangerous(cell) else cell


def xlsx_of(
    head: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    right_to_left: bool,
    kind: SheetKind,
    language: str,
) -> IO[bytes]:
    """Write a workbook row by row into a file of its own; columns of few values offer them."""
    import xlsxwriter

    target = tempfile.TemporaryFile()  # noqa: SIM115 - who sends it closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet()
        if right_to_left:
            sheet.right_to_left()
        sheet.freeze_panes(1, 0)
        styles = {
            "head": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#e0f1f1", "border": 1}),
            "text": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
            "number": book.add_format({"valign": "top"}),
        }
        _set_columns(sheet, head, styles, kind, language)
        for at, word in enumerate(head):
            sheet.write_string(0, at, word, styles["head"])
        for number, row in enumerate(rows, 1):
            for at, cell in enumerate(row):
                _put(sheet, number, at, cell, styles)
    target.seek(0)
    return target


def _set_columns(
    sheet: Any, head: Sequence[str], styles: Mapping[str, Any], kind: SheetKind, language: str
) -> None:
    by_head = {heads(kind, language)[column]: spec for column, spec in COLUMNS[kind].items()}
    for at, word in enumerate(head):
        spec = by_head.get(word)
        is_wide = spec is None or (spec.kind is ValueKind.TEXT and spec.longest > 400)  # noqa: PLR2004
        style = styles["text"] if spec is None or spec.kind is not ValueKind.PERCENT else styles["number"]
        sheet.set_column(at, at, _WIDE if is_wide else max(_NARROW, len(word) + 2), style)
        if spec is not None and spec.choices and not spec.shown:
            offered = [in_language(words, language) for words in spec.choices.values()]
            if sum(len(one) + 1 for one in offered) < 255:  # noqa: PLR2004 - what a workbook can hold
                sheet.data_validation(
                    1, at, _EMPTY_ROWS, at, {"validate": "list", "source": offered, "error_type": "warning"}
                )


def _put(sheet: Any, row: int, column: int, cell: Any, styles: Mapping[str, Any]) -> None:
    if isinstance(cell, dt.datetime | dt.date):
        sheet.write_datetime(row, column, cell)
    elif isinstance(cell, bool | Decimal):
        sheet.write_string(row, column, str(cell), styles["text"])
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, styles["number"])
    elif cell not in ("", None):
        sheet.write_string(row, column, str(cell)[:_LONGEST_CELL], styles["text"])
