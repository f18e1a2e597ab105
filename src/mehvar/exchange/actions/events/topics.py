"""Open topics, describe what is told on them, publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction

from mehvar.exchange.actions import record
from mehvar.exchange.actions.events import callers
from mehvar.exchange.actions.events.bus import bus
from mehvar.exchange.actions.events.callers import Caller
from mehvar.exchange.data.events import MAX_BATCH, Accepted, Event, Standing, Stored, TopicState
from mehvar.exchange.models import EventTopic, EventType, Subsystem
from mehvar.exchange.queries import events as queries
from mehvar.exchange.rules import checks, cloudevents, schemas
from mehvar.kernel import clock, errors, identifiers
from mehvar.ledger.data import Subject

LONGEST_DAYS = 3_650


def of_topic(row: EventTopic) -> Subject:
    """Name a topic as the ledger's subject."""
    return Subject("exchange-topic", row.public_id, row.title)


def open_topic(
    caller: Caller,
    subsystem_id: int,
    *,
    code: str,
    title: str,
    summary: str = "",
    is_public: bool = False,
    retention_days: int = 30,
) -> EventTopic:
    """Open a topic of a subsystem.

    Raises:
        NotFound, NotPermitted: there is no such subsystem, or no right to.
        InputError: the code cannot be one, the title is missing, or the days are out of range.
        Conflict: the subsystem has such a topic.
    """
    clean = checks.code(code)
    if not 1 <= retention_days <= LONGEST_DAYS:
        raise errors.InputError(
            "Events are kept between one day and ten years.", code="bad-days", field="retention_days"
        )
    with transaction.atomic():
        subsystem = record.locked(
            Subsystem.objects.select_related("member__organisation").filter(pk=subsystem_id)
        )
        callers.demand(caller, subsystem)
        try:
            with transaction.atomic():
                row = EventTopic.objects.create(
                    public_id=identifiers.new_public_id("tp"),
                    subsystem=subsystem,
                    code=clean,
                    title=checks.words(title, field="title", limit=200),
                    summary=checks.words(summary, field="summary", required=False),
                    is_public=is_public,
                    retention_days=retention_days,
                    created_at=clock.now(),
                )
        except IntegrityError:
            raise errors.Conflict(
                "The subsystem has a topic with this code.", code="topic-taken", field="code"
            ) from None
        _note(caller, row, "open")
    return row


def describe_type(
    caller: Caller, public_id: str, *, name: str, title: str = "", schema: Mapping[str, Any] | None = None
) -> EventType:
    """Say what kind of event a topic tells, with the JSON Schema of its data; saying it again replaces it.

    Raises:
        NotFound, NotPermitted: there is no such topic, or no right to.
        InputError: no name, or no schema that can be one.
    """
    clean = checks.words(name, field="name", limit=200)
    if schema is not None:
        schemas.check_schema(schema)
    with transaction.atomic():
        topic = _locked(caller, public_id)
        row, _ = EventType.objects.update_or_create(
            topic=topic, name=clean, defaults={"title": title.strip()[:200], "schema": schema}
        )
        _note(caller, topic, "describe", type=clean, schema=schema)
    return row


def close_topic(caller: Caller, public_id: str, *, reason: str, version: int | None = None) -> EventTopic:
    """Close a topic: nothing more is published; what was accepted is still delivered.

    Raises:
        NotFound, NotPermitted, InputError, Conflict: no such topic, no right, no reason, or changed meanwhile.
    """
    said = checks.words(reason, field="reason", limit=2_000)
    with transaction.atomic():
        row = _locked(caller, public_id, version)
        record.changed(row, state=TopicState.CLOSED)
        _note(caller, row, "close", reason=said)
    return row


def publish(caller: Caller, public_id: str, events: Sequence[Event]) -> list[Accepted]:
    """Publish events on a topic; they are durable when this returns, and deliveries follow on their own.

    The same source and id again is accepted and changes nothing. All or none of a batch is accepted by the table-backed
    bus.

    Raises:
        NotFound, NotPermitted: there is no such topic, or no right to.
        InputError: a type is not one of the topic's, or data do not fit its schema.
        Conflict: the topic is closed.
        LimitExceeded: more than a thousand at once.
    """
    topic = queries.topic(public_id)
    callers.demand_speaker(caller, topic.subsystem)
    if topic.state != TopicState.OPEN:
        raise errors.Conflict("The topic is closed.", code="topic-closed")
    if len(events) > MAX_BATCH:
        raise errors.LimitExceeded(
            "A batch has at most {limit} events.", code="batch-too-large", limit=MAX_BATCH
        )
    known = {kind.name: kind.schema for kind in topic.types.all()}
    for event in events:
        _check(event, known)
    return bus().append(topic.public_id, events)


def state_of(caller: Caller, public_id: str, sequence: int) -> tuple[Stored, list[Standing]]:
    """Say how the deliveries of a published event stand; who only oversees is given the event without its payload.

    Raises:
        NotFound, NotPermitted: there is no such event, or no right to.
    """
    topic = queries.topic(public_id)
    callers.demand_view(caller, topic.subsystem)
    stored = bus().find(topic.public_id, sequence)
    if stored is None:
        raise errors.NotFound("There is no such event, or it is forgotten.", code="unknown-event")
    if not callers.reads_payloads(caller, topic.subsystem):
        stored = replace(stored, event=cloudevents.without_payload(stored.event))
    return stored, bus().standings(topic.public_id, sequence)


def _check(event: Event, known: Mapping[str, Any]) -> None:
    if known and event.type not in known:
        raise errors.InputError(
            "The topic does not tell events of the type {type}.",
            code="unknown-type",
            field="type",
            type=event.type[:100],
        )
    schema = known.get(event.type)
    if schema is not None:
        schemas.check_data(schema, event.data)


def _locked(caller: Caller, public_id: str, version: int | None = None) -> EventTopic:
    rows = EventTopic.objects.select_related("subsystem__member__organisation").filter(public_id=public_id)
    row = record.locked(rows, version)
    callers.demand(caller, row.subsystem)
    return row


def _note(caller: Caller, row: EventTopic, action: str, *, reason: str = "", **more: object) -> None:
    content = {
        "topic": queries.topic_name(row), "title": row.title, "is_public": row.is_public, "state": str(row.state),
        "retention_days": row.retention_days, **callers.said_by(caller), **more,
    }  # fmt: skip
    record.note(
        callers.person(caller), f"exchange.topic.{action}", of_topic(row), content, reason=reason, public=True
    )
