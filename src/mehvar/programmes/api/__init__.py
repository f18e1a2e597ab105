"""Offer programmes, plans, progress and obstacles over the HTTP API, one router a theme.

Source: issue "programmes", point 11.
"""

from ninja import Router

from mehvar.programmes.api.obstacles import router as obstacles
from mehvar.programmes.api.plans import router as plans
from mehvar.programmes.api.programmes import router as programmes
from mehvar.programmes.api.progress import cells, deliveries, requests

ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/programmes", programmes),
    ("/plans", plans),
    ("/deliveries", deliveries),
    ("/report-requests", requests),
    ("/obstacles", obstacles),
    ("/cells", cells),
)
"""The room's routers with the paths under which they belong."""
