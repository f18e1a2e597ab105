"""Let the Civil Registry tell events, and push them, signed, to the Tax Office's inbox; now and then the inbox is busy.

The real table-backed bus and the real push, over a database file of the testbed's own with the bus's four tables.
"""

from __future__ import annotations

import itertools
import json
import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.conf import settings
from django.db import connection

from mehvar.config.testbed.federation import CIVIL, TAX
from mehvar.config.testbed.registers import registers
from mehvar.exchange.actions.events import pushing
from mehvar.exchange.actions.events.table_bus import TableBus
from mehvar.exchange.data.events import Event, Mode
from mehvar.exchange.models import EventCursor, EventDelivery, EventLog, EventSubscription, StoredEvent
from mehvar.exchange.rules import signatures

HOST = "127.0.0.1"
TOPIC = "persons"
TYPE = "qf.person.moved"
LOOK_S = 0.5
TELL_EVERY, BUSY_EVERY = 3, 7
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """Count what the page shows. ``signed``: received with a signature that holds; ``busy``: refused by the inbox, sent again."""

    told: int = 0
    signed: int = 0
    busy: int = 0
    forged: int = 0
    waiting: int = 0
    dead: int = 0


class Inbox(BaseHTTPRequestHandler):
    """Receive events as an agency would: verify the signature, answer at once; every seventh time it is busy."""

    counts: Counts
    numbers: itertools.count[int]

    def do_POST(self) -> None:
        """Take one event."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = 503 if next(self.numbers) % BUSY_EVERY == 0 else 204
        if status == 503:  # noqa: PLR2004 - busy
            self.counts.busy += 1
        elif self._is_signed(body):
            self.counts.signed += 1
        else:
            self.counts.forged += 1
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _is_signed(self, body: bytes) -> bool:
        fields = {name.lower(): [value] for name, value in self.headers.items()}
        stated = signatures.read_signature(fields.get("signature-input", []), fields.get("signature", []))
        parts = signatures.RequestParts("POST", "http", self.headers["Host"], self.path, fields)
        base = signatures.signature_base(stated.text, stated.components, parts)
        is_whole = self.headers["Content-Digest"] == signatures.content_digest(body)
        return is_whole and signatures.holds(stated.signature, base, pushing.signing_key().public_key())


class News:
    """Tell and deliver in one thread, the only one that opens the database."""

    def __init__(self) -> None:
        """Open the inbox; `start` begins to tell."""
        self.counts = Counts()
        handler = type("BoundInbox", (Inbox,), {"counts": self.counts, "numbers": itertools.count(1)})
        self._inbox = ThreadingHTTPServer((HOST, 0), handler)
        self._row = EventSubscription(
            public_id=f"sb-{TAX.code}",
            address=f"http://{HOST}:{self._inbox.server_address[1]}/inbox",
            mode=Mode.BINARY,
            attempts=12,
        )
        self._bus = TableBus()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._inbox.serve_forever, kwargs={"poll_interval": 0.1}, name="inbox"),
            threading.Thread(target=self._run, name="news"),
        ]

    def start(self) -> None:
        """Begin to tell and to deliver."""
        settings.MEHVAR_EXCHANGE_PUSH_NETWORKS = ("127.0.0.0/8",)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop both threads."""
        self._stop.set()
        if self._threads[0].is_alive():
            self._inbox.shutdown()
            for thread in self._threads:
                thread.join()
        self._inbox.server_close()

    def _run(self) -> None:
        with connection.schema_editor() as editor:
            for model in (EventLog, StoredEvent, EventCursor, EventDelivery):
                editor.create_model(model)
        self._bus.attach(self._row.public_id, TOPIC)
        persons = itertools.cycle(registers().persons)
        for look in itertools.count():
            try:
                if look % TELL_EVERY == 0:
                    self._tell(next(persons))
                self._deliver()
            except Exception:  # noqa: BLE001 - the page goes on
                _log.exception("events are held up")
            if self._stop.wait(LOOK_S):
                break
        connection.close()

    def _tell(self, person: str) -> None:
        self.counts.told += 1
        now = datetime.now(UTC).isoformat(timespec="seconds")
        data = json.dumps({"person": person, "moved_on": now[:10]}).encode()
        event = Event(
            f"moved-{self.counts.told}", f"urn:{CIVIL.id}", TYPE, data, "application/json", person, now
        )
        self._bus.append(TOPIC, [event])

    def _deliver(self) -> None:
        name = self._row.public_id
        for one in self._bus.claim(name, limit=10, lease_s=30):
            self._bus.settle(name, [pushing.push(self._row, one)])
        backlog = self._bus.backlog(name)
        self.counts.waiting, self.counts.dead = backlog.waiting + backlog.in_hand, backlog.dead
