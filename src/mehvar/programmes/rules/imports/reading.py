"""Read the rows of a list's table. A row with a cell that cannot be read is marked with it; nothing of such a row is taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from mehvar.kernel import identifiers, text
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.kernel.periods import Period
from mehvar.programmes.data import SheetKind
from mehvar.programmes.rules import lines
from mehvar.programmes.rules.imports import choices
from mehvar.programmes.rules.imports.choices import in_language
from mehvar.programmes.rules.imports.columns import COLUMNS, column_of, is_errors_head
from mehvar.programmes.rules.imports.files import MAX_CSV_ROWS, Line, Sheet, too_many
from mehvar.programmes.rules.imports.specs import ColumnSpec, ValueKind
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.plans import BudgetAmount, MilestoneLine
from mehvar.programmes.rules.workbooks.cells import CellNote, Cells, Table, clean, letters, plain
from mehvar.programmes.rules.workbooks.opening import MAX_ROWS, RawSheet

_WHOLE_LISTS = frozenset({SheetKind.PLAN_ITEMS})
"""Lists whose rows name one another, so that all of them are held at once."""
_KEY = re.compile(r"([0-9A-Za-z_-]{1,40}):(\d{1,9})")
_MEASURE = re.compile(r"M(\d{1,12})\b")
_CODE = re.compile(r"\(?([a-z]{2}(?:\.[a-z0-9_-]+)*)\)?", re.IGNORECASE)
_HEAD_WITHIN = 10
_WHOLE = 100
_LARGEST = 1_000_000
_LONGEST_KEY = 60
_EMPTY: tuple[Any, ...] = (None, "", ())
_BETWEEN_BODIES = re.compile(r"[\n;؛]+")
_BETWEEN_WORDS = re.compile(r"[\n,،;؛]+")


@dataclass(frozen=True, slots=True)
class RowNote:
    """Say what is wrong, or was understood, in a row; ``column`` is the column's key, empty for the whole row.

    ``message`` is English source text with places; a ``mild`` note refuses nothing.
    """

    column: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    mild: bool = False


@dataclass(frozen=True, slots=True)
class ReadRow:
    """Hold one row: its number on the sheet (from 1), the key and version it went out with, and its values by column.

    Only columns that the file has are among the values. ``raws`` are dates as they were written. ``fingerprint`` names what a new
    row says, so that the same row is never entered twice.
    """

    number: int
    public_id: str
    version: int
    values: Mapping[str, Any]
    raws: Mapping[str, str]
    notes: tuple[RowNote, ...]
    fingerprint: str

    @property
    def is_wrong(self) -> bool:
        """Tell whether something in the row cannot be read."""
        return any(not note.mild for note in self.notes)

    def get(self, column: str, default: Any = None) -> Any:
        """Give a value, the default where the file has no such column."""
        return self.values.get(column, default)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """Hold the sheet that has a list's columns: where its head is, which column stands where, and which are none of ours."""

    sheet: Sheet
    head: int
    heads: tuple[str, ...]
    columns: Mapping[str, int]
    ignored: tuple[str, ...]

    def lines(self) -> Iterator[tuple[int, Line]]:
        """Give the rows below the head with their places on the sheet (from 0)."""
        return islice(enumerate(self.sheet.rows), self.head + 1, None)

    def filled(self) -> Iterator[tuple[int, Line]]:
        """Give the rows that hold something in the list's columns."""
        places = tuple(self.columns.values())
        for at, line in self.lines():
            if any(line[place] not in ("", None) for place in places if place < len(line)):
                yield at, line

    def letters_of(self, column: str) -> str:
        """Give the letters of a column, empty where the file has none of it."""
        return letters(self.columns[column]) if column in self.columns else ""


def most_rows(kind: SheetKind) -> int:
    """Give how many rows of a list may stand in a file that is no workbook."""
    return MAX_ROWS if kind in _WHOLE_LISTS else MAX_CSV_ROWS


