"""Tell every view what the person who asks may do, and ask for a second factor where a role needs one."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from mehvar.accounts import queries as accounts
from mehvar.organisations import queries
from mehvar.organisations.rules.permissions import SECOND_FACTOR_ROLES
from mehvar.ui import notices

Handler = Callable[[HttpRequest], HttpResponse]

ALWAYS_OPEN = ("/accounts/", "/api/", "/static/", "/ui/", "/language/")
FACTOR_KNOWN = "second_factor"


def authority(get_response: Handler) -> Handler:
    """Set ``request.authority``, read from the database when it is first looked at.

    Where the setting ``MEHVAR_REQUIRE_SECOND_FACTOR`` is on, ministers, deputies and administrators see nothing but
    their own account until they have set up a second factor.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.authority = SimpleLazyObject(lambda: queries.authority_for(request))  # type: ignore[attr-defined]
        if _must_set_up(request):
            return redirect("mfa_index")
        return get_response(request)

    return middleware


def _must_set_up(request: HttpRequest) -> bool:
    """Tell whether the person must set up a second factor before anything else."""
    if not settings.MEHVAR_REQUIRE_SECOND_FACTOR or request.path.startswith(ALWAYS_OPEN):
        return False
    return request.user.is_authenticated and needs_second_factor(request)


def needs_second_factor(request: HttpRequest) -> bool:
    """Tell whether a role asks for a second factor that the person has not set up; remembered once it is there."""
    user_id = request.user.pk
    if user_id is None or request.session.get(FACTOR_KNOWN) == user_id:
        return False
    if not queries.authority_of(request.user).roles & SECOND_FACTOR_ROLES:
        return False
    if accounts.has_second_factor(user_id):
        request.session[FACTOR_KNOWN] = user_id
        return False
    return True


def advise_second_factor(request: HttpRequest | None, **_rest: Any) -> None:
    """Tell whoever signs in with such a role, and without a second factor, where to set one up."""
    if request is not None and hasattr(request, "_messages") and needs_second_factor(request):
        notices.warned(
            request, _("Your role asks for a second factor. Set one up under your name: “Second factor”.")
        )
