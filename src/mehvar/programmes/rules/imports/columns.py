"""Name the columns of each list in three languages; any of the names is recognised, in any order.

Columns that are ``shown`` only go out, so that people know what they look at; they are not read.
"""

from __future__ import annotations

from collections.abc import Mapping

from mehvar.kernel import text
from mehvar.programmes.data import SheetKind
from mehvar.programmes.rules.imports import choices
from mehvar.programmes.rules.imports.choices import Words, in_language
from mehvar.programmes.rules.imports.registers import REGISTERS
from mehvar.programmes.rules.imports.specs import BODY, DUE, KEY, STATE, ColumnSpec, ValueKind, needed, shown
from mehvar.programmes.rules.plans import LONGEST_SHORT, LONGEST_TEXT

_LONG = 10_000
_NOTE = 4_000


_V = ValueKind
_PRODUCT = ColumnSpec(
    ("Product class", "رده محصول", "Nhóm sản phẩm"), _V.CHOICE, choices=choices.PRODUCT_CLASSES
)
_WEIGHT = ColumnSpec(("Weight", "وزن", "Trọng số"), _V.WEIGHT)

COLUMNS: Mapping[SheetKind, Mapping[str, ColumnSpec]] = {
    SheetKind.MEASURES: {
        "text": needed("Measure", "اقدام", "Nhiệm vụ", longest=LONGEST_TEXT),
        "objective": ColumnSpec(("Objective", "هدف", "Mục tiêu"), longest=LONGEST_TEXT),
        "body": ColumnSpec(BODY, _V.BODY),
        "due_on": ColumnSpec(DUE, _V.DAY),
        "outcome_indicator": ColumnSpec(
            ("Outcome that people feel", "پیامد ملموس برای مردم", "Tác động đối với người dân"),
            longest=LONGEST_TEXT,
        ),
        "product_class": _PRODUCT,
        "weight": _WEIGHT,
        "derived_from": ColumnSpec(
            (
                "Derived from the national measure",
                "برگرفته از اقدام ملی",
                "Cụ thể hóa từ nhiệm vụ quốc gia",
            ),
            _V.MEASURE,
        ),
        "directive": shown("Directive", "دستورالعمل", "Chỉ thị"),
        "key": KEY,
    },
    SheetKind.PLAN_ITEMS: {
        "body": needed(*BODY, kind=_V.BODY),
        "number": ColumnSpec(("No.", "ردیف", "TT"), _V.NUMBER),
        "text": needed(
            "What will be done", "چه کاری انجام می‌شود", "Nội dung thực hiện", longest=LONGEST_TEXT
        ),
        "source": ColumnSpec(
            ("Serves the measure", "در خدمت اقدام", "Phục vụ nhiệm vụ"), _V.MEASURE, longest=LONGEST_TEXT
        ),
        "owner_office": ColumnSpec(("Owner (office)", "واحد مسئول", "Đơn vị phụ trách")),
        "starts_on": ColumnSpec(("Starts", "شروع", "Bắt đầu"), _V.DAY),
        "due_on": ColumnSpec(("Due", "پایان", "Hoàn thành"), _V.DAY),
        "indicator": ColumnSpec(("Indicator", "شاخص", "Chỉ tiêu"), longest=LONGEST_TEXT),
        "target": ColumnSpec(("Target", "هدف کمی", "Mục tiêu"), longest=LONGEST_SHORT),
        "product_class": _PRODUCT,
        "weight": _WEIGHT,
        "needs": ColumnSpec(("After items", "پس از ردیف‌های", "Sau các mục"), _V.NEEDS),
        "milestones": ColumnSpec(("Milestones", "نقاط عطف", "Mốc thực hiện"), _V.MILESTONES, longest=_LONG),
        "budget": ColumnSpec(("Budget", "بودجه", "Kinh phí"), _V.BUDGET, longest=_LONG),
        "state": shown("State of the plan", "وضعیت برنامهٔ عملیاتی", "Trạng thái kế hoạch"),
        "key": KEY,
    },
    SheetKind.REPORTS: {
        "measure": shown("Measure", "اقدام", "Nhiệm vụ"),
        "body": shown(*BODY, kind=_V.BODY),
        "due_on": shown(*DUE, kind=_V.DAY),
        "expected": shown("Expected, %", "پیشرفت مورد انتظار، ٪", "Phải đạt, %", kind=_V.PERCENT),
        "claimed": ColumnSpec(("Claimed, %", "اعلام‌شده، ٪", "Cơ quan báo, %"), _V.PERCENT),
        "self_rating": ColumnSpec(
            ("Self-rated", "خوداظهاری", "Tự đánh giá"), _V.CHOICE, choices=choices.RATINGS
        ),
        "done_text": ColumnSpec(("What was done", "کارهای انجام‌شده", "Đã làm gì"), longest=_LONG),
        "next_text": ColumnSpec(("What is next", "گام بعدی", "Việc tiếp theo"), longest=_LONG),
        "state": shown("State of the report", "وضعیت گزارش", "Trạng thái báo cáo"),
        "key": KEY,
    },
    SheetKind.OBSTACLES: {
        "kind": ColumnSpec(("Kind", "نوع", "Loại"), _V.CHOICE, choices=choices.OBSTACLE_KINDS),
        "title": needed("What is in the way", "چه چیزی مانع است", "Nội dung vướng mắc"),
        "text": needed("Description", "شرح", "Mô tả", longest=_LONG),
        "cause": ColumnSpec(("Cause", "علت", "Nguyên nhân"), _V.CHOICE, choices=choices.CAUSES),
        "decision_needed": ColumnSpec(
            ("Which decision is needed", "چه تصمیمی لازم است", "Cần quyết định gì"), longest=_NOTE
        ),
        "decision_from": ColumnSpec(("From whom", "از چه کسی", "Cơ quan có thẩm quyền quyết định"), _V.BODY),
        "product_need": ColumnSpec(
            (
                "Who needs the product, and what for",
                "نیازمند محصول و کاربرد آن",
                "Ai cần sản phẩm, để làm gì",
            ),
            longest=_NOTE,
        ),
        "market_size": ColumnSpec(("How much is needed", "میزان نیاز", "Nhu cầu bao nhiêu")),
        "could_make": ColumnSpec(
            ("Who could make it", "چه کسی می‌تواند بسازد", "Đơn vị có khả năng sản xuất"), longest=_NOTE
        ),
        "raised_by": needed("Raised by", "اعلام‌کننده", "Cơ quan nêu", kind=_V.BODY),
        "delivery": ColumnSpec(
            ("Delivery concerned (key)", "کلید اقدام محول", "Khóa việc được giao liên quan"), longest=40
        ),
        "owner": ColumnSpec(("Who must remove it", "مسئول رفع مانع", "Cơ quan phải tháo gỡ"), _V.BODY),
        "remedy": ColumnSpec(("Remedy", "راهکار", "Cách tháo gỡ"), longest=_NOTE),
        "remedy_due_on": ColumnSpec(("Removed by", "رفع تا تاریخ", "Tháo gỡ chậm nhất"), _V.DAY),
        "state": shown(*STATE),
        "level": shown("Level", "سطح", "Cấp"),
        "holder": shown("Who has it now", "اکنون نزد", "Đang ở cơ quan", kind=_V.BODY),
        "level_due_on": shown("Until", "تا تاریخ", "Đến ngày", kind=_V.DAY),
        "province": shown("Province", "استان", "Tỉnh", kind=_V.BODY),
        "raised_at": shown("Raised on", "تاریخ اعلام", "Ngày nêu", kind=_V.DAY),
        "key": KEY,
    },
    SheetKind.MEETINGS: {
        "body": needed(*BODY, kind=_V.BODY),
        "held_on": needed("Date", "تاریخ", "Ngày", kind=_V.DAY),
        "kind": ColumnSpec(
            ("With", "طرف نشست", "Làm việc với"), _V.CHOICE, choices=choices.MEETING_KINDS, needed=True
        ),
        "with_whom": needed("With whom (offices)", "با چه کسانی (سمت‌ها)", "Với ai (cơ quan)"),
        "subject": needed("Subject", "موضوع", "Chủ đề"),
        "notes": ColumnSpec(("Notes", "یادداشت", "Ghi chú"), longest=_LONG),
        "key": KEY,
    },
    SheetKind.COMMITMENTS: {
        "meeting": needed("Meeting (key)", "کلید نشست", "Khóa buổi làm việc", longest=60),
        "subject": shown("Subject", "موضوع", "Chủ đề"),
        "text": needed("Commitment", "تعهد", "Cam kết", longest=_LONG),
        "promised_by": needed(
            "Promised by (office)", "تعهددهنده (سمت یا اداره)", "Bên cam kết (cơ quan)", longest=200
        ),
        "due_on": ColumnSpec(DUE, _V.DAY),
        "state": ColumnSpec(STATE, _V.CHOICE, choices=choices.COMMITMENT_STATES),
        "settled_on": ColumnSpec(("Settled on", "تاریخ تعیین تکلیف", "Ngày kết thúc"), _V.DAY),
        "note": ColumnSpec(("Reason or note", "دلیل یا توضیح", "Lý do hoặc ghi chú"), longest=_NOTE),
        "key": KEY,
    },
    SheetKind.PROPOSALS: {
        "committee": needed("Committee", "کمیته", "Ban chỉ đạo"),
        "title": needed("Proposal", "پیشنهاد", "Kiến nghị"),
        "text": needed("Reasons", "دلایل", "Lý do", longest=_LONG),
        "due_on": shown("Answer due", "مهلت پاسخ", "Hạn trả lời", kind=_V.DAY),
        "answer": ColumnSpec(("Answer", "پاسخ", "Trả lời"), _V.CHOICE, choices=choices.ANSWERS),
        "answer_reason": ColumnSpec(("Reason of the answer", "دلیل پاسخ", "Lý do trả lời"), longest=_NOTE),
        "key": KEY,
    },
    **REGISTERS,
}

