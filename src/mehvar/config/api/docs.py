"""Show the routes of the API on a page of our own, without a script and without a foreign server."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mehvar.config.api import reference
from mehvar.config.api.root import api
from mehvar.config.api.throttle import ANONYMOUS_PER_MINUTE, SIGNED_IN_PER_MINUTE

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


@cache
def _themes() -> dict[str, list[reference.Route]]:
    """Read the routes once; they do not change while the process lives."""
    return reference.by_theme(reference.routes(api.get_openapi_schema()))


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """List every route with who may call it and an example."""
    facts = {
        "themes": _themes(),
        "base_url": settings.MEHVAR_BASE_URL.rstrip("/"),
        "schema_url": reverse("api:openapi-json"),
        "per_minute": SIGNED_IN_PER_MINUTE,
        "per_minute_anonymous": ANONYMOUS_PER_MINUTE,
        "page_wide": True,
    }
    response = render(request, "config/api_docs.html", facts)
    response["Content-Security-Policy"] = POLICY
    return response
