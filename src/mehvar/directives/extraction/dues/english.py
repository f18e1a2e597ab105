"""Read English deadlines: "by 30 June 2025", "Q2 2025", "within six months of promulgation", "ongoing".

Source: issue "the house", point 8.
"""

from __future__ import annotations

import re

from mehvar.directives.extraction.dues.reading import (
    DOUBTFUL,
    Counting,
    DueContext,
    Found,
    onwards_from_year,
    period,
    recurrence,
    scan,
    single_day,
    span_of_years,
    stated_year,
    wrapped,
)
from mehvar.directives.extraction.model import DueKind, ExtractedDue

_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
_MONTHS = (
    {name: index for index, name in enumerate(_NAMES, start=1)}
    | {name[:3]: index for index, name in enumerate(_NAMES, start=1)}
    | {"sept": 9}
)
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_YEAR = r"(?P<y>(?:1[34]|19|20|21)\d\d)"
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fifteen": 15, "eighteen": 18, "twenty": 20, "thirty": 30, "forty-five": 45, "sixty": 60, "ninety": 90,
    "a": 1, "an": 1,
}  # fmt: skip
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?P<unit>day|week|month|quarter|year)s?"
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_ORDINAL = rf"(?P<part>{'|'.join(_ORDINALS)})"
_UNITS = {"day": "D", "week": "W", "month": "M", "quarter": "M", "year": "Y"}


def _number(text: str) -> int:
    """Read a count in figures or words."""
    return int(text) if text.isdigit() else _NUMBERS[text]


def _part(match: re.Match[str], context: DueContext, kind: DueKind, part: int | None) -> list[Found]:
    """Make a period of the stated or the document's year."""
    year, confidence, doubts = stated_year(match.groupdict().get("y"), context)
    if year is None:
        return [
            Found(match.start(), match.end(), ExtractedDue("", DueKind.UNCLEAR), DOUBTFUL, ("unclear-due",))
        ]
    return wrapped(match.start(), match.end(), period(kind, year, part), confidence, *doubts)


