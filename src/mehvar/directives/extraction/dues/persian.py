"""Read Persian deadlines, most of them relative, in the Jalali calendar.

Source: design "Directives and programmes", §1 (Iran); shared facts of Iranian resolutions.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from mehvar.directives.extraction.dues.reading import (
    UNKNOWN,
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
    recurring,
    span_of_years,
    wrapped,
)
from mehvar.directives.extraction.model import DueKind
from mehvar.kernel.calendars import Calendar

_MONTHS = {
    "فروردین": 1, "اردیبهشت": 2, "خرداد": 3, "تیر": 4, "مرداد": 5, "امرداد": 5, "شهریور": 6, "مهر": 7, "ابان": 8,
    "اذر": 9, "دی": 10, "بهمن": 11, "اسفند": 12,
}  # fmt: skip
_NUMBERS = {
    "یک": 1, "دو": 2, "سه": 3, "چهار": 4, "پنج": 5, "شش": 6, "هفت": 7, "هشت": 8, "نه": 9, "ده": 10, "پانزده": 15,
    "بیست": 20, "سی": 30, "چهل و پنج": 45, "چهل": 40, "پنجاه": 50, "شصت": 60, "نود": 90, "دوازده": 12, "هجده": 18, "یازده": 11,
    "بیست و چهار": 24, "صد و بیست": 120,
}  # fmt: skip
_ORDINALS = {"اول": 1, "نخست": 1, "یکم": 1, "دوم": 2, "سوم": 3, "چهارم": 4}
_UNITS = {"روز": "D", "هفته": "W", "ماه": "M", "سال": "Y", "فصل": "M"}
_COUNT = rf"(?P<count>\d{{1,3}}|{one_of(_NUMBERS).replace(' و ', ' ?و ?')})"
_UNIT = r"(?P<unit>روز|هفته|ماه|سال|فصل)"
_MONTH = rf"(?P<month>{one_of(_MONTHS)})"
_YEAR = r"(?P<y>1[34]\d\d)"
_ORDINAL = rf"(?P<part>{'|'.join(_ORDINALS)}|[1-4])"
_QUARTER = r"(?:سه ?ماهه?|فصل)"
_HALF = r"(?:نیمه|نیمسال|نیم سال|شش ?ماهه?|6 ?ماهه?)"
_SEASONS = {"بهار": 1, "تابستان": 2, "پاییز": 3, "زمستان": 4}


def _ordinal(match: re.Match[str]) -> int:
    """Read which quarter or half it is, in figures or words."""
    return int(match["part"]) if match["part"].isdigit() else _ORDINALS[match["part"]]


_PART_OF_YEAR = partial(
    part_of_year,
    this_year="جاری|امسال",
    unknown=replace(UNKNOWN, anchor="promulgation", calendar=str(Calendar.JALALI)),
)
_MONTH_OF_YEAR = _PART_OF_YEAR(DueKind.MONTH, lambda match: _MONTHS[match["month"]])
_QUARTER_OF_YEAR = _PART_OF_YEAR(DueKind.QUARTER, _ordinal)
_SEASON_OF_YEAR = _PART_OF_YEAR(DueKind.QUARTER, lambda match: _SEASONS[match["season"]])
_HALF_OF_YEAR = _PART_OF_YEAR(DueKind.HALF, _ordinal)
_WHOLE_YEAR = _PART_OF_YEAR(DueKind.YEAR)
_DAY_IN_WORDS = day_in_words(_MONTHS)


def _anchor(text: str) -> tuple[str | None, bool]:
    """Name the event that a duration counts from; one of another document's is not known."""
    text = re.split(r"\s(?:نسبت|برای|جهت|اقدام|را|گزارش|با|به)\s", text)[0]
    foreign = re.search(r"(قانون|ایین نامه|طرح|قرارداد|پروژه|دستورالعمل|استاندارد)", text)
    if foreign and not re.search(r"\bاین\b", text):
        return "other", False
    return event_in(text, _EVENTS)


