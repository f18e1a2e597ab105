"""Read Vietnamese deadlines: "6/2025", "Quý II/2025", "trước ngày 30/6/2025", "thường xuyên", "hằng năm".

Source: issue "the house", point 8; design "Directives and programmes", §1.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from mehvar.directives.extraction.dues.reading import (
    LIKELY,
    Counting,
    DueContext,
    Found,
    Language,
    after_event,
    compiled,
    one_of,
    onwards,
    onwards_from_year,
    part_of_year,
    period,
    recurrence,
    roman_or_digit,
    single_day,
    span_of_years,
    spanning,
    stated_year,
    unclear,
    wrapped,
)
from mehvar.directives.extraction.model import DueKind

_Q = r"(?:quý|quí|q)\.?\s*"
_ROMAN = r"(?:iv|i{1,3}|[1-4])"
_YEAR = r"(?:19|20|21)\d\d"
_NUMBERS = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "mười": 10,
    "mười lăm": 15, "hai mươi": 20, "ba mươi": 30, "bốn mươi lăm": 45, "sáu mươi": 60, "chín mươi": 90,
}  # fmt: skip
_COUNT = rf"(?P<count>\d{{1,3}}|{one_of(_NUMBERS)})"
_EVERY = r"(?:hằng|hàng|mỗi|từng)"
_ONWARDS = (
    r"(?:\s*,?\s*(?:và|,)?\s*(?:trở đi|(?:các|những) năm (?:tiếp theo|sau|kế tiếp|tiếp sau)(?: đó)?|"
    r"(?:các )?năm tiếp theo|về sau|tiếp tục|hằng năm|hàng năm|thường xuyên))"
)


def _day(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read a day."""
    year, confidence, doubts = stated_year(match["y"], context)
    if year is None:
        return unclear(match)
    return wrapped(match, single_day(year, int(match["m"]), int(match["d"])), confidence, *doubts)


def _part(kind: DueKind, match: re.Match[str], context: DueContext) -> list[Found]:
    """Read a month, quarter or half, or a span of them in one year."""
    year, confidence, doubts = stated_year(match["y"], context)
    if year is None:
        return unclear(match)
    first = period(kind, year, roman_or_digit(match["a"]))
    if first is None or not match.groupdict().get("b"):
        return wrapped(match, first, confidence, *doubts)
    last = period(kind, year, roman_or_digit(match["b"]))
    return wrapped(match, spanning(first, last), min(confidence, 0.95), *doubts)


_MONTH = partial(_part, DueKind.MONTH)
_QUARTER = partial(_part, DueKind.QUARTER)
_HALF = part_of_year(DueKind.HALF, lambda match: 1 if match["which"] == "đầu" else 2, unknown=None)
_THIS_YEAR = part_of_year(DueKind.YEAR, unknown=None)


