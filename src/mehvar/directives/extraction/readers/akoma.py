"""Read Akoma Ntoso XML: provisions with their numbers, and the tables inside them.

Source: design "Directives and programmes", §5; issue "the house", point 8.
"""

from __future__ import annotations

from lxml import etree

from mehvar.directives.extraction.limits import Limits
from mehvar.directives.extraction.readers.archive import parsed_xml
from mehvar.directives.extraction.readers.blocks import BlockList, Row
from mehvar.directives.extraction.readers.web import laid_rows

_SKIPPED = {"meta", "authorialNote", "noteRef", "remark"}
_HIERARCHY = {
    "part", "chapter", "section", "subsection", "article", "paragraph", "subparagraph", "clause", "subclause", "point", "indent", "title",
    "book", "tome", "division", "list", "hcontainer", "item", "alinea", "level", "tblock", "rule", "subrule", "proviso",
}  # fmt: skip
_TEXT_BLOCKS = {
    "p",
    "docTitle",
    "docNumber",
    "docDate",
    "block",
    "longTitle",
    "li",
    "blockContainer",
    "heading",
    "crossHeading",
}
_DEPTH_MAX = 100


def read(data: bytes, limits: Limits) -> BlockList:
    """Read an Akoma Ntoso document into blocks.

    Raises:
        InputError: The XML is broken.
    """
    root = parsed_xml(data)
    blocks = BlockList(limits)
    _walk(root, blocks, 0)
    return blocks


def _name(element: etree._Element) -> str:
    """Give an element's name without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _walk(element: etree._Element, blocks: BlockList, depth: int) -> None:
    """Read an element and what is below it."""
    if depth > _DEPTH_MAX:
        return
    name = _name(element)
    if name in _SKIPPED or not name:
        return
    if name == "table":
        _table(element, blocks)
    elif name in _HIERARCHY:
        _provision(element, blocks, depth)
    elif name in _TEXT_BLOCKS:
        blocks.paragraph(_text(element))
    else:
        for child in element:
            _walk(child, blocks, depth + 1)


def _provision(element: etree._Element, blocks: BlockList, depth: int) -> None:
    """Read a numbered provision: its number stands before its heading or its first text."""
    lead = ""
    heading = ""
    rest: list[etree._Element] = []
    for child in element:
        name = _name(child)
        if name == "num":
            lead = _text(child)
        elif name in {"heading", "subheading"}:
            heading = f"{heading} {_text(child)}".strip()
        else:
            rest.append(child)
    lead = lead if not lead or not lead[-1].isalnum() else f"{lead}."
    if heading or not rest:
        blocks.paragraph(f"{lead} {heading}".strip(), number=lead or None)
        lead = ""
    for child in rest:
        if lead:
            lead = _with_lead(child, blocks, lead, depth)
        else:
            _walk(child, blocks, depth + 1)


def _with_lead(element: etree._Element, blocks: BlockList, lead: str, depth: int) -> str:
    """Put the number before the first text of an element; give the number back while it is not placed."""
    name = _name(element)
    if name in _SKIPPED or not name or depth > _DEPTH_MAX:
        return lead
    if name == "table" or name in _HIERARCHY:
        blocks.paragraph(lead, number=lead)
        _walk(element, blocks, depth + 1)
        return ""
    if name in _TEXT_BLOCKS:
        blocks.paragraph(f"{lead} {_text(element)}", number=lead)
        return ""
    for child in element:
        if lead:
            lead = _with_lead(child, blocks, lead, depth + 1)
        else:
            _walk(child, blocks, depth + 1)
    return lead


def _text(element: etree._Element) -> str:
    """Give all text of an element on one line, notes left out."""
    parts: list[str] = [element.text or ""]
    for child in element:
        if _name(child) not in _SKIPPED:
            parts.append(_text(child))
        parts.append(child.tail or "")
    return " ".join("".join(parts).split())


def _table(element: etree._Element, blocks: BlockList) -> None:
    """Read a table; its cells are named as in web pages, in the document's own namespace."""
    for item in element.iter():
        if isinstance(item.tag, str):
            item.tag = _name(item)
    rows: list[Row] = list(laid_rows(element, blocks))
    blocks.table(rows)
