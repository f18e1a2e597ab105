"""Find the deadline of a task inside its sentence, past dates of cited laws and years that are only a topic.

Source: issue "the house", point 8 (inline prose).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mehvar.directives.extraction.dues.languages import language_of
from mehvar.directives.extraction.dues.reading import DueContext, Found, folded
from mehvar.directives.extraction.model import NO_DUE, DueKind, ExtractedDue

_CITED = re.compile(
    r"(?:số|số:)?\s*\d+[\w/.-]*/[\w-]+[^,;.]{0,30}?\s*$|(?:luật|nghị định|nghị quyết|quyết định|chỉ thị|thông tư|kết luận|"
    r"văn bản|công văn|tờ trình|thông báo|kế hoạch|pháp lệnh|hiến pháp|chiến lược|chương trình|đề án)"
    r"(?:\s+\S+){0,6}?\s*(?:ngày\s*)?$|(?:act|law|decree|decision|resolution|directive)(?:\s+\S+){0,6}?\s*(?:of|dated)?\s*$|"
    r"\b(?:قانون|تصویب ?نامه|مصوبه|ایین ?نامه|بخشنامه|نامه|ابلاغیه|مورخ|مصوب|شماره)(?:\s+\S+){0,8}?\s*$"
)
_CUE = re.compile(
    r"(?:hoàn thành|xong|trước|chậm nhất|đến hết|vào|ngay|trong|báo cáo|trình|thực hiện|ban hành|thời hạn|muộn nhất|hạn|định kỳ|"
    r"gửi|kết thúc|đến|by|before|until|no later than|not later than|within|deadline|due|complete[d]?|"
    r"ظرف|مهلت|حداکثر|تا|پایان|طی|مدت|موعد|لغایت)\W*(?:\S+\W+){0,3}$"
)
_TOPIC = re.compile(
    r"(?:năm|cho|của|về|giai đoạn|đến|tầm nhìn|kế hoạch|nhiệm vụ|chỉ tiêu|mục tiêu|theme|plan|برنامه|بودجه|سال|شعار)\W*$"
)
_STRONG = re.compile(
    r"hoàn thành|xong trước|trước|chậm nhất|thời hạn|muộn nhất|by|before|within|no later|ظرف|مهلت|حداکثر|تا پایان|موعد"
)


_STANDING = re.compile(
    r"(?:thực hiện|triển khai|báo cáo|duy trì)\s+(?:nhiệm vụ\s+)?(?:thường xuyên|liên tục|hằng năm|hàng năm)[^.;]{0,12}$|به ?(?:طور|صورت|شکل) ?\S+$|"
    r"\b(?:on an? )?(?:ongoing|continuous)(?: basis)?$|همه ?ساله$|سالانه$"
)
_COMPLETES = re.compile(
    r"\b(?:hoàn thành|hoàn thiện xong|làm xong|đưa vào (?:vận hành|sử dụng)|complete[sd]?|finish)\b[^.;]*$"
)
_UNREAD = re.compile(
    r"(?:hoàn thành|xong)\s+(?:trước|chậm nhất|trong (?:vòng|thời hạn))\s[^,.;]{2,40}|chậm nhất (?:là|đến)\s[^,.;]{2,40}|"
    r"\b(?:no|not) later than\s[^,.;]{2,40}|(?:حداکثر تا|ظرف مدت|در مهلت|تا پایان)\s[^،.؛]{2,40}"
)
_EACH = re.compile(r"(?:هر|each|every|mỗi|từng)\s+\w+")


@dataclass(frozen=True, slots=True)
class ProseDue:
    """Hold the deadline found in a sentence, how sure it is, and its doubts."""

    due: ExtractedDue = NO_DUE
    confidence: float = 1.0
    doubts: tuple[str, ...] = ()


def find_in_prose(text: str, context: DueContext) -> ProseDue:
    """Find the deadline of a sentence."""
    plain = folded(text)
    everything = language_of(context).find(plain, context)
    usable = [item for item in everything if _is_deadline(plain, item)] or [
        item
        if _COMPLETES.search(plain[max(0, item.start - 220) : item.start])
        else replace(item, confidence=0.6, doubts=("unclear-due",))
        for item in everything
        if _ends_sentence(plain, item)
    ]
    if not usable:
        unread = _UNREAD.search(plain)
        if unread is None or everything:
            return ProseDue()
        due = ExtractedDue(unread.group(), DueKind.UNCLEAR, calendar=str(context.calendar))
        return ProseDue(due, 0.5, ("unclear-due",))
    best = max(usable, key=lambda item: _weight(plain, item))
    rivals = [
        item for item in usable if item is not best and _weight(plain, item)[0] >= _weight(plain, best)[0]
    ]
    is_unanchored = best.due.anchor in {context.anchor_kind, "other"}
    if (
        best.due.kind is DueKind.RELATIVE
        and is_unanchored
        and _EACH.search(plain[max(0, best.start - 70) : best.end])
    ):
        best = replace(best, due=replace(best.due, end=None, anchor="other"))
    doubts = best.doubts
    confidence = min(best.confidence, 0.9)
    if any((item.due.kind, item.due.end) != (best.due.kind, best.due.end) for item in rivals):
        doubts, confidence = (*doubts, "several-dates"), min(confidence, 0.5)
    return ProseDue(replace(best.due, raw=_raw(text, plain, best)), confidence, doubts)


def _raw(text: str, plain: str, item: Found) -> str:
    """Give the words as written where folding kept the length, else as folded."""
    line = " ".join(text.split())
    return line[item.start : item.end] if len(line) == len(plain) else plain[item.start : item.end]


def _is_deadline(plain: str, item: Found) -> bool:
    """Tell a deadline from a cited date, a bare year that is a topic, and a mere adverb."""
    before = plain[max(0, item.start - 90) : item.start]
    kind = item.due.kind
    if (
        kind is DueKind.DAY
        and _CITED.search(before)
        and not re.search(
            r"(?:trước|hết|nhất|đến)\s*(?:ngày\s*)?$|(?:تا|لغایت|مهلت|موعد)\s*(?:تاریخ|روز)?\s*:?\s*$|\b(?:by|before|until)\s*$",
            before,
        )
    ):
        return False
    if kind in {DueKind.YEAR, DueKind.RANGE, DueKind.OPEN_FROM, DueKind.UNCLEAR}:
        return _is_yearly_deadline(before, plain, item)
    if kind in {DueKind.RECURRING, DueKind.RECURRING_YEARLY} and _STANDING.search(
        plain[max(0, item.start - 22) : item.end]
    ):
        return True
    if kind in {DueKind.RECURRING, DueKind.RECURRING_YEARLY} and re.search(
        r"\d", plain[item.start : item.end]
    ):
        return True
    if kind in {DueKind.RECURRING, DueKind.RECURRING_YEARLY}:
        return item.due.recurrence is not None and bool(
            re.search(
                r"định kỳ|báo cáo|هر|یک بار|گزارش|report|every", plain[max(0, item.start - 25) : item.end]
            )
        )
    return kind is not DueKind.RELATIVE or item.due.duration is not None


def _is_yearly_deadline(before: str, plain: str, item: Found) -> bool:
    """Tell whether a bare year is when the task ends: a cue stands right before it."""
    words = plain[item.start : item.end]
    near = before[-30:] + words
    if item.due.kind is DueKind.UNCLEAR:
        return False
    if re.match(r"(?:trong|hết|cuối) năm(?: nay)?$", words):
        return True
    return bool(
        re.search(
            r"(?:hoàn thành|xong|ban hành|trình [^.;]{0,12}|báo cáo [^.;]{0,12})\s*(?:trong|trước|vào|cuối|đến hết|hết)\s*(?:cuối\s*)?(?:năm\s*)?(?:19|20)\d\d$|"
            r"(?:trước|đến hết|hết|chậm nhất|cuối)\s*(?:năm\s*)?(?:19|20)\d\d$|"
            r"\b(?:by|before|until|end of|within|in)\s+(?:the\s+)?(?:end\s+of\s+)?(?:the\s+)?(?:year\s+)?\d{4}$|"
            r"(?:پایان|تا|حداکثر|اخر)\s*(?:پایان\s*)?(?:سال)?(?:\s+جاری)?\s*(?:1[34]\d\d)?$|پایان سال(?:\s+جاری)?$",
            near,
        )
    )


def _ends_sentence(plain: str, item: Found) -> bool:
    """Tell whether "trong năm 2025" ends its sentence: it may be the deadline or only the topic."""
    if item.due.kind is not DueKind.YEAR:
        return False
    before, after = plain[max(0, item.start - 8) : item.start], plain[item.end : item.end + 2].strip()
    return bool(re.search(r"(?:trong|در|during)\s*(?:năm|سال)?\s*$", before + " ")) and (
        not after or after[0] in ".;"
    )


def _weight(plain: str, item: Found) -> tuple[int, int]:
    """Order deadlines of one sentence: with a strong cue first, finer kinds first, later ones first."""
    before = plain[max(0, item.start - 45) : item.end]
    fineness = {
        DueKind.DAY: 3,
        DueKind.RELATIVE: 3,
        DueKind.MONTH: 2,
        DueKind.QUARTER: 2,
        DueKind.HALF: 1,
    }.get(item.due.kind, 0)
    cue = (
        4 if _STRONG.search(before) else 2 if _CUE.search(plain[max(0, item.start - 45) : item.start]) else 0
    )
    return (cue + fineness, item.start)
