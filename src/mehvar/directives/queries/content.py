"""Read the whole content of a directive in its canonical shape, with a bounded number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from mehvar.directives.models import (
    Assignment,
    Citation,
    Directive,
    Field,
    Measure,
    MeasureAlignment,
    Provision,
)
from mehvar.directives.rules import content as shapes
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from django.db.models import QuerySet

ORGANISATION_NAMES = tuple(f"organisation__{name}" for name in organisations.NAME_FIELDS)
DUE_FIELDS = ("raw", "kind", "duration", "anchor", "recurrence", "calendar")


def content_of(directive_id: int) -> shapes.DirectiveContent:
    """Give the canonical content of a directive (see ``rules.content``); at most ten queries.

    Measures that were removed or merged away are not part of it.

    Raises:
        NotFound: There is no such directive.
    """
    directive = (
        Directive.objects.select_related("issuer", "theme", "supersedes").filter(pk=directive_id).first()
    )
    if directive is None:
        raise NotFound(gettext_noop("This directive does not exist."), code="unknown-directive")
    return {
        "schema": shapes.SCHEMA,
        "directive": _head(directive),
        "duties": _duties(directive),
        "citations": _citations(directive.pk),
        "fields": [
            {"name": name, "declared_count": count}
            for name, count in Field.objects.filter(directive=directive)
            .order_by("position", "pk")
            .values_list("name", "declared_count")
        ],
        "provisions": _provisions(directive.pk),
        "measures": _measures(directive),
    }


def iso(day: date | None) -> str | None:
    """Write a date as ISO 8601 text."""
    return day.isoformat() if day else None


def _head(directive: Directive) -> shapes.HeadContent:
    theme = directive.theme
    return {
        "id": directive.public_id,
        "kind": directive.kind,
        "number": directive.number,
        "title": directive.title,
        "issuer": {
            "code": directive.issuer.code,
            "name": organisations.name_in(directive.issuer, directive.language),
        },
        "language": directive.language,
        "pack": directive.pack,
        "calendar": directive.calendar,
        "theme": {"period": theme.period, "title": theme.title} if theme else None,
        "goal": directive.goal,
        "motto": directive.motto,
        "legal_basis": directive.legal_basis,
        "role_statement": directive.role_statement,
        "dated_on": iso(directive.dated_on),
        "effective_on": iso(directive.effective_on),
        "acknowledge_within_days": directive.acknowledge_within_days,
        "supersedes": directive.supersedes.public_id if directive.supersedes else None,
    }


def _duties(directive: Directive) -> list[shapes.DutyContent]:
    rows = directive.duties.order_by("source", "article", "pk").values_list(
        "source", "article", "text", "owner__code"
    )
    return [
        {"source": source, "article": article, "text": text, "owner": owner}
        for source, article, text, owner in rows
    ]


def _citations(directive_id: int) -> list[shapes.CitationContent]:
    rows = Citation.objects.filter(directive_id=directive_id).order_by("position", "pk")
    return [
        {
            "raw": row["raw"],
            "kind": row["kind"],
            "number": row["number"],
            "dated_on": iso(row["dated_on"]),
            "issuer_name": row["issuer_name"],
            "subject": row["subject"],
            "to_disseminate": row["to_disseminate"],
        }
        for row in rows.values()
    ]


def _provisions(directive_id: int) -> list[shapes.ProvisionContent]:
    rows = list(Provision.objects.filter(directive_id=directive_id).order_by("position", "pk").values())
    ids = {row["id"]: row["public_id"] for row in rows}
    return [
        {
            "id": row["public_id"],
            "parent": ids.get(row["parent_id"]),
            "depth": row["depth"],
            "path": row["path"],
            "eid": row["eid"],
            "kind": row["kind"],
            "number": row["number"],
            "heading": row["heading"],
            "text": row["text"],
        }
        for row in rows
    ]


def _measures(directive: Directive) -> list[shapes.MeasureContent]:
    rows = (
        Measure.objects.filter(directive=directive, removed_at__isnull=True)
        .order_by("position", "pk")
        .values(
            *(
                "id",
                "public_id",
                "section",
                "number",
                "field__name",
                "provision__public_id",
                "text",
                "deliverable",
            ),
            *("outcome_indicator", "priority", "special_project", "due_start", "due_end", "due_first_end"),
            *(f"due_{name}" for name in DUE_FIELDS),
        )
    )
    assignments = acts_in(
        Assignment.objects.filter(measure__directive=directive, measure__removed_at__isnull=True)
    )
    alignments = _alignments(directive.pk)
    return [
        _measure(row, assignments.get(row["id"]) or shapes.empty_assignments(), alignments.get(row["id"], []))
        for row in rows
    ]


def _measure(
    row: Mapping[str, Any],
    assignments: shapes.AssignmentsContent,
    alignments: list[shapes.AlignmentContent],
) -> shapes.MeasureContent:
    return {
        "id": row["public_id"],
        "section": row["section"],
        "number": row["number"],
        "field": row["field__name"],
        "provision": row["provision__public_id"],
        "text": row["text"],
        "deliverable": row["deliverable"],
        "outcome_indicator": row["outcome_indicator"],
        "priority": row["priority"],
        "special_project": row["special_project"],
        "due": due_of(row),
        "assignments": assignments,
        "alignments": alignments,
    }


def due_of(row: Mapping[str, Any]) -> shapes.DueContent:
    """Give the deadline of a measure's row."""
    return {
        "raw": row["due_raw"],
        "kind": row["due_kind"],
        "start": iso(row["due_start"]),
        "end": iso(row["due_end"]),
        "first_end": iso(row["due_first_end"]),
        "duration": row["due_duration"],
        "anchor": row["due_anchor"],
        "recurrence": row["due_recurrence"],
        "calendar": row["due_calendar"],
    }


