"""Measure how fast a spreadsheet of 10,000 rows (1,000 when quick) is checked and taken over, on a database file.

Each row of three lists runs through the very action of the pages: permission, checks, its own entry on record. Reported in rows a
second: the reading alone (peer: Python's csv module, which understands nothing of it), and for measures of a programme, meetings and
obstacles the check, the taking over, and the same file once more (peer: Django's ``bulk_create`` of the same rows, without
permission, record or notice). The work runs in a process of its own, with a fresh data folder.

Besides, ten times as many rows of a CSV file are read one by one, as an import does, and all held at once: by how much each lets the
process grow.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import apart
from bench.figures import Figure

ROWS, QUICK_ROWS = 10_000, 1_000


def run(*, quick: bool) -> list[Figure]:
    """Return rows a second of reading, checking, taking over and handing in again, each beside its peer."""
    rows = QUICK_ROWS if quick else ROWS
    taken: dict[str, tuple[float, str, float]] = apart.told("bench.programmes_import", rows)
    grown = {way: apart.told("bench.programmes_import", rows * 10, way) for way in ("streamed", "held")}
    memory = Figure(
        name=f"programmes_import.{rows * 10}_rows.reading_memory",
        value=grown["streamed"],
        unit="MB",
        peer="all rows held at once",
        peer_value=grown["held"],
        ratio=round(grown["held"] / grown["streamed"], 1),
    )
    paces = [
        Figure(
            name=f"programmes_import.{rows}_rows.{name}",
            value=round(rows / seconds),
            unit="rows/s",
            peer=peer,
            peer_value=round(rows / peer_s),
            ratio=round(peer_s / seconds, 3),
        )
        for name, (seconds, peer, peer_s) in taken.items()
    ]
    return [*paces, memory]


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _measure(rows: int) -> dict[str, tuple[float, str, float]]:
    import django

    django.setup()
    from django.core.management import call_command

    from mehvar.accounts.data import Role
    from mehvar.kernel import events
    from mehvar.programmes.actions import programmes
    from mehvar.programmes.data import SheetKind
    from mehvar.programmes.models import Obstacle, ProgrammeMeasure, StakeholderMeeting
    from tests.factories.organisations import small_ministry

    call_command("migrate", verbosity=0)
    house = small_ministry()
    planner, director = house.people[Role.PLANNING_OFFICER], house.people[Role.PROVINCIAL_DIRECTOR]
    programme = programmes.create_programme(
        planner, title="Smart industry", organisation_code="xx.min", language="en"
    )
    events.publish = lambda *_names, **_facts: None  # type: ignore[assignment]  # no worker but this one
    lists: tuple[tuple[Any, ...], ...] = (
        (
            "measures", SheetKind.MEASURES, planner, programme.public_id, ProgrammeMeasure,
            [{"text": f"Equip plant {n}", "body": "xx.north", "due_on": "2026-12-01"} for n in range(rows)],
        ),
        (
            "meetings", SheetKind.MEETINGS, director, "", StakeholderMeeting,
            [
                {"body": "xx.north.ict", "held_on": "2026-05-01", "kind": "Others", "with_whom": "Council", "subject": f"Plant {n}"}
                for n in range(rows)
            ],
        ),
        (
            "obstacles", SheetKind.OBSTACLES, director, "", Obstacle,
            [{"title": f"No land {n}", "text": "Not handed over.", "raised_by": "xx.north.ict"} for n in range(rows)],
        ),
    )  # fmt: skip
    found: dict[str, tuple[float, str, float]] = {}
    for name, kind, person, subject, model, given in lists:
        content = _csv(kind, given)
        if not found:
            found["reading"] = (_seconds(lambda kind=kind, content=content: _read(kind, content)), "csv module", _seconds(lambda content=content: _plain(content)))  # fmt: skip
        found |= _imported(name, kind, person, subject=subject, model=model, content=content)
    return found


def _csv(kind: Any, rows: list[dict[str, str]]) -> bytes:
    from mehvar.programmes.rules import imports as rules

    heads, target = rules.heads(kind, "en"), io.StringIO()
    writer = csv.writer(target)
    writer.writerow([heads[key] for key in rows[0]])
    writer.writerows([list(row.values()) for row in rows])
    return target.getvalue().encode()


def _read(kind: Any, content: bytes) -> int:
    from mehvar.programmes.rules import imports as rules
    from mehvar.programmes.rules.lines import Writing

    return sum(
        1
        for _row in rules.read_rows(rules.find_table(rules.open_table(content), kind, "en"), kind, Writing())
    )


def _grown_mb(rows: int, way: str) -> float:
    """Read rows of a file, streamed or all held, and give by how many MB that let the process grow at most."""
    import tempfile

    import django

    django.setup()

    from mehvar.programmes.data import SheetKind
    from mehvar.programmes.rules import imports as rules
    from mehvar.programmes.rules.lines import Writing

    with tempfile.TemporaryFile() as file:
        heads = rules.heads(SheetKind.REPORTS, "en")
        said: list[str | int] = [
            "A measure of some words",
            "xx.north — North",
            "2026-06-30",
            40,
            35,
            "Green",
            "Contract signed",
            "Handover",
            "",
        ]
        lines = rules.csv_lines(list(heads.values()), ([*said, f"d{number}:0"] for number in range(rows)))
        file.writelines(line.encode() for line in lines)
        before = _peak_kb()
        found = rules.find_table(rules.open_table(file), SheetKind.REPORTS, "en")
        read = rules.read_rows(found, SheetKind.REPORTS, Writing())
        number = len(list(read)) if way == "held" else sum(1 for _row in read)
        if number != rows:
            raise SystemExit(f"{number} of {rows} rows were read")
        grown = _peak_kb() - before
    return max(round(grown / 1024, 1), 0.1)


def _peak_kb() -> int:
    """Give the most memory that this process alone ever held."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="ignore")
    return int(status.split("VmHWM:", 1)[1].split()[0])


