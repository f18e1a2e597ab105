"""Read tasks from table annexes: header, sections, tasks, rows broken over pages.

Source: design "Directives and programmes", §1 (annex table, traps met in one real annex).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from mehvar.directives.extraction import flags
from mehvar.directives.extraction.columns import (
    BODY_COLUMNS,
    BodyTest,
    Column,
    ColumnMap,
    heading_kind,
    map_by_content,
    map_columns,
)
from mehvar.directives.extraction.drafts import TaskDraft
from mehvar.directives.extraction.model import BlockKind, Flag, SourceBlock, SourceSpan
from mehvar.directives.extraction.numbering import RowNumber, marker_of, row_number
from mehvar.directives.extraction.sections import SectionPath
from mehvar.kernel import text as texts

_DITTO = re.compile(r"^(?:[\"”“″〃]|-?\s*nt\s*-?|như trên|//|ditto|idem|کماکان|ایضا|\"\s*\")$", re.IGNORECASE)
_FIELD_WORD = re.compile(
    r"^(?:(?:về|trong|thuộc)\s+)?(?:lĩnh vực|nhóm nhiệm vụ|حوزه|بخش|field of|field:?)\s*[:\-–]?\s*",
    re.IGNORECASE,
)
_FIELD_LETTERS_MAX = 120
_SECTION_KINDS = frozenset({"roman", "capital"})
_STEP_WORDS = ("part", "chapter", "section", "article")
_PAGE_MARK_LETTERS_MAX = 25


@dataclass(slots=True)
class TableReading:
    """Hold the tasks of all tables, document flags and which blocks were used."""

    drafts: list[TaskDraft] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    headings: list[tuple[int, str, str]] = field(default_factory=list)


Indexed = tuple[int, SourceBlock]


def read_tables(blocks: Sequence[SourceBlock], is_body: BodyTest, is_due: BodyTest) -> TableReading:
    """Read the tasks of every table of a document."""
    reading = TableReading()
    previous: _Table | None = None
    for indexed in _joined(blocks):
        number = indexed[0][1].table or 0
        table = _open_table(indexed, number, previous, reading, is_body, is_due)
        if table is None:
            continue
        if previous is None or table is not previous:
            table.enter_heading_above(blocks, indexed[0][0])
        table.read(indexed)
        previous = table
    return reading


def _joined(blocks: Sequence[SourceBlock]) -> list[list[Indexed]]:
    """Group the rows of tables; pieces that a page break has cut are put together again."""
    rows = [(index, block) for index, block in enumerate(blocks) if block.kind is BlockKind.TABLE_ROW]
    found: list[list[Indexed]] = []
    for _, group in groupby(rows, key=lambda pair: pair[1].table):
        piece = list(group)
        if found and _is_cut(found[-1], piece, blocks):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _is_cut(before: list[Indexed], piece: list[Indexed], blocks: Sequence[SourceBlock]) -> bool:
    """Tell whether a table carries on the one before: same width, nothing between, same or no header."""
    if len(before[0][1].cells) != len(piece[0][1].cells):
        return False
    between = blocks[before[-1][0] + 1 : piece[0][0]]
    if len(between) > 1 or any(len(block.text) > _PAGE_MARK_LETTERS_MAX for block in between):
        return False
    first = piece[0][1]
    if first.cells in {row.cells for _, row in before[:6]}:
        return True
    return len({heading_kind(cell) for cell in first.cells if cell} - {None, Column.OTHER}) < 3  # noqa: PLR2004


def _open_table(  # noqa: PLR0917
    indexed: list[Indexed],
    number: int,
    previous: _Table | None,
    reading: TableReading,
    is_body: BodyTest,
    is_due: BodyTest,
) -> _Table | None:
    """Map a table's columns: by its own header, as the continuation of the table before, or by content."""
    rows = [block for _, block in indexed]
    columns = map_columns(rows, is_body, is_due)
    width = len(rows[0].cells)
    if columns is None and previous is not None and len(previous.columns.kinds) == width:
        return previous
    if (
        columns is not None
        and previous is not None
        and columns.kinds == previous.columns.kinds
        and _goes_on(rows, columns, previous)
    ):
        previous.columns.header_rows = 0
        return previous
    if columns is None:
        columns = map_by_content(rows, is_body, is_due)
        if columns is not None and columns.is_task_table:
            reading.flags.append(flags.make("guessed-columns"))
    if columns is None:
        return None
    if columns.is_target_table or not columns.is_task_table:
        if columns.is_target_table:
            reading.flags.append(flags.make("target-table"))
            reading.used.update(index for index, _ in indexed)
        return None
    return _Table(columns, number, reading, rows[: columns.header_rows])


