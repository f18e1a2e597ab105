"""Publish routing snapshots: once for each transaction that changed what gateways decide by, numbered without gaps.

Publishing waits for the row of the last snapshot, compiles under that lock, and writes the file afterwards under a lock of its own, so
that neither an older state nor an older file ever follows a newer one.
"""

from __future__ import annotations

import fcntl
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from mehvar.exchange.models import PublishedSnapshot
from mehvar.exchange.queries.compilation import compile_snapshot
from mehvar.exchange.rules import snapshots
from mehvar.kernel import clock, events
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject

logger = logging.getLogger(__name__)
PUBLISHED = "exchange.snapshot-published"
CHANGED = "exchange.routing-changed"
TRIES = 20
LONGEST_REASON = 2_000
FILE_MODE = 0o640


@dataclass
class _Pending:
    """Have a snapshot published when the transaction is committed, once, for all that was changed in it."""

    reasons: list[str] = field(default_factory=list)

    def __call__(self) -> None:
        events.publish(CHANGED, reason="; ".join(dict.fromkeys(self.reasons))[:LONGEST_REASON])


def changed(reason: str) -> None:
    """Have a new snapshot published in the background when the present transaction is committed; many acts of one transaction make one.

    ``reason`` is a short English line such as ``exchange.right.revoke ID``.
    """
    for _savepoints, function, _robust in transaction.get_connection().run_on_commit:
        if isinstance(function, _Pending):  # whatever rolls it back rolls this act back too
            function.reasons.append(reason)
            return
    transaction.on_commit(_Pending([reason]), robust=True)


def publish(reason: str = "") -> PublishedSnapshot | None:
    """Publish a snapshot now if anything differs from the last one, and see to its file; None where nothing differs.

    After the commit the event ``exchange.snapshot-published`` (number, sha256) is told.

    Raises:
        InputError: The rows make a snapshot that no gateway accepts; the one before stays in force.
    """
    for _time in range(TRIES):
        try:
            made = _publish_under_lock(reason)
        except IntegrityError:
            continue  # another process published the same number first
        deliver()
        return made
    raise RuntimeError("other processes publish without end")


def _publish_under_lock(reason: str) -> PublishedSnapshot | None:
    with transaction.atomic():
        newest = PublishedSnapshot.objects.defer("content").order_by("-number")
        last = newest.select_for_update().first()
        if last is not None and newest.values_list("number", flat=True).first() != last.number:
            raise IntegrityError("another process published while this one waited")
        number, made_at = (last.number + 1 if last else 1), clock.now()
        snapshot = compile_snapshot(number, made_at)
        written = snapshots.CanonicalSnapshot(snapshot)
        if last is not None and written.sha256(last.number, last.made_at) == last.sha256:
            return None
        snapshots.refuse_faults(snapshot)
        content, sha256 = written.file(number, made_at)
        made = PublishedSnapshot.objects.create(
            number=number,
            sha256=sha256,
            content=content,
            reason=reason[:LONGEST_REASON],
            made_at=made_at,
        )
        ledger.record(
            actor=Actor.system("exchange"),
            action="exchange.snapshot.publish",
            subject=Subject("exchange-snapshot", str(number), f"#{number}"),
            content={"number": number, "sha256": made.sha256, "bytes": len(content)},
            public=True,
        )
        transaction.on_commit(
            lambda: events.publish(PUBLISHED, number=made.number, sha256=made.sha256), robust=True
        )
    return made


def publish_due() -> int:
    """Publish what a failed or killed publication left undone, and see to the file; give how many were published."""
    return int(publish("scheduled check") is not None)


def snapshot_file() -> Path:
    """Give where the file of the newest snapshot belongs."""
    return Path(settings.MEHVAR_EXCHANGE_SNAPSHOT_FILE)


def deliver() -> bool:
    """Write the newest snapshot beside its file and rename it over it; tell whether anything had to be written."""
    path = snapshot_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / f".{path.name}.lock").open("a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        last = PublishedSnapshot.objects.order_by("-number").only("number", "content").first()
        if last is None:
            return False
        content = bytes(last.content)
        if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
            return False
        replace_file(path, content, mode=FILE_MODE)
    return True


def replace_file(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file beside another and rename it over that, so that readers find the old or the new one, whole."""
    partial = path.with_name(f".{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(path)
