"""Say who asks: a program with a token, or a person's browser session."""

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from ninja.security import APIKeyCookie, APIKeyHeader, HttpBearer

from mehvar.accounts import queries as accounts
from mehvar.accounts.actions import tokens
from mehvar.exchange.actions.events import callers
from mehvar.kernel.errors import NotPermitted, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import SECOND_FACTOR_ROLES

EXCHANGE = "/api/v1/exchange/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Name who asks, for the limit on requests: one token, or one person's sessions."""

    kind: str
    key: int


class Token(HttpBearer):
    """Accept ``Authorization: Bearer mhv_…``; a token that only reads is refused on writes."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """Let the request act for the token's person, or give None.

        Raises:
            NotPermitted: The token only reads, or its person has still to set up a second factor.
        """
        found = tokens.use_token(token)
        if found is None:
            return None
        if request.method not in SAFE_METHODS and not found.may_write:
            raise NotPermitted(gettext_noop("This token may only read."), code="token-read-only")
        request.user = found.user
        _require_second_factor(found.user)
        if found.user.language and "Accept-Language" not in request.headers:
            translation.activate(found.user.language)
        return Caller("token", found.pk)


class Session(APIKeyCookie):
    """Accept the session of a browser, with CSRF protection on writes."""

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> Any | None:
        """Look at the session only of who is signed in and sent no token; the forgery check follows."""
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:  # noqa: ARG002 - the session is in the request
        """Name the person who is signed in.

        Raises:
            NotPermitted: The person has still to set up a second factor.
        """
        _require_second_factor(request.user)
        return Caller("person", cast("int", request.user.pk))


class SignedRequest(APIKeyHeader):
    """Accept a request that a member's machine of the exchange signed (RFC 9421), on the exchange's routes only."""

    param_name = "Signature-Input"

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        """Name the key; the routes find the machine's subsystem in ``request.exchange_client``.

        Raises:
            NotPermitted: The signature does not hold.
        """
        if not key or not request.path.startswith(EXCHANGE):
            return None
        fields: dict[str, list[str]] = {name.lower(): [value] for name, value in request.headers.items()}
        address = (str(request.scheme), request.get_host(), request.get_full_path())
        found, subsystem = callers.machine(str(request.method), address, fields, request.body)
        request.exchange_client = subsystem  # type: ignore[attr-defined]
        return Caller("key", found.pk)


def _require_second_factor(user: Any) -> None:
    if not getattr(settings, "MEHVAR_REQUIRE_SECOND_FACTOR", False):
        return
    if organisations.authority_of(user).roles & SECOND_FACTOR_ROLES and not accounts.has_second_factor(
        user.pk
    ):
        raise NotPermitted(
            gettext_noop("Your role asks for a second factor; set one up first."), code="second-factor-needed"
        )
