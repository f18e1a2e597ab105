"""Name what may stand in a cell of a few values, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from mehvar.kernel import text
from mehvar.programmes.rules.workbooks.columns import PRODUCT_WORDS, Words, in_language

__all__ = [
    "ANSWERS",
    "CAUSES",
    "COMMITMENT_STATES",
    "MEETING_KINDS",
    "OBSTACLE_KINDS",
    "PRODUCT_CLASSES",
    "RATINGS",
    "Words",
    "choice_of",
    "in_language",
]

PRODUCT_CLASSES = PRODUCT_WORDS
RATINGS: Mapping[str, Words] = {
    "green": ("Green", "سبز", "Xanh"),
    "amber": ("Amber", "زرد", "Vàng"),
    "red": ("Red", "قرمز", "Đỏ"),
    "unknown": ("Not known", "نامشخص", "Chưa rõ"),
}
OBSTACLE_KINDS: Mapping[str, Words] = {
    "obstacle": ("Obstacle", "مانع", "Vướng mắc"),
    "product_gap": ("Product gap of the market", "خلأ محصول در بازار", "Sản phẩm thị trường còn thiếu"),
}
CAUSES: Mapping[str, Words] = {
    "legal": ("Law or permit", "قانون یا مجوز", "Pháp lý hoặc giấy phép"),
    "budget": ("Budget", "بودجه", "Ngân sách"),
    "land": ("Land or building", "زمین یا ساختمان", "Đất đai hoặc nhà cửa"),
    "procurement": ("Procurement", "تدارکات", "Mua sắm"),
    "technical": ("Technology", "فناوری", "Công nghệ"),
    "staff": ("Staff or skills", "نیروی انسانی یا مهارت", "Nhân lực hoặc kỹ năng"),
    "coordination": ("Coordination between bodies", "هماهنگی میان دستگاه‌ها", "Phối hợp giữa các cơ quan"),
    "supply": ("Supply of goods", "تأمین کالا", "Cung ứng hàng hóa"),
    "data": ("Data or exchange of data", "داده یا تبادل داده", "Dữ liệu hoặc chia sẻ dữ liệu"),
    "other": ("Something else", "سایر", "Khác"),
}
MEETING_KINDS: Mapping[str, Words] = {
    "governor": ("Governor's office", "استانداری", "Ủy ban nhân dân tỉnh"),
    "parliament": ("Members of parliament", "نمایندگان مجلس", "Đại biểu Quốc hội"),
    "council": ("Local council or committee", "شورا یا کمیته محلی", "Hội đồng hoặc ban ở địa phương"),
    "bodies": ("Other public bodies", "دستگاه‌های دیگر", "Cơ quan nhà nước khác"),
    "firms": ("Firms and associations", "شرکت‌ها و تشکل‌ها", "Doanh nghiệp và hiệp hội"),
    "other": ("Others", "دیگران", "Đối tượng khác"),
}
COMMITMENT_STATES: Mapping[str, Words] = {
    "open": ("Open", "باز", "Còn mở"),
    "kept": ("Kept", "انجام‌شده", "Đã thực hiện"),
    "broken": ("Broken", "نقض‌شده", "Không thực hiện"),
    "withdrawn": ("Withdrawn", "پس‌گرفته", "Đã rút"),
}
ANSWERS: Mapping[str, Words] = {
    "accepted": ("Accepted", "پذیرفته", "Chấp thuận"),
    "partly": ("Partly accepted", "پذیرش بخشی", "Chấp thuận một phần"),
    "refused": ("Refused", "رد شده", "Từ chối"),
}


def choice_of(choices: Mapping[str, Words], written: str) -> str | None:
    """Give the value that a cell names in any language, or by its code; None where it is none of them."""
    folded = text.fold_for_search(written)
    for value, words in choices.items():
        if folded in {text.fold_for_search(word) for word in (value, *words)}:
            return value
    return None
