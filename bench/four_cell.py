"""Measure the four cells of a ministry-wide year, by body and by field, beside a plain SQL GROUP BY over the deliveries.

Both sides are asked by the same officer, in the same process, in turns; ours includes working out what the officer may see and naming the bodies. The
counts of both are compared before anything is measured. On SQLite and PostgreSQL.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from bench import national
from bench.figures import Figure

GOAL_MS = 50.0
PEER = """
SELECT {keys},
    SUM(CASE WHEN state = 'done' AND (due_on IS NULL OR done_on <= due_on) THEN 1 ELSE 0 END),
    SUM(CASE WHEN state = 'done' AND done_on > due_on THEN 1 ELSE 0 END),
    SUM(CASE WHEN state = 'open' AND (due_on IS NULL OR due_on >= %s) AND NOT silent THEN 1 ELSE 0 END),
    SUM(CASE WHEN state = 'open' AND due_on < %s THEN 1 ELSE 0 END),
    SUM(CASE WHEN state = 'open' AND (due_on IS NULL OR due_on >= %s) AND silent THEN 1 ELSE 0 END)
FROM programmes_delivery GROUP BY {keys}
"""
NAMES = {
    "by_body": "organisation_id",
    "by_field": "field_name",
    "by_body_and_field": "organisation_id, field_name",
}


def run(*, quick: bool) -> list[Figure]:
    """Return the p95 in ms of each table on each database; `spread` is p95 minus median."""
    told = national.measured("four_cell", quick=quick)
    return [
        Figure(
            name=f"four_cell.{name}.{database}",
            value=round(facts["own"], 2),
            unit="ms",
            peer="SQL GROUP BY over deliveries",
            peer_value=round(facts["peer"], 2),
            ratio=round(facts["peer"] / facts["own"], 2),
            goal=GOAL_MS,
            reached=facts["own"] < GOAL_MS,
            runs=facts["runs"],
            spread=round(facts["spread"], 2),
        )
        for database, found in told.items()
        for name, facts in found["figures"].items()
    ]


def measure(*, quick: bool) -> dict[str, Any]:
    """Time every table and its peer, the day of the tallies and ten days later."""
    from datetime import timedelta

    from mehvar.accounts.data import Role
    from mehvar.accounts.models import User
    from mehvar.organisations import queries as organisations
    from mehvar.organisations.data import Authority, Held
    from mehvar.programmes.queries import cells

    runs = 20 if quick else 60
    everyone = Authority(1, (Held(Role.MINISTER, 0, "", ""),))
    officer = organisations.authority_of(User.objects.get(email="officer@example.org"))
    ours: dict[str, Callable[[Any], Any]] = {
        "by_body": cells.cells_by_body,
        "by_field": cells.cells_by_field,
        "by_body_and_field": cells.cells_by_body_and_field,
    }
    figures = {}
    for name, keys in NAMES.items():
        _compare(cells, everyone, keys, name)
        own = national.timed(lambda name=name: ours[name](officer), runs)
        peer = national.timed(lambda keys=keys: _peer(keys, national.DAY), max(5, runs // 6))
        figures[name] = _facts(own, peer)
    later = national.DAY + timedelta(days=20)
    own = national.timed(lambda: cells.cells_by_body(officer, day=later), runs)
    peer = national.timed(lambda: _peer("organisation_id", later), max(5, runs // 6))
    figures["by_body_20_days_later"] = _facts(own, peer)
    return {"figures": figures}


def _facts(own: list[float], peer: list[float]) -> dict[str, float]:
    value = national.p95(own)
    return {
        "own": value,
        "peer": national.p95(peer),
        "runs": len(own),
        "spread": value - statistics.median(own),
    }


def _peer(keys: str, day: Any) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(PEER.format(keys=keys), [day, day, day])
        return list(cursor.fetchall())


def _compare(cells: Any, everyone: Any, keys: str, name: str) -> None:
    """Refuse to measure tables that do not say the same as the deliveries."""
    width = keys.count(",") + 1
    wanted = {tuple(row[:width]): tuple(row[width:]) for row in _peer(keys, national.DAY)}
    columns = tuple(key.strip() for key in keys.split(","))
    found = cells.counted(everyone, cells.Narrowing(), columns, national.DAY)
    shown = {
        key: (one.done_on_time, one.done_late, one.open_in_time, one.open_overdue, one.missing)
        for key, one in found.items()
    }
    if shown != wanted:
        raise AssertionError(f"{name}: the tallies differ from the deliveries")
