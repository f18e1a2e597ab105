"""Say how directives and measures look over the HTTP API; the text itself has the shapes of ``rules.content``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from mehvar.directives.data import DirectiveState, Priority
from mehvar.directives.rules.content import AssignmentsContent, DueContent
from mehvar.organisations.data import BodyType
from mehvar.ui.api import Names, Schema

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
    due: DueContent
    assignments: AssignmentsContent
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


class DirectiveStanding(Schema):
    """Show where a directive stands after a step."""

    id: str
    state: DirectiveState
    version: int


class BodyKind(Schema):
    """Name a body with its kind."""

    code: str
    names: Names
    type: BodyType | str
