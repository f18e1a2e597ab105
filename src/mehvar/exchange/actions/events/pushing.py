"""Push events to their receivers: signed, to pinned addresses, again and again until they are taken or given up.

One process is enough and several do no harm: what one has in hand the others leave alone, and what a killed one had in
hand comes free when its lease runs out. Nothing of it stands in anybody's request.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.conf import settings
from django.db import close_old_connections

from mehvar.exchange.actions import outward, telling
from mehvar.exchange.actions.events import callers
from mehvar.exchange.actions.events.bus import bus
from mehvar.exchange.data.events import Claimed, Delivering, Mode, Settlement, SubscriptionState, Verdict
from mehvar.exchange.data.operations import Question
from mehvar.exchange.models import EventSubscription, EventTopic
from mehvar.exchange.queries import events as queries
from mehvar.exchange.rules import addresses, cloudevents, retries, signatures
from mehvar.kernel import clock
from mehvar.kernel.errors import MehvarError, gettext_noop

KEY_ID = "mehvar-events"
LEASE_S = 150.0
ANSWER_S = 10.0
LARGEST_ANSWER = 4_096
THREADS = 16
GROUPS_AT_ONCE = 4
GROUP_SIZE = 10
IDLE_S = 1.0
_log = logging.getLogger(__name__)
Send = Callable[[EventSubscription, Claimed], Settlement]


class Deliverer:
    """Deliver what is due. A slow receiver holds up nobody else: each has a few places at most."""

    def __init__(self, send: Send | None = None, *, threads: int = THREADS) -> None:
        """Send over HTTP, or by ``send``."""
        self._send = send or push
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="push")
        self._running: dict[Future[list[Settlement]], EventSubscription] = {}

    def step(self, *, patience_s: float = 0.2) -> int:
        """Hand out what is due, settle what came back; return how many events were settled."""
        self._hand_out()
        if not self._running:
            return 0
        finished, _ = wait(self._running, timeout=patience_s, return_when=FIRST_COMPLETED)
        return sum(self._settle(future) for future in finished)

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop; what is in hand by then is finished first."""
        while not stop.is_set():
            try:
                close_old_connections()
                if not self.step() and not self._running:
                    stop.wait(IDLE_S)
            except Exception:  # noqa: BLE001 - whatever one event or one moment of the database does, the others go on
                _log.exception("delivering failed; it goes on in a moment")
                stop.wait(IDLE_S)
        self.close()

    def close(self) -> None:
        """Finish what is in hand."""
        while self._running:
            self._settle(next(iter(wait(self._running, return_when=FIRST_COMPLETED).done)))
        self._threads.shutdown()

    def _hand_out(self) -> None:
        busy = Counter([row.pk for row in self._running.values()])
        pushed = queries.subscriptions().filter(delivering=Delivering.PUSH, state=SubscriptionState.ACTIVE)
        for row in pushed:
            places = (1 if row.failing_since else GROUPS_AT_ONCE) - busy[row.pk]
            if places > 0 and queries.may_receive(row):
                claimed = bus().claim(row.public_id, limit=places * GROUP_SIZE, lease_s=LEASE_S)
                for group in _groups(claimed):
                    self._running[self._threads.submit(self._deliver, row, group)] = row

    def _deliver(self, row: EventSubscription, group: Sequence[Claimed]) -> list[Settlement]:
        settled: list[Settlement] = []
        for one in group:
            is_held_up = (
                bool(settled)
                and settled[-1].verdict in {Verdict.RETRY, Verdict.RELEASE}
                and bool(one.event.key)
            )
            settled.append(Settlement(one.receipt, Verdict.RELEASE) if is_held_up else self._send(row, one))
        return settled

    def _settle(self, future: Future[list[Settlement]]) -> int:
        row = self._running.pop(future)
        settlements = future.result()
        bus().settle(row.public_id, settlements)
        _note_health(row, settlements)
        return len(settlements)


def _groups(claimed: Sequence[Claimed]) -> Iterator[list[Claimed]]:
    """Return runs of one key, in order, and the events without a key in portions."""
    by_key: dict[str, list[Claimed]] = defaultdict(list)
    for one in claimed:
        by_key[one.event.key].append(one)
    free = by_key.pop("", [])
    for run in [*by_key.values(), free]:
        yield from (run[at : at + GROUP_SIZE] for at in range(0, len(run), GROUP_SIZE) if run is free)
        if run is not free:
            yield run


