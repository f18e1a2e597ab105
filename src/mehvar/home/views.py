"""Show the home page and the search over all rooms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mehvar.directives.queries import promulgation
from mehvar.home import queries
from mehvar.kernel import clock
from mehvar.organisations import queries as organisations
from mehvar.ui.data import NavigationItem

NEWEST = 8


def home_item(_request: HttpRequest) -> NavigationItem:
    """Offer the home page to everyone."""
    return NavigationItem(label=_("Home"), url=reverse("home:index"), icon="home")


def index(request: HttpRequest) -> HttpResponse:
    """Show what waits for a person who is signed in, and what was promulgated to everyone."""
    newest = promulgation.newest_promulgations(NEWEST)
    if not request.user.is_authenticated:
        return render(request, "home/public.html", {"newest": newest})
    authority = organisations.authority_in(request)
    today = clock.today()
    context = {
        "waiting": [(item, item.is_overdue(today)) for item in queries.waiting_for(authority)],
        "cells": queries.own_measures(authority, today),
        "newest": newest,
        "authority": authority,
    }
    return render(request, "home/index.html", context)


def search(request: HttpRequest) -> HttpResponse:
    """Show what a search finds over all rooms."""
    query = request.GET.get("q", "").strip()[: queries.LONGEST_QUERY]
    authority = organisations.authority_in(request)
    found = queries.found_by(query, authority, (get_language() or "en").split("-")[0]) if query else []
    return render(request, "home/search.html", {"query": query, "found": found})
