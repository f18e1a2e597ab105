"""Many writers at once: processes on one SQLite file, threads on PostgreSQL. No gap, no doubled number, no lost act."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from mehvar.ledger import actions, queries
from mehvar.ledger.data import Actor, FaultCode, Subject
from mehvar.ledger.models import Entry

WRITERS, ACTS = 4, 30

SETUP = "import django; django.setup(); from django.core.management import call_command\n"
MIGRATE = SETUP + "call_command('migrate', 'ledger', verbosity=0)"
WRITE = (
    SETUP
    + """
import sys, threading
from django.db import connections, transaction
from mehvar.ledger import actions
from mehvar.ledger.data import Actor, Subject
from mehvar.kernel import events

events.publish = lambda *names, **facts: None  # only the ledger's tables are there; nobody else can listen

def write(name, acts):
    for number in range(acts):
        with transaction.atomic():
            actions.record(actor=Actor("person", name), action="test.act", subject=Subject("thing", name),
                           content={"number": number})
            if number % 5 == 4:
                transaction.set_rollback(True)
    connections.close_all()

threads = [threading.Thread(target=write, args=(f"{sys.argv[1]}-{half}", int(sys.argv[2]))) for half in "ab"]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
)
TAMPER = (
    SETUP
    + """
import sys
from django.db import connection
from mehvar.ledger.models import guards
with guards.lifted(connection), connection.cursor() as cursor:
    cursor.execute(sys.argv[1])
"""
)
VERIFY = (
    SETUP
    + """
import argparse, sys
from mehvar.ledger import commands
parser = argparse.ArgumentParser()
commands.register(parser.add_subparsers())
args = parser.parse_args(sys.argv[1:])
sys.exit(args.run(args))
"""
)


def run(code: str, *arguments: str, home: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "mehvar.config.settings",
        "MEHVAR_HOME": str(home),
        "MEHVAR_DATABASE": f"sqlite:///{home / 'ledger.sqlite3'}",
    }
    return subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_processes_on_one_file_leave_one_gapless_chain_and_the_verb_tells_when_it_breaks(
    tmp_path: Path,
) -> None:
    assert outcome(run(MIGRATE, home=tmp_path))[0] == 0
    for code, _, err in [
        outcome(p) for p in [run(WRITE, f"w{n}", str(ACTS), home=tmp_path) for n in range(2)]
    ]:
        assert (code, err) == (0, "")
    kept = 2 * 2 * ACTS * 4 // 5
    code, out, err = outcome(run(VERIFY, "ledger", "verify", home=tmp_path))
    assert (code, err) == (0, "")
    assert f"{kept} entries checked" in out
    assert "The chain holds" in out
    head = outcome(run(VERIFY, "ledger", "head", home=tmp_path))[1].strip()
    assert head.startswith(f"{kept}:")
    assert outcome(run(VERIFY, "ledger", "verify", "--known", head, home=tmp_path))[0] == 0
    assert (
        outcome(run(TAMPER, "UPDATE ledger_entry SET reason = 'x' WHERE sequence = 7", home=tmp_path))[0] == 0
    )
    code, _, err = outcome(run(VERIFY, "ledger", "verify", home=tmp_path))
    assert code == 2
    assert "THE CHAIN IS BROKEN" in err
    assert "entry 7" in err
    assert "Traceback" not in err


@pytest.mark.django_db(transaction=True)
def test_threads_on_postgresql_leave_one_gapless_chain() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("threads share an in-memory SQLite database only by its locks; set MEHVAR_TEST_POSTGRES")
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(ACTS):
                with transaction.atomic():
                    actions.record(
                        actor=Actor("person", name),
                        action="test.act",
                        subject=Subject("thing", name),
                        content={"number": number},
                    )
                    if number % 5 == 4:
                        transaction.set_rollback(True)
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    kept = WRITERS * ACTS * 4 // 5
    assert list(Entry.objects.values_list("sequence", flat=True)) == list(range(1, kept + 1))
    report = queries.chain_report()
    assert report.count == kept
    assert report.holds, FaultCode
