from datetime import date

import pytest

from mehvar.directives.extraction.dues import DueContext, find_in_prose, read_due
from mehvar.kernel.calendars import Calendar

VN = DueContext("vi", Calendar.GREGORIAN, date(2025, 1, 9))
FA = DueContext("fa", Calendar.JALALI, date(2022, 2, 3), "session")
EN = DueContext("en", Calendar.GREGORIAN, date(2025, 1, 9))


@pytest.mark.parametrize(
    ("raw", "kind", "start", "end"),
    [
        ("6/2025", "month", "2025-06-01", "2025-06-30"),
        ("Tháng 10/2025", "month", "2025-10-01", "2025-10-31"),
        ("12-2025", "month", "2025-12-01", "2025-12-31"),
        ("2025", "year", "2025-01-01", "2025-12-31"),
        ("cuối năm 2025", "year", "2025-01-01", "2025-12-31"),
        ("2025 - 2026", "range", "2025-01-01", "2026-12-31"),
        ("Giai đoạn 2021-2025", "range", "2021-01-01", "2025-12-31"),
        ("Quý III, IV/2025", "range", "2025-07-01", "2025-12-31"),
        ("Từ ngày 01/3/2025 đến ngày 30/6/2025", "range", "2025-03-01", "2025-06-30"),
        ("Quý II/2025", "quarter", "2025-04-01", "2025-06-30"),
        ("trong quý I năm 2010", "quarter", "2010-01-01", "2010-03-31"),
        ("6 tháng đầu năm 2025", "half", "2025-01-01", "2025-06-30"),
        ("trước ngày 30/6/2025", "day", "2025-06-30", "2025-06-30"),
        ("ngày 22 tháng 02 năm 2010", "day", "2010-02-22", "2010-02-22"),
        ("Thường xuyên", "recurring", "None", "None"),
        ("Nhiệm vụ thường xuyên", "recurring", "None", "None"),
        ("Hằng năm", "recurring_yearly", "None", "None"),
        ("hàng quý", "recurring_quarterly", "None", "None"),
        ("Ngày 25 hằng tháng", "recurring_monthly", "None", "None"),
        ("Tháng 6 và tháng 12 hằng năm", "recurring_yearly", "None", "None"),
        ("2025 và những năm tiếp theo", "open_from", "2025-01-01", "None"),
        ("Từ năm 2025", "open_from", "2025-01-01", "None"),
        ("", "none", "None", "None"),
        ("-", "none", "None", "None"),
    ],
)
def test_vietnamese_cells(raw: str, kind: str, start: str, end: str) -> None:
    reading = read_due(raw, VN)
    assert (reading.due.kind, str(reading.due.start), str(reading.due.end)) == (kind, start, end)
    assert not reading.doubts


@pytest.mark.parametrize(
    ("raw", "kind", "end", "duration"),
    [
        ("ظرف مدت شش ماه", "relative", "2022-08-05", "P6M"),
        ("ظرف یک ماه از تاریخ ابلاغ", "relative", "2022-03-05", "P1M"),
        ("ظرف مدت ۴۵ روز", "relative", "2022-03-20", "P45D"),
        ("ظرف چهل‌وپنج روز", "relative", "2022-03-20", "P45D"),
        ("تا پایان سال ۱۴۰۴", "year", "2026-03-20", None),
        ("تا پایان شهریور ۱۴۰۴", "month", "2025-09-22", None),
        ("حداکثر تا تاریخ ۱۴۰۴/۰۶/۳۱", "day", "2025-09-22", None),
        ("سه‌ماهه دوم سال ۱۴۰۴", "quarter", "2025-09-22", None),
        ("سهماهه دوم سال ۱۴۰۴", "quarter", "2025-09-22", None),
        ("هر سه ماه یک بار", "recurring_quarterly", "None", None),
        ("به‌صورت ماهانه", "recurring_monthly", "None", None),
        ("مستمر", "recurring", "None", None),
    ],
)
def test_persian_cells(raw: str, kind: str, end: str, duration: str | None) -> None:
    reading = read_due(raw, FA)
    assert (reading.due.kind, str(reading.due.end), reading.due.duration) == (kind, end, duration)
    assert not reading.doubts


def test_months_are_counted_in_the_jalali_calendar_and_clamped() -> None:
    context = DueContext("fa", Calendar.JALALI, date(2023, 9, 22))  # 31 Shahrivar 1402
    assert read_due("ظرف شش ماه", context).due.end == date(2024, 3, 19)  # 29 Esfand 1402


@pytest.mark.parametrize(
    ("raw", "kind", "end"),
    [
        ("by 30 June 2025", "day", "2025-06-30"),
        ("December 31, 2025", "day", "2025-12-31"),
        ("Q2 2025", "quarter", "2025-06-30"),
        ("within six months of promulgation", "relative", "2025-07-09"),
        ("every three months", "recurring_quarterly", "None"),
        ("2025 onwards", "open_from", "None"),
        ("End of 2025", "year", "2025-12-31"),
    ],
)
def test_english_cells(raw: str, kind: str, end: str) -> None:
    reading = read_due(raw, EN)
    assert (reading.due.kind, str(reading.due.end)) == (kind, end)
    assert not reading.doubts


@pytest.mark.parametrize(
    ("raw", "doubt"),
    [
        ("Theo kế hoạch", "unclear-due"),
        ("Sau khi Luật Dữ liệu có hiệu lực", "unclear-due"),
        ("trình: 6/2025; ban hành: 12/2025", "several-dates"),
        ("30/13/2025", "unclear-due"),
        ("Tuần 2 tháng 3/2025", "unclear-due"),
    ],
)
def test_what_is_not_fully_understood_is_a_doubt(raw: str, doubt: str) -> None:
    assert doubt in read_due(raw, VN).doubts


def test_a_year_in_the_title_answers_for_deadlines_without_one() -> None:
    planned = DueContext("vi", Calendar.GREGORIAN, date(2025, 1, 9), plan_year=2025)
    assert not read_due("Quý III", planned).doubts


@pytest.mark.parametrize(
    ("sentence", "kind", "end"),
    [
        ("thực hiện Nghị quyết số 30/2008/NQ-CP ngày 11 tháng 12 năm 2008 của Chính phủ", "none", "None"),
        ("xây dựng kế hoạch, báo cáo Bộ trưởng trước ngày 22 tháng 02 năm 2010.", "day", "2010-02-22"),
        ("phát triển xuất khẩu cho năm 2010 vào đầu quý I năm 2010.", "quarter", "2010-03-31"),
        ("gửi báo cáo vào ngày 22 hàng tháng", "recurring_monthly", "None"),
    ],
)
def test_prose_tells_a_deadline_from_a_citation_and_a_topic(sentence: str, kind: str, end: str) -> None:
    found = find_in_prose(sentence, VN)
    assert (found.due.kind, str(found.due.end)) == (kind, end)
