"""Offer directives over the HTTP API, one router a theme, from the first draft to the last acknowledgement.

Source: issue "the house", point 13.
"""

from ninja import Router

from mehvar.directives.api.cascade import coverage
from mehvar.directives.api.cascade import inbox as acknowledgements
from mehvar.directives.api.cascade import tasks as assignments
from mehvar.directives.api.consultation import invitations, rounds
from mehvar.directives.api.council import sessions
from mehvar.directives.api.decisions import router as decisions
from mehvar.directives.api.directives import router as directives
from mehvar.directives.api.duties import duties, themes
from mehvar.directives.api.editions import router as editions
from mehvar.directives.api.imports import router as imports
from mehvar.directives.api.measures import everywhere as measures
from mehvar.directives.api.measures import of_one as measures_of_one
from mehvar.directives.api.opinions import router as opinions
from mehvar.directives.api.promulgations import router as promulgations
from mehvar.directives.api.provisions import router as provisions
from mehvar.directives.api.resolutions import router as resolutions
from mehvar.directives.api.review import router as review

ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/directives", directives),
    ("/directives", editions),
    ("/directives", provisions),
    ("/directives", measures_of_one),
    ("/directives", rounds),
    ("/directives", decisions),
    ("/directives", coverage),
    ("/measures", measures),
    ("/imports", imports),
    ("/imports", review),
    ("/invitations", invitations),
    ("/opinions", opinions),
    ("/sessions", sessions),
    ("/resolutions", resolutions),
    ("/promulgations", promulgations),
    ("/acknowledgements", acknowledgements),
    ("/assignments", assignments),
    ("/themes", themes),
    ("/duties", duties),
)
"""The room's routers with the paths under which they belong."""
