"""Read PDFs that have a text layer: cell boxes by pdfplumber, text of each box by pdfium.

pdfplumber alone loses rows at page breaks and returns Persian reversed; pdfium alone knows no tables.

Source: design "Directives and programmes", §4 (reader traps).
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mehvar.directives.extraction.limits import Limits
from mehvar.directives.extraction.readers.blocks import BlockList, Row
from mehvar.directives.extraction.readers.document import Document
from mehvar.directives.extraction.readers.pdf_lines import join_lines, paragraphs
from mehvar.directives.extraction.readers.pdf_text import PageText, RightToLeftText, TextOfPage
from mehvar.directives.extraction.readers.sniffing import Format
from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop

_LETTERS_PER_PAGE_MIN = 12
_EDGE_TOLERANCE = 3.0
_PAGE_NUMBER = re.compile(
    r"^[\s–—|-]*(?:trang|page|صفحه)?\s*[\d۰-۹]{1,3}(?:\s*(?:/|of|از)\s*[\d۰-۹]{1,3})?[\s–—|-]*$",
    re.IGNORECASE,
)

Box = tuple[float, float, float, float]


def read_document(data: bytes, limits: Limits) -> Document:
    """Read a PDF into blocks.

    Raises:
        InputError: The PDF is broken, encrypted, or a scan while the OCR extra is not installed.
        LimitExceeded: It has too many pages or rows, or takes too long.
    """
    found = read_text_layer(data, limits)
    if found is None:
        from mehvar.directives.extraction.readers import ocr

        return ocr.read_document(data, limits)
    return found


def read_text_layer(data: bytes, limits: Limits) -> Document | None:
    """Read a PDF by its text layer; nothing when it hardly has one (a scan).

    Raises:
        InputError: The PDF is broken or encrypted.
        LimitExceeded: It has too many pages or rows, or takes too long.
    """
    with _broken_files(), _opened(data, limits) as pages:
        letters = sum(page.letters for page in pages)
        if letters < _LETTERS_PER_PAGE_MIN * len(pages):
            return None
        blocks = _PdfReader(limits, pages).read(data)
    return Document(Format.PDF, blocks.blocks, blocks.warnings)


@contextmanager
def _broken_files() -> Iterator[None]:
    """Say that the file is broken whatever a parser of broken PDFs may raise."""
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    try:
        yield
    except (errors.MehvarError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - pdfminer and pdfium raise anything when they meet a damaged file
        raise errors.InputError(
            gettext_noop("The PDF is broken and cannot be read."), code="broken-file"
        ) from None


@contextmanager
def _opened(data: bytes, limits: Limits) -> Iterator[list[PageText]]:
    """Open the text layer of every page, and close it."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise errors.InputError(
                gettext_noop("The PDF is encrypted; save it without a password."), code="encrypted"
            ) from None
        raise
    pages: list[PageText] = []
    try:
        _check_pages(len(document), limits)
        pages += (PageText(document[index]) for index in range(len(document)))
        yield pages
    finally:
        for page in pages:
            page.close()
        document.close()


def _check_pages(count: int, limits: Limits) -> None:
    """Refuse a PDF without pages or with too many."""
    if count > limits.pages:
        raise errors.LimitExceeded(
            gettext_noop("The PDF has {count} pages; at most {limit} are read."),
            code="page-limit",
            count=count,
            limit=limits.pages,
        )
    if count == 0:
        raise errors.InputError(gettext_noop("The PDF has no pages."), code="no-text")


class _PdfReader:
    """Read page after page; a table may run over several pages."""

    def __init__(self, limits: Limits, pages: list[PageText]) -> None:
        """Begin with no blocks and no open table."""
        self.blocks = BlockList(limits)
        self.pages = pages
        self.rows: list[Row] = []
        self.grid: list[float] = []
        self.lines: list[tuple[Box, str]] = []
        self.repeated = _repeated_lines(pages)

    def read(self, data: bytes) -> BlockList:
        """Read all pages."""
        import pdfplumber

        with pdfplumber.open(io.BytesIO(data)) as document:
            for index, page in enumerate(document.pages[: len(self.pages)]):
                self.blocks.check_time()
                self.blocks.page = index + 1
                self._page(page, self.pages[index])
                page.close()
        self._close_table()
        self._flush()
        return self.blocks

    def _page(self, page: Any, layer: PageText) -> None:
        """Read the tables of a page and the lines around them, from top to bottom."""
        text: TextOfPage = RightToLeftText(page, layer) if layer.is_right_to_left else layer
        tables = sorted(_tables(page), key=lambda table: table.bbox[1])
        top = 0.0
        height = float(page.height)
        for table in tables:
            x0, y0, x1, y1 = (float(value) for value in table.bbox)
            self._text_between(text, top, y0, height)
            self._table(table, text, height)
            del x0, x1
            top = y1
        self._text_between(text, top, height, height)

    def _text_between(self, text: TextOfPage, top: float, bottom: float, height: float) -> None:
        """Take the lines between two heights; text closes an open table, page numbers and running heads do not."""
        kept = [
            (box, line) for box, line in text.lines(top, bottom) if not self._is_running(line, box, height)
        ]
        if kept:
            self._close_table()
            self.lines += kept

    def _is_running(self, line: str, box: Box, height: float) -> bool:
        """Tell whether a line at the edge of a page is its number or repeats on every page."""
        at_edge = box[1] < height * 0.09 or box[3] > height * 0.91
        return at_edge and (line in self.repeated or bool(_PAGE_NUMBER.match(line)))

    def _table(self, table: Any, text: TextOfPage, height: float) -> None:
        """Take the rows of a table; the same columns as the open one carry it on."""
        self._flush()
        grid = _columns(table)
        rows = [_row(row, grid, text) for row in _row_boxes(table)]
        is_same = bool(self.grid) and len(grid) == len(self.grid) and _agree(grid, self.grid)
        if not is_same:
            self._close_table()
            self.grid = grid
        elif self.rows and rows and rows[0].cells == self.rows[0].cells:
            rows = rows[1:]
        self.rows += rows
        del height

    def _close_table(self) -> None:
        """Hand over the open table."""
        if self.rows:
            self.blocks.table(self.rows)
        self.rows, self.grid = [], []

    def _flush(self) -> None:
        """Hand over the lines collected so far as paragraphs."""
        for paragraph in paragraphs(self.lines):
            self.blocks.paragraph(paragraph)
        self.lines = []