def acts_in(assignments: QuerySet[Assignment]) -> dict[int, shapes.AssignmentsContent]:
    """Give who acts in each measure, by the measure's key, named in its directive's language.

    One query, and what it takes to read the groups of each pack.
    """
    language, pack = "measure__directive__language", "measure__directive__pack"
    rows = assignments.order_by("measure_id", "position", "pk").values(
        *("measure_id", "role", "group_code", "raw_name", "principal", "inherited"),
        *(language, pack, *ORGANISATION_NAMES),
    )
    found: dict[int, shapes.AssignmentsContent] = defaultdict(shapes.empty_assignments)
    labels = cache(group_labels)
    for row in rows:
        body = _body(row, row[language], partial(labels, row[pack], row[language]))
        shapes.bodies_of(found[row["measure_id"]], row["role"]).append(body)
    return dict(found)


def _body(
    row: Mapping[str, Any], language: str, labels: Callable[[], Mapping[str, str]]
) -> shapes.BodyContent:
    kind: shapes.BodyKind
    if row["organisation__code"]:
        kind, code = "body", row["organisation__code"]
        name = organisations.name_in(row, language, prefix="organisation__")
    elif row["group_code"]:
        kind, code = "group", row["group_code"]
        name = labels().get(code, code)
    else:
        kind, code, name = "name", "", row["raw_name"]
    return {
        "kind": kind,
        "code": code,
        "name": name,
        "principal": row["principal"],
        "inherited": row["inherited"],
    }


def group_labels(pack: str, language: str) -> dict[str, str]:
    """Give the label of every group of a pack in a language; nothing when the pack is not loaded."""
    try:
        groups = organisations.pack_of(pack).groups
    except NotFound:
        return {}
    return {group.code: group.label(language) for group in groups}


def _alignments(directive_id: int) -> dict[int, list[shapes.AlignmentContent]]:
    rows = (
        MeasureAlignment.objects.filter(measure__directive_id=directive_id)
        .order_by("goal__plan__title", "goal__code")
        .values_list("measure_id", "goal__plan__title", "goal__code", "goal__text")
    )
    found: dict[int, list[shapes.AlignmentContent]] = defaultdict(list)
    for measure_id, plan, goal, text in rows:
        found[measure_id].append({"plan": plan, "goal": goal, "text": text})
    return dict(found)
