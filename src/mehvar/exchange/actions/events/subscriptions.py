"""Subscribe, pause, replay, try dead letters again; receive by pull."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from mehvar.exchange.actions import record
from mehvar.exchange.actions.events import callers
from mehvar.exchange.actions.events.bus import bus
from mehvar.exchange.actions.events.callers import Caller
from mehvar.exchange.data.events import (
    FROM_NOW,
    Claimed,
    DeadLetter,
    Delivering,
    Mode,
    Settlement,
    Start,
    SubscriptionState,
    Verdict,
)
from mehvar.exchange.models import Agreement, EventSubscription, EventTopic, Subsystem
from mehvar.exchange.queries import events as queries
from mehvar.exchange.queries import names, scope
from mehvar.exchange.rules import cloudevents, retries
from mehvar.kernel import clock, errors, identifiers
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations

PULL_LEASE_S = 120.0
MOST_AT_ONCE = 100
MOST_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """State how a subscriber wants to receive. ``types`` empty: all."""

    delivering: Delivering = Delivering.PULL
    address: str = ""
    mode: Mode = Mode.BINARY
    types: tuple[str, ...] = ()
    attempts: int = retries.ATTEMPTS


def of_subscription(row: EventSubscription) -> Subject:
    """Name a subscription as the ledger's subject."""
    return Subject("exchange-subscription", row.public_id, str(row)[:200])


def subscribe(
    caller: Caller, topic: str, *, subsystem_id: int, wish: Wish, start: Start = FROM_NOW
) -> EventSubscription:
    """Subscribe a subsystem to a topic, by a valid agreement unless the topic is public or its own.

    Raises:
        NotFound, NotPermitted: something is unknown, or no right to, or no agreement.
        InputError: an address that cannot be one, a type that is not told.
        Conflict: it is subscribed already.
    """
    row = queries.topic(topic)
    with transaction.atomic():
        subscriber = record.locked(
            Subsystem.objects.select_related("member__organisation").filter(pk=subsystem_id)
        )
        callers.demand_speaker(caller, subscriber)
        agreement = queries.open_agreement(row, subscriber)
        if queries.needs_agreement(row, subscriber) and agreement is None:
            raise errors.NotPermitted(
                "Without a valid agreement between both members nobody subscribes here.", code="no-agreement"
            )
        made = _made(row, subscriber, agreement, _checked(row, wish))
        _note(caller, made, "open")
        bus().attach(made.public_id, row.public_id, types=made.types, start=start)
    return made


def change(caller: Caller, public_id: str, *, wish: Wish, version: int | None = None) -> EventSubscription:
    """Change address, form or attempts; types stay, since they decide what was collected.

    Only who may read the events decides where they go.

    Raises:
        NotFound, NotPermitted, InputError, Conflict: as `subscribe`.
    """
    with transaction.atomic():
        row = _locked(caller, public_id, version)
        callers.demand_speaker(caller, row.subsystem)
        clean = _checked(row.topic, wish)
        clean.pop("types")
        record.changed(row, failing_since=None, last_error="", **clean)
        _note(caller, row, "change")
    return row


def pause(caller: Caller, public_id: str, *, version: int | None = None) -> EventSubscription:
    """Hold deliveries back; the place is kept."""
    return _enter(caller, public_id, SubscriptionState.PAUSED, version)


def resume(caller: Caller, public_id: str, *, version: int | None = None) -> EventSubscription:
    """Go on delivering."""
    return _enter(caller, public_id, SubscriptionState.ACTIVE, version)


def end(caller: Caller, public_id: str, *, version: int | None = None) -> EventSubscription:
    """End a subscription: what waits for it is forgotten."""
    with transaction.atomic():
        row = _enter(caller, public_id, SubscriptionState.ENDED, version)
        bus().detach(row.public_id)
    return row


def replay(
    caller: Caller, public_id: str, *, sequence: int = 0, since: datetime | None = None
) -> EventSubscription:
    """Deliver again from a number or an instant on.

    Raises:
        NotFound, NotPermitted: no such subscription, or no right to.
        InputError: neither number nor instant is given.
    """
    if not sequence and since is None:
        raise errors.InputError("Say from which number or instant on.", code="no-start", field="sequence")
    with transaction.atomic():
        row = _locked(caller, public_id)
        bus().replay(row.public_id, Start(sequence, since))
        _note(caller, row, "replay", sequence=sequence, since=since.isoformat() if since else None)
    return row


def requeue(caller: Caller, public_id: str, sequences: Sequence[int]) -> int:
    """Try dead letters again (all of them when none is named); return how many.

    Raises:
        NotFound, NotPermitted: no such subscription, or no right to.
    """
    with transaction.atomic():
        row = _locked(caller, public_id)
        chosen = [*sequences] or [letter.sequence for letter in bus().dead_letters(public_id, limit=10_000)]
        count = bus().requeue(row.public_id, chosen)
        _note(caller, row, "requeue", count=count)
    return count


