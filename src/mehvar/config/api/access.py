"""Let people and programs in: bearer tokens, or the browser session of somebody signed in."""

from django.http import HttpRequest
from django.utils import translation
from ninja.security import APIKeyCookie, HttpBearer

from mehvar.accounts.actions import tokens
from mehvar.kernel.errors import NotPermitted

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Token(HttpBearer):
    """Accept ``Authorization: Bearer mhv_…``; a token that only reads is refused on writes."""

    def authenticate(self, request: HttpRequest, token: str) -> int | None:
        """Return the person's key and let the request act for that person, or None."""
        found = tokens.use_token(token)
        if found is None:
            return None
        if request.method not in SAFE_METHODS and not found.may_write:
            raise NotPermitted("This token may only read.", code="token-read-only")
        request.user = found.user
        if found.user.language and "Accept-Language" not in request.headers:
            translation.activate(found.user.language)
        return int(found.user.pk)


class Session(APIKeyCookie):
    """Accept the session of a browser, with CSRF protection on writes."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> int | None:  # noqa: ARG002 - the session is in the request
        """Return the key of the person who is signed in, or None."""
        return int(request.user.pk) if request.user.is_authenticated else None
