"""Make programmes, gather their measures and write their own over the HTTP API; templates from experience."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.directives.queries import directives, measures
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import programmes as actions
from mehvar.programmes.actions import templates as template_actions
from mehvar.programmes.api import shapes
from mehvar.programmes.api.programmes import GatheredMeasure, ProgrammeWhole, gathered, router, whole_of
from mehvar.programmes.api.shapes import WATCHERS, key_of, person
from mehvar.programmes.data import ProductClass
from mehvar.programmes.models import Objective, Programme, ProgrammeMeasure, ProgrammeTemplate
from mehvar.programmes.queries import programmes as queries
from mehvar.programmes.queries import templates as template_queries
from mehvar.programmes.rules.plans import ProgrammeStep
from mehvar.ui.api import (
    Changed,
    Key,
    Paging,
    Schema,
    Versioned,
    allowed_to,
    page_of,
    tag,
    version_if_given,
    version_seen,
)

templates = Router(tags=["programme templates"])
MANAGERS = allowed_to("manage-programmes over the lead body")
Title = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Language = Annotated[str, Field(pattern="^(fa|vi|en)$", examples=["fa"])]
Weight = Annotated[float, Field(gt=0, le=1000)]


class NewProgramme(Schema):
    """Begin a programme as a draft in the name of its lead body."""

    title: Title
    lead: shapes.BodyCode
    language: Language = "en"
    calendar: Calendar = Calendar.GREGORIAN
    purpose: Annotated[str, StringConstraints(max_length=4000)] = ""
    starts_on: date | None = None
    ends_on: date | None = None


class ProgrammeEdit(Versioned):
    """Change a programme; what is left out stays."""

    title: Title | None = None
    purpose: Annotated[str, StringConstraints(max_length=4000)] | None = None
    starts_on: date | None = None
    ends_on: date | None = None


class ObjectiveIn(Schema):
    """Write an objective: a new one without ``id``."""

    id: Key | None = None
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    field: Annotated[str, StringConstraints(max_length=600)] = ""


class ObjectiveRow(Schema):
    """Show an objective."""

    id: int
    text: str
    field: str


class ObjectivesIn(Versioned):
    """Write all objectives anew in their order; those left out go."""

    objectives: Annotated[list[ObjectiveIn], Field(max_length=100)]


class ProgrammeStepIn(Versioned):
    """Take a step of the programme's life."""

    step: ProgrammeStep


class Gathering(Schema):
    """Take measures of directives in force: those named, or all of one directive."""

    measures: Annotated[list[shapes.PublicId], Field(max_length=2000)] = []
    directive: shapes.PublicId | None = None
    objective: Key | None = None


class MeasureIn(Schema):
    """Write a measure of the programme's own."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    objective: Key | None = None
    body: shapes.BodyCode | None = None
    due_on: date | None = None
    outcome_indicator: Annotated[str, StringConstraints(max_length=4000)] = ""
    product_class: ProductClass = ProductClass.NONE
    weight: Weight = 1.0


class OwnMeasureEdit(Versioned):
    """Change a measure in the programme; what is left out stays. Words and date of a directive's measure are the directive's."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = None
    objective: Key | None = None
    due_on: date | None = None
    outcome_indicator: Annotated[str, StringConstraints(max_length=4000)] | None = None
    product_class: ProductClass | None = None
    weight: Weight | None = None


class Derivation(Schema):
    """Derive a local measure for each body; without words and date those of the national one hold."""

    bodies: shapes.Codes
    text: Annotated[str, StringConstraints(max_length=4000)] = ""
    due_on: date | None = None


class TemplateRow(Schema):
    """Show a template: what a finished programme teaches."""

    id: str
    title: str
    language: str
    programme: str | None
    steps: int
    created_at: datetime


class TemplateStep(Schema):
    """Show a step of a template; days count from the programme's first day."""

    title: str
    after_days: int
    duration_days: int


class TemplateHurdle(Schema):
    """Show an obstacle that was met, and its remedy."""

    cause: str
    text: str
    remedy: str
    days: int | None


class TemplateWhole(TemplateRow):
    """Show a template with its steps and the obstacles that were met."""

    content: list[TemplateStep]
    obstacles: list[TemplateHurdle]


class NewTemplate(Schema):
    """Keep a finished programme as a template."""

    programme: shapes.PublicId
    title: Title


class TemplateStart(Schema):
    """Begin a programme from a template."""

    title: Title
    lead: shapes.BodyCode
    starts_on: date
    calendar: Calendar = Calendar.GREGORIAN


