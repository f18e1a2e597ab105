"""Follow the gateways' evidence into the database: each call once, checked on the way, faults shown and never skipped.

Batches are read and checked first; then calls, tallies and the new position are written in one transaction, and only while
the position is still the one that was read from. A process that dies leaves nothing of its chunk; a second one at the same
work loses its chunk instead of counting twice.

Source: issue "exchange", point 2; exchange-and-ledger §3.3.
"""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.db import IntegrityError, transaction
from django.db.models import F

from mehvar.accounts.actions import notifications
from mehvar.exchange.data.evidence import GENESIS, Batch
from mehvar.exchange.models import (
    EvidenceChain,
    EvidenceFault,
    ExchangeService,
    Gateway,
    HourlyTally,
    IndexedCall,
    Member,
)
from mehvar.exchange.rules import folders, following, receipts, segments, tallies
from mehvar.exchange.rules.following import FaultFound, Position
from mehvar.kernel import clock
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

CHUNK = 2_000
"""Calls that are written in one transaction."""

_LOG = logging.getLogger(__name__)
_SYSTEM = Actor.system("evidence-index")
_KEY = ("hour", "service", "client", "purpose")


@dataclass(slots=True)
class Names:
    """Know members and services by the texts under which calls name them."""

    members: dict[tuple[str, ...], int] = field(default_factory=dict)
    services: dict[tuple[str, ...], int] = field(default_factory=dict)

    @classmethod
    def now(cls) -> Names:
        """Read all of them; two queries."""
        rows = ExchangeService.objects.values_list(
            "subsystem__member__member_class", "subsystem__member__code", "subsystem__code", "code", "pk"
        )
        return cls(
            {(one, two): pk for one, two, pk in Member.objects.values_list("member_class", "code", "pk")},
            {tuple(part for part in parts if part): pk for *parts, pk in rows},
        )

    def member(self, text: str) -> int | None:
        """Give the member that an identifier names, None for an unknown one."""
        return self.members.get(_parts(text)[:2])

    def service(self, text: str) -> int | None:
        """Give the service that an identifier names, None for an unknown one."""
        return self.services.get(_parts(text))


def _parts(text: str) -> tuple[str, ...]:
    """Return an identifier's parts without the instance."""
    return tuple(unquote(part) for part in text.split("/")[1:])


def index_evidence() -> int:
    """Read what is new in the evidence of every gateway whose folder can be read; return how many calls were taken."""
    names = Names.now()
    taken = 0
    for gateway in Gateway.objects.exclude(evidence_folder="").order_by("pk"):
        folder = Path(gateway.evidence_folder)
        for name in _chains(gateway, folder):
            taken += index_chain(gateway, name, folder, names)
    return taken


def _chains(gateway: Gateway, folder: Path) -> list[str]:
    """Return chains on disk, and those known from before, whose disappearance is a fault."""
    known = EvidenceChain.objects.filter(gateway=gateway).values_list("name", flat=True)
    return sorted({*folders.chains_in(folder), *known})


def index_chain(gateway: Gateway, name: str, folder: Path, names: Names) -> int:
    """Read one chain to its end or to a fault; return how many calls were taken."""
    row, _ = EvidenceChain.objects.get_or_create(gateway=gateway, name=name, defaults={"batch_hash": GENESIS})
    start = _position(row)
    taken = 0
    steps = following.follow(folder, name, start, _trusted(gateway))
    try:
        for chunk in _chunks(steps):
            if not _take(row, start, chunk, names):
                return taken  # another process was quicker
            start = chunk[-1][1]
            taken += sum(len(batch.entries) for batch, _ in chunk)
    except FaultFound as fault:
        _report(row, fault)
    except OSError as error:
        _report(
            row,
            FaultFound(
                "gap", f"it cannot be read: {error.strerror}", segment=start.segment, resume=start.segment
            ),
        )
    else:
        _mended(row)
    return taken


def _position(row: EvidenceChain) -> Position:
    return Position(row.segment, row.offset, row.batch, row.batch_hash, row.key)


def _trusted(gateway: Gateway) -> frozenset[str]:
    """Return the fingerprint of the key that the operator entered for a gateway."""
    if not gateway.public_key:
        return frozenset()
    try:
        return frozenset({segments.key_fingerprint(receipts.load_public_key(gateway.public_key.encode()))})
    except InputError:
        _LOG.warning("the public key of gateway %s cannot be read", gateway.code)
        return frozenset()


Step = tuple[Batch, Position]


def _chunks(steps: Iterator[Step]) -> Iterator[list[Step]]:
    """Group batches; what was read before a fault is still given."""
    chunk: list[Step] = []
    size = 0
    try:
        for step in steps:
            chunk.append(step)
            size += len(step[0].entries)
            if size >= CHUNK:
                yield chunk
                chunk, size = [], 0
    except FaultFound:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def _take(row: EvidenceChain, start: Position, chunk: list[Step], names: Names) -> bool:
    """Write a chunk and move the position in one transaction; False when the position is no longer ``start``."""
    batch, reached = chunk[-1]
    calls = _calls(row, chunk, names)
    with transaction.atomic():
        moved = EvidenceChain.objects.filter(
            pk=row.pk, segment=start.segment, batch=start.batch, batch_hash=start.batch_hash
        ).update(
            segment=reached.segment,
            offset=reached.offset,
            batch=reached.batch,
            batch_hash=reached.batch_hash,
            key=reached.key,
            batch_at=receipts.instant(batch.head.at),
            read_at=clock.now(),
            calls=F("calls") + len(calls),
        )
        if not moved:
            return False
        _write_calls(calls)
        _write_tallies([call for call in calls if call.kind != "request"])
    return True


