"""Tell what each column of a task table holds, from its headings and, where they are silent, from its content.

Source: issue "the house", point 8 (column order and extra columns vary).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mehvar.directives.extraction.model import SourceBlock
from mehvar.directives.extraction.numbering import row_number
from mehvar.kernel import text as texts


class Column(StrEnum):
    """List what a column may hold."""

    NUMBER = "number"
    TEXT = "text"
    LEAD = "lead"
    COORDINATING = "coordinating"
    LEAD_AND_COORDINATING = "lead_and_coordinating"
    OVERSEEING = "overseeing"
    MONITORING = "monitoring"
    DELIVERABLE = "deliverable"
    DUE = "due"
    DUE_START = "due_start"
    DUE_OTHER = "due_other"
    FIELD = "field"
    TARGET = "target"
    OTHER = "other"


BODY_COLUMNS = frozenset(
    {Column.LEAD, Column.COORDINATING, Column.LEAD_AND_COORDINATING, Column.OVERSEEING, Column.MONITORING}
)

_NUMBER = r"^(tt|stt|số tt|số thứ tự|no|nr|n°|#|s/?n|ردیف|شماره|شماره ردیف|item no|item|mã số|mã nhiệm vụ|mã|code|id|کد)$"
_RULES: tuple[tuple[Column, str], ...] = (
    (Column.NUMBER, _NUMBER),
    (Column.OTHER, r"ghi chú|chú thích|căn cứ|cơ sở pháp lý|cơ sở pháp lí|kinh phí|nguồn vốn|dự toán|ngân sách|remark|note|budget|cost|legal basis|source|توضیح|ملاحظات|اعتبار|بودجه|مستند|مبنای|منبع|اولویت|priority|trạng thái|tình trạng|status|وضعیت"),
    (Column.LEAD_AND_COORDINATING, r"chủ trì\b.*phối hợp|مسئول و همکار|مجری و همکار|lead and (support|coordinat|cooperat)|lead\s*/\s*(support|coord)"),
    (Column.OTHER, r"cấp (có thẩm quyền )?(trình|ban hành|phê duyệt|quyết định|thông qua)|cơ quan (ban hành|phê duyệt|trình|quyết định)|thẩm quyền|hình thức (văn bản|trình|ban hành)|người ký|approving|approved by|submitted to|authority to approve|مرجع تصویب|مرجع تأیید|مرجع تایید"),
    (Column.DUE_START, r"(thời gian|thời điểm|ngày) (bắt đầu|khởi công|triển khai từ)|^bắt đầu$|^từ(?: ngày| tháng)?$|start date|^start$|^from$|^begin|تاریخ شروع|زمان شروع|^شروع$|^اغاز$"),
    (Column.DUE_OTHER, r"(thời gian|thời hạn|thời điểm|tháng|ngày) (trình|báo cáo|gửi|thẩm định|lấy ý kiến)|submission (date|time)|زمان ارائه"),
    (Column.DUE, r"thời gian|thời hạn|tiến độ|hạn hoàn thành|^hạn|thời điểm|hoàn thành trước|ngày hoàn thành|năm hoàn thành|lộ trình|kỳ hạn|deadline|due|time ?(line|frame|limit)|completion|target date|by when|^when$|schedule|period|^date$|^end(?: date)?$|^kết thúc$|^đến(?: ngày| tháng)?$|^پایان$|^خاتمه$|مهلت|زمان|موعد|تاریخ|سررسید|بازه"),
    (Column.COORDINATING, r"phối hợp|tham gia|hỗ trợ|cùng thực hiện|^with whom$|support|coordinat|cooperat|collaborat|partner|contribut|assist|همکار|مشارکت|پشتیبان|هماهنگ"),
    (Column.TARGET, r"شاخص|^kpis?$|chỉ số đánh giá"),
    (Column.MONITORING, r"theo dõi|đôn đốc|giám sát|kiểm tra|monitor|supervis|follow.?up|ناظر|نظارت|پایش|پیگیر"),
    (Column.OVERSEEING, r"lãnh đạo|chỉ đạo|oversee|oversight|sponsor|accountable|مقام ناظر|مقام مسئول|راهبر"),
    (Column.LEAD, r"chủ trì|đầu mối|phụ trách|(cơ quan|đơn vị|tổ chức|nơi|người|bộ phận).*(thực hiện|chịu trách nhiệm|đề xuất|tham mưu|soạn thảo|chủ quản)|phân công|trách nhiệm|^(tên )?(cơ quan|đơn vị)( thực hiện)?$|lead|responsib|owner|implementing|executing|in charge|^who$|^agency$|^body$|مسئول|مجری|متولی|^دستگاه|واحد اقدام|اقدام کننده|اقدام‌کننده|مکلف|موظف"),
    (Column.TARGET, r"chỉ tiêu|đơn vị tính|^đvt$|kpi|indicator|target|شاخص|هدف کمی"),
    (Column.FIELD, r"lĩnh vực|nhóm nhiệm vụ|^nhóm|^mảng|^ngành$|field|sector|area|theme|category|pillar|حوزه|محور|زمینه"),
    (Column.DELIVERABLE, r"kết quả|sản phẩm|đầu ra|hình thức sản phẩm|output|deliverable|product|result|outcome|expected|خروجی|نتیجه|نتایج|محصول|دستاورد|تحویل"),
    (Column.TEXT, r"nhiệm vụ|nội dung|công việc|hoạt động|đề án|giải pháp|tên|việc|biện pháp|chương trình|dự án|task|activit|action|measure|work|content|description|assignment|duty|initiative|step|اقدام|عنوان|شرح|فعالیت|برنامه|وظیفه|وظایف|تکلیف|تکالیف|مصوبه|موضوع|متن|مفاد|پروژه"),
)  # fmt: skip
_PATTERNS = tuple((column, re.compile(shape)) for column, shape in _RULES)
_TASKLIKE = re.compile(_RULES[-1][1])
_COLUMN_INDEX = re.compile(r"^\(?([\d۰-۹]{1,2}|[a-h])\)?$", re.IGNORECASE)
_HEADER_ROWS_MAX = 4
_HEADING_LETTERS_MAX = 90
_SHARE = 0.5

BodyTest = Callable[[str], bool]


@dataclass(slots=True)
class ColumnMap:
    """Hold what each column of one table holds."""

    kinds: list[Column]
    headings: list[str]
    header_rows: int
    confidence: float = 1.0
    guessed: list[int] = field(default_factory=list)

    def first(self, kind: Column) -> int | None:
        """Give the first column of a kind."""
        return next((index for index, column in enumerate(self.kinds) if column is kind), None)

    def all(self, kind: Column) -> list[int]:
        """List the columns of a kind."""
        return [index for index, column in enumerate(self.kinds) if column is kind]

    @property
    def has_due(self) -> bool:
        """Tell whether any column states a deadline."""
        return bool(self.all(Column.DUE) or self.all(Column.DUE_OTHER))

    @property
    def is_task_table(self) -> bool:
        """Tell whether the table assigns tasks: a text, and a body or a deadline, and no list of targets."""
        has_text = self.first(Column.TEXT) is not None
        bodies = any(
            kind in {Column.LEAD, Column.COORDINATING, Column.LEAD_AND_COORDINATING} for kind in self.kinds
        )
        return has_text and (bodies or self.has_due)

    @property
    def is_target_table(self) -> bool:
        """Tell whether the table lists targets, which are no tasks."""
        return self.first(Column.TARGET) is not None and self.first(Column.TEXT) is None


def heading_kind(heading: str) -> Column | None:
    """Tell what a heading announces."""
    folded = texts.fold_for_match(texts.to_ascii_digits(heading)).strip(" .:*()")
    if not folded or len(folded) > _HEADING_LETTERS_MAX:
        return None
    for column, pattern in _PATTERNS:
        if pattern.search(folded):
            return column
    return None


def map_columns(rows: Sequence[SourceBlock], is_body: BodyTest, is_due: BodyTest) -> ColumnMap | None:
    """Map the columns of a table by its header rows; nothing when no header is found."""
    start = _header_start(rows)
    if start is None:
        return None
    end = _header_end(rows, start)
    width = len(rows[start].cells)
    kinds: list[Column | None] = []
    headings: list[str] = []
    for column in range(width):
        stack = [_heading_cell(rows[index], column) for index in range(start, end)]
        headings.append(" ".join(dict.fromkeys(filter(None, stack))))
        kinds.append(_stack_kind(stack))
    found = ColumnMap([kind or Column.OTHER for kind in kinds], headings, end)
    found.guessed = [index for index, kind in enumerate(kinds) if kind is None]
    _settle(found, rows[end:], is_body, is_due)
    return found


def _header_start(rows: Sequence[SourceBlock]) -> int | None:
    """Find the first row that looks like a header."""
    for index, row in enumerate(rows[: _HEADER_ROWS_MAX + 2]):
        kinds = {heading_kind(cell) for cell in row.cells if cell}
        kinds.discard(None)
        known = kinds - {Column.OTHER}
        looks = len(known) >= 2 and not _has_number(row)  # noqa: PLR2004
        if looks and _is_short(row):
            return index
    return None


def _has_number(row: SourceBlock) -> bool:
    """Tell whether a row begins with a number."""
    number = row_number(row.cells[0])
    return number is not None and number.kind in {"decimal", "roman"}


def _is_short(row: SourceBlock) -> bool:
    """Tell whether no cell is longer than a heading."""
    return all(len(cell) <= _HEADING_LETTERS_MAX for cell in row.cells)


def _header_end(rows: Sequence[SourceBlock], start: int) -> int:
    """Find the first row after the header: sub-headings and a row of column numbers belong to it."""
    end = start + 1
    while end < len(rows) and end - start < _HEADER_ROWS_MAX:
        row = rows[end]
        if not (_is_column_index(row) or _is_subheading(row, rows[start])):
            break
        end += 1
    return end


def _is_column_index(row: SourceBlock) -> bool:
    """Tell whether a row numbers the columns: (1) (2) (3)."""
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    if len(filled) < max(3, len(row.cells) - 2):
        return False
    return all(_COLUMN_INDEX.match(cell) for cell in filled)


def _is_subheading(row: SourceBlock, header: SourceBlock) -> bool:
    """Tell whether a row divides a merged heading: no number, short cells under spanned or carried ones."""
    if row.is_header:
        return True
    spanned = any(span > 1 for span in header.spans) or bool(row.carried) or _repeats(header)
    blanks = sum(not cell for cell in header.cells)
    own = [cell for index, cell in enumerate(row.cells) if cell and index not in row.carried]
    if not own or not _is_short(row) or _has_number(row) or (len(own) == 1 and len(row.cells) > 3):  # noqa: PLR2004
        return False
    kinds = [heading_kind(cell) for cell in own]
    known = sum(kind is not None for kind in kinds)
    return (spanned or blanks > 0) and (
        known == len(own) or (known * 2 > len(own) and len(own) < len(row.cells) - 1)
    )


def _repeats(header: SourceBlock) -> bool:
    """Tell whether a heading stands twice side by side, as converters write a merged one."""
    pairs = zip(header.cells, header.cells[1:], strict=False)
    return any(left and left == right for left, right in pairs)


def _heading_cell(row: SourceBlock, column: int) -> str:
    """Give the heading over a column; a spanned heading stands over all its columns."""
    if row.cells[column] or (row.spans and row.spans[column] != 0):
        return row.cells[column]
    for left in range(column, -1, -1):
        if row.spans[left] > 0:
            return row.cells[left]
    return ""


def _stack_kind(stack: Sequence[str]) -> Column | None:
    """Tell the kind of a stack of headings: the lowest that says something decides."""
    for heading in reversed(stack):
        if heading and not _COLUMN_INDEX.match(heading.strip()):
            kind = heading_kind(heading)
            if kind is not None:
                return kind
    joined = " ".join(dict.fromkeys(filter(None, stack)))
    return heading_kind(joined)


def _settle(found: ColumnMap, rows: Sequence[SourceBlock], is_body: BodyTest, is_due: BodyTest) -> None:
    """Fill in what headings left open: a missing text, number, lead or due column."""
    if found.first(Column.DUE) is None:
        _promote(found, Column.DUE_OTHER, Column.DUE)
    if found.first(Column.TEXT) is None and found.first(Column.TARGET) is None:
        _promote_longest(found, rows)
    if found.first(Column.LEAD) is None and found.first(Column.LEAD_AND_COORDINATING) is None:
        _promote_responsible(found)
    _one_of(found, Column.NUMBER)
    if len(found.all(Column.LEAD)) > 1:
        found.confidence = min(found.confidence, 0.6)
    _settle_text(found, rows)
    for index in list(found.guessed):
        _guess(found, index, rows, is_body, is_due)
    if found.first(Column.NUMBER) is None and found.kinds[0] is Column.OTHER:
        numbered = [row_number(row.cells[0]) is not None for row in rows if row.cells[0].strip()]
        if numbered and sum(numbered) >= len(numbered) * _SHARE:
            found.kinds[0] = Column.NUMBER


def _promote_responsible(found: ColumnMap) -> None:
    """Take «مسئول پیگیری» for the lead where no other column names one."""
    for index in found.all(Column.MONITORING):
        if re.search(
            r"مسی?ی?ول|مسئول|متولی|responsib|chịu trách nhiệm", texts.fold_for_match(found.headings[index])
        ):
            found.kinds[index] = Column.LEAD
            return


def _one_of(found: ColumnMap, kind: Column) -> None:
    """Keep only the first column of a kind."""
    for index in found.all(kind)[1:]:
        found.kinds[index] = Column.OTHER


def _promote(found: ColumnMap, source: Column, target: Column) -> None:
    """Turn the last column of a kind into another kind."""
    columns = found.all(source)
    if columns:
        found.kinds[columns[-1]] = target


def _settle_text(found: ColumnMap, rows: Sequence[SourceBlock]) -> None:
    """Keep one text column: the one with the longest content; the others are fields or extra."""
    columns = found.all(Column.TEXT)
    if len(columns) < 2:  # noqa: PLR2004
        return
    longest = max(columns, key=lambda index: _mean_letters(rows, index))
    for index in columns:
        if index != longest:
            found.kinds[index] = Column.OTHER


def _promote_longest(found: ColumnMap, rows: Sequence[SourceBlock]) -> None:
    """Take the open column with the longest content for the text."""
    columns = [index for index, kind in enumerate(found.kinds) if kind in {Column.OTHER, Column.FIELD}]
    if columns:
        longest = max(columns, key=lambda index: _mean_letters(rows, index))
        found.kinds[longest] = Column.TEXT
        found.confidence = min(found.confidence, 0.8)


def _mean_letters(rows: Sequence[SourceBlock], column: int) -> float:
    """Give the mean length of a column's filled cells."""
    filled = [len(row.cells[column]) for row in rows if column < len(row.cells) and row.cells[column]]
    return sum(filled) / len(filled) if filled else 0.0


