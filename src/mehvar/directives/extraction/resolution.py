"""Turn drafts into measures: bodies through the register, deadlines, confidence and flags.

Source: issue "the house", point 8.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from mehvar.directives.extraction import flags
from mehvar.directives.extraction.columns import Column
from mehvar.directives.extraction.drafts import TaskDraft
from mehvar.directives.extraction.dues import DueContext, DueReading, is_due, read_due
from mehvar.directives.extraction.model import DueKind, ExtractedBody, ExtractedMeasure, Flag, Role
from mehvar.directives.extraction.roles import RolePart, split_lead_and_coordinating, split_roles
from mehvar.kernel import text as texts
from mehvar.organisations.rules.matching import BodyList, BodyMention, BodyRegister, read_bodies

_COLUMN_ROLES = {
    Column.LEAD: Role.LEAD,
    Column.COORDINATING: Role.COORDINATING,
    Column.OVERSEEING: Role.OVERSEEING,
    Column.MONITORING: Role.MONITORING,
}
_NO_BODY = re.compile(r"^[\s\-–—_.…*/xX]*$|^(?:không(?: có)?|n/?a|none|ندارد)$", re.IGNORECASE)
_BROKEN_END = re.compile(
    r"(?:[,;،]|\b(?:và|của|kỹ|các|cho|về|theo|với|hoặc|and|of|the|to|و|از|به|در))\s*$", re.IGNORECASE
)
_TEXT_MIN_LETTERS = 4
UNSURE = 0.65
"""Below this confidence a body or deadline is flagged."""


@dataclass(slots=True)
class Resolver:
    """Resolve names and deadlines of one document, remembering cells that repeat."""

    register: BodyRegister
    language: str
    on: date | None
    due_context: DueContext
    unregistered: dict[str, int] = field(default_factory=dict)
    bodies: Callable[[str], BodyList] = field(init=False)
    due: Callable[[str], DueReading] = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the memory for repeated cells."""
        self.bodies = lru_cache(maxsize=8192)(self._bodies)
        self.due = lru_cache(maxsize=8192)(self._due)

    def _bodies(self, text: str) -> BodyList:
        """Read the bodies of a text."""
        return read_bodies(text, self.register, on=self.on, language=self.language)

    def _due(self, text: str) -> DueReading:
        """Read a deadline."""
        return read_due(text, self.due_context)

    def is_body(self, text: str) -> bool:
        """Tell whether a text lists registered bodies (to recognise a column by its content)."""
        found = self.bodies(text).mentions if len(text) < 400 else []  # noqa: PLR2004
        return bool(found) and any(mention.code for mention in found)

    def is_due(self, text: str) -> bool:
        """Tell whether a text is a deadline (to recognise a column by its content)."""
        return is_due(text, self.due_context)

    def measures(self, drafts: Sequence[TaskDraft]) -> list[ExtractedMeasure]:
        """Resolve all drafts."""
        return [self.measure(draft) for draft in drafts]

    def measure(self, draft: TaskDraft) -> ExtractedMeasure:
        """Resolve one draft."""
        notes = _Notes(draft.confidence, list(draft.flags))
        bodies = self._draft_bodies(draft, notes)
        due = self._draft_due(draft, notes)
        text = _task_text(draft)
        notes.rate("number", 1.0 if draft.number is not None else 0.7)
        notes.rate("text", _text_confidence(text, notes))
        deliverable = " ".join(draft.cells.get(Column.DELIVERABLE, "").split())
        notes.rate("deliverable", 1.0)
        return ExtractedMeasure(
            section=draft.section,
            number=draft.number_text,
            text=text,
            deliverable="" if _NO_BODY.match(deliverable) else deliverable,
            field=" ".join(draft.field.split()),
            bodies=tuple(bodies),
            due=due.due,
            confidence=notes.confidence,
            flags=tuple(notes.flags),
            spans=tuple(draft.spans),
        )

    def _draft_bodies(self, draft: TaskDraft, notes: _Notes) -> list[ExtractedBody]:
        """Resolve every body cell of a draft."""
        found: list[ExtractedBody] = []
        for part in _role_parts(draft):
            found += self.role_bodies(part, notes)
        bodies = unique_bodies(found)
        if draft.has_lead_column and not any(body.role is Role.LEAD for body in bodies):
            notes.flag("missing-lead", "lead")
            notes.rate("lead", 0.3)
        return bodies

    def role_bodies(self, part: RolePart, notes: _Notes, *, inherited: bool = False) -> list[ExtractedBody]:
        """Resolve the bodies of one part of a cell."""
        if _NO_BODY.match(part.text.strip()):
            return []
        reading = self.bodies(part.text.strip())
        field_name = part.role.value
        for doubt in reading.doubts:
            notes.flag(doubt.code, field_name, text=doubt.text)
        if not part.sure:
            notes.flag("role-guessed", field_name)
        notes.rate(field_name, min(reading.confidence, 1.0 if part.sure else 0.6))
        return [self._body(mention, part.role, inherited=inherited) for mention in reading.mentions]

    def _body(self, mention: BodyMention, role: Role, *, inherited: bool) -> ExtractedBody:
        """Make an extracted body of a mention and count names outside the register."""
        if mention.code is None:
            self.unregistered[mention.name] = self.unregistered.get(mention.name, 0) + 1
        return ExtractedBody(
            text=mention.text,
            code=mention.code,
            name=mention.name,
            role=role,
            confidence=round(mention.confidence, 3),
            inherited=inherited,
            is_former=mention.is_former,
        )

    def _draft_due(self, draft: TaskDraft, notes: _Notes) -> DueReading:
        """Resolve the deadline cell of a draft."""
        raw = draft.cells.get(Column.DUE, "")
        if not raw.strip():
            raw = draft.cells.get(Column.DUE_OTHER, "") if Column.DUE not in draft.cells else raw
        reading = self.due(raw)
        start = draft.cells.get(Column.DUE_START, "")
        if start.strip() and reading.due.end is not None:
            first = self.due(start)
            if first.due.start is not None and first.due.start <= reading.due.end and not first.doubts:
                reading = replace(
                    reading,
                    due=replace(
                        reading.due, raw=f"{start} - {raw}", start=first.due.start, kind=DueKind.RANGE
                    ),
                )
        self.note_due(reading, notes)
        if draft.has_due_column and not raw.strip():
            notes.flag("missing-due", "due")
            notes.rate("due", 0.6)
        return reading

    def note_due(self, reading: DueReading, notes: _Notes) -> None:
        """Note the doubts of a deadline, and one that lies before the document."""
        notes.rate("due", reading.confidence)
        for code in reading.doubts:
            notes.flag(code, "due")
        end = reading.due.end
        day = self.due_context.on
        if day is not None and end is not None and end < day:
            notes.flag("due-in-past", "due")
            notes.rate("due", 0.6)

    def unregistered_flags(self) -> list[Flag]:
        """List names outside the register once each."""
        return [
            flags.make("unregistered-body", "lead", text=name, count=count)
            for name, count in self.unregistered.items()
        ]


