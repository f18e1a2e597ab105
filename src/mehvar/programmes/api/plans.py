"""Read, write and file operational plans over the HTTP API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints, WithJsonSchema

from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import Conflict, InputError, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import plans as actions
from mehvar.programmes.actions import reviews
from mehvar.programmes.actions.plans import ItemEdit
from mehvar.programmes.api import shapes
from mehvar.programmes.api.shapes import WATCHERS, ActingBody, body_of, person
from mehvar.programmes.data import PlanState, ProductClass
from mehvar.programmes.models import Plan
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries.plans import StoredItem
from mehvar.programmes.rules.lines import Writing, read_day
from mehvar.programmes.rules.plans import BudgetAmount, ItemContent, MilestoneLine
from mehvar.ui.api import Paging, Schema, allowed_to, page_of, tag

router = Router(tags=["plans"])
FILERS = allowed_to("file-plan over the body that is called")
AMOUNT = {
    "anyOf": [
        {"type": "string", "pattern": "^[0-9]{1,18}([.][0-9]{1,2})?$"},
        {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
    ],
    "examples": ["1200000.00"],
}
Number = Annotated[int, Field(ge=0, le=100_000)]


class PlanRow(Schema):
    """Show the plan that a called body files."""

    id: str
    call: str
    programme: str
    title: str
    body: ActingBody
    state: PlanState
    deadline_on: date
    submitted_at: datetime | None
    quality: int | None
    covered: int | None
    version: int


class MilestoneShape(Schema):
    """State a milestone of an item."""

    title: Annotated[str, StringConstraints(max_length=300)]
    due_on: date | None = None
    weight: Annotated[float, Field(ge=0, le=1000)] = 1.0


class BudgetShape(Schema):
    """State a budget line of an item; amounts are exact."""

    title: Annotated[str, StringConstraints(max_length=300)]
    amount: Annotated[Decimal, Field(ge=0, max_digits=20, decimal_places=2), WithJsonSchema(AMOUNT)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["IRR"])]
    source: Annotated[str, StringConstraints(max_length=200)] = ""


class BudgetRow(Schema):
    """Show a budget line; its amount is a text, so that no digit is lost."""

    title: str
    amount: str = Field(examples=["1200000.00"])
    currency: str
    source: str


class ItemShape(Schema):
    """State what one item of a plan says; ``source`` is the measure of the programme that it serves."""

    text: Annotated[str, StringConstraints(max_length=4000)] = ""
    source: Annotated[int, Field(ge=1, le=2**53)] | None = None
    owner: shapes.Line = ""
    starts_on: date | None = None
    due_on: date | None = None
    due_raw: Annotated[
        str,
        StringConstraints(max_length=200),
        Field(
            description="The day as it was written, in its calendar; with it ``due_on`` may be left out.",
            examples=["۱۴۰۵/۰۶/۳۱"],
        ),
    ] = ""
    indicator: Annotated[str, StringConstraints(max_length=300)] = ""
    target: Annotated[str, StringConstraints(max_length=120)] = ""
    product_class: ProductClass = ProductClass.NONE
    weight: Annotated[float, Field(ge=0, le=1000)] = 1.0
    milestones: Annotated[list[MilestoneShape], Field(max_length=50)] = []
    needs: Annotated[
        list[Number], Field(max_length=50, description="Numbers of items that come before.")
    ] = []


class ItemRow(ItemShape):
    """Show an item with its number and version; ``due_calendar`` is that in which its day was written."""

    id: str
    number: int
    version: int
    due_calendar: Calendar | None
    budget: list[BudgetRow]


class PlanWhole(PlanRow):
    """Show a plan with its items; ``content_hash`` names exactly this content."""

    content_hash: str
    items: list[ItemRow]


class ItemIn(ItemShape):
    """Write one item: a new one without ``id``, else the one that was read as ``version``."""

    id: Annotated[str, StringConstraints(max_length=40)] = ""
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    number: Number = 0
    remove: bool = False
    budget: Annotated[list[BudgetShape], Field(max_length=50)] = []


class ItemsIn(Schema):
    """Write items; those that are not named stay as they are."""

    items: Annotated[list[ItemIn], Field(max_length=500)]


class Filing(Schema):
    """File the content that was read."""

    content_hash: Annotated[str, StringConstraints(min_length=64, max_length=64)]


class PlanFilter(Schema):
    """Choose which plans are listed."""

    state: PlanState | None = None
    programme: shapes.PublicId | None = None
    body: shapes.BodyCode | None = None


@router.get("", response=list[PlanRow], summary="List plans", openapi_extra=WATCHERS)
def plans(
    request: HttpRequest, response: HttpResponse, asked: Query[PlanFilter], paging: Query[Paging]
) -> list[PlanRow]:
    """List the plans that the person may see, by deadline."""
    rows = queries.visible_plans(organisations.authority_in(request))
    wanted: dict[str, Any] = {
        "state": asked.state,
        "call__programme__public_id": asked.programme,
        "organisation__code": asked.body,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    chosen = rows.select_related("call__programme", "organisation").order_by("call__deadline_on", "pk")
    return [PlanRow(**_head(row)) for row in page_of(request, response, chosen, paging)]


@router.get("/{public_id}", response=PlanWhole, summary="Read a plan", openapi_extra=WATCHERS)
def plan(request: HttpRequest, response: HttpResponse, public_id: str) -> PlanWhole:
    """Give a plan with its items, milestones and budget."""
    return whole_of(request, response, public_id)


@router.put("/{public_id}/items", response=PlanWhole, summary="Write items of a plan", openapi_extra=FILERS)
def write_items(request: HttpRequest, response: HttpResponse, public_id: str, given: ItemsIn) -> PlanWhole:
    """Write items, all or nothing; 409 when somebody changed one of them since it was read."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    _refuse_clashes(row, given)
    edits = [_edit(item, at) for at, item in enumerate(given.items)]
    with transaction.atomic():
        if actions.save_items(person(request), row.pk, edits).clashes:
            raise Conflict(STALE, code="stale-item", field="items")
    return whole_of(request, response, public_id)


