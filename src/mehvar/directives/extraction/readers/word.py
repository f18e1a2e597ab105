"""Read Word documents from their XML: merged cells, automatic numbers, tracked changes as accepted.

Source: design "Directives and programmes", §4 (``row.cells`` repeats a merged cell: read ``w:tc`` and ``gridSpan``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from mehvar.directives.extraction.limits import Limits
from mehvar.directives.extraction.readers.archive import Archive
from mehvar.directives.extraction.readers.blocks import BlockList, Row
from mehvar.directives.extraction.readers.word_numbering import Numbering, W, read_numbering

_SKIPPED = {
    f"{W}del",
    f"{W}moveFrom",
    f"{W}instrText",
    f"{W}delText",
    f"{W}footnoteReference",
    f"{W}pict",
    f"{W}object",
}
_MARKUP = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_HEADING_NAME = re.compile(r"heading\s*([1-9])", re.IGNORECASE)
_HEADING_ID = re.compile(r"heading([1-9])", re.IGNORECASE)
_COLUMNS_MAX = 63
_DEPTH_MAX = 40


def read(data: bytes, limits: Limits) -> BlockList:
    """Read a Word document into blocks.

    Raises:
        InputError: The document is broken, encrypted or holds macros.
        LimitExceeded: It unpacks to more than allowed or has too many rows.
    """
    archive = Archive(data, limits)
    root = archive.xml("word/document.xml")
    styles = archive.xml("word/styles.xml")
    numbering = read_numbering(archive.xml("word/numbering.xml"), styles)
    reader = _WordReader(limits, numbering, _heading_styles(styles))
    body = None if root is None else root.find(f"{W}body")
    if body is not None:
        reader.container(body)
    return reader.blocks


def _heading_styles(styles: etree._Element | None) -> dict[str, int]:
    """Give the outline level of each heading style."""
    found: dict[str, int] = {}
    if styles is None:
        return found
    for style in styles.iter(f"{W}style"):
        identity = style.get(f"{W}styleId", "")
        name = style.find(f"{W}name")
        match = _HEADING_NAME.match(name.get(f"{W}val", "") if name is not None else "")
        outline = style.find(f"{W}pPr/{W}outlineLvl")
        level = outline.get(f"{W}val", "") if outline is not None else ""
        if match:
            found[identity] = int(match[1])
        elif level.isdigit() and int(level) < 9:  # noqa: PLR2004
            found[identity] = int(level) + 1
    return found


class _WordReader:
    """Walk over the body of a document."""

    def __init__(self, limits: Limits, numbering: Numbering, headings: dict[str, int]) -> None:
        """Begin with no blocks."""
        self.blocks = BlockList(limits)
        self.numbering = numbering
        self.headings = headings

    def container(self, element: etree._Element, depth: int = 0) -> None:
        """Read the paragraphs and tables of a body, a content control or a text box."""
        if depth > _DEPTH_MAX:
            return
        for child in element:
            if child.tag == f"{W}p":
                self.paragraph(child)
            elif child.tag == f"{W}tbl":
                self.table(child)
            elif child.tag in {
                f"{W}sdt",
                f"{W}sdtContent",
                f"{W}ins",
                f"{W}smartTag",
                f"{W}customXml",
                f"{W}moveTo",
            }:
                self.container(child, depth + 1)

    def paragraph(self, element: etree._Element) -> None:
        """Add one paragraph with its automatic number in front."""
        text = _text(element)
        style = _style(element)
        if not text.strip():
            return
        number = self.numbering.number_of(element, style)
        level = self.headings.get(style or "")
        if level is None:
            match = _HEADING_ID.match(style or "")
            level = int(match[1]) if match else None
        for index, line in enumerate(part for part in text.split("\n") if part.strip()):
            lead = f"{number} " if number and index == 0 else ""
            self.blocks.paragraph(lead + line, level=level, number=number or None if index == 0 else None)

    def table(self, element: etree._Element) -> None:
        """Add one table; a cell merged downwards is repeated in every row that it covers."""
        rows: list[Row] = []
        above: dict[int, str] = {}
        for index, row in enumerate(_rows(element)):
            if index % 200 == 0:
                self.blocks.check_time()
            rows.append(self._row(row, above))
        self.blocks.table(rows)

    def _row(self, element: etree._Element, above: dict[int, str]) -> Row:
        """Read one row on the grid; ``above`` holds the open cell that is merged downwards in each column."""
        cells: list[str] = []
        spans: list[int] = []
        carried: list[int] = []
        skipped = _number(element.find(f"{W}trPr/{W}gridBefore"), 0)
        cells += [""] * skipped
        spans += [1] * skipped
        for cell in _cells(element):
            width = min(_number(cell.find(f"{W}tcPr/{W}gridSpan"), 1), _COLUMNS_MAX)
            column = len(cells)
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            text = self._cell_text(cell)
            if merge is not None and merge.get(f"{W}val", "continue") != "restart":
                text = text.strip() or above.get(column, "")
                carried.append(column)
            elif merge is not None:
                above[column] = text
            else:
                above.pop(column, None)
            cells += [text, *[""] * (width - 1)]
            spans += [width, *[0] * (width - 1)]
            if len(cells) > _COLUMNS_MAX:
                break
        header = element.find(f"{W}trPr/{W}tblHeader")
        is_header = header is not None and header.get(f"{W}val", "1") not in {"0", "false"}
        return Row(cells, spans, carried, is_header=is_header)

    def _cell_text(self, cell: etree._Element) -> str:
        """Give the text of a cell: one line per paragraph, automatic numbers in front; inner tables flattened."""
        lines: list[str] = []
        for paragraph in cell.iter(f"{W}p"):
            text = _text(paragraph)
            number = self.numbering.number_of(paragraph, _style(paragraph))
            line = f"{number} {text}".strip() if number else text
            if line.strip():
                lines.append(line)
        return "\n".join(lines)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """Give the rows of a table, those in content controls included, deleted ones not."""
    for child in table:
        if child.tag == f"{W}tr":
            if child.find(f"{W}trPr/{W}del") is None:
                yield child
        elif child.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"}:
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    """Give the cells of a row, those in content controls included."""
    for child in row:
        if child.tag == f"{W}tc":
            yield child
        elif child.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}customXml"}:
            yield from _cells(child)


def _number(element: etree._Element | None, default: int) -> int:
    """Give the positive whole number of an element's value."""
    value = "" if element is None else element.get(f"{W}val", "")
    return max(int(value), default) if value.isdigit() and len(value) < 4 else default  # noqa: PLR2004


def _style(paragraph: etree._Element) -> str | None:
    """Give the style's identity of a paragraph."""
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return None if style is None else style.get(f"{W}val")


def _text(paragraph: etree._Element) -> str:
    """Give the text of a paragraph as it stands when all changes are accepted."""
    parts: list[str] = []
    _collect(paragraph, parts, 0)
    return "".join(parts)


def _collect(element: etree._Element, parts: list[str], depth: int) -> None:
    """Collect the text below an element."""
    if depth > _DEPTH_MAX:
        return
    for child in element:
        tag = child.tag
        if tag in _SKIPPED or tag == f"{_MARKUP}Fallback":
            continue
        if tag == f"{W}t":
            parts.append(child.text or "")
        elif tag in {f"{W}tab", f"{W}ptab"}:
            parts.append(" ")
        elif tag in {f"{W}br", f"{W}cr"}:
            parts.append("\n" if child.get(f"{W}type") not in {"page", "column"} else " ")
        elif tag == f"{W}noBreakHyphen":
            parts.append("-")
        elif tag not in {f"{W}pPr", f"{W}rPr", f"{W}tbl"}:
            _collect(child, parts, depth + 1)
