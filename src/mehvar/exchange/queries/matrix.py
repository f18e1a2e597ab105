"""Arrange rights as a matrix: services above, clients below, in each place what is granted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mehvar.exchange.models import GroupMembership
from mehvar.exchange.queries import scope
from mehvar.exchange.queries.members import RIGHT_RELATED

if TYPE_CHECKING:
    from mehvar.exchange.models import AccessRight, ExchangeService, Subsystem
    from mehvar.organisations.data import Authority

MOST_SERVICES, MOST_CLIENTS, MOST_RIGHTS = 40, 200, 5_000


@dataclass(frozen=True, slots=True)
class Matrix:
    """Hold services, clients, and the rights by (client, service); ``is_cut`` where there are more than are shown."""

    services: list[ExchangeService]
    clients: list[Subsystem]
    rights: dict[tuple[int, int], list[AccessRight]]
    is_cut: bool


def rights_matrix(authority: Authority, *, words: str = "") -> Matrix:
    """Give the rights that the person sees, those of groups with each of their members; three queries.

    ``words`` keeps the services whose code or title holds them.
    """
    rows = scope.visible_rights(authority).filter(revoked_at=None).select_related(*RIGHT_RELATED)
    if words:
        rows = rows.filter(service__folded__contains=words)
    found = list(rows.order_by("service__title", "pk")[: MOST_RIGHTS + 1])
    groups = _members({one.group_id for one in found if one.group_id})
    cells: dict[tuple[int, int], list[AccessRight]] = defaultdict(list)
    services: dict[int, ExchangeService] = {}
    clients: dict[int, Subsystem] = {}
    for one in found[:MOST_RIGHTS]:
        holders = [one.subsystem] if one.subsystem else groups.get(one.group_id or 0, [])
        services[one.service_id] = one.service
        for client in holders:
            clients[client.pk] = client
            cells[client.pk, one.service_id].append(one)
    ordered = sorted(clients.values(), key=lambda client: (client.member.code, client.code))
    is_cut = len(found) > MOST_RIGHTS or len(services) > MOST_SERVICES or len(clients) > MOST_CLIENTS
    return Matrix(list(services.values())[:MOST_SERVICES], ordered[:MOST_CLIENTS], dict(cells), is_cut)


def _members(group_ids: set[int]) -> dict[int, list[Subsystem]]:
    found: dict[int, list[Subsystem]] = defaultdict(list)
    rows = GroupMembership.objects.filter(group_id__in=group_ids, left_at=None)
    for one in rows.select_related("subsystem__member__organisation"):
        found[one.group_id].append(one.subsystem)
    return found