@router.post("/{public_id}/submission", response=PlanWhole, summary="File a plan", openapi_extra=FILERS)
def file_plan(request: HttpRequest, response: HttpResponse, public_id: str, given: Filing) -> PlanWhole:
    """File a plan as it was read; 422 says what is missing, 409 that somebody changed it since."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    reviews.submit_plan(person(request), row.pk, seen_hash=given.content_hash)
    return whole_of(request, response, public_id)


STALE = gettext_noop("Somebody changed an item since you read it. Read the plan again.")


def _refuse_clashes(row: Plan, given: ItemsIn) -> None:
    present = {item.public_id: item.version for item in queries.items_of(row.pk)}
    for item in given.items:
        if item.id and item.id not in present:
            raise InputError(gettext_noop("The plan has no such item."), code="unknown-item", field="items")
        if item.id and present[item.id] != item.version:
            raise Conflict(STALE, code="stale-item", field="items")


def _edit(item: ItemIn, at: int) -> ItemEdit:
    number = item.number or (0 if item.id else 100_001 + at)
    return ItemEdit(
        _content(item), public_id=item.id, version=item.version, number=number, remove=item.remove
    )


def _due(item: ItemShape) -> tuple[date | None, str]:
    """Give an item's day and how it was written; one that says both must say the same day.

    Raises:
        InputError: What was written is no date, or another day.
    """
    if not item.due_raw.strip():
        return item.due_on, item.due_on.isoformat() if item.due_on else ""
    stated = read_day(item.due_raw, Writing())
    if stated is not None and item.due_on not in (None, stated.day):
        raise InputError(
            gettext_noop("“{value}” is not the day {day}."),
            code="dates-differ",
            field="due_raw",
            value=item.due_raw,
            day=item.due_on.isoformat() if item.due_on else "",
        )
    return (stated.day, stated.raw) if stated else (None, "")


def _calendar_of(written: str) -> Calendar | None:
    """Give the calendar in which a day was written, None where nothing was."""
    try:
        stated = read_day(written, Writing())
    except InputError:
        return None
    return stated.calendar if stated else None


def _content(item: ItemIn) -> ItemContent:
    due_on, due_raw = _due(item)
    return ItemContent(
        text=item.text,
        source_id=item.source,
        owner_office=item.owner,
        starts_on=item.starts_on,
        due_on=due_on,
        due_raw=due_raw,
        indicator=item.indicator,
        target=item.target,
        product_class=item.product_class.value,
        weight=item.weight,
        milestones=tuple(MilestoneLine(line.title, line.due_on, line.weight) for line in item.milestones),
        budget=tuple(
            BudgetAmount(line.title, line.amount, line.currency, line.source) for line in item.budget
        ),
        needs=tuple(item.needs),
    )


def whole_of(request: HttpRequest, response: HttpResponse, public_id: str) -> PlanWhole:
    """Show a plan that the person may see, with its items; ``ETag`` carries its version."""
    row = queries.visible_plan(organisations.authority_in(request), public_id)
    items = queries.items_of(row.pk)
    tag(response, row.version)
    return PlanWhole(
        **_head(row), content_hash=queries.hash_of(row, items), items=[_item(item) for item in items]
    )


def _head(row: Plan) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("state", "submitted_at", "quality", "covered", "version")}
    return {
        "id": row.public_id,
        "call": row.call.public_id,
        "programme": row.call.programme.public_id,
        "title": row.call.title,
        "deadline_on": row.call.deadline_on,
        "body": body_of(row.organisation),
        **same,
    }


def _item(item: StoredItem) -> ItemRow:
    said = item.content
    return ItemRow(
        id=item.public_id,
        number=item.number,
        version=item.version,
        text=said.text,
        source=said.source_id,
        owner=said.owner_office,
        starts_on=said.starts_on,
        due_on=said.due_on,
        due_raw=said.due_raw,
        due_calendar=_calendar_of(said.due_raw),
        indicator=said.indicator,
        target=said.target,
        product_class=ProductClass(said.product_class),
        weight=said.weight,
        milestones=[
            MilestoneShape(title=one.title, due_on=one.due_on, weight=one.weight) for one in said.milestones
        ],
        budget=[
            BudgetRow(title=one.title, amount=str(one.amount), currency=one.currency, source=one.source)
            for one in said.budget
        ],
        needs=list(said.needs),
    )
