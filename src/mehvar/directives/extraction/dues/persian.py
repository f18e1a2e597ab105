"""Read Persian deadlines, most of them relative, in the Jalali calendar.

Source: design "Directives and programmes", §1 (Iran); shared facts of Iranian resolutions.
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
    recurring,
    scan,
    single_day,
    span_of_years,
    stated_year,
    wrapped,
)
from mehvar.directives.extraction.model import DueKind, ExtractedDue
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
_BY_LETTERS = {number.replace(" ", ""): value for number, value in _NUMBERS.items()}
_WRITTEN = (number.replace(" و ", " ?و ?") for number in sorted(_NUMBERS, key=len, reverse=True))
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_WRITTEN)})"
_UNIT = r"(?P<unit>روز|هفته|ماه|سال|فصل)"
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_YEAR = r"(?P<y>1[34]\d\d)"
_ORDINAL = rf"(?P<part>{'|'.join(_ORDINALS)}|[1-4])"
_QUARTER = r"(?:سه ?ماهه?|فصل)"
_HALF = r"(?:نیمه|نیمسال|نیم سال|شش ?ماهه?|6 ?ماهه?)"
_SEASONS = {"بهار": 1, "تابستان": 2, "پاییز": 3, "زمستان": 4}


def _number(text: str) -> int:
    """Read a count in figures or words."""
    return int(text) if text.isdigit() else _BY_LETTERS[text.replace(" ", "")]


def _ordinal(text: str) -> int:
    """Read an ordinal in figures or words."""
    return int(text) if text.isdigit() else _ORDINALS[text]


def _says_this_year(match: re.Match[str], context: DueContext) -> bool:
    """Tell whether the words themselves say that the document's own year is meant."""
    return context.on is not None and bool(re.search(r"جاری|امسال", match.group()))


def _in_year(
    match: re.Match[str],
    context: DueContext,
    kind: DueKind,
    part: int | None,
    *,
    sure_without_year: bool = False,
) -> list[Found]:
    """Make a period of the stated or the document's year."""
    year, confidence, doubts = stated_year(match.groupdict().get("y"), context)
    if (sure_without_year or _says_this_year(match, context)) and year is not None and doubts:
        confidence, doubts = 0.9, ()
    if year is None:
        unclear = ExtractedDue("", DueKind.UNCLEAR, anchor="promulgation", calendar=str(Calendar.JALALI))
        return [Found(match.start(), match.end(), unclear, DOUBTFUL, ("unclear-due",))]
    return wrapped(match.start(), match.end(), period(kind, year, part), confidence, *doubts)


