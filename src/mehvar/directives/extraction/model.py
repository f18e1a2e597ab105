"""Describe what extraction finds in a directive document: blocks, provisions, measures and doubts.

Source: issue "the house", point 8; design "Directives and programmes", §3.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class BlockKind(StrEnum):
    """List the kinds of source blocks."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TABLE_ROW = "table_row"


class Role(StrEnum):
    """List what a body does for a measure."""

    LEAD = "lead"
    COORDINATING = "coordinating"
    OVERSEEING = "overseeing"
    MONITORING = "monitoring"


class DueKind(StrEnum):
    """List how a deadline is stated."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    RANGE = "range"
    RELATIVE = "relative"
    RECURRING = "recurring"
    RECURRING_YEARLY = "recurring_yearly"
    RECURRING_QUARTERLY = "recurring_quarterly"
    RECURRING_MONTHLY = "recurring_monthly"
    OPEN_FROM = "open_from"
    NONE = "none"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """Point to characters of a block's text."""

    block: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """Hold one paragraph or one table row of the source.

    ``cells`` has one text per grid column; ``spans`` says how many columns each covers (0: covered by the one to
    its left); ``carried`` lists columns whose text was repeated from a cell merged downwards.
    """

    kind: BlockKind
    text: str
    cells: tuple[str, ...] = ()
    level: int | None = None
    page: int | None = None
    number: str | None = None
    table: int | None = None
    spans: tuple[int, ...] = ()
    carried: tuple[int, ...] = ()
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """Hold one doubt that a person must settle; ``field`` names the part of the measure."""

    code: str
    field: str
    message: str
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExtractedBody:
    """Hold one assigned body: words as written, code (none if unregistered), official name or ``@group``."""

    text: str
    code: str | None
    name: str
    role: Role
    confidence: float
    inherited: bool = False
    is_former: bool = False


@dataclass(frozen=True, slots=True)
class ExtractedDue:
    """Hold one deadline: raw words, kind, first and last day, and what a relative or recurring one needs."""

    raw: str
    kind: DueKind
    start: date | None = None
    end: date | None = None
    duration: str | None = None
    anchor: str | None = None
    recurrence: str | None = None
    calendar: str = "gregorian"


NO_DUE = ExtractedDue("", DueKind.NONE)


@dataclass(frozen=True, slots=True)
class ExtractedMeasure:
    """Hold one task of the directive with everything read about it."""

    section: str
    number: str
    text: str
    deliverable: str
    field: str
    bodies: tuple[ExtractedBody, ...]
    due: ExtractedDue
    confidence: Mapping[str, float]
    flags: tuple[Flag, ...]
    spans: tuple[SourceSpan, ...]
    provision: str = ""

    def names(self, role: Role) -> list[str]:
        """List the names of the bodies that have a role."""
        return [body.name for body in self.bodies if body.role is role]

    @property
    def least_confidence(self) -> float:
        """Give the lowest confidence of all fields."""
        return min(self.confidence.values(), default=1.0)


@dataclass(frozen=True, slots=True)
class ExtractedProvision:
    """Hold one node of the document's tree."""

    path: str
    number: str
    heading: str
    text: str
    kind: str
    level: int
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class ExtractedCitation:
    """Hold a cited legal document."""

    type: str
    number: str
    date: date | None
    text: str


@dataclass(frozen=True, slots=True)
class DeclaredCount:
    """Hold a number of tasks that the document itself declares for a field or for the whole."""

    label: str
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """Hold everything found in a document."""

    language: str
    title: str
    number: str
    issuer: str
    signed_on: date | None
    citations: tuple[ExtractedCitation, ...]
    declared_counts: tuple[DeclaredCount, ...]
    fields: tuple[str, ...]
    blocks: tuple[SourceBlock, ...]
    provisions: tuple[ExtractedProvision, ...]
    measures: tuple[ExtractedMeasure, ...]
    flags: tuple[Flag, ...]
    warnings: tuple[str, ...]
    goal: str = ""
    motto: str = ""
