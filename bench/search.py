"""Measure the search over a ministry-wide year: 22,000 measures, with rare and frequent words, for the ministry, a province and a visitor.

The index is made anew first (its time is told); then every question is asked of the queries that the page asks, permissions included.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from bench import national, timing
from bench.figures import Figure

GOAL_MS = 150.0
QUESTIONS = {
    "frequent": "service works",
    "rare": "۱۲۳۴۵",
    "nothing": "khong co gi",
    "many": "measure service 996 every place",
}
RUNS = 15


def run(*, quick: bool) -> list[Figure]:
    """Return the p95 in ms of each question by each asker on each database, and the seconds to make the index."""
    figures = []
    for place, found in national.measured("search", quick=quick).items():
        figures.append(Figure(name=f"search.rebuild.{place}", value=found["rebuild_s"], unit="s"))
        for name, taken in found["asked"].items():
            figures += timing.figures(f"search.{name}.{place}", taken, GOAL_MS)
    return figures


def measure(*, quick: bool) -> dict[str, Any]:
    """Make the index and ask every question; give the times in ms."""
    from mehvar.accounts.models import User
    from mehvar.home.actions import indexing
    from mehvar.organisations import queries as organisations
    from mehvar.organisations.data import NOBODY

    started = time.perf_counter()
    entries = indexing.rebuild()
    rebuilt = time.perf_counter() - started
    askers = {
        user.email.split("@")[0]: organisations.authority_of(user) for user in User.objects.order_by("pk")[:3]
    }
    askers["visitor"] = NOBODY
    asked = {
        f"{name}.{who}": timing.timed(partial(_ask, words, authority), 5 if quick else RUNS)
        for who, authority in askers.items()
        for name, words in QUESTIONS.items()
    }
    return {"rebuild_s": round(rebuilt, 2), "entries": entries, "asked": asked}


def _ask(words: str, authority: Any) -> None:
    from mehvar.home.queries import search

    question = search.question_of(words, authority, "vi")
    if question is not None:
        search.overview(question)
