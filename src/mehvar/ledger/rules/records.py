"""Check a stored entry against its own leaf."""

from __future__ import annotations

from mehvar.kernel.errors import MehvarError
from mehvar.ledger.data import Fault, FaultCode, Place, StoredEntry
from mehvar.ledger.rules import leaf as leaves


def faults_of(entry: StoredEntry) -> tuple[Fault, ...]:
    """Say how the stored fields, content and hashes of ``entry`` disagree with its leaf; nothing when they agree.

    The leaf is made anew from the fields, so that a change of any of them shows, the sealed ones too.
    """
    codes = []
    if leaves.leaf_hash(entry.leaf) != entry.leaf_hash:
        codes.append(FaultCode.LEAF_HASH)
    if leaves.content_json_hash(entry.deed.content_json) != entry.content_hash:
        codes.append(FaultCode.CONTENT)
    if not _fields_agree(entry):
        codes.append(FaultCode.FIELDS)
    return tuple(Fault(entry.sequence, code) for code in codes)


def _fields_agree(entry: StoredEntry) -> bool:
    try:
        said = leaves.decode_leaf(entry.leaf)
        place = Place(entry.sequence, entry.recorded_at, said.previous)
        return leaves.encode_leaf(entry.deed, place) == entry.leaf
    except (MehvarError, ValueError):
        return False
