"""Measure the server time of every cockpit page over a ministry-wide year, and the list of deliveries beside Redmine's issue list.

Pages are asked through the whole stack (session, authority, language, templates) as their readers ask them: the ministry's officer and minister, and
the director of one province; their time is the wall's and the processor's. The number of queries is counted too and must be what it is over a handful
of deliveries.

Redmine (where it is installed) lists as many issues with as many columns, 50 to a page. Both are asked over HTTP by the same client, in turns: ours
served by `mehvar serve` with one worker, Redmine by puma with one. Each side's processor time is that of its server's processes.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING, Any

from bench import national, peer_redmine, timing
from bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

GOAL_MS = 150.0
LISTS = {"list_page_1": ("due_on", "due_date", 1), "list_page_50": ("due_on", "due_date", 50)}
ASKED = 20
ROWS = 50
EXPORT_MB = 100.0


@dataclass(frozen=True, slots=True)
class Page:
    """Hold a page: who asks, its address, and how many queries it costs."""

    name: str
    person: str
    path: str
    queries: int


def run(*, quick: bool) -> list[Figure]:
    """Return the p95 in ms of each page on each database, its queries, and the lists beside Redmine's."""
    told = national.measured("cockpit", quick=quick)
    figures = [
        figure
        for place, found in told.items()
        for name, facts in found["pages"].items()
        for figure in _figures(f"cockpit.{name}.{place}", facts)
    ]
    figures += [figure for place, found in told.items() for figure in _export_figures(place, found["export"])]
    size = national.size_of(quick=quick).name
    beside = told[f"{size}.sqlite"]["beside"]
    if beside is None and not quick:
        print("Redmine and puma are not installed here: no comparison with it.", file=sys.stderr)
    return [*figures, *_beside(size, beside or {})]


def _figures(name: str, facts: dict[str, Any]) -> list[Figure]:
    counted = Figure(
        name=f"{name}.queries", value=facts["queries"], unit="", goal=facts["most"],
        reached=facts["queries"] <= facts["most"],
    )  # fmt: skip
    return [*timing.figures(name, facts, GOAL_MS), counted]


def _export_figures(place: str, told: dict[str, float]) -> Iterator[Figure]:
    yield Figure(name=f"cockpit.export_csv_first_row.{place}", value=round(told["first_ms"], 1), unit="ms")
    yield Figure(name=f"cockpit.export_csv_whole.{place}", value=round(told["whole_s"], 1), unit="s")
    yield Figure(
        name=f"cockpit.export_csv_memory.{place}", value=round(told["grown_mb"], 1), unit="MB", goal=EXPORT_MB,
        reached=told["grown_mb"] < EXPORT_MB, note=f"{told['rows']:.0f} rows; the database's own page cache is in it",
    )  # fmt: skip


def _beside(size: str, told: dict[str, dict[str, Any]]) -> Iterator[Figure]:
    for name, facts in told.items():
        for clock, words in (("wall", "over_http"), ("cpu", "over_http.cpu_of_the_server")):
            own, peer = facts["own"][clock], facts["peer"][clock]
            yield Figure(
                name=f"cockpit.{name}.{size}.sqlite.{words}", value=round(statistics.median(own), 1), unit="ms",
                peer="Redmine's issue list by puma", peer_value=round(statistics.median(peer), 1),
                ratio=round(statistics.median(peer) / statistics.median(own), 2), runs=facts["runs"],
                spread=round(max(own) - min(own), 1),
            )  # fmt: skip


def measure(*, quick: bool) -> dict[str, Any]:
    """Time every page in turn, then the lists beside Redmine's."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from mehvar.accounts.models import User

    call_command("collectstatic", interactive=False, verbosity=0)
    clients = {}
    for person in ("officer", "minister", "director"):
        clients[person] = Client(SERVER_NAME="localhost")
        clients[person].force_login(
            User.objects.get(email=f"{person}@example.org"),
            backend="django.contrib.auth.backends.ModelBackend",
        )
    pages = {page.name: _timed(clients[page.person], page, 3 if quick else 30) for page in _pages()}
    export = _exported(clients["officer"])
    compared = not quick and connection.vendor == "sqlite" and peer_redmine.is_installed()
    cookie = clients["officer"].cookies["sessionid"].value
    return {"pages": pages, "export": export, "beside": _compared(cookie) if compared else None}


def _timed(client: Any, page: Page, runs: int) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def ask() -> None:
        answer = client.get(page.path)
        if answer.status_code != 200:
            raise AssertionError(f"{page.path}: {answer.status_code}")

    ask()
    with CaptureQueriesContext(connection) as caught:
        ask()
    return {"queries": len(caught), "most": page.queries, **timing.timed(ask, runs, warm_ups=0)}


def _exported(client: Any) -> dict[str, float]:
    """Read the whole list as CSV, as it comes; tell when the first row came, and by how much this process grew."""
    before, started = getrusage(RUSAGE_SELF).ru_maxrss, time.perf_counter()
    rows, first = 0, 0.0
    for part in client.get("/programmes/deliveries/?export=csv").streaming_content:
        rows, first = rows + part.count(b"\r\n"), first or time.perf_counter()
    return {
        "rows": rows,
        "first_ms": (first - started) * 1000,
        "whole_s": time.perf_counter() - started,
        "grown_mb": (getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024,
    }


def _compared(cookie: str) -> dict[str, Any]:
    """Ask both servers for the same pages in turns; give the times of both by list."""
    with _served() as own, peer_redmine.served(national.NATIONAL.deliveries, 136) as peer:
        found = {}
        for name, (ours, theirs, page) in LISTS.items():
            asked = (
                (
                    own,
                    f"/programmes/deliveries/?sort={ours}&page={page}",
                    {"Cookie": f"sessionid={cookie}"},
                    b"<tr>",
                ),
                (peer, peer_redmine.list_path(theirs, page), {}, b"hascontextmenu"),
            )
            both = _in_turns(asked)
            found[name] = {"own": both[0], "peer": both[1], "runs": ASKED}
        return found


def _in_turns(asked: Any) -> list[dict[str, Any]]:
    taken: list[dict[str, Any]] = [{"wall": [], "cpu": []} for _one in asked]
    for number in range(-timing.WARM_UPS, ASKED):
        for (server, path, headers, row), kept in zip(asked, taken, strict=True):
            used, started = server.processor_ms(), time.perf_counter()
            rows = _rows(server.port, path, headers, row)
            wall, cpu = (time.perf_counter() - started) * 1000, server.processor_ms() - used
            if not ROWS <= rows <= ROWS + 1:
                raise AssertionError(f"{path}: {rows} rows")
            if number >= 0:
                kept["wall"].append(wall)
                kept["cpu"].append(cpu)
    for kept in taken:
        kept["cpu"] = [statistics.mean(kept["cpu"])]
    return taken


def _rows(port: int, path: str, headers: dict[str, str], row: bytes) -> int:
    """Read a page to its end over a connection of its own, and count its rows."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        connection.request("GET", path, headers={"Host": "localhost", **headers})
        return connection.getresponse().read().count(row)


