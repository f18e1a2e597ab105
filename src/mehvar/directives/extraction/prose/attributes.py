"""Read labelled facts of a task in prose: "Cơ quan chủ trì: …", "Thời hạn: …", «مسئول پیگیری: …», "Deadline: …".

Source: design "Directives and programmes", §1 (shapes of provincial plans and minutes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LABELS = {
    "coordinating": r"(?:(?:các\s+)?(?:cơ quan|đơn vị)\s+)?phối hợp(?:\s+thực hiện)?|(?:دستگاه(?:\s?‌?های)?\s+)?همکار(?:ان)?|support(?:ing)?(?:\s+(?:agency|agencies|bodies|body))?|coordinating(?:\s+(?:agency|agencies|bodies|body))?",
    "lead": r"(?:(?:cơ quan|đơn vị|tổ chức)\s+)?(?:chủ trì(?:\s+thực hiện)?|thực hiện|đầu mối)|(?:دستگاه\s+)?(?:مسئول|مجری|متولی)(?:\s+(?:پیگیری|اجرا|اقدام|انجام))?|lead(?:\s+(?:agency|body))?|responsible(?:\s+(?:agency|body))?",
    "due": r"(?:thời gian|thời hạn|tiến độ|hạn)(?:\s+(?:hoàn thành|thực hiện))?|hoàn thành|مهلت(?:\s+(?:انجام|اجرا|اقدام))?|زمان(?:\s+(?:انجام|اجرا))?|موعد|deadline|due(?:\s+date)?",
    "deliverable": r"(?:sản phẩm|kết quả)(?:\s+(?:đầu ra|đạt được|hoàn thành))?|خروجی|نتیجه|output|deliverable",
    "monitoring": r"(?:(?:cơ quan|đơn vị)\s+)?(?:theo dõi|giám sát|đôn đốc)|ناظر|دستگاه ناظر|monitoring",
}
_LABEL = re.compile(
    r"(?:^|(?<=[.;,؛،(\n–-]))\s*[-+•*]?\s*(?:"
    + "|".join(f"(?P<{name}>{shape})" for name, shape in _LABELS.items())
    + r")\s*[:：]\s*",
    re.IGNORECASE,
)
_EDGE = " \t\n.;,؛،()-–+•*"


@dataclass(slots=True)
class Attributes:
    """Hold the act that is left of a text and its labelled facts."""

    act: str
    facts: dict[str, str] = field(default_factory=dict)


def is_attribute(text: str) -> bool:
    """Tell whether a paragraph is nothing but labelled facts."""
    match = _LABEL.match(text)
    return match is not None and match.start() == 0


def split(text: str) -> Attributes:
    """Divide a text into its act and its labelled facts."""
    labels = list(_LABEL.finditer(text))
    if not labels:
        return Attributes(text)
    found = Attributes(text[: labels[0].start()].rstrip(_EDGE.replace(".", "")))
    ends = [label.start() for label in labels[1:]] + [len(text)]
    for label, end in zip(labels, ends, strict=True):
        name = next(name for name in _LABELS if label[name])
        value = text[label.end() : end].strip(_EDGE)
        if value:
            found.facts[name] = f"{found.facts[name]}; {value}" if name in found.facts else value
    return found
