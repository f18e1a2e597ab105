"""Read stocktakes and decide in them, keep the flagship register, and compute performance reports over the HTTP API."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, JsonValue, StringConstraints

from mehvar.kernel.calendars import Calendar, StatedDate
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import flagships as flagship_actions
from mehvar.programmes.actions import performance as performance_actions
from mehvar.programmes.actions import stocktakes as actions
from mehvar.programmes.api import shapes
from mehvar.programmes.api.shapes import WATCHERS, ActingBody, body_of, person
from mehvar.programmes.data import FlagshipMark
from mehvar.programmes.models import Flagship, PerformanceReport, Stocktake
from mehvar.programmes.queries import flagships as flagship_queries
from mehvar.programmes.queries import performance as performance_queries
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries import stocktakes as queries
from mehvar.programmes.rules.flagships import FlagshipCriterion, SheetField
from mehvar.programmes.rules.performance import Number
from mehvar.programmes.rules.stocktakes import MeetingStep, StocktakeState
from mehvar.ui.api import Paging, Schema, Versioned, allowed_to, page_of, tag, version_seen

stocktakes = Router(tags=["stocktakes"])
flagships = Router(tags=["flagships"])
performance = Router(tags=["performance reports"])
HOLDERS = allowed_to("hold-stocktake over the body")
RUNNERS = allowed_to("hold-stocktake over the body, and manage-council for its committee")
KEEPERS = allowed_to("manage-flagships over the ministry")
PUBLISHERS = allowed_to("publish over the body or the ministry")
Title = Annotated[str, StringConstraints(min_length=1, max_length=300)]
SheetText = Annotated[str, StringConstraints(max_length=1500)]


class StocktakeRow(Schema):
    """Show a stocktake; once ended its figures are frozen with their hash on record."""

    id: str
    title: str
    body: ActingBody
    directive: str | None
    programme: str | None
    language: str
    held_on: date
    state: StocktakeState
    started_at: datetime | None
    ended_at: datetime | None
    content_hash: str
    version: int


class DecisionRow(Schema):
    """Show a decision that was taken in a stocktake: a resolution with owner and date."""

    number: int
    text: str
    state: str
    due_on: date | None


class StocktakeWhole(StocktakeRow):
    """Show a stocktake with its decisions."""

    decisions: list[DecisionRow]


class Wall(Schema):
    """Show one part of a stocktake's figures: as frozen when it is over, else as it stands."""

    part: MeetingStep
    figures: JsonValue


class NewDecision(Schema):
    """Take a decision on the spot."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    owner: shapes.BodyCode
    due_on: date | None = None


class FlagshipRow(Schema):
    """Show a project of the register with its identity sheet in each language, and why it was chosen."""

    id: str
    title: str
    mark: FlagshipMark
    programme: str | None
    measure: int | None
    criteria: dict[str, str]
    sheet: dict[str, dict[str, str]]
    position: int
    listed_at: datetime | None
    presented_at: datetime | None
    version: int


class FlagshipIn(Versioned):
    """Write an identity sheet; ``version`` only to change one."""

    title: Title
    mark: FlagshipMark
    programme: shapes.PublicId | None = None
    criteria: Annotated[dict[FlagshipCriterion, SheetText], Field(max_length=20)] = {}
    sheet: Annotated[
        dict[Annotated[str, Field(pattern="^(fa|vi|en)$")], dict[SheetField, SheetText]], Field(max_length=3)
    ] = {}


class FlagshipMove(Schema):
    """Move a project up (negative) or down the list."""

    places: Annotated[int, Field(ge=-1000, le=1000)]


class NumberRow(Schema):
    """Show a number of a report, and the hash of the rows on which it rests."""

    name: Number
    value: int
    rows_hash: str


class PerformanceRow(Schema):
    """Show a frozen report on a body and a period."""

    id: str
    body: ActingBody
    period: str
    language: str
    content_hash: str
    intact: bool
    made_at: datetime
    published_at: datetime | None


class PerformanceWhole(PerformanceRow):
    """Show a frozen report with its numbers and its whole content."""

    numbers: list[NumberRow]
    content: JsonValue


class Computed(Schema):
    """Show a body's performance as it stands now; nothing is kept."""

    body: ActingBody
    period: str
    numbers: list[NumberRow]
    content: JsonValue


