"""A worker that is killed in the middle of an import, at any moment, leaves every row entered exactly once."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROWS = 150
CRASHES = """
import os, random, signal, time
from datetime import timedelta
import django; django.setup()
from django.core.management import call_command
from django.db import connections
call_command("migrate", verbosity=0)
from mehvar.accounts.data import Role
from mehvar.kernel import events
from mehvar.kernel.calendars import Calendar
from mehvar.ledger.models import Entry
from mehvar.programmes.actions import imports
from mehvar.programmes.actions.imports import jobs, running, work
from mehvar.programmes.data import SheetKind
from mehvar.programmes.models import EnteredRow, SheetImport, SheetImportRow, StakeholderMeeting
from tests.factories.organisations import small_ministry

ROWS = int(os.environ["ROWS"])
work.PORTION = 5
jobs.SILENT_AFTER = timedelta(seconds=-1)  # who was killed is known to be dead: it was waited for
events.publish = lambda *names, **facts: None  # the workers here are the children below
director = small_ministry().people[Role.PROVINCIAL_DIRECTOR]
rows = "".join(f"xx.north.ict,2026-05-0{n % 4 + 1},Others,Council,Meeting {n}\\n" for n in range(ROWS))
sheet = imports.hand_in(
    director, SheetKind.MEETINGS, file_name="m.csv", language="en", calendar=Calendar.GREGORIAN,
    content=("Body,Date,With,With whom (offices),Subject\\n" + rows).encode(),
)

def die(*args, keep=running._keep):
    keep(*args)
    if random.random() < 0.3:
        os.kill(os.getpid(), signal.SIGKILL)  # all of the portion is written and nothing is committed

def state():
    return SheetImport.objects.values_list("state", "done").get(pk=sheet.pk)

random.seed(7)
killed, trips, seen = 0, 0, []
for wanted in ("checked", "done"):
    while state()[0] != wanted:
        trips += 1
        assert trips < 300, state()
        connections.close_all()
        child = os.fork()
        if child == 0:
            if trips % 2:
                running._keep = die
            imports.run_import(sheet.public_id)
            os._exit(0)
        if not trips % 2:
            time.sleep(random.uniform(0.02, 0.25))
            os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        seen.append(state()[1])
    if wanted == "checked":
        assert StakeholderMeeting.objects.count() == 0
        imports.accept_import(director, sheet.public_id)

sheet.refresh_from_db()
subjects = list(StakeholderMeeting.objects.values_list("subject", flat=True))
assert sorted(subjects) == sorted(f"Meeting {n}" for n in range(ROWS)), len(subjects)
assert (sheet.created, sheet.refused, sheet.done) == (ROWS, 0, ROWS)
assert Entry.objects.filter(action="stakeholders.meet").count() == ROWS
assert Entry.objects.filter(action="sheet.finish").count() == 1
assert EnteredRow.objects.count() == SheetImportRow.objects.filter(is_check=False).count() == ROWS
assert SheetImportRow.objects.filter(is_check=True).count() == ROWS
print(killed)
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Give a database of its own that other processes reach: a file, or one on the server that the tests were given."""
    server = os.environ.get("MEHVAR_TEST_POSTGRES", "")
    if not server:
        yield f"sqlite:///{tmp_path / 'imports.sqlite3'}"
        return
    import psycopg

    name = f"crashes_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.replace("postgres://", "postgresql://"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{server.rsplit('/', 1)[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_kill_9_at_any_moment_enters_every_row_exactly_once(tmp_path: Path, database: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", CRASHES],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mehvar.config.settings",
            "MEHVAR_HOME": str(tmp_path),
            "MEHVAR_DATABASE": database,
            "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
            "ROWS": str(ROWS),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split()[-1]) >= 10, "too few workers died to show anything"
