"""Name what may stand in a cell of a few values, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from mehvar.kernel import text
from mehvar.programmes.rules.workbooks.columns import PRODUCT_WORDS, Words, in_language

__all__ = [
    "ANSWERS",
    "AUDIENCES",
    "CALENDARS",
    "CAUSES",
    "COMMITMENT_STATES",
    "EDITION_STATES",
    "LANGUAGES",
    "LISTED",
    "MARKS",
    "MEETING_KINDS",
    "OBSTACLE_KINDS",
    "OPEN_OR_CLOSED",
    "PRODUCT_CLASSES",
    "PROGRAMME_STATES",
    "RATINGS",
    "REQUIRED",
    "YES_OR_NO",
    "Words",
    "choice_of",
    "in_language",
]

PRODUCT_CLASSES = PRODUCT_WORDS
RATINGS: Mapping[str, Words] = {
    "green": ("Green", "سبز", "Xanh"),
    "amber": ("Amber", "زرد", "Vàng"),
    "red": ("Red", "قرمز", "Đỏ"),
    "unknown": ("Not known", "نامعلوم", "Chưa rõ"),
}
OBSTACLE_KINDS: Mapping[str, Words] = {
    "obstacle": ("Obstacle", "مانع", "Vướng mắc"),
    "product_gap": ("Product gap of the market", "خلأ محصول در بازار", "Sản phẩm thị trường còn thiếu"),
}
CAUSES: Mapping[str, Words] = {
    "legal": ("Law or permit", "قانون یا مجوز", "Pháp lý hoặc giấy phép"),
    "budget": ("Budget", "بودجه", "Ngân sách"),
    "land": ("Land or building", "زمین یا ساختمان", "Đất đai hoặc công trình"),
    "procurement": ("Procurement", "خرید و تدارکات", "Mua sắm"),
    "technical": ("Technology", "فناوری", "Công nghệ"),
    "staff": ("Staff or skills", "نیروی انسانی یا مهارت", "Nhân lực hoặc kỹ năng"),
    "coordination": ("Coordination between bodies", "هماهنگی میان دستگاه‌ها", "Phối hợp giữa các cơ quan"),
    "supply": ("Supply of goods", "تأمین کالا", "Cung ứng hàng hóa"),
    "data": ("Data or exchange of data", "داده یا تبادل داده", "Dữ liệu hoặc trao đổi dữ liệu"),
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
    "open": ("Open", "باز", "Đang mở"),
    "kept": ("Kept", "انجام‌شده", "Đã thực hiện"),
    "broken": ("Broken", "انجام‌نشده", "Không thực hiện"),
    "withdrawn": ("Withdrawn", "پس‌گرفته", "Đã rút"),
}
ANSWERS: Mapping[str, Words] = {
    "accepted": ("Accepted", "پذیرفته", "Chấp nhận"),
    "partly": ("Partly accepted", "تا حدی پذیرفته", "Chấp nhận một phần"),
    "refused": ("Refused", "رد شده", "Từ chối"),
}
LANGUAGES: Mapping[str, Words] = {
    "fa": ("Persian", "فارسی", "Tiếng Ba Tư"),
    "vi": ("Vietnamese", "ویتنامی", "Tiếng Việt"),
    "en": ("English", "انگلیسی", "Tiếng Anh"),
}
CALENDARS: Mapping[str, Words] = {
    "gregorian": ("Gregorian", "میلادی", "Dương lịch"),
    "jalali": ("Jalali", "هجری شمسی", "Lịch Ba Tư"),
}
PROGRAMME_STATES: Mapping[str, Words] = {
    "draft": ("Draft", "پیش‌نویس", "Dự thảo"),
    "active": ("Running", "در حال اجرا", "Đang thực hiện"),
    "finished": ("Finished", "پایان‌یافته", "Hoàn thành"),
    "closed": ("Closed", "بسته", "Đã kết thúc"),
}
OPEN_OR_CLOSED: Mapping[str, Words] = {
    "open": ("Open", "باز", "Đang mở"),
    "closed": ("Closed", "بسته", "Đã kết thúc"),
}
REQUIRED: Mapping[str, Words] = {
    "owner": ("Owner", "مسئول", "Đơn vị chịu trách nhiệm"),
    "milestone": ("Milestone", "نقطه عطف", "Mốc"),
    "date": ("Date", "تاریخ", "Ngày"),
    "indicator": ("Indicator", "شاخص", "Chỉ tiêu"),
    "budget": ("Budget", "بودجه", "Kinh phí"),
}
AUDIENCES: Mapping[str, Words] = {
    "provinces": ("All provinces", "همه استان‌ها", "Tất cả các tỉnh"),
    "industrial": ("Industrial provinces", "استان‌های صنعتی", "Các tỉnh công nghiệp"),
}
"""What may stand in place of bodies that are called."""
YES_OR_NO: Mapping[str, Words] = {"yes": ("Yes", "بله", "Có"), "no": ("No", "خیر", "Không")}
MARKS: Mapping[str, Words] = {
    "driver": ("Driver", "پیشران", "Dẫn dắt"),
    "hope_giving": ("Hope-giving", "امیدآفرین", "Tạo niềm tin"),
}
LISTED: Mapping[str, Words] = {
    "draft": ("Draft", "پیش‌نویس", "Dự thảo"),
    "listed": ("Listed", "درج‌شده", "Đã vào danh mục"),
}
EDITION_STATES: Mapping[str, Words] = {
    "draft": ("Draft", "پیش‌نویس", "Dự thảo"),
    "published": ("Criteria published", "معیارها منتشر شد", "Đã công bố tiêu chí"),
    "awarded": ("Awarded", "اعطاشده", "Đã khen thưởng"),
}


def choice_of(choices: Mapping[str, Words], written: str) -> str | None:
    """Give the value that a cell names in any language, or by its code; None where it is none of them."""
    folded = text.fold_for_search(written)
    for value, words in choices.items():
        if folded in {text.fold_for_search(word) for word in (value, *words)}:
            return value
    return None
