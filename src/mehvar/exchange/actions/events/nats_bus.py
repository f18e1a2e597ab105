"""Keep events in NATS JetStream: one stream per topic, beyond one node (extra ``[bus]``).

Order within a key: a topic has sixteen ordered lanes, chosen by the key's hash; of each lane a subscription has one event
in hand at a time. Events without a key go in a lane of their own without order. A retry holds up its lane, thus also
other keys of that lane. Publishing twice is noticed for a day (`DUPLICATES_S`). What is given up moves to a stream of
dead letters. Counts and states are JetStream's own: for the lane without order they are approximate.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

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
from mehvar.exchange.rules import cloudevents
from mehvar.kernel import clock
from mehvar.kernel.errors import Unavailable, gettext_noop

LANES = 16
FREE, AGAIN = "free", "again"
DUPLICATES_S = 86_400.0
LEASE_S = 60.0
IN_FREE_HANDS = 1_000
FETCH_S = 0.1
KEPT_S = 2.0
"""So long an event that came late waits for the next claim here, before others may have it."""

CALL_S = 30.0
SHORT_FORM = 9  # parts of an acknowledgement's address; newer servers add a domain and an account
DEAD_STREAM = "EVENTS-DEAD"
AGAIN_STREAM = "EVENTS-AGAIN"
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class _Lane:
    """Name a consumer, and which types its subscription wants (empty: all)."""

    stream: str
    name: str
    types: frozenset[str]

    @property
    def is_ordered(self) -> bool:
        return self.name.rpartition("-")[2] not in {FREE, AGAIN}


@dataclass(slots=True, eq=False)
class _Hand:
    """Hold what this process wished of a lane and heard from it; ``owed``: how many events a wish still waits for."""

    is_over: asyncio.Event
    inbox: Any = None
    owed: int = 0
    asked_at: float = 0.0
    heard: deque[Any] = field(default_factory=deque)


class NatsBus:
    """Implement `mehvar.exchange.data.events.Bus` over JetStream; one connection per process, in a thread of its own."""

    def __init__(self, address: str, *, lease_s: float = LEASE_S, replicas: int = 1) -> None:
        """Name the server (``nats://host:4222``, several separated by commas); it is asked at the first use.

        ``lease_s``: JetStream keeps one lease per consumer, so claims use this one.
        """
        self._servers = address.split(",")
        self._lease_s, self._replicas = lease_s, replicas
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None
        self._stream: Any = None
        self._lanes: dict[str, list[_Lane]] = {}
        self._hands: dict[str, _Hand] = {}
        self._giving: set[asyncio.Future[None]] = set()

    def append(self, topic: str, events: Sequence[Event]) -> list[Accepted]:
        """Publish; JetStream numbers and notices repetitions."""
        return self._run(self._append(topic, events))

    def find(self, topic: str, sequence: int) -> Stored | None:
        """Return one kept event."""
        return self._run(self._find(topic, sequence))

    def attach(
        self, subscription: str, topic: str, *, types: Sequence[str] = (), start: Start = FROM_NOW
    ) -> None:
        """Make the subscription's consumers; attaching again changes nothing."""
        self._run(self._attach(subscription, topic, types, start))

    def detach(self, subscription: str) -> None:
        """Remove the subscription's consumers."""
        self._run(self._detach(subscription))

    def claim(self, subscription: str, *, limit: int, lease_s: float) -> list[Claimed]:  # noqa: ARG002 - JetStream keeps the lease
        """Take events in hand: one of each ordered lane, and up to ``limit`` of the one without order."""
        return self._run(self._claim(subscription, limit))

    def settle(self, subscription: str, settlements: Sequence[Settlement]) -> int:
        """Acknowledge, send back or bury; JetStream does not say whose lease was lost, so all count as held."""
        self._run(self._settle(subscription, settlements))
        return len(settlements)

    def replay(self, subscription: str, start: Start) -> None:
        """Set the subscription's consumers back."""
        self._run(self._replay(subscription, start))

    def dead_letters(self, subscription: str, *, limit: int = 100) -> list[DeadLetter]:
        """Return what could not be delivered, oldest first."""
        return [letter for _, letter in self._run(self._dead(subscription, limit))]

    def requeue(self, subscription: str, sequences: Sequence[int]) -> int:
        """Move dead letters into the subscription's lane of second tries."""
        return self._run(self._requeue(subscription, sequences))

    def standings(self, topic: str, sequence: int) -> list[Standing]:
        """Return how the deliveries of one event stand."""
        return self._run(self._standings(topic, sequence))

    def backlog(self, subscription: str) -> Backlog:
        """Count what waits."""
        return self._run(self._backlog(subscription))

    def forget(self, topic: str, before: datetime) -> int:
        """Have the stream forget what is older; JetStream does not say how many."""
        self._run(self._forget(topic, before))
        return 0

    def close(self) -> None:
        """Close the connection and end its thread."""
        if self._loop is not None:
            self._run(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = None

    # ------------------------------------------------------------------ the connection's thread

    async def _close(self) -> None:
        for hand in self._hands.values():
            await self._let_go(hand)
        self._hands.clear()
        await self._client.close()

    def _run(self, work: Coroutine[Any, Any, _Found]) -> _Found:
        import nats.errors

        try:
            return asyncio.run_coroutine_threadsafe(work, self._connected()).result(CALL_S)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise Unavailable(
                gettext_noop("The event bus does not answer."), code="bus-unavailable"
            ) from error

    def _connected(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="nats", daemon=True)
                self._thread.start()
                asyncio.run_coroutine_threadsafe(self._connect(), self._loop).result(CALL_S)
            return self._loop

    async def _connect(self) -> None:
        import nats

        self._client = await nats.connect(
            self._servers, max_reconnect_attempts=-1, allow_reconnect=True, reconnected_cb=self._asked_in_vain
        )
        self._stream = self._client.jetstream()
        for name, subjects in ((DEAD_STREAM, ["mehvar.dead.*"]), (AGAIN_STREAM, ["mehvar.again.*"])):
            await self._make_stream(name, subjects)

    async def _make_stream(self, name: str, subjects: list[str]) -> None:
        from nats.js import api, errors

        config = api.StreamConfig(
            name=name, subjects=subjects, storage=api.StorageType.FILE, num_replicas=self._replicas,
            duplicate_window=DUPLICATES_S,
        )  # fmt: skip
        with contextlib.suppress(
            errors.BadRequestError
        ):  # it is there already, perhaps with another retention
            await self._stream.add_stream(config)

    # ------------------------------------------------------------------ publishing

    async def _append(self, topic: str, events: Sequence[Event]) -> list[Accepted]:
        await self._make_stream(_stream(topic), [f"mehvar.events.{topic}.*"])
        waiting = [self._publish(topic, event) for event in events]
        return (
            [*await asyncio.gather(*waiting)]
            if len({event.key for event in events}) > 1
            else [await one for one in waiting]
        )

    async def _publish(self, topic: str, event: Event) -> Accepted:
        identity = hashlib.sha256(f"{event.source}\n{event.id}".encode()).hexdigest()
        answer = await self._stream.publish(
            f"mehvar.events.{topic}.{_lane(event)}",
            cloudevents.to_json(event),
            headers={"Nats-Msg-Id": identity},
        )
        return Accepted(answer.seq, not answer.duplicate)

    async def _find(self, topic: str, sequence: int) -> Stored | None:
        from nats.js import errors

        try:
            found = await self._stream.get_msg(_stream(topic), seq=sequence)
        except errors.NotFoundError:
            return None
        return Stored(cloudevents.from_json(found.data), found.seq, _instant(found.time))

    # ------------------------------------------------------------------ subscriptions

    async def _attach(self, subscription: str, topic: str, types: Sequence[str], start: Start) -> None:
        from nats.js import errors

        await self._make_stream(_stream(topic), [f"mehvar.events.{topic}.*"])
        for lane in _lanes():
            try:
                await self._stream.consumer_info(_stream(topic), f"{subscription}-{lane}")
            except errors.NotFoundError:
                await self._make_consumer(subscription, topic, lane, types, start)
        with contextlib.suppress(errors.BadRequestError):
            await self._stream.add_consumer(
                AGAIN_STREAM,
                self._config(f"{subscription}-{AGAIN}", f"mehvar.again.{subscription}", FREE, {}),
            )

    async def _make_consumer(
        self, subscription: str, topic: str, lane: str, types: Sequence[str], start: Start
    ) -> None:
        from nats.js import api

        about = {"subscription": subscription, "topic": topic, "types": [*types]}
        config = self._config(f"{subscription}-{lane}", f"mehvar.events.{topic}.{lane}", lane, about)
        config.deliver_policy = api.DeliverPolicy.NEW
        if start.since is not None:
            config.deliver_policy = api.DeliverPolicy.BY_START_TIME
            config.opt_start_time = start.since  # type: ignore[assignment, unused-ignore]
        elif start.sequence:
            config.deliver_policy = api.DeliverPolicy.BY_START_SEQUENCE
            config.opt_start_seq = start.sequence
        await self._stream.add_consumer(_stream(topic), config)

    def _config(self, name: str, subject: str, lane: str, about: dict[str, Any]) -> Any:
        from nats.js import api

        return api.ConsumerConfig(
            durable_name=name, filter_subject=subject, ack_policy=api.AckPolicy.EXPLICIT, ack_wait=self._lease_s,
            max_deliver=-1, max_ack_pending=IN_FREE_HANDS if lane == FREE else 1, description=json.dumps(about),
        )  # fmt: skip

    async def _detach(self, subscription: str) -> None:
        from nats.js import errors

        self._lanes.pop(subscription, None)
        for stream, name, _ in await self._consumers(subscription):
            if hand := self._hands.pop(name, None):
                await self._let_go(hand)
            with contextlib.suppress(errors.NotFoundError):
                await self._stream.delete_consumer(stream, name)

    async def _replay(self, subscription: str, start: Start) -> None:
        found = [
            (about["topic"], name, about["types"])
            for _, name, about in await self._consumers(subscription)
            if about
        ]
        await self._detach(subscription)
        if found:
            topic, _, types = found[0]
            await self._attach(subscription, topic, types, start)

    async def _consumers(self, subscription: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Return stream, name and what is known of every consumer of a subscription."""
        found = []
        for stream in await self._stream.streams_info():
            for consumer in await self._stream.consumers_info(stream.config.name):
                about = _about(consumer)
                found.append((stream.config.name, consumer.name, about))
        return [one for one in found if one[1].rpartition("-")[0] == subscription]

    # ------------------------------------------------------------------ delivering

    async def _claim(self, subscription: str, limit: int) -> list[Claimed]:
        lanes = await self._known_lanes(subscription)
        fetched = await asyncio.gather(*[self._fetch(lane, limit) for lane in lanes])
        claimed = []
        for lane, messages in zip(lanes, fetched, strict=True):
            for message in messages:
                event = cloudevents.from_json(message.data)
                if lane.types and event.type not in lane.types:
                    await message.ack()
                else:
                    claimed.append(_claimed(message, event))
        claimed.sort(key=lambda one: one.sequence)
        for extra in claimed[limit:]:
            await self._client.publish(_reply(extra.receipt), b"-NAK")
        return claimed[:limit]

    async def _known_lanes(self, subscription: str) -> list[_Lane]:
        if subscription not in self._lanes:
            self._lanes[subscription] = [
                _Lane(stream, name, frozenset(about.get("types", [])))
                for stream, name, about in await self._consumers(subscription)
            ]
        return self._lanes[subscription]

    async def _fetch(self, lane: _Lane, limit: int) -> list[Any]:
        """Take what is there, and what came since the last time: what a wish still waits for is heard whenever it comes.

        The server says at once when a lane is empty, and nothing while the lane has its one event in hand. Such a wish stands
        until it is answered: a server may count a handing over to one that was given up, and keep the event in that hand.
        """
        count = 1 if lane.is_ordered else limit
        hand = self._hands.get(lane.name) or await self._new_hand(lane)
        if not hand.owed and len(hand.heard) < count:
            hand.owed, hand.asked_at = count, time.monotonic()
            hand.is_over.clear()
            address = f"$JS.API.CONSUMER.MSG.NEXT.{lane.stream}.{lane.name}"
            await self._client.publish(address, _wish(count), hand.inbox.subject)
        patience_s = hand.asked_at + FETCH_S - time.monotonic()
        if hand.owed and patience_s > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(hand.is_over.wait(), patience_s)
        return [hand.heard.popleft() for _ in range(min(count, len(hand.heard)))]

    async def _new_hand(self, lane: _Lane) -> _Hand:
        """Make the hand of a lane; of two claims that come at once, one makes it."""
        made = _Hand(asyncio.Event())
        made.inbox = await self._client.subscribe(self._client.new_inbox(), cb=partial(self._hear, made))
        hand = self._hands.setdefault(lane.name, made)
        if hand is not made:
            await made.inbox.unsubscribe()
        return hand

    async def _hear(self, hand: _Hand, message: Any) -> None:
        if _is_end(message):
            hand.owed = 0
        else:
            hand.owed = max(0, hand.owed - 1)
            hand.heard.append(message)
            asyncio.get_running_loop().call_later(KEPT_S, self._give_back, hand, message)
        if not hand.owed:
            hand.is_over.set()

    def _give_back(self, hand: _Hand, message: Any) -> None:
        """Let others have what came late and nobody here asked for since."""
        if message in hand.heard:
            hand.heard.remove(message)
            self._giving.add(task := asyncio.ensure_future(message.nak()))
            task.add_done_callback(self._giving.discard)

    async def _let_go(self, hand: _Hand) -> None:
        with contextlib.suppress(Exception):  # the connection may be gone, and with it the wish
            await hand.inbox.unsubscribe()
        while hand.heard:
            await hand.heard.popleft().nak()

    async def _asked_in_vain(self) -> None:
        """Forget what was wished of a server that went away: it has forgotten it too."""
        for hand in self._hands.values():
            hand.owed = 0

    async def _settle(self, subscription: str, settlements: Sequence[Settlement]) -> None:
        await asyncio.gather(*[self._settle_one(subscription, one) for one in settlements])

    async def _settle_one(self, subscription: str, one: Settlement) -> None:
        reply = _reply(one.receipt)
        if one.verdict is Verdict.DEAD:
            await self._bury(subscription, reply, one)
        await self._client.request(reply, _ack(one), timeout=5)

    async def _bury(self, subscription: str, reply: str, one: Settlement) -> None:
        stream, sequence, attempts = _place(reply)
        kept = await self._stream.get_msg(stream, seq=sequence)
        told = {
            "Mehvar-Sequence": str((kept.headers or {}).get("Mehvar-Sequence", sequence)),
            "Mehvar-Attempts": str(attempts),
            "Mehvar-Error": " ".join(one.error.split())[:300],
        }
        await self._stream.publish(f"mehvar.dead.{subscription}", kept.data, headers=told)

    async def _dead(self, subscription: str, limit: int) -> list[tuple[int, DeadLetter]]:
        from nats.js import errors

        found: list[tuple[int, DeadLetter]] = []
        at = 0
        while len(found) < limit:
            try:
                message = await self._stream.get_msg(
                    DEAD_STREAM, seq=at + 1, next=True, subject=f"mehvar.dead.{subscription}"
                )
            except errors.NotFoundError:
                break
            at, told = message.seq, message.headers or {}
            letter = DeadLetter(
                int(told["Mehvar-Sequence"]), cloudevents.from_json(message.data), int(told["Mehvar-Attempts"]),
                told.get("Mehvar-Error", ""), _instant(message.time),
            )  # fmt: skip
            found.append((at, letter))
        return found

    async def _requeue(self, subscription: str, sequences: Sequence[int]) -> int:
        moved = 0
        for place, letter in await self._dead(subscription, 1_000_000):
            if letter.sequence in sequences:
                told = {"Mehvar-Sequence": str(letter.sequence)}
                await self._stream.publish(
                    f"mehvar.again.{subscription}", cloudevents.to_json(letter.event), headers=told
                )
                await self._stream.delete_msg(DEAD_STREAM, place)
                moved += 1
        return moved

    # ------------------------------------------------------------------ states

    async def _standings(self, topic: str, sequence: int) -> list[Standing]:
        stored = await self._find(topic, sequence)
        if stored is None:
            return []
        found = []
        for consumer in await self._stream.consumers_info(_stream(topic)):
            about = _about(consumer)
            types = about.get("types", [])
            if consumer.name.rpartition("-")[2] != _lane(stored.event) or (
                types and stored.event.type not in types
            ):
                continue
            found.append(await self._standing(about["subscription"], consumer, sequence))
        return sorted(found, key=lambda one: one.subscription)

    async def _standing(self, subscription: str, consumer: Any, sequence: int) -> Standing:
        for _, letter in await self._dead(subscription, 1_000):
            if letter.sequence == sequence:
                return Standing(subscription, EventDeliveryState.DEAD, letter.attempts, letter.error)
        if consumer.ack_floor.stream_seq >= sequence:
            return Standing(subscription, EventDeliveryState.DONE, 1)
        if consumer.delivered.stream_seq >= sequence:
            return Standing(subscription, EventDeliveryState.IN_HAND, 1)
        return Standing(subscription, EventDeliveryState.WAITING)

    async def _backlog(self, subscription: str) -> Backlog:
        waiting = in_hand = 0
        for stream, name, _ in await self._consumers(subscription):
            consumer = await self._stream.consumer_info(stream, name)
            waiting += consumer.num_pending
            in_hand += consumer.num_ack_pending
        return Backlog(waiting, in_hand, len(await self._dead(subscription, 1_000_000)))

    async def _forget(self, topic: str, before: datetime) -> None:
        found = await self._stream.stream_info(_stream(topic))
        found.config.max_age = max(1.0, (clock.now() - before).total_seconds())
        found.config.duplicate_window = min(DUPLICATES_S, found.config.max_age)
        await self._stream.update_stream(found.config)


def _about(consumer: Any) -> dict[str, Any]:
    """Read what a consumer is for out of its description (metadata of their own came with later servers)."""
    return dict(json.loads(consumer.config.description or "{}"))


def _stream(topic: str) -> str:
    return f"EVENTS-{topic}"


def _lane(event: Event) -> str:
    return str(hashlib.sha256(event.key.encode()).digest()[0] % LANES) if event.key else FREE


def _lanes() -> list[str]:
    return [*[str(lane) for lane in range(LANES)], FREE]


def _wish(count: int) -> bytes:
    return json.dumps({"batch": count, "no_wait": True}).encode()


def _is_end(message: Any) -> bool:
    """Tell whether the server says that there is no more, instead of sending an event."""
    return not message.data and "Status" in (message.headers or {})


def _claimed(message: Any, event: Event) -> Claimed:
    stated = (message.headers or {}).get("Mehvar-Sequence", message.metadata.sequence.stream)
    receipt = base64.urlsafe_b64encode(message.reply.encode()).decode()
    return Claimed(receipt, event, int(stated), message.metadata.num_delivered)


def _reply(receipt: str) -> str:
    reply = base64.urlsafe_b64decode(receipt).decode("ascii", "replace")
    return reply if reply.startswith("$JS.ACK.") else "mehvar.nowhere"


def _place(reply: str) -> tuple[str, int, int]:
    """Read stream, number and attempts out of the address at which a message is acknowledged."""
    parts = reply.split(".")
    stream, delivered, sequence = (
        (parts[2], parts[4], parts[5]) if len(parts) == SHORT_FORM else (parts[4], parts[6], parts[7])
    )
    return stream, int(sequence), int(delivered)


def _ack(one: Settlement) -> bytes:
    if one.verdict is Verdict.DONE:
        return b"+ACK"
    if one.verdict is Verdict.DEAD:
        return b"+TERM"
    return b"-NAK " + json.dumps({"delay": int(one.after_s * 1e9)}).encode()


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromisoformat(str(value)[:26].rstrip("Z")).replace(tzinfo=UTC)
