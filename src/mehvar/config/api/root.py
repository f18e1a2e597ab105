"""Build the API object and put the rooms' routers under it."""

from django.conf import settings
from ninja import NinjaAPI

from mehvar import __version__
from mehvar.config.api import problems
from mehvar.config.api.access import Session, Token
from mehvar.directives.api import router as directives
from mehvar.organisations.api import router as organisations

DESCRIPTION = """\
Read and change what Mehvar's pages show, with the same permissions. Send `Authorization: Bearer …` with a token from your profile page.
Writes take `Idempotency-Key`: repeating a request with the same key gives the first answer and does nothing twice. Failures are problem details (RFC 9457).
Lists are paged by `page` and `size`; `X-Total-Count` says how many there are and `Link` where the next page is.
"""


api = NinjaAPI(
    title="Mehvar",
    version="1",
    description=DESCRIPTION,
    auth=[Token(), Session()],
    urls_namespace="api",
    docs_url=None,
    openapi_extra={"info": {"x-software-version": __version__}},
    servers=[{"url": settings.MEHVAR_BASE_URL}],
)
problems.install(api)
api.add_router("/organisations", organisations)
api.add_router("/directives", directives)
