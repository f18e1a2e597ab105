"""Answer failures as RFC 9457 problem details."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

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


def problem_of(error: MehvarError) -> HttpResponse:
    """Say one of Mehvar's own errors in the reader's language."""
    words = error.formatted(gettext(error.message))
    params = {name: value for name, value in error.params.items() if _is_plain(value)}
    return problem(error.status, code=error.code, detail=words, field=error.field, params=params or None)


def problem_of_status(status: int) -> HttpResponse:
    """Say a failure of which only the status is known, such as an unknown route."""
    code, detail = {
        400: ("malformed-request", gettext("The request cannot be read.")),
        403: ("not-permitted", gettext("This is not permitted to you.")),
        404: ("not-found", gettext("There is nothing at this address.")),
        405: ("method-not-allowed", gettext("This address does not take the method.")),
        413: ("request-too-large", gettext("The request is too large.")),
        429: ("too-many-requests", gettext("Too many requests in this minute; wait, then go on.")),
    }.get(status, ("failed", gettext("The request failed.")))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        code, detail = "internal-error", gettext("Something failed here; it has been noted.")
    return problem(status, code=code, detail=detail)


def _is_plain(value: Any) -> bool:
    return isinstance(value, PLAIN) or (
        isinstance(value, list | tuple) and all(isinstance(item, PLAIN) for item in value)
    )


def install(api: NinjaAPI) -> None:
    """Let the API answer every failure as a problem."""
    api.add_exception_handler(MehvarError, _mehvar_error)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _unauthenticated)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Throttled, _http_error)
    for kind, status in _STATUS_OF.items():
        api.add_exception_handler(kind, _answering(status))
    api.add_exception_handler(Exception, _unexpected)


_STATUS_OF: Mapping[type[Exception], int] = {
    Http404: 404,
    PermissionDenied: 403,
    RequestDataTooBig: 413,
    SuspiciousOperation: 400,
    MultiPartParserError: 400,
    UnreadablePostError: 400,
}


def _answering(status: int) -> Any:
    def answer(_request: HttpRequest, _error: Any) -> HttpResponse:
        return problem_of_status(status)

    return answer


def _mehvar_error(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem_of(error)


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


def _http_error(_request: HttpRequest, error: Any) -> HttpResponse:
    """Answer what the framework refuses; a body that our parser refused says why itself."""
    if isinstance(error.__cause__, MehvarError):
        return problem_of(error.__cause__)
    return problem_of_status(error.status_code)


def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    logging.getLogger("mehvar.api").error("%s %s failed", request.method, request.path, exc_info=error)
    return problem_of_status(500)
