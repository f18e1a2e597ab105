"""Keep the search index in step with the record: every act is on record, so what was acted upon is what must be read again.

The index follows the ledger by its sequence number. It is called after every commit and once a minute; when a process dies in between,
the next call goes on where the last one ended, and nothing is lost or done twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any, TypeVar

from django.db import transaction

from mehvar.home.data import IndexRow
from mehvar.home.models import SearchEntry, SearchPlace
from mehvar.home.queries import sources
from mehvar.ledger import queries as ledger

MOST_ACTS = 500
BATCH = 1000
_T = TypeVar("_T")
FIELDS = ("source", "reference", "parent", "title", "detail", "body_id", "folded")


def follow() -> int:
    """Read again what was acted upon since the last call; give how many entries of the index changed."""
    changed = 0
    while True:
        acts, written = _follow_some()
        changed += written
        if acts < MOST_ACTS:
            return changed


def on_recorded(**_facts: object) -> None:
    """Follow the record after a commit."""
    follow()


def rebuild() -> int:
    """Read everything again, for data that came without a record (a generated year); give how many entries there are now."""
    with transaction.atomic():
        place = _place()
        place.sequence = ledger.head().sequence
        SearchEntry.objects.all().delete()
        for subject_type in sources.READERS:
            for rows in _batches(sources.rows_of(subject_type, None)):
                SearchEntry.objects.bulk_create([SearchEntry(**asdict(row)) for row in rows])
        place.save(update_fields=["sequence"])
    return SearchEntry.objects.count()


def _follow_some() -> tuple[int, int]:
    if not ledger.acts_after(SearchPlace.objects.values_list("sequence", flat=True).first() or 0, 1):
        return 0, 0
    with transaction.atomic():
        place = _place()
        acts = ledger.acts_after(place.sequence, MOST_ACTS)
        subjects = dict.fromkeys((act.subject_type, act.subject_identifier) for act in acts)
        changed = sum(_read_again(*subject) for subject in _searched(subjects))
        if acts:
            place.sequence = acts[-1].sequence
            place.save(update_fields=["sequence"])
    return len(acts), changed


def _batches(rows: Iterable[_T]) -> Iterator[list[_T]]:
    waiting = iter(rows)
    while found := list(islice(waiting, BATCH)):
        yield found


def _place() -> SearchPlace:
    SearchPlace.objects.get_or_create(pk=SearchPlace.ONLY)
    return SearchPlace.objects.select_for_update().get(pk=SearchPlace.ONLY)


def _searched(subjects: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Keep the subjects that are searched; a call stands for its plans, which show its title."""
    for subject_type, identifier in subjects:
        if subject_type == "plan-call":
            yield from (("plan", plan) for plan in sources.plans_of_call(identifier))
        elif subject_type in sources.READERS:
            yield subject_type, identifier


def _read_again(subject_type: str, identifier: str) -> int:
    """Write only what differs from what the index has; give how many entries that were."""
    wanted = {(row.kind.value, row.object_id): row for row in sources.rows_of(subject_type, identifier)}
    present = {
        (row.kind, row.object_id): row
        for row in SearchEntry.objects.filter(source=f"{subject_type}:{identifier}")
    }
    made = [SearchEntry(**asdict(row)) for key, row in wanted.items() if key not in present]
    changed = [
        _updated(present[key], row)
        for key, row in wanted.items()
        if key in present and _differs(present[key], row)
    ]
    gone = [row.pk for key, row in present.items() if key not in wanted]
    SearchEntry.objects.bulk_create(made, batch_size=BATCH)
    SearchEntry.objects.bulk_update(changed, FIELDS, batch_size=100)
    for keys in _batches(gone):
        SearchEntry.objects.filter(pk__in=keys).delete()
    return len(made) + len(changed) + len(gone)


def _differs(entry: SearchEntry, row: IndexRow) -> bool:
    return any(getattr(entry, name) != getattr(row, name) for name in FIELDS)


def _updated(entry: SearchEntry, row: IndexRow) -> SearchEntry:
    values: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
    for name, value in values.items():
        setattr(entry, name, value)
    return entry
