"""Keep events in the database: numbered under the topic's lock, handed out under the subscription's.

Numbers have no gaps and become visible in order, because they are given under a lock that lasts until the commit: whoever reads up to a number has
seen everything below it. Each subscription has a row per event, made in the publisher's transaction. Claims of one
subscription take turns, so two deliverers never hold the same event nor overtake within a key; a lease that runs out
makes the event claimable again (``due_at`` is when).
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from mehvar.exchange.data.events import (
    FROM_NOW,
    Accepted,
    Backlog,
    Claimed,
    DeadLetter,
    Event,
    EventDeliveryState,
    Settlement,
    Standing,
    Start,
    Stored,
    Verdict,
)
from mehvar.exchange.models import EventCursor, EventDelivery, EventLog, StoredEvent
from mehvar.exchange.rules import cloudevents
from mehvar.kernel import clock

BATCH = 500
FORGET_AT_ONCE = 2_000
MAX_ERROR = 300
KEY_BYTES = 16


class TableBus:
    """Implement `mehvar.exchange.data.events.Bus` over tables; safe on SQLite and PostgreSQL, by any number of processes."""

    def append(self, topic: str, events: Sequence[Event]) -> list[Accepted]:
        """Number and keep what is new, and make its deliveries, in one transaction."""
        identities = [_identity(event) for event in events]
        with transaction.atomic():
            log = _locked_log(topic)
            known = dict(
                StoredEvent.objects.filter(log=log, identity__in=identities).values_list(
                    "identity", "sequence"
                )
            )
            accepted, fresh = _numbered(log, events, identities, known)
            if fresh:
                log.last_sequence = fresh[-1].sequence
                log.save(update_fields=["last_sequence"])
                _deliver_to_all(log, StoredEvent.objects.bulk_create(fresh, batch_size=BATCH))
        return accepted

    def find(self, topic: str, sequence: int) -> Stored | None:
        """Return one kept event."""
        row = StoredEvent.objects.filter(log__topic=topic, sequence=sequence).first()
        if row is None:
            return None
        return Stored(cloudevents.from_json(row.content), row.sequence, row.accepted_at)

    def attach(
        self, subscription: str, topic: str, *, types: Sequence[str] = (), start: Start = FROM_NOW
    ) -> None:
        """Begin to collect; attaching again changes nothing."""
        with transaction.atomic():
            log = _locked_log(topic)
            cursor, is_new = EventCursor.objects.get_or_create(
                subscription=subscription, defaults={"log": log, "types": [*types]}
            )
            if is_new and (start.sequence or start.since):
                _deliver(cursor, [*_from(log, start)])

    def detach(self, subscription: str) -> None:
        """Stop collecting and forget what waits."""
        EventCursor.objects.filter(subscription=subscription).delete()

    def claim(self, subscription: str, *, limit: int, lease_s: float) -> list[Claimed]:
        """Take events in hand, earliest first; of one key only a run with nothing open before it."""
        if not self._is_due(subscription):
            return []
        with transaction.atomic():
            cursor = EventCursor.objects.select_for_update().filter(subscription=subscription).first()
            if cursor is None:
                return []
            now, lease = clock.now(), secrets.token_hex(16)
            open_ = EventDelivery.objects.filter(cursor=cursor, open_sequence__isnull=False)
            before = EventDelivery.objects.filter(
                cursor=cursor,
                key_digest=OuterRef("key_digest"),
                due_at__gt=now,
                open_sequence__lt=OuterRef("open_sequence"),
            )
            rows = [
                *open_.filter(due_at__lte=now)
                .filter(Q(key_digest="") | ~Exists(before))
                .select_related("event")
                .order_by("open_sequence")[:limit]
            ]
            EventDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(
                state=EventDeliveryState.IN_HAND,
                lease=lease,
                attempts=F("attempts") + 1,
                due_at=now + timedelta(seconds=lease_s),
            )
        return [
            Claimed(
                f"{row.pk}.{lease}", cloudevents.from_json(row.event.content), row.sequence, row.attempts + 1
            )
            for row in rows
        ]

    def _is_due(self, subscription: str) -> bool:
        """Tell whether it is worth taking the lock."""
        rows = EventDelivery.objects.filter(cursor__subscription=subscription, open_sequence__isnull=False)
        return rows.filter(due_at__lte=clock.now()).exists()

    def settle(self, subscription: str, settlements: Sequence[Settlement]) -> int:
        """Settle; what another deliverer has taken over in the meantime is left to it."""
        done: dict[str, list[int]] = defaultdict(list)
        held = 0
        with transaction.atomic():
            for one in settlements:
                key, lease = _receipt(one.receipt)
                if one.verdict is Verdict.DONE:
                    done[lease].append(key)
                else:
                    held += _in_hand(subscription, [key], lease).update(**_outcome(one))
            for lease, keys in done.items():
                held += _in_hand(subscription, keys, lease).update(
                    state=EventDeliveryState.DONE,
                    open_sequence=None,
                    lease="",
                    error="",
                    settled_at=clock.now(),
                )
        return held

    def replay(self, subscription: str, start: Start) -> None:
        """Deliver again from a number or an instant on; attempts count anew."""
        with transaction.atomic():
            cursor = EventCursor.objects.select_for_update().get(subscription=subscription)
            log = _locked_log(EventLog.objects.get(pk=cursor.log_id).topic)
            again = [*_from(log, start)]
            EventDelivery.objects.filter(cursor=cursor, event__in=[event.pk for event in again]).delete()
            _deliver(cursor, again)

    def dead_letters(self, subscription: str, *, limit: int = 100) -> list[DeadLetter]:
        """Return what could not be delivered, oldest first."""
        rows = EventDelivery.objects.filter(cursor__subscription=subscription, state=EventDeliveryState.DEAD)
        return [
            DeadLetter(
                row.sequence, cloudevents.from_json(row.event.content), row.attempts, row.error,
                row.settled_at or row.due_at,
            )
            for row in rows.select_related("event").order_by("sequence")[:limit]
        ]  # fmt: skip

    def requeue(self, subscription: str, sequences: Sequence[int]) -> int:
        """Try dead letters again."""
        rows = EventDelivery.objects.filter(
            cursor__subscription=subscription, state=EventDeliveryState.DEAD, sequence__in=[*sequences]
        )
        return rows.update(
            state=EventDeliveryState.WAITING,
            open_sequence=F("sequence"),
            attempts=0,
            due_at=clock.now(),
            settled_at=None,
            error="",
        )

    def standings(self, topic: str, sequence: int) -> list[Standing]:
        """Return how the deliveries of one event stand."""
        rows = EventDelivery.objects.filter(event__log__topic=topic, sequence=sequence).select_related(
            "cursor"
        )
        return [
            Standing(row.cursor.subscription, EventDeliveryState(row.state), row.attempts, row.error)
            for row in rows.order_by("cursor__subscription")
        ]

    def backlog(self, subscription: str) -> Backlog:
        """Count what waits."""
        counted = dict(
            EventDelivery.objects.filter(cursor__subscription=subscription)
            .exclude(state=EventDeliveryState.DONE)
            .values_list("state")
            .annotate(count=Count("pk"))
        )
        return Backlog(
            counted.get(EventDeliveryState.WAITING, 0),
            counted.get(EventDeliveryState.IN_HAND, 0),
            counted.get(EventDeliveryState.DEAD, 0),
        )

    def forget(self, topic: str, before: datetime) -> int:
        """Forget old events for which no delivery is open, a few thousand at a time."""
        waiting = EventDelivery.objects.filter(event=OuterRef("pk"), open_sequence__isnull=False)
        old = StoredEvent.objects.filter(~Exists(waiting), log__topic=topic, accepted_at__lt=before)
        keys = [*old.order_by("sequence").values_list("pk", flat=True)[:FORGET_AT_ONCE]]
        StoredEvent.objects.filter(pk__in=keys).delete()
        return len(keys)


def _locked_log(topic: str) -> EventLog:
    EventLog.objects.get_or_create(topic=topic)
    return EventLog.objects.select_for_update().get(topic=topic)


def _identity(event: Event) -> str:
    return hashlib.sha256(f"{event.source}\n{event.id}".encode()).hexdigest()


def _key_digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[: 2 * KEY_BYTES] if key else ""


def _numbered(
    log: EventLog, events: Sequence[Event], identities: Sequence[str], known: dict[str, int]
) -> tuple[list[Accepted], list[StoredEvent]]:
    accepted: list[Accepted] = []
    fresh: list[StoredEvent] = []
    now = clock.now()
    for event, identity in zip(events, identities, strict=True):
        is_new = identity not in known
        if is_new:
            known[identity] = log.last_sequence + len(fresh) + 1
            fresh.append(
                StoredEvent(
                    log=log, sequence=known[identity], source=event.source, event_id=event.id, identity=identity,
                    type=event.type, key=event.key, content=cloudevents.to_json(event).decode(), accepted_at=now,
                )
            )  # fmt: skip
        accepted.append(Accepted(known[identity], is_new))
    return accepted, fresh


def _deliver_to_all(log: EventLog, events: list[StoredEvent]) -> None:
    for cursor in EventCursor.objects.filter(log=log):
        _deliver(cursor, events)


def _deliver(cursor: EventCursor, events: Sequence[StoredEvent]) -> None:
    wanted = set(cursor.types)
    EventDelivery.objects.bulk_create(
        [
            EventDelivery(
                cursor=cursor, event=event, sequence=event.sequence, open_sequence=event.sequence, key_digest=_key_digest(event.key),
                due_at=clock.now(),
            )
            for event in events
            if not wanted or event.type in wanted
        ],
        batch_size=BATCH,
    )  # fmt: skip


def _from(log: EventLog, start: Start) -> Sequence[StoredEvent]:
    rows = StoredEvent.objects.filter(log=log, sequence__gte=start.sequence).order_by("sequence")
    return rows.filter(accepted_at__gte=start.since) if start.since else rows  # type: ignore[return-value]


def _receipt(text: str) -> tuple[int, str]:
    key, _, lease = text.partition(".")
    return (int(key), lease) if key.isdecimal() and len(key) < 19 and lease else (0, "")  # noqa: PLR2004 - 63 bits


def _in_hand(subscription: str, keys: Sequence[int], lease: str) -> QuerySet[EventDelivery]:
    return EventDelivery.objects.filter(
        cursor__subscription=subscription, pk__in=keys, state=EventDeliveryState.IN_HAND, lease=lease
    )


def _outcome(one: Settlement) -> dict[str, object]:
    now, error = clock.now(), one.error[:MAX_ERROR]
    if one.verdict is Verdict.DEAD:
        return {
            "state": EventDeliveryState.DEAD,
            "open_sequence": None,
            "lease": "",
            "error": error,
            "settled_at": now,
        }
    again = {"state": EventDeliveryState.WAITING, "lease": "", "due_at": now + timedelta(seconds=one.after_s)}
    if one.verdict is Verdict.RELEASE:
        return {**again, "attempts": F("attempts") - 1}
    return {**again, "error": error}