def count_rows(found: FoundTable, kind: SheetKind) -> int:
    """Count the rows that hold something, going through the whole file once.

    Raises:
        InputError: The file is broken further down, or has no row at all.
        LimitExceeded: It has too many rows.
    """
    count = sum(1 for _row in found.filled())
    if count > most_rows(kind):
        raise too_many(most_rows(kind))
    if not count:
        raise InputError(gettext_noop("The file has no rows."), code="no-rows", field="file")
    return count


def find_table(sheets: Sequence[Sheet], kind: SheetKind, language: str) -> FoundTable:
    """Find the list's table: the row, among the first ten of each sheet, with most of its heads.

    Raises:
        InputError: No sheet has the columns, one stands twice, or those are missing without which no row can be taken.
    """
    tops = [list(islice(sheet.rows, _HEAD_WITHIN)) for sheet in sheets]
    best = max(
        (
            (len(_columns(kind, row)), -number, position)
            for position, rows in enumerate(tops)
            for number, row in enumerate(rows)
        ),
        default=(0, 0, 0),
    )
    if best[0] < 2:  # noqa: PLR2004 - one word may stand anywhere
        raise InputError(
            gettext_noop(
                "The file has none of the columns of this list. Begin with the file that is offered."
            ),
            code="unknown-columns",
            field="file",
        )
    head, position = -best[1], best[2]
    row = tops[position][head]
    columns = _columns(kind, row)
    _check_heads(kind, row, columns, language)
    heads = tuple(str(cell) for cell in row)
    return FoundTable(sheets[position], head, heads, columns, tuple(_ignored(kind, row)))


def _columns(kind: SheetKind, row: Sequence[object]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        key = column_of(kind, plain(cell))
        if key:
            found.setdefault(key, at)
    return found


def _ignored(kind: SheetKind, row: Sequence[object]) -> Iterator[str]:
    for cell in row:
        head = plain(cell)
        if head and not column_of(kind, head) and not is_errors_head(head):
            yield head[:80]


def _check_heads(kind: SheetKind, row: Sequence[object], columns: Mapping[str, int], language: str) -> None:
    keys = [key for cell in row if (key := column_of(kind, plain(cell)))]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InputError(
            gettext_noop("The column “{column}” stands twice."),
            code="column-twice",
            field="file",
            column=in_language(COLUMNS[kind][twice[0]].words, language),
        )
    missing = [spec for key, spec in COLUMNS[kind].items() if spec.needed and key not in columns]
    if missing and "key" not in columns:
        raise InputError(
            gettext_noop("The column “{column}” is missing."),
            code="column-missing",
            field="file",
            column=in_language(missing[0].words, language),
        )


def read_rows(found: FoundTable, kind: SheetKind, writing: Writing) -> Iterator[ReadRow]:
    """Read the rows that hold something, one after another; rows that say the same, or bear the same key, are refused from the second on."""
    first_with: dict[str | bytes, int] = {}
    for at, line in found.filled():
        yield _unless_twice(_row(found, kind, writing, at, line), first_with)


def _unless_twice(row: ReadRow, first_with: dict[str | bytes, int]) -> ReadRow:
    if row.is_wrong and not row.public_id:
        return row  # what it says is not known
    name = f"key:{row.public_id}" if row.public_id else bytes.fromhex(row.fingerprint)
    first = first_with.setdefault(name, row.number)
    if first == row.number:
        return row
    note = RowNote(
        "", gettext_noop("This row says the same as row {first}, or bears its key."), {"first": first}
    )
    return replace(row, notes=(*row.notes, note))


def _row(found: FoundTable, kind: SheetKind, writing: Writing, at: int, line: Line) -> ReadRow:
    noted: list[CellNote] = []
    sheet, place = (found.sheet, at) if isinstance(found.sheet, RawSheet) else (RawSheet("", (line,)), 0)
    reader = _Reader(Cells(Table(sheet, dict(found.columns)), place, noted), writing)
    public_id, version = reader.key()
    for column, spec in COLUMNS[kind].items():
        if column in found.columns and not spec.shown and spec.kind is not ValueKind.KEY:
            reader.take(column, spec, is_new=not public_id)
    missing = [key for key, spec in COLUMNS[kind].items() if spec.needed and key not in found.columns]
    if missing and not public_id:
        reader.refuse(missing[0], gettext_noop("A new row needs this column."))
    shape = {name: _canonical(value) for name, value in reader.values.items() if value not in _EMPTY}
    return ReadRow(
        at + 1,
        public_id,
        version,
        reader.values,
        reader.raws,
        tuple(reader.notes),
        identifiers.content_hash({"kind": kind.value, "says": shape}),
    )


def _canonical(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_canonical(one) for one in value]
    if isinstance(value, MilestoneLine | BudgetAmount):
        return [_canonical(getattr(value, name)) for name in value.__slots__]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | float) else value