def _plain(content: bytes) -> int:
    return len(list(csv.reader(io.StringIO(content.decode()))))


def _imported(
    name: str, kind: Any, person: Any, *, subject: str, model: Any, content: bytes
) -> dict[str, tuple[float, str, float]]:
    """Time check, taking over and the same file again; then write the rows that came of it anew by ``bulk_create``."""
    from mehvar.kernel.calendars import Calendar
    from mehvar.programmes.actions import imports

    def handed_in() -> Any:
        return imports.hand_in(
            person, kind, subject=subject, file_name="list.csv", content=content, language="en",
            calendar=Calendar.GREGORIAN,
        )  # fmt: skip

    sheet = handed_in()
    check = _seconds(lambda: imports.run_import(sheet.public_id))
    imports.accept_import(person, sheet.public_id)
    taking = _seconds(lambda: imports.run_import(sheet.public_id))
    again = handed_in()
    imports.run_import(again.public_id)
    imports.accept_import(person, again.public_id)
    twice = _seconds(lambda: imports.run_import(again.public_id))
    again.refresh_from_db()
    sheet.refresh_from_db()
    if (sheet.created, again.unchanged) != (sheet.total, sheet.total):
        raise SystemExit(f"{name}: {sheet.created} of {sheet.total} were entered, {again.unchanged} known")
    peer = _bulk_s(model)
    said = "Django bulk_create of the same rows"
    return {
        f"{name}.check": (check, said, peer),
        f"{name}.taken_over": (taking, said, peer),
        f"{name}.same_file_again": (twice, said, peer),
    }


def _bulk_s(model: Any) -> float:
    """Time writing as many rows of the same kind, as fast as Django can."""
    from django.db import transaction

    rows = list(model.objects.all())
    for number, row in enumerate(rows):
        row.pk = None
        if hasattr(row, "public_id"):
            row.public_id = f"peer{number}"

    def write() -> None:
        with transaction.atomic():
            model.objects.bulk_create(rows, batch_size=500)

    seconds = _seconds(write)
    if hasattr(rows[0], "public_id"):
        model.objects.filter(public_id__startswith="peer").delete()
    return seconds


if __name__ == "__main__":
    print(
        json.dumps(_grown_mb(int(sys.argv[1]), sys.argv[2]) if sys.argv[2:] else _measure(int(sys.argv[1])))
    )
