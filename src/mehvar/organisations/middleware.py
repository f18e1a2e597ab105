"""Tell every view what the person who asks may do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from mehvar.organisations import queries

Handler = Callable[[HttpRequest], HttpResponse]


def authority(get_response: Handler) -> Handler:
    """Set ``request.authority``, read from the database when it is first looked at."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.authority = SimpleLazyObject(lambda: queries.authority_of(request.user))  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
