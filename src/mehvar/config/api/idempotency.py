"""Apply idempotency keys to every write under ``/api/``."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mehvar.accounts.actions import idempotency
from mehvar.accounts.actions.idempotency import Answer
from mehvar.accounts.actions.tokens import use_token
from mehvar.config.api.access import SAFE_METHODS
from mehvar.config.api.problems import problem
from mehvar.kernel.errors import MehvarError

Handler = Callable[[HttpRequest], HttpResponse]
PREFIX = "/api/"
HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"


def idempotency_keys(get_response: Handler) -> Handler:
    """Answer a repeated write with the first answer (header ``Idempotency-Replayed: true``)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER, "")
        if not key or request.method in SAFE_METHODS or not request.path.startswith(PREFIX):
            return get_response(request)
        user_id = _person(request)
        if user_id is None:
            return get_response(request)
        try:
            return _once(request, get_response, user_id=user_id, key=key)
        except MehvarError as error:
            return problem(error.status, code=error.code, detail=str(error))

    return middleware


def _person(request: HttpRequest) -> int | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = use_token(secret)
        return int(token.user_id) if token else None
    return int(request.user.pk) if request.user.is_authenticated else None


def _once(request: HttpRequest, get_response: Handler, *, user_id: int, key: str) -> HttpResponse:
    made: list[HttpResponse] = []

    def do() -> Answer:
        response = get_response(request)
        made.append(response)
        return Answer(response.status_code, bytes(response.content), response.headers["Content-Type"])

    fingerprint = b"\n".join([str(request.method).encode(), request.get_full_path().encode(), request.body])
    answer, repeated = idempotency.once(user_id, key=key, fingerprint=fingerprint, do=do)
    if not repeated:
        return made[0]
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    response[REPLAYED] = "true"
    return response
