"""Read what stands at a document's head: title, number, issuer, date, citations, declared counts, goal and motto.

Source: S2.1, S2.2, S2.3; issue "the house", points 7 and 8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from mehvar.directives.extraction.model import BlockKind, DeclaredCount, ExtractedCitation, SourceBlock
from mehvar.directives.extraction.numbering import marker_of
from mehvar.kernel import calendars, errors
from mehvar.kernel import text as texts
from mehvar.kernel.calendars import Calendar

_HEAD_BLOCKS = 60
_TYPES_VI = "Hiến pháp|Bộ luật|Luật|Pháp lệnh|Nghị quyết|Nghị định|Quyết định|Chỉ thị|Thông tư liên tịch|Thông tư|Kết luận|Công văn|Văn bản|Thông báo|Tờ trình|Kế hoạch|Công điện|Chương trình|Báo cáo|Quy định|Hướng dẫn"
_NUMBER_VI = r"\d+[a-z]?(?:/\d{4})?[/-][A-ZĐĂÂÊÔƠƯ][\w\-/ĐĂÂÊÔƠƯ.&]*"
_DATE_VI = r"ngày\s+(?P<d>\d{1,2})\s*(?:tháng|[/-])\s*(?P<m>\d{1,2})\s*(?:năm|[/-])\s*(?P<y>\d{4})"
_CITED_VI = re.compile(
    rf"(?P<type>{_TYPES_VI})\s+(?:số\s*:?\s*)?(?P<number>{_NUMBER_VI})(?:[\s,]+{_DATE_VI})?", re.IGNORECASE
)
_CITED_LAW_VI = re.compile(
    rf"Căn cứ\s+(?P<type>Hiến pháp|Bộ luật|Luật|Pháp lệnh)(?P<name>[^;.]*?)(?:\s+{_DATE_VI})?\s*(?:[;.]|$)"
)
_CITED_FA = re.compile(
    r"(?P<type>قانون|تصویب‌?\s?نامه|مصوبه|آیین‌?\s?نامه|بخشنامه|ابلاغیه|سیاست‌های کلی|نامه|دستورالعمل)\s+(?:[^،؛.\n]{0,80}?)شماره\s+"
    r"(?P<number>[\d۰-۹][\d۰-۹/\-\u0600-\u06ff]*)(?:\s+مورخ\s+(?P<date>[\d۰-۹]{2,4}[/\-.][\d۰-۹]{1,2}[/\-.][\d۰-۹]{2,4}))?"
)
_CITED_EN = re.compile(
    r"(?P<type>Act|Law|Decree|Decision|Resolution|Directive|Circular|Order|Regulation)\s+(?:No\.?|number)\s*(?P<number>[\w/.\-]*\d[\w/.\-]*)"
    r"(?:\s+(?:of|dated)\s+(?P<date>\d{1,2}\s+\w+\s+\d{4}))?",
    re.IGNORECASE,
)
_NUMBER_LINE = re.compile(
    rf"(?:Số|No\.?|شماره)\s*[:：]?\s*(?P<number>{_NUMBER_VI}|[\d۰-۹][\d۰-۹/\-\w]*)", re.IGNORECASE
)
_PLACE_DATE = re.compile(rf"^[^\W\d][^\d,]{{1,40}},?\s*{_DATE_VI}", re.IGNORECASE)
_OWN_NUMBER_VI = re.compile(rf"^\W*(?:{_TYPES_VI})\s+số\s*:?\s*{_NUMBER_VI},?\s+ngày", re.IGNORECASE)
_DOC_DATE_VI = re.compile(_DATE_VI, re.IGNORECASE)
_BELONGS = re.compile(
    r"^\W*(?:ban hành )?kèm theo|^\W*(?:attached to|issued with|annexed to)|^\W*پیوست", re.IGNORECASE
)
_DATE_FA = re.compile(
    r"(?:تاریخ|مورخ|مورخه|جلسه|تهران)\s*(?:جلسه|تصویب|ابلاغ|صدور)?\s*[:：]?\s*(?P<date>[\d۰-۹]{2,4}\s*[/\-.]\s*[\d۰-۹]{1,2}\s*[/\-.]\s*[\d۰-۹]{1,4})"
)
_WORDED_FA = re.compile(
    r"(?P<d>[\d۰-۹]{1,2})\s*(?:ام\s*)?(?P<month>فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند)\s*(?:ماه\s*)?(?:سال\s*)?(?P<y>[\d۰-۹]{4})"
)
_DATE_EN = re.compile(
    r"(?:dated?|signed|issued|adopted|approved|on|held)?\s*:?\s*(?P<date>\d{1,2}\s+(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+\d{4}|(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+\d{1,2},?\s+\d{4}|\d{4}-\d{2}-\d{2})"
)
_TITLE = re.compile(
    r"^(?:nghị quyết|chỉ thị|quyết định|kế hoạch|chương trình|công điện|thông báo|danh mục|phụ lục|directive|resolution|plan|decision|"
    r"circular|programme|minutes|مصوبه|مصوبات|بخشنامه|دستورالعمل|تصویب‌?نامه|صورت‌?جلسه|برنامه|ابلاغیه|آیین‌?نامه|دستور)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?:lĩnh vực\s+)?(?P<label>[^\d:;,.()\n]{3,60}?)\s*(?:[:(\-–]|gồm|có)\s*(?P<count>\d{1,4})\s*(?:nhiệm vụ|tasks?\b|measures?\b)|"
    r"(?P<count2>\d{1,4})\s*nhiệm vụ\s+(?:về|trong lĩnh vực|thuộc lĩnh vực|lĩnh vực)\s+(?P<label2>[^\d:;,.()\n]{3,60})",
    re.IGNORECASE,
)
_COUNT_FA = re.compile(
    r"(?:حوزه\s+)?(?P<label>[^\d۰-۹:؛،.()\n]{3,50}?)\s*[:(]\s*(?P<count>[\d۰-۹]{1,4})\s*(?:اقدام|تکلیف|وظیفه|برنامه)"
)
_COUNT_AT_HEAD = re.compile(
    r"^(?:lĩnh vực|حوزه|field of)?\s*(?P<label>[^\d:;.()\n]{3,110}?)\s*[:(\-–]\s*(?:gồm\s+|có\s+)?(?P<count>[\d۰-۹]{1,4})\s*(?:nhiệm vụ|tasks?\b|measures?\b|اقدام|تکلیف)",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"(?:tổng (?:số|cộng)|gồm|total(?: of)?|مجموعا?|جمعا?)\s*:?\s*(?P<count>[\d۰-۹]{1,4})\s*(?:nhiệm vụ|tasks?|measures?|اقدام|تکلیف)",
    re.IGNORECASE,
)
_GOAL = re.compile(
    r"^(?:[\divx]{1,4}[.)]\s*)?(?:mục tiêu(?: chung| tổng quát)?|overall goal|goal|هدف(?: کلی)?)\s*[:：]\s*(?P<value>.+)$",
    re.IGNORECASE,
)
_MOTTO = re.compile(
    r"(?:phương châm(?: hành động)?|motto|شعار(?: سال)?)\s*(?:là|:|:|của năm[^:]*:)?\s*[:\s]*[\"“«”](?P<value>[^\"”»]+)[\"”»]",
    re.IGNORECASE,
)
_ISSUERS = re.compile(
    r"^(?:CHÍNH PHỦ|THỦ TƯỚNG CHÍNH PHỦ|BỘ [^\n]+|ỦY BAN NHÂN DÂN[^\n]*|UBND[^\n]*|SỞ [^\n]+|QUỐC HỘI|HỘI ĐỒNG NHÂN DÂN[^\n]*|BỘ TRƯỞNG [^\n]+|"
    r"TỈNH ỦY[^\n]*|VĂN PHÒNG [^\n]+|CỤC [^\n]+|TỔNG CỤC [^\n]+|وزارت [^\n]+|هیئت وزیران|سازمان [^\n]+|استانداری [^\n]+|شورای عالی [^\n]+|Ministry of [^\n]+)$"
)
_FA_MONTHS = {
    name: index
    for index, name in enumerate(
        (
            "فروردین",
            "اردیبهشت",
            "خرداد",
            "تیر",
            "مرداد",
            "شهریور",
            "مهر",
            "آبان",
            "آذر",
            "دی",
            "بهمن",
            "اسفند",
        ),
        start=1,
    )
}


@dataclass(slots=True)
class FrontMatter:
    """Hold what the head of a document says of itself."""

    title: str = ""
    number: str = ""
    issuer: str = ""
    signed_on: date | None = None
    date_kind: str = "signing"
    citations: list[ExtractedCitation] = field(default_factory=list)
    counts: list[DeclaredCount] = field(default_factory=list)
    goal: str = ""
    motto: str = ""
    plan_year: int | None = None


def read_front_matter(blocks: Sequence[SourceBlock], language: str) -> FrontMatter:
    """Read the head of a document and the citations and counts of its prose."""
    prose = [block for block in blocks if block.kind is not BlockKind.TABLE_ROW]
    first_row = next(
        (index for index, block in enumerate(blocks) if block.kind is BlockKind.TABLE_ROW), len(blocks)
    )
    head = [block.text for block in blocks[: min(first_row, _HEAD_BLOCKS)]] or [
        block.text for block in blocks[:2]
    ]
    found = FrontMatter()
    found.signed_on, found.date_kind = _document_date(head, language)
    found.number = _own_number(head)
    found.title = _title(head)
    found.issuer = _issuer(head)
    found.plan_year = _plan_year(found.title, language)
    texts_of_prose = [block.text for block in prose]
    found.citations = citations_in(texts_of_prose, language)
    found.counts = _declared(texts_of_prose)
    found.goal = _first(_GOAL, texts_of_prose)
    found.motto = _first(_MOTTO, texts_of_prose)
    return found


def _first(pattern: re.Pattern[str], lines: Sequence[str]) -> str:
    """Give the value of the first line that a pattern fits."""
    for line in lines:
        match = pattern.search(line)
        if match:
            return str(match["value"]).strip(" .")
    return ""


def _gregorian(match: re.Match[str]) -> date | None:
    """Make a date of a match's d, m and y."""
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None


