"""Keep the tallies of the four cells in step with the deliveries, inside the same transaction.

``recount`` counts the touched rows anew instead of adding and subtracting, so that nothing drifts. The single row of ``TallyDay`` is locked
first: whoever counts later sees what was committed before.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from mehvar.directives.queries.days import today
from mehvar.programmes.data import DeliveryState
from mehvar.programmes.models import CellTally, Delivery, TallyDay
from mehvar.programmes.queries.cells import counts_of

KEYS = ("organisation_id", "issuer_id", "field_name")
BATCH = 500


def recount(deliveries: Iterable[Delivery]) -> None:
    """Count the bodies and fields of changed deliveries anew; call it in the change's own transaction, after the change."""
    touched = {(row.organisation_id, row.field_name) for row in deliveries}
    recount_fields({body for body, _field in touched}, {field for _body, field in touched})


def recount_fields(organisation_ids: Iterable[int], field_names: Iterable[str]) -> None:
    """Count these bodies' deliveries in these fields anew."""
    bodies, fields = sorted(set(organisation_ids)), sorted(set(field_names))
    if not bodies:
        return
    with transaction.atomic():
        day = _locked_day().day
        for start in range(0, len(bodies), BATCH):
            part = bodies[start : start + BATCH]
            _replace(
                CellTally.objects.filter(organisation_id__in=part, field_name__in=fields),
                Delivery.objects.filter(organisation_id__in=part, field_name__in=fields),
                day,
            )


def rebuild_tallies(day: date | None = None) -> int:
    """Count everything anew for a day (today); give the number of tallies."""
    with transaction.atomic():
        held = _locked_day()
        held.day = day or today()
        held.save(update_fields=["day"])
        return _replace(CellTally.objects.all(), Delivery.objects.all(), held.day)


def turn_day() -> int:
    """Bring the tallies to the present day, moving only what fell due since; give how many deliveries moved.

    Reading does not depend on it (``queries.cells`` moves what fell due by itself); it only keeps that small.
    """
    if not TallyDay.objects.exclude(day=today()).exists():
        return 0
    with transaction.atomic():
        held = _locked_day()
        before, held.day = held.day, today()
        if before == held.day:
            return 0
        held.save(update_fields=["day"])
        moved = Delivery.objects.filter(
            state=DeliveryState.OPEN, due_on__gte=min(before, held.day), due_on__lt=max(before, held.day)
        )
        pairs = set(moved.order_by().values_list("organisation_id", "field_name").distinct())
        recount_fields({body for body, _field in pairs}, {field for _body, field in pairs})
        return moved.count()


def _locked_day() -> TallyDay:
    TallyDay.objects.get_or_create(pk=1, defaults={"day": today()})
    return TallyDay.objects.select_for_update().get(pk=1)


def _replace(tallies: object, deliveries: object, day: date) -> int:
    tallies.delete()  # type: ignore[attr-defined]
    counts = counts_of(deliveries, KEYS, day)  # type: ignore[arg-type]
    CellTally.objects.bulk_create(
        [CellTally(**dict(zip(KEYS, key, strict=True)), **found) for key, found in counts.items()],
        batch_size=BATCH,
    )
    return len(counts)
