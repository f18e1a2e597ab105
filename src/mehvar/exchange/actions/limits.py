"""Set quotas, and let clients call from a network without a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.exchange.actions import publication, record
from mehvar.exchange.actions.services import locked_service
from mehvar.exchange.actions.subsystems import locked_subsystem
from mehvar.exchange.models import ClientNetwork, ExchangeService, Quota, Subsystem
from mehvar.exchange.queries import names, scope
from mehvar.exchange.rules import checks
from mehvar.kernel import clock, errors
from mehvar.ledger.data import Subject

if TYPE_CHECKING:
    from mehvar.accounts.models import User

ALL_QUOTAS = Subject("exchange-quotas", "all", "*")


def set_quota(
    actor: User | None,
    *,
    calls_per_s: float,
    burst: int,
    service: str = "",
    subsystem_id: int | None = None,
) -> Quota:
    """Limit calls; without a service (public id) or subsystem each of them is counted apart. A quota of the same two is replaced.

    A provider limits its own services; without a service the operator does.

    Raises:
        NotFound, NotPermitted, InputError: Something is unknown, no right to, or the numbers mean nothing.
    """
    checks.quota(calls_per_s, burst)
    with transaction.atomic():
        limited = locked_service(actor, service) if service else None
        if limited is None:
            record.demand_operator(actor)
        client = _subsystem(subsystem_id)
        row = Quota.objects.select_for_update().filter(service=limited, subsystem=client).first()
        if row is None:
            row = Quota(service=limited, subsystem=client)
        row.calls_per_s, row.burst = calls_per_s, burst
        row.save()
        _note(actor, limited, client, "set", {"calls_per_s": calls_per_s, "burst": burst})
    return row


def remove_quota(actor: User | None, quota_id: int) -> None:
    """Remove a quota, as the service's provider or the operator.

    Raises:
        NotFound, NotPermitted: There is none, or no right to.
    """
    with transaction.atomic():
        row = record.locked(Quota.objects.filter(pk=quota_id))
        limited = locked_service(actor, row.service.public_id) if row.service else None
        if limited is None:
            record.demand_operator(actor)
        client = row.subsystem
        row.delete()
        _note(actor, limited, client, "remove", {})


def _note(
    actor: User | None,
    service: ExchangeService | None,
    client: Subsystem | None,
    action: str,
    numbers: dict[str, float],
) -> None:
    content = {
        "service": names.service_name(service) if service else "*",
        "client": names.client_name(client) if client else "*",
        **numbers,
    }
    subject = record.of_service(service) if service else ALL_QUOTAS
    record.note(actor, f"exchange.quota.{action}", subject, content)
    publication.changed(f"exchange.quota.{action}")


def _subsystem(subsystem_id: int | None) -> Subsystem | None:
    if subsystem_id is None:
        return None
    found = Subsystem.objects.select_related("member__organisation").filter(pk=subsystem_id).first()
    if found is None:
        raise scope.missing("subsystem")
    return found


def allow_network(actor: User | None, subsystem_id: int, *, network: str, reason: str) -> ClientNetwork:
    """Let a subsystem call from a network without a key, as the operator; on plain listeners only.

    Raises:
        NotFound, NotPermitted, InputError, Conflict: There is none, no right to, no network, no reason, or known.
    """
    record.demand_operator(actor)
    clean, why = checks.network(network), checks.words(reason, field="reason", limit=300)
    with transaction.atomic():
        client = locked_subsystem(actor, subsystem_id)
        row, is_new = ClientNetwork.objects.get_or_create(
            subsystem=client, network=clean, defaults={"reason": why, "created_at": clock.now()}
        )
        if not is_new:
            raise errors.Conflict("This network is allowed already.", code="network-taken", field="network")
        _note_network(actor, client, "allow", clean, reason=why)
    return row


def forbid_network(actor: User | None, network_id: int) -> None:
    """Take a network back, as the operator or an engineer of the client's body.

    Raises:
        NotFound, NotPermitted: There is none, or no right to.
    """
    with transaction.atomic():
        row = record.locked(ClientNetwork.objects.filter(pk=network_id))
        client = locked_subsystem(actor, row.subsystem_id)
        row.delete()
        _note_network(actor, client, "forbid", row.network)


def _note_network(
    actor: User | None, client: Subsystem, action: str, network: str, *, reason: str = ""
) -> None:
    content = {"client": names.client_name(client), "network": network}
    record.note(actor, f"exchange.network.{action}", record.of_subsystem(client), content, reason=reason)
    publication.changed(f"exchange.network.{action} {client}")