@dataclass(slots=True)
class _Notes:
    """Collect confidence and flags of one measure."""

    ceiling: float = 1.0
    flags: list[Flag] = field(default_factory=list)
    confidence: dict[str, float] = field(default_factory=dict)

    def rate(self, name: str, confidence: float) -> None:
        """Lower the confidence of a field."""
        value = min(confidence, self.ceiling, self.confidence.get(name, 1.0))
        self.confidence[name] = round(value, 3)

    def flag(self, code: str, name: str, **params: object) -> None:
        """Add a flag once."""
        item = flags.make(code, name, **params)
        if item not in self.flags:
            self.flags.append(item)


Notes = _Notes


def unique_bodies(bodies: Iterable[ExtractedBody]) -> list[ExtractedBody]:
    """Keep every body once per role."""
    found: dict[tuple[Role, str, str], ExtractedBody] = {}
    for body in bodies:
        found.setdefault((body.role, body.code or "", body.name.casefold()), body)
    return list(found.values())


def _role_parts(draft: TaskDraft) -> list[RolePart]:
    """List the parts of a draft's body cells with their roles."""
    parts: list[RolePart] = []
    for column, role in _COLUMN_ROLES.items():
        if draft.cells.get(column, "").strip():
            parts += split_roles(draft.cells[column], role)
    both = draft.cells.get(Column.LEAD_AND_COORDINATING, "")
    if both.strip():
        parts += split_lead_and_coordinating(both)
    return parts


def _task_text(draft: TaskDraft) -> str:
    """Give the task's text on one line, without the number that the number field already holds."""
    return " ".join(draft.cells.get(Column.TEXT, "").split())


def _text_confidence(text: str, notes: _Notes) -> float:
    """Judge whether a task's text is whole."""
    if len(text) < _TEXT_MIN_LETTERS:
        notes.flag("unclear-text", "text")
        return 0.3
    if _BROKEN_END.search(texts.fold_for_match(text)):
        return 0.7
    return 1.0