def _document_date(head: Sequence[str], language: str) -> tuple[date | None, str]:
    """Find the document's own date, and whether it is the date of signing or of a session."""
    if language == "fa":
        return _persian_date(head)
    for line in head:
        match = _PLACE_DATE.match(line.strip())
        if match and len(line) < 90:  # noqa: PLR2004
            return _gregorian(match), "signing"
    for line in head:
        match = _DOC_DATE_VI.search(line)
        if match and _BELONGS.search(line):
            last = list(_DOC_DATE_VI.finditer(line))[-1]
            return _gregorian(last), "signing"
    if language == "en":
        return _english_date(head), "signing"
    return _titled_date(head)


def _titled_date(head: Sequence[str]) -> tuple[date | None, str]:
    """Find the date in the document's own title line, or the day of the meeting whose conclusions it announces."""
    for index, line in enumerate(head[:20]):
        match = _DOC_DATE_VI.search(line)
        if match is None or len(line) > 250:  # noqa: PLR2004
            continue
        before = head[index - 1] if index else ""
        if re.search(
            r"(?:phiên họp|cuộc họp|buổi làm việc|hội nghị)[^.;]*$", line[: match.start()], re.IGNORECASE
        ):
            return _gregorian(match), "session"
        if _OWN_NUMBER_VI.match(line) and (index == 0 or not _TITLE.match(before) or len(before.split()) > 4):  # noqa: PLR2004
            return _gregorian(match), "signing"
    return None, "signing"


