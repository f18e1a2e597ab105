"""Read who asked about a person, by the person's keyed tokens: one for each version of the key.

What a law lets be told later is counted with its class of reason and appears by itself when its time has come.
Source: exchange-and-ledger §5; issue "exchange", point 6.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings

from mehvar.exchange.models import (
    Agreement,
    CounterCode,
    DisclosureDelay,
    IndexedCall,
    Inquiry,
    SubjectLookup,
)
from mehvar.exchange.queries import names, scope
from mehvar.kernel import clock
from mehvar.kernel.errors import NotFound, gettext_noop

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from django.db.models import QuerySet

MOST_TOLD = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """Hold one question about a person, as the person is told. ``purpose``: of the agreement; ``detail``: what the officer was to do."""

    call: IndexedCall
    purpose: str
    legal_basis: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """Hold all that a person is told. ``held``: how many questions wait, by class of reason."""

    told: tuple[Told, ...]
    held: tuple[tuple[str, int], ...]
    is_cut: bool = False


def about(tokens: Collection[str]) -> About:
    """Give every question about the person behind tokens, the latest first; a repetition of an officer's question counts once."""
    asked = _calls(tokens)
    details = _details(asked)
    calls = _questions(asked, details)
    agreements = {
        one.public_id: one
        for one in Agreement.objects.filter(public_id__in={call.agreement for call in calls})
    }
    delays = _delays(agreements.values())
    now = clock.now()
    told: list[Told] = []
    held: Counter[str] = Counter()
    for call in calls:
        agreement = agreements.get(call.agreement)
        reason = _held_back(call, delays.get(agreement.pk, ()) if agreement else (), now)
        if reason:
            held[reason] += 1
        else:
            basis = agreement.legal_basis if agreement else ""
            told.append(Told(call, call.purpose, basis, details.get((call.client, call.message_id), "")))
    return About(tuple(told[:MOST_TOLD]), tuple(sorted(held.items())), len(told) > MOST_TOLD)


def told_call(tokens: Collection[str], request_id: str) -> Told:
    """Give one question that the person is told about.

    Raises:
        NotFound: there is none, or it is held back.
    """
    for one in about(tokens).told:
        if one.call.request_id == request_id:
            return one
    raise NotFound(gettext_noop("There is no such question about you."), code="unknown-call")


def lookups(tokens: Collection[str]) -> list[SubjectLookup]:
    """Give when the person's list was opened, the latest first."""
    return list(
        SubjectLookup.objects.filter(subject__in=tokens)
        .select_related("code__organisation")
        .order_by("-at")[:50]
    )


def codes(tokens: Collection[str]) -> list[CounterCode]:
    """Give the codes that counters gave for the person, the latest first."""
    return list(
        CounterCode.objects.filter(subject__in=tokens)
        .select_related("organisation")
        .order_by("-issued_at")[:50]
    )


def delays() -> QuerySet[DisclosureDelay]:
    """Give all delays by law, the latest first."""
    return DisclosureDelay.objects.select_related("agreement", "given_by").order_by("-given_at", "-pk")


def delay(public_id: str) -> DisclosureDelay:
    """Give one delay by law that has not been ended.

    Raises:
        NotFound: There is none.
    """
    found = delays().filter(public_id=public_id, ended_at=None).first()
    if found is None:
        raise scope.missing("delay")
    return found


def _calls(tokens: Collection[str]) -> list[IndexedCall]:
    """Give the calls about a person that reached a provider, the latest first."""
    rows = (
        IndexedCall.objects.filter(subject__in=tokens)
        .exclude(outcome="refused")
        .select_related(
            "gateway", "client_member__organisation", "service_row", "provider_member__organisation"
        )
        .order_by("-at", "-pk")
    )
    return list(rows.iterator(chunk_size=1_000))


def _questions(calls: Sequence[IndexedCall], details: Mapping[tuple[str, str], str]) -> list[IndexedCall]:
    """Leave out repetitions of officers' questions, all but the first.

    What others number the same counts each time: whoever asks could hide behind one number for all questions.
    """
    found: dict[tuple[str, str] | int, IndexedCall] = {}
    for call in calls:
        number = (call.client, call.message_id)
        found[number if number in details else call.pk] = call
    return sorted(found.values(), key=lambda call: (call.at, call.pk), reverse=True)


def _details(calls: Sequence[IndexedCall]) -> dict[tuple[str, str], str]:
    """Give what officers who asked were authorised to do, by client and number of the question."""
    numbers = [call.message_id for call in calls if call.message_id.startswith("mehvar-")]
    rows = Inquiry.objects.filter(message_id__in=numbers[:5_000]).select_related(
        "authorisation__subsystem__member"
    )
    return {
        (names.client_name(row.authorisation.subsystem), row.message_id): row.authorisation.purpose
        for row in rows
    }


def _delays(agreements: Iterable[Agreement]) -> dict[int, list[DisclosureDelay]]:
    found: dict[int, list[DisclosureDelay]] = defaultdict(list)
    for delay in DisclosureDelay.objects.filter(agreement__in=[one.pk for one in agreements], ended_at=None):
        found[delay.agreement_id].append(delay)
    return found


def _held_back(call: IndexedCall, stated: Iterable[DisclosureDelay], now: datetime) -> str:
    """Give the class of reason for which a question is not told yet, empty when it is."""
    day = call.at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    for delay in stated:
        if delay.valid_from <= day <= delay.valid_until and now < call.at + timedelta(days=delay.days):
            return delay.reason
    return ""
