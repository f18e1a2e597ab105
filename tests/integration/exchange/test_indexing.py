"""Evidence becomes an index: each call once, whatever happens; and what does not hold is shown, never skipped."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification
from mehvar.exchange.actions import evidence, indexing
from mehvar.exchange.models import EvidenceChain, EvidenceFault, Gateway, HourlyTally, IndexedCall
from mehvar.exchange.queries import calls
from mehvar.exchange.rules import receipts
from mehvar.kernel.errors import InputError, NotPermitted, Unavailable
from mehvar.kernel.identifiers import canonical_json
from mehvar.ledger.models import Entry
from tests.factories.evidence import FIRST, Writer, leaf
from tests.factories.organisations import SmallMinistry, small_ministry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    made = Writer(tmp_path / "evidence").begin()
    Gateway.objects.create(code="gw", address="http://127.0.0.1:1", evidence_folder=str(made.folder))
    return made


def test_each_call_is_taken_once_and_tallied(writer: Writer) -> None:
    writer.write(leaf(ms=3), leaf(ms=40, status=404), leaf(ms=900, status=503))
    writer.write(leaf(ms=10, status=None, error="Server.ServerProxy.NetworkError"))
    refused = {"kind": "refusal", "error": "Server.ServerProxy.AccessDenied"}
    writer.write(leaf(status=None, **refused), leaf(at=FIRST + timedelta(hours=2), purpose="census"))
    assert indexing.index_evidence() == 6
    assert indexing.index_evidence() == 0
    first, second = HourlyTally.objects.order_by("hour")
    assert (first.calls, first.answered, first.client_errors, first.provider_errors) == (5, 1, 1, 1)
    assert (first.bus_errors, first.refused, second.calls, second.purpose) == (1, 1, 1, "census")
    assert (first.under_0, first.under_1, first.under_3, first.under_7) == (1, 1, 1, 1)
    assert IndexedCall.objects.get(status=404).outcome == "client"
    writer.begin().write(leaf())
    assert indexing.index_evidence() == 1
    assert EvidenceChain.objects.get().batch == 4


def test_a_request_waits_for_its_exchange(writer: Writer) -> None:
    question = leaf(kind="request", status=None)
    writer.write(question)
    indexing.index_evidence()
    assert IndexedCall.objects.get().outcome == "pending"
    assert not HourlyTally.objects.exists()
    answer = leaf() | {name: question[name] for name in ("request_id", "id")}
    writer.write(answer)
    indexing.index_evidence()
    assert IndexedCall.objects.get().outcome == "answered"
    assert HourlyTally.objects.get().calls == 1


def test_a_torn_tail_waits_and_damage_stops_with_an_alarm(writer: Writer, house: SmallMinistry) -> None:
    writer.write(leaf())
    whole = writer.path.read_bytes()
    later = writer.frame(leaf())
    writer.path.write_bytes(whole + later[:-7])
    assert indexing.index_evidence() == 1
    assert not EvidenceFault.objects.exists()
    damaged = bytearray(whole + later + writer.frame(leaf()))
    damaged[len(whole) + 40] ^= 1
    writer.path.write_bytes(damaged)
    assert indexing.index_evidence() == 0
    fault = calls.open_faults().get()
    assert (fault.kind, fault.segment, fault.offset) == ("damage", 1, len(whole))
    operator = house.people[Role.EXCHANGE_OPERATOR]
    assert Notification.objects.filter(user=operator, kind="exchange.evidence-fault").count() == 1
    indexing.index_evidence()
    assert EvidenceFault.objects.count() == 1
    assert Entry.objects.filter(action="evidence.fault").count() == 1
    with pytest.raises(NotPermitted):
        evidence.pass_fault(house.people[Role.AUDITOR], fault.pk, reason="A disk block was lost.")
    with pytest.raises(InputError):
        evidence.pass_fault(operator, fault.pk, reason="ok")
    evidence.pass_fault(operator, fault.pk, reason="A disk block was lost; report 12.")
    writer.begin().write(leaf())
    assert indexing.index_evidence() == 1
    assert not calls.open_faults().exists()
    assert calls.settled_faults().get().reason.endswith("report 12.")


def test_what_is_mended_is_read_on(writer: Writer) -> None:
    writer.write(leaf())
    good = writer.path.read_bytes()
    more = writer.frame(leaf())
    writer.path.write_bytes(good[:60] + b"\0" + good[61:] + more)
    indexing.index_evidence()
    assert calls.open_faults().get().kind == "damage"
    writer.path.write_bytes(good + more)
    assert indexing.index_evidence() == 2
    assert EvidenceFault.objects.get().state == "mended"


def test_gaps_foreign_keys_and_lost_evidence_are_faults(writer: Writer, house: SmallMinistry) -> None:
    writer.write(leaf())
    indexing.index_evidence()
    stranger = Writer(writer.folder, key=ec.generate_private_key(ec.SECP256R1()))
    stranger.segment, stranger.batch, stranger.previous = writer.segment, writer.batch, writer.previous
    stranger.begin().write(leaf())
    assert indexing.index_evidence() == 0
    fault = calls.open_faults().get()
    assert (fault.kind, fault.key) == ("key", stranger.fingerprint)
    evidence.pass_fault(
        house.people[Role.EXCHANGE_OPERATOR], fault.pk, reason="The key was rotated on purpose."
    )
    assert indexing.index_evidence() == 1
    stranger.segment += 1
    stranger.begin().write(leaf())
    indexing.index_evidence()
    assert "missing" in calls.open_faults().get().message
    for path in writer.folder.glob("*.mev"):
        path.unlink()
    indexing.index_evidence()
    assert "no longer here" in calls.open_faults().get().message


def test_archived_redacted_and_dropped_segments(writer: Writer) -> None:
    writer.write(leaf(request_id="request-old")).write(leaf())
    first = writer.path
    writer.begin().write(leaf())
    (writer.folder / "archive").mkdir()
    archived = writer.folder / "archive" / f"{first.name}.gz"
    archived.write_bytes(gzip.compress(first.read_bytes()))
    first.unlink()
    assert indexing.index_evidence() == 3
    call = IndexedCall.objects.get(request_id="request-old")
    assert (
        receipts.verify_receipt(calls.receipt_of(call), writer.public_pem).leaf["request_id"] == "request-old"
    )
    members = {"batches": 2, "chain": writer.chain, "last_hash": sha256(b"").hexdigest(), "segment": 1}
    archived.with_name(f"{first.stem}.json").write_bytes(canonical_json(members))
    archived.unlink()
    assert indexing.index_evidence() == 0
    assert not EvidenceFault.objects.exists()
    with pytest.raises(Unavailable):
        calls.receipt_of(call)


def test_a_dropped_segment_that_nobody_read_is_a_gap(writer: Writer) -> None:
    writer.write(leaf())
    first = writer.path
    writer.begin().write(leaf())
    first.unlink()
    assert indexing.index_evidence() == 0
    assert calls.open_faults().get().kind == "gap"


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """The real command on a database of its own is killed again and again; the sums are then those of the evidence."""
    writer = Writer(tmp_path / "evidence").begin()
    for number in range(300):
        writer.write(*[leaf(client=f"XX/GOV/{number % 7}/tax") for _ in range(10)])
    environment = dict(os.environ, MEHVAR_HOME=str(tmp_path), DJANGO_SETTINGS_MODULE="mehvar.config.settings")
    environment.pop("MEHVAR_DATABASE", None)
    tables = (
        "import django; from django.conf import settings; "
        "settings.MIGRATION_MODULES = {}; "
        "django.setup(); from django.apps import apps; "
        "settings.MIGRATION_MODULES.update({one.label: None for one in apps.get_app_configs()}); "
        "from django.core.management import call_command; call_command('migrate', run_syncdb=True, verbosity=0)"
    )
    run(environment, tables)
    prepare = (
        "import django; django.setup(); from mehvar.exchange.models import Gateway; "
        f"Gateway.objects.create(code='gw', address='-', evidence_folder={str(writer.folder)!r})"
    )
    run(environment, prepare)
    work = (
        "import django; django.setup(); from mehvar.exchange.actions import indexing as i; i.CHUNK = 60; "
        "print('go', flush=True); i.index_evidence(); print('done', flush=True)"
    )
    kills = 0
    for wait in (0.02, 0.07, 0.15, 0.3):
        process = subprocess.Popen([sys.executable, "-c", work], env=environment, stdout=subprocess.PIPE)  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        kills += b"done" not in process.stdout.read()
        process.wait()
        process.stdout.close()
    run(environment, work)
    count = (
        "import django; django.setup(); from mehvar.exchange.models import *; from django.db.models import Sum; "
        "print(IndexedCall.objects.count(), HourlyTally.objects.aggregate(n=Sum('calls'))['n'], "
        "EvidenceChain.objects.get().calls, EvidenceFault.objects.count())"
    )
    assert run(environment, count) == "3000 3000 3000 0"
    assert kills >= 1


def run(environment: dict[str, str], program: str) -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()
