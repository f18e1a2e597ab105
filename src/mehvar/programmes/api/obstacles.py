"""Read and raise obstacles and product gaps over the HTTP API."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import obstacles as actions
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.api import shapes
from mehvar.programmes.api.shapes import ActingBody, body_of, person
from mehvar.programmes.data import Cause, Level, ObstacleKind, ObstacleState
from mehvar.programmes.models import Obstacle
from mehvar.programmes.queries import obstacles as queries
from mehvar.ui.api import Paging, Schema, allowed_to, page_of, tag

router = Router(tags=["obstacles"])
READERS = allowed_to(
    "view-progress over who steers, raised, owns or holds it; decision levels that it reached"
)


class ObstacleRow(Schema):
    """Show what is in the way, who must remove it, and whose clock runs."""

    id: str
    kind: ObstacleKind
    cause: Cause
    title: str
    state: ObstacleState
    level: Level
    level_due_on: date
    owner: ActingBody
    holder: ActingBody
    raised_by: ActingBody | None
    raised_at: datetime
    version: int


class StepRow(Schema):
    """Show a dated step of an obstacle."""

    action: str
    level: Level
    effective_on: date
    note: str


class ObstacleWhole(ObstacleRow):
    """Show an obstacle with its words and its whole trail."""

    text: str
    decision_needed: str
    decision: str
    remedy: str
    remedy_due_on: date | None
    delivery: str | None
    steps: list[StepRow]


class NewObstacle(Schema):
    """Raise an obstacle for a body; the clock starts at once."""

    raised_by: shapes.BodyCode
    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    kind: ObstacleKind = ObstacleKind.OBSTACLE
    cause: Cause = Cause.OTHER
    decision_needed: Annotated[str, StringConstraints(max_length=4000)] = ""
    product_need: Annotated[str, StringConstraints(max_length=4000)] = ""
    delivery: shapes.PublicId | None = None
    owner: shapes.BodyCode | None = None
    decision_from: shapes.BodyCode | None = None
    language: Annotated[str, Field(pattern="^(fa|vi|en)$")] = "en"


class ObstacleFilter(Schema):
    """Choose which obstacles are listed."""

    kind: ObstacleKind | None = None
    cause: Cause | None = None
    state: ObstacleState | None = None
    level: Level | None = None
    owner: shapes.BodyCode | None = None


@router.get("", response=list[ObstacleRow], summary="List obstacles", openapi_extra=READERS)
def obstacles(
    request: HttpRequest, response: HttpResponse, asked: Query[ObstacleFilter], paging: Query[Paging]
) -> list[ObstacleRow]:
    """List the obstacles and gaps that the person may see, the newest first."""
    rows = queries.visible_obstacles(organisations.authority_in(request))
    said = {name: value for name, value in asked.dict().items() if value is not None}
    if "owner" in said:
        said["owner__code"] = said.pop("owner")
    chosen = rows.filter(**said).select_related(*queries.RELATED).order_by("-raised_at", "-pk")
    return [ObstacleRow(**_head(row)) for row in page_of(request, response, chosen, paging)]


@router.get("/{public_id}", response=ObstacleWhole, summary="Read an obstacle", openapi_extra=READERS)
def obstacle(request: HttpRequest, response: HttpResponse, public_id: str) -> ObstacleWhole:
    """Give an obstacle with every step that was taken."""
    return whole_of(request, response, public_id)


@router.post(
    "",
    response={201: ObstacleWhole},
    summary="Raise an obstacle",
    openapi_extra=allowed_to("raise-obstacle over the body that raises it"),
)
def raise_obstacle(request: HttpRequest, response: HttpResponse, given: NewObstacle) -> Status[ObstacleWhole]:
    """Raise an obstacle or a product gap in the name of a body."""
    words = Words(
        title=given.title,
        text=given.text,
        kind=given.kind,
        cause=given.cause,
        decision_needed=given.decision_needed,
        product_need=given.product_need,
        language=given.language,
    )
    made = actions.raise_obstacle(
        person(request),
        words,
        raised_by_id=organisations.organisation(given.raised_by).pk,
        delivery_public_id=given.delivery or "",
        owner_id=_key(given.owner),
        decision_from_id=_key(given.decision_from),
    )
    return Status(201, whole_of(request, response, made.public_id))


def _key(code: str | None) -> int | None:
    return organisations.organisation(code).pk if code else None


def whole_of(request: HttpRequest, response: HttpResponse, public_id: str) -> ObstacleWhole:
    """Show an obstacle that the person may see, with its whole trail; ``ETag`` carries its version."""
    row = queries.visible_obstacle(organisations.authority_in(request), public_id)
    same = ("text", "decision_needed", "decision", "remedy", "remedy_due_on")
    steps = [
        StepRow(action=step.action, level=Level(step.level), effective_on=step.effective_on, note=step.note)
        for step in queries.steps_of(row)
    ]
    tag(response, row.version)
    return ObstacleWhole(
        **_head(row),
        **{name: getattr(row, name) for name in same},
        delivery=row.delivery.public_id if row.delivery else None,
        steps=steps,
    )


def _head(row: Obstacle) -> dict[str, Any]:
    same = ("kind", "cause", "title", "state", "level", "level_due_on", "raised_at", "version")
    return {
        **{name: getattr(row, name) for name in same},
        "id": row.public_id,
        "owner": body_of(row.owner),
        "holder": body_of(row.level_holder),
        "raised_by": body_of(row.raised_by) if row.raised_by else None,
    }
