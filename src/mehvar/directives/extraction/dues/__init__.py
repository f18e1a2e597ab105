"""Read deadlines in Vietnamese, Persian and English: whole cells, and phrases inside prose.

Source: issue "the house", point 8.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mehvar.directives.extraction.dues.languages import language_of
from mehvar.directives.extraction.dues.prose import find_in_prose
from mehvar.directives.extraction.dues.reading import DueContext, DueReading, Found, choose, folded
from mehvar.directives.extraction.model import NO_DUE

__all__ = ["DueContext", "DueReading", "find_in_prose", "is_due", "read_due"]

_NOTHING = re.compile(r"^[\s\-–—_.…*/xX]*$|^(?:n/?a|không|none|ندارد|نامشخص)$", re.IGNORECASE)


def read_due(raw: str, context: DueContext) -> DueReading:
    """Read a deadline cell; whatever words stay unread make it a doubt."""
    text = " ".join(raw.split())
    if _NOTHING.match(text):
        return DueReading(NO_DUE)
    language = language_of(context)
    plain = folded(text)
    found = language.find(plain, context)
    rest = plain
    for item in reversed(found):
        rest = rest[: item.start] + " " + rest[item.end :]
    rest = language.fillers.sub(" ", rest).strip()
    reading = choose(text, found, rest, context)
    if found and _is_mixed(found):
        reading = replace(reading, doubts=tuple(dict.fromkeys((*reading.doubts, "several-dates"))))
    return reading


def _is_mixed(found: list[Found]) -> bool:
    """Tell whether a fixed day and a recurrence stand in one cell."""
    kinds = {str(item.due.kind).startswith("recurring") for item in found}
    return len(kinds) > 1


def is_due(text: str, context: DueContext) -> bool:
    """Tell whether a text is a deadline (to recognise a column by its content)."""
    if not text.strip() or len(text) > 80:  # noqa: PLR2004
        return False
    return "unclear-due" not in read_due(text, context).doubts
