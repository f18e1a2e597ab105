"""Check that leaves follow one another without gap, each naming the hash of the one before."""

from __future__ import annotations

from collections.abc import Iterable

from mehvar.kernel.errors import InputError
from mehvar.ledger.data import ChainReport, Fault, FaultCode
from mehvar.ledger.rules.leaf import GENESIS, decode_leaf, leaf_hash


class ChainVerifier:
    """Take leaves one after the other and say at each what is wrong; needs no memory of the leaves behind.

    After a fault the check goes on from the leaf as it is, so that one wrong entry is one fault (and the broken link of
    the next), not a thousand.
    """

    def __init__(self, *, first: int = 1, previous: str = GENESIS) -> None:
        """Expect the leaf number ``first`` that names the hash ``previous``."""
        self.expected = first
        self.head = previous
        self.count = 0

    def take(self, leaf: bytes) -> tuple[Fault, ...]:
        """Check the next leaf and move on to it."""
        place, link = self.expected, self.head
        self.expected, self.head, self.count = place + 1, leaf_hash(leaf), self.count + 1
        try:
            said = decode_leaf(leaf)
        except InputError:
            return (Fault(place, FaultCode.UNREADABLE),)
        self.expected = said.sequence + 1
        faults = []
        if said.sequence != place:
            faults.append(Fault(place, FaultCode.GAP))
        if said.previous != link:
            faults.append(Fault(said.sequence, FaultCode.PREVIOUS))
        return tuple(faults)


def verify_chain(leaves: Iterable[bytes], *, first: int = 1, previous: str = GENESIS) -> ChainReport:
    """Check a run of leaves, streaming, and sum up."""
    verifier = ChainVerifier(first=first, previous=previous)
    faults = [fault for leaf in leaves for fault in verifier.take(leaf)]
    return ChainReport(verifier.count, verifier.head, tuple(faults))
