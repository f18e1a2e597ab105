"""Write directive documents of our own wording, in many layouts, together with what a reader must find in them.

Each document is drawn by a seed: language, columns and their order, headings, numbering, sections, ways to write
several bodies in one cell, ways to write a deadline. The same content is rendered as Markdown, HTML, Word and PDF.
"""

from __future__ import annotations

import html
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from mehvar.kernel import calendars
from mehvar.kernel.calendars import Calendar
from mehvar.organisations.data import Body, BodyType, Pack
from mehvar.organisations.rules.packs import load_pack

FORMATS = ("md", "html", "docx", "pdf")
LAYOUTS = (
    "national",
    "reordered",
    "two_rows",
    "combined",
    "dotted",
    "provincial",
    "fields",
    "persian",
    "persian_sections",
    "english",
)
PROSE = ("headed", "inline", "minutes", "english_prose")


@dataclass(frozen=True, slots=True)
class Expected:
    """Hold one task that a reader must find; bodies as codes of the register."""

    section: str
    number: str
    text: str
    lead: frozenset[str]
    coordinating: frozenset[str]
    due_kind: str
    due_end: date | None


@dataclass(slots=True)
class Cell:
    """Hold one cell with the columns and rows that it covers."""

    text: str
    columns: int = 1
    rows: int = 1


@dataclass(slots=True)
class Written:
    """Hold a document: paragraphs above, the table's rows, paragraphs below, and what must be found."""

    name: str
    language: str
    pack: str
    above: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    header_rows: int = 1


_VERBS = {
    "vi": (
        "Xây dựng",
        "Rà soát, hoàn thiện",
        "Tổ chức triển khai",
        "Nghiên cứu, đề xuất",
        "Ban hành",
        "Hoàn thành",
        "Đẩy mạnh",
    ),
    "fa": ("تدوین", "راه‌اندازی", "بازنگری", "استقرار", "تهیه", "ارتقای"),
    "en": ("Prepare", "Publish", "Review", "Set up", "Complete", "Extend"),
}
_THINGS = {
    "vi": (
        "nền tảng địa chỉ số quốc gia", "khung năng lực số cho cán bộ cấp xã", "danh mục dữ liệu mở của ngành", "bộ chỉ số đo lường dịch vụ công trực tuyến",
        "kế hoạch phổ cập chữ ký số cá nhân", "cơ chế thử nghiệm dịch vụ số mới", "hạ tầng băng rộng tại các thôn chưa phủ sóng",
        "chương trình đào tạo kỹ sư an toàn thông tin", "hệ thống giám sát chất lượng mạng di động", "quy trình chia sẻ dữ liệu đất đai",
        "đề án phát triển doanh nghiệp công nghệ số", "tiêu chuẩn kỹ thuật trung tâm dữ liệu xanh",
    ),
    "fa": (
        "سامانه پنجره واحد مجوزها", "برنامه توسعه فیبر نوری شهرک‌های صنعتی", "فهرست داده‌های باز بخش", "نقشه راه هوشمندسازی صنایع کوچک",
        "شناسنامه پروژه‌های پیشران", "پایگاه نشانی استاندارد ملی", "دوره مهارت‌آموزی فناوری اطلاعات", "نظام آمار ثبتی استان‌ها",
        "گزارش عملکرد دولت الکترونیکی", "طرح پایداری شبکه در بحران",
    ),
    "en": (
        "a catalogue of open data sets", "the national address register", "a plan for rural broadband", "quality rules for digital services",
        "training for local operators", "a monitoring system for mobile coverage", "the register of public services",
    ),
}  # fmt: skip
_PRODUCTS = {
    "vi": (
        "Quyết định của Thủ tướng Chính phủ",
        "Báo cáo",
        "Kế hoạch được phê duyệt",
        "Hệ thống được vận hành",
        "",
    ),
    "fa": ("گزارش نهایی", "مصوبه هیئت وزیران", "سامانه بهره‌برداری شده", ""),
    "en": ("Approved plan", "Published data", "Report", ""),
}
_HEADINGS = {
    "vi": {
        "number": ("TT", "STT", "Số TT"), "text": ("Tên nhiệm vụ", "Nội dung công việc", "Nhiệm vụ", "Nội dung nhiệm vụ, giải pháp"),
        "lead": ("Cơ quan chủ trì", "Đơn vị chủ trì", "Cơ quan, đơn vị chủ trì thực hiện"), "coordinating": ("Cơ quan phối hợp", "Đơn vị phối hợp", "Cơ quan, đơn vị phối hợp"),
        "product": ("Kết quả", "Sản phẩm", "Sản phẩm, kết quả đầu ra"), "due": ("Thời gian hoàn thành", "Thời hạn", "Thời gian thực hiện", "Thời hạn hoàn thành"),
        "level": ("Cấp trình", "Cấp ban hành"), "note": ("Ghi chú",), "field": ("Lĩnh vực",),
    },
    "fa": {
        "number": ("ردیف",), "text": ("عنوان اقدام", "شرح اقدام", "اقدام"), "lead": ("دستگاه مسئول", "مجری", "متولی"),
        "coordinating": ("دستگاه همکار", "همکاران", "دستگاه‌های همکار"), "product": ("خروجی", "نتیجه مورد انتظار"), "due": ("مهلت", "زمان اجرا", "مهلت انجام"),
        "level": ("مرجع تصویب",), "note": ("ملاحظات",), "field": ("حوزه",),
    },
    "en": {
        "number": ("No.",), "text": ("Task", "Action"), "lead": ("Lead agency", "Responsible body"), "coordinating": ("Supporting agencies", "Cooperating bodies"),
        "product": ("Output", "Deliverable"), "due": ("Deadline", "Due date"), "level": ("Submitted to",), "note": ("Remarks",), "field": ("Field",),
    },
}  # fmt: skip
_SECTIONS = {
    "vi": ("Hoàn thiện thể chế", "Phát triển hạ tầng số", "Phát triển nhân lực", "Hợp tác quốc tế"),
    "fa": ("زیرساخت", "خدمات دولت", "مهارت", "آمار"),
    "en": ("Rules", "Infrastructure", "Skills", "Statistics"),
}
_ROMAN = ("I", "II", "III", "IV")
_SIGNED = {"vi": date(2025, 1, 15), "fa": date(2025, 4, 21), "en": date(2025, 1, 15)}


