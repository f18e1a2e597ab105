"""Offer the register of bodies over the HTTP API.

Source: issue "the house", points 4 and 13.
"""

from ninja import Router

from mehvar.organisations.api import changes
from mehvar.organisations.api.bodies import router as bodies
from mehvar.organisations.api.committees import router as committees
from mehvar.organisations.api.groups import router as groups
from mehvar.organisations.api.successions import router as successions

__all__ = ["ROUTERS", "changes"]

ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/organisations", bodies),
    ("/successions", successions),
    ("/groups", groups),
    ("/committees", committees),
)
"""The room's routers with the paths under which they belong."""