def _english_date(head: Sequence[str]) -> date | None:
    """Find an English document's date: on a short line of its head."""
    for line in head[:25]:
        match = _DATE_EN.search(line)
        if (
            match
            and len(line) < 110  # noqa: PLR2004
            and not re.search(
                r"\b(?:by|before|until|deadline|pursuant)\b", line[: match.end()], re.IGNORECASE
            )
        ):
            return _parsed(match["date"], None)
    return None


def _parsed(text: str, calendar: Calendar | None) -> date | None:
    """Read one date or nothing."""
    try:
        return calendars.parse_date(text, calendar).day
    except errors.MehvarError:
        return None


def _persian_date(head: Sequence[str]) -> tuple[date | None, str]:
    """Find a Persian document's date."""
    for line in head[:25]:
        kind = "session" if "جلسه" in line else "signing"
        match = _DATE_FA.search(line) if len(line) < 200 else None  # noqa: PLR2004
        if match and not re.search(r"به استناد|مصوب |حداکثر|مهلت", line):
            day = _parsed(texts.to_ascii_digits(match["date"]).replace(" ", ""), Calendar.JALALI)
            if day is not None:
                return day, kind
        worded = _WORDED_FA.search(line) if len(line) < 200 else None  # noqa: PLR2004
        if worded and not re.search(r"به استناد|مصوب |حداکثر|مهلت|تا پایان", line):
            try:
                year, number = int(texts.to_ascii_digits(worded["y"])), _FA_MONTHS[worded["month"]]
                return calendars.from_jalali(year, number, int(texts.to_ascii_digits(worded["d"]))), kind
            except errors.MehvarError:
                continue
    return None, "signing"


def _own_number(head: Sequence[str]) -> str:
    """Find the document's own number."""
    for line in head:
        match = _NUMBER_LINE.match(line.strip())
        if match:
            return match["number"].strip(" .")
    for line in head:
        if _BELONGS.search(line):
            cited = _CITED_VI.search(line)
            if cited:
                return cited["number"]
    for line in head[:20]:
        cited = _CITED_VI.search(line) if _OWN_NUMBER_VI.match(line) else None
        if cited:
            return cited["number"]
    return ""


