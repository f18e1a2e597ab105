"""Let the civil register tell events in the demonstration, and the post receive some and fail to acknowledge others; the walk calls this."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mehvar.exchange.actions.events import subscriptions, topics
from mehvar.exchange.actions.events.bus import bus
from mehvar.exchange.actions.events.subscriptions import Wish
from mehvar.exchange.data.events import Event, Settlement, Verdict

if TYPE_CHECKING:
    from mehvar.config.demonstration.walk import Walk

MOVED = "ir.ncro.person.moved"
SCHEMA = {"type": "object", "required": ["postcode"], "properties": {"postcode": {"type": "string"}}}
TOLD, TAKEN, RECEIVED = 8, 5, 3
"""How many events are told, taken in hand by the receiver, and acknowledged by it."""


def tell_events(walk: Walk) -> str:
    """Open a topic of people who moved, subscribe the post, and leave two events that were never acknowledged."""
    teller, receiver = walk.people["civil.engineer"], walk.people["post.engineer"]
    topic = topics.open_topic(
        teller,
        walk.exchange["civil-system"].pk,
        code="relocations",
        title="تغییر نشانی اشخاص",
        summary="هرگاه شخصی نشانی تازه‌ای اعلام کند، این رویداد گفته می‌شود.",
    )
    topics.describe_type(teller, topic.public_id, name=MOVED, title="تغییر نشانی یک شخص", schema=SCHEMA)
    held = subscriptions.subscribe(
        receiver, topic.public_id, subsystem_id=walk.exchange["post-system"].pk, wish=Wish()
    )
    topics.publish(teller, topic.public_id, [_moved(number) for number in range(1, TOLD + 1)])
    taken = subscriptions.pull(receiver, held.public_id, limit=TAKEN)
    subscriptions.acknowledge(receiver, held.public_id, [one.receipt for one in taken[:RECEIVED]])
    given_up = [Settlement(one.receipt, Verdict.DEAD, error="never acknowledged") for one in taken[RECEIVED:]]
    bus().settle(held.public_id, given_up)
    return f"{TOLD} events told, {RECEIVED} received, {len(given_up)} undelivered"


def _moved(number: int) -> Event:
    data = json.dumps({"postcode": f"11369{number:05}"}).encode()
    return Event(
        f"move-{number}", "/civil/relocations", MOVED, data, "application/json", subject=f"notice-{number}"
    )
