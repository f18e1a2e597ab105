"""Offer the exchange over HTTP: publish, subscribe and receive events."""

from ninja import Router

from mehvar.exchange.api.events import router as events

ROUTERS: tuple[tuple[str, Router], ...] = (("/exchange", events),)
"""Prefixes and routers, put together under ``/api/v1`` by the composition root."""
