"""Name the sheets and columns of a plan's workbook in three languages; any of them is recognised, in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from mehvar.kernel import text


class SheetKey(StrEnum):
    """Name the sheets."""

    ITEMS = "items"
    MILESTONES = "milestones"
    BUDGET = "budget"


Words = tuple[str, str, str]
"""English, Persian, Vietnamese."""

LANGUAGES = ("en", "fa", "vi")
NAMES: Mapping[SheetKey, Words] = {
    SheetKey.ITEMS: ("Items", "ردیف‌ها", "Các mục"),
    SheetKey.MILESTONES: ("Milestones", "نقاط عطف", "Mốc thực hiện"),
    SheetKey.BUDGET: ("Budget", "بودجه", "Kinh phí"),
}
INSTRUCTIONS: Words = ("Instructions", "راهنما", "Hướng dẫn")

SHEETS: Mapping[SheetKey, Mapping[str, Words]] = {
    SheetKey.ITEMS: {
        "number": ("No.", "ردیف", "TT"),
        "text": ("What will be done", "چه کاری انجام می‌شود", "Nội dung thực hiện"),
        "source": ("Serves the measure", "در خدمت اقدام", "Phục vụ nhiệm vụ"),
        "owner_office": ("Owner (office)", "واحد مسئول", "Đơn vị phụ trách"),
        "starts_on": ("Starts", "شروع", "Bắt đầu"),
        "due_on": ("Due", "پایان", "Hoàn thành"),
        "indicator": ("Indicator", "شاخص", "Chỉ tiêu"),
        "target": ("Target", "هدف کمی", "Mục tiêu"),
        "product_class": ("Product class", "رده محصول", "Nhóm sản phẩm"),
        "weight": ("Weight", "وزن", "Trọng số"),
        "needs": ("After items", "پس از ردیف‌های", "Sau các mục"),
        "key": ("Key (leave as it is)", "کلید (تغییر ندهید)", "Khóa (giữ nguyên)"),
    },
    SheetKey.MILESTONES: {
        "item": ("Item No.", "شمارهٔ ردیف", "TT của mục"),
        "title": ("Milestone", "نقطه عطف", "Mốc"),
        "due_on": ("Due", "موعد", "Thời hạn"),
        "weight": ("Weight", "وزن", "Trọng số"),
    },
    SheetKey.BUDGET: {
        "item": ("Item No.", "شمارهٔ ردیف", "TT của mục"),
        "title": ("What for", "بابت", "Nội dung chi"),
        "amount": ("Amount", "مبلغ", "Số tiền"),
        "currency": ("Currency", "واحد پول", "Đơn vị tiền tệ"),
        "source": ("Source of funds", "محل تأمین", "Nguồn kinh phí"),
    },
}

PRODUCT_WORDS: Mapping[str, Words] = {
    "none": ("Neither", "هیچ‌کدام", "Không thuộc nhóm nào"),
    "current": ("Current products", "محصولات جاری", "Sản phẩm hiện có"),
    "emerging": ("Emerging technology", "فناوری نوظهور", "Công nghệ mới nổi"),
}

GUIDE: Mapping[str, Sequence[str]] = {
    "en": (
        "One row for each item on the first sheet; its number joins milestones and budget lines on the other sheets to it.",
        "Dates by the Gregorian or the Jalali calendar, in any digits: 22/9/2026, 2026-09-22, 1405/06/31.",
        "After items: numbers of the items that must be done before, as 1, 3.",
        "Amounts are plain numbers; an item that needs no money gets the amount 0.",
        "Leave the key column as it is: it tells which rows are known already. New rows have no key.",
        "Nothing is changed before you have seen what was read and have confirmed it.",
    ),
    "fa": (
        "در برگهٔ نخست، هر ردیف برنامه یک سطر دارد؛ شمارهٔ ردیف، نقاط عطف و بودجهٔ برگه‌های دیگر را به آن پیوند می‌دهد.",
        "تاریخ‌ها به تقویم هجری شمسی یا میلادی و با هر نوع رقم پذیرفته می‌شود: ۱۴۰۵/۰۶/۳۱ یا 22/9/2026.",
        "پس از ردیف‌های: شمارهٔ ردیف‌هایی که باید پیش از آن انجام شود، مانند ۱، ۳.",
        "مبلغ‌ها عدد ساده است؛ برای ردیفی که هزینه ندارد صفر بنویسید.",
        "ستون کلید را تغییر ندهید؛ سطرهای شناخته‌شده را نشان می‌دهد. سطرهای تازه کلید ندارد.",
        "تا زمانی که آنچه خوانده شده را نبینید و تأیید نکنید، چیزی تغییر نمی‌کند.",
    ),
    "vi": (
        "Trên trang thứ nhất, mỗi mục của kế hoạch là một dòng; số thứ tự nối các mốc và khoản kinh phí ở các trang khác với mục đó.",
        "Ngày tháng theo dương lịch hoặc lịch Ba Tư, với mọi kiểu chữ số: 22/9/2026, 2026-09-22, 1405/06/31.",
        "Sau các mục: số thứ tự các mục phải làm xong trước, ví dụ 1, 3.",
        "Số tiền ghi bằng số; mục không cần kinh phí ghi 0.",
        "Giữ nguyên cột khóa: cột này cho biết những dòng đã có. Dòng mới không có khóa.",
        "Không có gì thay đổi trước khi ông/bà xem lại nội dung đã đọc và xác nhận.",
    ),
}


def in_language(words: Words, language: str) -> str:
    """Give the word of a language, else the English one."""
    return words[LANGUAGES.index(language)] if language in LANGUAGES else words[0]


def sheet_name(key: SheetKey, language: str) -> str:
    """Give a sheet's name."""
    return in_language(NAMES[key], language)


def head_words(sheet: SheetKey, language: str) -> dict[str, str]:
    """Give the heads of a sheet's columns by key."""
    return {key: in_language(words, language) for key, words in SHEETS[sheet].items()}


def column_of(sheet: SheetKey, head: str) -> str:
    """Give the key of a column by its head in any language, empty where it is none."""
    folded = text.fold_for_search(head)
    for key, words in SHEETS[sheet].items():
        if folded and folded in {text.fold_for_search(word) for word in words}:
            return key
    return ""


def sheet_of(name: str) -> SheetKey | None:
    """Give the sheet of a name in any language."""
    folded = text.fold_for_search(name)
    for key, words in NAMES.items():
        if folded in {text.fold_for_search(word) for word in words}:
            return key
    return None
