"""Show the style guide, and keep the theme a person chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import Permission
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from mehvar.ui.context import THEME_COOKIE, THEMES
from mehvar.ui.specimens import RightsTable, specimens

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_YEAR_S = 365 * 24 * 3600


@require_safe
def style_guide(request: HttpRequest) -> HttpResponseBase:
    """Show every component; only while developing, or to administrators."""
    user = getattr(request, "user", None)
    if not (settings.DEBUG or getattr(user, "is_superuser", False) or getattr(user, "is_staff", False)):
        raise Http404
    return RightsTable(Permission.objects.all(), request).respond("ui/style_guide.html", specimens(request))


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme in a cookie and go back to the page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=_YEAR_S, samesite="Lax", secure=request.is_secure())
    return response
