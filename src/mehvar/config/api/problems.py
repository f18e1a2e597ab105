"""Answer failures as RFC 9457 problem details."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from mehvar.kernel.errors import MehvarError

PROBLEM_JSON = "application/problem+json"
PLAIN = (str, int, float, bool)


def problem(status: int, *, code: str, detail: str, **members: Any) -> HttpResponse:
    """Return a problem: ``type`` (urn of the code), ``title`` (HTTP's phrase), ``status``, ``detail``, and members."""
    body = {
        "type": f"urn:mehvar:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **{name: value for name, value in members.items() if value is not None},
    }
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=PROBLEM_JSON)


def install(api: NinjaAPI) -> None:
    """Let the API answer every failure as a problem."""
    api.add_exception_handler(MehvarError, _mehvar_error)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _unauthenticated)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(PermissionDenied, _forbidden)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Exception, _unexpected)


def _mehvar_error(_request: HttpRequest, error: Any) -> HttpResponse:
    words = error.formatted(gettext(error.message))
    params = {name: value for name, value in error.params.items() if isinstance(value, PLAIN)}
    return problem(error.status, code=error.code, detail=words, field=error.field, params=params or None)


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(
        422, code="invalid-request", detail=gettext("The request is not valid."), errors=_places(error.errors)
    )


def _places(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "message": str(item["msg"])}
        for item in errors
    ]


def _unauthenticated(_request: HttpRequest, _error: Any) -> HttpResponse:
    answer = problem(401, code="not-authenticated", detail=gettext("A valid token is needed."))
    answer["WWW-Authenticate"] = 'Bearer realm="mehvar"'
    return answer


def _not_found(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem(404, code="not-found", detail=gettext("There is nothing at this address."))


def _forbidden(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem(403, code="not-permitted", detail=gettext("This is not permitted to you."))


def _http_error(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status_code, code="bad-request", detail=str(error))


def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    logging.getLogger("mehvar.api").error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, code="internal-error", detail=gettext("Something failed here; it has been noted."))
