"""Join the lines of a PDF into paragraphs and cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mehvar.directives.extraction.numbering import begins_line

Box = tuple[float, float, float, float]
Line = tuple[Box, str]

_BULLET = re.compile(r"^\s*(?:[-–—•+▪*]\s|\d{1,2}[.)]\s|[a-zđ]\)\s)")
_GAP_SHARE = 0.75
_SHORT_SHARE = 0.82


def join_lines(lines: Sequence[str]) -> str:
    """Join the lines of a cell: a bullet or a label begins a new line, anything else carries on."""
    joined = ""
    for line in lines:
        tidy = line.strip()
        if not joined:
            joined = tidy
        elif _BULLET.match(tidy) or re.match(r"^(?:chủ trì|phối hợp|مسئول|همکار)\s*:", tidy, re.IGNORECASE):
            joined += "\n" + tidy
        elif joined.endswith("-") and not joined.endswith(" -"):
            joined += tidy
        else:
            joined += " " + tidy
    return joined


def paragraphs(lines: Sequence[Line]) -> list[str]:
    """Join lines into paragraphs by numbers, gaps and the length of the line before."""
    found: list[str] = []
    previous: Box | None = None
    width = max((box[2] - box[0] for box, _ in lines), default=0.0)
    for box, text in lines:
        line = text.replace("\n", " ").strip()
        if found and previous is not None and not _begins(found[-1], line, previous, box, width):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
        previous = box
    return found


def _begins(before: str, line: str, previous: Box, box: Box, width: float) -> bool:
    """Tell whether a line begins a paragraph."""
    if begins_line(line):
        return True
    height = previous[3] - previous[1]
    turned_page = box[1] < previous[1]
    if not turned_page and box[1] - previous[3] > max(height, 6.0) * _GAP_SHARE:
        return True
    is_short = previous[2] - previous[0] < width * _SHORT_SHARE
    ends = bool(re.search(r"[.;:!؟؛]\s*$", before))
    if line[0].islower() and not ends:
        return False
    return ends or is_short
