"""Write measures by hand, correct them, mark them, give them outcomes, take them out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from django.db.models import F, Max

from mehvar.directives.actions import drafts, intake, snapshots
from mehvar.directives.data import Priority, ReviewState
from mehvar.directives.models import Assignment, Directive, Field, Measure, Provision
from mehvar.directives.queries import measures as queries
from mehvar.directives.rules import drafting
from mehvar.directives.rules.drafting import BodyReference, MeasureChanges, cleaned
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, NotFound, gettext_noop
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User

TEXTS = ("text", "deliverable", "outcome_indicator", "section", "number")
LONGEST = {"section": 400, "number": 40, "text": 20_000, "deliverable": 10_000, "outcome_indicator": 4_000}


class StaleMeasure(Conflict):
    """Refuse a change of a measure that somebody else has changed since it was shown."""

    default_code = "stale-measure"


def stale(measure: Measure) -> StaleMeasure:
    """Say who changed the measure; the person's own words are kept by whoever shows this."""
    return StaleMeasure(
        gettext_noop(
            "Somebody changed this task while you were at it. Both versions are shown; nothing is lost."
        ),
        measure=measure.public_id,
        version=measure.version,
    )


def measure_of(directive_id: int, public_id: str, *, version: int | None = None) -> Measure:
    """Give a measure of a directive that is being changed.

    Raises:
        NotFound: The directive has no such measure, or it was removed.
        StaleMeasure: It was changed since ``version``.
    """
    measure = Measure.objects.filter(
        directive_id=directive_id, public_id=public_id, removed_at__isnull=True
    ).first()
    if measure is None:
        raise NotFound(gettext_noop("There is no such task in this directive."), code="unknown-measure")
    if version is not None and measure.version != version:
        raise stale(measure)
    return measure


def directive_id_of(measure_public_id: str) -> int:
    """Give the directive of a measure.

    Raises:
        NotFound: There is no such measure.
    """
    found = Measure.objects.filter(public_id=measure_public_id).values_list("directive_id", flat=True).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such task."), code="unknown-measure")
    return found


def add_measure(
    actor: User, directive_id: int, *, after: str | None = None, **changes: Unpack[MeasureChanges]
) -> Measure:
    """Write a measure by hand, at the end or after another one.

    Raises:
        InputError: It has no text, or something in it cannot be read.
        NotPermitted, TransitionNotAllowed, NotFound: As ``drafts.editing``.
    """
    if not changes.get("text", "").strip():
        raise InputError(gettext_noop("The task needs a text."), code="no-text", field="text")
    with drafts.editing(actor, directive_id, "measure-added") as edit:
        measure = Measure(
            directive=edit.directive,
            position=_place_after(directive_id, after),
            review_state=ReviewState.MANUAL,
            due_calendar=edit.directive.calendar,
        )
        apply(edit.directive, measure, changes)
        edit.keep({"measures": []}, {"measures": snapshots.measures([measure.pk])})
        edit.facts = {"measure": measure.public_id, "text": measure.text}
    return measure


def edit_measure(
    actor: User, measure_id: str, *, version: int | None = None, **changes: Unpack[MeasureChanges]
) -> Measure:
    """Change a measure; ``measure_id`` is its public id, ``version`` what the person saw.

    Raises:
        StaleMeasure: Somebody changed the measure since.
        InputError: Something that was typed cannot be read.
        NotPermitted, TransitionNotAllowed, NotFound: As ``drafts.editing``.
    """
    with drafts.editing(actor, directive_id_of(measure_id), "measure-edited") as edit:
        measure = measure_of(edit.directive.pk, measure_id, version=version)
        before = snapshots.measures([measure.pk])
        apply(edit.directive, measure, changes)
        after = snapshots.measures([measure.pk])
        edit.keep({"measures": before}, {"measures": after})
        edit.facts = {"measure": measure_id, "changes": drafts.differences(before[0], after[0])}
    return measure


def remove_measures(actor: User, directive_id: int, measure_ids: Collection[str]) -> int:
    """Take measures out of a draft; the step can be undone. Give how many were taken out."""
    with drafts.editing(actor, directive_id, "measures-removed") as edit:
        rows = Measure.objects.filter(
            directive_id=directive_id, public_id__in=measure_ids, removed_at__isnull=True
        )
        keys = list(rows.values_list("pk", flat=True))
        before = snapshots.measures(keys, fields=["removed_at"], assignments=False)
        rows.update(removed_at=clock.now(), version=F("version") + 1)
        after = snapshots.measures(keys, fields=["removed_at"], assignments=False)
        edit.keep({"measures": before}, {"measures": after})
        edit.facts = {"measures": sorted(measure_ids)}
    return len(keys)