SUBJECT_OF: Mapping[SheetKind, str] = {
    SheetKind.MEASURES: "programme",
    SheetKind.PLAN_ITEMS: "call",
    SheetKind.REPORTS: "round",
}
"""What a list belongs to; the other lists are the room's own."""

ERRORS_HEAD: Words = ("What is wrong", "ایرادها", "Lỗi")
"""The head of the column in which refused rows come back."""


def heads(kind: SheetKind, language: str) -> dict[str, str]:
    """Give the heads of a list's columns by key, in the order in which they go out."""
    return {key: in_language(spec.words, language) for key, spec in COLUMNS[kind].items()}


def column_of(kind: SheetKind, head: str) -> str:
    """Give the key of a column by its head in any language, or by the key itself; empty where it is none."""
    folded = text.fold_for_search(head)
    if not folded:
        return ""
    for key, spec in COLUMNS[kind].items():
        if folded in _folded(key, spec.words):
            return key
    return ""


def _folded(key: str, words: Words) -> set[str]:
    return {text.fold_for_search(word) for word in (key, *words)}


def is_errors_head(head: str) -> bool:
    """Tell whether a column is the one of errors, which is left alone."""
    return text.fold_for_search(head) in {text.fold_for_search(word) for word in ERRORS_HEAD}


def word_of(kind: SheetKind, column: str, value: str, language: str) -> str:
    """Give the word of a choice, the value itself where it has none."""
    found = (COLUMNS[kind][column].choices or {}).get(value)
    return in_language(found, language) if found else value
