"""Read entries as one reader may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from django.core.paginator import Page, Paginator

from mehvar.kernel.errors import InputError, NotFound, gettext_noop
from mehvar.ledger import rules
from mehvar.ledger.data import Actor, ActRecord, Deed, EntryRecord, HeadRecord, Person, StoredEntry, Subject
from mehvar.ledger.models import Entry, Head
from mehvar.ledger.rules import visibility
from mehvar.ledger.rules.leaf import GENESIS

if TYPE_CHECKING:
    from django.db.models import QuerySet

NOBODY, NOTHING = Actor("", ""), Subject("", "")


def history_of(
    subject_type: str, identifier: str, *, person: Person | None = None, page: int = 1, size: int = 50
) -> Page[EntryRecord]:
    """Return one page of what was recorded on a subject, newest first, as ``person`` may see it.

    Without a person, or with one whom no registered reader admits, only public entries, without names of people. Three
    queries. A page number beyond the last gives the last.
    """
    opened = visibility.may_read_private(person, Subject(subject_type, identifier))
    rows = Entry.objects.filter(subject_type=subject_type, subject_identifier=identifier).order_by(
        "-sequence"
    )
    found = Paginator(rows if opened else rows.filter(public=True), size).get_page(page)
    records = _records(list(found.object_list), opened=opened)
    found.object_list = records  # type: ignore[assignment]
    return cast("Page[EntryRecord]", found)


def entry(sequence: int, *, person: Person | None = None) -> EntryRecord:
    """Return one entry as ``person`` may see it; of a private one a stranger sees place and hashes only.

    Raises:
        NotFound: there is no such entry.
    """
    row = _row(sequence)
    opened = visibility.may_read_private(person, Subject(row.subject_type, row.subject_identifier))
    return _records([row], opened=opened)[0]


def leaf_of(sequence: int) -> bytes:
    """Return the leaf's bytes, which anybody may have.

    Raises:
        NotFound: there is no such entry.
    """
    return bytes(_row(sequence).leaf)


def acts_after(sequence: int, most: int) -> list[ActRecord]:
    """Return up to ``most`` acts that were recorded after a sequence number, oldest first; for rooms that follow the record.

    Whoever shows them to people asks first who may see the subject.
    """
    return _acts(Entry.objects.filter(sequence__gt=sequence).order_by("sequence")[:most])


def newest_acts(most: int) -> list[ActRecord]:
    """Return the ``most`` newest acts, newest first; whoever shows them to people asks first who may see the subject."""
    return _acts(Entry.objects.order_by("-sequence")[:most])


def _acts(rows: QuerySet[Entry]) -> list[ActRecord]:
    fields = (
        "sequence",
        "recorded_at",
        "action",
        "subject_type",
        "subject_identifier",
        "subject_label",
        "actor_identifier",
    )
    return [ActRecord(*row) for row in rows.values_list(*fields)]


def head() -> HeadRecord:
    """Return the newest sequence and leaf hash; 0 and zeros while nothing is on record."""
    row = Head.objects.filter(pk=Head.ONLY).first()
    return HeadRecord(row.sequence, row.leaf_hash) if row else HeadRecord(0, GENESIS)


def stored(row: Entry) -> StoredEntry:
    """Return the row as the rules take it."""
    deed = Deed(
        actor=Actor(row.actor_kind, row.actor_identifier, row.actor_label),
        action=row.action,
        subject=Subject(row.subject_type, row.subject_identifier, row.subject_label),
        content_json=row.content,
        reason=row.reason,
        public=row.public,
        salt=bytes(row.salt),
    )
    return StoredEntry(deed, row.sequence, row.recorded_at, row.content_hash, bytes(row.leaf), row.leaf_hash)


def _row(sequence: int) -> Entry:
    row = Entry.objects.filter(pk=sequence).first()
    if row is None:
        raise NotFound(
            gettext_noop("There is no record number {sequence}."), code="no-such-record", sequence=sequence
        )
    return row


def _records(rows: Sequence[Entry], *, opened: bool) -> list[EntryRecord]:
    links = _links(row.sequence - 1 for row in rows)
    return [_record(stored(row), link=links.get(row.sequence - 1, ""), opened=opened) for row in rows]


def _links(sequences: Iterable[int]) -> dict[int, str]:
    """Return the leaf hashes of the predecessors."""
    found = dict(Entry.objects.filter(pk__in=list(sequences)).values_list("sequence", "leaf_hash"))
    return {0: GENESIS, **found}


def _record(entry: StoredEntry, *, link: str, opened: bool) -> EntryRecord:
    previous = _previous(entry.leaf)
    readable = opened or entry.deed.public
    deed = entry.deed
    return EntryRecord(
        sequence=entry.sequence,
        recorded_at=entry.recorded_at,
        public=deed.public,
        readable=readable,
        verified=previous == link and not rules.faults_of(entry),
        actor=deed.actor if opened else Actor(deed.actor.kind, deed.actor.identifier) if readable else NOBODY,
        action=deed.action if readable else "",
        subject=deed.subject if readable else NOTHING,
        reason=deed.reason if readable else "",
        content_json=deed.content_json if readable else "",
        content_hash=entry.content_hash if readable else "",
        leaf_hash=entry.leaf_hash,
        previous=previous,
        salt=deed.salt.hex() if opened else "",
        sealed_part=rules.sealed_part(deed).decode() if opened else "",
    )


def _previous(leaf: bytes) -> str:
    try:
        return rules.decode_leaf(leaf).previous
    except InputError:
        return "unreadable"
