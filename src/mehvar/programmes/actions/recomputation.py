"""Compute the colours of open deliveries and all tallies anew, after an operator chose other thresholds.

Part by part in the order of the keys, each part a transaction of its own; stopped and begun again it ends with the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.db import transaction

from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.programmes.actions import tallies
from mehvar.programmes.actions.deliveries import set_marks
from mehvar.programmes.models import Delivery
from mehvar.programmes.queries import deliveries as queries
from mehvar.programmes.queries.deliveries import UNDONE

PART = 1_000
BATCH = 250


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Hold how many open deliveries were looked at, how many of them got other days, and how many tallies there are."""

    deliveries: int
    changed: int
    tallies: int


def recompute_status() -> Recomputed:
    """Compute all days on which open deliveries turn amber and red, and all tallies, anew; the act is on record."""
    looked = changed = 0
    for seen, other in _parts():
        looked, changed = looked + seen, changed + other
    with transaction.atomic():
        done = Recomputed(looked, changed, tallies.rebuild_tallies())
        ledger.record(
            actor=Actor.system("programmes"),
            action="status.recompute",
            subject=Subject("status", "all", ""),
            content={**asdict(queries.thresholds()), **asdict(done)},
        )
    return done


def _parts() -> Iterator[tuple[int, int]]:
    last = 0
    while (found := _part_after(last)) is not None:
        looked, changed, last = found
        yield looked, changed


def _part_after(key: int) -> tuple[int, int, int] | None:
    """Compute the next part; give how many there were, how many changed, and the last key."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update().filter(pk__gt=key, state__in=UNDONE)
        part = list(rows.order_by("pk")[:PART])
        changed = [row for row in part if _is_changed(row)]
        Delivery.objects.bulk_update(changed, ("amber_on", "red_on"), batch_size=BATCH)
    return (len(part), len(changed), part[-1].pk) if part else None


def _is_changed(delivery: Delivery) -> bool:
    """Set the days anew and tell whether they are others."""
    before = delivery.amber_on, delivery.red_on
    set_marks(delivery)
    return before != (delivery.amber_on, delivery.red_on)