@router.post("", response={201: ProgrammeWhole}, summary="Begin a programme", openapi_extra=MANAGERS)
def create(request: HttpRequest, response: HttpResponse, given: NewProgramme) -> Status[ProgrammeWhole]:
    """Begin a programme as a draft."""
    made = actions.create_programme(
        person(request),
        title=given.title,
        organisation_code=given.lead,
        language=given.language,
        calendar=given.calendar,
        purpose=given.purpose,
        starts_on=given.starts_on,
        ends_on=given.ends_on,
    )
    return Status(201, whole_of(request, response, made.public_id))


@router.patch("/{public_id}", response=ProgrammeWhole, summary="Change a programme", openapi_extra=MANAGERS)
def edit(
    request: HttpRequest, response: HttpResponse, public_id: str, given: ProgrammeEdit
) -> ProgrammeWhole:
    """Change title, purpose or dates; a field that is left out stays."""
    row = _programme(request, public_id)
    values = given.dict(exclude_unset=True, exclude={"version"})
    actions.edit_programme(
        person(request), row.pk, version=version_seen(request, given.version), **_said(values)
    )
    return whole_of(request, response, public_id)


@router.post("/{public_id}/steps", response=ProgrammeWhole, summary="Take a step", openapi_extra=MANAGERS)
def advance(
    request: HttpRequest, response: HttpResponse, public_id: str, given: ProgrammeStepIn
) -> ProgrammeWhole:
    """Begin, finish, close or reopen a programme."""
    row = _programme(request, public_id)
    version = version_if_given(request, given.version)
    actions.advance(person(request), row.pk, given.step, version=version)
    return whole_of(request, response, public_id)


