"""Remember rows as they were, and bring them back when a step is undone.

A snapshot is plain JSON. A measure's snapshot may be partial: only the named fields are compared and restored.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F

from mehvar.directives.actions import drafts, placement
from mehvar.directives.actions.drafts import Snapshot
from mehvar.directives.models import Assignment, EditStep, Measure, Provision
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, NotFound, gettext_noop
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

SETTLING = ("review_state", "flags", "open_flags", "reviewed_by_id", "reviewed_at")
"""What accepting a row changes."""

WHOLE_MEASURE = (
    *(
        "provision_id",
        "field_id",
        "position",
        "section",
        "number",
        "text",
        "deliverable",
        "outcome_indicator",
    ),
    *("priority", "special_project", "due_raw", "due_kind", "due_start", "due_end", "due_first_end"),
    *("due_duration", "due_anchor", "due_recurrence", "due_calendar", "confidence", "lowest_confidence"),
    *("source_spans", "removed_at", *SETTLING),
)
ASSIGNMENT = (
    *(
        "role",
        "organisation_id",
        "group_code",
        "raw_name",
        "position",
        "principal",
        "inherited",
        "confidence",
    ),
)
PROVISION = (
    *(
        "id",
        "parent_id",
        "public_id",
        "position",
        "depth",
        "path",
        "eid",
        "kind",
        "number",
        "heading",
        "text",
    ),
)
BATCH = 400


def measures(
    ids: Collection[int], *, fields: Iterable[str] = WHOLE_MEASURE, assignments: bool = True
) -> list[dict[str, Any]]:
    """Remember measures, with who acts in them unless told otherwise."""
    rows = [
        row
        for part in _parts(ids)
        for row in Measure.objects.filter(pk__in=part).order_by("pk").values("id", *fields)
    ]
    if assignments:
        acting = _assignments(ids)
        for row in rows:
            row["assignments"] = acting.get(row["id"], [])
    return _plain(rows)


def provisions(ids: Collection[int]) -> list[dict[str, Any]]:
    """Remember provisions, and which measures hang on each."""
    rows = list(Provision.objects.filter(pk__in=ids).order_by("position").values(*PROVISION))
    hanging: dict[int, list[int]] = defaultdict(list)
    for provision_id, measure_id in Measure.objects.filter(provision_id__in=ids).values_list(
        "provision_id", "pk"
    ):
        hanging[provision_id].append(measure_id)
    for row in rows:
        row["measure_ids"] = hanging.get(row["id"], [])
    return _plain(rows)


def placements(directive_id: int, *, without: Collection[int] = ()) -> list[dict[str, Any]]:
    """Remember where every clause of a directive stands, but not what it says."""
    rows = Provision.objects.filter(directive_id=directive_id).exclude(pk__in=without)
    return _plain(list(rows.order_by("position").values("id", *placement.PLACEMENT)))


def undo_last(actor: User, directive_id: int, *, kinds: Collection[str] = ()) -> EditStep:
    """Undo the latest step of a person on a directive that still stands, of these kinds when any are named.

    Raises:
        NotFound: Nothing is left to undo.
        Conflict: Somebody has changed one of the rows since.
    """
    steps = EditStep.objects.filter(directive_id=directive_id, actor=actor, undone_at__isnull=True)
    if kinds:
        steps = steps.filter(kind__in=kinds)
    last = steps.order_by("id").last()
    if last is None:
        raise NotFound(gettext_noop("There is nothing to undo."), code="nothing-to-undo")
    return undo_step(actor, last.pk)


def undo_step(actor: User, step_id: int) -> EditStep:
    """Bring back the rows of a step as they were before it.

    Raises:
        NotFound: There is no such step, or it is undone.
        NotPermitted: The person may not change the directive.
        Conflict: Somebody has changed one of the rows since.
    """
    step = EditStep.objects.filter(pk=step_id, undone_at__isnull=True).first()
    if step is None:
        raise NotFound(gettext_noop("There is nothing to undo."), code="nothing-to-undo")
    with drafts.editing(actor, step.directive_id, "undone", permission=Permission.DRAFT_DIRECTIVE) as edit:
        _require_unchanged(step.after)
        _require_unchanged_clauses(step.after.get("provisions", []))
        _restore_provisions(step)
        _restore_measures(step)
        if not EditStep.objects.filter(pk=step.pk, undone_at__isnull=True).update(undone_at=clock.now()):
            raise NotFound(gettext_noop("There is nothing to undo."), code="nothing-to-undo")
        edit.facts = {"step": step.pk, "kind": step.kind, "rows": len(step.before.get("measures", []))}
    return step


def _require_unchanged(after: Snapshot) -> None:
    """Refuse when a row is no longer as the step left it.

    Raises:
        Conflict: A row was changed since.
    """
    rows = after.get("measures", [])
    if not rows:
        return
    fields = [name for name in rows[0] if name not in {"id", "assignments"}]
    present = measures([row["id"] for row in rows], fields=fields, assignments="assignments" in rows[0])
    if present != sorted(rows, key=lambda row: row["id"]):
        raise Conflict(
            gettext_noop("Somebody has changed the rows since; undoing would lose their work."),
            code="changed-since",
        )


def _restore_measures(step: EditStep) -> None:
    before = step.before.get("measures", [])
    kept = {row["id"] for row in before}
    created = [row["id"] for row in step.after.get("measures", []) if row["id"] not in kept]
    Measure.objects.filter(pk__in=created).update(removed_at=clock.now(), version=F("version") + 1)
    if not before:
        return
    fields = [name for name in before[0] if name not in {"id", "assignments"}]
    _write(before, fields)
    if "assignments" in before[0]:
        rewrite_assignments({row["id"]: row["assignments"] for row in before})


def _write(rows: list[dict[str, Any]], fields: list[str]) -> None:
    """Give the rows their remembered values and a new version."""
    by_id = {row["id"]: row for row in rows}
    concrete = {f.attname: f for f in Measure._meta.concrete_fields}  # noqa: SLF001 - Django's documented API
    for part in _parts(by_id):
        present = list(Measure.objects.filter(pk__in=part))
        for measure in present:
            for name in fields:
                setattr(measure, name, concrete[name].to_python(by_id[measure.pk][name]))
        names = [concrete[name].name for name in fields]
        Measure.objects.bulk_update(present, names, batch_size=BATCH)
        Measure.objects.filter(pk__in=part).update(version=F("version") + 1)


def rewrite_assignments(wanted: Mapping[int, list[dict[str, Any]]]) -> None:
    """Replace who acts in measures: by the measure's key, rows with the fields of ``ASSIGNMENT``."""
    for part in _parts(wanted):
        Assignment.objects.filter(measure_id__in=part).delete()
    Assignment.objects.bulk_create(
        [Assignment(measure_id=key, **row) for key, rows in wanted.items() for row in rows], batch_size=BATCH
    )


