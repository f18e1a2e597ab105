"""Read deliveries and cells, and report progress, over the HTTP API."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import reports as actions
from mehvar.programmes.actions.reports import Entry
from mehvar.programmes.api import shapes
from mehvar.programmes.api.shapes import WATCHERS, ActingBody, body_of, person
from mehvar.programmes.data import DeliveryState, Rating, ReportState
from mehvar.programmes.models import Delivery, ProgressReport, RoundRequest
from mehvar.programmes.queries import cells as cell_queries
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.queries import scope
from mehvar.programmes.queries.cells import Narrowing
from mehvar.programmes.queries.deliveries import cell_of_delivery, expected_of, rating_of
from mehvar.ui.api import Key, Names, Paging, Schema, allowed_to, page_of, tag
from mehvar.ui.data import FourCells

deliveries = Router(tags=["deliveries"])
requests = Router(tags=["reports"])
cells = Router(tags=["cells"])
REPORTERS = allowed_to("report-progress over the body that delivers")
WITH = ("organisation", "issuer", "measure", "directive", "programme")


class DeliveryRow(Schema):
    """Show what one body has to deliver, its progress and where it stands; ``cell`` is null when it was discontinued."""

    id: str
    text: str
    field: str
    body: ActingBody
    issuer: ActingBody
    directive: str | None
    measure: str | None
    programme: str | None
    state: DeliveryState
    starts_on: date | None
    due_on: date | None
    first_due_on: date | None
    done_on: date | None
    expected: int | None
    claimed: int | None
    accepted: int | None
    approved: int | None
    self_rating: Rating
    computed: Rating
    confidence: Rating
    cell: str | None = Field(examples=["open_in_time"])
    version: int


class ReportRow(Schema):
    """Show one body's word on one delivery for one period."""

    period: str
    delivery: str
    state: ReportState
    claimed: int | None
    accepted: int | None
    approved: int | None
    self_rating: Rating
    done: str
    next: str
    submitted_at: datetime | None
    late: bool
    version: int


class StatusRow(Schema):
    """Show how a delivery stood at the end of a period."""

    period: str
    cell: str
    expected: int | None
    claimed: int | None
    accepted: int | None
    approved: int | None
    computed: Rating


class DeliveryWhole(DeliveryRow):
    """Show a delivery with its reports and its history."""

    reports: list[ReportRow]
    history: list[StatusRow]


class DeliveryFilter(Schema):
    """Choose which deliveries are listed."""

    directive: shapes.PublicId | None = None
    programme: shapes.PublicId | None = None
    body: shapes.BodyCode | None = None
    state: DeliveryState | None = None
    due_from: date | None = None
    due_to: date | None = None


class ReportRequestRow(Schema):
    """Show that a body is asked for its progress."""

    id: int
    period: str
    body: ActingBody
    directive: str | None
    programme: str | None
    due_on: date
    submitted_at: datetime | None


class EntryIn(Schema):
    """Say how far one delivery is; ``version`` is that of the report that was read, 0 where there was none."""

    delivery: shapes.PublicId
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    claimed: shapes.Percent | None = None
    self_rating: Rating = Rating.UNKNOWN
    done: Annotated[str, StringConstraints(max_length=10_000)] = ""
    next: Annotated[str, StringConstraints(max_length=10_000)] = ""


class ReportsIn(Schema):
    """Report on several deliveries, all or nothing; with ``submit`` they are claimed, else kept as drafts."""

    entries: Annotated[list[EntryIn], Field(min_length=1, max_length=500)]
    submit: bool = False


class CellRow(Schema):
    """Count deliveries in the four cells, for one body, field or province; ``missing`` ones were never reported on when asked."""

    code: str = Field("", examples=["ir.tehran"])
    names: Names | None = None
    field: str = ""
    done_on_time: int
    done_late: int
    open_in_time: int
    open_overdue: int
    missing: int


