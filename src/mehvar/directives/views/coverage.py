"""Who has and who has not acknowledged a directive, by province, within what the person may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import cascade as actions
from mehvar.directives.models import Directive
from mehvar.directives.queries import cascade as queries
from mehvar.directives.queries import coverage as coverage_queries
from mehvar.directives.queries.cascade import Coverage
from mehvar.directives.queries.days import today
from mehvar.directives.rules import coverage as rules
from mehvar.directives.rules.cascade import IN_FORCE, Standing
from mehvar.directives.rules.coverage import Place, Tally
from mehvar.directives.views import words
from mehvar.directives.views.cascade_tables import CoverageTable
from mehvar.directives.views.consultation import crumbs
from mehvar.directives.views.promulgation import axis
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import notices, pages
from mehvar.ui.data import FourCells, Tile
from mehvar.ui.reader import page_language, reader_of

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

ELSEWHERE = "elsewhere"


def promulgated(public_id: str) -> Directive:
    """Give a promulgated directive.

    Raises:
        NotFound: There is none.
    """
    found = Directive.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("There is no such directive.", code="unknown-directive")
    return queries.promulgated_directive(found)


@login_required
@require_safe
def coverage(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Show the tile map, the four cells and the list of bodies."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_COVERAGE)
    directive, day = promulgated(public_id), today()
    found = coverage_queries.province_coverage(directive, authority, day, page_language())
    place = _chosen(request, found.places)
    rows = queries.with_officers(queries.coverage_rows(directive, authority, day), day)
    rows = _narrowed(rows, request, place, found.places)
    table = _table(rows, request, found.places)
    total = queries.coverage_in(queries.covered(directive, authority), day)
    context = {
        "directive": directive,
        "state": words.badge(words.DIRECTIVE_STATES, directive.state),
        "cells": _four_cells(total),
        "total": total.total,
        "lonely": _lonely(directive, authority),
        "silent": total.waiting + total.overdue,
        "tiles": _tiles(found.places, found.by_place, request.path),
        "elsewhere": _cells(found.elsewhere),
        "elsewhere_url": f"{request.path}?province={ELSEWHERE}#list-coverage",
        "place": place.name if place else "",
        "is_elsewhere": request.GET.get("province") == ELSEWHERE,
        "may_remind": directive.state in IN_FORCE and total.waiting + total.overdue > 0,
        "sees_all": queries.sees_all(authority, directive),
        "axis": axis(directive),
        "breadcrumbs": crumbs(directive, authority),
        "page_wide": True,
    }
    return table.respond("directives/cascade/coverage.html", context)


def _lonely(directive: Directive, authority: Authority) -> int:
    """Count the silent bodies for which nobody could acknowledge."""
    silent = queries.covered(directive, authority).filter(acknowledged_at__isnull=True)
    lonely: int = queries.with_officers(silent, today()).filter(has_officer=False).count()  # type: ignore[misc]
    return lonely


def _chosen(request: HttpRequest, places: Mapping[str, Place]) -> Place | None:
    wanted = request.GET.get("province", "")
    return next((place for place in places.values() if place.code == wanted), None)


def _narrowed(rows: Any, request: HttpRequest, place: Place | None, places: Mapping[str, Place]) -> Any:
    if place is not None:
        return rows.filter(organisations.within(place.path, path_field="organisation__path"))
    if request.GET.get("province") == ELSEWHERE:
        for path_of in places:
            rows = rows.exclude(organisations.within(path_of, path_field="organisation__path"))
    return rows


def _table(rows: Any, request: HttpRequest, places: Mapping[str, Place]) -> CoverageTable:
    """Make the list; the province of a row is worked out from its place in the tree."""
    folded = organisations.folded_name("organisation_id", page_language())
    return CoverageTable(rows.annotate(folded_body=folded), request, places=places)


def _cells(tally: Tally) -> FourCells:
    counts = tally.counts
    return FourCells(
        counts[Standing.ON_TIME], counts[Standing.LATE], counts[Standing.WAITING], counts[Standing.OVERDUE]
    )


def _four_cells(total: Coverage) -> FourCells:
    return FourCells(total.on_time, total.late, total.waiting, total.overdue)


def _tiles(places: Mapping[str, Place], counted: Mapping[int, Tally], page: str) -> list[Tile]:
    """Give a square for each province that the layout places; one without bodies is hatched."""
    tiles = []
    short = rules.short_names([place.name for place in places.values()], page_language())
    for place in places.values():
        if place.x is None or place.y is None:
            continue
        tally = counted[place.id]
        cells = _cells(tally) if tally.total else FourCells(missing=1)
        address = f"{page}?province={place.code}#list-coverage"
        tiles.append(Tile(short[place.name], place.name, place.x, place.y, url=address, cells=cells))
    return tiles


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: HttpRequest, public_id: str) -> HttpResponse:
    """Remind now every body in scope that has not acknowledged."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_COVERAGE)
    directive = promulgated(public_id)
    silent = queries.covered(directive, authority).filter(acknowledged_at__isnull=True).count()
    page = reverse("directives:coverage", args=[public_id])
    if request.method == "POST":
        sent = actions.remind_now(accounts.person_in(request), directive.pk)
        notices.done(request, _reminded_words(sent))
        return redirect(page)
    not_yet = ngettext(
        "%(count)s body has not acknowledged yet. Its officers get a notice and an e-mail.",
        "%(count)s bodies have not acknowledged yet. Their officers get a notice and an e-mail.",
        silent,
    )
    return pages.confirm(
        request,
        title=_("Remind the bodies that keep silent"),
        text=f"{directive.number} {directive.title}",
        consequences=[
            not_yet % {"count": reader_of().number(silent)},
            _("Who was reminded by hand today is not reminded again."),
        ],
        action=_("Remind now"),
        cancel_url=page,
    )


def _reminded_words(sent: int) -> str:
    if sent == 0:
        return _("Nobody was left to remind today.")
    words_ = ngettext("%(n)s body was reminded.", "%(n)s bodies were reminded.", sent)
    return words_ % {"n": reader_of().number(sent)}


urlpatterns = [
    path("<slug:public_id>/coverage/", coverage, name="coverage"),
    path("<slug:public_id>/coverage/remind/", remind, name="coverage_remind"),
]