class PerformanceIn(Schema):
    """Say whom and which period a report is about; without a body the ministry."""

    body: shapes.BodyCode | None = None
    period: shapes.PeriodId
    language: Annotated[str, Field(pattern="^(fa|vi|en)?$")] = ""


class Asked(Schema):
    """Say whom and which period is asked about."""

    body: shapes.BodyCode | None = None
    period: shapes.PeriodId


@stocktakes.get("", response=list[StocktakeRow], summary="List stocktakes", openapi_extra=HOLDERS)
def stocktake_list(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[StocktakeRow]:
    """List the stocktakes that the person holds, the latest first."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.HOLD_STOCKTAKE)
    rows = queries.stocktakes_for(authority).select_related("organisation", "directive", "programme")
    return [
        StocktakeRow(**_stocktake(row))
        for row in page_of(request, response, rows.order_by("-held_on", "-pk"), paging)
    ]


@stocktakes.get("/{public_id}", response=StocktakeWhole, summary="Read a stocktake", openapi_extra=HOLDERS)
def stocktake(request: HttpRequest, response: HttpResponse, public_id: str) -> StocktakeWhole:
    """Give a stocktake with the decisions that were taken in it."""
    return _shown_stocktake(request, response, public_id)


@stocktakes.get("/{public_id}/figures/{part}", response=Wall, summary="Read a part", openapi_extra=HOLDERS)
def figures(request: HttpRequest, public_id: str, part: MeetingStep) -> Wall:
    """Give one part of the figures, such as the red list or the obstacles that wait for a decision here."""
    authority = organisations.authority_in(request)
    row = queries.stocktake_for(authority, public_id)
    return Wall(part=part, figures=queries.figures(authority, row, part.value))


@stocktakes.post(
    "/{public_id}/decisions", response={201: StocktakeWhole}, summary="Decide", openapi_extra=RUNNERS
)
def decide(
    request: HttpRequest, response: HttpResponse, public_id: str, given: NewDecision
) -> Status[StocktakeWhole]:
    """Take a decision while the stocktake runs: a resolution of its session, with owner and date."""
    queries.stocktake_for(organisations.authority_in(request), public_id)
    due = given.due_on
    actions.decide(
        person(request),
        public_id,
        text=given.text,
        owner_id=organisations.organisation(given.owner).pk,
        due=StatedDate(due, Calendar.GREGORIAN, due.isoformat()) if due else None,
    )
    return Status(201, _shown_stocktake(request, response, public_id))


@flagships.get("", response=list[FlagshipRow], summary="List the register", openapi_extra=KEEPERS)
def register(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[FlagshipRow]:
    """List the projects of the register that the person keeps, in their order."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.MANAGE_FLAGSHIPS)
    rows = flagship_queries.kept_by(authority).select_related("programme")
    return [_flagship(row) for row in page_of(request, response, rows, paging)]


@flagships.get("/listed", response=list[FlagshipRow], summary="The public list", openapi_extra=WATCHERS)
def listed(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[FlagshipRow]:
    """List the projects that are officially presented, in their order."""
    rows = flagship_queries.listed().select_related("programme")
    return [_flagship(row) for row in page_of(request, response, rows, paging)]


@flagships.post("", response={201: FlagshipRow}, summary="Draft a sheet", openapi_extra=KEEPERS)
def draft_flagship(request: HttpRequest, response: HttpResponse, given: FlagshipIn) -> Status[FlagshipRow]:
    """Draft a project's identity sheet; it is not public yet."""
    made = flagship_actions.draft_flagship(person(request), **_sheet(request, given))
    return Status(201, _shown_flagship(request, response, made.public_id))


@flagships.get("/{public_id}", response=FlagshipRow, summary="Read a sheet", openapi_extra=KEEPERS)
def flagship(request: HttpRequest, response: HttpResponse, public_id: str) -> FlagshipRow:
    """Give a project's identity sheet."""
    return _shown_flagship(request, response, public_id)


@flagships.put("/{public_id}", response=FlagshipRow, summary="Change a sheet", openapi_extra=KEEPERS)
def change_flagship(
    request: HttpRequest, response: HttpResponse, public_id: str, given: FlagshipIn
) -> FlagshipRow:
    """Change a sheet; one that is listed must stay complete."""
    _kept(request, public_id)
    version = version_seen(request, given.version)
    flagship_actions.change_flagship(person(request), public_id, version=version, **_sheet(request, given))
    return _shown_flagship(request, response, public_id)


@flagships.put("/{public_id}/listing", response=FlagshipRow, summary="List it", openapi_extra=KEEPERS)
def list_flagship(
    request: HttpRequest, response: HttpResponse, public_id: str, given: Versioned
) -> FlagshipRow:
    """Put a project on the public list."""
    _kept(request, public_id)
    version = version_seen(request, given.version)
    flagship_actions.list_flagship(person(request), public_id, version=version)
    return _shown_flagship(request, response, public_id)


@flagships.post("/{public_id}/unlisting", response=FlagshipRow, summary="Unlist it", openapi_extra=KEEPERS)
def unlist_flagship(
    request: HttpRequest, response: HttpResponse, public_id: str, given: shapes.VersionedReason
) -> FlagshipRow:
    """Take a project off the public list, with the reason on record."""
    _kept(request, public_id)
    version = version_seen(request, given.version)
    flagship_actions.unlist_flagship(person(request), public_id, version=version, reason=given.reason)
    return _shown_flagship(request, response, public_id)


@flagships.post("/{public_id}/position", response=FlagshipRow, summary="Move it", openapi_extra=KEEPERS)
def move_flagship(
    request: HttpRequest, response: HttpResponse, public_id: str, given: FlagshipMove
) -> FlagshipRow:
    """Move a project up or down the list; beyond the ends it stays at the end."""
    _kept(request, public_id)
    flagship_actions.move_flagship(person(request), public_id, places=given.places)
    return _shown_flagship(request, response, public_id)


@flagships.post(
    "/{public_id}/presentation", response=FlagshipRow, summary="Note that it was shown", openapi_extra=KEEPERS
)
def note_presented(
    request: HttpRequest, response: HttpResponse, public_id: str, given: Versioned
) -> FlagshipRow:
    """Note that a listed project was officially presented today."""
    _kept(request, public_id)
    version = version_seen(request, given.version)
    flagship_actions.note_presented(person(request), public_id, version=version)
    return _shown_flagship(request, response, public_id)


@performance.get("", response=list[PerformanceRow], summary="List reports", openapi_extra=WATCHERS)
def performance_reports(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging]
) -> list[PerformanceRow]:
    """List the frozen reports that the person may see, the latest first."""
    rows = performance_queries.reports_for(organisations.authority_in(request)).order_by("-made_at", "-pk")
    return [PerformanceRow(**_performance(row)) for row in page_of(request, response, rows, paging)]


@performance.get("/now", response=Computed, summary="Compute a report", openapi_extra=WATCHERS)
def performance_now(request: HttpRequest, asked: Query[Asked]) -> Computed:
    """Compute a body's performance over a period as it stands now; nothing is kept."""
    authority = _watching(request)
    subject = performance_queries.subject_for(authority, asked.body or "", asked.period)
    content = performance_queries.content_of(authority, subject)
    return Computed(
        body=body_of(subject.body), period=subject.period.id, numbers=_numbers(content), content=content
    )


@performance.get(
    "/sources/{number}", response=list[str], summary="On what a number rests", openapi_extra=WATCHERS
)
def sources(
    request: HttpRequest, response: HttpResponse, number: Number, asked: Query[Asked], paging: Query[Paging]
) -> list[str]:
    """List the ids of the deliveries, obstacles or items on which a number rests."""
    authority = _watching(request)
    subject = performance_queries.subject_for(authority, asked.body or "", asked.period)
    keys = sorted(performance_queries.keys_behind(authority, subject, number))
    return page_of(request, response, keys, paging)


@performance.post("", response={201: PerformanceWhole}, summary="Freeze a report", openapi_extra=WATCHERS)
def freeze_report(request: HttpRequest, given: PerformanceIn) -> Status[PerformanceWhole]:
    """Compute a body's report on a period as it stands now and freeze it with its hash."""
    _watching(request)
    made = performance_actions.freeze_report(
        person(request), body=given.body or "", period=given.period, language=given.language
    )
    return Status(201, _shown_performance(request, made.public_id))


@performance.get("/{public_id}", response=PerformanceWhole, summary="Read a report", openapi_extra=WATCHERS)
def performance_report(request: HttpRequest, public_id: str) -> PerformanceWhole:
    """Give a frozen report: numbers, content and hash."""
    return _shown_performance(request, public_id)


@performance.post(
    "/{public_id}/publication", response=PerformanceWhole, summary="Publish", openapi_extra=PUBLISHERS
)
def publish_report(request: HttpRequest, public_id: str) -> PerformanceWhole:
    """Publish a frozen report; its hash goes on the public record."""
    performance_queries.report_for(organisations.authority_in(request), public_id)
    performance_actions.publish_report(person(request), public_id)
    return _shown_performance(request, public_id)


def _watching(request: HttpRequest) -> Any:
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    return authority


def _shown_stocktake(request: HttpRequest, response: HttpResponse, public_id: str) -> StocktakeWhole:
    row = queries.stocktake_for(organisations.authority_in(request), public_id)
    tag(response, row.version)
    taken = row.figures.get("decisions", []) if row.state == StocktakeState.ENDED else queries.decisions(row)
    return StocktakeWhole(**_stocktake(row), decisions=[_decision(one) for one in taken])


def _decision(one: dict[str, Any]) -> DecisionRow:
    return DecisionRow(
        number=one["number"],
        text=one["text"],
        state=str(one.get("state", "")),
        due_on=one.get("due_on") or None,
    )


def _stocktake(row: Stocktake) -> dict[str, Any]:
    same = ("title", "language", "held_on", "state", "started_at", "ended_at", "content_hash", "version")
    return {
        **{name: getattr(row, name) for name in same},
        "id": row.public_id,
        "body": body_of(row.organisation),
        "directive": row.directive.public_id if row.directive else None,
        "programme": row.programme.public_id if row.programme else None,
    }


def _kept(request: HttpRequest, public_id: str) -> Flagship:
    return flagship_queries.kept(organisations.authority_in(request), public_id)


def _sheet(request: HttpRequest, given: FlagshipIn) -> dict[str, Any]:
    authority = organisations.authority_in(request)
    found = programmes.visible_programme(authority, given.programme) if given.programme else None
    return {
        "title": given.title,
        "mark": given.mark.value,
        "programme_id": found.pk if found else None,
        "criteria": {code.value: reason for code, reason in given.criteria.items()},
        "sheet": {
            language: {name.value: said for name, said in fields.items()}
            for language, fields in given.sheet.items()
        },
    }


def _shown_flagship(request: HttpRequest, response: HttpResponse, public_id: str) -> FlagshipRow:
    row = _kept(request, public_id)
    tag(response, row.version)
    return _flagship(row)


def _flagship(row: Flagship) -> FlagshipRow:
    same = ("title", "mark", "criteria", "sheet", "position", "listed_at", "presented_at", "version")
    return FlagshipRow(
        **{name: getattr(row, name) for name in same},
        id=row.public_id,
        programme=row.programme.public_id if row.programme else None,
        measure=row.measure_id,
    )


def _shown_performance(request: HttpRequest, public_id: str) -> PerformanceWhole:
    row = performance_queries.report_for(organisations.authority_in(request), public_id)
    return PerformanceWhole(**_performance(row), numbers=_numbers(row.content), content=row.content)


def _performance(row: PerformanceReport) -> dict[str, Any]:
    same = {
        name: getattr(row, name) for name in ("period", "language", "content_hash", "made_at", "published_at")
    }
    return {
        **same,
        "id": row.public_id,
        "body": body_of(row.organisation),
        "intact": performance_queries.is_intact(row),
    }


def _numbers(content: Any) -> list[NumberRow]:
    known = set(Number)
    return [
        NumberRow(name=Number(name), value=one["value"], rows_hash=one["rows_hash"])
        for name, one in content.get("numbers", {}).items()
        if name in known
    ]
