import datetime as dt
from decimal import Decimal

import pytest
from django.test import RequestFactory
from django.utils import timezone, translation

from mehvar.kernel.calendars import Calendar
from mehvar.ui.reader import for_language, reader_of

FA, VI, EN = (for_language(code) for code in ("fa", "vi", "en"))


def test_persian_reads_jalali_from_right_to_left() -> None:
    assert (FA.calendar, FA.direction) == (Calendar.JALALI, "rtl")
    assert (VI.calendar, VI.direction) == (Calendar.GREGORIAN, "ltr")


@pytest.mark.parametrize(
    ("value", "fa", "vi", "en"),
    [
        (1234567, "۱٬۲۳۴٬۵۶۷", "1.234.567", "1,234,567"),
        (1234.5, "۱٬۲۳۴٫۵", "1.234,5", "1,234.5"),
        (-3, "\u2212۳", "\u22123", "\u22123"),
        (Decimal("2.25"), "۲٫۲۵", "2,25", "2.25"),
        (7.0, "۷", "7", "7"),
        (None, "–", "–", "–"),
    ],
)
def test_numbers(value: float | None, fa: str, vi: str, en: str) -> None:
    assert (FA.number(value), VI.number(value), EN.number(value)) == (fa, vi, en)


def test_persian_percent_sign_stands_left_of_the_number() -> None:
    assert FA.percent(0.456) == "۴۶\u200f٪"
    assert EN.percent(0.456, decimals=1) == "45.6%"


def test_dates_follow_calendar_and_language() -> None:
    day = dt.date(2020, 5, 10)
    assert FA.date(day) == "۲۱ اردیبهشت ۱۳۹۹"
    assert VI.date(day, "numeric") == "10/05/2020"
    assert FA.date(None) == "–"


def test_moments_are_shown_in_the_current_time_zone() -> None:
    moment = dt.datetime(2020, 5, 10, 21, 0, tzinfo=dt.UTC)
    with timezone.override("Asia/Ho_Chi_Minh"), translation.override("en"):
        assert "04:00" in EN.moment(moment)
        assert "11 May 2020" in EN.moment(moment)


def test_file_sizes() -> None:
    assert EN.bytes(1536) == "1.5 KB"
    assert FA.bytes(12 * 1024 * 1024) == "۱۲ مگابایت"
    assert EN.bytes(0) == "0 B"


class _Person:
    is_authenticated = True
    calendar = "gregorian"


def test_a_persian_reader_may_keep_the_gregorian_calendar() -> None:
    request = RequestFactory().get("/")
    request.user = _Person()  # type: ignore[assignment]
    with translation.override("fa"):
        assert reader_of(request).calendar is Calendar.GREGORIAN
        assert reader_of(request).date(dt.date(2020, 5, 10), "numeric").startswith("۲۰۲۰")
