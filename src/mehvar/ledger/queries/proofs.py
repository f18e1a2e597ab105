"""Prove entries to strangers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.ledger import rules
from mehvar.ledger.data import Person, ProvenLeaf, Subject
from mehvar.ledger.models import Entry, log_folder
from mehvar.ledger.queries.entries import stored
from mehvar.ledger.queries.log import checkpoint_for, seal_state
from mehvar.ledger.rules import bundles, tiles, visibility
from mehvar.ledger.rules.leaf import INLINE_CONTENT_BYTES

MOST_PROVEN = 1000


def proof_of_entry(sequence: int, *, person: Person | None = None, opened: bool = False) -> str:
    """Return the proof bundle of one entry; ``opened`` adds what opens its seal if ``person`` may read it.

    Raises:
        NotFound: there is no such entry, or it is not sealed yet.
    """
    row = _rows([sequence])[0]
    return _bundle([row], opened=opened and _may_open(person, row))


def proof_of_subject(subject_type: str, identifier: str) -> str:
    """Return the proof bundle of an object's sealed public entries, the newest 1,000.

    Raises:
        NotFound: nothing about it is on public record, or none of that is sealed yet.
    """
    rows = Entry.objects.filter(subject_type=subject_type, subject_identifier=identifier, public=True)
    newest = list(rows.order_by("-sequence")[:MOST_PROVEN])
    if not newest:
        raise _nothing()
    size = max(checkpoint_for(newest[-1].sequence)[0].size, seal_state().size)
    return _bundle([row for row in reversed(newest) if row.sequence <= size], opened=False)


def proof_for_operator(sequences: Sequence[int], *, opened: bool) -> str:
    """Return a proof bundle for whoever runs the installation, who may open every seal.

    Raises:
        NotFound: there is no such entry, or it is not sealed yet.
    """
    return _bundle(_rows(sequences), opened=opened)


def sequences_of(subject_type: str, identifier: str) -> list[int]:
    """Return the numbers of an object's public entries, oldest first.

    Raises:
        NotFound: there are none.
    """
    rows = Entry.objects.filter(subject_type=subject_type, subject_identifier=identifier, public=True)
    found = list(rows.order_by("sequence").values_list("sequence", flat=True))
    if not found:
        raise _nothing()
    return found


def _bundle(rows: Sequence[Entry], *, opened: bool) -> str:
    checkpoint, note = checkpoint_for(max(row.sequence for row in rows))
    tree = tiles.TiledTree(checkpoint.size, log_folder().tile)
    return bundles.write_bundle(note, (_proven(row, tree, opened=opened) for row in rows))


def _proven(row: Entry, tree: tiles.TiledTree, *, opened: bool) -> ProvenLeaf:
    """Prove one entry; content beside the leaf is added where the reader may know it."""
    readable = row.public or opened
    beside = not row.public or len(row.content.encode()) > INLINE_CONTENT_BYTES
    return ProvenLeaf(
        index=row.sequence - 1,
        leaf=bytes(row.leaf),
        proof=tree.inclusion_proof(row.sequence - 1),
        content_json=row.content if readable and beside else "",
        salt=bytes(row.salt) if opened else b"",
        sealed=rules.sealed_part(stored(row).deed) if opened else b"",
    )


def _rows(sequences: Iterable[int]) -> list[Entry]:
    wanted = list(sequences)
    found = Entry.objects.in_bulk(wanted)
    missing = [sequence for sequence in wanted if sequence not in found]
    if missing:
        raise NotFound(
            gettext_noop("There is no record number {sequence}."), code="no-such-record", sequence=missing[0]
        )
    return [found[sequence] for sequence in wanted]


def _may_open(person: Person | None, row: Entry) -> bool:
    return visibility.may_read_private(person, Subject(row.subject_type, row.subject_identifier))


def _nothing() -> NotFound:
    return NotFound(gettext_noop("Nothing about this object is on public record."), code="nothing-on-record")
