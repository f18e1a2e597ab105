"""Measure how long 100 rows of a list take to render, without the database, against a plain Django template.

Both sides write the same page of a list (filters, head, rows, paging) with six columns: number, link, body, date in the
reader's calendar, state badge, weight; and once more with the four cells of every row. The peer writes its rows by a
template over objects, with the same tags.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.figures import Figure

if TYPE_CHECKING:
    from mehvar.ui.tables import Table

ROWS = 100
GOAL_MS = 6.0
LANGUAGES = ("fa", "vi", "en")
STATES = {"done": "Done on time", "late": "Done late", "open": "Open in time", "overdue": "Open overdue"}
PEER = """{% load mehvar %}{% for row in rows %}<tr><td data-label="No." class="is-number">{% localnumber row.number %}</td>
<td data-label="Measure" class="is-link"><a href="/measures/{{ row.id }}/"><bdi>{{ row.text }}</bdi></a></td>
<td data-label="Lead body" class="is-text"><bdi>{{ row.lead }}</bdi></td>
<td data-label="Due" class="is-date">{% localdate row.due_on "numeric" %}</td>
<td data-label="State" class="is-badge">{% badge row.state row.state_label %}</td>
<td data-label="Weight" class="is-number">{% localnumber row.weight %}</td>
{% if with_cells %}<td data-label="Cells" class="is-text">{% fourcells row.a row.b row.c row.d size="s" %}</td>{% endif %}</tr>{% endfor %}"""


class _Measure:
    """Stand in for a model object of the peer."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.__dict__.update(facts, state_label=STATES[facts["state"]])


def _rows() -> list[dict[str, Any]]:
    """Return 100 rows as `.values()` gives them; texts in the three languages, some with markup to escape."""
    texts = (
        "تهیه برنامه عملیاتی استان برای هوشمندسازی صنعت",
        "Xây dựng kế hoạch <ứng dụng> CNTT",
        "Publish open data & keep it so",
    )
    start = dt.date(2020, 1, 1)
    return [
        {
            "id": n, "number": n, "text": texts[n % 3] * 2, "lead": f"Body {n % 30}", "due_on": start + dt.timedelta(days=3 * n),
            "state": list(STATES)[n % 4], "weight": n * 1.25, "a": n, "b": n % 7, "c": n % 11, "d": n % 5,
        }
        for n in range(1, ROWS + 1)
    ]  # fmt: skip


def _cells(row: Any, reader: Any) -> str:
    """Return the four cells of a row."""
    from mehvar.ui.components import four_cells
    from mehvar.ui.data import FourCells

    return four_cells(FourCells(row["a"], row["b"], row["c"], row["d"]), reader, size="s")


def _table_class(*, with_cells: bool) -> type[Table]:
    """Return the list under measure; Django must be set up first."""
    from mehvar.ui.tables import Column, Table

    class MeasureTable(Table):
        """List measures as the directives room does."""

        name = "measures"
        caption = "Measures"
        columns = (
            Column("number", "No.", kind="number", sortable=True),
            Column(
                "text", "Measure", kind="link", link=lambda row: f"/measures/{row['id']}/", filter="search"
            ),
            Column("lead", "Lead body", sortable=True),
            Column("due_on", "Due", kind="date", sortable=True, filter="date"),
            Column(
                "state",
                "State",
                kind="badge",
                choices=tuple(STATES.items()),
                states={s: s for s in STATES},
                filter="choice",
            ),
            Column("weight", "Weight", kind="number"),
            *((Column("cells", "Cells", markup=_cells),) if with_cells else ()),
        )

    return MeasureTable


def _renderers(language: str, *, with_cells: bool) -> tuple[Callable[[], str], Callable[[], str]]:
    """Return our rendering of the list and the peer's, on the same rows."""
    from django.contrib.auth.models import Permission
    from django.core.paginator import Paginator
    from django.template import Context, Template
    from django.test import RequestFactory
    from django.utils import translation

    rows = _rows()
    table_class, page = _table_class(with_cells=with_cells), Paginator(rows * 42, ROWS).page(7)
    template, objects = Template(PEER), [_Measure(row) for row in rows]

    def ours() -> str:
        with translation.override(language):
            table = table_class(Permission.objects.none(), RequestFactory().get("/measures/?size=100&page=7"))
            table.__dict__.update(page=page, rows=rows)
            return str(table.render())

    def peers() -> str:
        with translation.override(language):
            request = RequestFactory().get("/measures/?size=100&page=7")
            table = table_class(Permission.objects.none(), request)
            body = template.render(Context({"rows": objects, "request": request, "with_cells": with_cells}))
            table.__dict__.update(page=page, rows=rows, body=lambda: body)
            return str(table.render())

    return ours, peers


def _timed(renderers: tuple[Callable[[], str], ...], runs: int) -> list[list[float]]:
    """Return the times in ms of each rendering, taken in turns after three rounds to warm up."""
    times: list[list[float]] = [[] for _render in renderers]
    for number in range(-3, runs):
        for render, taken in zip(renderers, times, strict=True):
            started = time.perf_counter()
            assert render().count("<tr>") > ROWS
            if number >= 0:
                taken.append((time.perf_counter() - started) * 1000)
    return times


def run(*, quick: bool) -> list[Figure]:
    """Return ms per 100 rows in each language; `spread` is the distance between the 10th and the 90th per cent."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mehvar.config.settings_test")
    django.setup()
    runs = 30 if quick else 200
    plain = [_figure(f"list_page.render_100_rows.{language}", language, runs) for language in LANGUAGES]
    return [*plain, _figure("list_page.render_100_rows_with_four_cells.fa", "fa", runs, with_cells=True)]


def _figure(name: str, language: str, runs: int, *, with_cells: bool = False) -> Figure:
    """Return one figure."""
    times, peer_times = _timed(_renderers(language, with_cells=with_cells), runs)
    value, peer_value = statistics.median(times), statistics.median(peer_times)
    tenths = statistics.quantiles(times, n=10)
    return Figure(
        name=name,
        value=round(value, 3),
        unit="ms",
        peer="rows by a Django template over objects",
        peer_value=round(peer_value, 3),
        ratio=round(peer_value / value, 2),
        goal=GOAL_MS,
        reached=value <= GOAL_MS,
        runs=runs,
        spread=round(tenths[-1] - tenths[0], 3),
    )
