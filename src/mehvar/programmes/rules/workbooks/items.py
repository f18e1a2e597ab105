"""Read a plan's items out of a workbook. What cannot be read is left out of its item and noted; everything else is kept."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from mehvar.kernel import text
from mehvar.kernel.errors import InputError, LimitExceeded, gettext_noop
from mehvar.programmes.rules import lines
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.plans import (
    LONGEST_LINE,
    LONGEST_SHORT,
    LONGEST_TEXT,
    MOST_ITEMS,
    MOST_LINES,
    BudgetAmount,
    ItemContent,
    MilestoneLine,
)
from mehvar.programmes.rules.workbooks.cells import CellNote, Cells, Table, plain
from mehvar.programmes.rules.workbooks.columns import PRODUCT_WORDS, SHEETS, SheetKey, column_of, sheet_of
from mehvar.programmes.rules.workbooks.opening import RawSheet

_T = TypeVar("_T")
_KEY = re.compile(r"([0-9A-Za-z_-]{5,40}):(\d{1,9})")
_MEASURE = re.compile(r"M(\d{1,12})\b")


@dataclass(frozen=True, slots=True)
class ReadItem:
    """Hold one item as read: its row and number on the sheet, and the key and version it was downloaded with.

    ``unread`` names the fields that could not be read; they keep what is stored.
    """

    row: int
    number: int
    content: ItemContent
    public_id: str = ""
    version: int = 0
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what a workbook says, and the notes on its cells."""

    items: tuple[ReadItem, ...]
    notes: tuple[CellNote, ...]


def note_from(stored: Mapping[str, Any]) -> CellNote:
    """Read a note as it was stored."""
    return CellNote(**stored)


def read_plan(sheets: Sequence[RawSheet], writing: Writing, measures: Mapping[int, str]) -> Reading:
    """Read the items of a workbook; ``measures`` are those that the plan may serve, label by id.

    Raises:
        InputError: No sheet has the columns of items.
        LimitExceeded: It has more items than a plan may have.
    """
    notes: list[CellNote] = []
    tables = _tables(sheets)
    if SheetKey.ITEMS not in tables:
        raise InputError(
            gettext_noop(
                "No sheet has the columns of a plan's items. Use the workbook that is offered for download."
            ),
            code="unknown-columns",
            field="file",
        )
    items = [
        found
        for cells in _rows(tables[SheetKey.ITEMS], notes)
        if (found := _item(cells, writing, measures)) is not None
    ]
    if len(items) > MOST_ITEMS:
        raise LimitExceeded(
            gettext_noop("A plan has at most {limit} items."), code="too-many-items", limit=MOST_ITEMS
        )
    numbers = _numbered(items, tables[SheetKey.ITEMS], notes)
    milestones = _joined(
        tables.get(SheetKey.MILESTONES), notes, numbers, lambda cells: _milestone(cells, writing)
    )
    budgets = _joined(tables.get(SheetKey.BUDGET), notes, numbers, lambda cells: _budget(cells, writing))
    known_lines = SheetKey.MILESTONES in tables, SheetKey.BUDGET in tables
    return Reading(tuple(_whole(item, milestones, budgets, known_lines) for item in items), tuple(notes))


def _whole(
    item: ReadItem,
    milestones: Mapping[int, list[MilestoneLine]],
    budgets: Mapping[int, list[BudgetAmount]],
    known: tuple[bool, bool],
) -> ReadItem:
    """Join an item's milestones and budget; a sheet that is absent leaves what is stored."""
    content = replace(
        item.content,
        milestones=tuple(milestones.get(item.number, ())),
        budget=tuple(budgets.get(item.number, ())),
    )
    absent = tuple(name for name, there in zip(("milestones", "budget"), known, strict=True) if not there)
    return replace(item, content=content, unread=(*item.unread, *absent))


def _tables(sheets: Sequence[RawSheet]) -> dict[SheetKey, Table]:
    found: dict[SheetKey, Table] = {}
    for sheet in sheets:
        key = sheet_of(sheet.name)
        heads = [plain(cell) for cell in sheet.rows[0]] if sheet.rows else []
        if key is None and SheetKey.ITEMS not in found and _has(SheetKey.ITEMS, heads):
            key = SheetKey.ITEMS
        if key is None or key in found:
            continue
        columns = {column_of(key, head): at for at, head in reversed(list(enumerate(heads)))}
        columns.pop("", None)
        if {"text"} <= columns.keys() or ({"item"} <= columns.keys() and key is not SheetKey.ITEMS):
            found[key] = Table(sheet, columns)
    return found


def _has(key: SheetKey, heads: Sequence[str]) -> bool:
    return sum(bool(column_of(key, head)) for head in heads) >= min(3, len(SHEETS[key]))


def _rows(table: Table, notes: list[CellNote]) -> Iterator[Cells]:
    written = [at for column, at in table.columns.items() if column not in {"number", "key"}]
    for row in range(1, len(table.sheet.rows)):
        line = table.sheet.rows[row]
        if any(at < len(line) and line[at] not in ("", None) for at in written):
            yield Cells(table, row, notes)


