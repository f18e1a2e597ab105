"""Publish, subscribe and receive events over HTTP, as a member's machine (signed requests) or as one of its engineers.

The verbs are those of GovStack's Information Mediator (room: subsystem, event type: topic), the messages CloudEvents 1.0.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.exchange.actions.events import callers, subscriptions, topics
from mehvar.exchange.actions.events.callers import Caller
from mehvar.exchange.api.shapes import Instant
from mehvar.exchange.data.events import (
    Claimed,
    Delivering,
    EventDeliveryState,
    Mode,
    Start,
    SubscriptionState,
    TopicState,
)
from mehvar.exchange.models import EventSubscription, EventTopic, Subsystem
from mehvar.exchange.queries import events as queries
from mehvar.exchange.queries import names, scope
from mehvar.exchange.rules import cloudevents
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Changed, Paging, Schema, allowed_to, page_of

router = Router(tags=["exchange events"])
ANYONE = allowed_to("view-exchange, or a member's machine with a signed request")
PROVIDER = allowed_to("manage-systems over the topic's member, or its own machine with a signed request")
SUBSCRIBER = allowed_to(
    "manage-systems over the subscriber's member, or its own machine with a signed request"
)
OVERSEEN = "; operate-exchange and audit without data, subject and extensions of the events"
PROVIDER_OVERSEEN = allowed_to(
    f"manage-systems over the topic's member, or its own machine with a signed request{OVERSEEN}"
)
SUBSCRIBER_OVERSEEN = allowed_to(
    f"manage-systems over the subscriber's member, or its own machine with a signed request{OVERSEEN}"
)
PublicId = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\w-]+$")]
TypeName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[int, Field(ge=1, le=2**53)]
MOST_LETTERS = 1_000
_EVENT = {"type": "object", "required": ["specversion", "id", "source", "type"]}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "One CloudEvent in structured or binary mode, or a batch.",
        "content": {
            "application/cloudevents+json": {"schema": _EVENT},
            "application/cloudevents-batch+json": {"schema": {"type": "array", "items": _EVENT}},
            "application/json": {"schema": {}},
        },
    }
}


class TypeRow(Schema):
    """Show a kind of event."""

    name: str
    title: str
    schema_: dict[str, Any] | None = Field(None, alias="schema", serialization_alias="schema")


class TopicRow(Schema):
    """Show a topic."""

    id: str
    name: str
    title: str
    summary: str
    is_public: bool
    retention_days: int
    state: TopicState
    types: list[TypeRow]


class AcceptedRow(Schema):
    """Say under which number an event is kept; not new when it was published before."""

    id: str
    sequence: int
    is_new: bool


class StandingRow(Schema):
    """Show how one delivery stands; who subscribes is named."""

    subscriber: str
    state: EventDeliveryState
    attempts: int
    error: str


class EventStanding(Schema):
    """Show a published event and its deliveries."""

    sequence: int
    accepted_at: datetime
    event: dict[str, Any]
    deliveries: list[StandingRow]


class SubscriptionRow(Schema):
    """Show a subscription with what waits for it."""

    id: str
    topic: str
    subscriber: str
    delivering: Delivering
    address: str
    mode: Mode
    types: list[str]
    attempts: int
    state: SubscriptionState
    failing_since: datetime | None
    last_error: str
    version: int


class SubscriptionWhole(SubscriptionRow):
    """Show a subscription with its counts."""

    waiting: int
    in_hand: int
    dead: int


class WishBody(Schema):
    """Say how events shall come."""

    delivering: Delivering = Delivering.PULL
    address: Annotated[str, StringConstraints(max_length=500)] = ""
    mode: Mode = Mode.BINARY
    types: list[TypeName] = Field(default=[], max_length=50)
    attempts: int = Field(12, ge=1, le=50)


class NewSubscription(WishBody):
    """Subscribe a subsystem; a machine subscribes itself, a person names the subsystem."""

    topic: PublicId
    subscriber: Annotated[str, StringConstraints(max_length=300)] = Field(
        "", description="INSTANCE/CLASS/MEMBER/SUBSYSTEM; empty for the machine that asks."
    )
    from_sequence: int = Field(0, ge=0, le=2**53)
    since: Instant | None = None


class PullBody(Schema):
    """Ask for events."""

    limit: int = Field(10, ge=1, le=100)


class PulledRow(Schema):
    """Hand out one event; the receipt acknowledges it."""

    receipt: str
    sequence: int
    attempt: int
    event: dict[str, Any]


class Receipts(Schema):
    """Say which pulled events are done, and which shall come again."""

    done: list[Annotated[str, StringConstraints(max_length=300)]] = Field(default=[], max_length=1_000)
    failed: list[Annotated[str, StringConstraints(max_length=300)]] = Field(default=[], max_length=1_000)


class ReplayBody(Schema):
    """Say from where on everything is delivered again."""

    from_sequence: int = Field(0, ge=0, le=2**53)
    since: Instant | None = None


class SequencesBody(Schema):
    """Name dead letters; none for all."""

    sequences: list[Number] = Field(default=[], max_length=1_000)


class DeadLetterRow(Schema):
    """Show an event that could not be delivered."""

    sequence: int
    attempts: int
    error: str
    at: datetime
    event: dict[str, Any]


@router.get("/topics", response=list[TopicRow], summary="List topics", openapi_extra=ANYONE)
def list_topics(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[dict[str, Any]]:
    """List the topics of all members, open and closed."""
    _demand_part(request)
    return [_topic(row) for row in page_of(request, response, queries.topics(), paging)]


@router.get("/topics/{public_id}", response=TopicRow, summary="Show a topic", openapi_extra=ANYONE)
def show_topic(request: HttpRequest, public_id: str) -> dict[str, Any]:
    """Show one topic with its types and their schemas."""
    _demand_part(request)
    return _topic(queries.topic(public_id))


@router.post(
    "/topics/{public_id}/events",
    response={201: list[AcceptedRow]},
    summary="Publish events",
    openapi_extra={**PROVIDER, **_BODY},
)
def publish_events(request: HttpRequest, public_id: str) -> Status[list[dict[str, Any]]]:
    """Publish one CloudEvent (binary or structured mode) or a batch. The answer means: durable. Repeating is harmless."""
    events = cloudevents.read_http(request.headers, request.body)
    accepted = topics.publish(_caller(request), public_id, events)
    return Status(
        201,
        [
            {"id": event.id, "sequence": one.sequence, "is_new": one.is_new}
            for event, one in zip(events, accepted, strict=True)
        ],
    )


@router.get(
    "/topics/{public_id}/events/{sequence}",
    response=EventStanding,
    summary="Show how an event's deliveries stand",
    openapi_extra=PROVIDER_OVERSEEN,
)
def show_event(request: HttpRequest, public_id: str, sequence: Number) -> dict[str, Any]:
    """Show a published event and how far it has come with each subscriber; its payload only to who told it."""
    stored, standings = topics.state_of(_caller(request), public_id, sequence)
    known = {
        row.public_id: names.client_name(row.subsystem)
        for row in queries.subscriptions().filter(topic__public_id=public_id)
    }
    return {
        "sequence": stored.sequence,
        "accepted_at": stored.accepted_at,
        "event": cloudevents.members_of(stored.event),
        "deliveries": [
            {
                "subscriber": known.get(one.subscription, ""),
                "state": one.state,
                "attempts": one.attempts,
                "error": one.error,
            }
            for one in standings
        ],
    }


@router.get(
    "/subscriptions", response=list[SubscriptionRow], summary="List subscriptions", openapi_extra=SUBSCRIBER
)
def list_subscriptions(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging]
) -> list[dict[str, Any]]:
    """List own subscriptions; engineers of a provider also see those to its topics."""
    return [_subscription(row) for row in page_of(request, response, _visible(request), paging)]


@router.post("/subscriptions", response={201: SubscriptionRow}, summary="Subscribe", openapi_extra=SUBSCRIBER)
def subscribe(request: HttpRequest, given: NewSubscription) -> Status[dict[str, Any]]:
    """Subscribe to a topic, from now on, from a number or from an instant."""
    caller = _caller(request)
    subscriber = (
        caller
        if isinstance(caller, Subsystem) and not given.subscriber
        else names.subsystem_named(given.subscriber)
    )
    row = subscriptions.subscribe(
        caller,
        given.topic,
        subsystem_id=subscriber.pk,
        wish=_wish(given),
        start=Start(given.from_sequence, given.since),
    )
    return Status(201, _subscription(row))


@router.get(
    "/subscriptions/{public_id}",
    response=SubscriptionWhole,
    summary="Show a subscription",
    openapi_extra=SUBSCRIBER,
)
def show_subscription(request: HttpRequest, public_id: str) -> dict[str, Any]:
    """Show a subscription with what waits, what is in hand and what is dead."""
    row = _visible(request).filter(public_id=public_id).first()
    if row is None:
        raise scope.missing("subscription")
    return {**_subscription(row), **subscriptions.counts(row)}


@router.put(
    "/subscriptions/{public_id}",
    response=SubscriptionRow,
    summary="Change a subscription",
    openapi_extra=SUBSCRIBER,
)
def change_subscription(request: HttpRequest, public_id: str, given: WishBody) -> dict[str, Any]:
    """Change how events come: push or pull, address, form, attempts. Types stay."""
    return _subscription(subscriptions.change(_caller(request), public_id, wish=_wish(given)))


@router.delete(
    "/subscriptions/{public_id}", response={204: None}, summary="End a subscription", openapi_extra=SUBSCRIBER
)
def end_subscription(request: HttpRequest, public_id: str) -> Status[None]:
    """End a subscription; what waits for it is forgotten."""
    subscriptions.end(_caller(request), public_id)
    return Status(204, None)


@router.post(
    "/subscriptions/{public_id}/pause",
    response=SubscriptionRow,
    summary="Pause a subscription",
    openapi_extra=SUBSCRIBER,
)
def pause_subscription(request: HttpRequest, public_id: str) -> dict[str, Any]:
    """Hold deliveries back; the place is kept."""
    return _subscription(subscriptions.pause(_caller(request), public_id))


@router.post(
    "/subscriptions/{public_id}/resume",
    response=SubscriptionRow,
    summary="Resume a subscription",
    openapi_extra=SUBSCRIBER,
)
def resume_subscription(request: HttpRequest, public_id: str) -> dict[str, Any]:
    """Go on delivering."""
    return _subscription(subscriptions.resume(_caller(request), public_id))


@router.post(
    "/subscriptions/{public_id}/pull",
    response=list[PulledRow],
    summary="Receive events",
    openapi_extra=SUBSCRIBER,
)
def pull_events(request: HttpRequest, public_id: str, given: PullBody) -> list[dict[str, Any]]:
    """Take events in hand for two minutes; what is not acknowledged by then comes again."""
    return [_pulled(one) for one in subscriptions.pull(_caller(request), public_id, limit=given.limit)]


@router.post(
    "/subscriptions/{public_id}/acknowledgements",
    response=Changed,
    summary="Acknowledge events",
    openapi_extra=SUBSCRIBER,
)
def acknowledge_events(request: HttpRequest, public_id: str, given: Receipts) -> dict[str, int]:
    """Settle pulled events; the answer counts those whose time had not run out."""
    count = subscriptions.acknowledge(_caller(request), public_id, given.done, failed=given.failed)
    return {"changed": count}


@router.post(
    "/subscriptions/{public_id}/replay",
    response=SubscriptionRow,
    summary="Replay events",
    openapi_extra=SUBSCRIBER,
)
def replay_events(request: HttpRequest, public_id: str, given: ReplayBody) -> dict[str, Any]:
    """Deliver everything again from a number or an instant on."""
    caller = _caller(request)
    return _subscription(
        subscriptions.replay(caller, public_id, sequence=given.from_sequence, since=given.since)
    )


@router.get(
    "/subscriptions/{public_id}/dead-letters",
    response=list[DeadLetterRow],
    summary="List dead letters",
    openapi_extra=SUBSCRIBER_OVERSEEN,
)
def list_dead_letters(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[dict[str, Any]]:
    """List what could not be delivered, oldest first, of very many the first thousand; payloads only to the subscriber."""
    found = subscriptions.dead_letters(_caller(request), public_id, limit=MOST_LETTERS)
    letters = page_of(request, response, found, paging)
    return [
        {
            "sequence": one.sequence, "attempts": one.attempts, "error": one.error, "at": one.at,
            "event": cloudevents.members_of(one.event),
        }
        for one in letters
    ]  # fmt: skip


@router.post(
    "/subscriptions/{public_id}/dead-letters/requeue",
    response=Changed,
    summary="Try dead letters again",
    openapi_extra=SUBSCRIBER,
)
def requeue_dead_letters(request: HttpRequest, public_id: str, given: SequencesBody) -> dict[str, int]:
    """Try the named dead letters again, all of them when none is named."""
    return {"changed": subscriptions.requeue(_caller(request), public_id, given.sequences)}


def _caller(request: HttpRequest) -> Caller:
    machine = getattr(request, "exchange_client", None)
    return cast("Subsystem", machine) if machine is not None else cast("Any", request.user)


def _demand_part(request: HttpRequest) -> None:
    callers.demand_part(_caller(request))


def _visible(request: HttpRequest) -> Any:
    caller = _caller(request)
    if isinstance(caller, Subsystem):
        return queries.of_machine(caller)
    return queries.visible(organisations.authority_of(caller))


def _wish(given: WishBody) -> subscriptions.Wish:
    return subscriptions.Wish(given.delivering, given.address, given.mode, tuple(given.types), given.attempts)


def _topic(row: EventTopic) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "name": queries.topic_name(row),
        "title": row.title,
        "summary": row.summary,
        "is_public": row.is_public,
        "retention_days": row.retention_days,
        "state": row.state,
        "types": [
            {"name": kind.name, "title": kind.title, "schema": kind.schema} for kind in row.types.all()
        ],
    }


def _subscription(row: EventSubscription) -> dict[str, Any]:
    return {
        "id": row.public_id, "topic": row.topic.public_id, "subscriber": names.client_name(row.subsystem),
        "delivering": row.delivering, "address": row.address, "mode": row.mode, "types": row.types,
        "attempts": row.attempts, "state": row.state, "failing_since": row.failing_since,
        "last_error": row.last_error, "version": row.version,
    }  # fmt: skip


def _pulled(one: Claimed) -> dict[str, Any]:
    return {
        "receipt": one.receipt,
        "sequence": one.sequence,
        "attempt": one.attempt,
        "event": cloudevents.members_of(one.event),
    }
