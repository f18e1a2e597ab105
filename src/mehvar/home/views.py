"""Show the home page, the search over all rooms, and the calendar feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mehvar.directives.queries import promulgation
from mehvar.directives.queries.days import today
from mehvar.home.actions import feeds as feed_actions
from mehvar.home.data import Kind
from mehvar.home.queries import changes, feeds, waiting
from mehvar.home.queries import search as search_queries
from mehvar.kernel import clock
from mehvar.organisations import queries as organisations
from mehvar.ui import notices
from mehvar.ui.data import NavigationItem
from mehvar.ui.reader import page_language

if TYPE_CHECKING:
    from mehvar.accounts.models import User

NEWEST = 8
LONGEST_PAGE_NUMBER = 4
FIRST_LOOK_BACK = timedelta(days=7)
"""Who is here for the first time reads what changed in this time."""


def home_item(_request: HttpRequest) -> NavigationItem:
    """Offer the home page to everyone."""
    return NavigationItem(label=_("Home"), url=reverse("home:index"), icon="home")


def calendar_link(request: HttpRequest) -> NavigationItem | None:
    """Offer the calendar feed to everyone who is signed in."""
    if not request.user.is_authenticated:
        return None
    return NavigationItem(
        label=_("My deadlines in a calendar"), url=reverse("home:calendar"), icon="calendar"
    )


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show what waits for a person who is signed in, and what was promulgated to everyone."""
    newest = promulgation.newest_promulgations(NEWEST)
    if not request.user.is_authenticated:
        return render(request, "home/public.html", {"newest": newest})
    authority = organisations.authority_in(request)
    day, since = today(), _last_visit(request)
    context = {
        "waiting": [(item, item.is_overdue(day)) for item in waiting.waiting_for(authority)],
        "standings": waiting.standings(authority, page_language()),
        "changes": changes.changes_since(authority, since),
        "since": since,
        "newest": newest,
    }
    return render(request, "home/index.html", context)


def _last_visit(request: HttpRequest) -> datetime:
    """Give when the person was here before this session, as accounts noted at the sign-in."""
    noted = str(request.session.get("previous_visit") or "")
    try:
        found = datetime.fromisoformat(noted)
    except ValueError:
        return clock.now() - FIRST_LOOK_BACK
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what a search finds over all rooms, or all of one kind by pages."""
    asked = request.GET.get("q", "").strip()[: search_queries.LONGEST_QUERY]
    question = search_queries.question_of(asked, organisations.authority_in(request), page_language())
    kind, page = _kind(request), _page(request)
    groups: list[search_queries.Group] = []
    if question is not None and kind is not None:
        groups = [search_queries.results(question, kind, page=page)]
    elif question is not None:
        groups = search_queries.overview(question)
    context = {
        "query": asked,
        "groups": [(group, _kind_words(group.kind)) for group in groups if group.rows],
        "kind": kind,
        "page": page,
    }
    return render(request, "home/search.html", context)


def _kind(request: HttpRequest) -> Kind | None:
    asked = request.GET.get("kind", "")
    return Kind(asked) if asked in set(Kind) else None


def _page(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")[:LONGEST_PAGE_NUMBER]
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() else 1


def _kind_words(kind: Kind) -> str:
    return {
        Kind.DIRECTIVE: _("Directives"),
        Kind.MEASURE: _("Measures"),
        Kind.PROGRAMME: _("Programmes"),
        Kind.PLAN: _("Plans"),
        Kind.OBSTACLE: _("Obstacles and gaps"),
        Kind.FLAGSHIP: _("Flagship projects"),
        Kind.PROPOSAL: _("Proposals of committees"),
        Kind.MEETING: _("Meetings with stakeholders"),
        Kind.SERVICE: _("Services in the catalogue"),
        Kind.AGREEMENT: _("Agreements on exchange of data"),
        Kind.ORGANISATION: _("Bodies"),
    }[kind]


@login_required
def calendar(request: HttpRequest) -> HttpResponse:
    """Show whether the person has a calendar feed; POST gives a new secret address, shown once."""
    user = cast("User", request.user)
    secret = feed_actions.give_feed(user) if request.method == "POST" else ""
    address = (
        settings.MEHVAR_BASE_URL.rstrip("/") + reverse("home:calendar_feed", args=[secret]) if secret else ""
    )
    context = {
        "feed": feeds.feed_of(user.pk),
        "address": address,
        "breadcrumbs": [(_("Profile"), reverse("accounts:profile")), (_("Calendar"), "")],
    }
    response = render(request, "home/calendar.html", context)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def calendar_revoke(request: HttpRequest) -> HttpResponse:
    """Make the person's secret address useless."""
    if feed_actions.revoke_feed(cast("User", request.user)):
        notices.done(request, _("The address no longer works. Calendars that use it stop being updated."))
    return redirect("home:calendar")


@require_safe
def calendar_feed(_request: HttpRequest, secret: str) -> HttpResponse:
    """Give the deadlines of the person to whom a secret address belongs; for any other address there is nothing."""
    user = feed_actions.read_feed(secret)
    if user is None:
        raise Http404
    response = HttpResponse(feeds.calendar_for(user), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="mehvar.ics"'
    response["Cache-Control"] = "private, max-age=300"
    response["X-Robots-Tag"] = "noindex"
    return response