@router.get(
    "/{public_id}/objectives", response=list[ObjectiveRow], summary="Objectives", openapi_extra=WATCHERS
)
def objectives(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[ObjectiveRow]:
    """List the objectives of a programme in their order."""
    rows = _programme(request, public_id).objectives.order_by("position", "pk")
    return [_objective(row) for row in page_of(request, response, rows, paging)]


@router.put(
    "/{public_id}/objectives", response=list[ObjectiveRow], summary="Write them", openapi_extra=MANAGERS
)
def set_objectives(request: HttpRequest, public_id: str, given: ObjectivesIn) -> list[ObjectiveRow]:
    """Write the objectives anew; measures of one that goes stay, without objective."""
    row = _programme(request, public_id)
    wanted = [(one.id, one.text, one.field) for one in given.objectives]
    actions.set_objectives(person(request), row.pk, wanted, version=version_seen(request, given.version))
    return [_objective(one) for one in row.objectives.order_by("position", "pk")]


@router.post("/{public_id}/gathering", response=Changed, summary="Gather measures", openapi_extra=MANAGERS)
def gather(request: HttpRequest, public_id: str, given: Gathering) -> Changed:
    """Take measures of directives in force into a programme; tells how many are new."""
    row, authority = _programme(request, public_id), organisations.authority_in(request)
    if given.directive:
        found = directives.visible_directive(authority, given.directive)
        return Changed(changed=actions.gather_directive(person(request), row.pk, found.pk))
    known = measures.listed(authority).filter(public_id__in=given.measures).values_list("pk", flat=True)
    ids = list(known)
    if len(ids) != len(set(given.measures)):
        raise NotFound(gettext_noop("There is no such measure."), code="unknown-measure")
    made = actions.gather_chosen(person(request), row.pk, ids, objective_id=given.objective)
    return Changed(changed=made)


@router.post(
    "/{public_id}/measures",
    response={201: GatheredMeasure},
    summary="Write a measure",
    openapi_extra=MANAGERS,
)
def add_measure(request: HttpRequest, public_id: str, given: MeasureIn) -> Status[GatheredMeasure]:
    """Write a measure of the programme's own; one that names a body is delivered by it once the programme runs."""
    row = _programme(request, public_id)
    made = actions.add_measure(
        person(request),
        row.pk,
        text=given.text,
        objective_id=given.objective,
        organisation_id=key_of(given.body),
        due_on=given.due_on,
        outcome_indicator=given.outcome_indicator,
        product_class=given.product_class,
        weight=given.weight,
    )
    return Status(201, _measure(made.pk))


@router.patch(
    "/{public_id}/measures/{measure_id}",
    response=GatheredMeasure,
    summary="Change one",
    openapi_extra=MANAGERS,
)
def edit_measure(
    request: HttpRequest, public_id: str, measure_id: Key, given: OwnMeasureEdit
) -> GatheredMeasure:
    """Change a measure in the programme; its first date stays."""
    _of(request, public_id, measure_id)
    values = given.dict(exclude_unset=True, exclude={"version"})
    if "objective" in values:
        values["objective_id"] = values.pop("objective")
    version = version_seen(request, given.version)
    actions.edit_measure(person(request), measure_id, version=version, **_said(values))
    return _measure(measure_id)


@router.delete(
    "/{public_id}/measures/{measure_id}", response={204: None}, summary="Take it out", openapi_extra=MANAGERS
)
def remove_measure(request: HttpRequest, public_id: str, measure_id: Key) -> Status[None]:
    """Take a measure out, unless a plan serves it or it is being delivered."""
    _of(request, public_id, measure_id)
    actions.remove_measure(person(request), measure_id)
    return Status(204, None)


@router.post(
    "/{public_id}/measures/{measure_id}/local",
    response={201: list[GatheredMeasure]},
    summary="Derive local ones",
    openapi_extra=MANAGERS,
)
def derive(
    request: HttpRequest, public_id: str, measure_id: Key, given: Derivation
) -> Status[list[GatheredMeasure]]:
    """Derive a local measure of a national one for each body that has none yet."""
    _of(request, public_id, measure_id)
    made = actions.derive_measures(
        person(request), measure_id, shapes.keys_of(given.bodies), text=given.text, due_on=given.due_on
    )
    return Status(201, [_measure(one.pk) for one in made])


@templates.get("", response=list[TemplateRow], summary="List templates", openapi_extra=WATCHERS)
def template_list(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[TemplateRow]:
    """List the templates, the newest first."""
    _require_watcher(request)
    return [_template(row) for row in page_of(request, response, template_queries.templates(), paging)]


@templates.get("/{public_id}", response=TemplateWhole, summary="Read a template", openapi_extra=WATCHERS)
def template(request: HttpRequest, response: HttpResponse, public_id: str) -> TemplateWhole:
    """Give a template with its steps and the obstacles that were met."""
    _require_watcher(request)
    return _whole_template(response, template_queries.template(public_id))


@templates.post("", response={201: TemplateWhole}, summary="Keep as a template", openapi_extra=MANAGERS)
def make_template(request: HttpRequest, response: HttpResponse, given: NewTemplate) -> Status[TemplateWhole]:
    """Keep a finished programme as a template: its steps with the days they really took, obstacles and remedies."""
    row = _programme(request, given.programme)
    made = template_actions.make_template(person(request), row.pk, title=given.title)
    return Status(201, _whole_template(response, made))


@templates.post(
    "/{public_id}/programmes", response={201: ProgrammeWhole}, summary="Start from it", openapi_extra=MANAGERS
)
def start(
    request: HttpRequest, response: HttpResponse, public_id: str, given: TemplateStart
) -> Status[ProgrammeWhole]:
    """Begin a programme from a template: each step becomes an own measure with its days laid from the first day."""
    _require_watcher(request)
    made = template_actions.start_from_template(
        person(request),
        template_queries.template(public_id).pk,
        title=given.title,
        organisation_code=given.lead,
        starts_on=given.starts_on,
        calendar=given.calendar,
    )
    return Status(201, whole_of(request, response, made.public_id))


def _objective(row: Objective) -> ObjectiveRow:
    return ObjectiveRow(id=row.pk, text=row.text, field=row.field)


def _require_watcher(request: HttpRequest) -> None:
    permissions.require(organisations.authority_in(request), Permission.VIEW_PROGRESS)


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was said to be nothing though it cannot be nothing; days and objectives can."""
    empty = {"starts_on", "ends_on", "due_on", "objective_id"}
    return {name: value for name, value in values.items() if value is not None or name in empty}


def _programme(request: HttpRequest, public_id: str) -> Programme:
    return queries.visible_programme(organisations.authority_in(request), public_id)


def _of(request: HttpRequest, public_id: str, measure_id: int) -> ProgrammeMeasure:
    authority = organisations.authority_in(request)
    return queries.programme_measure(authority, _programme(request, public_id), measure_id)


def _measure(key: int) -> GatheredMeasure:
    return gathered(ProgrammeMeasure.objects.select_related("measure__directive", "objective").get(pk=key))


def _template(row: ProgrammeTemplate) -> TemplateRow:
    return TemplateRow(**_template_facts(row))


def _template_facts(row: ProgrammeTemplate) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "title": row.title,
        "language": row.language,
        "programme": row.source.public_id if row.source else None,
        "steps": len(row.content.get("steps", ())),
        "created_at": row.created_at,
    }


def _whole_template(response: HttpResponse, row: ProgrammeTemplate) -> TemplateWhole:
    tag(response, row.version)
    return TemplateWhole(
        **_template_facts(row),
        content=[
            TemplateStep(
                title=str(step.get("title", "")),
                after_days=int(step.get("after_days") or 0),
                duration_days=int(step.get("duration_days") or 0),
            )
            for step in row.content.get("steps", ())
        ],
        obstacles=[
            TemplateHurdle(
                cause=str(one.get("cause", "")),
                text=str(one.get("text", "")),
                remedy=str(one.get("remedy", "")),
                days=one.get("days"),
            )
            for one in row.content.get("obstacles", ())
        ],
    )
