"""Say what a column of a list is: its heads in three languages, how its cells are read, whether a new row needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mehvar.programmes.rules.imports.choices import Words
from mehvar.programmes.rules.plans import LONGEST_LINE


class ValueKind(StrEnum):
    """Say how a cell is read and written."""

    TEXT = "text"
    BODY = "body"
    DAY = "day"
    PERCENT = "percent"
    NUMBER = "number"
    WEIGHT = "weight"
    CHOICE = "choice"
    MEASURE = "measure"
    NEEDS = "needs"
    MILESTONES = "milestones"
    BUDGET = "budget"
    REFERENCE = "reference"
    BODIES = "bodies"
    SEVERAL = "several"
    PERIOD = "period"
    COUNT = "count"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """Hold a column: its heads (English, Persian, Vietnamese), how its cells are read, and whether a new row needs it."""

    words: Words
    kind: ValueKind = ValueKind.TEXT
    longest: int = LONGEST_LINE
    needed: bool = False
    shown: bool = False
    choices: Mapping[str, Words] | None = None


def shown(*words: str, kind: ValueKind = ValueKind.TEXT) -> ColumnSpec:
    """Make a column that only goes out."""
    english, persian, vietnamese = words
    return ColumnSpec((english, persian, vietnamese), kind, shown=True)


def needed(*words: str, kind: ValueKind = ValueKind.TEXT, longest: int = LONGEST_LINE) -> ColumnSpec:
    """Make a column without which there is no new row."""
    english, persian, vietnamese = words
    return ColumnSpec((english, persian, vietnamese), kind, longest, needed=True)


KEY = ColumnSpec(("Key (leave as it is)", "کلید (دست نزنید)", "Khóa (giữ nguyên)"), ValueKind.KEY)
BODY: Words = ("Body", "دستگاه", "Cơ quan")
DUE: Words = ("Due", "موعد", "Thời hạn")
STATE: Words = ("State", "وضعیت", "Trạng thái")
