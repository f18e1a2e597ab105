"""Read calls and tallies: a member sees those it is part of, operator and auditor all.

Source: issue "exchange", points 2 and 3.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model, Q, QuerySet

from mehvar.exchange.models import EvidenceChain, EvidenceFault, HourlyTally, IndexedCall, Member
from mehvar.exchange.queries import scope
from mehvar.exchange.rules import custody
from mehvar.kernel.errors import NotFound, Unavailable, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.exchange.models import Inquiry
    from mehvar.organisations.data import Authority

_M = TypeVar("_M", bound=Model)


def own_members(authority: Authority) -> QuerySet[Member]:
    """Give the members for which a person looks at the exchange; all of them for operator and auditor."""
    rows = Member.objects.select_related("organisation").order_by("member_class", "code")
    if scope.sees_all(authority):
        return rows
    return organisations.scoped(rows, authority, Permission.VIEW_EXCHANGE, "organisation__path")


def _part_of(rows: QuerySet[_M], authority: Authority) -> QuerySet[_M]:
    if scope.sees_all(authority):
        return rows
    keys = own_members(authority).order_by().values("pk")
    return rows.filter(Q(client_member__in=keys) | Q(provider_member__in=keys))


def visible_calls(authority: Authority) -> QuerySet[IndexedCall]:
    """Give the calls in which a member of the person asked or was asked."""
    return _part_of(IndexedCall.objects.all(), authority)


def visible_call(authority: Authority, request_id: str) -> IndexedCall:
    """Give one call by the number that its client was told.

    Raises:
        NotFound: There is none that the person may see.
    """
    rows = visible_calls(authority).select_related(
        "gateway", "service_row", "client_member__organisation", "provider_member__organisation"
    )
    found = rows.filter(request_id=request_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such call, or you are no part of it."), code="unknown-call")
    return found


def reads_parts(authority: Authority, call: IndexedCall) -> bool:
    """Tell whether a person may read heads and bodies of a call: engineers of who asked or was asked; who oversees proves only."""
    keys = [call.client_member_id or 0, call.provider_member_id or 0]
    return Member.objects.filter(
        scope.own(authority, permission=Permission.MANAGE_SYSTEMS), pk__in=keys
    ).exists()


def visible_tallies(authority: Authority) -> QuerySet[HourlyTally]:
    """Give the tallies in which a member of the person asked or was asked."""
    return _part_of(HourlyTally.objects.all(), authority)


def receipt_of(call: IndexedCall, *, with_parts: bool = True) -> bytes:
    """Give the receipt of a call, read from the evidence.

    Raises:
        Unavailable: The evidence is not within reach of this machine, or retention dropped it.
    """
    folder = Path(call.gateway.evidence_folder or "-")
    try:
        return custody.receipt_at(
            folder,
            call.chain,
            call.segment,
            batch=call.batch,
            request_id=call.request_id,
            with_parts=with_parts,
        )
    except NotFound as error:
        raise Unavailable(
            gettext_noop(
                "The evidence of this call is not within reach now; ask the operator of the exchange."
            ),
            code="evidence-unreachable",
        ) from error


def chains() -> QuerySet[EvidenceChain]:
    """Give every chain with its gateway."""
    return EvidenceChain.objects.select_related("gateway").order_by("gateway__code", "name")


def open_faults() -> QuerySet[EvidenceFault]:
    """Give the faults at which reading stopped."""
    return (
        EvidenceFault.objects.filter(state="open").select_related("chain__gateway").order_by("found_at", "pk")
    )


def settled_faults() -> QuerySet[EvidenceFault]:
    """Give past faults, the latest first."""
    return (
        EvidenceFault.objects.exclude(state="open")
        .select_related("chain__gateway", "settled_by")
        .order_by("-settled_at", "-pk")
    )


def fault(fault_id: int) -> EvidenceFault:
    """Give one fault.

    Raises:
        NotFound: There is none.
    """
    found = EvidenceFault.objects.select_related("chain__gateway").filter(pk=fault_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such fault."), code="unknown-fault")
    return found


def key_for(call: IndexedCall) -> bytes:
    """Give the public key (PEM) that signed the evidence of a call.

    Raises:
        Unavailable: The evidence is not within reach of this machine.
    """
    folder = Path(call.gateway.evidence_folder or "-")
    try:
        return custody.key_at(folder, call.chain, call.segment)
    except NotFound as error:
        raise Unavailable(
            gettext_noop(
                "The evidence of this call is not within reach now; ask the operator of the exchange."
            ),
            code="evidence-unreachable",
        ) from error


def of_inquiry(row: Inquiry) -> IndexedCall | None:
    """Give the call by which a question was carried, None before it is in the index."""
    if not row.request_id:
        return None
    return IndexedCall.objects.select_related("gateway").filter(request_id=row.request_id).first()


def of_inquiry_or_later(row: Inquiry) -> IndexedCall:
    """Give the call by which a question was carried.

    Raises:
        Unavailable: It is not in the index yet.
    """
    found = of_inquiry(row)
    if found is None:
        raise Unavailable(
            gettext_noop("The receipt is there about a minute after the answer."), code="not-indexed-yet"
        )
    return found
