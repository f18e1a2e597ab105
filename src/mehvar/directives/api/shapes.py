"""Say how directives, clauses and measures look over the HTTP API; the shapes of ``rules.content``, field by field."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from mehvar.directives.data import DirectiveState, Priority
from mehvar.organisations.data import BodyType
from mehvar.ui.api import Names

PublicId = Annotated[str, StringConstraints(max_length=40), Field(examples=["0199c2c4a2d87c1e"])]
BodyCode = Annotated[str, StringConstraints(max_length=80), Field(examples=["ir.mict"])]
Line = Annotated[str, StringConstraints(max_length=600)]
Long = Annotated[str, StringConstraints(max_length=50_000)]
Reason = Annotated[str, StringConstraints(max_length=4000)]
Acting = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=400)]],
    Field(
        max_length=200, description="Codes, @groups or names of bodies.", examples=[["ir.mict", "@provinces"]]
    ),
]


class BodyBrief(Schema):
    """Name a body."""

    code: str = Field(examples=["ir.mict"])
    names: Names


class Body(Schema):
    """Say who acts: a body, a symbolic group, or a name that the register does not know."""

    kind: str = Field(examples=["body"])
    code: str = Field(examples=["ir.mict"])
    name: str
    principal: bool
    inherited: bool


class Acts(Schema):
    """List who acts, by role, in the document's order."""

    lead: list[Body]
    coordinating: list[Body]
    overseeing: list[Body]
    monitoring: list[Body]


class Due(Schema):
    """State a deadline; ``raw`` is what was written, ``first_end`` the date before anybody moved it."""

    raw: str = Field(examples=["30/6/2026"])
    kind: str = Field(examples=["absolute"])
    start: date | None
    end: date | None
    first_end: date | None
    duration: str
    anchor: str
    recurrence: str
    calendar: str


class Alignment(Schema):
    """Name a goal of an outside plan."""

    plan: str
    goal: str
    text: str


class MeasureContent(Schema):
    """Hold one measure as the text has it."""

    id: str
    section: str
    number: str
    field: str | None
    provision: str | None
    text: str
    deliverable: str
    outcome_indicator: str
    priority: str
    special_project: bool
    due: Due
    assignments: Acts
    alignments: list[Alignment]


class ProvisionContent(Schema):
    """Hold one clause as the text has it; ``parent`` is the id of the clause above."""

    id: str
    parent: str | None
    depth: int
    path: str
    eid: str
    kind: str
    number: str
    heading: str
    text: str


class FieldContent(Schema):
    """Hold one field of work and the number of measures that the text declares for it."""

    name: str
    declared_count: int | None


class CitationContent(Schema):
    """Hold one cited legal document."""

    raw: str
    kind: str
    number: str
    dated_on: date | None
    issuer_name: str
    subject: str
    to_disseminate: bool


class DutyContent(Schema):
    """Hold one legal duty that the directive answers."""

    source: str
    article: str
    text: str
    owner: str


class IssuerContent(Schema):
    """Name the issuing body in the directive's language."""

    code: str
    name: str


class ThemeContent(Schema):
    """Name the annual theme."""

    period: str
    title: str


class HeadContent(Schema):
    """Hold what the directive says of itself."""

    id: str
    kind: str
    number: str
    title: str
    issuer: IssuerContent
    language: str
    pack: str
    calendar: str
    theme: ThemeContent | None
    goal: str
    motto: str
    legal_basis: str
    role_statement: str
    dated_on: date | None
    effective_on: date | None
    acknowledge_within_days: int
    supersedes: str | None


class Content(Schema):
    """Hold the canonical content: what is frozen, hashed, compared and published."""

    format: str = Field(alias="schema", examples=["mehvar.directive/1"])
    directive: HeadContent
    duties: list[DutyContent]
    citations: list[CitationContent]
    fields: list[FieldContent]
    provisions: list[ProvisionContent]
    measures: list[MeasureContent]


class DirectiveRow(Schema):
    """Show a directive in a list."""

    id: str = Field(description="Its public id.")
    kind: str
    number: str
    title: str
    language: str
    issuer: BodyBrief
    state: DirectiveState
    dated_on: date | None
    promulgated_at: datetime | None
    changed_at: datetime
    measure_count: int
    flag_count: int = Field(description="How many measures carry doubts that nobody has settled.")
    version: int


class DirectiveHead(Schema):
    """Show a directive without its clauses and measures."""

    id: str
    kind: str
    number: str
    title: str
    language: str
    calendar: str
    pack: str
    issuer: BodyBrief
    state: DirectiveState
    edition: int
    theme: int | None
    goal: str
    motto: str
    legal_basis: str
    role_statement: str
    dated_on: date | None
    effective_on: date | None
    promulgated_at: datetime | None
    acknowledge_within_days: int
    created_at: datetime
    changed_at: datetime
    version: int
    may_edit: bool


class MeasureRow(Schema):
    """Show a measure with who acts, its deadline and how far its review has come."""

    id: str = Field(description="Its public id.")
    directive: str
    section: str
    number: str
    field: str | None
    text: str
    deliverable: str
    outcome_indicator: str
    priority: Priority
    special_project: bool
    due: Due
    assignments: Acts
    open_flags: int
    review_state: str
    version: int


class Step(Schema):
    """Show one dated step in a directive's life."""

    action: str
    source: str
    target: str
    at: datetime
    person: str | None
    reason: str
    content_hash: str


class Standing(Schema):
    """Show where a directive stands after a step."""

    id: str
    state: DirectiveState
    version: int


class BodyKind(Schema):
    """Name a body with its kind."""

    code: str
    names: Names
    type: BodyType | str
