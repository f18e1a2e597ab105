"""Hold events on their way: what a publisher says (CloudEvents 1.0), what the bus keeps, what became of each delivery.

`Bus` is the port: table-backed by default, NATS JetStream beyond one node (ADR 0007). Topics and subscriptions are named
by their public ids; who may publish and subscribe is decided before the bus is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

SPEC_VERSION = "1.0"
MAX_EVENT_BYTES = 262_144
MAX_BATCH = 1_000
Attribute = str | int | bool


@dataclass(frozen=True, slots=True)
class Event:
    """Hold one CloudEvent. ``data`` as bytes of ``content_type``, None without data; ``time`` as RFC 3339 text or empty."""

    id: str
    source: str
    type: str
    data: bytes | None = None
    content_type: str = ""
    subject: str = ""
    time: str = ""
    data_schema: str = ""
    extensions: Mapping[str, Attribute] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return within what order is kept: ``partitionkey``, else the subject; empty for no order."""
        return str(self.extensions.get("partitionkey") or self.subject)


class Delivering(StrEnum):
    """Tell how a subscription receives."""

    PUSH = "push"
    PULL = "pull"


class Mode(StrEnum):
    """Tell in which HTTP mode events are pushed (CloudEvents HTTP binding, 3.1 and 3.2)."""

    BINARY = "binary"
    STRUCTURED = "structured"


class TopicState(StrEnum):
    """Tell whether events may be published."""

    OPEN = "open"
    CLOSED = "closed"


class SubscriptionState(StrEnum):
    """Tell whether a subscription receives; a paused one keeps its place."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class EventDeliveryState(StrEnum):
    """Tell where one delivery stands."""

    WAITING = "waiting"
    IN_HAND = "in-hand"
    DONE = "done"
    DEAD = "dead"


class Verdict(StrEnum):
    """Say how a claimed event is settled. ``RELEASE``: not tried after all; it does not count as an attempt."""

    DONE = "done"
    RETRY = "retry"
    DEAD = "dead"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Accepted:
    """State under which number of its topic an event is kept; not new when it was published before."""

    sequence: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """Hold an event as the bus keeps it."""

    event: Event
    sequence: int
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """Hold an event that a deliverer has in hand until its lease runs out. ``attempt`` counts from 1."""

    receipt: str
    event: Event
    sequence: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """Say what became of a claimed event; ``after_s``: how long a retry waits; ``error``: why."""

    receipt: str
    verdict: Verdict = Verdict.DONE
    after_s: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """State how one delivery of an event stands."""

    subscription: str
    state: EventDeliveryState
    attempts: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Hold an event that could not be delivered."""

    sequence: int
    event: Event
    attempts: int
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """Count what a subscription has before it."""

    waiting: int
    in_hand: int
    dead: int


@dataclass(frozen=True, slots=True)
class Start:
    """Say where a subscription begins: from a number, from an instant, else with what is published from now on."""

    sequence: int = 0
    since: datetime | None = None


FROM_NOW = Start()


class Bus(Protocol):
    """Keep events and hand them out: at least once, in order within a key, whatever process dies."""

    def append(self, topic: str, events: Sequence[Event]) -> list[Accepted]:
        """Keep events durably; the same source and id again changes nothing."""

    def find(self, topic: str, sequence: int) -> Stored | None:
        """Return one kept event."""

    def attach(
        self, subscription: str, topic: str, *, types: Sequence[str] = (), start: Start = FROM_NOW
    ) -> None:
        """Begin to collect events for a subscription (of some types, of all without)."""

    def detach(self, subscription: str) -> None:
        """Stop collecting and forget what waits."""

    def claim(self, subscription: str, *, limit: int, lease_s: float) -> list[Claimed]:
        """Take up to ``limit`` events in hand. Of one key, none is given while an earlier one is in other hands or waits for its retry."""

    def settle(self, subscription: str, settlements: Sequence[Settlement]) -> int:
        """Settle claimed events; return for how many the lease still held."""

    def replay(self, subscription: str, start: Start) -> None:
        """Deliver again everything from a number or an instant on."""

    def dead_letters(self, subscription: str, *, limit: int = 100) -> list[DeadLetter]:
        """Return what could not be delivered, oldest first."""

    def requeue(self, subscription: str, sequences: Sequence[int]) -> int:
        """Try dead letters again, from the first attempt; return how many there were."""

    def standings(self, topic: str, sequence: int) -> list[Standing]:
        """Return how the deliveries of one event stand."""

    def backlog(self, subscription: str) -> Backlog:
        """Count what waits."""

    def forget(self, topic: str, before: datetime) -> int:
        """Forget events accepted before an instant that nobody waits for; return how many are known to be gone."""
