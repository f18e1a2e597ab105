"""Read programmes: which a person may see, what they gather, and where each measure comes from and leads to.

A programme is seen by those who watch over its lead body, and, once begun, by the bodies that it calls or to whom it gives measures.
Local measures and items of another body stay hidden from a body (``own_rows``).
Source: S0.6, S2.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from mehvar.directives.queries import directives
from mehvar.directives.queries import measures as measure_queries
from mehvar.directives.queries.content import group_labels
from mehvar.directives.rules.cascade import IN_FORCE
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import ProgrammeState
from mehvar.programmes.models import Delivery, Plan, PlanItem, Programme, ProgrammeMeasure
from mehvar.programmes.queries.scope import Scope, scope_of
from mehvar.programmes.rules.deadlines import resolved_due

if TYPE_CHECKING:
    from mehvar.directives.models import Directive, Measure
    from mehvar.organisations.data import Authority


def visible_programmes(authority: Authority) -> QuerySet[Programme]:
    """Give the programmes that a person may see; at most two queries beside its own."""
    scope = scope_of(authority)
    if scope.everything:
        return Programme.objects.all()
    if scope.is_empty:
        return Programme.objects.none()
    bodies = scope.delivering_ids
    concerned = (
        Exists(Plan.objects.filter(call__programme=OuterRef("pk"), organisation_id__in=bodies))
        | Exists(ProgrammeMeasure.objects.filter(programme=OuterRef("pk"), organisation_id__in=bodies))
        | Exists(Delivery.objects.filter(programme=OuterRef("pk"), organisation_id__in=bodies))
    )
    return Programme.objects.filter(
        Q(organisation_id__in=scope.body_ids) | (~Q(state=ProgrammeState.DRAFT) & Q(concerned))
    )


def visible_programme(authority: Authority, public_id: str) -> Programme:
    """Give one programme with its lead body, theme and template.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found = (
        visible_programmes(authority)
        .select_related("organisation", "theme", "template")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such programme.", code="unknown-programme")
    return found


def may_manage(authority: Authority, programme: Programme) -> bool:
    """Tell whether a person may change the programme."""
    return permissions.allows(authority, Permission.MANAGE_PROGRAMMES, programme.organisation.path)


def sees_all(authority: Authority, programme: Programme) -> bool:
    """Tell whether a person watches over the programme's lead body and so sees every body's part in it."""
    return permissions.allows(authority, Permission.VIEW_PROGRESS, programme.organisation.path)


def listed(authority: Authority) -> QuerySet[Programme]:
    """Give the visible programmes with the counts that the list shows (``measure_count``, ``call_count``)."""
    return visible_programmes(authority).annotate(
        measure_count=Count("measures", distinct=True, filter=Q(measures__derived_from=None)),
        call_count=Count("calls", distinct=True),
    )


def lead_bodies(authority: Authority) -> list[tuple[int, str]]:
    """Give the bodies in whose name a person may lead programmes (those at which the role is held), with their codes."""
    return list(
        dict.fromkeys(
            (held.organisation_id, held.code)
            for held in authority.held
            if held.organisation_id and Permission.MANAGE_PROGRAMMES in permissions.PERMISSIONS_OF[held.role]
        )
    )


def due_of(row: ProgrammeMeasure) -> date | None:
    """Give the day by which a measure is due: the directive's, counted from promulgation where relative, else its own."""
    if row.measure is None:
        return row.due_on
    directive, measure = row.measure.directive, row.measure
    promulgated_on = directive.effective_on or (
        directive.promulgated_at.date() if directive.promulgated_at else None
    )
    return resolved_due(
        end=measure.due_end,
        duration=measure.due_duration,
        anchor=measure.due_anchor,
        anchored_on=promulgated_on,
        calendar=measure.due_calendar,
    )


def text_of(row: ProgrammeMeasure) -> str:
    """Give a measure's words: the directive's, else its own."""
    return row.measure.text if row.measure is not None else row.text


def field_of(row: ProgrammeMeasure) -> str:
    """Give the field of a measure: the directive's, else its objective's."""
    if row.measure is not None and row.measure.field is not None:
        return str(row.measure.field.name)
    return row.objective.field if row.objective else ""


def measures_of(programme_id: int) -> QuerySet[ProgrammeMeasure]:
    """Give the national measures of a programme (those derived from none) with what they come from; one query."""
    return (
        ProgrammeMeasure.objects.filter(programme_id=programme_id, derived_from=None)
        .select_related(
            "measure__field", "measure__directive", "measure__provision", "objective", "organisation"
        )
        .order_by("objective__position", "position", "pk")
    )


def leads_of(authority: Authority, rows: Iterable[ProgrammeMeasure], language: str) -> dict[int, str]:
    """Name who leads each gathered measure, by the directive's measure; one query."""
    packs = {row.measure.pk: row.measure.directive.pack for row in rows if row.measure is not None}
    if not packs:
        return {}
    fields = (*(f"lead_{name}" for name in organisations.NAME_FIELDS), "lead_group", "lead_raw")
    found = {}
    for one in measure_queries.listed(authority).filter(pk__in=packs).order_by().values("pk", *fields):
        if one["lead_code"]:
            found[one["pk"]] = organisations.name_in(one, language, prefix="lead_")
        else:
            labels = group_labels(packs[one["pk"]], language) if one["lead_group"] else {}
            found[one["pk"]] = labels.get(one["lead_group"], one["lead_group"]) or one["lead_raw"] or ""
    return found


def own_rows(
    rows: QuerySet[Any], authority: Authority, programme: Programme, *, path: str = ""
) -> QuerySet[Any]:
    """Keep the rows that name no body, or one within the person's scope; ``path`` leads to ``organisation_id``."""
    if sees_all(authority, programme):
        return rows
    scope: Scope = scope_of(authority)
    if scope.everything:
        return rows
    named = f"{path}organisation_id"
    return rows.filter(Q(**{f"{named}__isnull": True}) | Q(**{f"{named}__in": scope.delivering_ids}))


def programme_measure(authority: Authority, programme: Programme, measure_id: int) -> ProgrammeMeasure:
    """Give one measure of a programme with what it comes from.

    Raises:
        NotFound: There is none, or it is another body's.
    """
    rows = own_rows(ProgrammeMeasure.objects.filter(programme=programme, pk=measure_id), authority, programme)
    found: ProgrammeMeasure | None = rows.select_related(
        "measure__field",
        "measure__directive",
        "measure__provision",
        "objective",
        "organisation",
        "derived_from__measure",
    ).first()
    if found is None:
        raise NotFound("There is no such measure.", code="unknown-measure")
    found.programme = programme
    return found


def derived_of(authority: Authority, row: ProgrammeMeasure) -> list[ProgrammeMeasure]:
    """Give the local measures that were derived from a national one, within the person's scope."""
    rows = own_rows(row.derived.all(), authority, row.programme)
    return list(rows.select_related("organisation").order_by("organisation__path", "position"))


def items_serving(authority: Authority, row: ProgrammeMeasure) -> list[PlanItem]:
    """Give the items of plans that serve a measure, or a local one derived from it, within the person's scope."""
    rows = PlanItem.objects.filter(Q(source=row) | Q(source__derived_from=row))
    rows = own_rows(rows, authority, row.programme, path="plan__")
    return list(rows.select_related("plan__organisation").order_by("plan__organisation__path", "position"))


def deliveries_of(authority: Authority, row: ProgrammeMeasure) -> list[Delivery]:
    """Give the deliveries of a measure within the person's scope, with their bodies."""
    wanted = Q(programme_measure=row) | Q(plan_item__source=row)
    if row.measure_id:
        wanted |= Q(measure_id=row.measure_id)
    rows = own_rows(Delivery.objects.filter(wanted), authority, row.programme)
    return list(rows.select_related("organisation").order_by("organisation__path")[:200])


def directives_offered(authority: Authority) -> QuerySet[Directive]:
    """Give the directives in force from which a person may gather measures, the newest first."""
    return directives.visible(authority).filter(state__in=IN_FORCE).order_by("-promulgated_at", "pk")


def measures_offered(programme: Programme, directive_id: int) -> list[Measure]:
    """Give the measures of a directive that the programme does not gather yet, in the document's order."""
    gathered = ProgrammeMeasure.objects.filter(programme=programme, measure=OuterRef("pk"))
    return list(measure_queries.standing(directive_id).filter(~Exists(gathered)).select_related("field"))


def next_position(rows: QuerySet[Any]) -> int:
    """Give the position after the last of some rows."""
    last: int | None = rows.order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + 1


def directives_of(programme_id: int) -> list[dict[str, Any]]:
    """Give the directives whose measures a programme gathers, with how many of each."""
    rows = (
        ProgrammeMeasure.objects.filter(programme_id=programme_id, measure__isnull=False)
        .order_by()
        .values("measure__directive__public_id", "measure__directive__title", "measure__directive__number")
        .annotate(number=Count("pk"))
        .order_by("measure__directive__number")
    )
    return [dict(row) for row in rows]


def plans_by_measure(authority: Authority, programme: Programme) -> dict[int, int]:
    """Count, by national measure, the bodies whose plan serves it, within the person's scope; one query."""
    rows = own_rows(PlanItem.objects.filter(source__programme=programme), authority, programme, path="plan__")
    counted = (
        rows.annotate(origin=Coalesce("source__derived_from_id", "source_id"))
        .order_by()
        .values("origin")
        .annotate(number=Count("plan__organisation_id", distinct=True))
        .values_list("origin", "number")
    )
    return dict(counted)


def path_names(ids: Iterable[int], language: str) -> dict[int, str]:
    """Give the names of bodies in a language by id; one query."""
    rows = organisations.search("").filter(pk__in=list(ids)).values("pk", *organisations.NAME_FIELDS)
    return {row["pk"]: organisations.name_in(row, language) for row in rows}