def set_outcomes(actor: User, directive_id: int, outcomes: Mapping[str, str]) -> int:
    """Give measures the outcome that people will feel (S0.8), by public id; give how many changed.

    Raises:
        InputError: An indicator is too long.
        NotPermitted, TransitionNotAllowed, NotFound: As ``drafts.editing``.
    """
    wanted = {
        key: cleaned(value, field="outcome_indicator", limit=LONGEST["outcome_indicator"])
        for key, value in outcomes.items()
    }
    return _set_each(
        actor, directive_id, "outcomes-set", {k: {"outcome_indicator": v} for k, v in wanted.items()}
    )


def set_marks(
    actor: User,
    directive_id: int,
    measure_ids: Collection[str],
    *,
    priority: Priority | None = None,
    special_project: bool | None = None,
) -> int:
    """Mark measures as important or as special projects, or take the mark away (S0.2); give how many changed."""
    values: dict[str, Any] = {}
    if priority is not None:
        values["priority"] = Priority(priority).value
    if special_project is not None:
        values["special_project"] = special_project
    return _set_each(actor, directive_id, "measures-marked", dict.fromkeys(measure_ids, values))


def _set_each(actor: User, directive_id: int, kind: str, wanted: Mapping[str, Mapping[str, Any]]) -> int:
    """Set plain columns of several measures as one step; rows that would not change are left alone."""
    with drafts.editing(actor, directive_id, kind) as edit:
        rows = {
            row.public_id: row
            for row in Measure.objects.filter(directive_id=directive_id, removed_at__isnull=True)
            if row.public_id in wanted
        }
        unknown = set(wanted) - set(rows)
        if unknown:
            raise NotFound(gettext_noop("There is no such task in this directive."), code="unknown-measure")
        changed = [
            row for key, row in rows.items() if any(getattr(row, n) != v for n, v in wanted[key].items())
        ]
        names = sorted({name for values in wanted.values() for name in values})
        keys = [row.pk for row in changed]
        before = snapshots.measures(keys, fields=names, assignments=False)
        for row in changed:
            for name, value in wanted[row.public_id].items():
                setattr(row, name, value)
            row.version += 1
        if changed:
            Measure.objects.bulk_update(changed, [*names, "version"], batch_size=snapshots.BATCH)
            after = snapshots.measures(keys, fields=names, assignments=False)
            edit.keep({"measures": before}, {"measures": after})
        edit.facts = {"measures": {row.public_id: dict(wanted[row.public_id]) for row in changed}}
    return len(changed)


def move_measure(actor: User, measure_id: str, *, after: str | None) -> None:
    """Put a measure behind another one (or first of all, with ``after=None``)."""
    directive_id = directive_id_of(measure_id)
    with drafts.editing(actor, directive_id, "measure-moved") as edit:
        measure = measure_of(directive_id, measure_id)
        place = 1 if after is None else measure_of(directive_id, after).position + 1
        Measure.objects.filter(directive_id=directive_id, position__gte=place).update(
            position=F("position") + 1
        )
        Measure.objects.filter(pk=measure.pk).update(position=place, version=F("version") + 1)
        edit.facts = {"measure": measure_id, "after": after}


def apply(directive: Directive, measure: Measure, changes: MeasureChanges) -> None:
    """Give a measure what a person typed, and save it with a new version.

    Raises:
        InputError: A text is too long, a date cannot be read, a field, clause or priority is unknown.
    """
    for name in TEXTS:
        if name in changes:
            setattr(measure, name, cleaned(changes[name], field=name, limit=LONGEST[name]))  # type: ignore[literal-required]
    if not measure.text:
        raise InputError(gettext_noop("The task needs a text."), code="no-text", field="text")
    if "priority" in changes:
        measure.priority = _priority(changes["priority"])
    if "special_project" in changes:
        measure.special_project = bool(changes["special_project"])
    if "field" in changes:
        measure.field = field_of(directive, changes["field"])
    if "provision" in changes:
        measure.provision = _provision_of(directive, changes["provision"])
    if "due_raw" in changes and changes["due_raw"] != measure.due_raw:
        set_due(directive, measure, changes["due_raw"])
    measure.version = measure.version + 1 if measure.pk else 1
    measure.save()
    _assign(directive, measure, changes)


