"""Tell which part of a cell names the lead, the coordinating, the overseeing and the monitoring bodies.

Source: issue "the house", point 8; design "Directives and programmes", §1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mehvar.directives.extraction.model import Role

_LABELS: tuple[tuple[Role, str], ...] = (
    (
        Role.COORDINATING,
        r"(?:(?:các\s+)?(?:cơ quan|đơn vị)\s+)?(?:phối hợp(?:\s+thực hiện)?(?:\s+với)?|tham gia)|(?:in\s+)?(?:coordination|cooperation|collaboration)"  # noqa: ISC004
        r"\s+with|support(?:ing|ed by)?(?:\s+(?:agency|agencies|bodies))?|coordinating(?:\s+(?:agency|agencies|bodies))?|"
        r"(?:دستگاه(?:\s?های)?\s+)?همکار(?:ان)?|با همکاری",
    ),
    (
        Role.LEAD,
        r"(?:(?:cơ quan|đơn vị)\s+)?(?:chủ trì(?:\s+thực hiện)?|đầu mối|thực hiện)|lead(?:\s+(?:agency|body))?|responsible|"  # noqa: ISC004
        r"(?:دستگاه\s+)?(?:مسئول|مجری|متولی)",
    ),
    (
        Role.MONITORING,
        r"(?:theo dõi|giám sát|đôn đốc|kiểm tra)(?:,?\s*(?:theo dõi|giám sát|đôn đốc|kiểm tra))*|monitor(?:ing|ed by)?|ناظر|نظارت|پایش",
    ),
    (Role.OVERSEEING, r"(?:lãnh đạo\s+)?(?:chỉ đạo|phụ trách)|over(?:sight|seen by|seeing)"),
)
_LABEL = re.compile(
    r"(?:^|(?<=[\n.;،؛,(\-–•+]))\s*[-–•+*]?\s*(?:(?P<role>"
    + "|".join(f"(?P<{role.value}>{shape})" for role, shape in _LABELS)
    + r"))\s*[:：]\s*",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"^(?P<lead>.+?)\s*[,;]?\s*(?:chủ trì)\s*[,;]?\s*(?:và\s+)?phối hợp\s+(?:cùng\s+)?(?:với\s+)?(?P<coordinating>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_INLINE_LEAD = re.compile(r"^(?P<lead>.+?)\s+chủ trì\s*[;,.]?$", re.IGNORECASE | re.DOTALL)
_AFTER = re.compile(
    r"(?P<names>[^()]+?)\s*\(\s*(?:(?P<lead>(?:cơ quan\s+)?chủ trì|lead|مسئول|مجری)|(?P<coordinating>phối hợp|support(?:ing)?|همکار))\s*\)\s*[,;.]?\s*",
    re.IGNORECASE,
)
_SLASH = re.compile(r"^(?P<lead>[^/]+)/(?P<coordinating>[^/]+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RolePart:
    """Hold one part of a cell and the role of the bodies in it; ``sure`` is false for a guess."""

    role: Role
    text: str
    sure: bool = True


def split_roles(cell: str, default: Role) -> list[RolePart]:
    """Divide a cell by its labels; text before the first label has the default role."""
    for reading in (_labelled, _bracketed, _inlined):
        parts = reading(cell, default)
        if parts:
            return parts
    return [RolePart(default, cell)] if cell.strip() else []


def _labelled(cell: str, default: Role) -> list[RolePart]:
    """Read "Chủ trì: X; Phối hợp: Y"."""
    labels = list(_LABEL.finditer(cell))
    if not labels:
        return []
    parts: list[RolePart] = []
    head = cell[: labels[0].start()].strip()
    if head:
        parts.append(RolePart(default, head))
    ends = [label.start() for label in labels[1:]] + [len(cell)]
    for label, end in zip(labels, ends, strict=True):
        role = next(role for role, _ in _LABELS if label[role.value])
        text = cell[label.end() : end].strip().rstrip(";,.(-–•+").strip()
        if text:
            parts.append(RolePart(role, text))
    return parts


def _bracketed(cell: str, default: Role) -> list[RolePart]:
    """Read "X (chủ trì), Y (phối hợp)"."""
    found = list(_AFTER.finditer(cell))
    if not found:
        return []
    parts = [
        RolePart(Role.LEAD if match["lead"] else Role.COORDINATING, match["names"].strip(" ,;\n"))
        for match in found
    ]
    rest = cell[found[-1].end() :].strip(" ,;.\n")
    if rest:
        parts.append(RolePart(Role.COORDINATING if default is Role.LEAD else default, rest, sure=False))
    return parts


def _inlined(cell: str, default: Role) -> list[RolePart]:
    """Read "X chủ trì, phối hợp với Y"."""
    match = _INLINE.match(cell)
    if match:
        return [RolePart(Role.LEAD, match["lead"]), RolePart(Role.COORDINATING, match["coordinating"])]
    match = _INLINE_LEAD.match(cell)
    if match and default is Role.LEAD:
        return [RolePart(Role.LEAD, match["lead"])]
    return []


def split_lead_and_coordinating(cell: str) -> list[RolePart]:
    """Divide a cell of a column that holds both roles; without labels the first line or name leads."""
    parts = split_roles(cell, Role.LEAD)
    if len(parts) != 1 or parts[0].text != cell:
        return parts
    match = _SLASH.match(cell)
    if match:
        return [
            RolePart(Role.LEAD, match["lead"], sure=False),
            RolePart(Role.COORDINATING, match["coordinating"], sure=False),
        ]
    lines = [line for line in re.split(r"\n|;", cell) if line.strip()]
    if len(lines) > 1:
        return [
            RolePart(Role.LEAD, lines[0], sure=False),
            RolePart(Role.COORDINATING, "\n".join(lines[1:]), sure=False),
        ]
    return [RolePart(Role.LEAD, cell, sure=False)]
