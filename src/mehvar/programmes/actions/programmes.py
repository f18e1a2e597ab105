"""Make programmes: objectives, the measures they gather from directives, own and local ones, and their life.

Source: S0.6 (action plan by product class), S2.4 (local measures from national ones).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.directives.queries import measures as measure_queries
from mehvar.directives.rules.cascade import IN_FORCE
from mehvar.kernel import clock, errors, events, identifiers
from mehvar.kernel.calendars import Calendar
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import deliveries, record
from mehvar.programmes.data import ProductClass, ProgrammeState
from mehvar.programmes.models import Delivery, Objective, PlanItem, Programme, ProgrammeMeasure
from mehvar.programmes.queries import programmes as queries
from mehvar.programmes.rules.plans import (
    CHANGEABLE,
    LONGEST_LINE,
    LONGEST_TEXT,
    PROGRAMME_LIFE,
    ProgrammeStep,
)

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.directives.models import Measure

MOST_OBJECTIVES = 100


def create_programme(
    actor: User,
    *,
    title: str,
    organisation_code: str,
    language: str,
    calendar: Calendar = Calendar.GREGORIAN,
    purpose: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    theme_id: int | None = None,
    template_id: int | None = None,
) -> Programme:
    """Begin a programme as a draft in the name of its lead body.

    Raises:
        NotPermitted: The person may not manage programmes of the body.
        InputError: The title is missing, or it ends before it starts.
        NotFound: There is no such body.
    """
    organisation = organisations.organisation(organisation_code)
    record.require(actor, Permission.MANAGE_PROGRAMMES, organisation.path)
    _check(title, starts_on, ends_on)
    with transaction.atomic():
        programme = Programme.objects.create(
            public_id=identifiers.new_public_id(),
            title=title.strip()[:LONGEST_LINE],
            purpose=purpose.strip(),
            organisation=organisation,
            language=language,
            calendar=calendar,
            starts_on=starts_on,
            ends_on=ends_on,
            theme_id=theme_id,
            template_id=template_id,
            created_by=actor,
            created_at=clock.now(),
        )
        record.note(
            actor,
            "programme.create",
            record.subject_of_programme(programme),
            {"title": programme.title, "organisation": organisation.code},
        )
    return programme


def _check(title: str, starts_on: date | None, ends_on: date | None) -> None:
    if not title.strip():
        raise errors.InputError(gettext_noop("Give it a title."), code="no-title", field="title")
    if starts_on and ends_on and ends_on < starts_on:
        raise errors.InputError(
            gettext_noop("The end lies before the start."), code="wrong-order", field="ends_on"
        )


def edit_programme(actor: User, programme_id: int, *, version: int, **values: Any) -> Programme:
    """Change title, purpose, dates or theme of a programme.

    Raises:
        NotPermitted, InputError, Conflict: As for ``create_programme``; somebody was faster; it is over.
    """
    with transaction.atomic():
        programme = changeable(actor, programme_id, version=version)
        merged = {
            name: values.get(name, getattr(programme, name)) for name in ("title", "starts_on", "ends_on")
        }
        _check(merged["title"], merged["starts_on"], merged["ends_on"])
        before = {name: getattr(programme, name) for name in values}
        record.changed(programme, **values)
        record.note(
            actor,
            "programme.edit",
            record.subject_of_programme(programme),
            {"changed": sorted(name for name in values if before[name] != values[name])},
        )
    return programme


def changeable(actor: User, programme_id: int, *, version: int | None = None) -> Programme:
    """Give a programme, locked, to somebody who may change it.

    Raises:
        NotFound: There is none.
        NotPermitted: The person may not manage programmes of its lead body.
        Conflict: It is finished or closed, or ``version`` is not the present one.
    """
    programme = managed(actor, programme_id, version=version)
    if programme.state not in CHANGEABLE:
        raise errors.Conflict(
            gettext_noop("The programme is finished; nothing in it changes any more."), code="finished"
        )
    return programme


def managed(actor: User, programme_id: int, *, version: int | None = None) -> Programme:
    """Give a programme in any state, locked, to somebody who manages it.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``changeable``.
    """
    rows = Programme.objects.select_related("organisation")
    programme = record.locked(rows, programme_id, version=version)
    record.require(actor, Permission.MANAGE_PROGRAMMES, programme.organisation.path)
    return programme


def set_objectives(
    actor: User, programme_id: int, objectives: Sequence[tuple[int | None, str, str]], *, version: int
) -> list[Objective]:
    """Write the objectives anew in their order: (key or None for a new one, text, field); those left out go.

    Measures of an objective that goes stay, without objective.

    Raises:
        NotPermitted, Conflict: As for ``changeable``.
        InputError: There are too many.
    """
    wanted = [(pk, text.strip(), field.strip()) for pk, text, field in objectives if text.strip()]
    if len(wanted) > MOST_OBJECTIVES:
        raise errors.InputError(
            gettext_noop("At most {limit} objectives."), code="too-many", limit=MOST_OBJECTIVES
        )
    with transaction.atomic():
        programme = changeable(actor, programme_id, version=version)
        known = {row.pk: row for row in programme.objectives.all()}
        programme.objectives.exclude(pk__in=[pk for pk, _text, _field in wanted if pk]).delete()
        rows = [
            _objective(programme, known.get(pk or 0), position, text=text, field=field)
            for position, (pk, text, field) in enumerate(wanted, 1)
        ]
        record.changed(programme)
        record.note(
            actor,
            "programme.objectives",
            record.subject_of_programme(programme),
            {"objectives": [row.text[:200] for row in rows]},
        )
    return rows


def _objective(
    programme: Programme, row: Objective | None, position: int, *, text: str, field: str
) -> Objective:
    row = row or Objective(programme=programme)
    row.position, row.text, row.field = position, text[:LONGEST_TEXT], field[:600]
    row.save()
    return row


def gather_measures(
    actor: User,
    programme_id: int,
    measure_ids: Iterable[int],
    *,
    objective_id: int | None = None,
    product_class: ProductClass = ProductClass.NONE,
) -> int:
    """Take measures of directives in force into a programme, under an objective; give how many are new.

    Their deliveries count for the programme from then on.

    Raises:
        NotPermitted, Conflict: As for ``changeable``.
        NotFound: A measure is not in force, or not for this person, or the objective is another programme's.
    """
    with transaction.atomic():
        programme = changeable(actor, programme_id)
        objective = _objective_of(programme, objective_id)
        rows = _gatherable(actor, measure_ids)
        known = set(programme.measures.filter(measure__isnull=False).values_list("measure_id", flat=True))
        fresh = [row for row in rows if row.pk not in known]
        first = queries.next_position(programme.measures.all())
        ProgrammeMeasure.objects.bulk_create(
            ProgrammeMeasure(
                programme=programme,
                objective=objective,
                measure=row,
                position=position,
                outcome_indicator=row.outcome_indicator,
                product_class=product_class,
                weight=deliveries.SPECIAL_WEIGHT if row.special_project else 1.0,
            )
            for position, row in enumerate(fresh, first)
        )
        if programme.state == ProgrammeState.ACTIVE:
            deliveries.attach_to_programme(programme)
        if fresh:
            record.note(
                actor,
                "programme.gather",
                record.subject_of_programme(programme),
                {"measures": [row.public_id for row in fresh]},
            )
    return len(fresh)


def _gatherable(actor: User, measure_ids: Iterable[int]) -> list[Measure]:
    wanted = set(measure_ids)
    rows = list(
        measure_queries.listed(organisations.authority_of(actor))
        .filter(pk__in=wanted, directive__state__in=IN_FORCE)
        .select_related("field")
        .order_by("directive_id", "position", "pk")
    )
    if len(rows) != len(wanted):
        raise errors.NotFound(gettext_noop("There is no such measure."), code="unknown-measure")
    return rows


def gather_chosen(
    actor: User,
    programme_id: int,
    measure_ids: Iterable[int],
    *,
    objective_id: int | None = None,
    product_class: ProductClass = ProductClass.NONE,
) -> int:
    """Take chosen measures into a programme; without an objective each goes under that of its directive's field.

    Raises:
        NotPermitted, Conflict, NotFound: As for ``gather_measures``.
    """
    with transaction.atomic():
        programme = changeable(actor, programme_id)
        by_objective: dict[int | None, list[int]] = {}
        for row in _gatherable(actor, measure_ids):
            chosen = objective_id or _objective_for(programme, row.field.name if row.field else "")
            by_objective.setdefault(chosen, []).append(row.pk)
        return sum(
            gather_measures(actor, programme_id, ids, objective_id=chosen, product_class=product_class)
            for chosen, ids in by_objective.items()
        )


def gather_directive(actor: User, programme_id: int, directive_id: int) -> int:
    """Take all measures of a directive into a programme, one objective for each of its fields; give how many are new.

    Raises:
        NotPermitted, Conflict, NotFound: As for ``gather_measures``.
    """
    return gather_chosen(
        actor, programme_id, list(measure_queries.standing(directive_id).values_list("pk", flat=True))
    )


def _objective_for(programme: Programme, field: str) -> int | None:
    if not field:
        return None
    found = programme.objectives.filter(field=field).first() or Objective.objects.create(
        programme=programme,
        position=queries.next_position(programme.objectives.all()),
        text=field,
        field=field,
    )
    return found.pk


def _objective_of(programme: Programme, objective_id: int | None) -> Objective | None:
    if objective_id is None:
        return None
    found = programme.objectives.filter(pk=objective_id).first()
    if found is None:
        raise errors.NotFound(gettext_noop("There is no such objective."), code="unknown-objective")
    return found


def add_measure(
    actor: User,
    programme_id: int,
    *,
    text: str,
    objective_id: int | None = None,
    organisation_id: int | None = None,
    due_on: date | None = None,
    outcome_indicator: str = "",
    product_class: ProductClass = ProductClass.NONE,
    weight: float = 1.0,
    derived_from: ProgrammeMeasure | None = None,
    position: int | None = None,
    deliver: bool = True,
) -> ProgrammeMeasure:
    """Write a measure of the programme's own; one that names a body is delivered by it once the programme runs.

    Who writes many in one transaction calls ``deliver_measures`` after them instead of letting each ``deliver``, and gives each the
    ``position`` after that of the one before instead of letting it be looked up.

    Raises:
        NotPermitted, Conflict: As for ``changeable``.
        InputError: It says nothing.
    """
    if not text.strip():
        raise errors.InputError(gettext_noop("Say what will be done."), code="no-text", field="text")
    with transaction.atomic():
        programme = changeable(actor, programme_id)
        row = ProgrammeMeasure.objects.create(
            programme=programme,
            objective=_objective_of(programme, objective_id),
            organisation_id=organisation_id,
            derived_from=derived_from,
            position=position or queries.next_position(programme.measures.all()),
            text=text.strip()[:LONGEST_TEXT],
            outcome_indicator=outcome_indicator.strip(),
            product_class=product_class,
            weight=weight,
            due_on=due_on,
            first_due_on=due_on,
        )
        if deliver:
            deliver_measures(programme)
        record.note(
            actor,
            "programme.measure",
            record.subject_of_programme(programme),
            {
                "measure": row.pk,
                "text": row.text[:500],
                "derived_from": derived_from.pk if derived_from else None,
            },
        )
    return row


def deliver_measures(programme: Programme) -> int:
    """Make the deliveries of own measures that have none yet, where the programme runs; give how many are new."""
    if programme.state != ProgrammeState.ACTIVE:
        return 0
    return deliveries.deliver_own_measures(programme.pk)


def derive_measures(
    actor: User,
    measure_id: int,
    organisation_ids: Iterable[int],
    *,
    text: str = "",
    due_on: date | None = None,
    deliver: bool = True,
) -> list[ProgrammeMeasure]:
    """Derive a local measure of a national one for each body that has none yet (S2.4).

    Without ``text`` and ``due_on`` those of the national measure hold; a local date may not be later than the national one.

    Raises:
        NotFound: There is no such measure.
        NotPermitted, Conflict: As for ``changeable``.
        InputError: The date is later than the national one, or the measure is a local one itself.
    """
    with transaction.atomic():
        source = (
            ProgrammeMeasure.objects.select_related("measure__directive", "objective", "programme")
            .filter(pk=measure_id)
            .first()
        )
        if source is None:
            raise errors.NotFound(gettext_noop("There is no such measure."), code="unknown-measure")
        _check_derivation(source, due_on)
        known = set(source.derived.values_list("organisation_id", flat=True))
        return [
            add_measure(
                actor,
                source.programme_id,
                text=text or queries.text_of(source),
                objective_id=source.objective_id,
                organisation_id=body,
                due_on=due_on or queries.due_of(source),
                outcome_indicator=source.outcome_indicator,
                product_class=ProductClass(source.product_class),
                weight=source.weight,
                derived_from=source,
                deliver=deliver,
            )
            for body in dict.fromkeys(organisation_ids)
            if body not in known
        ]


def _check_derivation(source: ProgrammeMeasure, due_on: date | None) -> None:
    national = queries.due_of(source)
    if source.derived_from_id is not None:
        raise errors.InputError(
            gettext_noop("This is a local measure already; derive from its national one."),
            code="already-local",
        )
    if due_on and national and due_on > national:
        raise errors.InputError(
            gettext_noop("The local date must not be later than the national one ({national})."),
            code="later-than-national",
            field="due_on",
            national=national,
        )


def edit_measure(actor: User, measure_id: int, *, version: int, **values: Any) -> ProgrammeMeasure:
    """Change a measure in the programme: objective, indicator, product class, weight; words and date of an own one.

    The first date is kept. Words and date of a directive's measure are the directive's and stay.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``changeable``.
    """
    with transaction.atomic():
        row = record.locked(ProgrammeMeasure.objects.all(), measure_id, version=version)
        programme = changeable(actor, row.programme_id)
        if row.measure_id:
            values = {name: value for name, value in values.items() if name not in {"text", "due_on"}}
        if values.get("due_on") and row.first_due_on is None:
            values["first_due_on"] = values["due_on"]
        if "objective_id" in values:
            _objective_of(programme, values["objective_id"])
        record.changed(row, **values)
        _follow(row, values)
        record.note(
            actor,
            "programme.measure_edit",
            record.subject_of_programme(programme),
            {"measure": row.pk, "changed": sorted(values)},
        )
    return row


def _follow(row: ProgrammeMeasure, values: dict[str, Any]) -> None:
    """Let open deliveries of an own measure follow its weight; their dates move by extension only."""
    if "weight" in values:
        Delivery.objects.filter(programme_measure=row).update(weight=values["weight"])


def remove_measure(actor: User, measure_id: int) -> None:
    """Take a measure out of a programme, unless a plan serves it or it is being delivered.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``changeable``; it is in use.
    """
    with transaction.atomic():
        row = record.locked(ProgrammeMeasure.objects.all(), measure_id)
        programme = changeable(actor, row.programme_id)
        used = (
            PlanItem.objects.filter(source=row).exists()
            or Delivery.objects.filter(programme_measure=row).exists()
            or row.derived.exists()
            or row.flagships.exists()
        )
        if used:
            raise errors.Conflict(
                gettext_noop("Plans or local measures rest on this measure; it stays."), code="in-use"
            )
        row.delete()
        record.note(
            actor, "programme.measure_remove", record.subject_of_programme(programme), {"measure": measure_id}
        )


def advance(actor: User, programme_id: int, step: ProgrammeStep, *, version: int | None = None) -> Programme:
    """Take one step of a programme's life.

    Beginning makes deliveries of own measures and lets those of gathered measures count for the programme. The event
    ``programmes.advanced`` (programme_id, step) follows on commit.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``changeable``.
        TransitionNotAllowed: The life has no such step here.
        InputError: A programme without measures cannot begin.
    """
    with transaction.atomic():
        programme = managed(actor, programme_id, version=version)
        target = PROGRAMME_LIFE.transition(programme.state, step)
        if step is ProgrammeStep.BEGIN and not programme.measures.exists():
            raise errors.InputError(
                gettext_noop("A programme needs at least one measure before it begins."), code="no-measures"
            )
        record.changed(programme, state=target)
        made = 0
        if step is ProgrammeStep.BEGIN:
            made = deliveries.deliver_own_measures(programme.pk)
            deliveries.attach_to_programme(programme)
        record.note(
            actor,
            f"programme.{step.value}",
            record.subject_of_programme(programme),
            {"state": str(target), "deliveries": made},
        )
        transaction.on_commit(
            partial(events.publish, "programmes.advanced", programme_id=programme.pk, step=step.value)
        )
    return programme
