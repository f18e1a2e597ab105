"""Be one process at the table-backed bus: ``prepare``, ``publish N``, ``collect``, ``hang`` (claim, then never settle)."""

import json
import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402 - settings first

from mehvar.exchange.actions.events.table_bus import TableBus  # noqa: E402
from mehvar.exchange.data.events import Event, Settlement  # noqa: E402
from mehvar.exchange.models import EventCursor, EventDelivery, EventLog, StoredEvent  # noqa: E402

TOPIC, SUBSCRIPTION, LEASE_S = "tp-test", "sb-test", 1.0


def prepare() -> None:
    with connection.schema_editor() as editor:
        for model in (EventLog, StoredEvent, EventCursor, EventDelivery):
            editor.create_model(model)


def say(words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main(act: str, count: int = 0) -> None:
    bus = TableBus()
    if act == "prepare":
        prepare()
        bus.attach(SUBSCRIPTION, TOPIC)
    elif act == "publish":
        for number in range(count):
            say(
                bus.append(TOPIC, [Event(f"{sys.argv[3]}-{number}", "/test", "t", subject=f"k{number % 5}")])[
                    0
                ].sequence
            )
    elif act == "hang":
        say([one.sequence for one in bus.claim(SUBSCRIPTION, limit=50, lease_s=LEASE_S)])
        time.sleep(60)
    elif act == "collect":
        idle = 0
        while idle < 15:
            claimed = bus.claim(SUBSCRIPTION, limit=7, lease_s=30)
            idle = 0 if claimed else idle + 1
            if not claimed:
                time.sleep(0.1)
            for one in claimed:
                say([time.time_ns(), one.sequence, one.event.subject, one.attempt])
            bus.settle(SUBSCRIPTION, [Settlement(one.receipt) for one in claimed])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