def pull(caller: Caller, public_id: str, *, limit: int = 10) -> list[Claimed]:
    """Take events in hand for two minutes; what is not acknowledged by then comes again.

    Raises:
        NotFound, NotPermitted: no such subscription, no right to, or it may not receive now.
        Conflict: its events are pushed.
    """
    row = _own(caller, public_id)
    callers.demand_speaker(caller, row.subsystem)
    if row.delivering != Delivering.PULL:
        raise errors.Conflict("The events of this subscription are pushed.", code="is-pushed")
    if not queries.may_receive(row):
        raise errors.NotPermitted(
            "The subscription is paused or ended, or its agreement is not valid.", code="may-not-receive"
        )
    claimed = bus().claim(public_id, limit=max(1, min(limit, MOST_AT_ONCE)), lease_s=PULL_LEASE_S)
    spent = [one for one in claimed if one.attempt > row.attempts]
    if spent:  # handed out again and again, never acknowledged
        words = "never acknowledged"
        bus().settle(public_id, [Settlement(one.receipt, Verdict.DEAD, error=words) for one in spent])
    return [one for one in claimed if one.attempt <= row.attempts]


def acknowledge(
    caller: Caller, public_id: str, receipts: Sequence[str], *, failed: Sequence[str] = ()
) -> int:
    """Settle pulled events: done, or (``failed``) to come again; return for how many the lease still held.

    Raises:
        NotFound, NotPermitted: no such subscription, or no right to.
    """
    callers.demand_speaker(caller, _own(caller, public_id).subsystem)
    again = [
        Settlement(receipt, Verdict.RETRY, retries.FIRST_S, "refused by the receiver") for receipt in failed
    ]
    return bus().settle(public_id, [*[Settlement(receipt) for receipt in receipts], *again])


def dead_letters(caller: Caller, public_id: str, *, limit: int = 100) -> list[DeadLetter]:
    """Give what could not be delivered, oldest first; without payloads to who only oversees, and to engineers of the topic's member.

    Raises:
        NotFound: no such subscription that the caller may see.
    """
    row = _seen(caller, public_id)
    found = bus().dead_letters(public_id, limit=limit)
    if callers.reads_payloads(caller, row.subsystem):
        return found
    return [replace(one, event=cloudevents.without_payload(one.event)) for one in found]


def counts(row: EventSubscription) -> dict[str, int]:
    """Count what a subscription has before it."""
    found = bus().backlog(row.public_id)
    return {"waiting": found.waiting, "in_hand": found.in_hand, "dead": found.dead}


def _made(
    topic: EventTopic, subscriber: Subsystem, agreement: Agreement | None, clean: dict[str, object]
) -> EventSubscription:
    try:
        with transaction.atomic():
            return EventSubscription.objects.create(
                public_id=identifiers.new_public_id("sb"),
                topic=topic,
                subsystem=subscriber,
                agreement=agreement,
                created_at=clock.now(),
                **clean,
            )
    except IntegrityError:
        raise errors.Conflict(
            "The subsystem is subscribed to this topic already.", code="subscribed"
        ) from None


def _checked(topic: EventTopic, wish: Wish) -> dict[str, object]:
    told = {kind.name for kind in topic.types.all()}
    unknown = [name for name in wish.types if told and name not in told]
    if unknown:
        raise errors.InputError(
            "The topic does not tell events of the type {type}.",
            code="unknown-type",
            field="types",
            type=unknown[0][:100],
        )
    if not 1 <= wish.attempts <= MOST_ATTEMPTS:
        raise errors.InputError(
            "Between 1 and {most} attempts.", code="bad-attempts", field="attempts", most=MOST_ATTEMPTS
        )
    is_push = wish.delivering == Delivering.PUSH
    return {
        "delivering": wish.delivering, "address": _address(wish.address) if is_push else "", "mode": wish.mode,
        "types": sorted(set(wish.types)), "attempts": wish.attempts,
    }  # fmt: skip


def _address(text: str) -> str:
    address = text.strip().rstrip("/")
    try:
        url = urlsplit(address)
        is_good = url.scheme in {"https", "http"} and bool(url.hostname) and url.port != 0
    except ValueError:
        is_good = False
    if not is_good or url.query or url.fragment or url.username or not address.isascii() or " " in address:
        raise errors.InputError(
            "Write an address such as https://events.example.org/inbox, without a question mark.",
            code="bad-address",
            field="address",
        )
    return address


def _enter(
    caller: Caller, public_id: str, state: SubscriptionState, version: int | None
) -> EventSubscription:
    with transaction.atomic():
        row = _locked(caller, public_id, version)
        record.changed(row, state=state)
        _note(caller, row, state.value)
    return row


def _locked(caller: Caller, public_id: str, version: int | None = None) -> EventSubscription:
    _own(caller, public_id)
    row = record.locked(queries.subscriptions().filter(public_id=public_id), version)
    if row.state == SubscriptionState.ENDED:
        raise errors.Conflict("The subscription has ended.", code="ended")
    return row


def _own(caller: Caller, public_id: str) -> EventSubscription:
    """Give a subscription for whose subscriber the caller may arrange."""
    row = _seen(caller, public_id)
    callers.demand(caller, row.subsystem)
    return row


def _seen(caller: Caller, public_id: str) -> EventSubscription:
    """Give a subscription that the caller may see."""
    rows = queries.subscriptions()
    if isinstance(caller, Subsystem):
        rows = queries.of_machine(caller)
    elif caller is not None:
        rows = queries.visible(organisations.authority_of(caller))
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise scope.missing("subscription")
    return row


def _note(caller: Caller, row: EventSubscription, action: str, **more: object) -> None:
    content = {
        "topic": queries.topic_name(row.topic), "subscriber": names.client_name(row.subsystem),
        "agreement": row.agreement.public_id if row.agreement else None, "delivering": str(row.delivering),
        "address": row.address, "types": [*row.types], **callers.said_by(caller), **more,
    }  # fmt: skip
    record.note(callers.person(caller), f"exchange.subscription.{action}", of_subscription(row), content)