def _share(rows: Sequence[SourceBlock], column: int, test: BodyTest) -> float:
    """Give the share of a column's filled cells (of the first fifty) that pass a test."""
    filled = [row.cells[column] for row in rows if column < len(row.cells) and row.cells[column]][:50]
    return sum(map(test, filled)) / len(filled) if filled else 0.0


def _guess(
    found: ColumnMap, index: int, rows: Sequence[SourceBlock], is_body: BodyTest, is_due: BodyTest
) -> None:
    """Guess a column without a telling heading from its content."""
    if found.kinds[index] is not Column.OTHER:
        return
    if _share(rows, index, is_due) > _SHARE and not found.has_due:
        found.kinds[index] = Column.DUE
        found.confidence = min(found.confidence, 0.7)
    elif _share(rows, index, is_body) > _SHARE:
        has_lead = (
            found.first(Column.LEAD) is not None or found.first(Column.LEAD_AND_COORDINATING) is not None
        )
        found.kinds[index] = Column.COORDINATING if has_lead else Column.LEAD
        found.confidence = min(found.confidence, 0.6)


def map_by_content(rows: Sequence[SourceBlock], is_body: BodyTest, is_due: BodyTest) -> ColumnMap | None:
    """Map the columns of a table without a header by what its cells hold."""
    if not rows:
        return None
    width = len(rows[0].cells)
    found = ColumnMap([Column.OTHER] * width, [""] * width, 0, confidence=0.6)
    numbered = [row_number(row.cells[0]) is not None for row in rows]
    if sum(numbered) > len(rows) * _SHARE and _mean_letters(rows, 0) < 8:  # noqa: PLR2004
        found.kinds[0] = Column.NUMBER
    found.guessed = [index for index in range(width) if found.kinds[index] is Column.OTHER]
    for index in list(found.guessed):
        _guess(found, index, rows, is_body, is_due)
    _promote_longest(found, rows)
    found.confidence = 0.6
    return found if found.is_task_table and any(kind in BODY_COLUMNS for kind in found.kinds) else None
