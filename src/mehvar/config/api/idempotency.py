"""Apply idempotency keys to every write under ``/api/``."""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from mehvar.accounts.actions import idempotency
from mehvar.accounts.actions.idempotency import Answer
from mehvar.accounts.actions.tokens import use_token
from mehvar.config.api.access import SAFE_METHODS
from mehvar.config.api.edge import PREFIX, is_form
from mehvar.config.api.problems import problem_of, problem_of_status
from mehvar.kernel.errors import MehvarError

Handler = Callable[[HttpRequest], HttpResponse]
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
            return problem_of(error)
        except MultiPartParserError:
            return problem_of_status(400)

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

    answer, repeated = idempotency.once(
        user_id, key=key, fingerprint=_fingerprint(request), do=do, one_transaction=not is_form(request)
    )
    if not repeated:
        return made[0]
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    response[REPLAYED] = "true"
    return response


def _fingerprint(request: HttpRequest) -> bytes:
    """Name what is asked: method, address, the version asked for, and the body (a form's fields and files)."""
    said = [str(request.method), request.get_full_path(), request.headers.get("If-Match", "")]
    head = "\n".join(said).encode()
    return head + b"\n" + (_form(request) if is_form(request) else request.body)


def _form(request: HttpRequest) -> bytes:
    """Digest a form independently of the boundary that its client made up."""
    parts = [repr(sorted(request.POST.lists())).encode()]
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            parts += [f"{name}\n{file.name}".encode(), hashlib.file_digest(file, "sha256").digest()]
            file.seek(0)
    return hashlib.sha256(b"\n".join(parts)).digest()