def _goes_on(rows: Sequence[SourceBlock], columns: ColumnMap, previous: _Table) -> bool:
    """Tell whether a table with the same header carries on the numbering of the one before (a page break)."""
    column = columns.first(Column.NUMBER)
    if column is None or previous.last_value is None:
        return False
    for row in rows[columns.header_rows :]:
        number = row_number(row.cells[column])
        if number is not None and number.kind in {"decimal", "letter"}:
            return number.value == previous.last_value + 1
        if number is None and row.cells[column] == "" and any(row.cells):
            return True
    return False


class _Table:
    """Read the rows of one table."""

    def __init__(
        self, columns: ColumnMap, number: int, reading: TableReading, header: Sequence[SourceBlock]
    ) -> None:
        """Take the map of the columns and the header rows."""
        self.columns = columns
        self.number = number
        self.reading = reading
        self.sections = SectionPath()
        self.last: TaskDraft | None = None
        self.last_value: int | None = None
        self.header_key = {texts.fold_for_match(cell) for row in header for cell in row.cells if cell}
        self.field = ""

    def enter_heading_above(self, blocks: Sequence[SourceBlock], first: int) -> None:
        """Open the section whose numbered heading stands right above the table."""
        for block in reversed(blocks[max(0, first - 2) : first]):
            if block.kind is BlockKind.TABLE_ROW:
                return
            marker = marker_of(block.text)
            if marker is not None and marker.kind in {"roman", "capital", *_STEP_WORDS}:
                self.sections.enter(marker.kind, marker.number, block.text[marker.length :])
                return

    def read(self, indexed: Sequence[Indexed]) -> None:
        """Read all rows."""
        numbers = [self._number(block) for _, block in indexed]
        for position, (index, block) in enumerate(indexed):
            self.reading.used.add(index)
            if self._is_header(block, position):
                continue
            following = next((item for item in numbers[position + 1 :] if item is not None), None)
            self._row(index, block, numbers[position], following)

    def _is_header(self, block: SourceBlock, position: int) -> bool:
        """Tell whether a row is the header, a repeated header, column numbers, or empty."""
        filled = [cell for cell in block.cells if cell.strip()]
        if not filled or (position < self.columns.header_rows and block.table == self.number):
            return True
        folded = {texts.fold_for_match(cell) for cell in filled}
        if len(filled) > 1 and folded <= self.header_key:
            return True
        if all(re.fullmatch(r"\(?[\d۰-۹]{1,2}\)?", cell.strip()) for cell in filled) and len(filled) > 2:  # noqa: PLR2004
            return True
        kinds = {heading_kind(cell) for cell in filled}
        return len(filled) > 2 and None not in kinds and len(kinds) > 2 and self._number(block) is None  # noqa: PLR2004

    def _number(self, block: SourceBlock) -> RowNumber | None:
        """Read the number of a row: from its column, else from the head of its text."""
        column = self.columns.first(Column.NUMBER)
        if column is not None and column < len(block.cells):
            return row_number(block.cells[column])
        marker = marker_of(self._cell(block, Column.TEXT))
        if marker is None or marker.kind not in {"roman", "decimal", "letter", "capital"}:
            return None
        return RowNumber(marker.kind, marker.number)

    def _cell(self, block: SourceBlock, kind: Column) -> str:
        """Give the text of the cells of a kind, joined."""
        found = [block.cells[index] for index in self.columns.all(kind) if index < len(block.cells)]
        return "\n".join(dict.fromkeys(filter(None, found)))

    def _row(
        self, index: int, block: SourceBlock, number: RowNumber | None, following: RowNumber | None
    ) -> None:
        """Read one row as a section, a continuation or a task."""
        cells = {kind: self._cell(block, kind) for kind in set(self.columns.kinds) - {Column.NUMBER}}
        frame = self._frame_text(block)
        if frame is not None:
            self._frame(index, frame, number, following)
        elif self._is_section(cells, number, following):
            self._section(index, cells, number)
        elif number is None and self._continues(block, cells):
            self._continuation(index, block, cells)
        else:
            self._task(index, block, cells, number)

    def _frame_text(self, block: SourceBlock) -> str | None:
        """Give the text of a row that is one cell over (almost) the whole width."""
        filled = [(index, cell) for index, cell in enumerate(block.cells) if cell.strip()]
        column = self.columns.first(Column.NUMBER)
        own = [(index, cell) for index, cell in filled if index != column]
        if len({cell for _, cell in own}) == 1 and len(own) > 2:  # noqa: PLR2004
            return own[0][1]
        if len(own) == 1 and block.spans and block.spans[own[0][0]] >= max(2, len(block.cells) - 2):
            return own[0][1]
        if not own and len(filled) == 1:
            is_wide = bool(block.spans) and block.spans[filled[0][0]] >= len(block.cells) - 1
            number = self._number(block)
            is_titled = number is None or (number.kind == "text" and marker_of(filled[0][1]) is not None)
            return filled[0][1] if is_wide or is_titled else None
        return None

    def _frame(self, index: int, text: str, number: RowNumber | None, following: RowNumber | None) -> None:
        """Open the section that a row over the whole width names."""
        marker = marker_of(text)
        if number is not None and number.kind not in {"text", "dash"}:
            self._enter(number.kind, number.text, text, number)
        elif marker is not None and marker.kind in {"roman", "capital", "decimal", "letter", *_STEP_WORDS}:
            self._enter(
                marker.kind, marker.number, text[marker.length :], RowNumber(marker.kind, marker.number)
            )
        elif following is None or len(text) > 400:  # noqa: PLR2004
            self._stray(text)
            return
        else:
            self.sections.enter_unnumbered(text)
            self.field = _field_name(text)
        self.reading.headings.append((index, self.sections.path, text))
        self.last = None

    def _enter(self, kind: str, number: str, heading: str, row: RowNumber) -> None:
        """Open a numbered section."""
        level = f"{kind}{row.depth}" if kind == "decimal" else kind
        if kind in _SECTION_KINDS or kind in _STEP_WORDS:
            self.sections.leave_to("decimal1")
            self.sections.leave_to("letter")
        self.sections.enter(level, number, heading)
        if len(self.sections.levels) == 1 or _FIELD_WORD.match(heading):
            self.field = _field_name(heading)

    def _is_assigned(self, cells: dict[Column, str]) -> bool:
        """Tell whether any body or deadline is filled in."""
        return any(cells.get(kind) for kind in (*BODY_COLUMNS, Column.DUE, Column.DUE_OTHER))

    def _is_section(
        self, cells: dict[Column, str], number: RowNumber | None, following: RowNumber | None
    ) -> bool:
        """Tell whether a row is the heading of a section."""
        text = cells.get(Column.TEXT, "")
        bodies = any(cells.get(kind) for kind in BODY_COLUMNS)
        if not text or bodies:
            return False
        if number is not None and number.kind in _SECTION_KINDS:
            return True
        if self._is_assigned(cells) or cells.get(Column.DELIVERABLE):
            return False
        if number is None:
            return self._is_unnumbered_section(text, following)
        return _leads_into(number, following) or self._interrupts(number, following)

    def _interrupts(self, number: RowNumber, following: RowNumber | None) -> bool:
        """Tell whether an unassigned row stands outside the numbering that runs on around it."""
        if following is None or following.kind != number.kind or number.depth != following.depth:
            return False
        expected = 1 if self.last_value is None else self.last_value + 1
        return following.value == expected

    def _is_unnumbered_section(self, text: str, following: RowNumber | None) -> bool:
        """Tell whether a row without a number is a heading: marked, in capitals, or numbering restarts after it."""
        marker = marker_of(text)
        if marker is not None and marker.kind in {"roman", "capital", *_STEP_WORDS}:
            return True
        if text.upper() == text and text.lower() != text and len(text) < 300:  # noqa: PLR2004
            return True
        if self.columns.first(Column.NUMBER) is None or following is None or following.value != 1:
            return False
        return self.last is None or self.last_value is None or self.last_value >= 1

    def _section(self, index: int, cells: dict[Column, str], number: RowNumber | None) -> None:
        """Open a section and note stray text in its other cells."""
        text = cells[Column.TEXT]
        stray = " ".join(
            value
            for kind, value in cells.items()
            if value and kind not in {Column.TEXT, Column.FIELD, Column.OTHER}
        )
        if stray:
            self._stray(stray)
        marker = marker_of(text)
        if number is not None:
            self._enter(number.kind, number.text, text, number)
        elif marker is not None:
            self._enter(
                marker.kind, marker.number, text[marker.length :], RowNumber(marker.kind, marker.number)
            )
        else:
            self.sections.enter_unnumbered(text)
            self.field = _field_name(text)
        self.reading.headings.append((index, self.sections.path, text))
        self.last = None

    def _stray(self, text: str) -> None:
        """Note text outside any task at the task before it."""
        target = self.last or (self.reading.drafts[-1] if self.reading.drafts else None)
        flag = flags.make("stray-text", "", text=_short(text))
        if target is not None:
            target.flag(flag)
        else:
            self.reading.flags.append(flag)

    def _continues(self, block: SourceBlock, cells: dict[Column, str]) -> bool:
        """Tell whether a row without a number carries on the row before (a page break)."""
        if self.last is None or self.columns.first(Column.NUMBER) is None or self.last.number is None:
            return False
        text, lead, due = (cells.get(kind, "") for kind in (Column.TEXT, Column.LEAD, Column.DUE))
        carried = set(block.carried)
        if carried & set(self.columns.all(Column.TEXT)):
            return False
        whole = bool(text and lead and (due or not self.columns.has_due))
        return not (whole and text[0].isupper() and not lead[0].islower())

    def _continuation(self, index: int, block: SourceBlock, cells: dict[Column, str]) -> None:
        """Join a continuation row to the task before it, leaving out pieces that stand there already."""
        if self.last is None:
            return
        draft = self.last
        for kind, piece in cells.items():
            if piece and kind in draft.cells and not _stands_in(piece, draft.cells.values()):
                joint = "\n" if kind in BODY_COLUMNS and _ends_whole(draft.cells[kind]) else " "
                draft.cells[kind] = f"{draft.cells[kind]}{joint}{piece}".strip()
        draft.spans.append(SourceSpan(index, 0, len(block.text)))
        draft.flag(flags.make("continuation-row", "text"))
        draft.confidence = min(draft.confidence, 0.6)

    def _task(
        self, index: int, block: SourceBlock, cells: dict[Column, str], number: RowNumber | None
    ) -> None:
        """Take a row as a task."""
        self._leave_sections(number)
        draft = TaskDraft(
            section=self.sections.path,
            number=number,
            cells=self._without_dittos(cells),
            spans=[SourceSpan(index, 0, len(block.text))],
            table=self.number,
            field=cells.get(Column.FIELD) or self.field,
            confidence=self.columns.confidence,
            has_lead_column=any(
                kind in {Column.LEAD, Column.LEAD_AND_COORDINATING} for kind in self.columns.kinds
            ),
            has_due_column=self.columns.has_due,
        )
        if number is None and self.columns.first(Column.NUMBER) is not None:
            draft.flag(flags.make("unnumbered-row", "number"))
        if self.columns.confidence < 0.7:  # noqa: PLR2004
            draft.flag(flags.make("guessed-columns"))
        if cells.get(Column.FIELD):
            self.field = cells[Column.FIELD]
        self.reading.drafts.append(draft)
        self.last = draft
        if number is not None and number.value is not None:
            self.last_value = number.value

    def _leave_sections(self, number: RowNumber | None) -> None:
        """Close decimal sections that a task's number does not belong to."""
        if number is None or number.kind != "decimal":
            return
        for level in list(self.sections.levels):
            if (
                level.kind.startswith("decimal")
                and number.depth <= level.number.count(".") + 1
                and number.depth > 1
            ):
                self.sections.leave_to(level.kind)
                return

    def _without_dittos(self, cells: dict[Column, str]) -> dict[Column, str]:
        """Replace ditto marks by the cell of the task before."""
        if self.last is None:
            return cells
        above = self.last.cells
        return {
            kind: above.get(kind, "") if _DITTO.match(value.strip()) else value
            for kind, value in cells.items()
        }


def _leads_into(number: RowNumber, following: RowNumber | None) -> bool:
    """Tell whether an unassigned numbered row is a heading, by the number that follows it."""
    if following is None or number.kind in {"text", "dash"}:
        return False
    if number.kind == "decimal":
        if following.kind == "decimal":
            return following.depth > number.depth or following.value == 1
        return following.kind in {"letter", "dash"}
    return following.kind == "dash" or (following.kind == "decimal" and following.value == 1)


def _stands_in(piece: str, cells: Iterable[str]) -> bool:
    """Tell whether a piece repeats the end of some cell of the row before."""
    folded = texts.fold_for_match(piece)
    return any(texts.fold_for_match(cell).endswith(folded) for cell in cells if cell)


def _ends_whole(text: str) -> bool:
    """Tell whether a cell ends where a name may end."""
    return bool(re.search(r"[,;.،؛:]\s*$", text))


def _field_name(heading: str) -> str:
    """Give the field that a heading names, or nothing for a long one."""
    name = _FIELD_WORD.sub("", " ".join(heading.split()))
    return name if len(name) <= _FIELD_LETTERS_MAX else ""


def _short(text: str) -> str:
    """Shorten a text for a message."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "…"  # noqa: PLR2004
