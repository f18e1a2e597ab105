"""Let obstacles climb when their clock runs out, and remind on the last day; run once a minute, safe at any time.

Each obstacle is worked on under its own lock and judged anew, so that two processes never climb twice; whatever passed while nothing
ran is caught up level by level, with the days on which it would have happened.
Source: issue "Programmes", point 3 (three working days per level: body → provincial committee → deputy → council, with a full trail).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from mehvar.directives.queries.days import today
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor
from mehvar.programmes.actions import holders, obstacles
from mehvar.programmes.actions.record import changed
from mehvar.programmes.data import Level, ObstacleState, ObstacleStep
from mehvar.programmes.models import Obstacle
from mehvar.programmes.queries import obstacles as queries
from mehvar.programmes.queries.working_days import calendar_for, calendar_of
from mehvar.programmes.rules import escalation as rules
from mehvar.programmes.rules.escalation import Climb
from mehvar.programmes.rules.working_days import LONGEST_REST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mehvar.organisations.models import Committee
    from mehvar.programmes.rules.working_days import WorkingCalendar

CLOCK = Actor.system("clock")
AT_ONCE = 500


def escalate_due_obstacles(day: date | None = None) -> int:
    """Let every obstacle climb whose clock ended before a day (today); return how many climbed.

    A remedy that was promised to the council and did not come is open before the council again.
    """
    on = day or today()
    due = Obstacle.objects.filter(state__in=rules.RUNNING, level_due_on__lt=on)
    due = due.exclude(level=Level.COUNCIL, state=ObstacleState.OPEN).order_by("level_due_on", "pk")
    return sum(_escalate(public_id, on) for public_id in due.values_list("public_id", flat=True)[:AT_ONCE])


def remind_holders(day: date | None = None) -> int:
    """Remind who has an obstacle on the last working day before its clock ends, once; return how many were reminded of."""
    on = day or today()
    not_yet = Q(reminded_for__isnull=True) | ~Q(reminded_for=F("level_due_on"))
    horizon = on + timedelta(days=LONGEST_REST)
    near = Obstacle.objects.filter(not_yet, state__in=rules.RUNNING, level_due_on__range=(on, horizon))
    rows = near.order_by("level_due_on", "pk").values_list("public_id", "level_due_on", "level_holder__pack")
    calendars: dict[str, WorkingCalendar] = {}
    due = [
        public_id
        for public_id, due_on, country in rows[:AT_ONCE]
        if rules.reminder_due(due_on, on, _calendar(calendars, country))
    ]
    return sum(_remind(public_id, on) for public_id in due)


def _calendar(known: dict[str, WorkingCalendar], country: str) -> WorkingCalendar:
    if country not in known:
        known[country] = calendar_for(country)
    return known[country]


def _escalate(public_id: str, day: date) -> bool:
    """Climb as many levels as ran out; False where somebody else did it or it changed in the meantime."""
    with transaction.atomic():
        row = obstacles.locked(public_id)
        if row.state not in rules.RUNNING or row.level_due_on >= day:
            return False
        committee = row.committee or queries.committee_of(row.province)
        due = _due(row, day, has_committee=committee is not None)
        if due:
            _climb_all(row, due, committee)
    return bool(due)


def _due(row: Obstacle, day: date, *, has_committee: bool) -> tuple[Climb, ...]:
    calendar = calendar_of(row.level_holder)
    due = rules.climbs_due(row.level, row.level_due_on, day, calendar, has_committee=has_committee)
    if not due and row.state == ObstacleState.IN_REMEDY:
        since = row.level_due_on + timedelta(days=1)
        return (Climb(Level.COUNCIL, since, rules.due_after(row.level_due_on, calendar)),)
    return due


def _climb_all(row: Obstacle, due: Sequence[Climb], committee: Committee | None) -> None:
    levels = [row.level]
    for one in due:
        _climb(row, one, committee)
        levels.append(one.level)
    holders.tell_holders(row)
    ledger.record(
        actor=CLOCK,
        action="obstacle.climb",
        subject=obstacles.subject_of(row),
        content={
            "levels": [str(level) for level in levels],
            "since": [one.since.isoformat() for one in due],
            "holder": row.level_holder.code,
            "level_due_on": row.level_due_on.isoformat(),
        },
    )


def _climb(row: Obstacle, one: Climb, committee: Committee | None) -> None:
    changed(
        row,
        level=one.level,
        highest_level=rules.higher(one.level, row.highest_level),
        level_holder=holders.holder_at(row, one.level, committee),
        committee=committee if one.level is Level.COMMITTEE else row.committee,
        level_since=datetime.combine(one.since, time.min, ZoneInfo(settings.TIME_ZONE)),
        level_due_on=one.due_on,
        state=ObstacleState.OPEN,
    )
    obstacles.enter(row, ObstacleStep.CLIMB, actor=None, effective_on=one.since)


def _remind(public_id: str, day: date) -> bool:
    with transaction.atomic():
        row = obstacles.locked(public_id)
        is_due = (
            row.state in rules.RUNNING
            and row.reminded_for != row.level_due_on
            and rules.reminder_due(row.level_due_on, day, calendar_of(row.level_holder))
        )
        if is_due:
            Obstacle.objects.filter(pk=row.pk).update(reminded_for=row.level_due_on)
            holders.tell_last_day(row)
    return is_due