def _calls(row: EvidenceChain, chunk: list[Step], names: Names) -> list[IndexedCall]:
    """Make the rows of a chunk; of a call's request and exchange the latter stays."""
    found: dict[str, IndexedCall] = {}
    for batch, reached in chunk:
        for place, entry in enumerate(batch.entries):
            leaf = json.loads(entry.leaf)
            call = _call(leaf, names)
            call.gateway_id, call.chain, call.segment = row.gateway_id, row.name, reached.segment
            call.batch, call.place = batch.head.number, place
            found[call.request_id] = call
    return list(found.values())


def _call(leaf: Mapping[str, Any], names: Names) -> IndexedCall:
    answer = leaf["answer"] or {}
    return IndexedCall(
        request_id=leaf["request_id"],
        message_id=leaf["id"][:300],
        kind=leaf["kind"],
        outcome=tallies.outcome_of(leaf),
        at=receipts.instant(leaf["at"]),
        duration_ms=max(0, leaf["done_at"] - leaf["at"]) // 1_000,
        client=leaf["client"],
        client_member_id=names.member(leaf["client"]),
        service=leaf["service"],
        service_row_id=names.service(leaf["service"]),
        provider_member_id=names.member(leaf["service"]),
        endpoint=leaf["endpoint"],
        agreement=leaf["agreement"],
        purpose=leaf["purpose"],
        status=answer.get("status"),
        error=leaf["error"] or "",
        request_bytes=leaf["request"]["body_bytes"],
        answer_bytes=answer.get("body_bytes", 0),
        mode=leaf["mode"],
        authentication=leaf["authentication"][:200],
        snapshot=leaf["snapshot"],
        subject=leaf["subject"] or "",
    )


_CALL_FIELDS = [
    one.name
    for one in IndexedCall._meta.concrete_fields  # noqa: SLF001 - Django's own way to ask
    if one.name not in {"id", "gateway", "request_id"}
]


def _write_calls(calls: list[IndexedCall]) -> None:
    IndexedCall.objects.bulk_create(
        calls,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["gateway", "request_id"],
        update_fields=_CALL_FIELDS,
    )


def _write_tallies(calls: list[IndexedCall]) -> None:
    """Add calls to the tallies of their hours; increments are made by the database, so chains may be read side by side."""
    counted: dict[tuple[datetime, str, str, str], Counter[str]] = defaultdict(Counter)
    samples: dict[tuple[datetime, str, str, str], IndexedCall] = {}
    for call in calls:
        key = (call.at.replace(minute=0, second=0, microsecond=0), call.service, call.client, call.purpose)
        samples[key] = call
        counted[key].update(_counts(call))
    for key in sorted(counted):
        call = samples[key]
        row, _ = HourlyTally.objects.get_or_create(
            **dict(zip(_KEY, key, strict=True)),
            defaults={
                "service_row_id": call.service_row_id,
                "provider_member_id": call.provider_member_id,
                "client_member_id": call.client_member_id,
            },
        )
        HourlyTally.objects.filter(pk=row.pk).update(
            **{name: F(name) + number for name, number in counted[key].items() if number}
        )


_COUNTED_AS = {
    "answered": "answered",
    "client": "client_errors",
    "provider": "provider_errors",
    "bus": "bus_errors",
    "refused": "refused",
}


def _counts(call: IndexedCall) -> dict[str, int]:
    counts = {
        "calls": 1,
        _COUNTED_AS[call.outcome]: 1,
        "request_bytes": call.request_bytes,
        "answer_bytes": call.answer_bytes,
    }
    if call.outcome != "refused":
        counts[f"under_{tallies.bucket_of(call.duration_ms)}"] = 1
    return counts


def _report(row: EvidenceChain, fault: FaultFound) -> None:
    """Keep a fault and tell the operators once; what stays open is only seen again."""
    now = clock.now()
    _LOG.error("evidence of %s, segment %s: %s", row, fault.segment, fault.message)
    same = EvidenceFault.objects.filter(chain=row, state="open")
    if same.filter(kind=fault.kind, segment=fault.segment, message=fault.message[:500]).update(seen_at=now):
        return
    try:
        with transaction.atomic():
            same.update(state="mended", settled_at=now)
            made = EvidenceFault.objects.create(
                chain=row,
                kind=fault.kind,
                segment=fault.segment,
                offset=fault.offset,
                message=fault.message[:500],
                resume_segment=fault.resume,
                key=fault.key,
                found_at=now,
                seen_at=now,
            )
            _tell(made)
    except IntegrityError:
        return  # another process found it at the same moment


def _tell(fault: EvidenceFault) -> None:
    people = organisations.seats_with(Permission.OPERATE_EXCHANGE).values_list("user_id", flat=True)
    notifications.notify(
        people,
        kind="exchange.evidence-fault",
        key=f"evidence-fault:{fault.pk}",
        message=gettext_noop(
            "The evidence of {chain} does not hold in segment {segment}. Reading stopped there."
        ),
        params={"chain": str(fault.chain), "segment": fault.segment},
        path="/exchange/evidence/",
    )
    ledger.record(
        actor=_SYSTEM,
        action="evidence.fault",
        subject=Subject("evidence-chain", f"{fault.chain.gateway.code}.{fault.chain.name}", str(fault.chain)),
        content={
            "kind": fault.kind,
            "segment": fault.segment,
            "offset": fault.offset,
            "message": fault.message,
        },
    )


def _mended(row: EvidenceChain) -> None:
    EvidenceFault.objects.filter(chain=row, state="open").update(state="mended", settled_at=clock.now())
    EvidenceChain.objects.filter(pk=row.pk).update(read_at=clock.now())