class _Reader:
    """Read the cells of one row by their kinds."""

    def __init__(self, cells: Cells, writing: Writing) -> None:
        """Begin with a row's cells."""
        self.cells, self.writing = cells, writing
        self.values: dict[str, Any] = {}
        self.raws: dict[str, str] = {}
        self.notes: list[RowNote] = []
        self.readers: Mapping[ValueKind, Callable[[str, ColumnSpec], Any]] = {
            ValueKind.TEXT: self._text,
            ValueKind.BODY: self._body,
            ValueKind.DAY: self._day,
            ValueKind.PERCENT: self._percent,
            ValueKind.NUMBER: self._number,
            ValueKind.COUNT: self._count,
            ValueKind.REFERENCE: self._text,
            ValueKind.BODIES: self._bodies,
            ValueKind.SEVERAL: self._several,
            ValueKind.PERIOD: lambda column, _: self._by(
                column, lambda cell: Period.parse(cell).id if cell else ""
            ),
            ValueKind.WEIGHT: lambda column, _: self._by(column, lines.read_weight),
            ValueKind.CHOICE: self._choice,
            ValueKind.MEASURE: self._measure,
            ValueKind.NEEDS: lambda column, _: self._by(column, lines.read_needs),
            ValueKind.MILESTONES: lambda column, _: self._by(
                column, lambda cell: lines.read_milestones(cell, self.writing)
            ),
            ValueKind.BUDGET: lambda column, _: self._by(
                column, lambda cell: lines.read_budget(cell, self.writing)
            ),
        }

    def refuse(self, column: str, message: str, **params: Any) -> None:
        """Note what is wrong with a cell."""
        self.notes.append(RowNote(column, message, params))

    def take(self, column: str, spec: ColumnSpec, *, is_new: bool) -> None:
        """Read one cell; an empty one that may not be empty is refused."""
        before = len(self.notes)
        value = self.readers[spec.kind](column, spec)
        self._collect(column)
        if spec.needed and value in _EMPTY and len(self.notes) == before:
            self.refuse(column, gettext_noop("Please write this down."))
        if is_new or len(self.notes) == before or value not in _EMPTY:
            self.values[column] = value

    def _collect(self, column: str) -> None:
        """Take over what was noted on the cell."""
        for note in self.cells.notes:
            self.notes.append(RowNote(column, note.message, dict(note.params), mild=note.mild))
        self.cells.notes.clear()

    def key(self) -> tuple[str, int]:
        """Read the key: which row it is and the version that went out."""
        if "key" not in self.cells.table.columns:
            return "", 0
        written = self._plain("key")[:_LONGEST_KEY]
        self._collect("key")
        match = _KEY.fullmatch(written)
        if match is None:
            if written:
                self.refuse(
                    "key",
                    gettext_noop("The key was changed. Leave it as it went out, or empty for a new row."),
                )
            return "", 0
        return match[1], int(match[2])

    def _plain(self, column: str) -> str:
        return plain(self.cells.raw(column))

    def _by(self, column: str, read: Callable[[str], Any]) -> Any:
        return self.cells.read(column, self._plain(column), read)

    def _text(self, column: str, spec: ColumnSpec) -> str:
        written = readable(self._plain(column))
        if len(written) > spec.longest:
            self.refuse(column, gettext_noop("This is longer than {limit} characters."), limit=spec.longest)
        return written

    def _body(self, column: str, spec: ColumnSpec) -> str:
        """Give a body's code where the cell begins or ends with one, else its name."""
        return _code_or_name(self._text(column, spec))

    def _bodies(self, column: str, spec: ColumnSpec) -> tuple[str, ...]:
        """Give the codes or names of several bodies, one a line or with semicolons between them."""
        found = (part.strip() for part in _BETWEEN_BODIES.split(self._text(column, spec)))
        return tuple(dict.fromkeys(_code_or_name(part) for part in found if part))

    def _day(self, column: str, _spec: ColumnSpec) -> date | None:
        day, raw = self.cells.day(column, self.writing)
        self.raws[column] = raw[:200]
        return day

    def _percent(self, column: str, _spec: ColumnSpec) -> int | None:
        value = self.cells.raw(column)
        written = text.to_ascii_digits(plain(value)).strip().removesuffix("%").removesuffix("٪").strip()
        if not written:
            return None
        number = int(written) if written.isascii() and written.isdigit() and len(written) <= 3 else -1  # noqa: PLR2004
        if not 0 <= number <= _WHOLE:
            self.refuse(
                column,
                gettext_noop("“{value}” is no percentage: write a whole number from 0 to 100."),
                value=written[:40],
            )
            return None
        return number

    def _number(self, column: str, _spec: ColumnSpec) -> int | None:
        written = text.to_ascii_digits(self._plain(column)).strip()
        if not written:
            return None
        if not (written.isascii() and written.isdigit() and 0 < int(written) < _LARGEST):
            self.refuse(column, gettext_noop("“{value}” is not the number of an item."), value=written[:40])
            return None
        return int(written)

    def _count(self, column: str, _spec: ColumnSpec) -> int | None:
        written = text.to_ascii_digits(self._plain(column)).strip()
        if not written:
            return None
        if not (written.isascii() and written.isdigit() and int(written) < _LARGEST):
            self.refuse(column, gettext_noop("“{value}” is no whole number."), value=written[:40])
            return None
        return int(written)

    def _choice(self, column: str, spec: ColumnSpec) -> str:
        return self._chosen(column, spec, self._plain(column))

    def _several(self, column: str, spec: ColumnSpec) -> tuple[str, ...]:
        """Give several choices, in their own order."""
        parts = [part.strip() for part in _BETWEEN_WORDS.split(self._plain(column))]
        found = {self._chosen(column, spec, part) for part in parts if part}
        return tuple(value for value in spec.choices or () if value in found)

    def _chosen(self, column: str, spec: ColumnSpec, written: str) -> str:
        if not written:
            return ""
        found = choices.choice_of(spec.choices or {}, written)
        if found is None:
            self.refuse(
                column,
                gettext_noop("“{value}” is none of: {choices}."),
                value=written[:60],
                choices=", ".join(
                    in_language(words, self.writing.language) for words in (spec.choices or {}).values()
                ),
            )
        return found or ""

    def _measure(self, column: str, spec: ColumnSpec) -> int | str | None:
        """Give the key of a measure (``M12 …``), or its words."""
        written = self._text(column, spec)
        match = _MEASURE.match(written)
        return int(match[1]) if match else (written or None)


def readable(written: str) -> str:
    """Give a text as it is read from a cell: in its display form, without signs that nobody sees."""
    return clean(
        "".join(sign for sign in written if sign == "\n" or sign.isprintable() or sign in "\u200c\u200d")
    )


def _code_or_name(written: str) -> str:
    for part in (written.split(" ", 1)[0], written.rsplit(" ", 1)[-1]):
        match = _CODE.fullmatch(text.to_ascii_digits(part))
        if match and ("." in match[1] or part == written):
            return match[1].lower()
    return written