def _repeated_lines(pages: list[PageText]) -> set[str]:
    """List lines that stand at the top or bottom of at least three pages."""
    counts: dict[str, int] = {}
    for page in pages if len(pages) > 2 else []:  # noqa: PLR2004
        found = page.lines(0.0, page.height)
        for _, line in {*found[:2], *found[-2:]}:
            counts[line] = counts.get(line, 0) + 1
    return {line for line, count in counts.items() if count > 2}  # noqa: PLR2004


def _tables(page: Any) -> list[Any]:
    """Find the ruled tables of a page that have at least two columns."""
    found = page.find_tables(
        {
            "vertical_strategy": "lines",
            "horizontal_strategy": "lines",
            "snap_tolerance": 4,
            "join_tolerance": 4,
        }
    )
    return [table for table in found if len(_columns(table)) > 2]  # noqa: PLR2004


def _columns(table: Any) -> list[float]:
    """List the vertical edges of a table."""
    edges = sorted({float(cell[0]) for cell in table.cells} | {float(cell[2]) for cell in table.cells})
    grid: list[float] = []
    for edge in edges:
        if not grid or edge - grid[-1] > _EDGE_TOLERANCE:
            grid.append(edge)
    return grid


def _agree(grid: list[float], other: list[float]) -> bool:
    """Tell whether two tables have the same columns."""
    return all(abs(edge - known) <= 2 * _EDGE_TOLERANCE for edge, known in zip(grid, other, strict=True))


def _row_boxes(table: Any) -> Iterator[list[Box]]:
    """Give the cell boxes of each row: those that begin at its height, and those that reach down into it."""
    boxes: list[Box] = [tuple(float(value) for value in cell) for cell in table.cells]  # type: ignore[misc]
    tops: list[float] = []
    for top in sorted(box[1] for box in boxes):
        if not tops or top - tops[-1] > _EDGE_TOLERANCE:
            tops.append(top)
    for top in tops:
        yield [box for box in boxes if box[1] <= top + _EDGE_TOLERANCE and box[3] > top + _EDGE_TOLERANCE]


def _row(boxes: list[Box], grid: list[float], text: TextOfPage) -> Row:
    """Read the cells of a row onto the grid; right-to-left pages are mirrored so that the first column is first read."""
    width = len(grid) - 1
    cells = [""] * width
    spans = [1] * width
    carried: list[int] = []
    row_top = max(box[1] for box in boxes)
    for box in sorted(boxes):
        first = _index(grid, box[0])
        last = max(first + 1, _index(grid, box[2]))
        if first >= width:
            continue
        cells[first] = join_lines(text.lines_in(box))
        spans[first] = last - first
        for covered in range(first + 1, min(last, width)):
            spans[covered] = 0
        if box[1] < row_top - _EDGE_TOLERANCE:
            carried.append(first)
    if text.is_right_to_left:
        return _mirrored(cells, spans, carried)
    return Row(cells, spans, carried)


def _mirrored(cells: list[str], spans: list[int], carried: list[int]) -> Row:
    """Turn a row of a right-to-left page round."""
    width = len(cells)
    new_cells, new_spans, new_carried = [""] * width, [1] * width, []
    for index in range(width):
        if spans[index] == 0:
            continue
        target = width - index - spans[index]
        new_cells[target] = cells[index]
        new_spans[target] = spans[index]
        for covered in range(target + 1, target + spans[index]):
            new_spans[covered] = 0
        if index in carried:
            new_carried.append(target)
    return Row(new_cells, new_spans, new_carried)


def _index(grid: list[float], edge: float) -> int:
    """Find the column that begins at an edge."""
    return min(range(len(grid)), key=lambda index: abs(grid[index] - edge))
