"""Give every page what the shell shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from mehvar.ui import navigation
from mehvar.ui.reader import RIGHT_TO_LEFT, page_language, reader_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "mehvar_theme"
LANGUAGE_NAMES: Mapping[str, str] = {"fa": "فارسی", "vi": "Tiếng Việt", "en": "English"}


def optional_url(name: str) -> str:
    """Return the address of a url name, empty where no room provides it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def theme_of(request: HttpRequest) -> str:
    """Return the theme this browser asked for."""
    wanted = request.COOKIES.get(THEME_COOKIE, "auto")
    return wanted if wanted in THEMES else "auto"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the variables of the shell (context processor); what costs a query is worked out only when shown."""
    language = page_language()
    return {
        "reader": SimpleLazyObject(lambda: reader_of(request)),
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "languages": [(code, LANGUAGE_NAMES.get(code, str(name))) for code, name in settings.LANGUAGES],
        "language_name": LANGUAGE_NAMES.get(language, language),
        "return_path": request.get_full_path(),
        "theme": theme_of(request),
        "themes": THEMES,
        "navigation": SimpleLazyObject(lambda: navigation.items(request)),
        "user_links": SimpleLazyObject(lambda: navigation.user_links(request)),
        "notifications": SimpleLazyObject(lambda: navigation.notifications(request)),
        "shell_urls": SimpleLazyObject(_shell_urls),
        "breadcrumbs": (),
        "page_wide": False,
    }


def _shell_urls() -> dict[str, str]:
    """Return the addresses the shell links to, empty where a room is not there."""
    names = {
        "home": "home:index",
        "search": "home:search",
        "sign_in": "account_login",
        "sign_out": "account_logout",
        "language": "set_language",
        "theme": "ui:theme",
    }
    return {key: optional_url(name) for key, name in names.items()}
