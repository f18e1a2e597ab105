"""Let an operator pass a fault of the evidence, with a reason on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.exchange.models import EvidenceChain, EvidenceFault
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, NotFound, gettext_noop
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

SHORTEST_REASON = 10


def pass_fault(actor: User, fault_id: int, *, reason: str) -> EvidenceFault:
    """Go on reading behind a fault: at the next segment, or with the key that was not known.

    What lies between stays unread; the fault and the reason stay on show.

    Raises:
        NotPermitted: The person does not operate the exchange.
        NotFound: There is no such fault.
        Conflict: It is settled.
        InputError: The reason is too short.
    """
    permissions.require(organisations.authority_of(actor), Permission.OPERATE_EXCHANGE)
    words = reason.strip()
    if len(words) < SHORTEST_REASON:
        raise InputError(
            gettext_noop("Say what was found and why reading may go on."), code="empty", field="reason"
        )
    with transaction.atomic():
        fault = (
            EvidenceFault.objects.select_for_update()
            .select_related("chain__gateway")
            .filter(pk=fault_id)
            .first()
        )
        if fault is None:
            raise NotFound(gettext_noop("There is no such fault."), code="unknown-fault")
        if fault.state != "open":
            raise Conflict(gettext_noop("This fault is settled."), code="settled")
        fault.state, fault.reason = "passed", words[:500]
        fault.settled_at, fault.settled_by = clock.now(), actor
        fault.save()
        _move(fault)
        chain = fault.chain
        ledger.record(
            actor=actor.as_actor(),
            action="evidence.pass",
            subject=Subject("evidence-chain", f"{chain.gateway.code}.{chain.name}", str(chain)),
            content={"kind": fault.kind, "segment": fault.segment, "message": fault.message},
            reason=words,
        )
    return fault


def _move(fault: EvidenceFault) -> None:
    chain = EvidenceChain.objects.filter(pk=fault.chain_id)
    if fault.kind == "key":
        chain.update(key=fault.key, segment=fault.segment, offset=0)
    else:
        chain.update(segment=fault.resume_segment, offset=0, batch_hash="")
