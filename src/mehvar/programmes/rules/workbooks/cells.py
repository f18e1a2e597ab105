"""Read the cells of one row of a sheet; note what is wrong by row and column, and go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from mehvar.kernel import text
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.programmes.rules import lines
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.workbooks.opening import RawSheet

_T = TypeVar("_T")
_SERIAL_FROM, _SERIAL_TO = 20_000, 80_000
_EPOCH = dt.date(1899, 12, 30)
_LETTERS = 26


@dataclass(frozen=True, slots=True)
class CellNote:
    """Say what is wrong, or was understood, at a cell (row from 1, column as letters).

    ``message`` is English source text with places, ``kept`` what was taken; a ``mild`` note changes nothing that was written.
    """

    sheet: str
    row: int
    column: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    kept: str = ""
    mild: bool = False


@dataclass(slots=True)
class Table:
    """Hold a sheet with its columns found."""

    sheet: RawSheet
    columns: dict[str, int]


class Cells:
    """Read the cells of one row; note what is wrong and go on."""

    def __init__(self, table: Table, row: int, notes: list[CellNote]) -> None:
        """Begin with a row (from 0) of a table; notes are added to ``notes``."""
        self.table, self.row, self.notes = table, row, notes
        self.unread: list[str] = []

    def note(self, column: str, message: str, *, kept: str = "", mild: bool = False, **params: Any) -> None:
        """Note something about a cell."""
        at = self.table.columns.get(column, 0)
        self.notes.append(
            CellNote(self.table.sheet.name, self.row + 1, letters(at), message, params, kept, mild)
        )

    def raw(self, column: str) -> object:
        """Give a cell's value; a merged cell gives the value that the merged area shows."""
        at = self.table.columns.get(column)
        if at is None:
            return ""
        place = (self.row, at)
        value = self._at(place)
        if place in self.table.sheet.formulas:
            shown = plain(value)
            message = (
                gettext_noop("The cell holds a formula; its last result is taken.")
                if shown
                else gettext_noop("The cell holds a formula without a result.")
            )
            self.note(column, message, kept=shown, mild=bool(shown))
        if value in ("", None) and place in self.table.sheet.merged:
            value = self._at(self.table.sheet.merged[place])
            if value not in ("", None):
                self.note(
                    column,
                    gettext_noop("The cell is merged; what the merged cells show is taken."),
                    kept=plain(value),
                    mild=True,
                )
        return value

    def _at(self, place: tuple[int, int]) -> object:
        row, column = place
        line = self.table.sheet.rows[row]
        return line[column] if column < len(line) else ""

    def text(self, column: str, longest: int) -> str:
        """Give a cell as clean text, cut at its longest."""
        value = clean(plain(self.raw(column)))
        if len(value) > longest:
            self.note(
                column,
                gettext_noop("Longer than {longest} characters; the rest is cut off."),
                kept=f"{value[:40]}…",
                longest=longest,
            )
        return value[:longest]

    def day(self, column: str, writing: Writing) -> tuple[dt.date | None, str]:
        """Give a cell's day and how it was written: a date cell, a serial number, or text in either calendar."""
        value = self.raw(column)
        if isinstance(value, dt.datetime):
            value = value.date()
        if isinstance(value, dt.date):
            return value, value.isoformat()
        if isinstance(value, int | float) and _SERIAL_FROM < value < _SERIAL_TO:
            day = _EPOCH + dt.timedelta(days=int(value))
            self.note(
                column,
                gettext_noop("The number {value} is taken as a spreadsheet's date."),
                kept=day.isoformat(),
                mild=True,
                value=plain(value),
            )
            return day, day.isoformat()
        stated = self.read(column, plain(value), lambda written: lines.read_day(written, writing))
        return (stated.day, stated.raw) if stated else (None, "")

    def read(self, column: str, written: str, read: Callable[[str], _T]) -> _T | None:
        """Read a cell by a function; note its refusal."""
        try:
            return read(written)
        except InputError as error:
            at = self.table.columns.get(column, 0)
            place = self.table.sheet.name, self.row + 1, letters(at)
            self.notes.append(CellNote(*place, error.message, dict(error.params)))
            self.unread.append(column)
            return None


def letters(column: int) -> str:
    """Give a column's letters: 0 is A."""
    found, rest = "", column + 1
    while rest:
        rest, last = divmod(rest - 1, _LETTERS)
        found = chr(65 + last) + found
    return found


def plain(value: object) -> str:
    """Write a cell's value as text: whole numbers without decimals, dates in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(str(value))}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value).strip()


def clean(written: str) -> str:
    """Give a text of several lines in its display form."""
    found = written.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(text.display_form(line) for line in found).strip()
