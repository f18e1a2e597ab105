"""Ask bodies for progress over a period, close the period for good, and climb the line where nothing comes.

Source: issue "programmes", point 2; S1.6 (follow-up).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.queries import directives as directive_queries
from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors, events, identifiers
from mehvar.kernel.periods import Period
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import deliveries as delivery_actions
from mehvar.programmes.actions import making
from mehvar.programmes.data import DeliveryState
from mehvar.programmes.models import (
    Delivery,
    Programme,
    ProgressReport,
    ReportingRound,
    RoundRequest,
    StatusRecord,
)
from mehvar.programmes.queries import deliveries as delivery_queries
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.queries import working_days
from mehvar.programmes.queries.audience import names_told
from mehvar.programmes.rules.progress import ALERT_AFTER_WORKING_DAYS, GIVEN

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.programmes.rules.working_days import WorkingCalendar

BATCH = 500


def subject_of(asked: ReportingRound) -> Subject:
    """Name the round as the ledger's subject."""
    return Subject("reporting-round", asked.public_id, asked.period)


def open_round(
    actor: User,
    *,
    period: str,
    due_on: date,
    opens_on: date | None = None,
    directive_id: int | None = None,
    programme_id: int | None = None,
) -> ReportingRound:
    """Ask every body with open deliveries of a directive or programme for its progress over a period, in either calendar.

    Raises:
        InputError: Not exactly one of directive and programme, no such period, a due day before the opening, or nobody to ask.
        NotFound: There is no such directive or programme.
        NotPermitted: The person does not manage programmes of the body that asks.
        Conflict: The period was asked for already.
    """
    named = Period.parse(period).id
    opening = opens_on or today()
    if due_on < opening:
        raise errors.InputError(
            gettext_noop("Reports cannot be due before the round opens."),
            code="due-too-early",
            field="due_on",
        )
    issuer_id = _issuer_of(actor, directive_id, programme_id)
    if directive_id is not None:
        making.finish_making(directive_id)
    with transaction.atomic():
        _require_fresh(named, directive_id, programme_id)
        asked = ReportingRound.objects.create(
            public_id=identifiers.new_public_id(),
            directive_id=directive_id,
            programme_id=programme_id,
            issuer_id=issuer_id,
            period=named,
            opens_on=opening,
            due_on=due_on,
            created_at=clock.now(),
        )
        bodies = _ask(asked)
        _tell_asked(asked, bodies)
        _record(actor.as_actor(), asked, "round.open", {"bodies": len(bodies), "due": due_on.isoformat()})
        transaction.on_commit(partial(events.publish, "programmes.round-opened", public_id=asked.public_id))
    return asked


def _issuer_of(actor: User, directive_id: int | None, programme_id: int | None) -> int:
    if (directive_id is None) == (programme_id is None):
        raise errors.InputError(
            gettext_noop("Choose one directive or one programme."), code="no-subject", field="about"
        )
    authority = organisations.authority_of(actor)
    found = (
        directive_queries.visible(authority).select_related("issuer").filter(pk=directive_id).first()
        if directive_id is not None
        else Programme.objects.select_related("organisation").filter(pk=programme_id or 0).first()
    )
    if found is None:
        raise errors.NotFound(
            gettext_noop("There is no such directive or programme."), code="unknown-subject"
        )
    body = found.organisation if isinstance(found, Programme) else found.issuer
    permissions.require(authority, Permission.MANAGE_PROGRAMMES, body.path)
    return int(body.pk)


def _require_fresh(period: str, directive_id: int | None, programme_id: int | None) -> None:
    about: dict[str, Any] = (
        {"directive_id": directive_id} if directive_id is not None else {"programme_id": programme_id}
    )
    known = ReportingRound.objects.filter(period=period, **about)
    if known.exists():
        raise errors.Conflict(
            gettext_noop("Reports for {period} were asked for already."),
            code="period-asked",
            field="period",
            period=period,
        )


def _ask(asked: ReportingRound) -> list[int]:
    bodies = sorted(set(delivery_queries.open_bodies(queries.deliveries_in(asked))))
    if not bodies:
        raise errors.InputError(
            gettext_noop("No body has anything open here; there is nobody to ask."), code="nobody-to-ask"
        )
    RoundRequest.objects.bulk_create(
        [RoundRequest(round=asked, organisation_id=body) for body in bodies], batch_size=BATCH
    )
    return bodies


