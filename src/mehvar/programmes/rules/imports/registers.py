"""Name the columns of what the ministry keeps itself: programmes, calls for plans, reporting rounds, the flagship register, recognition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mehvar.programmes.data import Criterion, SheetKind
from mehvar.programmes.rules.flagships import LANGUAGES, LONGEST, FlagshipCriterion, SheetField
from mehvar.programmes.rules.imports import choices
from mehvar.programmes.rules.imports.choices import Words
from mehvar.programmes.rules.imports.specs import KEY, STATE, ColumnSpec, ValueKind, needed, shown
from mehvar.programmes.rules.plans import LONGEST_TEXT

_V = ValueKind
_NOTE = 4_000
_MANY = 32_000
_REFERENCE = 400
_TITLE: Words = ("Title", "عنوان", "Tiêu đề")
_PROGRAMME: Words = ("Programme", "برنامه", "Chương trình")
_PERIOD: Words = ("Period", "دوره", "Kỳ")
_REASON = ColumnSpec(
    ("Reason of the extension", "دلیل تمدید", "Lý do gia hạn"),
    longest=_NOTE,
)


def _state(of: Mapping[str, Words]) -> ColumnSpec:
    return ColumnSpec(STATE, _V.CHOICE, shown=True, choices=of)


def _count(*words: str) -> ColumnSpec:
    return shown(*words, kind=_V.COUNT)


FIELD_WORDS: Mapping[SheetField, Words] = {
    SheetField.NAME: ("Name", "نام", "Tên"),
    SheetField.SUMMARY: ("What it is", "معرفی", "Giới thiệu"),
    SheetField.PEOPLE_FEEL: (
        "What people feel of it",
        "آنچه مردم از آن احساس می‌کنند",
        "Điều người dân cảm nhận được",
    ),
    SheetField.OWNER: ("Responsible", "مسئول", "Đơn vị chịu trách nhiệm"),
    SheetField.PARTNERS: ("Partners", "همکاران", "Đối tác"),
    SheetField.BUDGET: ("Budget", "بودجه", "Kinh phí"),
    SheetField.NEXT: ("Next step", "گام بعدی", "Bước tiếp theo"),
}
CRITERION_WORDS: Mapping[FlagshipCriterion, Words] = {
    FlagshipCriterion.PEOPLE_FEEL: (
        "People feel its outcome in their lives",
        "مردم نتیجهٔ آن را در زندگی خود احساس می‌کنند",
        "Người dân cảm nhận được kết quả trong cuộc sống",
    ),
    FlagshipCriterion.DRIVES_OTHERS: (
        "Other projects and bodies move because of it",
        "پروژه‌ها و دستگاه‌های دیگر با آن به حرکت درمی‌آیند",
        "Thúc đẩy các dự án và cơ quan khác",
    ),
    FlagshipCriterion.OWNER_AND_DATE: (
        "It has one owner and a date",
        "یک مسئول مشخص و یک تاریخ دارد",
        "Có một đơn vị chịu trách nhiệm và một thời hạn",
    ),
    FlagshipCriterion.VERIFIED_PROGRESS: (
        "Its progress is verified, not only claimed",
        "پیشرفت آن راستی‌آزمایی شده است، نه تنها ادعا",
        "Tiến độ đã được xác minh, không chỉ tự báo cáo",
    ),
    FlagshipCriterion.REPEATABLE: (
        "Other provinces can repeat it",
        "در استان‌های دیگر تکرارپذیر است",
        "Các tỉnh khác có thể làm theo",
    ),
    FlagshipCriterion.HOME_MADE: (
        "It builds on products and firms of the country",
        "بر محصولات و شرکت‌های داخلی استوار است",
        "Dựa trên sản phẩm và doanh nghiệp trong nước",
    ),
}
WEIGHT_WORDS: Mapping[Criterion, Words] = {
    Criterion.COMPLETENESS: ("Complete reports, %", "کامل‌بودن گزارش‌ها، ٪", "Báo cáo đầy đủ, %"),
    Criterion.TIMELINESS: ("Reports in time, %", "گزارش به‌موقع، ٪", "Báo cáo đúng hạn, %"),
    Criterion.PROGRESS: ("Verified progress, %", "پیشرفت راستی‌آزمایی‌شده، ٪", "Tiến độ đã xác minh, %"),
    Criterion.OBSTACLES: (
        "Obstacles removed in time, %",
        "رفع به‌موقع موانع، ٪",
        "Vướng mắc được tháo gỡ đúng hạn, %",
    ),
    Criterion.PLANS: ("Quality of plans, %", "کیفیت برنامه‌ها، ٪", "Chất lượng kế hoạch, %"),
}


def sheet_column(language: str, name: str) -> str:
    """Give the key of the column in which a field of an identity sheet stands in a language."""
    return f"{language}_{name}"


def _identity() -> Iterator[tuple[str, ColumnSpec]]:
    """Give a column for each field of the identity sheet in each language."""
    for language in LANGUAGES:
        for name, said in FIELD_WORDS.items():
            of = choices.LANGUAGES[language]
            words: Words = (f"{said[0]} ({of[0]})", f"{said[1]} ({of[1]})", f"{said[2]} ({of[2]})")
            yield sheet_column(language, name.value), ColumnSpec(words, longest=LONGEST)


REGISTERS: Mapping[SheetKind, Mapping[str, ColumnSpec]] = {
    SheetKind.PROGRAMMES: {
        "title": needed(*_TITLE),
        "purpose": ColumnSpec(("Purpose", "هدف", "Mục đích"), longest=LONGEST_TEXT),
        "lead": needed("Lead body", "دستگاه مسئول", "Cơ quan chủ trì", kind=_V.BODY),
        "theme": ColumnSpec(("Theme of the year", "شعار سال", "Chủ đề năm"), longest=_REFERENCE),
        "starts_on": ColumnSpec(("Starts", "شروع", "Bắt đầu"), _V.DAY),
        "ends_on": ColumnSpec(("Ends", "پایان", "Kết thúc"), _V.DAY),
        "language": ColumnSpec(("Language", "زبان", "Ngôn ngữ"), _V.CHOICE, choices=choices.LANGUAGES),
        "calendar": ColumnSpec(("Calendar", "تقویم", "Lịch"), _V.CHOICE, choices=choices.CALENDARS),
        "state": _state(choices.PROGRAMME_STATES),
        "measures": _count("Measures", "اقدام‌ها", "Nhiệm vụ"),
        "calls": _count("Calls for plans", "فراخوان‌های برنامه عملیاتی", "Yêu cầu lập kế hoạch"),
        "key": KEY,
    },
    SheetKind.CALLS: {
        "title": needed(*_TITLE),
        "programme": needed(*_PROGRAMME, kind=_V.REFERENCE, longest=_REFERENCE),
        "deadline_on": needed("Deadline", "مهلت", "Thời hạn", kind=_V.DAY),
        "bodies": needed(
            "Bodies called", "دستگاه‌های فراخوانده", "Cơ quan được yêu cầu", kind=_V.BODIES, longest=_MANY
        ),
        "guidance": ColumnSpec(
            (
                "What a plan must contain",
                "آنچه برنامه عملیاتی باید داشته باشد",
                "Nội dung bắt buộc của kế hoạch",
            ),
            longest=LONGEST_TEXT,
        ),
        "required": ColumnSpec(
            (
                "Without which no plan can be submitted",
                "آنچه بدون آن برنامه عملیاتی پذیرفتنی نیست",
                "Thiếu nội dung này thì không gửi được kế hoạch",
            ),
            _V.SEVERAL,
            choices=choices.REQUIRED,
        ),
        "currency": ColumnSpec(("Currency", "واحد پول", "Đơn vị tiền tệ"), longest=3),
        "prefill": ColumnSpec(
            (
                "Begin every plan with one item for each measure",
                "آغاز هر برنامه عملیاتی با یک ردیف برای هر اقدام",
                "Mỗi kế hoạch bắt đầu với một mục cho từng nhiệm vụ",
            ),
            _V.CHOICE,
            choices=choices.YES_OR_NO,
        ),
        "reason": _REASON,
        "first_deadline_on": shown("First deadline", "نخستین مهلت", "Thời hạn ban đầu", kind=_V.DAY),
        "state": _state(choices.OPEN_OR_CLOSED),
        "called": _count("Number of bodies", "شمار دستگاه‌ها", "Số cơ quan"),
        "filed": _count("Submitted", "ارسال‌شده", "Đã gửi"),
        "accepted": _count("Accepted", "پذیرفته شد", "Đã chấp nhận"),
        "key": KEY,
    },
    SheetKind.ROUNDS: {
        "period": needed(*_PERIOD, kind=_V.PERIOD),
        "programme": ColumnSpec(_PROGRAMME, _V.REFERENCE, longest=_REFERENCE),
        "directive": ColumnSpec(("Directive", "دستورالعمل", "Chỉ thị"), _V.REFERENCE, longest=_REFERENCE),
        "opens_on": ColumnSpec(("Opens", "آغاز", "Ngày mở"), _V.DAY),
        "due_on": needed("Reports due", "مهلت گزارش", "Hạn nộp báo cáo", kind=_V.DAY),
        "reason": _REASON,
        "state": _state(choices.OPEN_OR_CLOSED),
        "asked": _count("Bodies asked", "دستگاه‌های مخاطب", "Cơ quan phải báo cáo"),
        "reported": _count("Reported", "گزارش‌شده", "Đã báo cáo"),
        "key": KEY,
    },
    SheetKind.FLAGSHIPS: {
        "title": needed("Project", "پروژه", "Dự án"),
        "mark": ColumnSpec(("Mark", "نشان", "Loại"), _V.CHOICE, needed=True, choices=choices.MARKS),
        "programme": ColumnSpec(_PROGRAMME, _V.REFERENCE, longest=_REFERENCE),
        "measure": ColumnSpec(("Measure", "اقدام", "Nhiệm vụ"), _V.MEASURE, longest=LONGEST_TEXT),
        **{code.value: ColumnSpec(words, longest=LONGEST) for code, words in CRITERION_WORDS.items()},
        **dict(_identity()),
        "state": _state(choices.LISTED),
        "presented_at": shown("Presented", "ارائه‌شده", "Đã trình bày", kind=_V.DAY),
        "key": KEY,
    },
    SheetKind.RECOGNITION: {
        "title": needed(*_TITLE),
        "period": needed(*_PERIOD, kind=_V.PERIOD),
        **{code.value: ColumnSpec(words, _V.PERCENT) for code, words in WEIGHT_WORDS.items()},
        "places": ColumnSpec(
            ("Provinces awarded", "تعداد استان‌های برگزیده", "Số tỉnh được khen thưởng"), _V.COUNT
        ),
        "threshold": ColumnSpec(
            (
                "Completeness needed to be ranked, %",
                "حد کامل‌بودن برای رتبه‌بندی، ٪",
                "Mức đầy đủ để được xếp hạng, %",
            ),
            _V.PERCENT,
        ),
        "note": ColumnSpec(("Words for the public", "متن برای عموم", "Nội dung công bố"), longest=_NOTE),
        "state": _state(choices.EDITION_STATES),
        "key": KEY,
    },
}
