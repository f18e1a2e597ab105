"""Build source blocks the same way for every format."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mehvar.directives.extraction.limits import Deadline, Limits, check_rows
from mehvar.directives.extraction.model import BlockKind, SourceBlock
from mehvar.directives.extraction.numbering import begins_line
from mehvar.kernel import errors
from mehvar.kernel import text as texts
from mehvar.kernel.errors import gettext_noop

_EMPHASIS = re.compile(r"\*\*(.+?)\*\*|__(.+?)__", re.DOTALL)
_SENTENCE_END = re.compile(r"[.;:!?؟؛…/\]»”\")]\s*$")
_FIXED_WIDTH_MAX, _WIDTH_SHARE = 140, 0.72
_LABELLED = re.compile(r"^\W*(?:[^\W\d]+[\s\u200c]+){0,3}[^\W\d]+\s*[:：](?:\s|$)")
_WRAPPED_LETTERS = 60
_LETTERHEAD_ROWS_MAX, _LETTERHEAD_COLUMNS_MAX = 6, 4
_LETTERHEAD = re.compile(
    r"cộng hòa xã hội chủ nghĩa|độc lập\s*[-–]\s*tự do|nơi nhận\s*:|^\W*(?:TM|KT|TL|Q)\.\s|^số\s*:|بسمه\s*تعالی|جمهوری اسلامی ایران|"
    r"^(?:شماره|تاریخ|پیوست)\s*:|recipients\s*:|^no\.?\s*:\s",
    re.IGNORECASE | re.MULTILINE,
)


class BlockList:
    """Collect blocks within the limits."""

    def __init__(self, limits: Limits) -> None:
        """Begin an empty list."""
        self.blocks: list[SourceBlock] = []
        self.warnings: list[str] = []
        self.page: int | None = None
        self._limits = limits
        self._deadline = Deadline(limits)
        self._tables = 0
        self._rows = 0

    def paragraph(self, text: str, *, level: int | None = None, number: str | None = None) -> None:
        """Add a paragraph (or a heading, when it has a level); empty ones are dropped."""
        tidy = texts.display_form(text)
        if not tidy:
            return
        kind = BlockKind.PARAGRAPH if level is None else BlockKind.HEADING
        self._add(SourceBlock(kind, tidy, level=level, page=self.page, number=number))

    def table(self, rows: Sequence[Row]) -> None:
        """Add a table's rows; a table of one column or one row is a frame, so its texts become paragraphs."""
        width = max((len(row.cells) for row in rows), default=0)
        filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
        if width < 2 or len(filled) < 2 or _is_letterhead(filled, width):  # noqa: PLR2004
            for row in filled:
                for cell in row.cells:
                    self.lines(cell)
            return
        for row in rows:
            self.row(row, table=self._tables, width=width)
        self._tables += 1

    def row(self, row: Row, *, table: int, width: int) -> None:
        """Add one row, padded to the table's width."""
        self._rows += 1
        check_rows(self._rows, self._limits)
        cells = tuple(texts.display_form(cell) for cell in row.cells) + ("",) * (width - len(row.cells))
        spans = tuple(row.spans) + (1,) * (width - len(row.spans))
        text = " | ".join(cell.replace("\n", " ") for cell in cells)
        block = SourceBlock(
            BlockKind.TABLE_ROW,
            text,
            cells=cells,
            page=self.page,
            table=table,
            spans=spans,
            carried=tuple(row.carried),
            is_header=row.is_header,
        )
        self._add(block)

    def lines(self, text: str) -> None:
        """Add every line as a paragraph, joining lines that a fixed width has broken."""
        for line in joined_lines(text.splitlines()):
            self.paragraph(line)

    def _add(self, block: SourceBlock) -> None:
        """Add a block within the limits."""
        if len(self.blocks) % 256 == 0:
            self._deadline.check()
        if len(self.blocks) >= self._limits.blocks:
            raise errors.LimitExceeded(
                gettext_noop("The document has more than {limit} paragraphs and rows; divide it."),
                code="block-limit",
                limit=self._limits.blocks,
            )
        self.blocks.append(block)

    def check_time(self) -> None:
        """Raise when reading takes too long."""
        self._deadline.check()


def _is_letterhead(rows: Sequence[Row], width: int) -> bool:
    """Tell whether a small table only lays out a letterhead or signatures."""
    if len(rows) > _LETTERHEAD_ROWS_MAX or width > _LETTERHEAD_COLUMNS_MAX:
        return False
    return any(_LETTERHEAD.search(cell) for row in rows for cell in row.cells)


class Row:
    """Hold one table row while it is read: texts and column spans on the grid."""

    __slots__ = ("carried", "cells", "is_header", "spans")

    def __init__(
        self,
        cells: Sequence[str],
        spans: Sequence[int] = (),
        carried: Sequence[int] = (),
        *,
        is_header: bool = False,
    ) -> None:
        """Take the texts; without spans every cell covers one column."""
        self.cells = list(cells)
        self.spans = list(spans) or [1] * len(self.cells)
        self.carried = list(carried)
        self.is_header = is_header


def without_emphasis(text: str) -> str:
    """Remove bold marks that Markdown puts around words."""
    return _EMPHASIS.sub(lambda match: match[1] or match[2], text)


def joined_lines(lines: Sequence[str]) -> list[str]:
    """Join lines that were broken by a fixed width; an empty line always separates."""
    found: list[str] = []
    fresh = True
    last = 0
    width = max((len(line.strip()) for line in lines), default=0)
    for raw in lines:
        line = raw.strip()
        if not line:
            fresh = True
        elif not fresh and found and _continues(found[-1], line, last, width):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
            fresh = False
        last = len(line)
    return found


def _continues(previous: str, line: str, last: int, width: int) -> bool:
    """Tell whether a line carries on the sentence of the line before it, ``last`` letters long.

    Letters without case tell nothing, so there the line before must reach the text's common width.
    """
    if begins_line(line) or _SENTENCE_END.search(previous):
        return False
    if line[0].islower():
        return True
    if line[0].isupper() or last < _WRAPPED_LETTERS or _LABELLED.match(line):
        return False
    return width <= _FIXED_WIDTH_MAX and last >= width * _WIDTH_SHARE
