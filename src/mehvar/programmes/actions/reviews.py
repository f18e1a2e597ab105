"""Submit a plan, take it back, remark on it, return it or accept it.

Source: S1.1 (submission, review, approval).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors, events
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import deliveries, plans, record
from mehvar.programmes.actions.calls import people_by_body
from mehvar.programmes.models import Milestone, Plan, PlanEvent, PlanItem, PlanRemark
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries.audience import names_told
from mehvar.programmes.rules.plans import LONGEST_TEXT, PLAN_LIFE, PlanStep

if TYPE_CHECKING:
    from mehvar.accounts.models import User

SUBMITTED = gettext_noop("A plan waits for your review: “{title}” of {body}.")
RETURNED = gettext_noop("Your plan “{title}” came back with remarks.")
ACCEPTED = gettext_noop("Your plan “{title}” is accepted.")


def submit_plan(actor: User, plan_id: int, *, seen_hash: str = "") -> Plan:
    """Submit a plan as it stands: its content's hash is frozen and recorded, first dates are fixed.

    ``seen_hash`` is that of the content that the person read; another one means that somebody changed it since.

    Raises:
        NotFound, Conflict: As for ``plans.editable_plan``; the content is not the one that was read.
        InputError: Something is missing without which the call takes no plan.
    """
    with transaction.atomic():
        plan = plans.editable_plan(actor, plan_id)
        items = queries.items_of(plan.pk)
        digest = queries.hash_of(plan, items)
        if seen_hash and seen_hash != digest:
            raise errors.Conflict(
                gettext_noop(
                    "Somebody changed the plan since you read it. Read it again before you submit it."
                ),
                code="plan-changed",
            )
        found = queries.quality_of(plan, items)
        if found.hindrances:
            raise errors.InputError(
                gettext_noop("{count} things are missing before the plan can be submitted."),
                code="incomplete",
                count=len(found.hindrances),
            )
        _fix_first_dates(plan)
        _move(actor, plan, PlanStep.SUBMIT, submitted_at=clock.now(), submitted_by=actor, content_hash=digest)
        late = today() > plan.call.deadline_on
        _tell_reviewers(plan)
        record.note(
            actor,
            "plan.submit",
            record.subject_of_plan(plan),
            {
                "content_hash": digest,
                "items": len(items),
                "quality": found.score,
                "covered": found.covered,
                "late": late,
            },
        )
    return plan


def _fix_first_dates(plan: Plan) -> None:
    PlanItem.objects.filter(plan=plan).update(first_due_on=Coalesce("first_due_on", "due_on"))
    Milestone.objects.filter(item__plan=plan).update(first_due_on=Coalesce("first_due_on", "due_on"))


def _move(actor: User, plan: Plan, step: PlanStep, *, note: str = "", **values: object) -> None:
    """Write the new state and the event of a step.

    Raises:
        TransitionNotAllowed: The life has no such step here.
    """
    target = PLAN_LIFE.transition(plan.state, step)
    record.changed(plan, state=str(target), **values)
    PlanEvent.objects.create(plan=plan, action=step, at=clock.now(), actor=actor, note=note)


def _tell_reviewers(plan: Plan) -> None:
    programme = plan.call.programme
    notifications.notify(
        organisations.people_with(Permission.REVIEW_PLAN, [programme.organisation_id]),
        kind="plan-submitted",
        key=f"plan-{plan.pk}-submitted-{plan.version}",
        message=SUBMITTED,
        params={"title": plan.call.title[:160], **names_told(plan.organisation)},
        path=page_of_plan(plan),
    )


def take_back(actor: User, plan_id: int) -> Plan:
    """Take a submitted plan back to change it, before it is decided on.

    Raises:
        NotFound: There is none, or not for this person.
        TransitionNotAllowed: It is not submitted.
        Conflict: The call is closed.
    """
    with transaction.atomic():
        plan = plans.filed_plan(actor, plan_id)
        if plan.call.closed_at is not None:
            raise errors.Conflict(gettext_noop("This call is closed."), code="call-closed")
        _move(actor, plan, PlanStep.TAKE_BACK)
        record.note(
            actor, "plan.take_back", record.subject_of_plan(plan), {"content_hash": plan.content_hash}
        )
    return plan


def reviewed_plan(actor: User, plan_id: int, *, version: int | None = None) -> Plan:
    """Give a plan, locked, to somebody who reviews it.

    Raises:
        NotFound: There is none.
        NotPermitted: The person may not review plans of the programme's lead body.
        Conflict: ``version`` is not the present one.
    """
    rows = Plan.objects.select_related("call__programme__organisation", "organisation")
    plan = record.locked(rows, plan_id, version=version)
    record.require(actor, Permission.REVIEW_PLAN, plan.call.programme.organisation.path)
    return plan


def add_remark(actor: User, plan_id: int, text: str, *, item_public_id: str = "") -> PlanRemark:
    """Remark on a submitted plan or one of its items.

    Raises:
        NotFound, NotPermitted: As for ``reviewed_plan``; there is no such item.
        InputError: The remark is empty.
        Conflict: The plan is not submitted.
    """
    if not text.strip():
        raise errors.InputError(gettext_noop("Write the remark."), code="empty-remark", field="text")
    with transaction.atomic():
        plan = reviewed_plan(actor, plan_id)
        _require_submitted(plan)
        item = queries.plan_of(plan, item_public_id) if item_public_id else None
        return PlanRemark.objects.create(
            plan=plan, item=item, text=text.strip()[:LONGEST_TEXT], author=actor, made_at=clock.now()
        )


def _require_submitted(plan: Plan) -> None:
    if plan.state != "submitted":
        raise errors.Conflict(gettext_noop("The plan is not before you for review."), code="not-submitted")


def settle_remark(actor: User, remark_id: int) -> PlanRemark:
    """Say, as the body that files, that a remark was followed; doing it again takes that back.

    Raises:
        NotFound: There is no such remark, or not for this person.
        Conflict: The plan cannot be changed now.
    """
    with transaction.atomic():
        remark = PlanRemark.objects.filter(pk=remark_id).first()
        if remark is None:
            raise errors.NotFound(gettext_noop("There is no such remark."), code="unknown-remark")
        plans.editable_plan(actor, remark.plan_id)
        remark.settled_at = None if remark.settled_at else clock.now()
        remark.save(update_fields=["settled_at"])
    return remark


def return_plan(actor: User, plan_id: int, *, reason: str = "", version: int | None = None) -> Plan:
    """Return a plan with remarks, so that the body improves it.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``reviewed_plan``.
        TransitionNotAllowed: It is not submitted.
        InputError: There is neither a remark nor a reason.
    """
    with transaction.atomic():
        plan = reviewed_plan(actor, plan_id, version=version)
        open_remarks = PlanRemark.objects.filter(plan=plan, settled_at=None)
        if not reason.strip() and not open_remarks.exists():
            raise errors.InputError(
                gettext_noop("Say what is to be improved: write a remark or a reason."),
                code="reason-needed",
                field="reason",
            )
        if reason.strip():
            PlanRemark.objects.create(
                plan=plan, text=reason.strip()[:LONGEST_TEXT], author=actor, made_at=clock.now()
            )
        _move(actor, plan, PlanStep.RETURN, note=reason.strip(), decided_at=clock.now())
        _tell_body(plan, RETURNED, "returned")
        record.note(
            actor,
            "plan.return",
            record.subject_of_plan(plan),
            {"content_hash": plan.content_hash, "remarks": open_remarks.count()},
            reason=reason,
        )
    return plan


def accept_plan(actor: User, plan_id: int, *, reason: str = "", version: int | None = None) -> Plan:
    """Accept a plan: it is frozen, and what it promises is delivered and reported on from now on.

    The event ``programmes.plan-accepted`` (plan_id) follows on commit.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``reviewed_plan``; somebody who filed it may not accept it.
        TransitionNotAllowed: It is not submitted.
    """
    with transaction.atomic():
        plan = reviewed_plan(actor, plan_id, version=version)
        if plan.submitted_by_id == actor.pk:
            raise errors.NotPermitted(
                gettext_noop("Who submitted a plan does not accept it."), code="own-plan"
            )
        _move(actor, plan, PlanStep.ACCEPT, note=reason.strip(), decided_at=clock.now())
        PlanRemark.objects.filter(plan=plan, settled_at=None).update(settled_at=clock.now())
        made = deliveries.deliver_plan(plan.pk)
        _tell_body(plan, ACCEPTED, "accepted")
        record.note(
            actor,
            "plan.accept",
            record.subject_of_plan(plan),
            {"content_hash": plan.content_hash, "deliveries": made},
            reason=reason,
        )
        transaction.on_commit(partial(events.publish, "programmes.plan-accepted", plan_id=plan.pk))
    return plan


def _tell_body(plan: Plan, message: str, key: str) -> None:
    notifications.notify(
        people_by_body([plan.organisation_id])[plan.organisation_id],
        kind=f"plan-{key}",
        key=f"plan-{plan.pk}-{key}-{plan.version}",
        message=message,
        params={"title": plan.call.title[:160]},
        path=page_of_plan(plan),
    )


def page_of_plan(plan: Plan) -> str:
    """Give the address of the plan's page, for notices."""
    return f"/programmes/plans/{plan.public_id}/"
