"""Make a ministry-wide year: 22,000 measures, 300,000 lead assignments, 63 + 31 provinces, reports over four quarters.

Set-based (one statement to a table), so that it takes seconds; kept in a temporary folder between runs, by size and by the text of this file and of
the migrations. Works on SQLite and PostgreSQL. Every assignment is a lead one, so that there are 300,000 deliveries: the upper bound of what a year
can hold. ``measured`` runs a benchmark's own measuring function in a process that has the year before it, on both databases.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOON = datetime(2026, 10, 15, 9, 0, tzinfo=UTC)
DAY = NOON.date()
QUARTERS = ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4")
FIELDS = 30
NO_POSTGRES = 77


@dataclass(frozen=True, slots=True)
class Size:
    """Hold how much is made."""

    measures: int
    deliveries: int
    directives: int

    @property
    def name(self) -> str:
        """Return the name under which it is kept and told."""
        return f"{self.deliveries}_deliveries"


NATIONAL = Size(22_000, 300_000, 300)
SMALL = Size(2_200, 30_000, 30)


def size_of(*, quick: bool) -> Size:
    """Give the size that is measured."""
    return SMALL if quick else NATIONAL


def measured(module: str, *, quick: bool) -> dict[str, dict[str, Any]]:
    """Run ``module.measure(quick=…)`` before the year on SQLite and on PostgreSQL; give what it told, by size and database.

    Where there is no PostgreSQL, only SQLite is there.
    """
    size = size_of(quick=quick)
    folder = Path(tempfile.gettempdir()) / f"mehvar-bench-{os.getuid()}" / f"{size.name}-{_stamp()}"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "bench.national", module, *(["--quick"] if quick else [])]
    kept = {
        "MEHVAR_HOME": str(folder),
        "MEHVAR_DATABASE": f"sqlite:///{folder}/year.sqlite3",
        "MEHVAR_TEST_POSTGRES": "",
    }
    found = {
        "sqlite": _told(command, kept),
        "postgresql": _told(
            ["scripts/with-postgres", *command], {"MEHVAR_HOME": str(folder), "MEHVAR_DATABASE": ""}
        ),
    }
    return {f"{size.name}.{name}": told for name, told in found.items() if told is not None}


def _stamp() -> str:
    texts = [Path(__file__), *sorted((ROOT / "src" / "mehvar").glob("*/migrations/0*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in texts)).hexdigest()[:12]


def _told(command: Sequence[str], environment: dict[str, str]) -> dict[str, Any] | None:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mehvar.config.settings",
            "MEHVAR_ALLOWED_HOSTS": "localhost",
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
            **environment,
        },
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode == NO_POSTGRES:
        return None
    done.check_returncode()
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main(module: str, *, quick: bool) -> None:
    """Set Django up, make the year if it is not there yet, measure, and tell the result as one line of JSON."""
    if served := os.environ.get("MEHVAR_TEST_POSTGRES"):
        os.environ["MEHVAR_DATABASE"] = served
    import django
    from django.conf import settings

    if quick:
        settings.MIGRATION_MODULES = _NoMigrations()
    django.setup()
    from mehvar.kernel import clock

    with clock.fixed(NOON):
        seconds = prepare(size_of(quick=quick))
        Path(settings.STATIC_ROOT or "").mkdir(parents=True, exist_ok=True)
        import_module(
            "mehvar.config.wsgi"
        )  # as the server begins: code loaded, and out of the collector's sight
        told = import_module(f"bench.{module}").measure(quick=quick)
    print(json.dumps({**told, "build_s": seconds}))


class _NoMigrations:
    """Let the tables be made straight from the models: the same tables, without the twenty seconds in which migrations are replayed."""

    def __contains__(self, room: str) -> bool:
        """Stand for every room."""
        return True

    def __getitem__(self, room: str) -> None:
        """Say that a room has no migrations."""


def prepare(size: Size) -> float | None:
    """Make tables and the year where they are missing; give the seconds it took, None when it was there."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, run_syncdb=True)
    if _is_there(size):
        return None
    started = time.perf_counter()
    build(size)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return round(time.perf_counter() - started, 1)


def _is_there(size: Size) -> bool:
    from mehvar.programmes.models import CellTally, Delivery

    return CellTally.objects.exists() and Delivery.objects.count() == size.deliveries


def build(size: Size) -> None:
    """Make the year in one transaction."""
    from django.db import transaction

    from mehvar.programmes.actions import tallies

    with transaction.atomic():
        bodies = _organisations()
        _people()
        _directives(size)
        _measures(size)
        _assignments(size, bodies)
        _facts()
        _deliveries()
        _makings()
        _rounds()
        _reports()
        tallies.rebuild_tallies(DAY)