def _restore_provisions(step: EditStep) -> None:
    before, after = step.before.get("provisions", []), step.after.get("provisions", [])
    if not before and not after:
        return
    kept = {row["id"] for row in before}
    Provision.objects.filter(pk__in=[row["id"] for row in after if row["id"] not in kept]).delete()
    present = set(Provision.objects.filter(pk__in=kept).values_list("pk", flat=True))
    for row in before:
        values = {name: value for name, value in row.items() if name not in {"id", "measure_ids"}}
        if row["id"] in present:
            Provision.objects.filter(pk=row["id"]).update(**values, version=F("version") + 1)
        elif "text" in row:
            Provision.objects.create(pk=row["id"], directive_id=step.directive_id, **values)
        Measure.objects.filter(pk__in=row.get("measure_ids", [])).update(provision_id=row["id"])
    placement.lay_out(step.directive_id)


def _require_unchanged_clauses(rows: list[dict[str, Any]]) -> None:
    """Refuse when the words of a clause are no longer as the step left them.

    Raises:
        Conflict: A clause was changed or deleted since.
    """
    said = ("kind", "number", "heading", "text")
    written = {row["id"]: [row[name] for name in said] for row in rows if "text" in row}
    present = {
        pk: list(words) for pk, *words in Provision.objects.filter(pk__in=written).values_list("pk", *said)
    }
    if present != written:
        raise Conflict(
            gettext_noop("Somebody has changed the rows since; undoing would lose their work."),
            code="changed-since",
        )


def _assignments(ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for part in _parts(ids):
        rows = Assignment.objects.filter(measure_id__in=part).order_by("measure_id", "role", "position", "pk")
        for row in rows.values("measure_id", *ASSIGNMENT):
            found[row.pop("measure_id")].append(row)
    return found


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    """Cut a list of keys into parts that every database takes as parameters."""
    keys = sorted(ids)
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn rows into JSON values, so that they compare equal after being stored."""
    plain: list[dict[str, Any]] = json.loads(json.dumps(rows, cls=DjangoJSONEncoder))
    return plain
