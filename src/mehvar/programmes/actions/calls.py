"""Call bodies to file their operational plans, give them more time, remind the silent, and close the call.

Source: S1.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors, identifiers
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import record
from mehvar.programmes.data import ProgrammeState
from mehvar.programmes.models import Plan, PlanCall, Programme
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.rules import plans as rules
from mehvar.programmes.rules.quality import NEEDED

if TYPE_CHECKING:
    from mehvar.accounts.models import User

CALLED = gettext_noop("Your body is called to file a plan: “{title}”, until {deadline}.")
EXTENDED = gettext_noop("The time for the plan “{title}” is extended until {deadline}.")
REMINDED = gettext_noop("The plan “{title}” is still awaited; the deadline is {deadline}.")
SILENT = gettext_noop("{count} bodies have not filed their plan “{title}” after the deadline.")

DAYS_BEFORE = (7, 2)
"""How many days before the deadline the silent are reminded by themselves."""
DAYS_UNTIL_CLIMB = 2
"""How many days after the deadline the officers who called are told of the silent."""


def open_call(
    actor: User,
    programme_id: int,
    *,
    title: str,
    deadline_on: date,
    organisation_ids: Iterable[int],
    guidance: str = "",
    required: Iterable[str] = (),
    currency: str = "",
    prefill: bool = True,
    measure_ids: Iterable[int] = (),
) -> PlanCall:
    """Call bodies to file a plan until a deadline; each body's plan exists from now on, so that silence is visible.

    The template: ``required`` (checks without which no plan can be submitted, of ``rules.quality.NEEDED``), the usual
    ``currency`` (ISO 4217), ``prefill`` (a plan begins with one item for each measure) and ``measure_ids`` (none: all).

    Raises:
        NotFound: There is no such programme.
        NotPermitted: The person may not call in the name of its lead body.
        Conflict: The programme is not running.
        InputError: Nobody is called, the title is missing, or the deadline has passed.
    """
    bodies = list(dict.fromkeys(organisation_ids))
    _check(title, bodies, deadline_on)
    with transaction.atomic():
        programme = record.locked(Programme.objects.select_related("organisation"), programme_id)
        record.require(actor, Permission.CALL_FOR_PLANS, programme.organisation.path)
        if programme.state != ProgrammeState.ACTIVE:
            raise errors.Conflict(
                gettext_noop("Plans can be called for only while the programme runs."), code="not-running"
            )
        call = PlanCall.objects.create(
            public_id=identifiers.new_public_id(),
            programme=programme,
            title=title.strip()[: rules.LONGEST_LINE],
            guidance=guidance.strip(),
            template=_template(required, currency, prefill, measure_ids),
            deadline_on=deadline_on,
            first_deadline_on=deadline_on,
            opened_at=clock.now(),
            opened_by=actor,
        )
        codes = _ask(call, bodies)
        record.note(
            actor,
            "plan-call.open",
            record.subject_of_call(call),
            {
                "programme": programme.public_id,
                "deadline": deadline_on.isoformat(),
                "bodies": codes,
                **call.template,
            },
        )
    return call


def _check(title: str, bodies: list[int], deadline_on: date) -> None:
    if not title.strip():
        raise errors.InputError(gettext_noop("Give it a title."), code="no-title", field="title")
    if not bodies:
        raise errors.InputError(gettext_noop("Choose whom to ask."), code="nobody-called", field="audience")
    rules.check_deadline(deadline_on, today=today())


def _template(
    required: Iterable[str],
    currency: str,
    prefill: bool,  # noqa: FBT001 - one value of the template
    measure_ids: Iterable[int],
) -> dict[str, Any]:
    known = {check.value for check in NEEDED}
    return {
        "required": sorted(set(required) & known),
        "currency": currency.strip().upper()[:3],
        "prefill": prefill,
        "measures": sorted(set(measure_ids)),
    }


def _ask(call: PlanCall, bodies: list[int]) -> list[str]:
    """Make the plan of each body and tell its people; give the bodies' codes."""
    Plan.objects.bulk_create(
        Plan(public_id=identifiers.new_public_id(), call=call, organisation_id=body) for body in bodies
    )
    _tell(call, bodies, CALLED, "called")
    rows = organisations.search("").filter(pk__in=bodies)
    return sorted(rows.order_by().values_list("code", flat=True))


def call_further(actor: User, call_id: int, organisation_ids: Iterable[int]) -> int:
    """Ask further bodies in an open call; give how many are new.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``open_locked``.
    """
    with transaction.atomic():
        call = open_locked(actor, call_id)
        known = queries.bodies_called(call.pk)
        fresh = [body for body in dict.fromkeys(organisation_ids) if body not in known]
        if fresh:
            codes = _ask(call, fresh)
            record.note(actor, "plan-call.further", record.subject_of_call(call), {"bodies": codes})
    return len(fresh)


def open_locked(actor: User, call_id: int, *, version: int | None = None) -> PlanCall:
    """Give an open call, locked, to somebody who runs it.

    Raises:
        NotFound: There is no such call.
        NotPermitted: The person may not call in the name of the programme's lead body.
        Conflict: It is closed, or ``version`` is not the present one.
    """
    rows = PlanCall.objects.select_related("programme__organisation")
    call = record.locked(rows, call_id, version=version)
    record.require(actor, Permission.CALL_FOR_PLANS, call.programme.organisation.path)
    if call.closed_at is not None:
        raise errors.Conflict(gettext_noop("This call is closed."), code="call-closed")
    return call


