"""Offer the exchange over HTTP: members, services, access, federation, events, the catalogue, own calls, inquiries."""

from ninja import Router

from mehvar.exchange.api.access import router as access
from mehvar.exchange.api.events import router as events
from mehvar.exchange.api.federation import router as federation
from mehvar.exchange.api.inquiries import router as inquiries
from mehvar.exchange.api.members import router as members
from mehvar.exchange.api.operations import router as operations
from mehvar.exchange.api.services import router as services

ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/exchange", members),
    ("/exchange", services),
    ("/exchange", access),
    ("/exchange", federation),
    ("/exchange", events),
    ("/exchange", operations),
    ("/exchange", inquiries),
)
"""Prefixes and routers, put together under ``/api/v1`` by the composition root."""