def _item(cells: Cells, writing: Writing, measures: Mapping[int, str]) -> ReadItem | None:
    public_id, version = _key(cells)
    starts_on, _raw = cells.day("starts_on", writing)
    due_on, due_raw = cells.day("due_on", writing)
    content = ItemContent(
        text=cells.text("text", LONGEST_TEXT),
        source_id=_source(cells, measures),
        owner_office=cells.text("owner_office", LONGEST_LINE),
        starts_on=starts_on,
        due_on=due_on,
        due_raw=due_raw[:LONGEST_SHORT],
        indicator=cells.text("indicator", LONGEST_TEXT),
        target=cells.text("target", LONGEST_SHORT),
        product_class=_product(cells),
        weight=cells.read("weight", plain(cells.raw("weight")), lines.read_weight) or 1.0,
        needs=cells.read("needs", plain(cells.raw("needs")), lines.read_needs) or (),
    )
    if content.is_blank and not public_id:
        return None
    absent = [name for name in _FIELDS if name not in cells.table.columns]
    number = cells.read("number", plain(cells.raw("number")), lines.read_needs) or (0,)
    return ReadItem(cells.row + 1, number[0], content, public_id, version, (*cells.unread, *absent))


_FIELDS = (
    "source", "owner_office", "starts_on", "due_on", "indicator", "target", "product_class", "weight", "needs",
)  # fmt: skip


def _key(cells: Cells) -> tuple[str, int]:
    written = plain(cells.raw("key"))
    match = _KEY.fullmatch(written)
    if written and match is None:
        cells.note("key", gettext_noop("The key was changed; the row is taken as a new item."))
    return (match[1], int(match[2])) if match else ("", 0)


def _source(cells: Cells, measures: Mapping[int, str]) -> int | None:
    written = plain(cells.raw("source"))
    if not written:
        return None
    match = _MEASURE.match(written)
    if match and int(match[1]) in measures:
        return int(match[1])
    folded = text.fold_for_search(written)
    for key, label in measures.items():
        if text.fold_for_search(label) == folded:
            return key
    cells.note("source", gettext_noop("“{value}” is none of the measures asked."), value=written[:80])
    cells.unread.append("source")
    return None


def _product(cells: Cells) -> str:
    written = plain(cells.raw("product_class"))
    if not written:
        return "none"
    folded = text.fold_for_search(written)
    for key, words in PRODUCT_WORDS.items():
        if folded in {key, *(text.fold_for_search(word) for word in words)}:
            return key
    cells.note("product_class", gettext_noop("“{value}” is no product class."), value=written[:80])
    cells.unread.append("product_class")
    return "none"


def _numbered(items: list[ReadItem], table: Table, notes: list[CellNote]) -> set[int]:
    """Give every item a number of its own: the written one, else the next free."""
    used: set[int] = set()
    following = max((item.number for item in items), default=0) + 1
    for at, item in enumerate(items):
        number = item.number
        if number and number in used:
            Cells(table, item.row - 1, notes).note(
                "number",
                gettext_noop("The number {number} stands twice."),
                kept=str(following),
                number=number,
            )
            number = 0
        if not number:
            number, following = following, following + 1
        used.add(number)
        items[at] = replace(item, number=number)
    return used


def _joined(
    table: Table | None, notes: list[CellNote], numbers: set[int], read: Callable[[Cells], _T | None]
) -> dict[int, list[_T]]:
    """Read the lines of a second sheet by the number of their item."""
    found: dict[int, list[_T]] = defaultdict(list)
    for cells in _rows(table, notes) if table is not None else ():
        number = cells.read("item", plain(cells.raw("item")), lines.read_needs)
        line = read(cells)
        if line is None:
            continue
        if not number or number[0] not in numbers:
            cells.note("item", gettext_noop("The line names no item of the first sheet; it is left out."))
        elif len(found[number[0]]) >= MOST_LINES:
            cells.note(
                "item",
                gettext_noop("At most {limit} lines belong to one item; it is left out."),
                limit=MOST_LINES,
            )
        else:
            found[number[0]].append(line)
    return found


def _milestone(cells: Cells, writing: Writing) -> MilestoneLine | None:
    title = cells.text("title", LONGEST_LINE)
    day, _raw = cells.day("due_on", writing)
    weight = cells.read("weight", plain(cells.raw("weight")), lines.read_weight)
    if not title:
        cells.note("title", gettext_noop("The milestone has no title; it is left out."))
        return None
    return MilestoneLine(title, day, weight or 1.0)


def _budget(cells: Cells, writing: Writing) -> BudgetAmount | None:
    value = cells.raw("amount")
    written = plain(value)
    language = "en" if isinstance(value, int | float) else writing.language
    amount = cells.read("amount", written, lambda cell: lines.read_amount(cell, language))
    if amount is None:
        return None
    currency = plain(cells.raw("currency")).upper()[:3] or writing.currency
    return BudgetAmount(
        cells.text("title", LONGEST_LINE), amount, currency, cells.text("source", LONGEST_SHORT)
    )
