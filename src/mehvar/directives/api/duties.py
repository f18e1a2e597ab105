"""Keep annual themes and legal duties over the HTTP API."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import duties as actions
from mehvar.directives.api import shapes, showing
from mehvar.directives.data import Priority
from mehvar.directives.models import AnnualTheme, LegalDuty
from mehvar.directives.queries import duties as queries
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Key, Paging, Schema, Version, allowed_to, page_of, tag, version_seen

themes = Router(tags=["duties"])
duties = Router(tags=["duties"])
KEEPERS = allowed_to("manage-duties over the owner")
READERS = allowed_to("view-drafts or manage-duties over the owner")
ThemeKey = Annotated[int, Field(ge=1, le=2**53)]


class ThemeRow(Schema):
    """Show the theme that the state gives a year."""

    id: int
    period: str = Field(examples=["1399"])
    title: str
    statement: str
    language: str


class NewTheme(Schema):
    """Enter the theme of a year."""

    period: Annotated[str, StringConstraints(min_length=4, max_length=16)] = Field(examples=["1399"])
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["جهش تولید"])
    statement: shapes.Long = ""
    language: Annotated[str, Field(pattern="^(fa|vi|en)$", examples=["fa"])]


class DutyRow(Schema):
    """Show a legal duty."""

    id: int
    source: str
    article: str
    text: str
    owner: shapes.BodyBrief
    theme: int | None
    due_on: date | None
    due_raw: str
    calendar: str
    priority: Priority
    special_project: bool
    fulfilled_on: date | None
    status: str = Field(examples=["overdue"])
    version: int


class NewDuty(Schema):
    """Enter a duty that a law, resolution or decree lays on a body."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=300)] = Field(
        examples=["Sixth Development Plan"]
    )
    article: Annotated[str, StringConstraints(max_length=100)] = Field("", examples=["Article 67"])
    text: shapes.Long = Field(min_length=1)
    owner: shapes.BodyCode
    theme: ThemeKey | None = None
    due_on: date | None = None
    due_raw: Annotated[str, StringConstraints(max_length=200)] = ""
    calendar: Literal["gregorian", "jalali"] = "gregorian"
    priority: Priority = Priority.NORMAL
    special_project: bool = False


class DutyChanges(Schema):
    """Change a duty; what is left out stays."""

    version: Version | None = None
    source: Annotated[str, StringConstraints(max_length=300)] | None = None
    article: Annotated[str, StringConstraints(max_length=100)] | None = None
    text: shapes.Long | None = None
    owner: shapes.BodyCode | None = None
    theme: ThemeKey | None = None
    due_on: date | None = None
    due_raw: Annotated[str, StringConstraints(max_length=200)] | None = None
    calendar: Literal["gregorian", "jalali"] | None = None
    priority: Priority | None = None
    special_project: bool | None = None


class Fulfilment(Schema):
    """Enter on which day a duty was fulfilled; ``null`` takes that back."""

    fulfilled_on: date | None
    version: Version | None = None


