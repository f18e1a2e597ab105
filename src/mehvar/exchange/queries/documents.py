"""Read the signed documents of agreements, and say who may attach one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from mehvar.exchange.data.control import AgreementState
from mehvar.exchange.queries import scope

if TYPE_CHECKING:
    from mehvar.exchange.models import Agreement
    from mehvar.organisations.data import Authority


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """Hold an open document and the name under which it is given out."""

    name: str
    content: IO[bytes]


def document_of(authority: Authority, public_id: str) -> KeptDocument:
    """Open the signed document of an agreement, for both sides and who sees all.

    Raises:
        NotFound: There is none, or not for this person.
    """
    row = scope.own_agreements(authority).filter(public_id=public_id).exclude(document="").first()
    if row is None:
        raise scope.missing("document")
    try:
        content = row.document.open("rb")
    except FileNotFoundError as error:
        raise scope.missing("document") from error
    ending = str(row.document.name).rpartition(".")[2]
    return KeptDocument(f"agreement-{row.public_id}.{ending}", content)


def may_read(authority: Authority, row: Agreement) -> bool:
    """Tell whether there is a document and the person may read it."""
    return bool(row.document) and scope.own_agreements(authority).filter(pk=row.pk).exists()


def may_attach(authority: Authority, row: Agreement) -> bool:
    """Tell whether the person may attach a document now: who accepted a proposal, or either side where none is there."""
    if row.state == AgreementState.PROPOSED:
        return any(
            accepted is not None and side is not None and scope.speaks_for(authority, side)
            for side, accepted in (
                (row.provider, row.provider_accepted_at),
                (row.consumer, row.consumer_accepted_at),
            )
        )
    return row.state == AgreementState.VALID and not row.document and speaks_for_side(authority, row)


def speaks_for_side(authority: Authority, row: Agreement) -> bool:
    """Tell whether the person is an engineer of one of the sides."""
    return any(
        side is not None and scope.speaks_for(authority, side) for side in (row.provider, row.consumer)
    )
