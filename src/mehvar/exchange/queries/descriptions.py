"""Read versions of services' descriptions, and give gateways an address that only they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from mehvar.exchange.models import ServiceDescription
from mehvar.exchange.queries.scope import missing

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.exchange.models import ExchangeService

SALT = "mehvar.exchange.description"


def address_for_gateways(public_id: str) -> str:
    """Give the address at which a gateway reads the newest description of a service."""
    path = reverse("exchange:description_for_gateways", args=[public_id, _mark(public_id)])
    return f"{settings.MEHVAR_BASE_URL}{path}"


def is_mark(public_id: str, mark: str) -> bool:
    """Tell whether the mark is the one that gateways were told."""
    return constant_time_compare(mark, _mark(public_id))


def _mark(public_id: str) -> str:
    return salted_hmac(SALT, public_id, algorithm="sha256").hexdigest()[:32]


def versions_of(service: ExchangeService) -> QuerySet[ServiceDescription]:
    """Give the versions of a description without their documents, the newest first."""
    return ServiceDescription.objects.filter(service=service).defer("document").order_by("-number")


def version_of(service: ExchangeService, number: int | None = None) -> ServiceDescription:
    """Give one version with its document, the newest where no number is given.

    Raises:
        NotFound: There is none.
    """
    rows = ServiceDescription.objects.filter(service=service).order_by("-number")
    found = rows.first() if number is None else rows.filter(number=number).first()
    if found is None:
        raise missing("description")
    return found
