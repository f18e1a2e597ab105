"""Give the bus that this installation uses: tables, or NATS where ``MEHVAR_EXCHANGE_BUS`` names a server."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from mehvar.exchange.actions.events.table_bus import TableBus
from mehvar.exchange.data.events import Bus


def bus() -> Bus:
    """Return the bus."""
    return _bus(str(settings.MEHVAR_EXCHANGE_BUS))


@lru_cache(maxsize=2)
def _bus(address: str) -> Bus:
    if not address:
        return TableBus()
    from mehvar.exchange.actions.events.nats_bus import NatsBus

    return NatsBus(address)
