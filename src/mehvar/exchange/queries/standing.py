"""Say how agreements and credentials stand today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mehvar.exchange.data.control import AgreementState
from mehvar.exchange.queries.days import today
from mehvar.kernel import clock

if TYPE_CHECKING:
    from mehvar.exchange.models import Agreement, ClientCertificate, SigningKey

SOON = timedelta(days=30)


def of_agreement(row: Agreement) -> str:
    """Give ``proposed``, ``valid``, ``ended``, ``future`` (begins later) or ``run-out`` (its last day has passed)."""
    if row.state != AgreementState.VALID:
        return str(row.state)
    if row.valid_from > today():
        return "future"
    if row.valid_until is not None and row.valid_until < today():
        return "run-out"
    return "valid"


def of_credential(row: SigningKey | ClientCertificate) -> str:
    """Give ``valid``, ``soon`` (runs out within 30 days), ``run-out``, ``revoked`` or ``future``."""
    now = clock.now()
    if row.revoked_at is not None:
        return "revoked"
    if row.valid_until <= now:
        return "run-out"
    if row.valid_from > now:
        return "future"
    return "soon" if row.valid_until - now <= SOON else "valid"
