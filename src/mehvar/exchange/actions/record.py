"""Put the room's acts on record, guard against two people changing one thing, and say who may act.

Shared by the room's actions; other rooms do not call it. An act without a person is the server's console (a command, the
demonstration, a test federation) and is not refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import F, Model, QuerySet

from mehvar.exchange.queries import names, scope
from mehvar.kernel import errors
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.exchange.models import (
        AccessRequest,
        AccessRight,
        Agreement,
        ExchangeService,
        Member,
        Subsystem,
    )

_M = TypeVar("_M", bound=Model)


def locked(rows: QuerySet[_M], version: int | None = None) -> _M:
    """Give the one row, locked until the transaction ends.

    Raises:
        NotFound: There is no such row.
        Conflict: ``version`` is given and somebody has changed the row since.
    """
    found = rows.select_for_update(of=("self",)).first()
    if found is None:
        raise scope.missing("entry")
    if version is not None and version != found.version:  # type: ignore[attr-defined]
        raise stale()
    return found


def stale() -> errors.Conflict:
    """Say that somebody was faster."""
    return errors.Conflict(
        "Somebody changed this in the meantime. Look at the new state and try again.", code="stale"
    )


def changed(row: Model, **values: Any) -> None:
    """Save some fields of a locked row and count its version up."""
    type(row)._default_manager.filter(pk=row.pk).update(version=F("version") + 1, **values)  # noqa: SLF001
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1  # type: ignore[attr-defined]


def demand_operator(actor: User | None) -> None:
    """Refuse who does not operate the exchange.

    Raises:
        NotPermitted: The person does not.
    """
    _demand(actor is None or scope.operates(organisations.authority_of(actor)), Permission.OPERATE_EXCHANGE)


def demand_manager(actor: User | None, member: Member) -> None:
    """Refuse who neither engineers for the member's body nor operates the exchange.

    Raises:
        NotPermitted: The person does neither.
    """
    _demand(
        actor is None or scope.manages(organisations.authority_of(actor), member), Permission.MANAGE_SYSTEMS
    )


def demand_speaker(actor: User | None, member: Member) -> None:
    """Refuse who does not engineer for the member's body: what binds the body, the operator does not do for it.

    Raises:
        NotPermitted: The person does not.
    """
    _demand(
        actor is None or scope.speaks_for(organisations.authority_of(actor), member),
        Permission.MANAGE_SYSTEMS,
    )


def _demand(is_permitted: bool, permission: Permission) -> None:  # noqa: FBT001 - the answer itself
    if not is_permitted:
        raise errors.NotPermitted(
            "Your role does not permit this here.", code="not-permitted", permission=permission.value
        )


def demand_seen(actor: User | None, rows: QuerySet[Any]) -> None:
    """Refuse to act on what the person may not even see.

    Raises:
        NotFound: The person may not see it.
    """
    if actor is not None and not rows.exists():
        raise scope.missing("entry")


def note(
    actor: User | None,
    action: str,
    subject: Subject,
    content: Mapping[str, Any],
    *,
    reason: str = "",
    public: bool = False,
) -> None:
    """Put an act on record, as the last step of its transaction."""
    ledger.record(
        actor=actor.as_actor() if actor else Actor.system("exchange"),
        action=action,
        subject=subject,
        content=dict(content),
        reason=reason.strip(),
        public=public,
    )


def of_member(member: Member) -> Subject:
    """Name a member as the ledger's subject."""
    return Subject("exchange-member", member.public_id, names.member_name(member))


def of_subsystem(subsystem: Subsystem) -> Subject:
    """Name a subsystem as the ledger's subject: what happens to it is the member's history."""
    return Subject("exchange-member", subsystem.member.public_id, names.client_name(subsystem))


def of_service(service: ExchangeService) -> Subject:
    """Name a service as the ledger's subject."""
    return Subject("exchange-service", service.public_id, service.title)


def of_agreement(agreement: Agreement) -> Subject:
    """Name an agreement as the ledger's subject."""
    return Subject("exchange-agreement", agreement.public_id, agreement.title[:200])


def of_right(right: AccessRight) -> Subject:
    """Name a right as the ledger's subject."""
    return Subject("exchange-right", right.public_id, str(right)[:200])


def of_request(request: AccessRequest) -> Subject:
    """Name a request for access as the ledger's subject."""
    return Subject("exchange-request", request.public_id, str(request)[:200])