class CellQuestion(Schema):
    """Choose what is counted and by what."""

    by: Literal["all", "body", "field", "province"] = "all"
    directive: shapes.PublicId | None = None
    programme: shapes.PublicId | None = None
    body: shapes.BodyCode | None = Field(None, description="A body with all below it.")


@deliveries.get("", response=list[DeliveryRow], summary="List deliveries", openapi_extra=WATCHERS)
def delivery_list(
    request: HttpRequest, response: HttpResponse, asked: Query[DeliveryFilter], paging: Query[Paging]
) -> list[DeliveryRow]:
    """List the deliveries that the person may see, by due date."""
    rows = scope.visible_deliveries(organisations.authority_in(request))
    wanted: dict[str, Any] = {
        "directive__public_id": asked.directive,
        "programme__public_id": asked.programme,
        "organisation__code": asked.body,
        "state": asked.state,
        "due_on__gte": asked.due_from,
        "due_on__lte": asked.due_to,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    chosen = rows.select_related(*WITH).order_by("due_on", "pk")
    return [DeliveryRow(**_delivery(row)) for row in page_of(request, response, chosen, paging)]


@deliveries.get("/{public_id}", response=DeliveryWhole, summary="Read a delivery", openapi_extra=WATCHERS)
def delivery(request: HttpRequest, response: HttpResponse, public_id: str) -> DeliveryWhole:
    """Give a delivery with its submitted reports, latest first, and how it stood at the end of each period."""
    row = scope.visible_delivery(organisations.authority_in(request), public_id)
    history = [
        StatusRow(**{name: getattr(one, name) for name in StatusRow.model_fields})
        for one in queries.history_of(row)
    ]
    tag(response, row.version)
    reports = [_report(one, row.public_id) for one in queries.reports_on(row)]
    return DeliveryWhole(**_delivery(row), reports=reports, history=history)


@requests.get(
    "", response=list[ReportRequestRow], summary="What I am asked to report", openapi_extra=REPORTERS
)
def report_requests(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], *, waiting: bool = False
) -> list[ReportRequestRow]:
    """List the open requests to the bodies for which the person reports, soonest due first."""
    authority = organisations.authority_in(request)
    rows = queries.waiting_requests(authority) if waiting else queries.requests_for(authority)
    return [_request(row) for row in page_of(request, response, rows, paging)]


@requests.get(
    "/{request_id}/deliveries", response=list[DeliveryRow], summary="On what", openapi_extra=REPORTERS
)
def asked_deliveries(
    request: HttpRequest, response: HttpResponse, request_id: Key, paging: Query[Paging]
) -> list[DeliveryRow]:
    """List the deliveries on which the body must report in the round."""
    rows = queries.asked_deliveries(_asked(request, request_id)).select_related(*WITH)
    return [DeliveryRow(**_delivery(row)) for row in page_of(request, response, rows, paging)]


@requests.post(
    "/{request_id}/reports", response=list[ReportRow], summary="Report progress", openapi_extra=REPORTERS
)
def report_progress(request: HttpRequest, request_id: Key, given: ReportsIn) -> list[ReportRow]:
    """Report on several deliveries at once; 409 when somebody changed one of the reports or the period is closed."""
    asked = _asked(request, request_id)
    public_ids = [entry.delivery for entry in given.entries]
    known = dict(
        queries.asked_deliveries(asked)
        .filter(public_id__in=public_ids)
        .order_by()
        .values_list("public_id", "pk")
    )
    if set(public_ids) - set(known):
        raise NotFound(gettext_noop("There is no such delivery."), code="unknown-delivery")
    entries = [
        Entry(known[one.delivery], one.version, one.claimed, one.self_rating, one.done, one.next)
        for one in given.entries
    ]
    made = actions.save_reports(person(request), asked.pk, entries, submit=given.submit)
    name_of = {key: public_id for public_id, key in known.items()}
    return [_report(one, name_of[one.delivery_id], period=asked.round.period) for one in made]