def push(row: EventSubscription, one: Claimed) -> Settlement:
    """Send one event to its receiver and say what became of it."""
    headers, body = message(row, one)
    reach = outward.Reach(
        total_s=ANSWER_S,
        largest=LARGEST_ANSWER,
        allowed=addresses.networks_of(settings.MEHVAR_EXCHANGE_PUSH_NETWORKS),
    )
    url = urlsplit(row.address)
    question = Question("POST", "" if url.path else "/", {}, body)
    status, error, after_s = 0, "", 0.0
    try:
        heard = outward.call(row.address, question, headers=headers, reach=reach)
        status, after_s = heard.status, retries.retry_after_s(heard.header("Retry-After"), time.time())
    except MehvarError as fault:
        error = str(fault)
    return retries.settlement_of(
        one.receipt,
        status,
        attempt=one.attempt,
        attempts=row.attempts,
        draw=random.random,
        error=error,
        retry_after_s=after_s,
    )


def message(row: EventSubscription, one: Claimed) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a push; the signature covers address, body, and every attribute of the event."""
    headers, body = cloudevents.to_http(one.event, structured=row.mode == Mode.STRUCTURED)
    headers |= {
        "Content-Digest": signatures.content_digest(body),
        "Mehvar-Subscription": row.public_id,
        "Mehvar-Sequence": str(one.sequence),
        "Mehvar-Attempt": str(one.attempt),
    }
    fields = {name.lower(): [value] for name, value in headers.items()}
    url = urlsplit(row.address)
    parts = signatures.RequestParts(
        "POST", url.scheme, signatures.authority(url.netloc, url.scheme), url.path or "/", fields
    )
    signed = signatures.sign_request(
        parts,
        signing_key(),
        keyid=KEY_ID,
        created=int(time.time()),
        nonce=secrets.token_hex(12),
        components=["@method", "@target-uri", *sorted(fields)],
    )
    return headers | signed, body


def signing_key() -> ed25519.Ed25519PrivateKey:
    """Return the key that signs pushes, made at its first use."""
    path = Path(settings.MEHVAR_EXCHANGE_EVENT_KEY_FILE)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(path, ed25519.Ed25519PrivateKey.generate())
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise TypeError(f"{path.name} holds no Ed25519 key")
    return key


def public_key() -> str:
    """Return the key (PEM) by which receivers verify pushes."""
    pem = (
        signing_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return pem.decode()


def forget_old() -> int:
    """Forget events that are older than their topic keeps them, and used nonces; return how many."""
    count = callers.forget_nonces()
    for topic in EventTopic.objects.all():
        count += bus().forget(topic.public_id, clock.now() - timedelta(days=topic.retention_days))
    return count


def _write_new(path: Path, key: ed25519.Ed25519PrivateKey) -> None:
    """Put a whole key in place; another process may have been faster, then its key stays."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    try:
        os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        partial.unlink()


def _note_health(row: EventSubscription, settlements: Sequence[Settlement]) -> None:
    """Keep since when a receiver fails, and tell its engineers about dead letters once a day."""
    tried = [one for one in settlements if one.verdict is not Verdict.RELEASE]
    if not tried:
        return
    mine = EventSubscription.objects.filter(pk=row.pk)
    if tried[-1].verdict is Verdict.DONE:
        if row.failing_since is not None:
            mine.update(failing_since=None, last_error="")
    else:
        mine.filter(failing_since=None).update(failing_since=clock.now())
        mine.update(last_error=tried[-1].error[:300])
    if any(one.verdict is Verdict.DEAD for one in tried):
        telling.tell(
            telling.engineers_of([row.subsystem.member]),
            key=f"dead-letters:{row.public_id}:{clock.today().isoformat()}",
            message=gettext_noop("Events of “{topic}” could not be delivered and wait as dead letters."),
            path=f"/exchange/subscriptions/{row.public_id}/",
            topic=row.topic.title,
        )
