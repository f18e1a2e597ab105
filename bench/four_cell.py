"""Measure the four cells of a ministry-wide year, by body and by field, beside a plain SQL GROUP BY over the deliveries.

Both sides are asked by the same officer, in the same process, in turns; ours includes working out what the officer may see and naming the bodies. The
counts of both are compared before anything is measured. On SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from bench import national, timing
from bench.figures import Figure

GOAL_MS = 50.0
PEER_NAME = "SQL GROUP BY over deliveries"
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
    """Return the p95 in ms of each table on each database, by the wall and by the processor."""
    told = national.measured("four_cell", quick=quick)
    return [
        figure
        for place, found in told.items()
        for name, (own, peer) in found["tables"].items()
        for figure in timing.figures(f"four_cell.{name}.{place}", own, GOAL_MS, peer=PEER_NAME, peers=peer)
    ]


def measure(*, quick: bool) -> dict[str, Any]:
    """Time every table and its peer, the day of the tallies and twenty days later."""
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
    tables = {}
    for name, keys in NAMES.items():
        _compare(cells, everyone, keys, name)
        tables[name] = _both(partial(ours[name], officer), keys, national.DAY, runs)
    later = national.DAY + timedelta(days=20)
    tables["by_body_20_days_later"] = _both(
        partial(cells.cells_by_body, officer, day=later), "organisation_id", later, runs
    )
    return {"tables": tables}


def _both(
    own: Callable[[], object], keys: str, day: date, runs: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    return timing.timed(own, runs), timing.timed(lambda: _peer(keys, day), max(5, runs // 6))


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