@contextmanager
def _served() -> Iterator[peer_redmine.Server]:
    """Serve the year of this process's database as an installation does, on the year's own day."""
    port = peer_redmine.free_port()
    environment = {**os.environ, "MEHVAR_CLOCK_SHIFT_S": str(int(national.NOON.timestamp() - time.time()))}
    command = [
        sys.executable,
        "-m",
        "mehvar.config.cli",
        "serve",
        "--port",
        str(port),
        "--workers",
        "1",
        "--no-worker",
    ]
    with peer_redmine.running(command, port, "/accounts/login/", environment=environment) as server:
        yield server


def _pages() -> list[Page]:
    """Give the pages, each with the number of its queries."""
    from mehvar.programmes.models import Delivery, ProgressReport, ReportingRound, RoundRequest

    delivery = Delivery.objects.filter(organisation__code="vn.p07.ict", silent=False, state="open").first()
    last = ReportingRound.objects.filter(closed_at=None, issuer__code="vn.m00").first()
    request = (
        RoundRequest.objects.filter(round__closed_at=None, organisation__code="vn.p07.ict")
        .select_related("round")
        .first()
    )
    report = ProgressReport.objects.filter(state="claimed", delivery__issuer__code="vn.m00").first()
    if delivery is None or last is None or request is None or report is None:
        raise AssertionError("the year lacks what the pages show")
    at = "/programmes"
    return [
        Page("home", "officer", "/", 28),
        Page("home_of_a_director", "director", "/", 29),
        Page("home_of_the_minister", "minister", "/", 25),
        Page("search", "officer", "/search/?q=broadband", 18),
        Page("cells_by_field", "officer", f"{at}/status/", 10),
        Page("cells_by_body", "officer", f"{at}/status/bodies/", 11),
        Page("cells_by_province", "officer", f"{at}/status/provinces/", 12),
        Page("heat", "officer", f"{at}/status/heat/", 11),
        Page("cells_of_a_directive", "officer", f"{at}/status/?directive={last.directive.public_id}", 10),
        Page("list_page_1", "officer", f"{at}/deliveries/?sort=due_on", 10),
        Page("list_page_50", "officer", f"{at}/deliveries/?sort=due_on&page=50", 10),
        Page("list_overdue", "officer", f"{at}/deliveries/?cell=open_overdue&sort=-due_on", 10),
        Page("list_of_a_body", "officer", f"{at}/deliveries/?body=vn.p07&cell=missing", 11),
        Page("list_amber", "officer", f"{at}/deliveries/?computed=amber", 10),
        Page("list_searched", "officer", f"{at}/deliveries/?q=broadband+997", 11),
        Page("list_searched_often", "officer", f"{at}/deliveries/?q=service+works", 11),
        Page("list_searched_never", "officer", f"{at}/deliveries/?q=khong+co+gi", 10),
        Page("red_list", "officer", f"{at}/status/red/", 10),
        Page("self_rated_green", "officer", f"{at}/status/self-rated/", 10),
        Page("late_reports", "officer", f"{at}/status/late/", 10),
        Page("review", "officer", f"{at}/review/", 9),
        Page("report", "officer", f"{at}/reports/{report.pk}/", 10),
        Page("delivery", "officer", f"{at}/deliveries/{delivery.public_id}/", 18),
        Page("round", "officer", f"{at}/rounds/{last.public_id}/", 10),
        Page("director_list", "director", f"{at}/deliveries/", 13),
        Page("director_status", "director", f"{at}/status/", 13),
        Page("director_rounds", "director", f"{at}/rounds/", 13),
        Page("director_entry", "director", f"{at}/rounds/{request.round.public_id}/report/vn.p07.ict/", 18),
    ]
