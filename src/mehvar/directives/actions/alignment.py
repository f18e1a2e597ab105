"""Line measures up with an outside plan, such as the National Information Network (S0.7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.directives.actions import drafts
from mehvar.directives.models import AlignmentGoal, AlignmentPlan, Measure, MeasureAlignment
from mehvar.kernel.errors import InputError, NotFound, gettext_noop
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def create_plan(
    actor: User, *, title: str, language: str, owner_name: str = "", goals: Sequence[tuple[str, str]] = ()
) -> AlignmentPlan:
    """Enter an outside plan with its goals ``(code, text)``; a plan that is there gets the goals it lacks.

    Raises:
        NotPermitted: The person may not keep the register.
        InputError: The title is empty, or a goal has no code or no text.
    """
    permissions.require(organisations.authority_of(actor), Permission.MANAGE_DUTIES)
    clean = [(code.strip()[:40], text.strip()) for code, text in goals]
    if not title.strip():
        raise InputError(gettext_noop("The plan needs a title."), code="no-title", field="title")
    if any(not code or not text for code, text in clean):
        raise InputError(gettext_noop("Every goal needs a code and a text."), code="bad-goal", field="goals")
    with transaction.atomic():
        plan, _ = AlignmentPlan.objects.get_or_create(
            title=title.strip()[:300], defaults={"language": language, "owner_name": owner_name.strip()[:300]}
        )
        for code, text in clean:
            AlignmentGoal.objects.update_or_create(plan=plan, code=code, defaults={"text": text})
        ledger.record(
            actor=actor.as_actor(),
            action="outside-plan.entered",
            subject=Subject("outside-plan", str(plan.pk), plan.title[:200]),
            content={"title": plan.title, "goals": dict(clean)},
        )
    return plan


def set_alignment(
    actor: User, directive_id: int, plan_id: int, aligned: Mapping[str, Collection[int]]
) -> int:
    """Say to which goals of a plan measures contribute: by the measure's public id, the goals' keys.

    Measures that are not named keep theirs. Give how many ties changed.

    Raises:
        NotFound: A measure is not of the directive, or a goal not of the plan.
        NotPermitted, TransitionNotAllowed: As ``drafts.editing``.
    """
    with drafts.editing(actor, directive_id, "alignment-set") as edit:
        keys = _measure_keys(directive_id, aligned)
        goals = set(AlignmentGoal.objects.filter(plan_id=plan_id).values_list("pk", flat=True))
        wanted = {(keys[measure], goal) for measure, found in aligned.items() for goal in found}
        if {goal for _, goal in wanted} - goals:
            raise NotFound(gettext_noop("The plan has no such goal."), code="unknown-goal")
        rows = MeasureAlignment.objects.filter(measure_id__in=keys.values(), goal_id__in=goals)
        present = {(row.measure_id, row.goal_id): row.pk for row in rows}
        MeasureAlignment.objects.filter(
            pk__in=[pk for tie, pk in present.items() if tie not in wanted]
        ).delete()
        MeasureAlignment.objects.bulk_create(
            MeasureAlignment(measure_id=measure, goal_id=goal)
            for measure, goal in sorted(wanted - set(present))
        )
        changed = len(wanted ^ set(present))
        edit.facts = {"plan": plan_id, "aligned": {key: sorted(found) for key, found in aligned.items()}}
    return changed


def _measure_keys(directive_id: int, wanted: Collection[str]) -> dict[str, int]:
    rows = Measure.objects.filter(directive_id=directive_id, removed_at__isnull=True)
    keys = {public_id: pk for public_id, pk in rows.values_list("public_id", "pk") if public_id in wanted}
    if len(keys) != len(set(wanted)):
        raise NotFound(gettext_noop("There is no such task in this directive."), code="unknown-measure")
    return keys
