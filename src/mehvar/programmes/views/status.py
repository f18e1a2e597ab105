"""Show how things stand: four cells by field, body and province, the heat of both, and the lists for the stocktake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.queries import cells as queries
from mehvar.programmes.queries import deliveries as delivery_queries
from mehvar.programmes.queries import progress as progress_queries
from mehvar.programmes.queries.narrowing import Asked, asked_of
from mehvar.programmes.queries.scope import visible_deliveries
from mehvar.programmes.tables.deliveries import LateTable, RedTable, language
from mehvar.programmes.views.cell_tables import CellRow, cells_table, heat_legend, heat_table
from mehvar.programmes.views.deliveries import with_columns
from mehvar.ui.data import Tile
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.organisations.data import Authority
    from mehvar.programmes.queries.cells import BodyCells


def _allowed(request: HttpRequest) -> tuple[Authority, Asked]:
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    return authority, asked_of(authority, request.GET)


def _context(name: str, asked: Asked) -> dict[str, Any]:
    words = {
        "status": _("By field"),
        "status_bodies": _("By body"),
        "status_provinces": _("By province"),
        "status_heat": _("Bodies by fields"),
        "red": _("Red list"),
        "rosy": _("Green to themselves, red by count"),
        "late": _("Late reports"),
    }
    leads = {
        "red": _("Overdue, or too far behind what should be reached today; the longest red first."),
        "rosy": _("What its own body calls green although dates and verified progress say red."),
        "late": _("Bodies that were asked for a report and have not given it by its day."),
    }
    query = asked.query()
    tabs = [(label, reverse(f"programmes:{key}") + query, key == name) for key, label in words.items()]
    return {
        "tabs": tabs,
        "title": words[name],
        "told": leads.get(name, ""),
        "about": asked.label,
        "being_made": asked.being_made,
        "page_wide": True,
    }


def _list_url(asked: Asked, **more: str) -> str:
    kept = {**asked.parameters(), **more}
    return reverse("programmes:deliveries") + ("?" + urlencode(kept) if kept else "")


@login_required
def by_field(request: HttpRequest) -> HttpResponse:
    """Show the whole in four cells, then each field."""
    authority, asked = _allowed(request)
    reader = reader_of(request)
    rows = queries.cells_by_field(authority, asked.narrowing)
    table = cells_table(
        [
            CellRow(
                row.field_name or _("Without a field"),
                _list_url(asked, field=row.field_name or "-"),
                row.cells,
            )
            for row in rows
        ],
        caption=_("Four cells by field"),
        head=_("Field"),
        reader=reader,
    )
    total = queries.added(row.cells for row in rows)
    context = {**_context("status", asked), "total": total, "cells_table": table}
    return render(request, "programmes/status/cells.html", context)


def body_rows(asked: Asked, found: list[BodyCells]) -> list[CellRow]:
    """Give rows of bodies for a table, each leading to the list of its deliveries."""
    return [
        CellRow(
            organisations.name_in(row.body, language()),
            _list_url(asked, body=str(row.body["code"])),
            row.cells,
        )
        for row in found
    ]


@login_required
def by_body(request: HttpRequest) -> HttpResponse:
    """Show each body in four cells."""
    authority, asked = _allowed(request)
    found = queries.cells_by_body(authority, asked.narrowing)
    table = cells_table(
        body_rows(asked, found), caption=_("Four cells by body"), head=_("Body"), reader=reader_of(request)
    )
    total = queries.added(row.cells for row in found)
    context = {**_context("status_bodies", asked), "total": total, "cells_table": table}
    return render(request, "programmes/status/cells.html", context)


@login_required
def by_province(request: HttpRequest) -> HttpResponse:
    """Show each province in four cells, as tiles arranged roughly as on the map, and as a table."""
    authority, asked = _allowed(request)
    found = queries.cells_by_province(authority, asked.narrowing)
    seen = [row for row in found if row.cells.total]
    table = cells_table(
        body_rows(asked, seen),
        caption=_("Four cells by province"),
        head=_("Province"),
        reader=reader_of(request),
    )
    context = {
        **_context("status_provinces", asked),
        "total": queries.added(row.cells for row in found),
        "tiles": tiles_of(asked, found),
        "cells_table": table,
    }
    return render(request, "programmes/status/cells.html", context)


def tiles_of(asked: Asked, found: list[BodyCells]) -> list[Tile]:
    """Give a tile for every province that has a place on the tile map."""
    tiles = []
    for row in found:
        attributes = row.body["attributes"]
        if "tile_x" in attributes and "tile_y" in attributes:
            code = str(row.body["code"])
            name = organisations.name_in(row.body, language())
            tiles.append(
                Tile(
                    code=name,
                    label=name,
                    x=int(attributes["tile_x"]),
                    y=int(attributes["tile_y"]),
                    url=_list_url(asked, body=code) if row.cells.total else "",
                    cells=row.cells if row.cells.total else None,
                )
            )
    return tiles


@login_required
def heat(request: HttpRequest) -> HttpResponse:
    """Show bodies by fields: how much of all is overdue in each place."""
    authority, asked = _allowed(request)
    found = queries.cells_by_body_and_field(authority, asked.narrowing)
    fields = sorted({field for _body, field in found}, key=lambda name: (not name, name))
    bodies = queries.bodies({body for body, _field in found})
    urls = {body["id"]: _list_url(asked, body=str(body["code"])) for body in bodies}
    rows = [
        CellRow(organisations.name_in(body, language()), urls[body["id"]], queries.added(()))
        for body in bodies
    ]
    table = heat_table(
        rows,
        fields,
        {(urls[body], field): cells for (body, field), cells in found.items()},
        caption=_("Overdue of all, by body and field"),
        reader=reader_of(request),
    )
    context = {
        **_context("status_heat", asked),
        "total": queries.added(found.values()),
        "cells_table": table,
        "legend": heat_legend(),
    }
    return render(request, "programmes/status/cells.html", context)


@login_required
def red(request: HttpRequest) -> HttpResponseBase:
    """List what is computed red, the longest red first."""
    authority, asked = _allowed(request)
    rows = delivery_queries.red_list(asked.apply(visible_deliveries(authority)))
    table = RedTable(with_columns(rows), request)
    return table.respond("programmes/status/list.html", _context("red", asked))


@login_required
def rosy(request: HttpRequest) -> HttpResponseBase:
    """List what its body calls green and the computation red."""
    authority, asked = _allowed(request)
    rows = delivery_queries.rosy_list(asked.apply(visible_deliveries(authority)))
    table = RedTable(with_columns(rows), request)
    return table.respond("programmes/status/list.html", _context("rosy", asked))


@login_required
def late(request: HttpRequest) -> HttpResponseBase:
    """List the bodies whose reports are late, and how far up the line this has gone."""
    authority, asked = _allowed(request)
    rows = asked.narrowing.apply_to_requests(progress_queries.late_requests(authority).order_by())
    table = LateTable(rows, request)
    return table.respond("programmes/status/list.html", _context("late", asked))


urlpatterns = [
    path("status/", by_field, name="status"),
    path("status/bodies/", by_body, name="status_bodies"),
    path("status/provinces/", by_province, name="status_provinces"),
    path("status/heat/", heat, name="status_heat"),
    path("status/red/", red, name="red"),
    path("status/self-rated/", rosy, name="rosy"),
    path("status/late/", late, name="late"),
]
