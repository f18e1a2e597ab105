"""Hold a task of prose with the roles in force above it, and resolve it into a measure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mehvar.directives.extraction.dues import DueReading, find_in_prose
from mehvar.directives.extraction.model import ExtractedBody, ExtractedMeasure, Role, SourceSpan
from mehvar.directives.extraction.prose.clauses import Clause, ClauseReader
from mehvar.directives.extraction.prose.outline import Node
from mehvar.directives.extraction.resolution import Notes, Resolver, unique_bodies
from mehvar.directives.extraction.roles import RolePart

INHERITED, INTRODUCED, PROSE = 0.92, 0.8, 0.95
"""Confidence of roles that come from a heading, from an introducing paragraph, from the sentence itself."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Hold the roles in force for the items below a node."""

    lead: str = ""
    coordinating: tuple[str, ...] = ()
    overseeing: tuple[str, ...] = ()
    confidence: float = INHERITED
    field: str = ""
    is_barred: bool = False
    is_active: bool = False

    def under(self, clause: Clause, *, confidence: float = INHERITED) -> Roles:
        """Give the roles in force below a clause: a new lead replaces the lead and its partners."""
        if clause.lead:
            return replace(
                self,
                lead=clause.lead,
                coordinating=tuple(clause.coordinating),
                overseeing=tuple(clause.overseeing) or self.overseeing,
                confidence=confidence,
                is_active=True,
            )
        return replace(
            self,
            coordinating=tuple(clause.coordinating) or self.coordinating,
            overseeing=tuple(clause.overseeing) or self.overseeing,
            is_active=self.is_active or bool(clause.overseeing),
        )


@dataclass(slots=True)
class Item:
    """Hold one task of prose before it is resolved."""

    node: Node
    text: str
    clause: Clause
    roles: Roles
    blocks: list[int]
    section: str
    number: str
    follow: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)


class ItemResolver:
    """Resolve tasks of prose: bodies, deadline, doubts."""

    def __init__(self, resolver: Resolver, clauses: ClauseReader) -> None:
        """Take the document's resolver and reader of clauses."""
        self.resolver = resolver
        self.clauses = clauses

    def measure(self, item: Item) -> ExtractedMeasure:
        """Resolve one task."""
        notes = Notes(PROSE)
        bodies = unique_bodies(self._bodies(item, notes))
        text = " ".join([item.text, *item.follow])
        due = self._due(item, text)
        self.resolver.note_due(due, notes)
        if item.clause.is_monitoring and item.clause.lead:
            bodies = self._monitored(bodies)
        if not any(body.role is Role.LEAD for body in bodies):
            notes.flag("missing-lead", "lead")
            notes.rate("lead", 0.3)
        if item.clause.is_uncertain or self._names_second_lead(item):
            notes.flag("lead-extent", "lead")
        notes.rate("number", 1.0)
        notes.rate("text", 1.0)
        return ExtractedMeasure(
            section=item.section,
            number=item.number,
            text=text,
            deliverable=item.facts.get("deliverable", ""),
            field=item.roles.field,
            bodies=tuple(bodies),
            due=due.due,
            confidence=notes.confidence,
            flags=tuple(notes.flags),
            spans=tuple(SourceSpan(block, 0, len(text)) for block in item.blocks),
            provision=item.node.path,
        )

    def _names_second_lead(self, item: Item) -> bool:
        """Tell whether another registered body is charged after a semicolon, in the same item."""
        leads = {
            body.code for body in self.role(Role.LEAD, [item.clause.lead or item.roles.lead], Notes(PROSE))
        }
        for part in re.split(r"[;؛]\s+(?:đồng thời\s+|và\s+)?", item.text)[1:]:
            subject, _ = self.clauses.subject(part)
            mentions = self.resolver.bodies(subject).mentions if subject and subject[0].isupper() else []
            if mentions and mentions[0].code and mentions[0].code not in leads:
                return True
        return False

    def _due(self, item: Item, text: str) -> DueReading:
        """Read the deadline: the labelled one, else the one in the sentence."""
        if "due" in item.facts:
            return self.resolver.due(item.facts["due"])
        found = find_in_prose(text, self.resolver.due_context)
        return DueReading(found.due, found.confidence, found.doubts)

    def _bodies(self, item: Item, notes: Notes) -> list[ExtractedBody]:
        """Resolve the bodies of a task: its own, else those in force above it."""
        clause, roles = item.clause, item.roles
        found: list[ExtractedBody] = []
        if clause.lead:
            found += self.role(Role.LEAD, [clause.lead], notes)
        elif roles.lead and not (clause.overseeing and roles.confidence == INTRODUCED):
            found += self.role(Role.LEAD, [roles.lead], notes, inherited=roles.confidence)
        coordinating = clause.coordinating
        if coordinating or clause.lead:
            found += self.role(Role.COORDINATING, coordinating, notes)
        else:
            found += self.role(Role.COORDINATING, roles.coordinating, notes, inherited=roles.confidence)
        if clause.overseeing:
            found += self.role(Role.OVERSEEING, clause.overseeing, notes)
        else:
            found += self.role(Role.OVERSEEING, roles.overseeing, notes, inherited=roles.confidence)
        if "monitoring" in item.facts:
            found += self.role(Role.MONITORING, [item.facts["monitoring"]], notes)
        leads = {body.code or body.name for body in found if body.role is Role.LEAD}
        return [
            body
            for body in found
            if body.role is not Role.COORDINATING or (body.code or body.name) not in leads
        ]

    def role(
        self, role: Role, parts: Iterable[str], notes: Notes, *, inherited: float = 0.0
    ) -> list[ExtractedBody]:
        """Resolve the texts of one role."""
        found: list[ExtractedBody] = []
        for text in parts:
            found += self.resolver.role_bodies(RolePart(role, text), notes, inherited=bool(inherited))
            if inherited:
                notes.rate(role.value, inherited)
        return found

    @staticmethod
    def _monitored(bodies: list[ExtractedBody]) -> list[ExtractedBody]:
        """Give the lead of a monitoring task the monitoring role too."""
        return [*bodies, *(replace(body, role=Role.MONITORING) for body in bodies if body.role is Role.LEAD)]