class _Author:
    """Draw bodies, deadlines and texts."""

    def __init__(self, seed: int, language: str, pack: Pack, *, provincial: bool = False) -> None:
        self.draw = random.Random(seed)  # noqa: S311
        self.language = language
        self.pack = pack
        self.on = _SIGNED[language]
        self.bodies = [body for body in pack.bodies if self._is_usable(body, provincial=provincial)]
        self.provincial = provincial

    def _is_usable(self, body: Body, *, provincial: bool) -> bool:
        wanted = (
            {BodyType.PROVINCIAL_DEPARTMENT}
            if provincial
            else {BodyType.MINISTRY, BodyType.MINISTERIAL_AGENCY, BodyType.GOVERNMENT_AGENCY}
        )
        if body.type not in wanted or not body.exists(self.on):
            return False
        if provincial and not (body.is_symbolic and body.official("vi").startswith("Sở")):
            return False
        return any(name.language == self.language for name in body.names)

    def groups(self) -> tuple[str, frozenset[str]]:
        phrases: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {
            "vi": (
                ("các bộ, ngành, địa phương", frozenset({"@ministries", "@sectors", "@localities"})),
                ("các bộ, ngành liên quan", frozenset({"@ministries", "@sectors"})),
                ("UBND các tỉnh, thành phố trực thuộc Trung ương", frozenset({"@localities"})),
            ),
            "fa": (
                ("وزارتخانه‌ها", frozenset({"@ministries"})),
                ("کلیه دستگاه‌های اجرایی", frozenset({"@executive_bodies"})),
            ),
            "en": (),
        }
        if self.provincial:
            return self.draw.choice(
                (
                    ("các sở, ban, ngành", frozenset({"@sectors"})),
                    ("UBND các huyện, thị xã, thành phố", frozenset({"@districts"})),
                )
            )
        return self.draw.choice(phrases[self.language]) if phrases[self.language] else ("", frozenset())

    def names(self, most: int, *, least: int = 1) -> tuple[str, frozenset[str]]:
        chosen = self.draw.sample(self.bodies, self.draw.randint(least, most))
        written = [body.official(self.language, self.on) for body in chosen]
        codes = frozenset(body.code for body in chosen)
        if self.draw.random() < 0.35:
            words, groups = self.groups()
            if words:
                written.append(words)
                codes |= groups
        return self.joined(written), codes

    def joined(self, names: list[str]) -> str:
        if len(names) < 2 or self.language == "en":
            return ", ".join(names)
        if self.language == "fa":
            return self.draw.choice(
                ("، ".join(names), "؛ ".join(names), "، ".join(names[:-1]) + " و " + names[-1])
            )
        way = self.draw.randint(0, 3)
        if way == 0:
            return "; ".join(names)
        if way == 1:
            return ", ".join(names[:-1]) + " và " + names[-1]
        if way == 2:
            return "\n".join(f"- {name}" for name in names)
        return ", ".join(names)

    def text(self) -> str:
        first, second = self.draw.choice(_VERBS[self.language]), self.draw.choice(_THINGS[self.language])
        return f"{first} {second} {self.draw.randint(2, 98)}"

    def due(self) -> tuple[str, str, date | None]:
        return {"vi": self._due_vi, "fa": self._due_fa, "en": self._due_en}[self.language]()

    def _due_vi(self) -> tuple[str, str, date | None]:
        year, month, quarter = (
            self.draw.randint(2025, 2028),
            self.draw.randint(1, 12),
            self.draw.randint(1, 4),
        )
        end = calendars.month_bounds(year, month, Calendar.GREGORIAN)[1]
        quarter_end = calendars.quarter_bounds(year, quarter, Calendar.GREGORIAN)[1]
        roman = _ROMAN[quarter - 1]
        return self.draw.choice(
            (
                (f"Tháng {month}/{year}", "month", end),
                (f"{month:02d}/{year}", "month", end),
                (f"Năm {year}", "year", date(year, 12, 31)),
                (f"Quý {roman}/{year}", "quarter", quarter_end),
                (f"Quý {roman} năm {year}", "quarter", quarter_end),
                (f"Trước ngày {end.day}/{end.month}/{year}", "day", end),
                ("Thường xuyên", "recurring", None),
                ("Hằng năm", "recurring_yearly", None),
                ("Hàng quý", "recurring_quarterly", None),
                (f"{year} - {year + 2}", "range", date(year + 2, 12, 31)),
                (f"{year} và những năm tiếp theo", "open_from", date(year, 1, 1)),
                (f"6 tháng đầu năm {year + 1}", "half", date(year + 1, 6, 30)),
            )
        )

    def _due_fa(self) -> tuple[str, str, date | None]:
        from mehvar.kernel.text import to_persian_digits

        year, month = self.draw.randint(1404, 1406), self.draw.randint(2, 12)
        end = calendars.month_bounds(year, month, Calendar.JALALI)[1]
        name = calendars.month_name(month, Calendar.JALALI, "fa")
        quarter = self.draw.randint(2, 4)
        months = self.draw.randint(1, 9)
        words = ("یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه")[months - 1]
        ordinal = ("اول", "دوم", "سوم", "چهارم")[quarter - 1]
        return self.draw.choice(
            (
                (f"پایان {name} {to_persian_digits(str(year))}", "month", end),
                (
                    f"تا پایان سال {to_persian_digits(str(year))}",
                    "year",
                    calendars.year_bounds(year, Calendar.JALALI)[1],
                ),
                (
                    f"سه‌ماهه {ordinal} سال {to_persian_digits(str(year))}",
                    "quarter",
                    calendars.quarter_bounds(year, quarter, Calendar.JALALI)[1],
                ),
                (
                    f"ظرف {words} ماه از تاریخ ابلاغ",
                    "relative",
                    calendars.add_months(self.on, months, Calendar.JALALI),
                ),
                ("مستمر", "recurring", None),
                ("هر سه ماه یک بار", "recurring_quarterly", None),
                (to_persian_digits(f"{year}/{month:02d}/15"), "day", calendars.from_jalali(year, month, 15)),
            )
        )

    def _due_en(self) -> tuple[str, str, date | None]:
        year, month = self.draw.randint(2025, 2028), self.draw.randint(2, 12)
        end = calendars.month_bounds(year, month, Calendar.GREGORIAN)[1]
        name = calendars.month_name(month, Calendar.GREGORIAN, "en")
        return self.draw.choice(
            (
                (f"{name} {year}", "month", end),
                (f"by {end.day} {name} {year}", "day", end),
                (
                    f"Q{(month + 2) // 3} {year}",
                    "quarter",
                    calendars.quarter_bounds(year, (month + 2) // 3, Calendar.GREGORIAN)[1],
                ),
                ("Ongoing", "recurring", None),
                ("Within 60 days of promulgation", "relative", self.on + timedelta(days=60)),
                (f"End of {year}", "year", date(year, 12, 31)),
            )
        )


def _table(seed: int, layout: str, tasks: int) -> Written:
    """Write a table annex."""
    language = "fa" if layout.startswith("persian") else "en" if layout == "english" else "vi"
    pack = load_pack("ir" if language in {"fa", "en"} else "vn")
    author = _Author(seed, language, pack, provincial=layout == "provincial")
    draw = author.draw
    columns = ["number", "text", "lead", "coordinating", "product", "due"]
    if layout in {"reordered", "provincial"}:
        columns = ["number", "text", "product", "level", "lead", "coordinating", "due", "note"]
    elif layout == "combined":
        columns = ["number", "text", "bodies", "due", "product"]
    elif layout == "fields":
        columns = ["number", "field", "text", "product", "due", "lead", "coordinating"]
    document = Written(f"{layout}-{seed}", language, pack.code, _letterhead(language, layout))
    _header(document, columns, layout, draw)
    per_section = max(1, tasks // 4)
    running = 0
    for section in range(4):
        _section(document, columns, layout, section)
        for index in range(per_section):
            running += 1
            number = (
                f"{section + 1}.{index + 1}"
                if layout == "dotted"
                else str(index + 1 if layout in {"reordered", "provincial"} else running)
            )
            _task(
                document,
                columns,
                author,
                section=section,
                number=number,
                layout=layout,
                first_of_field=index == 0,
                field_rows=per_section,
            )
    return document


def _letterhead(language: str, layout: str) -> list[str]:
    """Write what stands above a table."""
    if language == "vi":
        return ["PHỤ LỤC", "DANH MỤC NHIỆM VỤ", "(Kèm theo Kế hoạch số 12/KH-ABC ngày 15 tháng 01 năm 2025)"]
    if language == "fa":
        return ["بسمه تعالی", "شماره: ۱۲", "تاریخ: ۱۴۰۴/۰۲/۰۱", "پیوست: فهرست اقدامات سال"]
    return ["Annex: list of tasks", f"Dated 15 January 2025 ({layout})"]


def _header(document: Written, columns: list[str], layout: str, draw: random.Random) -> None:
    """Write the heading row or rows."""
    words = _HEADINGS[document.language]
    if layout == "two_rows":
        top = [
            Cell(draw.choice(words[name]), rows=2) for name in columns if name not in {"lead", "coordinating"}
        ]
        top.insert(2, Cell("Cơ quan thực hiện", columns=2))
        document.rows += [
            top,
            [Cell("Chủ trì"), Cell("Phối hợp")],
            [Cell(f"({index + 1})") for index in range(len(columns))],
        ]
        document.header_rows = 3
        return
    names = {"bodies": ("Cơ quan chủ trì, phối hợp",)}
    document.rows.append([Cell(draw.choice(names.get(name) or words[name])) for name in columns])


def _section(document: Written, columns: list[str], layout: str, section: int) -> None:
    """Write a section's row."""
    title = _SECTIONS[document.language][section]
    if layout == "fields":
        return
    if layout == "persian_sections":
        document.rows.append(
            [Cell(f"بخش {('اول', 'دوم', 'سوم', 'چهارم')[section]}: {title}", columns=len(columns))]
        )
        return
    number = str(section + 1) if layout == "dotted" else _ROMAN[section]
    if layout in {"national", "reordered", "two_rows", "persian", "english", "dotted"}:
        document.rows.append([Cell(number), Cell(title), *(Cell("") for _ in columns[2:])])
    else:
        document.rows.append([Cell(number), Cell(title, columns=len(columns) - 1)])


def _task(
    document: Written,
    columns: list[str],
    author: _Author,
    *,
    section: int,
    number: str,
    layout: str,
    first_of_field: bool,
    field_rows: int,
) -> None:
    """Write a task's row and note what must be found."""
    text, (raw, kind, end) = author.text(), author.due()
    lead, lead_codes = author.names(2)
    coordinating, coordinating_codes = author.names(3) if author.draw.random() < 0.8 else ("", frozenset())
    if layout == "english":
        lead, lead_codes = author.names(1)
        coordinating, coordinating_codes = author.names(1)
    values = {
        "number": number, "text": text, "lead": lead, "coordinating": coordinating, "due": raw,
        "product": author.draw.choice(_PRODUCTS[document.language]), "level": "Thủ tướng Chính phủ", "note": "",
        "bodies": f"Chủ trì: {lead}" + (f"\nPhối hợp: {coordinating}" if coordinating else ""),
    }  # fmt: skip
    row = [Cell(values[name]) for name in columns if name != "field"]
    if layout == "fields" and first_of_field:
        row.insert(1, Cell(_SECTIONS[document.language][section], rows=field_rows))
    document.rows.append(row)
    path = {"fields": "", "dotted": str(section + 1), "persian_sections": str(section + 1)}.get(
        layout, _ROMAN[section]
    )
    document.expected.append(Expected(path, number, text, lead_codes, coordinating_codes, kind, end))


def _prose(seed: int, layout: str, tasks: int) -> Written:
    """Write a directive in prose."""
    language = {"minutes": "fa", "english_prose": "en"}.get(layout, "vi")
    pack = load_pack("vn" if language == "vi" else "ir")
    author = _Author(seed, language, pack)
    document = Written(f"{layout}-{seed}", language, pack.code, [])
    writers: dict[str, Callable[[Written, _Author, int], None]] = {
        "headed": _headed, "inline": _inline, "minutes": _minutes, "english_prose": _english_prose,
    }  # fmt: skip
    writers[layout](document, author, tasks)
    return document


def _prose_due(author: _Author) -> tuple[str, str, date | None]:
    """Draw a deadline that a sentence can carry."""
    while True:
        raw, kind, end = author.due()
        if kind in {"day", "month", "quarter", "half", "relative"}:
            return raw, kind, end


def _flat(names: str) -> str:
    """Write a list of names on one line."""
    return ", ".join(line.removeprefix("- ") for line in names.split("\n"))


def _headed(document: Written, author: _Author, tasks: int) -> None:
    """Write headings that name the lead with lettered items below."""
    document.above += [
        "CHỈ THỊ",
        "Về đẩy mạnh chuyển đổi số năm 2025",
        "Hà Nội, ngày 15 tháng 01 năm 2025",
        "Thủ tướng Chính phủ chỉ thị:",
    ]
    letters = "abcdđeghik"
    for heading in range(max(1, tasks // 4)):
        lead, codes = author.names(1)
        document.above.append(f"{heading + 1}. {_flat(lead)}:")
        for index in range(4):
            text, (raw, kind, end) = author.text(), _prose_due(author)
            when = raw[0].lower() + raw[1:] if raw.startswith("Trước") else f"trong {raw[0].lower()}{raw[1:]}"
            when = when.replace("trong 0", "trong tháng 0").replace("trong 1", "trong tháng 1")
            line = f"{text}, hoàn thành {when};"
            others: frozenset[str] = frozenset()
            if index % 2:
                names, others = author.names(2)
                line = f"Chủ trì, phối hợp với {_flat(names)} {text[0].lower()}{text[1:]}, hoàn thành {when};"
            document.above.append(f"{letters[index]}) {line}")
            document.expected.append(
                Expected(str(heading + 1), letters[index], line[:40], codes, others - codes, kind, end)
            )


def _inline(document: Written, author: _Author, tasks: int) -> None:
    """Write numbered sentences that name everything."""
    document.above += [
        "CHỈ THỊ",
        "Về bảo đảm an toàn thông tin",
        "Hà Nội, ngày 15 tháng 01 năm 2025",
        "I. NHIỆM VỤ CỤ THỂ",
    ]
    for index in range(tasks):
        lead, codes = author.names(1)
        names, others = author.names(2)
        text, (raw, kind, end) = author.text(), _prose_due(author)
        when = raw[0].lower() + raw[1:] if raw.startswith("Trước") else f"trong {raw[0].lower()}{raw[1:]}"
        when = when.replace("trong 0", "trong tháng 0").replace("trong 1", "trong tháng 1")
        flat = _flat(names)
        line = f"{_flat(lead)} chủ trì, phối hợp với {flat} {text[0].lower()}{text[1:]}, báo cáo Thủ tướng Chính phủ {when}."
        document.above.append(f"{index + 1}. {line}")
        document.expected.append(Expected("I", str(index + 1), line[:40], codes, others - codes, kind, end))


def _minutes(document: Written, author: _Author, tasks: int) -> None:
    """Write Persian minutes."""
    document.above += ["صورت‌جلسه شورای راهبری", "تاریخ جلسه: ۱۴۰۴/۰۲/۰۱", "مصوبات:"]
    from mehvar.kernel.text import to_persian_digits

    for index in range(tasks):
        lead, codes = author.names(1)
        names, others = author.names(2)
        text, (raw, kind, end) = author.text(), _prose_due(author)
        when = (
            raw
            if raw.startswith("ظرف")
            else f"حداکثر تا {raw}"
            if kind == "day"
            else f"تا {raw}"
            if kind == "month"
            else f"در {raw}"
        )
        line = f"{lead} موظف است با همکاری {names.replace('؛', '،')}، {when} نسبت به {text} اقدام کند."
        document.above.append(f"{to_persian_digits(str(index + 1))}- {line}")
        document.expected.append(Expected("", str(index + 1), line[:40], codes, others - codes, kind, end))


def _english_prose(document: Written, author: _Author, tasks: int) -> None:
    """Write English articles."""
    document.above += ["Directive on public data", "15 January 2025", "1. Tasks"]
    for index in range(tasks):
        lead, codes = author.names(1)
        names, others = author.names(1)
        text, (raw, kind, end) = author.text(), _prose_due(author)
        when = (
            raw
            if raw.startswith("by")
            else raw[0].lower() + raw[1:]
            if raw.startswith("Within")
            else f"by {raw}"
        )
        line = f"The {lead} shall, in coordination with the {names}, {text[0].lower()}{text[1:]} {when}."
        letter = "abcdefghijklmnopqrstuvwxyz"[index % 26]
        document.above.append(f"{letter}) {line}")
        document.expected.append(Expected("1", letter, line[:40], codes, others - codes, kind, end))


def written(seed: int, layout: str, *, tasks: int = 20) -> Written:
    """Write the document of a seed in a layout."""
    return _prose(seed, layout, min(tasks, 24)) if layout in PROSE else _table(seed, layout, tasks)


def rendered(document: Written, form: str) -> bytes:
    """Render a document."""
    return {"md": _markdown, "html": _html, "docx": _word, "pdf": _pdf}[form](document)


def _grid(document: Written) -> list[list[tuple[Cell, bool]]]:
    """Lay the cells on the grid: each place holds its cell and whether the cell begins there."""
    width = sum(cell.columns for cell in document.rows[0])
    grid: list[list[tuple[Cell, bool] | None]] = [[None] * width for _ in document.rows]
    for top, row in enumerate(document.rows):
        left = 0
        for cell in row:
            while grid[top][left] is not None:
                left += 1
            for down in range(cell.rows):
                for right in range(cell.columns):
                    if top + down < len(grid):
                        grid[top + down][left + right] = (cell, down == right == 0)
    return [[place or (Cell(""), True) for place in row] for row in grid]


def _markdown(document: Written) -> bytes:
    """Render as Markdown; merged headings are joined, as converters do."""
    lines = [f"{line}\n" for line in document.above]
    if document.rows:
        for index, row in enumerate(_grid(document)):
            texts = [
                (cell.text if begins or index < document.header_rows else cell.text if cell.rows > 1 else "")
                for cell, begins in row
            ]
            lines.append("| " + " | ".join(text.replace("\n", "<br>") for text in texts) + " |")
            if index == 0:
                lines.append("|" + "---|" * len(row))
    return "\n".join([*lines, "", *document.below]).encode()


def _html(document: Written) -> bytes:
    """Render as HTML."""
    direction = "rtl" if document.language == "fa" else "ltr"
    parts = [f'<!doctype html><html lang="{document.language}" dir="{direction}"><body>']
    parts += [f"<p>{html.escape(line)}</p>" for line in document.above]
    if document.rows:
        parts.append("<table>")
        for row in document.rows:
            cells = (
                f'<td colspan="{cell.columns}" rowspan="{cell.rows}">{html.escape(cell.text).replace(chr(10), "<br>")}</td>'
                for cell in row
            )
            parts.append(f"<tr>{''.join(cells)}</tr>")
        parts.append("</table>")
    parts += [f"<p>{html.escape(line)}</p>" for line in document.below]
    return "".join([*parts, "</body></html>"]).encode()


def _word(document: Written) -> bytes:
    """Render as Word."""
    import docx

    file = docx.Document()
    for line in document.above:
        file.add_paragraph(line)
    if document.rows:
        grid = _grid(document)
        table = file.add_table(rows=len(grid), cols=len(grid[0]))
        places = [list(row.cells) for row in table.rows]
        for top, row in enumerate(grid):
            for left, (cell, begins) in enumerate(row):
                if begins:
                    target = places[top][left]
                    if cell.columns > 1 or cell.rows > 1:
                        target = target.merge(
                            places[min(top + cell.rows, len(grid)) - 1][left + cell.columns - 1]
                        )
                    target.text = cell.text
    for line in document.below:
        file.add_paragraph(line)
    output = io.BytesIO()
    file.save(output)
    return output.getvalue()


def _pdf(document: Written) -> bytes:
    """Render as PDF."""
    import typst

    from mehvar.ui import pdf

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    is_persian = document.language == "fa"
    source = [
        f'#set text(font: ("Noto Sans", "Vazirmatn"), size: 9pt, lang: "{document.language}", dir: {"rtl" if is_persian else "ltr"})',
        '#set page(paper: "a4", flipped: true, margin: 1.5cm, numbering: "1")',
    ]
    source += [f"#par({quoted(line)})\n" for line in document.above]
    if document.rows:
        width = sum(cell.columns for cell in document.rows[0])
        cells = [
            f"table.cell(colspan: {cell.columns}, rowspan: {cell.rows}, {quoted(cell.text)})"
            for row in document.rows[document.header_rows :]
            for cell in row
        ]
        head = [
            f"table.cell(colspan: {cell.columns}, rowspan: {cell.rows}, {quoted(cell.text)})"
            for row in document.rows[: document.header_rows]
            for cell in row
        ]
        source.append(
            f"#table(columns: ({'1fr, ' * width}), table.header({', '.join(head)}), {', '.join(cells)})"
        )
    source += [f"#par({quoted(line)})\n" for line in document.below]
    result = typst.compile("\n".join(source).encode(), font_paths=[str(pdf.FONTS)], ignore_system_fonts=True)
    assert isinstance(result, bytes)
    return result