@themes.get(
    "", response=list[ThemeRow], summary="List themes", openapi_extra=allowed_to("everyone who is signed in")
)
def annual_themes(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[ThemeRow]:
    """List the annual themes, the latest year first."""
    return [ThemeRow.from_orm(row) for row in page_of(request, response, queries.themes(), paging)]


@themes.post("", response={201: ThemeRow}, summary="Enter a theme", openapi_extra=allowed_to("manage-duties"))
def create_theme(request: HttpRequest, given: NewTheme) -> Status[ThemeRow]:
    """Enter the theme that the state gives a year."""
    made = actions.create_theme(
        accounts.person_in(request),
        period=given.period,
        title=given.title,
        language=given.language,
        statement=given.statement,
    )
    return Status(201, ThemeRow.from_orm(made))


@duties.get("", response=list[DutyRow], summary="List duties", openapi_extra=READERS)
def legal_duties(
    request: HttpRequest,
    response: HttpResponse,
    paging: Query[Paging],
    status: Literal["open", "overdue", "fulfilled"] | None = None,
) -> list[DutyRow]:
    """List the legal duties in the person's scope, special projects and high priority first."""
    rows = queries.duties(organisations.authority_in(request)).select_related("owner")
    if status is not None:
        rows = rows.filter(status=status)
    chosen = rows.order_by("importance", "due_on", "pk")
    return [_row(row) for row in page_of(request, response, chosen, paging)]


@duties.post("", response={201: DutyRow}, summary="Enter a duty", openapi_extra=KEEPERS)
def create_duty(request: HttpRequest, response: HttpResponse, given: NewDuty) -> Status[DutyRow]:
    """Enter a duty that a law, resolution or decree lays on a body."""
    made = actions.create_duty(
        accounts.person_in(request),
        source=given.source,
        article=given.article,
        text=given.text,
        owner_code=given.owner,
        theme=_theme(given.theme),
        due_on=given.due_on,
        due_raw=given.due_raw,
        calendar=given.calendar,
        priority=given.priority,
        special_project=given.special_project,
    )
    return Status(201, _shown(request, response, made.pk))


@duties.get("/{duty_id}", response=DutyRow, summary="Read a duty", openapi_extra=READERS)
def legal_duty(request: HttpRequest, response: HttpResponse, duty_id: Key) -> DutyRow:
    """Give one duty; ``ETag`` carries its version."""
    return _shown(request, response, duty_id)


@duties.patch("/{duty_id}", response=DutyRow, summary="Change a duty", openapi_extra=KEEPERS)
def edit_duty(request: HttpRequest, response: HttpResponse, duty_id: Key, given: DutyChanges) -> DutyRow:
    """Change a duty; 409 when somebody else was quicker."""
    present = queries.duty(organisations.authority_in(request), duty_id)
    said: dict[str, Any] = {
        name: getattr(present, name)
        for name in ("source", "article", "text", "due_on", "due_raw", "calendar", "special_project")
    }
    said |= {"owner": present.owner.code, "theme": present.theme_id, "priority": Priority(present.priority)}
    said |= {
        name: value
        for name, value in given.dict(exclude_unset=True, exclude={"version"}).items()
        if value is not None or name in {"theme", "due_on"}
    }
    actions.edit_duty(
        accounts.person_in(request),
        duty_id,
        version=version_seen(request, given.version),
        owner_code=said.pop("owner"),
        theme=_theme(said.pop("theme")),
        **said,
    )
    return _shown(request, response, duty_id)


@duties.put("/{duty_id}/fulfilment", response=DutyRow, summary="Enter a fulfilment", openapi_extra=KEEPERS)
def fulfil(request: HttpRequest, response: HttpResponse, duty_id: Key, given: Fulfilment) -> DutyRow:
    """Enter on which day a duty was fulfilled, or take that back."""
    found = queries.duty(organisations.authority_in(request), duty_id)
    actions.fulfil_duty(
        accounts.person_in(request),
        found.pk,
        version=version_seen(request, given.version),
        fulfilled_on=given.fulfilled_on,
    )
    return _shown(request, response, duty_id)


def _theme(key: int | None) -> AnnualTheme | None:
    return queries.theme(key) if key is not None else None


def _shown(request: HttpRequest, response: HttpResponse, duty_id: int) -> DutyRow:
    found = queries.duty(organisations.authority_in(request), duty_id)
    tag(response, found.version)
    return _row(found)


def _row(row: LegalDuty) -> DutyRow:
    same = {
        name: getattr(row, name)
        for name in DutyRow.model_fields
        if name not in {"id", "owner", "theme", "status"}
    }
    status: Any = row
    return DutyRow(
        id=row.pk, owner=showing.brief(row.owner), theme=row.theme_id, status=status.status, **same
    )
