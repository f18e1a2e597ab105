"""Stand at the API's door: refuse what no route can read, and let no failure leave that is not a problem."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from mehvar.config.api.parsing import NUL, check_parameters
from mehvar.config.api.problems import PROBLEM_JSON, problem_of, problem_of_status
from mehvar.kernel.errors import MehvarError

Handler = Callable[[HttpRequest], HttpResponse]
PREFIX = "/api/"
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


def problems_only(get_response: Handler) -> Handler:
    """Answer every failure below ``/api/`` as a problem, also those that happen before or beside the routes.

    ``HEAD`` is answered as ``GET`` without a body.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return get_response(request)
        refused = _refused(request)
        if refused is not None:
            return refused
        if request.method == "HEAD":
            return _without_body(request, get_response)
        return _as_problem(get_response(request))

    return middleware


def is_form(request: HttpRequest) -> bool:
    """Tell whether the body is a form with files, which Django reads piece by piece."""
    return request.content_type == "multipart/form-data"


def _refused(request: HttpRequest) -> HttpResponse | None:
    if NUL in request.path:
        return problem_of_status(HTTPStatus.NOT_FOUND)
    try:
        check_parameters(request.GET)
        _check_size(request)
    except MehvarError as error:
        return problem_of(error)
    except RequestDataTooBig:
        return problem_of_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return None


def _check_size(request: HttpRequest) -> None:
    """Refuse a body that is too large before anything reads it; a form may hold a document and its fields."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    if is_form(request):
        limit += settings.MEHVAR_IMPORT_MAX_BYTES
    if str(length).isdigit() and int(length) > limit:
        raise RequestDataTooBig


def _without_body(request: HttpRequest, get_response: Handler) -> HttpResponse:
    request.method = "GET"
    response = _as_problem(get_response(request))
    request.method = "HEAD"
    if not response.streaming:
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response


def _as_problem(response: HttpResponse) -> HttpResponse:
    if response.status_code < HTTPStatus.BAD_REQUEST or response.headers.get("Content-Type") == PROBLEM_JSON:
        return response
    answer = problem_of_status(response.status_code)
    for name in KEPT_HEADERS:
        if name in response.headers:
            answer[name] = response.headers[name]
    return answer
