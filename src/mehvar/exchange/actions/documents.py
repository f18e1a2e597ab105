"""Keep the signed documents of agreements, with their hashes on record."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db import transaction

from mehvar.exchange.actions import agreements, record
from mehvar.exchange.data.control import AgreementState
from mehvar.exchange.queries import documents
from mehvar.exchange.rules import checks
from mehvar.kernel import errors
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.exchange.models import Agreement

_NAME_LENGTH = 40


def attach_document(actor: User | None, public_id: str, *, data: bytes, version: int) -> Agreement:
    """Keep the signed document of an agreement: PDF, PNG or JPEG, at most 10 MB.

    In a proposal the side that accepted it may replace the document, so that the other side knows what it accepts; a valid agreement is
    given its document once, by either side.

    Raises:
        NotFound, NotPermitted, Conflict: There is none, no right to, stale, or the document stands.
        InputError, LimitExceeded: It is neither PDF nor picture, or too large.
    """
    ending = checks.document(data)
    with transaction.atomic():
        row = agreements.locked_agreement(actor, public_id, version)
        _check_may(actor, row)
        digest = hashlib.sha256(data).hexdigest()
        storage, old = row.document.storage, str(row.document.name or "")
        name = f"{digest[:_NAME_LENGTH]}.{ending}"
        row.document.save(name, ContentFile(data), save=False)
        record.changed(row, document=row.document.name, document_sha256=digest)
        if old:
            transaction.on_commit(lambda: storage.delete(old))
        agreements.note_agreement(actor, row, "document")
    return row


def _check_may(actor: User | None, row: Agreement) -> None:
    if actor is not None and not documents.speaks_for_side(organisations.authority_of(actor), row):
        record.demand_speaker(actor, row.provider)
    if row.state == AgreementState.ENDED:
        raise errors.Conflict("This agreement has ended.", code="agreement-ended")
    if actor is not None and not documents.may_attach(organisations.authority_of(actor), row):
        raise errors.Conflict(
            "The document of this agreement stands; propose a new agreement instead.", code="document-stands"
        )
