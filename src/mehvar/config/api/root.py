"""Build the API object and put the rooms' routers under it."""

from typing import Any

from django.conf import settings
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from mehvar import __version__
from mehvar.config.api import problems
from mehvar.config.api.access import EXCHANGE, SAFE_METHODS, Session, SignedRequest, Token
from mehvar.config.api.me import router as me
from mehvar.config.api.parsing import StrictParser
from mehvar.config.api.throttle import PerMinute
from mehvar.directives.api import ROUTERS as DIRECTIVES
from mehvar.exchange.api import ROUTERS as EXCHANGES
from mehvar.organisations.api import ROUTERS as ORGANISATIONS
from mehvar.programmes.api import ROUTERS as PROGRAMMES
from mehvar.ui.api import Problem

DESCRIPTION = """\
Read and change what Mehvar's pages show, with the same permissions. Send `Authorization: Bearer …` with a token from your profile page.
Writes take `Idempotency-Key`: repeating a request with the same key gives the first answer and does nothing twice. Failures are problem details (RFC 9457).
Lists are paged by `page` and `size`; `X-Total-Count` says how many there are and `Link` where the next page is.
"""
REFUSALS = ("4XX", "5XX")
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "A text of your own that names this write; repeating it with the same key does nothing twice.",
}

PAGE_HEADERS = {
    "X-Total-Count": {
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
        "description": "How many rows there are on all pages.",
    },
    "Link": {
        "required": True,
        "schema": {"type": "string"},
        "description": "Where the first, previous, next and last page are (RFC 8288).",
    },
}


class MehvarAPI(NinjaAPI):
    """Describe, beside the routes, what they share: problems, idempotency keys, pages."""

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
        _close_maps(schema["components"]["schemas"])
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                answers = {str(code): said for code, said in operation["responses"].items()}
                operation["responses"] = {**answers, **dict.fromkeys(REFUSALS, refused)}
                if method.upper() not in SAFE_METHODS:
                    operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
                _describe_page(operation)
                if not path.startswith(EXCHANGE):
                    _describe_no_signatures(operation)
        return schema


def _close_maps(part: Any) -> None:
    """Say of maps whose keys follow a pattern that they take no other keys; the framework leaves that open."""
    if isinstance(part, dict):
        if "patternProperties" in part:
            part.setdefault("additionalProperties", False)
        for inner in part.values():
            _close_maps(inner)
    elif isinstance(part, list):
        for inner in part:
            _close_maps(inner)


def _describe_page(operation: dict[str, Any]) -> None:
    """Describe the headers of an answer that is one page of a list."""
    answer = operation["responses"].get("200", {})
    shape = answer.get("content", {}).get("application/json", {}).get("schema", {})
    is_paged = any(item["name"] == "page" for item in operation.get("parameters", ()))
    if is_paged and shape.get("type") == "array":
        answer["headers"] = PAGE_HEADERS


def _describe_no_signatures(operation: dict[str, Any]) -> None:
    """Leave requests that a machine signed to the exchange's routes; others do not take them."""
    if "security" in operation:
        operation["security"] = [one for one in operation["security"] if "SignedRequest" not in one]


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
for prefix, router in (("/me", me), *ORGANISATIONS, *DIRECTIVES, *PROGRAMMES, *EXCHANGES):
    api.add_router(prefix, router)