def _tell_asked(asked: ReportingRound, bodies: Iterable[int]) -> None:
    notifications.notify(
        reporters_of(bodies),
        kind="report-asked",
        key=f"round-{asked.public_id}-asked",
        message=gettext_noop("Report your progress for {period} by {due}."),
        params={"period": asked.period, "due": asked.due_on.isoformat()},
        path=f"/programmes/rounds/{asked.public_id}/",
    )


def reporters_of(bodies: Iterable[int]) -> set[int]:
    """Give the people who report for bodies, or for those that came after them."""
    wanted = set(bodies)
    after = organisations.heirs_on(today())
    everyone = wanted.union(*(after.get(body, frozenset()) for body in wanted))
    return organisations.people_with(Permission.REPORT_PROGRESS, everyone)


def extend_round(
    actor: User, round_id: int, *, due_on: date, version: int, reason: str = ""
) -> ReportingRound:
    """Give all bodies more time; who had been reminded is reminded anew after the new day.

    Raises:
        NotPermitted, NotFound, Conflict: As for ``close_round``.
        InputError: The day is not later than the present one.
    """
    with transaction.atomic():
        asked = _locked(actor, round_id, version)
        if due_on <= asked.due_on:
            raise errors.InputError(
                gettext_noop("The new day must be later than the present one."),
                code="due-too-early",
                field="due_on",
            )
        before = asked.due_on
        asked.due_on, asked.version = due_on, asked.version + 1
        asked.save(update_fields=["due_on", "version"])
        asked.requests.filter(submitted_at=None).update(alerted_at=None, climbed_at=None, climbs=0)
        _record(
            actor.as_actor(),
            asked,
            "round.extend",
            {"from": before.isoformat(), "to": due_on.isoformat()},
            reason=reason,
        )
    return asked


def close_round(actor: User, round_id: int, *, version: int) -> int:
    """Close the period: no report changes any more, each delivery's status is written down once, silence turns grey.

    Gives the number of status records written.

    Raises:
        NotFound: There is no such round.
        NotPermitted: The person does not manage programmes of the body that asks.
        Conflict: Somebody changed the round meanwhile, or it is closed.
    """
    with transaction.atomic():
        asked = _locked(actor, round_id, version)
        asked.closed_at, asked.version = clock.now(), asked.version + 1
        asked.save(update_fields=["closed_at", "version"])
        given = set(asked.reports.filter(state__in=GIVEN).values_list("delivery_id", flat=True))
        rows = list(queries.deliveries_in(asked).exclude(state=DeliveryState.DISCONTINUED))
        _fall_silent([row for row in rows if row.state == DeliveryState.OPEN], given)
        written = _write_down(asked, rows)
        silent = sum(1 for row in rows if row.state == DeliveryState.OPEN and row.pk not in given)
        _record(actor.as_actor(), asked, "round.close", {"reports": len(given), "silent": silent})
        transaction.on_commit(partial(events.publish, "programmes.round-closed", public_id=asked.public_id))
    return written


def _fall_silent(rows: Sequence[Delivery], given: set[int]) -> None:
    changed = [row for row in rows if row.silent != (row.pk not in given)]
    for row in changed:
        row.silent = row.pk not in given
    delivery_actions.store(changed)


def _write_down(asked: ReportingRound, rows: Sequence[Delivery]) -> int:
    """Write one status for each delivery and the period; what was written before stays as it is."""
    now, day = clock.now(), today()
    known = StatusRecord.objects.filter(period=asked.period, delivery__in=queries.deliveries_in(asked))
    done = set(known.values_list("delivery_id", flat=True))
    records = [
        StatusRecord(
            delivery=row,
            period=asked.period,
            cell=str(delivery_queries.cell_of_delivery(row, day) or ""),
            expected=delivery_queries.expected_of(row, day),
            claimed=row.claimed,
            accepted=row.accepted,
            approved=row.approved,
            computed=delivery_queries.rating_of(row, day),
            confidence=row.confidence,
            recorded_at=now,
        )
        for row in rows
        if row.pk not in done
    ]
    StatusRecord.objects.bulk_create(records, batch_size=BATCH)
    return len(records)


def _locked(actor: User, round_id: int, version: int) -> ReportingRound:
    found = (
        ReportingRound.objects.select_for_update(of=("self",))
        .select_related("issuer")
        .filter(pk=round_id)
        .first()
    )
    if found is None:
        raise errors.NotFound(gettext_noop("There is no such reporting round."), code="unknown-round")
    permissions.require(organisations.authority_of(actor), Permission.MANAGE_PROGRAMMES, found.issuer.path)
    if found.version != version:
        raise errors.Conflict(
            gettext_noop("Somebody changed the round in the meantime. Look at the new state and try again."),
            code="stale-round",
        )
    if found.closed_at is not None:
        raise errors.Conflict(gettext_noop("This period is closed already."), code="period-closed")
    return found


