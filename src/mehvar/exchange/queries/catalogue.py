"""Read the catalogue: what is offered, by whom, and how one stands to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, QuerySet, Subquery

from mehvar.exchange.data.control import RequestState
from mehvar.exchange.models import (
    AccessRequest,
    AccessRight,
    CatalogueEntry,
    ExchangeService,
    Gateway,
    Member,
    ServiceDescription,
)
from mehvar.exchange.queries import scope
from mehvar.kernel.text import fold_for_search
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mehvar.organisations.data import Authority

LIVE_REQUESTS = (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.RETURNED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold what somebody looks for. ``personal``: yes, no, or empty; ``provider``: a member's public id."""

    text: str = ""
    provider: str = ""
    theme: str = ""
    personal: str = ""
    tryable: bool = False


def reads_catalogue(authority: Authority) -> bool:
    """Tell whether a person reads the catalogue: who works with the exchange, and who inquires by it."""
    return scope.takes_part(authority) or permissions.allows(authority, Permission.INQUIRE)


def services(authority: Authority, wanted: Wanted | None = None) -> QuerySet[ExchangeService]:
    """Give the services that are offered, by title."""
    if not reads_catalogue(authority):
        return ExchangeService.objects.none()
    rows = scope.visible_services(authority).filter(state__in=scope.OPEN_SERVICES)
    return _matching(rows, wanted or Wanted()).select_related("catalogue_entry").order_by("title", "pk")


def _matching(rows: QuerySet[ExchangeService], wanted: Wanted) -> QuerySet[ExchangeService]:
    for word in fold_for_search(wanted.text).split()[:10]:
        rows = rows.filter(Q(folded__contains=word) | Q(catalogue_entry__folded__contains=word))
    if wanted.provider:
        rows = rows.filter(subsystem__member__public_id=wanted.provider)
    if wanted.theme:
        rows = rows.filter(catalogue_entry__fields__contains=f"|{wanted.theme}|")
    if wanted.personal in {"yes", "no"}:
        rows = rows.filter(personal_data=wanted.personal == "yes")
    return rows.exclude(test_base_url="") if wanted.tryable else rows


def providers(authority: Authority) -> QuerySet[Member]:
    """Give the members that offer services."""
    offered = services(authority).order_by().values("subsystem__member")
    return Member.objects.filter(pk__in=offered).select_related("organisation").order_by("code")


def themes(authority: Authority) -> list[str]:
    """Give the themes of what is offered, the frequent ones first."""
    offered = services(authority).order_by().values("pk")
    found = CatalogueEntry.objects.filter(service__in=offered).values_list("fields", flat=True)
    counts = Counter(theme for line in found for theme in line.strip("|").split("|") if theme)
    return [theme for theme, _ in counts.most_common(60)]


def service(authority: Authority, public_id: str) -> ExchangeService:
    """Give one service that is offered.

    Raises:
        NotFound: There is none.
    """
    found = services(authority).filter(public_id=public_id).first()
    if found is None:
        raise scope.missing("service")
    return found


def description_of(row: ExchangeService) -> ServiceDescription | None:
    """Give the newest description, None without one."""
    return ServiceDescription.objects.filter(service=row).order_by("-number").first()


def descriptions_of(service_ids: Iterable[int]) -> dict[int, ServiceDescription]:
    """Give the newest description of each of several services."""
    newest = (
        ServiceDescription.objects.filter(service=OuterRef("service")).order_by("-number").values("pk")[:1]
    )
    rows = ServiceDescription.objects.filter(service__in=[*service_ids], pk=Subquery(newest))
    return {row.service_id: row for row in rows}


def own_requests(authority: Authority, row: ExchangeService) -> list[AccessRequest]:
    """Give the requests for access that the person's members made for a service, the latest first."""
    own = scope.own(authority, "subsystem__member__")
    rows = AccessRequest.objects.filter(own, service=row).select_related("subsystem__member__organisation")
    return list(rows.order_by("-created_at")[:20])


def own_rights(authority: Authority, row: ExchangeService) -> list[AccessRight]:
    """Give the rights that the person's subsystems hold on a service by themselves."""
    own = scope.own(authority, "subsystem__member__")
    rows = AccessRight.objects.filter(own, service=row, revoked_at=None)
    return list(rows.select_related("subsystem__member__organisation", "agreement", "endpoint")[:20])


def gateway_address() -> str:
    """Give the address at which clients call, an example where no gateway is registered."""
    first = Gateway.objects.exclude(address="").order_by("pk").values_list("address", flat=True).first()
    return (first or "https://gateway.example").rstrip("/")