def _edge(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "đầu quý I", "cuối tháng 6": the period, a little less sure."""
    return [replace(item, confidence=min(item.confidence, LIKELY)) for item in _QUARTER(match, context)]


def _year(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read a year; its beginning or middle is no sure day."""
    due = period(DueKind.YEAR, int(match["y"]), None)
    return unclear(match, due) if match["early"] else wrapped(match, due)


def _before_year(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "trước năm 2030": until the last day of the year before."""
    return wrapped(match, period(DueKind.YEAR, int(match["y"]) - 1, None), 0.65, "unclear-due")


def _span(kind: DueKind, match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "tháng 3/2025 - tháng 6/2026", "quý III/2025 - quý II/2026"."""
    last = period(kind, int(match["by"]), roman_or_digit(match["b"]))
    first = period(kind, int(match["ay"] or match["by"]), roman_or_digit(match["a"]))
    return wrapped(match, spanning(first, last))


def _days_span(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "từ ngày 01/3/2025 đến ngày 30/6/2025"."""
    last = single_day(int(match["by"]), int(match["bm"]), int(match["bd"]))
    first = single_day(int(match["ay"] or match["by"]), int(match["am"]), int(match["ad"]))
    return wrapped(match, spanning(first, last))


def _onwards(kind: DueKind, match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "từ tháng 6/2025", "tháng 6/2025 trở đi", "từ quý II/2025"."""
    return onwards(match, period(kind, int(match["y"]), roman_or_digit(match["a"])))


def _onwards_day(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read "từ ngày 01/7/2025"."""
    return onwards(match, single_day(int(match["y"]), int(match["m"]), int(match["d"])))


def _anchor(text: str) -> tuple[str | None, bool]:
    """Name the event that a duration counts from, and whether that is clear."""
    if not text:
        return None, True
    itself = (
        r"(nghị quyết|chỉ thị|kế hoạch|quyết định|chương trình|văn bản|thông tư|công văn|thông báo|đề án)"
    )
    if re.search(r"có hiệu lực|hiệu lực thi hành", text):
        return (
            ("effective", True) if re.search(itself + r"? ?này|^ngày có hiệu lực", text) else ("other", False)
        )
    if re.search(r"ngày (ký|ban hành|ký ban hành|được ban hành)", text):
        foreign = re.search(itself, text) and not re.search(r"\bnày\b", text)
        return ("other", False) if foreign else ("promulgation", True)
    if re.search(r"họp|phiên", text):
        return "session", True
    return "other", False


def _after_event(match: re.Match[str], context: DueContext) -> list[Found]:
    """Read "sau khi Luật … có hiệu lực": an event whose day is not known."""
    words = match.group()
    anchor = "effective" if "hiệu lực" in words else "approval" if "phê duyệt" in words else "other"
    return after_event(match, anchor, context.calendar)


_D = r"(?P<d>\d{1,2})\s*[/.-]\s*(?P<m>\d{1,2})\s*[/.-]\s*(?P<y>(?:19|20|21)\d\d|\d\d(?!\d))"
_DW = rf"ngày\s+(?P<d>\d{{1,2}})\s+tháng\s+(?P<m>\d{{1,2}})\s*(?:năm\s+|/\s*)(?P<y>{_YEAR})"
_DNY = (
    r"ngày\s+(?P<d>\d{1,2})(?:\s*[/-]\s*|\s+tháng\s+)(?P<m>\d{1,2})(?P<y>)(?!\s*[/\d]|\s*(?:hằng|hàng|năm))"
)
_MY = rf"(?:tháng\s+)?(?P<a>\d{{1,2}})\s*(?:[/-]|\s+năm)\s*(?P<y>{_YEAR})"

_UNITS = {"ngày": "D", "tuần": "W", "tháng": "M", "quý": "M", "năm": "Y"}
_COUNTING = Counting(numbers=_NUMBERS, units=_UNITS, quarter="quý", event=_anchor, rhythm_confidence=0.95)
_PATTERNS = compiled(
    (rf"từ\s+(?:ngày\s+)?(?P<ad>\d{{1,2}})[/.](?P<am>\d{{1,2}})(?:[/.](?P<ay>{_YEAR}))?\s*(?:-|đến|tới)(?:\s*hết)?\s*(?:ngày\s+)?(?P<bd>\d{{1,2}})[/.](?P<bm>\d{{1,2}})[/.](?P<by>{_YEAR})", _days_span),
    (rf"(?:kể\s+)?từ\s+(?:ngày\s+){_D}(?!\s*(?:-|đến))(?:\s+trở đi)?", _onwards_day),
    (rf"(?:vào\s+)?(?:trước\s+)?ngày\s+\d{{1,2}}(?:\s*(?:,|và|-)\s*(?:ngày\s+)?\d{{1,2}})*\s+(?:của\s+)?{_EVERY} tháng", recurrence(DueKind.RECURRING_MONTHLY, "monthly", 0.95)),
    (rf"(?:vào\s+)?(?:trước\s+)?ngày\s+\d{{1,2}}\s+(?:của\s+)?(?:tháng (?:đầu|cuối)\s+)?(?:của\s+)?{_EVERY} quý", recurrence(DueKind.RECURRING_QUARTERLY, "quarterly", 0.95)),
    (rf"{_Q}{_ROMAN}(?:\s*(?:,|và|-)\s*(?:{_Q})?{_ROMAN})*\s+{_EVERY} năm", recurrence(DueKind.RECURRING_YEARLY, "yearly", 0.95)),
    (rf"tháng\s+\d{{1,2}}(?:\s*(?:,|và|-)\s*(?:tháng\s+)?\d{{1,2}})*\s+(?:của\s+)?{_EVERY} năm", recurrence(DueKind.RECURRING_YEARLY, "yearly", 0.95)),
    (rf"(?:ngày\s+)?\d{{1,2}}(?:\s*[/-]\s*\d{{1,2}}|\s+tháng\s+\d{{1,2}})?(?:\s*(?:,|và)\s*(?:ngày\s+)?\d{{1,2}}\s*[/-]\s*\d{{1,2}})*\s+{_EVERY} năm", recurrence(DueKind.RECURRING_YEARLY, "yearly", 0.95)),
    (rf"(?:trong vòng|trong thời hạn|trong thời gian|thời hạn|chậm nhất(?: là)?(?: trong)?(?: vòng)?|không quá|sau)?\s*\b{_COUNT}\s*(?:\(\w+(?:\s\w+)?\)\s*)?(?P<unit>ngày|tuần|tháng|quý|năm)(?P<working> làm việc)?\s*,?\s*(?:(?:kể\s+)?từ|sau|tính từ)\s+(?:khi\s+)?(?P<anchor>[^;.]*)", _COUNTING.within),
    (rf"(?:trong vòng|trong thời hạn|không quá|chậm nhất(?: trong)?)\s+{_COUNT}\s*(?P<unit>ngày|tuần|tháng|quý|năm)(?P<working> làm việc)?(?P<anchor>)", _COUNTING.within),
    (rf"(?:(?:theo\s+)?định kỳ\s+)?(?:\(?{_EVERY}\s+)?{_COUNT}\s*(?P<unit>ngày|tuần|tháng|quý|năm)\s*(?:/|một|1)\s*(?:01\s*)?lần", _COUNTING.every),
    (rf"(?:định kỳ|cứ)\s+(?:{_EVERY}\s+)?{_COUNT}\s*(?P<unit>ngày|tuần|tháng|quý|năm)(?!\s+\d)", _COUNTING.every),
    (r"(?:nửa|(?:0?6|sáu) tháng) (?P<which>đầu|cuối)(?: của)?(?: năm)?(?:\s*/?\s*(?P<y>(?:19|20|21)\d\d))", _HALF),
    (rf"(?:nửa|(?:0?6|sáu) tháng) (?P<which>đầu|cuối)(?: của)? năm(?P<y>)(?!\s+{_YEAR})", _HALF),
    (rf"{_Q}(?P<a>{_ROMAN})\s*/?\s*(?P<ay>{_YEAR})?\s*(?:-|đến|tới)\s*(?:hết\s+)?{_Q}(?P<b>{_ROMAN})\s*(?:/|-|năm|\s)\s*(?P<by>{_YEAR})", partial(_span, DueKind.QUARTER)),
    (rf"{_Q}(?P<a>{_ROMAN})\s*(?:,|và|-|&)\s*(?:{_Q})?(?P<b>{_ROMAN})\s*(?:/|-|,?\s*năm|\s)\s*(?P<y>{_YEAR})", _QUARTER),
    (rf"từ\s+{_Q}(?P<a>{_ROMAN})\s*(?:/|-|\s*năm)\s*(?P<y>{_YEAR})(?!\s*(?:-|đến)){_ONWARDS}?", partial(_onwards, DueKind.QUARTER)),
    (rf"{_Q}(?P<a>{_ROMAN})\s*(?:/|-|,?\s*năm|\s)\s*(?P<y>{_YEAR}){_ONWARDS}", partial(_onwards, DueKind.QUARTER)),
    (rf"(?:đầu|giữa|cuối)\s+{_Q}(?P<a>{_ROMAN})\s*(?:/|-|,?\s*năm|\s)\s*(?P<y>{_YEAR})", _edge),
    (rf"{_Q}(?P<a>{_ROMAN})\s*(?:/|-|,?\s*năm|\s)\s*(?P<y>{_YEAR})", _QUARTER),
    (rf"{_Q}(?P<a>{_ROMAN})\b(?P<y>)(?!\s*[/\d-])", _QUARTER),
    (rf"(?:từ\s+)?(?:tháng\s+)?(?P<a>\d{{1,2}})(?:\s*/\s*(?P<ay>{_YEAR}))?\s*(?:-|đến|tới)\s*(?:hết\s+)?tháng\s+(?P<b>\d{{1,2}})\s*(?:/|-|\s+năm)\s*(?P<by>{_YEAR})", partial(_span, DueKind.MONTH)),
    (rf"(?:từ\s+)?(?:tháng\s+)?(?P<a>\d{{1,2}})\s*/\s*(?P<ay>{_YEAR})\s*(?:-|đến|tới)\s*(?:hết\s+)?(?:tháng\s+)?(?P<b>\d{{1,2}})\s*/\s*(?P<by>{_YEAR})", partial(_span, DueKind.MONTH)),
    (rf"tháng\s+(?P<a>\d{{1,2}})\s*(?:,|và|-|&)\s*(?:tháng\s+)?(?P<b>\d{{1,2}})\s*(?:/|\s+năm)\s*(?P<y>{_YEAR})", _MONTH),
    (_DW, _day),
    (rf"(?:ngày\s+)?(?<![\d/.]){_D}", _day),
    (_DNY, _day),
    (rf"từ\s+tháng\s+(?P<a>\d{{1,2}})\s*(?:[/-]|\s+năm)\s*(?P<y>{_YEAR})(?!\s*(?:-|đến)){_ONWARDS}?", partial(_onwards, DueKind.MONTH)),
    (rf"{_MY}{_ONWARDS}", partial(_onwards, DueKind.MONTH)),
    (rf"(?<![\d/]){_MY}", _MONTH),
    (r"^(?:trước|đến|hết|chậm nhất|vào)?\s*(?P<d>\d{1,2})\s*/\s*(?P<m>\d{1,2})(?P<y>)$", _day),
    (r"(?:trong|hết|cuối)\s+năm(?:\s+nay)?(?P<y>)(?!\s*(?:\d|học|tiếp|sau|tới))", _THIS_YEAR),
    (r"tháng\s+(?P<a>\d{1,2})(?P<y>)(?!\s*[/\d-]|\s+(?:hằng|hàng))", _MONTH),
    (rf"(?:trong\s+)?(?:giai đoạn|thời kỳ|từ|trong|các)?\s*(?:năm\s+)?(?P<a>{_YEAR})\s*(?:-|đến(?: hết)?|tới|→|~)\s*(?:năm\s+)?(?P<b>{_YEAR})", span_of_years),
    (rf"(?:các\s+)?(?:năm\s+)?(?P<a>{_YEAR})\s*(?:,|và|;)\s*(?:{_YEAR}\s*(?:,|và)\s*)*(?:năm\s+)?(?P<b>{_YEAR})(?!{_ONWARDS})", span_of_years),
    (rf"(?:kể\s+)?(?:từ\s+)?(?:năm\s+)?(?P<y>{_YEAR})(?:\s*,\s*{_YEAR})*(?:\s*-\s*{_YEAR})?{_ONWARDS}", onwards_from_year),
    (rf"(?:bắt đầu\s+)?(?:kể\s+)?từ\s+(?:năm\s+)?(?P<y>{_YEAR})(?!\s*[-/]|\s*đến)", onwards_from_year),
    (rf"trước\s+năm\s+(?P<y>{_YEAR})", _before_year),
    (rf"(?P<early>(?:đầu|giữa)\s+)?(?:năm\s+)?(?<![\d/.-])(?P<y>{_YEAR})(?![\d/])", _year),
    (r"sau khi [^;.]*|(?:khi|ngay khi|kể từ khi)\s[^;.]*(?:hiệu lực|phê duyệt|ban hành|thông qua)[^;.]*", _after_event),
    (rf"(?:(?:báo cáo|định kỳ)\s+)?{_EVERY} tuần", recurrence(DueKind.RECURRING, "weekly")),
    (rf"(?:định kỳ\s+)?{_EVERY} ngày", recurrence(DueKind.RECURRING, "daily")),
    (rf"(?:định kỳ\s+)?(?:theo\s+)?{_EVERY} (?:tháng|quý,? năm)(?:,\s*{_EVERY} (?:quý|năm))*", recurrence(DueKind.RECURRING_MONTHLY, "monthly")),
    (rf"(?:định kỳ\s+)?(?:theo\s+)?{_EVERY} quý", recurrence(DueKind.RECURRING_QUARTERLY, "quarterly")),
    (rf"(?:nhiệm vụ\s+)?(?:định kỳ,?\s+)?(?:thường xuyên,?\s+)?{_EVERY} năm|thường niên", recurrence(DueKind.RECURRING_YEARLY, "yearly")),
    (r"(?:nhiệm vụ\s+|thực hiện\s+)?(?:thường xuyên|liên tục)(?:\s*(?:,|và|/)?\s*(?:liên tục|thường xuyên|lâu dài|đột xuất))*", recurrence(DueKind.RECURRING, None)),
    (r"(?:theo\s+)?định kỳ", recurrence(DueKind.RECURRING, None, 0.8)),
)  # fmt: skip

_FILLERS = re.compile(
    r"\b(?:hoàn thành|xong|trong|trước|chậm nhất|là|đến|hết|vào|dự kiến|cuối|thời gian|thời hạn|báo cáo|khoảng|"
    r"nhiệm vụ|thực hiện|triển khai|giai đoạn|năm|ngày|tháng|kết thúc|tới|ban hành|trình|và|ngay|"
    r"thường xuyên|theo|hạn|phấn đấu|sớm|các|được|không muộn hơn|muộn nhất|cơ bản|duy trì|liên tục|kỳ|định kỳ)\b|[\W_]+"
)
LANGUAGE = Language(_PATTERNS, _FILLERS)