def _record(
    actor: Actor, asked: ReportingRound, action: str, content: dict[str, str | int], *, reason: str = ""
) -> None:
    ledger.record(
        actor=actor,
        action=action,
        subject=subject_of(asked),
        content={"period": asked.period, **content},
        reason=reason.strip(),
    )


def settle_request(asked: ReportingRound, organisation_id: int) -> None:
    """Note that a body has reported on everything it was asked about, or no longer has; in the caller's transaction."""
    given = ProgressReport.objects.filter(round=asked, delivery=OuterRef("pk"), state__in=GIVEN)
    lacking = (
        queries.deliveries_in(asked)
        .filter(organisation_id=organisation_id, state=DeliveryState.OPEN)
        .filter(~Exists(given))
        .exists()
    )
    rows = RoundRequest.objects.filter(round=asked, organisation_id=organisation_id)
    if lacking:
        rows.update(submitted_at=None)
    else:
        rows.filter(submitted_at=None).update(submitted_at=clock.now())


def chase_missing_reports(day: date | None = None) -> int:
    """Alert the officers of bodies whose report is late, then climb the line one step after every two working days.

    Safe to run at any time, by several processes at once; gives how many bodies were alerted or climbed for.
    """
    on = day or today()
    late = RoundRequest.objects.filter(submitted_at=None, round__closed_at=None, round__due_on__lt=on)
    last_step = Coalesce("climbed_at", "alerted_at")
    ripe = clock.now() - timedelta(days=ALERT_AFTER_WORKING_DAYS - 1)
    late = late.annotate(last_step=last_step).filter(Q(last_step=None) | Q(last_step__lte=ripe))
    calendar_of = cache(working_days.calendar_for)  # one reading for each country in a run
    return sum(_chase(key, on, calendar_of) for key in list(late.order_by("pk").values_list("pk", flat=True)))


def _chase(request_id: int, day: date, calendar_of: Callable[[str], WorkingCalendar]) -> int:
    with transaction.atomic():
        row = (
            RoundRequest.objects.select_for_update(of=("self",))
            .select_related("round__issuer", "organisation")
            .filter(pk=request_id, submitted_at=None)
            .first()
        )
        if row is None:
            return 0
        if row.alerted_at is None:
            return _alert(row)
        last = timezone.localdate(row.climbed_at or row.alerted_at, timezone.get_default_timezone())
        calendar = calendar_of(row.organisation.pack)
        if calendar.add_working_days(last, ALERT_AFTER_WORKING_DAYS) > day:
            return 0
        return _climb(row)


def _alert(row: RoundRequest) -> int:
    row.alerted_at = clock.now()
    row.save(update_fields=["alerted_at"])
    _tell_late(row, reporters_of([row.organisation_id]), step=0)
    return 1


def _climb(row: RoundRequest) -> int:
    """Tell the people of the next body above that has any; the body that asks is the last."""
    line = _line_of(row)
    for step in range(row.climbs, len(line)):
        people = organisations.people_with(Permission.VIEW_PROGRESS, [line[step]])
        if people:
            RoundRequest.objects.filter(pk=row.pk).update(climbs=step + 1, climbed_at=clock.now())
            _tell_late(row, people, step=step + 1)
            return 1
    RoundRequest.objects.filter(pk=row.pk).update(
        climbed_at=clock.now()
    )  # the top is reached; look again later
    return 0


def _line_of(row: RoundRequest) -> list[int]:
    """Give the bodies above, nearest first, up to the one that asks."""
    above = [body.pk for body in reversed(organisations.line_above(row.organisation.path))]
    issuer = row.round.issuer_id
    if issuer in above:
        return above[: above.index(issuer) + 1]
    return [*above[:1], issuer]


def _tell_late(row: RoundRequest, people: Iterable[int], *, step: int) -> None:
    if not people:
        return
    notifications.notify(
        people,
        kind="report-late",
        key=f"round-{row.round.public_id}-{row.organisation_id}-{row.round.due_on.isoformat()}-{step}",
        message=gettext_noop("The report of {body} for {period} is late (due {due})."),
        params={
            **names_told(row.organisation),
            "period": row.round.period,
            "due": row.round.due_on.isoformat(),
        },
        path=f"/programmes/rounds/{row.round.public_id}/",
    )
    _record(
        Actor.system("reminders"), row.round, "round.chase", {"body": row.organisation.code, "step": step}
    )