def _title(head: Sequence[str]) -> str:
    """Find the title: the first line that begins like one, with the line after it when it is only the kind."""
    for index, line in enumerate(head):
        if _TITLE.match(line.strip()):
            following = head[index + 1] if index + 1 < len(head) else ""
            is_kind = len(line.split()) <= 4  # noqa: PLR2004
            return f"{line.strip()} {following.strip()}".strip() if is_kind else line.strip()
    return head[0].strip() if head and len(head[0]) < 300 else ""  # noqa: PLR2004


def _plan_year(title: str, language: str) -> int | None:
    """Give the one year that a title plans ("Kế hoạch … năm 2025")."""
    shape = {
        "vi": r"\bnăm\s+((?:19|20|21)\d\d)\b",
        "fa": r"سال\s+(1[34]\d\d)",
        "en": r"\b(?:for|in|of)\s+(20\d\d)\b",
    }[language]
    plain = re.sub(
        rf"(?:ngày|tháng)\s[^,;]*?năm\s+\d{{4}}|{_DATE_VI}",
        " ",
        texts.to_ascii_digits(title),
        flags=re.IGNORECASE,
    )
    years = set(re.findall(shape, plain))
    return int(years.pop()) if len(years) == 1 else None


def _issuer(head: Sequence[str]) -> str:
    """Find the issuer among the first lines."""
    for line in head[:20]:
        for part in line.split("\n"):
            if _ISSUERS.match(part.strip()) and len(part) < 100 and " - " not in part:  # noqa: PLR2004
                return part.strip()
    return ""


def citations_in(lines: Sequence[str], language: str) -> list[ExtractedCitation]:
    """List the legal documents that a text cites, once each."""
    found: dict[tuple[str, str], ExtractedCitation] = {}
    for line in lines:
        for citation in _citations_of(line, language):
            key = (citation.type.casefold(), citation.number.casefold() or citation.text.casefold())
            if key not in found or (found[key].date is None and citation.date is not None):
                found[key] = citation
    return list(found.values())


def _citations_of(line: str, language: str) -> list[ExtractedCitation]:
    """List the citations of one line."""
    if language == "fa":
        return [_cited(match, Calendar.JALALI) for match in _CITED_FA.finditer(line)]
    if language == "en":
        return [_cited(match, None) for match in _CITED_EN.finditer(line)]
    found = [
        ExtractedCitation(
            _capital(match["type"]),
            match["number"].rstrip(".-/"),
            _gregorian(match) if match["y"] else None,
            match.group(),
        )
        for match in _CITED_VI.finditer(line)
    ]
    found += [
        ExtractedCitation(
            match["type"],
            "",
            _gregorian(match) if match["y"] else None,
            f"{match['type']}{match['name']}".strip(),
        )
        for match in _CITED_LAW_VI.finditer(line)
        if not re.search(_NUMBER_VI, match["name"])
    ]
    return found


def _cited(match: re.Match[str], calendar: Calendar | None) -> ExtractedCitation:
    """Make a citation of a Persian or English match."""
    stated = match["date"]
    day = _parsed(texts.to_ascii_digits(stated), calendar) if stated else None
    return ExtractedCitation(
        match["type"], texts.to_ascii_digits(match["number"]).rstrip("/-."), day, match.group()
    )


def _capital(text: str) -> str:
    """Write a document's type with one capital."""
    return text[0].upper() + text[1:].lower()


def _declared(lines: Sequence[str]) -> list[DeclaredCount]:
    """List the numbers of tasks that the document declares."""
    found: list[DeclaredCount] = []
    for line in lines:
        if len(line) > 1500:  # noqa: PLR2004
            continue
        marker = marker_of(line)
        at_head = _COUNT_AT_HEAD.match(line[marker.length if marker else 0 :])
        for match in [at_head] if at_head else (*_COUNT.finditer(line), *_COUNT_FA.finditer(line)):
            groups = match.groupdict()
            label = (groups.get("label") or groups.get("label2") or "").strip(" -–")
            number = groups.get("count") or groups.get("count2") or "0"
            label = re.sub(r"^(?:và|trong đó|lĩnh vực|حوزه|و)\s+", "", label)
            if re.match(r"^(?:tổng|gồm|bao gồm|có|total|مجموع)", label, re.IGNORECASE):
                continue
            found.append(DeclaredCount(label, int(texts.to_ascii_digits(number)), match.group().strip()))
        total = _TOTAL.search(line)
        if total:
            found.append(DeclaredCount("", int(texts.to_ascii_digits(total["count"])), total.group()))
    return found