def extend_call(
    actor: User, call_id: int, *, deadline_on: date, reason: str = "", version: int | None = None
) -> PlanCall:
    """Give all called bodies more time; the first deadline stays on record.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``open_locked``.
        InputError: The new deadline is not later.
    """
    with transaction.atomic():
        call = open_locked(actor, call_id, version=version)
        before = call.deadline_on
        rules.check_extension(deadline_on, present=before, today=today())
        record.changed(call, deadline_on=deadline_on)
        _tell(call, queries.bodies_called(call.pk), EXTENDED, f"extended-{deadline_on.isoformat()}")
        record.note(
            actor,
            "plan-call.extend",
            record.subject_of_call(call),
            {
                "from": before.isoformat(),
                "to": deadline_on.isoformat(),
                "first": call.first_deadline_on.isoformat(),
            },
            reason=reason,
        )
    return call


def close_call(actor: User, call_id: int, *, reason: str = "", version: int | None = None) -> PlanCall:
    """Close a call: what is not submitted stays as it is and cannot be changed any more.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``open_locked``.
        InputError: Bodies still have time and no reason is given.
    """
    with transaction.atomic():
        call = open_locked(actor, call_id, version=version)
        silent = queries.silent_plans(call).count()
        if silent and today() <= call.deadline_on and not reason.strip():
            raise errors.InputError(
                gettext_noop(
                    "{count} bodies still have time. Give a reason for closing before the deadline."
                ),
                code="reason-needed",
                field="reason",
                count=silent,
            )
        record.changed(call, closed_at=clock.now())
        record.note(
            actor, "plan-call.close", record.subject_of_call(call), {"not_submitted": silent}, reason=reason
        )
    return call


def remind(actor: User, call_id: int) -> int:
    """Remind every body that has not submitted, once a day; give how many people were told.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``open_locked``.
    """
    with transaction.atomic():
        call = open_locked(actor, call_id)
        told = _remind(call, f"by-hand-{today().isoformat()}")
        if told:
            record.note(actor, "plan-call.remind", record.subject_of_call(call), {"told": told})
    return told


def send_plan_reminders(day: date | None = None) -> int:
    """Remind the silent of every open call near its deadline, and tell those who called after it; once per step.

    Safe to run at any time, by several processes: who had a step's notice never gets it again. Gives how many people were told.
    """
    on = day or today()
    told = 0
    for call in queries.calls_due(on + timedelta(days=max(DAYS_BEFORE))):
        with transaction.atomic():
            count = _remind(call, _step(call, on)) + _climb(call, on)
            if count:
                record.note(None, "plan-call.remind", record.subject_of_call(call), {"told": count})
        told += count
    return told


def _step(call: PlanCall, on: date) -> str:
    left = (call.deadline_on - on).days
    if left < 0:
        return f"late-{call.deadline_on.isoformat()}"
    passed = [days for days in DAYS_BEFORE if left <= days]
    return f"before-{min(passed)}-{call.deadline_on.isoformat()}"


def _remind(call: PlanCall, step: str) -> int:
    silent = queries.silent_plans(call).values_list("organisation_id", flat=True)
    return _tell(call, silent, REMINDED, step)


def _climb(call: PlanCall, on: date) -> int:
    if (on - call.deadline_on).days < DAYS_UNTIL_CLIMB:
        return 0
    silent = queries.silent_plans(call).count()
    if not silent:
        return 0
    return notifications.notify(
        organisations.people_with(Permission.CALL_FOR_PLANS, [call.programme.organisation_id]),
        kind="plan-silence",
        key=f"plan-call-{call.pk}-silence-{call.deadline_on.isoformat()}",
        message=SILENT,
        params={"title": call.title[:160], "count": silent},
        path=page_of_call(call),
    )


def _tell(call: PlanCall, organisation_ids: Iterable[int], message: str, key: str) -> int:
    """Notify those who file plans for the bodies, each about the own plan; a key reaches a person once."""
    bodies = list(organisation_ids)
    pages = dict(
        Plan.objects.filter(call=call, organisation_id__in=bodies).values_list("organisation_id", "public_id")
    )
    people = people_by_body(bodies)
    return sum(
        notifications.notify(
            people.get(body, ()),
            kind="plan-call",
            key=f"plan-call-{call.pk}-{body}-{key}",
            message=message,
            params={"title": call.title[:160], "deadline": call.deadline_on.isoformat()},
            path=f"/programmes/plans/{pages[body]}/",
        )
        for body in bodies
        if people.get(body)
    )


def people_by_body(organisation_ids: Iterable[int]) -> Mapping[int, set[int]]:
    """Give who files plans, by body; where a body was succeeded, who files for its successor; two queries."""
    bodies = set(organisation_ids)
    after = organisations.heirs_on(today())
    answering = {body: {body, *after.get(body, frozenset())} for body in bodies}
    seats = organisations.seats_with(Permission.FILE_PLAN, on=today())
    held: dict[int, set[int]] = {}
    for user, body in seats.filter(
        organisation_id__in=set().union(*answering.values()) if answering else ()
    ).values_list("user_id", "organisation_id"):
        held.setdefault(body, set()).add(user)
    return {body: set().union(*(held.get(one, set()) for one in ones)) for body, ones in answering.items()}


def page_of_call(call: PlanCall) -> str:
    """Give the address of the call's page, for notices."""
    return f"/programmes/calls/{call.public_id}/"
