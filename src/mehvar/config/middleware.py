"""Apply to every request what no single room owns."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from mehvar.kernel.errors import MehvarError

Handler = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = "; ".join(  # noqa: FLY002 - one directive a line reads better
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def content_security_policy(oidc_issuer: str) -> str:
    """Give the policy; the sign-in form may lead on to the OpenID Connect provider where there is one."""
    issuer = urlsplit(oidc_issuer)
    origin = f" {issuer.scheme}://{issuer.netloc}" if issuer.netloc else ""
    return CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self'{origin}")


def security_headers(get_response: Handler) -> Handler:
    """Send a strict content security policy and permissions policy with every answer."""
    policy = content_security_policy(settings.MEHVAR_OIDC_ISSUER)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response

    return middleware


def person_language(get_response: Handler) -> Handler:
    """Speak the language that a signed-in person chose, unless the browser session chose another."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "language", "")
        if chosen and "django_language" not in request.COOKIES:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        return get_response(request)

    return middleware


def error_pages(get_response: Handler) -> Handler:
    """Answer a Mehvar error that no view has caught with a page that says what to do.

    The error's own status is used; nothing of the traceback is shown.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, MehvarError):
            return None
        context = {"error": exception, "is_reading": request.method in {"GET", "HEAD"}}
        return render(request, "ui/error.html", context, status=exception.status)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
