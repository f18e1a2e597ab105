"""Read measures: lists with filters, and what a drafter's form needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from mehvar.directives.data import Priority
from mehvar.directives.models import Assignment, Directive, Measure
from mehvar.directives.queries import directives
from mehvar.directives.queries.content import ORGANISATION_NAMES, group_labels
from mehvar.directives.rules import drafting
from mehvar.kernel import text
from mehvar.kernel.calendars import Calendar
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.directives.extraction.model import ExtractedDue
    from mehvar.organisations.data import Authority

IMPORTANCE = Case(
    When(special_project=True, then=Value(0)),
    When(priority=Priority.HIGH, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
"""Special projects first, then high priority, then the rest (S0.2)."""

ROLES = ("lead", "coordinating", "overseeing", "monitoring")


def standing(directive_id: int) -> QuerySet[Measure]:
    """Give the measures of a directive that were not taken out, in the document's order."""
    return Measure.objects.filter(directive_id=directive_id, removed_at__isnull=True).order_by(
        "position", "pk"
    )


def listed(authority: Authority, *, directive_id: int | None = None) -> QuerySet[Measure]:
    """Give the measures that a person may see, important ones first (``importance``, ``lead_*`` for the list)."""
    rows = Measure.objects.filter(removed_at__isnull=True)
    if directive_id is None:
        rows = rows.filter(directive__in=directives.visible(authority).values("pk"))
    else:
        rows = rows.filter(directive_id=directive_id)
    leads = Assignment.objects.filter(measure=OuterRef("pk"), role="lead").order_by("position", "pk")
    return rows.annotate(
        importance=IMPORTANCE,
        **{
            f"lead_{name}": Subquery(leads.values(f"organisation__{name}")[:1])
            for name in organisations.NAME_FIELDS
        },
        lead_group=Subquery(leads.values("group_code")[:1]),
        lead_raw=Subquery(leads.values("raw_name")[:1]),
    )


def assigned_to(rows: QuerySet[Measure], organisation_code: str, role: str = "") -> QuerySet[Measure]:
    """Keep the measures in which a body acts, in one role or in any."""
    acting = Assignment.objects.filter(measure=OuterRef("pk"), organisation__code=organisation_code)
    if role:
        acting = acting.filter(role=role)
    return rows.filter(Exists(acting))


def lines_on(measure_ids: list[int], directive: Directive) -> dict[int, dict[str, list[str]]]:
    """Give the names of who acts, by the measure's key and by role, in the directive's language."""
    rows = (
        Assignment.objects.filter(measure_id__in=measure_ids)
        .order_by("measure_id", "position", "pk")
        .values("measure_id", "role", "group_code", "raw_name", *ORGANISATION_NAMES)
    )
    labels = group_labels(directive.pack, directive.language)
    found: dict[int, dict[str, list[str]]] = {key: {role: [] for role in ROLES} for key in measure_ids}
    for row in rows:
        found[row["measure_id"]][row["role"]].append(_name(row, directive.language, labels))
    return found


def unknown_names(measure_id: int) -> list[str]:
    """Give the names in a measure that the register does not know."""
    rows = Assignment.objects.filter(measure_id=measure_id, organisation__isnull=True, group_code="")
    return list(dict.fromkeys(rows.order_by("position").values_list("raw_name", flat=True)))


def names_on(measure: Measure, directive: Directive) -> dict[str, str]:
    """Give the codes of who acts in a measure by the names that a form shows for them."""
    rows = Assignment.objects.filter(measure=measure).values(
        "group_code", "raw_name", "organisation__code", *ORGANISATION_NAMES
    )
    labels = group_labels(directive.pack, directive.language)
    return {
        text.display_form(_name(row, directive.language, labels)): row["organisation__code"]
        or row["group_code"]
        for row in rows
        if row["organisation__code"] or row["group_code"]
    }


def group_codes(directive: Directive) -> dict[str, str]:
    """Give the codes of the pack's groups by their folded labels in every language."""
    return {
        text.fold_for_match(label): code
        for language in ("en", "fa", "vi", directive.language)
        for code, label in group_labels(directive.pack, language).items()
    }


def _name(row: Mapping[str, Any], language: str, labels: Mapping[str, str]) -> str:
    if row["organisation__code"]:
        return organisations.name_in(row, language, prefix="organisation__")
    return labels.get(row["group_code"], row["group_code"]) or row["raw_name"]


def read_due(written: str, directive: Directive) -> ExtractedDue:
    """Read a deadline as people write it: in the directive's language first, else in any other of the house."""
    from mehvar.directives.extraction.dues import DueContext
    from mehvar.directives.extraction.dues import read_due as read

    best = None
    for language in dict.fromkeys((directive.language, "en", "vi", "fa")):
        context = DueContext(language, Calendar(directive.calendar), directive.dated_on)
        reading = read(written, context)
        if best is None or reading.confidence > best.confidence:
            best = reading
    assert best is not None  # noqa: S101 - the loop runs at least once
    return best.due


def suggestions(pack: str, wanted: str, language: str, *, limit: int = 12) -> list[dict[str, str]]:
    """Give bodies and groups whose name holds the words typed: ``{"code", "name"}``, groups first."""
    folded = text.fold_for_search(wanted)
    groups = [
        {"code": code, "name": label}
        for code, label in group_labels(pack, language).items()
        if folded and folded in text.fold_for_search(f"{label} {code}")
    ]
    rows = (
        organisations.search(wanted, pack=pack).values(*organisations.NAME_FIELDS)[:limit] if folded else ()
    )
    bodies = [{"code": row["code"], "name": organisations.name_in(row, language)} for row in rows]
    return [*groups, *bodies][:limit]


def code_of(written: str, directive: Directive) -> str:
    """Give the code of the body that was typed or chosen; empty when the register knows none, or a group is meant."""
    found = drafting.references(
        [written], organisations.register_for(directive.pack), labels={}, on=directive.dated_on
    )
    return found[0].code if len(found) == 1 and not found[0].is_group else ""


def public_id_of(measure_id: int) -> str:
    """Give the public id of a measure."""
    return Measure.objects.values_list("public_id", flat=True).get(pk=measure_id)
