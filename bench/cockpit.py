"""Measure the server time of every cockpit page over a ministry-wide year, and the list of deliveries beside Redmine's issue list.

Pages are asked through the whole stack (session, authority, language, templates) as their readers ask them: the ministry's officer, and the director
of one province. The number of queries is counted too and must be what it is over a handful of deliveries. Redmine (where it is installed) lists as
many issues with as many columns, 50 to a page, in the same run; its time is its own ``X-Runtime``.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

from bench import national, peer_redmine
from bench.figures import Figure

GOAL_MS = 150.0
LISTS = {"list_page_1": "sort=due_date&page=1", "list_page_50": "sort=due_date&page=50"}


@dataclass(frozen=True, slots=True)
class Page:
    """Hold a page: who asks, its address, and how many queries it may cost."""

    name: str
    person: str
    path: str
    most_queries: int


def run(*, quick: bool) -> list[Figure]:
    """Return the p95 in ms of each page on each database, its queries, and the lists beside Redmine's."""
    told = national.measured("cockpit", quick=quick)
    figures = [
        figure
        for database, found in told.items()
        for name, facts in found["pages"].items()
        for figure in _figures(f"{name}.{database}", facts)
    ]
    if quick or not peer_redmine.is_installed():
        return figures
    sqlite = told["sqlite"]["pages"]
    peers = peer_redmine.list_times(national.NATIONAL.deliveries, 105, LISTS, 20)
    return [*figures, *(_beside(name, sqlite[name], taken) for name, taken in peers.items())]


def _figures(name: str, facts: dict[str, Any]) -> list[Figure]:
    value = facts["p95"]
    return [
        Figure(
            name=f"cockpit.{name}", value=round(value, 1), unit="ms", goal=GOAL_MS, reached=value < GOAL_MS,
            runs=facts["runs"], spread=round(value - facts["median"], 1),
        ),
        Figure(
            name=f"cockpit.{name}.queries", value=facts["queries"], unit="", goal=facts["most"],
            reached=facts["queries"] <= facts["most"],
        ),
    ]  # fmt: skip


def _beside(name: str, facts: dict[str, Any], peers: list[float]) -> Figure:
    value, peer = facts["median"], statistics.median(peers)
    return Figure(
        name=f"cockpit.{name}.sqlite.beside_redmine",
        value=round(value, 1),
        unit="ms",
        peer="Redmine's issue list (X-Runtime)",
        peer_value=round(peer, 1),
        ratio=round(peer / value, 2),
        runs=len(peers),
        spread=round(max(peers) - min(peers), 1),
    )


def measure(*, quick: bool) -> dict[str, Any]:
    """Time every page in turn."""
    from django.core.management import call_command
    from django.test import Client

    from mehvar.accounts.models import User

    call_command("collectstatic", interactive=False, verbosity=0)
    clients = {}
    for person in ("officer", "director"):
        clients[person] = Client(SERVER_NAME="localhost")
        clients[person].force_login(
            User.objects.get(email=f"{person}@example.org"),
            backend="django.contrib.auth.backends.ModelBackend",
        )
    runs = 8 if quick else 30
    return {"pages": {page.name: _timed(clients[page.person], page, runs) for page in _pages()}}


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
    queries = len(caught)
    slow = sorted(caught.captured_queries, key=lambda one: -float(one["time"]))[:2]
    taken = national.timed(ask, runs)
    return {
        "p95": national.p95(taken),
        "median": statistics.median(taken),
        "runs": runs,
        "queries": queries,
        "most": page.most_queries,
        "slow": [f"{one['time']} {one['sql'][:1500]}" for one in slow],
    }


def _pages() -> list[Page]:
    """Give the pages with their measured bounds of queries (the same as in the functional tests)."""
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
        Page("cells_by_field", "officer", f"{at}/status/", 11),
        Page("cells_by_body", "officer", f"{at}/status/bodies/", 12),
        Page("cells_by_province", "officer", f"{at}/status/provinces/", 13),
        Page("heat", "officer", f"{at}/status/heat/", 12),
        Page("cells_of_a_directive", "officer", f"{at}/status/?directive={last.directive.public_id}", 12),
        Page("list_page_1", "officer", f"{at}/deliveries/?sort=due_on", 11),
        Page("list_page_50", "officer", f"{at}/deliveries/?sort=due_on&page=50", 11),
        Page("list_overdue", "officer", f"{at}/deliveries/?cell=open_overdue&sort=-due_on", 11),
        Page("list_of_a_body", "officer", f"{at}/deliveries/?body=vn.p07&cell=missing", 12),
        Page("list_amber", "officer", f"{at}/deliveries/?computed=amber", 11),
        Page("list_searched", "officer", f"{at}/deliveries/?q=broadband+997", 11),
        Page("red_list", "officer", f"{at}/status/red/", 10),
        Page("self_rated_green", "officer", f"{at}/status/self-rated/", 10),
        Page("late_reports", "officer", f"{at}/status/late/", 10),
        Page("review", "officer", f"{at}/review/", 10),
        Page("report", "officer", f"{at}/reports/{report.pk}/", 12),
        Page("delivery", "officer", f"{at}/deliveries/{delivery.public_id}/", 21),
        Page("round", "officer", f"{at}/rounds/{last.public_id}/", 14),
        Page("director_list", "director", f"{at}/deliveries/", 18),
        Page("director_status", "director", f"{at}/status/", 18),
        Page("director_rounds", "director", f"{at}/rounds/", 19),
        Page("director_entry", "director", f"{at}/rounds/{request.round.public_id}/report/vn.p07.ict/", 26),
    ]