def _worded_day(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "30 June 2025" and "June 30, 2025"."""
    year, confidence, doubts = stated_year(match["y"], context)
    if year is None:
        return []
    due = single_day(year, _MONTHS[match["month"]], int(match["d"]))
    return wrapped(match.start(), match.end(), due, confidence, *doubts)


def _day(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "30/06/2025"; where day and month could be exchanged the reading is a doubt."""
    day, month = int(match["d"]), int(match["m"])
    if month > 12 >= day:  # noqa: PLR2004
        day, month = month, day
        return wrapped(match.start(), match.end(), single_day(int(match["y"]), month, day), 0.9)
    doubtful = day <= 12 and day != month  # noqa: PLR2004
    due = single_day(int(match["y"]), month, day)
    if doubtful:
        return wrapped(match.start(), match.end(), due, DOUBTFUL, "unclear-due")
    return wrapped(match.start(), match.end(), due)


def _iso_day(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "2025-06-30"."""
    return wrapped(match.start(), match.end(), single_day(int(match["y"]), int(match["m"]), int(match["d"])))


def _month(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "June 2025"."""
    return _part(match, context, DueKind.MONTH, _MONTHS[match["month"]])


def _figure_month(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "06/2025"."""
    return _part(match, context, DueKind.MONTH, int(match["m"]))


def _quarter(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "Q2 2025", "second quarter of 2025"."""
    groups = match.groupdict()
    part = int(groups["q"]) if groups.get("q") else _ORDINALS[groups["part"] or ""]
    return _part(match, context, DueKind.QUARTER, part)


def _half(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "first half of 2025", "H1 2025"."""
    groups = match.groupdict()
    part = int(groups["h"]) if groups.get("h") else _ORDINALS[groups["part"] or ""]
    return _part(match, context, DueKind.HALF, part)


def _year(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "2025", "by the end of 2025"."""
    return _part(match, context, DueKind.YEAR, None)


def _anchor(text: str) -> tuple[str | None, bool]:
    """Name the event that a duration counts from."""
    if not text.strip():
        return None, True
    for shape, anchor in (
        (
            r"promulgat|adopt|issuance|issue\b|date of issue|publication|signature|signing|signed|date of this|this (directive|decision|resolution|plan)",
            "promulgation",
        ),
        (r"session|meeting|approval", "session"),
        (r"effect|force", "effective"),
    ):
        if re.search(shape, text):
            return anchor, True
    return "other", False


def _event(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "after approval of …": an event whose day is not known."""
    due = ExtractedDue("", DueKind.RELATIVE, anchor="other", calendar=str(context.calendar))
    return [Found(match.start(), match.end(), due, DOUBTFUL, ("unclear-due",))]


_COUNTING = Counting(number=_number, units=_UNITS, quarter="quarter", event=_anchor)
_PATTERNS = tuple(
    (re.compile(shape), reader)
    for shape, reader in (
        (rf"\b(?:every|each)\s+(?:{_COUNT}\s+)?{_UNIT}\b", _COUNTING.every),
        (rf"\b(?:within|in|not later than|no later than)\s+(?:the\s+)?(?:next\s+)?{_COUNT}\s+(?P<working>working |business )?{_UNIT}\b(?:\s+(?:of|from|after|following)\s+(?P<anchor>(?:(?!\s+and\s)[^,.;]){{0,60}}))?", _COUNTING.within),
        (rf"\b{_COUNT}\s+(?P<working>working |business )?{_UNIT}\s+(?:of|from|after|following)\s+(?P<anchor>(?:(?!\s+and\s)[^,.;]){{0,60}})", _COUNTING.within),
        (r"(?P<y>(?:1[34]|20)\d\d)[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})", _iso_day),
        (r"(?<!\d)(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>(?:1[34]|20)\d\d)", _day),
        (rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}", _worded_day),
        (rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}", _worded_day),
        (rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?P<y>)", _worded_day),
        (rf"\b(?:q\s?(?P<q>[1-4])|{_ORDINAL}\s+quarter)\s*(?:of\s+|/|-|,)?\s*{_YEAR}", _quarter),
        (rf"\b(?:h\s?(?P<h>[12])|{_ORDINAL}\s+half)\s*(?:of\s+|/|-|,)?\s*{_YEAR}", _half),
        (r"\b(?:q\s?(?P<q>[1-4])|(?P<part>first|second|third|fourth)\s+quarter)\b(?P<y>)", _quarter),
        (rf"\b{_MONTH}\s*,?\s*{_YEAR}", _month),
        (r"(?<!\d)(?P<m>\d{1,2})\s*/\s*(?P<y>20\d\d)", _figure_month),
        (rf"\b(?:by|until|before|in|end of|during)\s+(?:the end of\s+)?{_MONTH}\b(?P<y>)", _month),
        (r"\b(?P<a>20\d\d)\s*(?:-|to|and|until|through)\s*(?P<b>20\d\d)", span_of_years),
        (rf"\b(?:from|since|starting)\s+{_YEAR}(?:\s+on(?:wards?)?)?|\b(?P<y2>20\d\d)\s+onwards?", lambda m, c: onwards_from_year(m, c) if m["y"] else []),
        (rf"(?<![\d/-]){_YEAR}(?:\s+(?P<after>and (?:following|subsequent) years|onwards?))", onwards_from_year),
        (rf"(?<![\d/-]){_YEAR}(?![\d/])", _year),
        (r"\b(?:annual(?:ly)?|yearly)\b", recurrence(DueKind.RECURRING_YEARLY, "yearly")),
        (r"\bquarterly\b", recurrence(DueKind.RECURRING_QUARTERLY, "quarterly")),
        (r"\bmonthly\b", recurrence(DueKind.RECURRING_MONTHLY, "monthly")),
        (r"\bweekly\b", recurrence(DueKind.RECURRING, "weekly")),
        (r"\b(?:ongoing|on-going|continuous(?:ly)?|regular(?:ly)?|permanent(?:ly)?|routine|recurring|periodic(?:ally)?)\b", recurrence(DueKind.RECURRING, None)),
        (r"\b(?:after|upon|once|following)\s[^,.;]+", _event),
    )
)  # fmt: skip

FILLERS = re.compile(
    r"\b(?:by|the|end|of|in|on|before|until|no|not|later|than|during|at|latest|completed?|due|to|be|and|from|year|within|a|"
    r"calendar|target|date|q|for|submitted|finished|basis)\b|[\W_]+"
)
"""Words around a deadline that do not change it."""


def find(text: str, context: DueContext) -> list[Found]:
    """Find every deadline in a folded text, in order, none overlapping another."""
    return scan(text, context, _PATTERNS)
