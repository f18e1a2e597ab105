"""Read web pages: headings, paragraphs, lists with their numbers, tables with merged cells.

Source: issue "the house", point 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from mehvar.directives.extraction.limits import Limits
from mehvar.directives.extraction.readers.archive import broken
from mehvar.directives.extraction.readers.blocks import BlockList, Row
from mehvar.directives.extraction.readers.word_numbering import formatted

_SKIPPED = {
    "script",
    "style",
    "noscript",
    "template",
    "head",
    "nav",
    "svg",
    "button",
    "form",
    "select",
    "iframe",
    "object",
}
_BLOCKS = {
    "p", "div", "section", "article", "main", "header", "footer", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote",
    "dl", "dt", "dd", "pre", "center", "body", "html", "figure", "aside", "address", "fieldset", "details", "summary",
}  # fmt: skip
_LIST_STYLES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "1": "decimal"}
_SPAN_MAX = 60
_ROWSPAN_MAX = 20_000
_DEPTH_MAX = 200
_WHITE = re.compile(r"[ \t\r\n\f]+")


def read(data: bytes, limits: Limits) -> BlockList:
    """Read a web page into blocks.

    Raises:
        InputError: The page is broken beyond reading.
    """
    parser = etree.HTMLParser(
        no_network=True, huge_tree=False, remove_comments=True, encoding=_encoding(data)
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise broken() from None
    if root is None:
        raise broken()
    reader = _WebReader(limits)
    body = root.find(".//body")
    reader.container(root if body is None else body, 0)
    reader.flush()
    return reader.blocks


def _encoding(data: bytes) -> str | None:
    """Take UTF-8 when the bytes are UTF-8; else let the page say."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


class _WebReader:
    """Walk over a page, collecting running text until a block begins or ends."""

    def __init__(self, limits: Limits) -> None:
        """Begin with no blocks."""
        self.blocks = BlockList(limits)
        self.running: list[str] = []
        self.level: int | None = None

    def flush(self) -> None:
        """Hand over the running text."""
        for line in "".join(self.running).split("\n"):
            self.blocks.paragraph(_WHITE.sub(" ", line), level=self.level)
        self.running = []

    def container(self, element: etree._Element, depth: int) -> None:
        """Read an element's text and children."""
        if depth > _DEPTH_MAX:
            return
        self._say(element.text)
        for child in element:
            self._child(child, depth)
            self._say(child.tail)

    def _child(self, child: etree._Element, depth: int) -> None:
        """Read one child."""
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in _SKIPPED or not tag:
            return
        if tag == "br":
            self.running.append("\n")
        elif tag == "table":
            self.flush()
            self._table(child, depth)
        elif tag in {"ol", "ul"}:
            self.flush()
            self._list(child, depth)
        elif tag in _BLOCKS:
            self.flush()
            before, self.level = self.level, int(tag[1]) if re.fullmatch(r"h[1-6]", tag) else self.level
            self.container(child, depth + 1)
            self.flush()
            self.level = before
        else:
            self.container(child, depth + 1)

    def _say(self, text: str | None) -> None:
        """Add running text."""
        if text:
            self.running.append(_WHITE.sub(" ", text))

    def _list(self, element: etree._Element, depth: int) -> None:
        """Read a list with the numbers that a browser would show."""
        style = _LIST_STYLES.get(element.get("type", "1"), "decimal")
        start = element.get("start", "1")
        number = int(start) if start.isdigit() and len(start) < 6 else 1  # noqa: PLR2004
        for item in element:
            if item.tag != "li":
                self._child(item, depth + 1)
                continue
            mark = (
                f"{formatted(number, style)}{')' if style == 'lowerLetter' else '.'} "
                if element.tag == "ol"
                else "- "
            )
            number += 1
            self.running.append(mark)
            self.container(item, depth + 1)
            self.flush()

    def _table(self, element: etree._Element, depth: int) -> None:
        """Read a table; a table that only lays out the page is read as text."""
        if any(True for _ in element.iter("table") if _ is not element):
            for cell in element.iter("td", "th"):
                if next((parent for parent in cell.iterancestors("table")), None) is element:
                    self.container(cell, depth + 1)
                    self.flush()
            return
        self.blocks.table(list(laid_rows(element, self.blocks)))


def laid_rows(table: etree._Element, blocks: BlockList) -> Iterator[Row]:
    """Lay the cells of a table on the grid; a cell merged downwards is repeated."""
    open_cells: dict[int, tuple[int, str, int]] = {}
    for index, row in enumerate(table.iter("tr")):
        if index % 200 == 0:
            blocks.check_time()
        yield _grid_row(row, open_cells)


def _grid_row(row: etree._Element, open_cells: dict[int, tuple[int, str, int]]) -> Row:
    """Lay one row; ``open_cells`` maps a column to rows left, text and width of a cell merged downwards."""
    cells: list[str] = []
    spans: list[int] = []
    carried: list[int] = []
    pending = [cell for cell in row if cell.tag in {"td", "th"}]
    while pending or len(cells) in open_cells:
        column = len(cells)
        if column > _SPAN_MAX:
            break
        if column in open_cells:
            left, text, width = open_cells.pop(column)
            if left > 1:
                open_cells[column] = (left - 1, text, width)
            carried.append(column)
        elif pending:
            cell = pending.pop(0)
            text, width = _cell_text(cell), min(_count(cell, "colspan"), _SPAN_MAX)
            height = min(_count(cell, "rowspan"), _ROWSPAN_MAX)
            if height > 1:
                open_cells[column] = (height - 1, text, width)
        else:
            break
        cells += [text, *[""] * (width - 1)]
        spans += [width, *[0] * (width - 1)]
    is_header = bool(len(row)) and all(cell.tag == "th" for cell in row if cell.tag in {"td", "th"})
    return Row(cells, spans, carried, is_header=is_header)


def _count(cell: etree._Element, name: str) -> int:
    """Read a span."""
    value = cell.get(name, "1").strip()
    return max(int(value), 1) if value.isdigit() and len(value) < 6 else 1  # noqa: PLR2004


def _cell_text(cell: etree._Element) -> str:
    """Give a cell's text, one line per block inside it."""
    parts: list[str] = []
    for element in cell.iter():
        if not isinstance(element.tag, str) or element.tag in _SKIPPED:
            continue
        if element.tag in {"br", "p", "div", "li"}:
            parts.append("\n")
        parts.append(_WHITE.sub(" ", element.text or ""))
        if element is not cell:
            parts.append(_WHITE.sub(" ", element.tail or ""))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