def _day(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "1404/06/31"."""
    return wrapped(match.start(), match.end(), single_day(int(match["y"]), int(match["m"]), int(match["d"])))


def _worded_day(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "31 شهریور 1404"."""
    year, confidence, doubts = stated_year(match["y"], context)
    if year is None:
        return []
    due = single_day(year, _MONTHS[match["month"]], int(match["d"]))
    return wrapped(match.start(), match.end(), due, confidence, *doubts)


def _month(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "پایان شهریور 1404"."""
    return _in_year(match, context, DueKind.MONTH, _MONTHS[match["month"]])


def _quarter(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "سه‌ماهه دوم سال 1404"."""
    return _in_year(match, context, DueKind.QUARTER, _ordinal(match["part"]))


def _season(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "پایان پاییز 1404"."""
    return _in_year(match, context, DueKind.QUARTER, _SEASONS[match["season"]])


def _half(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "نیمه اول سال 1404"."""
    return _in_year(match, context, DueKind.HALF, _ordinal(match["part"]))


def _year(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "پایان سال 1404"."""
    return _in_year(match, context, DueKind.YEAR, None)


def _this_year(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "تا پایان سال": the document's own year."""
    return _in_year(match, context, DueKind.YEAR, None, sure_without_year="جاری" in match.group())


def _anchor(text: str) -> tuple[str | None, bool]:
    """Name the event that a duration counts from."""
    text = re.split(r"\s(?:نسبت|برای|جهت|اقدام|را|گزارش|با|به)\s", text)[0]
    if not text.strip():
        return None, True
    foreign = re.search(r"(قانون|ایین نامه|طرح|قرارداد|پروژه|دستورالعمل|استاندارد)", text)
    foreign = foreign if not re.search(r"\bاین\b", text) else None
    if foreign:
        return "other", False
    for shape, anchor in (
        (r"ابلاغ|صدور", "promulgation"),
        (r"تصویب|جلسه|برگزاری", "session"),
        (r"لازم ?الاجرا", "effective"),
        (r"امضا", "signing"),
    ):
        if re.search(shape, text):
            return anchor, True
    return "other", False


def _event(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "پس از تصویب …", «تا جلسه بعد»: an event whose day is not known."""
    due = ExtractedDue(
        "", DueKind.RELATIVE, anchor="session" if "جلسه" in match.group() else "other", calendar="jalali"
    )
    return [Found(match.start(), match.end(), due, DOUBTFUL, ("unclear-due",))]


def _named_recurrence(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "ماهانه", "سالانه", "مستمر"."""
    word = match.group()
    for shape, kind, name in (
        (r"ماهانه|ماهیانه", DueKind.RECURRING_MONTHLY, "monthly"),
        (r"فصلی|سه ?ماهه", DueKind.RECURRING_QUARTERLY, "quarterly"),
        (r"سالانه|سالیانه|همه ?ساله|هر ?ساله", DueKind.RECURRING_YEARLY, "yearly"),
        (r"هفتگی", DueKind.RECURRING, "weekly"),
        (r"روزانه", DueKind.RECURRING, "daily"),
    ):
        if re.search(shape, word):
            return [Found(match.start(), match.end(), recurring(kind, name, context))]
    return [Found(match.start(), match.end(), recurring(DueKind.RECURRING, None, context))]


_WITHIN = r"(?:حداکثر\s+)?(?:در\s+)?(?:ظرف|طی|مدت|طول)(?:\s+(?:مدت|مهلت|حداکثر))*|حداکثر(?:\s+تا)?|تا|در مدت|مهلت|به مدت"
_FROM = r"(?:\s*(?:پس|بعد)?\s*از\s+(?P<anchor>[^،,.;]{0,60}))?"
_COUNTING = Counting(number=_number, units=_UNITS, quarter="فصل", event=_anchor)
_PATTERNS = tuple(
    (re.compile(shape), reader)
    for shape, reader in (
        (rf"هر\s+(?:{_COUNT}\s*)?{_UNIT}\s*(?:یک ?بار|1 ?بار|یکبار)?", _COUNTING.every),
        (r"(?P<y>1[34]\d\d)\s*[/.-]\s*(?P<m>\d{1,2})\s*[/.-]\s*(?P<d>\d{1,2})", _day),
        (rf"(?P<d>\d{{1,2}})\s*[/.-]\s*(?P<m>\d{{1,2}})\s*[/.-]\s*{_YEAR}", _day),
        (rf"(?P<d>\d{{1,2}})\s*(?:ام|م)?\s+{_MONTH}(?:\s*ماه)?(?:\s+سال)?\s*{_YEAR}", _worded_day),
        (rf"(?P<d>\d{{1,2}})\s*(?:ام|م)?\s+{_MONTH}(?:\s*ماه)?\b(?P<y>)", _worded_day),
        (rf"{_QUARTER}\s+{_ORDINAL}(?:\s+سال)?\s*{_YEAR}", _quarter),
        (rf"{_HALF}\s+{_ORDINAL}(?:\s+سال)?\s*{_YEAR}", _half),
        (rf"{_QUARTER}\s+{_ORDINAL}(?:\s+سال(?:\s+جاری)?)?(?P<y>)(?!\s*\d)", _quarter),
        (rf"{_HALF}\s+{_ORDINAL}(?:\s+سال(?:\s+جاری)?)?(?P<y>)(?!\s*\d)", _half),
        (r"\b(?P<season>بهار|تابستان|پاییز|زمستان)(?:\s+سال)?\s*(?P<y>1[34]\d\d)?", _season),
        (rf"(?:{_WITHIN})\s+{_COUNT}\s*{_UNIT}(?P<working>\s*کاری)?{_FROM}", _COUNTING.within),
        (rf"\b{_COUNT}\s*{_UNIT}(?P<working>\s*کاری)?\s+(?:پس|بعد)?\s*از\s+(?P<anchor>[^،,.;]{{0,60}})", _COUNTING.within),
        (rf"^{_COUNT}\s*{_UNIT}(?P<working>\s*کاری)?(?P<anchor>)$", _COUNTING.within),
        (rf"\b{_MONTH}(?:\s*ماه)?(?:\s+سال)?\s*{_YEAR}", _month),
        (r"(?P<a>1[34]\d\d)\s*(?:-|تا|الی|لغایت)\s*(?:پایان\s+)?(?:سال\s+)?(?P<b>1[34]\d\d)", span_of_years),
        (rf"(?:از\s+)(?:ابتدای\s+)?(?:سال\s+)?{_YEAR}(?:\s*(?:به بعد|و سال ?های بعد))?", onwards_from_year),
        (rf"(?:سال\s+)?{_YEAR}\s+(?:به بعد|و سال ?های (?:بعد|اتی|اینده))", onwards_from_year),
        (rf"\b(?:سال\s+)?{_YEAR}(?![\d/])", _year),
        (rf"(?:پایان|اخر|اواخر|انتهای|تا|نیمه|ابتدای|اوایل)\s+{_MONTH}(?:\s*ماه)?(?:\s+سال جاری|\s+امسال)?(?P<y>)\b", _month),
        (rf"^{_MONTH}(?:\s*ماه)?(?P<y>)$", _month),
        (r"(?:پایان|اخر|انتهای)\s+(?:ان\s+)?سال(?:\s+جاری)?(?P<y>)|سال جاری", _this_year),
        (r"(?:پس|بعد|قبل) از [^،,.;]+|(?:تا )?جلسه (?:بعد|اتی|اینده)[^،,.;]*|همزمان با [^،,.;]+", _event),
        (r"به ?(?:صورت|طور|شکل) ?(?:مستمر|ماهانه|ماهیانه|سالانه|سالیانه|فصلی|هفتگی|روزانه|دوره ?ای|سه ?ماهه|مداوم|پیوسته)", _named_recurrence),
        (r"مستمر(?:ا)?|دائمی|دایمی|مداوم|همواره|ماهانه|ماهیانه|سالانه|سالیانه|همه ?ساله|هر ?ساله|فصلی|هفتگی|روزانه|دوره ?ای", _named_recurrence),
    )
)  # fmt: skip

FILLERS = re.compile(
    r"\b(?:تا|حداکثر|پایان|اخر|اواخر|انتهای|ابتدای|ظرف|مدت|مهلت|تاریخ|سال|ماه|در|طی|از|و|این|مصوبه|مورخ|اجرا|زمان|لغایت|"
    r"انجام|به|صورت|طور|است|می|باشد|قبل|روز|جاری|شود|گردد|فعالیت)\b|[\W_]+"
)
"""Words around a deadline that do not change it."""


def find(text: str, context: DueContext) -> list[Found]:
    """Find every deadline in a folded text, in order, none overlapping another."""
    return scan(text, context, _PATTERNS)