@cells.get("", response=list[CellRow], summary="Count in four cells", openapi_extra=WATCHERS)
def four_cells(
    request: HttpRequest, response: HttpResponse, asked: Query[CellQuestion], paging: Query[Paging]
) -> list[CellRow]:
    """Count what the person may see: done on time, done late, open in time, open overdue; what is silent apart."""
    authority = organisations.authority_in(request)
    narrowing = _narrowing(request, asked)
    if asked.by == "all":
        total = [cell_queries.cells_total(authority, narrowing)]
        return [_cells(one) for one in page_of(request, response, total, paging)]
    if asked.by == "field":
        found = page_of(request, response, cell_queries.cells_by_field(authority, narrowing), paging)
        return [_cells(row.cells, field=row.field_name) for row in found]
    count = cell_queries.cells_by_body if asked.by == "body" else cell_queries.cells_by_province
    rows = page_of(request, response, count(authority, narrowing), paging)
    codes = organisations.search("").filter(pk__in=[row.body["id"] for row in rows])
    code_of = dict(codes.order_by().values_list("pk", "code"))
    return [_cells(row.cells, code=code_of[row.body["id"]], names=_names(row.body)) for row in rows]


def _narrowing(request: HttpRequest, asked: CellQuestion) -> Narrowing:
    authority = organisations.authority_in(request)
    deliveries_seen = scope.visible_deliveries(authority)
    found: dict[str, Any] = {}
    for name, wanted in (("directive", asked.directive), ("programme", asked.programme)):
        if wanted is not None:
            key = (
                deliveries_seen.filter(**{f"{name}__public_id": wanted})
                .values_list(f"{name}_id", flat=True)
                .first()
            )
            found[f"{name}_id"] = key or 0
    path = organisations.organisation(asked.body).path if asked.body else ""
    return Narrowing(path=path, **found)


def _asked(request: HttpRequest, request_id: int) -> RoundRequest:
    found = queries.requests_for(organisations.authority_in(request)).filter(pk=request_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such request for a report."), code="unknown-request")
    return found


def _delivery(row: Delivery) -> dict[str, Any]:
    same = (
        "text",
        "state",
        "starts_on",
        "due_on",
        "first_due_on",
        "done_on",
        "claimed",
        "accepted",
        "approved",
    )
    return {
        **{name: getattr(row, name) for name in (*same, "self_rating", "confidence", "version")},
        "id": row.public_id,
        "field": row.field_name,
        "body": body_of(row.organisation),
        "issuer": body_of(row.issuer),
        "directive": row.directive.public_id if row.directive else None,
        "measure": row.measure.public_id if row.measure else None,
        "programme": row.programme.public_id if row.programme else None,
        "expected": expected_of(row),
        "computed": rating_of(row),
        "cell": cell_of_delivery(row),
    }


def _report(row: ProgressReport, delivery: str, *, period: str = "") -> ReportRow:
    same = ("state", "claimed", "accepted", "approved", "self_rating", "submitted_at", "late", "version")
    return ReportRow(
        **{name: getattr(row, name) for name in same},
        period=period or row.round.period,
        delivery=delivery,
        done=row.done_text,
        next=row.next_text,
    )


def _request(row: RoundRequest) -> ReportRequestRow:
    return ReportRequestRow(
        id=row.pk,
        period=row.round.period,
        body=body_of(row.organisation),
        directive=row.round.directive.public_id if row.round.directive else None,
        programme=row.round.programme.public_id if row.round.programme else None,
        due_on=row.round.due_on,
        submitted_at=row.submitted_at,
    )


def _cells(counted: FourCells, **named: Any) -> CellRow:
    return CellRow(**{name: getattr(counted, name) for name in cell_queries.CELLS}, **named)


def _names(body: Any) -> Names:
    return Names(**{language: body[f"name_{language}"] or "" for language in ("fa", "vi", "en")})
