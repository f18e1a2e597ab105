"""Show what waits for a person in the exchange, and lead to its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from mehvar.exchange.queries import waiting
from mehvar.exchange.views import waiting_words
from mehvar.exchange.views.objects import viewer

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits here, the nearest day first."""
    authority = viewer(request)
    context = {
        "waiting": waiting_words.tasks(waiting.everything(authority)),
        "places": waiting_words.places(authority),
    }
    return render(request, "exchange/home.html", context)


urlpatterns = [path("", home, name="home")]