def _event(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "پس از تصویب …", «تا جلسه بعد»."""
    return after_event(match, "session" if "جلسه" in match.group() else "other", Calendar.JALALI)


def _named_recurrence(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "ماهانه", "سالانه", "مستمر"."""
    word = match.group()
    found = ((kind, name) for shape, kind, name in _RHYTHMS if re.search(shape, word))
    kind, name = next(found, (DueKind.RECURRING, None))
    return wrapped(match, recurring(kind, name, context))


_EVENTS = (
    (r"ابلاغ|صدور", "promulgation"),
    (r"تصویب|جلسه|برگزاری", "session"),
    (r"لازم ?الاجرا", "effective"),
    (r"امضا", "signing"),
)
_RHYTHMS = (
    (r"ماهانه|ماهیانه", DueKind.RECURRING_MONTHLY, "monthly"),
    (r"فصلی|سه ?ماهه", DueKind.RECURRING_QUARTERLY, "quarterly"),
    (r"سالانه|سالیانه|همه ?ساله|هر ?ساله", DueKind.RECURRING_YEARLY, "yearly"),
    (r"هفتگی", DueKind.RECURRING, "weekly"),
    (r"روزانه", DueKind.RECURRING, "daily"),
)
_WITHIN = r"(?:حداکثر\s+)?(?:در\s+)?(?:ظرف|طی|مدت|طول)(?:\s+(?:مدت|مهلت|حداکثر))*|حداکثر(?:\s+تا)?|تا|در مدت|مهلت|به مدت"
_FROM = r"(?:\s*(?:پس|بعد)?\s*از\s+(?P<anchor>[^،,.;]{0,60}))?"
_COUNTING = Counting(numbers=_NUMBERS, units=_UNITS, quarter="فصل", event=_anchor)
_PATTERNS = compiled(
    (rf"هر\s+(?:{_COUNT}\s*)?{_UNIT}\s*(?:یک ?بار|1 ?بار|یکبار)?", _COUNTING.every),
    (r"(?P<y>1[34]\d\d)\s*[/.-]\s*(?P<m>\d{1,2})\s*[/.-]\s*(?P<d>\d{1,2})", day_in_figures),
    (rf"(?P<d>\d{{1,2}})\s*[/.-]\s*(?P<m>\d{{1,2}})\s*[/.-]\s*{_YEAR}", day_in_figures),
    (rf"(?P<d>\d{{1,2}})\s*(?:ام|م)?\s+{_MONTH}(?:\s*ماه)?(?:\s+سال)?\s*{_YEAR}", _DAY_IN_WORDS),
    (rf"(?P<d>\d{{1,2}})\s*(?:ام|م)?\s+{_MONTH}(?:\s*ماه)?\b(?P<y>)", _DAY_IN_WORDS),
    (rf"{_QUARTER}\s+{_ORDINAL}(?:\s+سال)?\s*{_YEAR}", _QUARTER_OF_YEAR),
    (rf"{_HALF}\s+{_ORDINAL}(?:\s+سال)?\s*{_YEAR}", _HALF_OF_YEAR),
    (rf"{_QUARTER}\s+{_ORDINAL}(?:\s+سال(?:\s+جاری)?)?(?P<y>)(?!\s*\d)", _QUARTER_OF_YEAR),
    (rf"{_HALF}\s+{_ORDINAL}(?:\s+سال(?:\s+جاری)?)?(?P<y>)(?!\s*\d)", _HALF_OF_YEAR),
    (r"\b(?P<season>بهار|تابستان|پاییز|زمستان)(?:\s+سال)?\s*(?P<y>1[34]\d\d)?", _SEASON_OF_YEAR),
    (rf"(?:{_WITHIN})\s+{_COUNT}\s*{_UNIT}(?P<working>\s*کاری)?{_FROM}", _COUNTING.within),
    (rf"\b{_COUNT}\s*{_UNIT}(?P<working>\s*کاری)?\s+(?:پس|بعد)?\s*از\s+(?P<anchor>[^،,.;]{{0,60}})", _COUNTING.within),
    (rf"^{_COUNT}\s*{_UNIT}(?P<working>\s*کاری)?(?P<anchor>)$", _COUNTING.within),
    (rf"\b{_MONTH}(?:\s*ماه)?(?:\s+سال)?\s*{_YEAR}", _MONTH_OF_YEAR),
    (r"(?P<a>1[34]\d\d)\s*(?:-|تا|الی|لغایت)\s*(?:پایان\s+)?(?:سال\s+)?(?P<b>1[34]\d\d)", span_of_years),
    (rf"(?:از\s+)(?:ابتدای\s+)?(?:سال\s+)?{_YEAR}(?:\s*(?:به بعد|و سال ?های بعد))?", onwards_from_year),
    (rf"(?:سال\s+)?{_YEAR}\s+(?:به بعد|و سال ?های (?:بعد|اتی|اینده))", onwards_from_year),
    (rf"\b(?:سال\s+)?{_YEAR}(?![\d/])", _WHOLE_YEAR),
    (rf"(?:پایان|اخر|اواخر|انتهای|تا|نیمه|ابتدای|اوایل)\s+{_MONTH}(?:\s*ماه)?(?:\s+سال جاری|\s+امسال)?(?P<y>)\b", _MONTH_OF_YEAR),
    (rf"^{_MONTH}(?:\s*ماه)?(?P<y>)$", _MONTH_OF_YEAR),
    (r"(?:پایان|اخر|انتهای)\s+(?:ان\s+)?سال(?:\s+جاری)?(?P<y>)|سال جاری", _WHOLE_YEAR),
    (r"(?:پس|بعد|قبل) از [^،,.;]+|(?:تا )?جلسه (?:بعد|اتی|اینده)[^،,.;]*|همزمان با [^،,.;]+", _event),
    (r"به ?(?:صورت|طور|شکل) ?(?:مستمر|ماهانه|ماهیانه|سالانه|سالیانه|فصلی|هفتگی|روزانه|دوره ?ای|سه ?ماهه|مداوم|پیوسته)", _named_recurrence),
    (r"مستمر(?:ا)?|دائمی|دایمی|مداوم|همواره|ماهانه|ماهیانه|سالانه|سالیانه|همه ?ساله|هر ?ساله|فصلی|هفتگی|روزانه|دوره ?ای", _named_recurrence),
)  # fmt: skip

_FILLERS = re.compile(
    r"\b(?:تا|حداکثر|پایان|اخر|اواخر|انتهای|ابتدای|ظرف|مدت|مهلت|تاریخ|سال|ماه|در|طی|از|و|این|مصوبه|مورخ|اجرا|زمان|لغایت|"
    r"انجام|به|صورت|طور|است|می|باشد|قبل|روز|جاری|شود|گردد|فعالیت)\b|[\W_]+"
)
LANGUAGE = Language(_PATTERNS, _FILLERS)
