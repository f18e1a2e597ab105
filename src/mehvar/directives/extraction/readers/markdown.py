"""Read Markdown: headings, paragraphs and pipe tables, page-break scars included."""

from __future__ import annotations

import re

from mehvar.directives.extraction.limits import Limits
from mehvar.directives.extraction.readers.blocks import BlockList, Row, joined_lines, without_emphasis

_RULE = re.compile(r"^\s*\|?(?=[^\n]*--|[^\n]*:-|[^\n]*-:)\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BAR = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_WRAPPED = re.compile(r"^([*_]{1,2})(?=\S)(.*\S)\1$")
_INDENTED = re.compile(r"\s*(?:\t|&nbsp;)")


def read(text: str, limits: Limits) -> BlockList:
    """Read a Markdown text into blocks."""
    blocks = BlockList(limits)
    paragraph: list[str] = []
    table: list[Row] = []
    for line in [*text.splitlines(), ""]:
        is_row = line.lstrip().startswith("|") and line.count("|") > 1
        if not is_row and table:
            blocks.table(table)
            table = []
        if is_row or _HEADING.match(line) or not line.strip():
            _flush(blocks, paragraph)
        if is_row:
            _row(line, table)
        elif heading := _HEADING.match(line):
            blocks.paragraph(_plain(heading[2]), level=len(heading[1]))
        elif line.strip() and not _RULE.match(line):
            paragraph.append(_plain(line))
    return blocks


def _flush(blocks: BlockList, paragraph: list[str]) -> None:
    """Add the lines collected so far as paragraphs."""
    for line in joined_lines(paragraph):
        blocks.paragraph(line)
    paragraph.clear()


def _row(line: str, table: list[Row]) -> None:
    """Add a table row; the rule under the header marks the header."""
    if _RULE.match(line):
        if len(table) == 1:
            table[0].is_header = True
        return
    body = line.strip()
    body = body.removeprefix("|")
    cells = _BAR.split(body[:-1] if body.endswith("|") and not body.endswith("\\|") else body)
    table.append(Row([_plain(cell.replace("\\|", "|")) for cell in cells]))


def _plain(text: str) -> str:
    """Remove marks of Markdown from a text."""
    tidy = without_emphasis(_INDENTED.sub(" ", _BREAK.sub("\n", text)).strip()).strip()
    wrapped = _WRAPPED.match(tidy)
    return wrapped[2] if wrapped else tidy
