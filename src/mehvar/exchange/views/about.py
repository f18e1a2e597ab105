"""Tell citizens who asked about them: large and plain, a phone first, one question a page."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.accounts.actions.outside import address_of
from mehvar.exchange.actions import subjects
from mehvar.exchange.forms.inquiries import REASONS, PersonForm
from mehvar.exchange.queries import calls
from mehvar.exchange.queries import subjects as queries
from mehvar.exchange.tables import words
from mehvar.exchange.views.calls import receipt_response
from mehvar.kernel import clock
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from mehvar.exchange.models import IndexedCall
    from mehvar.exchange.queries.subjects import Told

KEY = "exchange_about"
OPEN_FOR_S = 900


@require_http_methods(["GET", "HEAD", "POST"])
def about(request: HttpRequest) -> HttpResponse:
    """Ask for number and code, or offer the sign-in that says who the person is."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        address = address_of(request)
        tokens = done(
            form, lambda: subjects.open_by_code(given["identifier"], given["code"], address=address)
        )
        if tokens is not None:
            return _opened(request, tokens)
    has_claim = request.user.is_authenticated and subjects.has_claim(request.user)
    context = {"form": form, "has_claim": has_claim}
    return render(request, "exchange/about/start.html", context, status=422 if form.errors else 200)


@require_POST
def about_claim(request: HttpRequest) -> HttpResponse:
    """Open the list of who is signed in through the OpenID provider."""
    if not request.user.is_authenticated:
        return redirect("exchange:about")
    return _opened(request, subjects.open_by_claim(request.user))


def _opened(request: HttpRequest, tokens: tuple[str, ...]) -> HttpResponse:
    request.session.cycle_key()
    request.session[KEY] = {"tokens": [*tokens], "until": clock.now().timestamp() + OPEN_FOR_S}
    return redirect("exchange:about_list")


def opened(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a page the tokens of the person whose list is open; lead back to the start when none is, or the time is over."""

    @wraps(view)
    def guarded(request: HttpRequest, **facts: Any) -> HttpResponse:
        held = request.session.get(KEY)
        now = clock.now().timestamp()
        if not isinstance(held, dict) or held.get("until", 0) < now:
            request.session.pop(KEY, None)
            return redirect("exchange:about")
        request.session[KEY] = {"tokens": held["tokens"], "until": now + OPEN_FOR_S}
        response = view(request, tuple(held["tokens"]), **facts)
        add_never_cache_headers(response)
        return response

    return guarded


@require_safe
@opened
def about_list(request: HttpRequest, tokens: tuple[str, ...]) -> HttpResponse:
    """List who asked about the person."""
    found = queries.about(tokens)
    context = {
        "told": [_line(one) for one in found.told],
        "held": [(dict(REASONS).get(reason, reason), number) for reason, number in found.held],
        "is_cut": found.is_cut,
        "lookups": queries.lookups(tokens),
        "codes": [(one, words.name_of(one.organisation)) for one in queries.codes(tokens)],
    }
    return render(request, "exchange/about/list.html", context)


def _line(one: Told) -> dict[str, Any]:
    return {
        "one": one,
        "agency": _name(one.call, "client_member", one.call.client),
        "service": one.call.service_row.title
        if one.call.service_row
        else one.call.service.rsplit("/", 1)[-1],
        "provider": _name(one.call, "provider_member", one.call.service),
        "was_answered": one.call.outcome == "answered",
    }


def _name(call: IndexedCall, member: str, text: str) -> str:
    found = getattr(call, member)
    return words.name_of(found.organisation) if found else text


@require_safe
@opened
def about_call(request: HttpRequest, tokens: tuple[str, ...], request_id: str) -> HttpResponse:
    """Show one question about the person, and its proof."""
    context = {"line": _line(queries.told_call(tokens, request_id))}
    return render(request, "exchange/about/call.html", context)


@require_safe
@opened
def about_receipt(_request: HttpRequest, tokens: tuple[str, ...], request_id: str) -> HttpResponse:
    """Give the proof of one question; heads and bodies stay out, they may speak of others."""
    told = queries.told_call(tokens, request_id)
    return receipt_response(calls.receipt_of(told.call, with_parts=False), request_id)


@require_safe
@opened
def about_key(_request: HttpRequest, tokens: tuple[str, ...], request_id: str) -> HttpResponse:
    """Give the public key with which the proof is checked."""
    response = HttpResponse(
        calls.key_for(queries.told_call(tokens, request_id).call), content_type="application/x-pem-file"
    )
    response["Content-Disposition"] = 'attachment; filename="gateway.pem"'
    return response


@require_POST
def about_leave(request: HttpRequest) -> HttpResponse:
    """Close the list."""
    request.session.pop(KEY, None)
    return render(
        request,
        "exchange/about/left.html",
        {"again": reverse("exchange:about"), "title": _("Your list is closed")},
    )


urlpatterns = [
    path("about-me/", about, name="about"),
    path("about-me/signed-in/", about_claim, name="about_claim"),
    path("about-me/list/", about_list, name="about_list"),
    path("about-me/leave/", about_leave, name="about_leave"),
    path("about-me/<str:request_id>/", about_call, name="about_call"),
    path("about-me/<str:request_id>/receipt.json", about_receipt, name="about_receipt"),
    path("about-me/<str:request_id>/gateway.pem", about_key, name="about_key"),
]
