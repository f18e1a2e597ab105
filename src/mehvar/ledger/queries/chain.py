"""Check everything that is on record, streaming."""

from __future__ import annotations

from collections.abc import Iterator

from mehvar.ledger import rules
from mehvar.ledger.data import ChainReport, Fault, FaultCode, HeadRecord
from mehvar.ledger.models import Entry
from mehvar.ledger.queries.entries import head, stored

MOST_FAULTS = 1000
_ROWS_AT_ONCE = 500


def chain_report(*, known: HeadRecord | None = None) -> ChainReport:
    """Check every entry: sequence, links, leaf hashes, content hashes, fields against leaves, and the head.

    ``known``: sequence and hash that somebody wrote down earlier; a record that was rewritten as a whole since then is
    found by it. At most 1,000 faults are named. Memory does not grow with the ledger.
    """
    verifier = rules.ChainVerifier()
    faults: list[Fault] = []
    last = head()  # read first: acts recorded during the check lie beyond it and are left for the next one
    met = known is None
    for found, reached in _checked(verifier, last):
        faults.extend(found[: MOST_FAULTS - len(faults)])
        met = met or reached == known
    faults.extend(_head_faults(verifier, last))
    if not met and known is not None:
        faults.append(Fault(known.sequence, FaultCode.KNOWN))
    return ChainReport(verifier.count, verifier.head, tuple(faults))


def _checked(verifier: rules.ChainVerifier, last: HeadRecord) -> Iterator[tuple[list[Fault], HeadRecord]]:
    rows = Entry.objects.order_by("sequence")
    if last.sequence:
        rows = rows.filter(sequence__lte=last.sequence)
    for row in rows.iterator(chunk_size=_ROWS_AT_ONCE):
        entry = stored(row)
        faults = [*verifier.take(entry.leaf), *rules.faults_of(entry)]
        yield faults, HeadRecord(entry.sequence, verifier.head)


def _head_faults(verifier: rules.ChainVerifier, last: HeadRecord) -> list[Fault]:
    """Compare the head with the last leaf, and look for entries that it does not know."""
    newest = Entry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    agrees = (last.sequence, last.leaf_hash) == (verifier.expected - 1, verifier.head)
    if agrees and newest <= head().sequence:
        return []
    return [Fault(last.sequence, FaultCode.HEAD)]
