"""Forget answers in time, and show auditors what is unusual.

Source: issue "exchange", point 6.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count

from mehvar.exchange.actions import record, telling
from mehvar.exchange.data.inquiries import BatchState, InquiryState
from mehvar.exchange.models import Inquiry, InquiryBatch, InquiryFlag
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules.inquiries import is_unusual
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, gettext_noop
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

LOOKS_BACK_DAYS = 30


def forget_answers() -> int:
    """Drop questions and answers whose time is over; the fact that was asked stays, and so does its proof."""
    now = clock.now()
    InquiryBatch.objects.filter(state=BatchState.CHECKED, expires_at__lte=now).update(
        state=BatchState.EXPIRED, finished_at=now
    )
    InquiryBatch.objects.filter(
        state__in=[BatchState.DONE, BatchState.CANCELLED], expires_at__lte=now
    ).update(state=BatchState.EXPIRED)
    over = Inquiry.objects.filter(expires_at__lte=now, is_forgotten=False)
    at_work = over.exclude(batch__state=BatchState.RUNNING)
    dropped = at_work.filter(state=InquiryState.WAITING).values("pk")
    Inquiry.objects.filter(pk__in=list(dropped.values_list("pk", flat=True))).update(
        state=InquiryState.DROPPED
    )
    keys = list(at_work.values_list("pk", flat=True)[:20_000])
    forgotten: int = Inquiry.objects.filter(pk__in=keys).update(values={}, answer="", is_forgotten=True)
    return forgotten


def flag_unusual() -> int:
    """Flag officers who asked unusually much today or yesterday; each day of an officer once. Return how many are new."""
    since = today() - timedelta(days=LOOKS_BACK_DAYS)
    rows = (
        Inquiry.objects.filter(day__gte=since)
        .exclude(state=InquiryState.DROPPED)
        .values_list("authorisation__officer", "day")
        .annotate(count=Count("pk"))
    )
    days: dict[int, dict[date, int]] = defaultdict(dict)
    for officer, day, count in rows:
        days[officer][day] = count
    made = 0
    for officer, counts in days.items():
        for day in (today() - timedelta(days=1), today()):
            past = [count for other, count in counts.items() if other < day]
            if day in counts and is_unusual(counts[day], past):
                made += _flag(officer, day, counts[day], past)
    return made


def _flag(officer: int, day: date, count: int, past: list[int]) -> bool:
    usual = sum(past) / len(past) if past else 0.0
    with transaction.atomic():
        row, is_new = InquiryFlag.objects.get_or_create(
            officer_id=officer, day=day, defaults={"count": count, "usual": usual, "found_at": clock.now()}
        )
        if not is_new:
            InquiryFlag.objects.filter(pk=row.pk, settled_at=None).update(count=count)
            return False
        auditors = organisations.seats_with(Permission.AUDIT).values_list("user_id", flat=True)
        telling.tell(
            set(auditors),
            key=f"unusual:{row.pk}",
            message=gettext_noop("{name} asked {count} questions in a day, far more than usual."),
            path="/exchange/inquiries/unusual/",
            name=row.officer.name,
            count=count,
        )
        content = {"officer": officer, "day": day.isoformat(), "count": count, "usual": round(usual, 1)}
        record.note(None, "inquiry.flag", Subject("inquiry-flag", str(row.pk), row.officer.name), content)
    return True


def settle_flag(actor: User, flag_id: int, *, note: str) -> InquiryFlag:
    """Say, as an auditor, what an unusual volume was.

    Raises:
        NotPermitted: the person does not audit.
        Conflict: it is settled, or there is none.
        InputError: nothing is said.
    """
    permissions.require(organisations.authority_of(actor), Permission.AUDIT)
    if not note.strip():
        raise InputError(gettext_noop("Please write down what it was."), code="empty", field="note")
    with transaction.atomic():
        settled = InquiryFlag.objects.filter(pk=flag_id, settled_at=None).update(
            settled_at=clock.now(), settled_by=actor, note=note.strip()[:1_000]
        )
        if not settled:
            raise Conflict(gettext_noop("Somebody looked at this already."), code="settled")
        record.note(actor, "inquiry.settle-flag", Subject("inquiry-flag", str(flag_id)), {}, reason=note)
    return InquiryFlag.objects.get(pk=flag_id)
