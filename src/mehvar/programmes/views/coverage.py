"""Show how a call stands: the map of provinces, the counts, and the list of bodies with their plans' quality."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mehvar.directives.queries.days import today
from mehvar.organisations import queries as organisations
from mehvar.programmes.queries import coverage as queries
from mehvar.programmes.queries import plans as plan_queries
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries.coverage import ProvincePlan
from mehvar.programmes.tables.plans import CoverageTable
from mehvar.programmes.views import plan_words as words
from mehvar.programmes.views.programmes import crumbs
from mehvar.ui.data import Tile
from mehvar.ui.reader import Reader, reader_of

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import PlanCall


@login_required
@require_safe
def call_page(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Show a call with the plans that one may see: map, counts, list."""
    authority = organisations.authority_in(request)
    call = plan_queries.visible_call(authority, public_id)
    sees_all = programmes.sees_all(authority, call.programme)
    rows = queries.plans_of(call, authority)
    counts = queries.counts_of(rows)
    folded = organisations.folded_name("organisation_id", words.language())
    table = CoverageTable(rows.annotate(folded_body=folded), request)
    places = queries.by_province(call, rows, words.language(), everything=sees_all)
    runs = plan_queries.may_call(authority, call) and call.closed_at is None
    quality = queries.quality_of(rows)
    context = {
        "call": call,
        "programme": call.programme,
        "counts": [(words.badge(words.PLAN_STATES, state), number) for state, number in counts.items()],
        "total": sum(counts.values()),
        "missing": counts["silent"] + counts["draft"] + counts["returned"],
        "quality": quality,
        "quality_share": (quality or 0) / 100,
        "tiles": tiles_of(places, reader_of(request)) if len(places) > 1 else [],
        "legend": [words.badge(words.PLAN_STATES, state) for state in queries.STATES],
        "is_late": call.closed_at is None and call.deadline_on < today(),
        "runs": runs,
        "own": _own(call, authority),
        "sees_all": sees_all,
        "axis": words.axis(call.programme, at="plan", call=call),
        "breadcrumbs": crumbs(call.programme, (_("Calls for plans"), reverse("programmes:calls"))),
        "page_wide": True,
    }
    return table.respond("programmes/calls/call.html", context)


def _own(call: PlanCall, authority: Authority) -> list[dict[str, Any]]:
    """Give the person's own plans of the call."""
    rows = plan_queries.fileable_plans(authority).filter(call=call).select_related("organisation")
    return [
        {
            "url": reverse("programmes:plan", args=[row.public_id]),
            "body": organisations.name_in(row.organisation, words.language()),
        }
        for row in rows[:20]
    ]


def tiles_of(places: Iterable[ProvincePlan], reader: Reader) -> list[Tile]:
    """Give a square for each province that the layout places, coloured by the state of its plan."""
    found = []
    for one in places:
        if one.place.x is None or one.place.y is None:
            continue
        word = words.label(words.PLAN_STATES, one.state) if one.state else _("Not called")
        share = (
            f" · {reader.percent(one.quality / 100)}"
            if one.quality is not None and one.state != "silent"
            else ""
        )
        found.append(
            Tile(
                one.place.name,
                f"{one.place.name}: {word}{share}",
                one.place.x,
                one.place.y,
                value=one.quality if one.state not in {"", "silent"} else None,
                state=words.TILE_STATES.get(one.state, "neutral"),
                url=reverse("programmes:plan", args=[one.plan_id]) if one.plan_id else "",
            )
        )
    return found


urlpatterns = [path("calls/<slug:public_id>/", call_page, name="call")]
