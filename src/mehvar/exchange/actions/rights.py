"""Grant and revoke rights: who may use a service, or one endpoint of it, under which agreement.

Source: issue "Ledger and exchange", point 2 (no right without an agreement).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from mehvar.exchange.actions import publication, record, telling
from mehvar.exchange.actions.agreements import has_run_out
from mehvar.exchange.actions.services import locked_service
from mehvar.exchange.data.control import AgreementState, ServiceState, SubsystemState
from mehvar.exchange.models import AccessRight, Agreement, ClientGroup, Endpoint, ExchangeService, Subsystem
from mehvar.exchange.queries import names, scope
from mehvar.exchange.rules import checks
from mehvar.kernel import clock, errors, identifiers
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def grant(
    actor: User | None,
    *,
    agreement: str,
    service: str,
    subsystem_id: int | None = None,
    group: str = "",
    endpoint_id: int | None = None,
) -> AccessRight:
    """Grant a service (public id), or one endpoint of it, to a subsystem or a group under an agreement (public id).

    Raises:
        NotFound, NotPermitted: Something is unknown, or the person does not speak for the provider.
        Conflict: The agreement is not valid or has run out, or the right is granted already.
        InputError: The agreement is not between these two, or neither or both of subsystem and group are given.
    """
    with transaction.atomic():
        offered = locked_service(actor, service)
        record.demand_speaker(actor, offered.subsystem.member)
        under = _agreement(agreement)
        to = _subsystem(subsystem_id), _group(group)
        check_grant(under, offered, to)
        return make_right(actor, under, offered, to=to, endpoint=_endpoint(offered, endpoint_id))


def check_grant(
    under: Agreement, service: ExchangeService, to: tuple[Subsystem | None, ClientGroup | None]
) -> None:
    """Refuse a right that the agreement does not carry; shared by the room's actions.

    Raises:
        Conflict: The agreement is not valid or has run out, or the service is retired.
        InputError: It is not between these two.
    """
    subsystem, group = to
    if (subsystem is None) == (group is None):
        raise errors.InputError("Choose one subsystem or one group.", code="bad-subject", field="subsystem")
    if service.state == ServiceState.RETIRED:
        raise errors.Conflict("This service is retired.", code="service-retired")
    if under.state != AgreementState.VALID or has_run_out(under):
        raise errors.Conflict(
            "A right needs an agreement that both sides accepted and that has not ended.",
            code="agreement-not-valid",
            field="agreement",
        )
    if under.provider_id != service.subsystem.member_id:
        raise errors.InputError(
            "The agreement's provider is not the service's.", code="other-provider", field="agreement"
        )
    consumer = subsystem.member_id if subsystem else None
    if under.consumer_id != consumer:
        raise errors.InputError(
            "The agreement is with somebody else.", code="other-consumer", field="agreement"
        )


def make_right(
    actor: User | None,
    under: Agreement,
    service: ExchangeService,
    *,
    to: tuple[Subsystem | None, ClientGroup | None],
    endpoint: Endpoint | None,
) -> AccessRight:
    """Write a right down, on record and into the snapshot; shared by the room's actions.

    Raises:
        Conflict: The right is granted already.
    """
    subsystem, group = to
    try:
        with transaction.atomic():
            row = AccessRight.objects.create(
                public_id=identifiers.new_public_id(),
                agreement=under,
                service=service,
                endpoint=endpoint,
                subsystem=subsystem,
                group=group,
                granted_at=clock.now(),
                granted_by=actor,
            )
    except IntegrityError:
        raise errors.Conflict("This right is granted already.", code="right-taken") from None
    _note(actor, row, "grant")
    return row


def revoke(actor: User | None, public_id: str, *, reason: str) -> AccessRight:
    """Revoke a right, as the provider or the operator: the next call is refused.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, revoked already, or no reason.
    """
    why = checks.words(reason, field="reason", limit=500)
    rows = AccessRight.objects.select_related(
        "agreement", "service__subsystem__member__organisation", "subsystem__member__organisation", "group", "endpoint"
    ).filter(public_id=public_id)  # fmt: skip
    if actor is not None:
        seen = scope.visible_rights(organisations.authority_of(actor)).filter(public_id=public_id)
        record.demand_seen(actor, seen)
    with transaction.atomic():
        row = record.locked(rows)
        record.demand_manager(actor, row.service.subsystem.member)
        if row.revoked_at is not None:
            raise errors.Conflict("This right is revoked already.", code="right-revoked")
        row.revoked_at, row.revoke_reason = clock.now(), why
        row.save(update_fields=["revoked_at", "revoke_reason"])
        if row.subsystem is not None:
            telling.tell(
                telling.engineers_of([row.subsystem.member]),
                key=f"right:{row.public_id}:revoked",
                message=gettext_noop("The right of {client} to use “{service}” was revoked."),
                path=reverse("exchange:service", args=[row.service.public_id]),
                client=str(row.subsystem),
                service=row.service.title,
            )
        _note(actor, row, "revoke", reason=why)
    return row


def _note(actor: User | None, row: AccessRight, action: str, *, reason: str = "") -> None:
    content = {
        "service": names.service_name(row.service),
        "client": names.client_name(row.subsystem) if row.subsystem else None,
        "group": row.group.code if row.group else None,
        "endpoint": str(row.endpoint) if row.endpoint else None,
        "agreement": row.agreement.public_id,
    }
    subject = record.of_right(row)
    record.note(actor, f"exchange.right.{action}", subject, content, reason=reason, public=True)
    publication.changed(f"exchange.right.{action} {row.public_id}")


def _agreement(public_id: str) -> Agreement:
    rows = Agreement.objects.select_related("provider", "consumer").filter(public_id=public_id)
    return record.locked(rows)


def _subsystem(subsystem_id: int | None) -> Subsystem | None:
    if subsystem_id is None:
        return None
    rows = Subsystem.objects.select_related("member__organisation")
    found = rows.filter(pk=subsystem_id, state=SubsystemState.ACTIVE).first()
    if found is None:
        raise scope.missing("subsystem")
    return found


def _group(code: str) -> ClientGroup | None:
    if not code:
        return None
    found = ClientGroup.objects.filter(code=code).first()
    if found is None:
        raise scope.missing("group")
    return found


def _endpoint(service: ExchangeService, endpoint_id: int | None) -> Endpoint | None:
    if endpoint_id is None:
        return None
    found = service.endpoints.filter(pk=endpoint_id).first()
    if found is None:
        raise scope.missing("endpoint")
    return found
