"""Read the parts of a written date. The door is ``calendars.parse_date``."""

from __future__ import annotations

import re
from functools import cache

from mehvar.kernel import text as texts
from mehvar.kernel.calendars import MONTHS_IN_YEAR, Calendar, month_name
from mehvar.kernel.errors import InputError, gettext_noop

Parts = tuple[int, int, int, Calendar | None]

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")
_SHORT_JALALI = re.compile(r"(\d{2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})")
_VIETNAMESE = re.compile(r"(\d{1,2}) thang (\d{1,2}|[a-z]+)(?: nam)? (\d{4})")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})(?:st|nd|rd|th|م|ام)? (?:of )?([^\d\s]+)(?: ماه)?(?: سال)? (\d{4})")
_MONTH_DAY_YEAR = re.compile(r"([a-z]+) (\d{1,2})(?:st|nd|rd|th)? (\d{4})")
_LEAD_WORD = (
    "(?:یک|دو|سه|چهار|پنج|شنبه|یکشنبه|دوشنبه|چهارشنبه|پنجشنبه|جمعه|روز|مورخ|در|تاریخ"
    "|thu|hai|ba|tu|nam|sau|bay|chu|nhat|ngay|on|the"
    "|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
)
_LEAD = re.compile(f"{_LEAD_WORD}(?: {_LEAD_WORD})*")
_WORD_BEFORE = re.compile(r"^(\D+?)[\s,،:]+(?=\S)")
_LARGEST_DAY = 31
_CENTURY = 1300
_OTHER_NAMES = {
    "امرداد": (5, Calendar.JALALI),
    "می": (5, Calendar.GREGORIAN),
    "جولای": (7, Calendar.GREGORIAN),
    "اگوست": (8, Calendar.GREGORIAN),
    "sept": (9, Calendar.GREGORIAN),
}


def parts(text: str, *, jalali: bool) -> Parts:
    """Return year, month, day and the calendar that the month's name tells (None for figures).

    Raises:
        InputError: ``text`` is not one date.
    """
    plain = texts.to_ascii_digits(text).strip()
    found = _figures(_without_lead(plain), jalali=jalali) or _words(
        _without_lead(texts.fold_for_search(plain))
    )
    if found is None:
        raise InputError(gettext_noop("“{text}” is not a date."), code="not-a-date", text=text)
    return found


def _without_lead(text: str) -> str:
    """Drop weekdays and words such as "ngày" or «مورخ» from the front."""
    match = _WORD_BEFORE.match(text)
    while match and _LEAD.fullmatch(texts.fold_for_search(match[1])):
        text = text[match.end() :]
        match = _WORD_BEFORE.match(text)
    return text


def _figures(text: str, *, jalali: bool) -> Parts | None:
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, match.groups())
        return year, month, day, None
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, match.groups())
        return year, month, day, None
    match = _SHORT_JALALI.fullmatch(text) if jalali else None
    if match and int(match[1]) > _LARGEST_DAY:
        return _CENTURY + int(match[1]), int(match[2]), int(match[3]), None
    return None


def _words(folded: str) -> Parts | None:
    if match := _VIETNAMESE.fullmatch(folded):
        return _named(match[3], match[2], match[1])
    if match := _DAY_MONTH_YEAR.fullmatch(folded):
        return _named(match[3], match[2], match[1])
    if match := _MONTH_DAY_YEAR.fullmatch(folded):
        return _named(match[3], match[1], match[2])
    return None


def _named(year: str, month: str, day: str) -> Parts | None:
    if month.isdigit():
        return int(year), int(month), int(day), None
    number, calendar = _names().get(month, (0, None))
    return (int(year), number, int(day), calendar) if number else None


@cache
def _names() -> dict[str, tuple[int, Calendar]]:
    """Return folded month names, and English three-letter ones, with their number and calendar."""
    names = dict(_OTHER_NAMES)
    for calendar in Calendar:
        for month in range(1, MONTHS_IN_YEAR + 1):
            english = texts.fold_for_search(month_name(month, calendar, "en"))
            names[texts.fold_for_search(month_name(month, calendar, "fa"))] = month, calendar
            names[english] = month, calendar
            names.setdefault(english[:3], (month, calendar))
    return names