def _organisations() -> int:
    """Make two states with ministries, provinces and their departments; give the number of bodies that lead."""
    from mehvar.organisations.models import Organisation, Register

    rows: list[Organisation] = []

    def add(code: str, kind: str, path: str, name: str, children: int, **attributes: int) -> None:
        rows.append(
            Organisation(
                code=code, type=kind, path=path, depth=len(path) // 4, numchild=children, name_en=name,
                name_fa=f"دستگاه {name}", name_vi=f"Cơ quan {name}", pack=code[:2], attributes=attributes,
            )
        )  # fmt: skip

    for root, (pack, provinces, ministries) in enumerate((("vn", 63, 22), ("ir", 31, 20)), 1):
        top = f"{root:04d}"
        add(pack, "state_organ", top, f"State {pack}", provinces + ministries)
        for number in range(ministries):
            add(f"{pack}.m{number:02d}", "ministry", f"{top}{number + 1:04d}", f"Ministry {pack} {number}", 0)
        for number in range(provinces):
            path = f"{top}{number + 101:04d}"
            tile = {"tile_x": number % 7, "tile_y": number // 7}
            add(f"{pack}.p{number:02d}", "province", path, f"Province {pack} {number}", 1, **tile)
            add(
                f"{pack}.p{number:02d}.ict",
                "provincial_department",
                f"{path}0001",
                f"Department {pack} {number}",
                0,
            )
    Organisation.objects.bulk_create(rows, batch_size=200)
    home = Organisation.objects.get(code="vn.m00")
    Register.objects.create(code="vn", language="vi", calendar="gregorian", ministry=home, is_home=True)
    return sum(1 for row in rows if row.type in {"ministry", "provincial_department"})


def _people() -> None:
    """Seat an officer and a minister at the home ministry, and a director in one province."""
    from mehvar.accounts.data import Role
    from mehvar.accounts.models import User
    from mehvar.organisations.models import Organisation, Position

    for name, role, code in (
        ("officer", Role.PLANNING_OFFICER, "vn.m00"),
        ("minister", Role.MINISTER, "vn.m00"),
        ("director", Role.PROVINCIAL_DIRECTOR, "vn.p07"),
    ):
        person = User.objects.create_user(
            email=f"{name}@example.org", name=name, language="en", password=None
        )
        body = Organisation.objects.get(code=code)
        Position.objects.create(user=person, role=role, organisation=body, valid_from=date(2020, 1, 1))


def _directives(size: Size) -> None:
    """Make promulgated directives, nine in ten by the home ministry, each with five of the thirty fields."""
    from mehvar.directives.models import Directive, Field
    from mehvar.organisations.models import Organisation

    issuers = [Organisation.objects.get(code=code) for code in ("vn.m00", "ir.m00")]
    promulgated = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    made = Directive.objects.bulk_create(
        [
            Directive(
                number=f"{number:03d}/2026", title=f"Directive {number} of the year", language="en", pack="vn",
                issuer=issuers[number % 10 == 0], state="promulgated", promulgated_at=promulgated,
                dated_on=promulgated.date(), effective_on=promulgated.date(), created_at=promulgated,
                changed_at=promulgated,
            )
            for number in range(1, size.directives + 1)
        ]
    )  # fmt: skip
    Field.objects.bulk_create(
        [
            Field(directive=one, position=place, name=f"Field {(index * 7 + place * 11) % FIELDS:02d}")
            for index, one in enumerate(made)
            for place in range(5)
        ],
        batch_size=500,
    )


def _measures(size: Size) -> None:
    from mehvar.directives.models import Directive, Measure

    directives = list(Directive.objects.order_by("pk").prefetch_related("fields"))
    subjects = ("hồ sơ điện tử", "دولت هوشمند", "open data", "mã số thuế", "شبکه ملی اطلاعات", "broadband")
    rows = []
    for number in range(size.measures):
        directive = directives[number % len(directives)]
        field = list(directive.fields.all())[number // len(directives) % 5]
        text = (
            f"Measure {number}: {subjects[number % 6]}, so that service {number % 997} works in every place"
        )
        rows.append(
            Measure(
                directive=directive, field=field, position=number, number=str(number), text=text, due_kind="day",
                due_end=_due(number), due_first_end=_due(number), special_project=number % 40 == 0,
                priority="high" if number % 8 == 0 else "normal",
            )
        )  # fmt: skip
    Measure.objects.bulk_create(rows, batch_size=500)


def _due(number: int) -> date:
    """Give a month's end between March of this year and June of the next."""
    first = date(2026, 1, 1) + timedelta(days=31 * (3 + number * 5 % 16))
    return first.replace(day=1) - timedelta(days=1)


def _assignments(size: Size, bodies: int) -> None:
    """Lay every measure on bodies in turn, until there are as many as wanted."""
    each = -(-size.deliveries // size.measures)
    _run(
        """
        INSERT INTO directives_assignedbody (directive_id, measure_id, organisation_id, role, via_group, principal)
        SELECT m.directive_id, m.id, b.id, 'lead', '', FALSE
        FROM directives_measure m JOIN (
            SELECT id, ROW_NUMBER() OVER (ORDER BY path) - 1 AS place FROM organisations_organisation
            WHERE type IN ('ministry', 'provincial_department')
        ) b ON (b.place + m.position * 17) %% %s < %s
        ORDER BY m.id, b.id LIMIT %s
        """,
        [bodies, each, size.deliveries],
    )


def _facts() -> None:
    """Lay beside the measures what SQL cannot compute: searched texts, days, and the marks of every due date and progress."""
    from mehvar.directives.models import Measure
    from mehvar.programmes.actions import texts
    from mehvar.programmes.rules import status

    start, limits = date(2026, 1, 5), status.Thresholds()
    _run("CREATE TEMPORARY TABLE fact (measure_id BIGINT PRIMARY KEY, digest TEXT, on_time DATE, late DATE)")
    measures = Measure.objects.values_list("pk", "text", "due_end")
    texts.store_texts({text for _key, text, _due in measures})
    _rows(
        "fact",
        (
            (
                key,
                texts.digest_of(text),
                min(due, DAY) - timedelta(days=due.day),
                min(due + timedelta(days=9), DAY),
            )
            for key, text, due in measures
            if due
        ),
        4,
    )
    _run(
        "CREATE TEMPORARY TABLE mark (due_on DATE, approved INTEGER, known INTEGER, amber_on DATE, red_on DATE)"
    )
    dues = sorted({_due(number) for number in range(16)})
    marks = []
    for due in dues:
        for approved in range(0, 101, 10):
            for known in (0, 1):
                course = status.Course(
                    "open", start, due, None, approved if known else None, silent=not known
                )
                found = status.marks(course, limits)
                marks.append((due, approved, known, found.amber_on, found.red_on))
    _rows("mark", marks, 5)


def _deliveries() -> None:
    """Make one delivery of each assignment; ``r`` spreads them over done on time, late, open, silent."""
    _run(
        """
        INSERT INTO programmes_delivery (public_id, assigned_id, issuer_id, organisation_id, measure_id, directive_id,
            field_name, text, words_id, weight, starts_on, due_on, first_due_on, recurring, state, claimed, accepted, approved,
            self_rating, confidence, reported_on, silent, amber_on, red_on, done_on, version)
        SELECT 'd' || d.id, d.id, d.issuer_id, d.organisation_id, d.measure_id, d.directive_id, d.field_name, d.text, d.words_id,
            d.weight, d.starts_on, d.due_on, d.due_on, FALSE, d.state,
            CASE WHEN d.state = 'done' THEN 100 WHEN d.silent THEN NULL ELSE d.progress END,
            CASE WHEN d.state = 'done' THEN 100 WHEN d.silent THEN NULL ELSE d.progress END,
            CASE WHEN d.state = 'done' THEN 100 WHEN d.silent THEN NULL ELSE d.progress END,
            CASE WHEN d.silent THEN 'unknown' WHEN d.r %% 3 = 0 THEN 'amber' ELSE 'green' END, 'unknown',
            CASE WHEN d.silent THEN NULL ELSE d.reported END, d.silent,
            CASE WHEN d.state = 'done' THEN NULL ELSE k.amber_on END, CASE WHEN d.state = 'done' THEN NULL ELSE k.red_on END,
            CASE WHEN d.state <> 'done' THEN NULL WHEN d.r < 450 THEN d.on_time ELSE d.late END, 1
        FROM (
            SELECT x.*, CASE WHEN x.r < 450 OR (x.r < 560 AND x.late < x.today) THEN 'done' ELSE 'open' END AS state,
                (x.r >= 900) AS silent
            FROM (
                SELECT a.id, a.organisation_id, a.measure_id, a.directive_id, v.issuer_id, f.name AS field_name, m.text, w.id AS words_id,
                    CASE WHEN m.special_project THEN 3.0 WHEN m.priority = 'high' THEN 2.0 ELSE 1.0 END AS weight,
                    v.effective_on AS starts_on, m.due_end AS due_on, t.on_time, t.late, y.today, y.reported,
                    (a.id * 7919) %% 1000 AS r, ((a.id * 31) %% 10) * 10 AS progress
                FROM directives_assignedbody a JOIN directives_measure m ON m.id = a.measure_id
                JOIN directives_directive v ON v.id = a.directive_id JOIN directives_field f ON f.id = m.field_id
                JOIN fact t ON t.measure_id = m.id JOIN programmes_deliverytext w ON w.digest = t.digest
                CROSS JOIN (SELECT CAST(%s AS DATE) AS today, CAST(%s AS DATE) AS reported) y
            ) x
        ) d JOIN mark k ON k.due_on = d.due_on AND k.approved = d.progress AND k.known = CASE WHEN d.silent THEN 0 ELSE 1 END
        ORDER BY d.id
        """,
        [DAY, DAY - timedelta(days=9)],
    )


def _makings() -> None:
    """Note that all deliveries are made."""
    _run(
        """
        INSERT INTO programmes_deliverymaking (directive_id, asked_at, touched_at, finished_at, made)
        SELECT v.id, v.promulgated_at, v.promulgated_at, v.promulgated_at, COUNT(*)
        FROM directives_directive v JOIN programmes_delivery d ON d.directive_id = v.id GROUP BY v.id, v.promulgated_at
        """
    )


def _rounds() -> None:
    """Ask about every directive for four quarters; the last one is open and late since five days."""
    from mehvar.directives.models import Directive
    from mehvar.kernel.periods import Period
    from mehvar.programmes.models import ReportingRound

    rows = []
    for directive in Directive.objects.only("pk", "issuer_id"):
        for name in QUARTERS:
            period = Period.parse(name)
            last = name == QUARTERS[-1]
            due = DAY - timedelta(days=5) if last else period.end + timedelta(days=10)
            closed = None if last else datetime.combine(due, NOON.timetz()) + timedelta(days=5)
            rows.append(
                ReportingRound(
                    public_id=f"r{directive.pk}-{name[-2:].lower()}", directive=directive, issuer_id=directive.issuer_id, period=name,
                    opens_on=min(period.end, DAY) - timedelta(days=20), due_on=due, closed_at=closed, created_at=NOON,
                )
            )  # fmt: skip
    ReportingRound.objects.bulk_create(rows, batch_size=500)


def _reports() -> None:
    """Let nine in ten report each quarter, the latest quarter half done; write down how each quarter ended."""
    _run(
        """
        INSERT INTO programmes_roundrequest (round_id, organisation_id, submitted_at, alerted_at, climbed_at, climbs)
        SELECT r.id, d.organisation_id, CASE WHEN r.closed_at IS NULL AND d.organisation_id %% 5 = 0 THEN NULL ELSE r.created_at END,
            NULL, NULL, 0
        FROM programmes_reportinground r
        JOIN (SELECT DISTINCT directive_id, organisation_id FROM programmes_delivery) d ON d.directive_id = r.directive_id
        """
    )
    _run(
        """
        INSERT INTO programmes_progressreport (round_id, delivery_id, state, claimed, accepted, approved, self_rating, done_text,
            next_text, return_reason, submitted_at, late, version)
        SELECT r.id, d.id, CASE WHEN r.closed_at IS NULL THEN 'claimed' ELSE 'approved' END, COALESCE(d.claimed, 10),
            CASE WHEN r.closed_at IS NULL THEN NULL ELSE COALESCE(d.claimed, 10) END,
            CASE WHEN r.closed_at IS NULL THEN NULL ELSE COALESCE(d.claimed, 10) END,
            d.self_rating, 'Work went on as planned.', 'The next step follows.', '', r.created_at, FALSE, 1
        FROM programmes_reportinground r JOIN programmes_delivery d ON d.directive_id = r.directive_id
        WHERE (d.id + r.id * 3) %% 10 < CASE WHEN r.closed_at IS NULL THEN 5 ELSE 9 END AND (r.closed_at IS NOT NULL OR d.state = 'open')
        """
    )
    _run(
        """
        INSERT INTO programmes_statusrecord (delivery_id, period, cell, expected, claimed, accepted, approved, computed, confidence,
            recorded_at)
        SELECT d.id, r.period, 'open_in_time', 50, d.claimed, d.accepted, d.approved, 'unknown', 'unknown', r.closed_at
        FROM programmes_reportinground r JOIN programmes_delivery d ON d.directive_id = r.directive_id WHERE r.closed_at IS NOT NULL
        """
    )


def _run(statement: str, values: Sequence[object] = ()) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement.replace("%%", "%") if not values else statement, values or None)


def _rows(table: str, rows: Iterable[Sequence[object]], width: int) -> None:
    """Lay rows into a temporary table, some hundreds to a statement."""
    places = f"({', '.join(['%s'] * width)})"
    for part in _parts(rows, 200):
        values = [value for row in part for value in row]
        _run(f"INSERT INTO {table} VALUES {', '.join([places] * len(part))}", values)  # noqa: S608 - our own names


def _parts(rows: Iterable[Sequence[object]], size: int) -> Iterator[list[Sequence[object]]]:
    part: list[Sequence[object]] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


if __name__ == "__main__":
    main(sys.argv[1], quick="--quick" in sys.argv)
