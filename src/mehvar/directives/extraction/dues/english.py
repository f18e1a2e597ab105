"""Read English deadlines: "by 30 June 2025", "Q2 2025", "within six months of promulgation", "ongoing".

Source: issue "the house", point 8.
"""

from __future__ import annotations

import re

from mehvar.directives.extraction.dues.reading import (
    NEARLY_SURE,
    Counting,
    DueContext,
    Found,
    Language,
    after_event,
    compiled,
    day_in_figures,
    day_in_words,
    event_in,
    one_of,
    onwards_from_year,
    part_of_year,
    recurrence,
    single_day,
    span_of_years,
    unclear,
    wrapped,
)
from mehvar.directives.extraction.model import DueKind

_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
_MONTHS = (
    {name: index for index, name in enumerate(_NAMES, start=1)}
    | {name[:3]: index for index, name in enumerate(_NAMES, start=1)}
    | {"sept": 9}
)
_MONTH = rf"(?P<month>{one_of(_MONTHS)})\.?"
_YEAR = r"(?P<y>(?:1[34]|19|20|21)\d\d)"
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fifteen": 15, "eighteen": 18, "twenty": 20, "thirty": 30, "forty-five": 45, "sixty": 60, "ninety": 90,
    "a": 1, "an": 1,
}  # fmt: skip
_COUNT = rf"(?P<count>\d{{1,3}}|{one_of(_NUMBERS)})"
_UNIT = r"(?P<unit>day|week|month|quarter|year)s?"
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_ORDINAL = rf"(?P<part>{'|'.join(_ORDINALS)})"
_UNITS = {"day": "D", "week": "W", "month": "M", "quarter": "M", "year": "Y"}


def _ordinal(match: re.Match[str]) -> int:
    """Read which quarter or half it is, in figures or words."""
    return int(match["figure"]) if match["figure"] else _ORDINALS[match["part"]]


_MONTH_OF_YEAR = part_of_year(DueKind.MONTH, lambda match: _MONTHS[match["month"]])
_QUARTER = part_of_year(DueKind.QUARTER, _ordinal)
_HALF = part_of_year(DueKind.HALF, _ordinal)
_DAY_IN_WORDS = day_in_words(_MONTHS)


def _day(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "30/06/2025"; where day and month could be exchanged the reading is a doubt."""
    day, month = int(match["d"]), int(match["m"])
    if month > 12 >= day:  # noqa: PLR2004
        return wrapped(match, single_day(int(match["y"]), day, month), NEARLY_SURE)
    due = single_day(int(match["y"]), month, day)
    can_be_exchanged = day <= 12 and day != month  # noqa: PLR2004
    return unclear(match, due) if can_be_exchanged else wrapped(match, due)


def _event(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "after approval of …"."""
    return after_event(match, "other", context.calendar)


_EVENTS = (
    (r"promulgat|adopt|issuance|issue\b|date of issue|publication|signature|signing|signed|date of this|this (directive|decision|resolution|plan)", "promulgation"),
    (r"session|meeting|approval", "session"),
    (r"effect|force", "effective"),
)  # fmt: skip
_COUNTING = Counting(
    numbers=_NUMBERS, units=_UNITS, quarter="quarter", event=lambda text: event_in(text, _EVENTS)
)
_PATTERNS = compiled(
    (rf"\b(?:every|each)\s+(?:{_COUNT}\s+)?{_UNIT}\b", _COUNTING.every),
    (rf"\b(?:within|in|not later than|no later than)\s+(?:the\s+)?(?:next\s+)?{_COUNT}\s+(?P<working>working |business )?{_UNIT}\b(?:\s+(?:of|from|after|following)\s+(?P<anchor>(?:(?!\s+and\s)[^,.;]){{0,60}}))?", _COUNTING.within),
    (rf"\b{_COUNT}\s+(?P<working>working |business )?{_UNIT}\s+(?:of|from|after|following)\s+(?P<anchor>(?:(?!\s+and\s)[^,.;]){{0,60}})", _COUNTING.within),
    (r"(?P<y>(?:1[34]|20)\d\d)[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})", day_in_figures),
    (r"(?<!\d)(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>(?:1[34]|20)\d\d)", _day),
    (rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}", _DAY_IN_WORDS),
    (rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}", _DAY_IN_WORDS),
    (rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?P<y>)", _DAY_IN_WORDS),
    (rf"\b(?:q\s?(?P<figure>[1-4])|{_ORDINAL}\s+quarter)\s*(?:of\s+|/|-|,)?\s*{_YEAR}", _QUARTER),
    (rf"\b(?:h\s?(?P<figure>[12])|{_ORDINAL}\s+half)\s*(?:of\s+|/|-|,)?\s*{_YEAR}", _HALF),
    (r"\b(?:q\s?(?P<figure>[1-4])|(?P<part>first|second|third|fourth)\s+quarter)\b(?P<y>)", _QUARTER),
    (rf"\b{_MONTH}\s*,?\s*{_YEAR}", _MONTH_OF_YEAR),
    (r"(?<!\d)(?P<m>\d{1,2})\s*/\s*(?P<y>20\d\d)", part_of_year(DueKind.MONTH, lambda match: int(match["m"]))),
    (rf"\b(?:by|until|before|in|end of|during)\s+(?:the end of\s+)?{_MONTH}\b(?P<y>)", _MONTH_OF_YEAR),
    (r"\b(?P<a>20\d\d)\s*(?:-|to|and|until|through)\s*(?P<b>20\d\d)", span_of_years),
    (rf"\b(?:from|since|starting)\s+{_YEAR}(?:\s+on(?:wards?)?)?|\b(?P<y2>20\d\d)\s+onwards?", lambda match, context: onwards_from_year(match, context) if match["y"] else []),
    (rf"(?<![\d/-]){_YEAR}(?:\s+(?P<after>and (?:following|subsequent) years|onwards?))", onwards_from_year),
    (rf"(?<![\d/-]){_YEAR}(?![\d/])", part_of_year(DueKind.YEAR)),
    (r"\b(?:annual(?:ly)?|yearly)\b", recurrence(DueKind.RECURRING_YEARLY, "yearly")),
    (r"\bquarterly\b", recurrence(DueKind.RECURRING_QUARTERLY, "quarterly")),
    (r"\bmonthly\b", recurrence(DueKind.RECURRING_MONTHLY, "monthly")),
    (r"\bweekly\b", recurrence(DueKind.RECURRING, "weekly")),
    (r"\b(?:ongoing|on-going|continuous(?:ly)?|regular(?:ly)?|permanent(?:ly)?|routine|recurring|periodic(?:ally)?)\b", recurrence(DueKind.RECURRING, None)),
    (r"\b(?:after|upon|once|following)\s[^,.;]+", _event),
)  # fmt: skip

_FILLERS = re.compile(
    r"\b(?:by|the|end|of|in|on|before|until|no|not|later|than|during|at|latest|completed?|due|to|be|and|from|year|within|a|"
    r"calendar|target|date|q|for|submitted|finished|basis)\b|[\W_]+"
)
LANGUAGE = Language(_PATTERNS, _FILLERS)
