"""Read plain text: one paragraph per line, lines of a fixed width joined; tab-separated tables kept."""

from __future__ import annotations

from mehvar.directives.extraction.limits import Limits
from mehvar.directives.extraction.readers import markdown
from mehvar.directives.extraction.readers.blocks import BlockList, Row

_TABLE_TABS = 2
_PIPED_LINES = 3


def read(text: str, limits: Limits) -> BlockList:
    """Read a plain text into blocks."""
    lines = text.splitlines()
    if sum(line.lstrip().startswith("|") and line.count("|") > 2 for line in lines) >= _PIPED_LINES:  # noqa: PLR2004
        return markdown.read(text, limits)
    blocks = BlockList(limits)
    table: list[Row] = []
    paragraph: list[str] = []
    for line in [*lines, ""]:
        is_row = line.count("\t") >= _TABLE_TABS
        if table and not is_row:
            blocks.table(table)
            table = []
        if is_row:
            _flush(blocks, paragraph)
            table.append(Row(line.split("\t")))
        else:
            paragraph.append(line)
    _flush(blocks, paragraph)
    return blocks


def _flush(blocks: BlockList, paragraph: list[str]) -> None:
    """Add the lines collected so far."""
    blocks.lines("\n".join(paragraph))
    paragraph.clear()
