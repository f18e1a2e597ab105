"""Build the API object and put the rooms' routers under it."""

from typing import Any

from django.conf import settings
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from mehvar import __version__
from mehvar.config.api import problems
from mehvar.config.api.access import SAFE_METHODS, Session, SignedRequest, Token
from mehvar.config.api.me import router as me
from mehvar.config.api.parsing import StrictParser
from mehvar.config.api.throttle import PerMinute
from mehvar.directives.api import ROUTERS as DIRECTIVES
from mehvar.exchange.api import ROUTERS as EXCHANGE
from mehvar.organisations.api import ROUTERS as ORGANISATIONS
from mehvar.programmes.api import ROUTERS as PROGRAMMES
from mehvar.ui.api import Problem

DESCRIPTION = """\
Read and change what Mehvar's pages show, with the same permissions. Send `Authorization: Bearer …` with a token from your profile page.
Writes take `Idempotency-Key`: repeating a request with the same key gives the first answer and does nothing twice. Failures are problem details (RFC 9457).
Lists are paged by `page` and `size`; `X-Total-Count` says how many there are and `Link` where the next page is.
"""
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "A text of your own that names this write; repeating it with the same key does nothing twice.",
}


class MehvarAPI(NinjaAPI):
    """Describe, beside the routes, what every one of them shares: problems and idempotency keys."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation by its theme and its function."""
        theme = (operation.tags or ["mehvar"])[0].replace(" ", "_")
        return f"{theme}_{operation.view_func.__name__}"

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Describe the routes as OpenAPI 3.1."""
        schema = super().get_openapi_schema(**kwargs)
        schema["components"].setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        refused = {
            "description": "A problem (RFC 9457)",
            "content": {problems.PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                operation["responses"] = {str(code): said for code, said in operation["responses"].items()}
                operation["responses"]["default"] = refused
                if method.upper() not in SAFE_METHODS:
                    operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        return schema


api = MehvarAPI(
    title="Mehvar",
    version="1",
    description=DESCRIPTION,
    auth=[SignedRequest(), Token(), Session()],
    throttle=[PerMinute()],
    urls_namespace="api",
    docs_url=None,
    parser=StrictParser(),
    openapi_extra={"info": {"x-software-version": __version__}},
    servers=[{"url": settings.MEHVAR_BASE_URL}],
)
problems.install(api)
for prefix, router in (("/me", me), *ORGANISATIONS, *DIRECTIVES, *PROGRAMMES, *EXCHANGE):
    api.add_router(prefix, router)