def set_due(directive: Directive, measure: Measure, written: str) -> None:
    """Read a deadline as people write it; the first date that a measure had is kept.

    Raises:
        InputError: The words hold no deadline.
    """
    due = queries.read_due(written, directive)
    if written.strip() and due.kind in {"none", "unclear"}:
        raise InputError(
            gettext_noop("“{written}” cannot be read as a deadline."),
            code="bad-due",
            field="due_raw",
            written=written.strip(),
        )
    first = measure.due_first_end
    for name, value in intake.due_values(due).items():
        setattr(measure, name, value)
    if first is not None and measure.review_state == ReviewState.MANUAL and measure.due_end is not None:
        measure.due_first_end = first


def field_of(directive: Directive, name: str) -> Field | None:
    """Give the field of work of that name; an empty name is none.

    Raises:
        InputError: The directive has no such field.
    """
    if not name:
        return None
    found = Field.objects.filter(directive=directive, name=name).first()
    if found is None:
        raise InputError(
            gettext_noop("The directive has no field “{name}”."),
            code="unknown-field",
            field="field",
            name=name,
        )
    return found


def _provision_of(directive: Directive, public_id: str) -> Provision | None:
    if not public_id:
        return None
    found = Provision.objects.filter(directive=directive, public_id=public_id).first()
    if found is None:
        raise InputError(
            gettext_noop("The directive has no such clause."), code="unknown-provision", field="provision"
        )
    return found


def _priority(written: str) -> str:
    try:
        return Priority(written).value
    except ValueError as error:
        raise InputError(
            gettext_noop("“{value}” is no priority."), code="bad-priority", field="priority", value=written
        ) from error


def _place_after(directive_id: int, after: str | None) -> int:
    """Make room and give the position for a new measure."""
    if after is None:
        last = Measure.objects.filter(directive_id=directive_id).aggregate(last=Max("position"))["last"]
        return (last or 0) + 1
    place = measure_of(directive_id, after).position + 1
    Measure.objects.filter(directive_id=directive_id, position__gte=place).update(position=F("position") + 1)
    return place


def _assign(directive: Directive, measure: Measure, changes: MeasureChanges) -> None:
    roles = [role for role in drafting.ROLE_NAMES if role in changes]
    if not roles:
        return
    present = queries.names_on(measure, directive)
    rows: list[Assignment] = []
    kept = list(measure.assignments.exclude(role__in=roles))
    for role in roles:
        lines: Sequence[str] = changes[role]  # type: ignore[literal-required]
        found = drafting.references(
            lines,
            organisations.register_for(directive.pack),
            labels=queries.group_codes(directive),
            present=present,
            on=directive.dated_on,
        )
        rows += assignments_for(measure, role, found)
    measure.assignments.filter(role__in=roles).delete()
    Assignment.objects.bulk_create(rows)
    _recompute_confidence(measure, [*kept, *rows], roles)


def assignments_for(measure: Measure, role: str, found: Iterable[BodyReference]) -> list[Assignment]:
    """Make the rows of one role; who stands first among the leads answers first."""
    references = list(found)
    keys = organisations.ids_of([item.code for item in references if item.is_known and not item.is_group])
    return [
        Assignment(
            measure=measure,
            role=role,
            organisation_id=keys.get(item.code),
            group_code=item.code if item.is_group else "",
            raw_name="" if item.is_group or item.code in keys else item.words,
            position=position,
            principal=role == "lead" and position == 0,
            confidence=1.0 if item.is_group or item.code in keys else 0.35,
        )
        for position, item in enumerate(references)
    ]


def _recompute_confidence(measure: Measure, rows: Iterable[Assignment], roles: Collection[str]) -> None:
    """Let the confidence of the roles that a person wrote follow who is known now."""
    if measure.review_state == ReviewState.MANUAL:
        return
    for role in roles:
        measure.confidence[role] = min((row.confidence for row in rows if row.role == role), default=1.0)
    Measure.objects.filter(pk=measure.pk).update(confidence=measure.confidence)
