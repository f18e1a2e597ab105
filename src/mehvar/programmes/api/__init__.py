"""Offer all that the room's pages offer over the HTTP API, one router a theme.

Source: issue "programmes", point 11.
"""

from ninja import Router

from mehvar.programmes.api import (
    calls,
    delivering,
    gathering,
    imports,
    obstacle_steps,  # noqa: F401 - puts its routes onto those of obstacles
    obstacles,
    plans,
    presentation,
    programmes,
    progress,
    provinces,
    reviews,
    rounds,
)

ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/programmes", programmes.router),
    ("/programme-templates", gathering.templates),
    ("/calls", calls.router),
    ("/plans", plans.router),
    ("/rounds", rounds.router),
    ("/deliveries", progress.deliveries),
    ("/report-requests", progress.requests),
    ("/reports", reviews.reports),
    ("/extensions", delivering.requests),
    ("/completions", delivering.claims),
    ("/obstacles", obstacles.router),
    ("/proposals", provinces.proposals),
    ("/stakeholder-meetings", provinces.stakeholders),
    ("/commitments", provinces.commitments),
    ("/recognition", provinces.recognition),
    ("/stocktakes", presentation.stocktakes),
    ("/flagships", presentation.flagships),
    ("/performance-reports", presentation.performance),
    ("/cells", progress.cells),
    ("/sheets", imports.sheets),
    ("/sheet-imports", imports.router),
)
"""The room's routers with the paths under which they belong."""
