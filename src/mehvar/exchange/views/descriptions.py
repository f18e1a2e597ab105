"""Serve services' descriptions to gateways, which pass them on to who may know the service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from mehvar.exchange.models import ExchangeService
from mehvar.exchange.queries import descriptions
from mehvar.exchange.queries.scope import missing

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
def description_for_gateways(_request: HttpRequest, public_id: str, mark: str) -> HttpResponse:
    """Give the newest description as JSON to whoever knows the address from the routing snapshot."""
    service = ExchangeService.objects.filter(public_id=public_id).first()
    if service is None or not descriptions.is_mark(public_id, mark):
        raise missing("description")
    document = descriptions.version_of(service).document
    return HttpResponse(json.dumps(document, ensure_ascii=False), content_type="application/json")


urlpatterns = [
    path(
        "described/<slug:public_id>/<slug:mark>.json",
        description_for_gateways,
        name="description_for_gateways",
    ),
]
