"""The key for persons' tokens is rotated: nobody is lost to "who asked about me", and it is on record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings

from mehvar.accounts.data import Role
from mehvar.config.cli import main
from mehvar.exchange.actions import indexing, subject_keys, subjects
from mehvar.exchange.models import Gateway
from mehvar.exchange.queries import subjects as queries
from mehvar.exchange.rules.subjects import subject_token
from mehvar.kernel import clock
from mehvar.kernel.errors import InputError, NotPermitted
from mehvar.ledger.models import Entry
from tests.factories.evidence import Writer, leaf
from tests.factories.exchange import file_in
from tests.factories.inquiries import Desk, desk

pytestmark = pytest.mark.django_db
ANA = "0012345678"
CALL = {"client": "MEHVAR/GOV/health/clinic", "service": "MEHVAR/GOV/min/registry/parcels"}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    file_in(tmp_path, monkeypatch)
    return desk(tmp_path, monkeypatch)


def test_after_a_rotation_a_person_is_found_under_every_version(
    office: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key_file = Path(settings.MEHVAR_EXCHANGE_SUBJECT_KEY_FILE)
    key_file.chmod(0o640)
    writer = Writer(tmp_path / "evidence").begin()
    writer.write(leaf(at=clock.now(), request_id="before", subject=subject_token(b"k" * 32, ANA), **CALL))
    _row, early = subjects.issue_code(office.officer, ANA, document="card")
    assert main(["exchange", "subject-key", "rotate"]) == 0
    assert "Version 2 makes tokens" in capsys.readouterr().out
    assert key_file.stat().st_mode & 0o777 == 0o640, "gateways go on reading it"
    newest, oldest = subjects.tokens_of(ANA)
    assert oldest == subject_token(b"k" * 32, ANA)
    writer.write(leaf(at=clock.now(), request_id="after", subject=newest, **CALL))
    Gateway.objects.create(code="gw", address="http://127.0.0.1:2", evidence_folder=str(writer.folder))
    indexing.index_evidence()
    _row, late = subjects.issue_code(office.officer, ANA, document="card")
    for code in (early, late):
        tokens = subjects.open_by_code(ANA, code, address="10.0.0.1")
        assert [one.call.request_id for one in queries.about(tokens).told] == ["after", "before"]
    assert (len(queries.lookups(tokens)), len(queries.codes(tokens))) == (2, 2)

    assert main(["exchange", "subject-key", "show"]) == 0
    shown = capsys.readouterr().out.split()
    assert main(["exchange", "subject-key", "retire", "1", "--reason", "No evidence under it is kept."]) == 0
    assert [one.call.request_id for one in queries.about(subjects.tokens_of(ANA)).told] == ["after"]
    with pytest.raises(InputError):
        subject_keys.retire(None, 2, reason="the newest stays")
    kept = Entry.objects.filter(subject_type="exchange-subject-key").order_by("sequence")
    assert [(one.action, one.public) for one in kept] == [
        ("exchange.subject-key.rotate", True), ("exchange.subject-key.retire", True)
    ]  # fmt: skip
    assert [json.loads(one.content)["fingerprint"] for one in kept] == [shown[3], shown[1]]
    assert (b"k" * 32).hex() not in key_file.read_text()


def test_only_the_operator_rotates_and_the_first_version_is_made_in_the_same_way(office: Desk) -> None:
    key_file = Path(settings.MEHVAR_EXCHANGE_SUBJECT_KEY_FILE)
    for person in (office.made.consumer_engineer, office.officer, office.made.house.people[Role.AUDITOR]):
        with pytest.raises(NotPermitted):
            subject_keys.rotate(person)
        with pytest.raises(NotPermitted):
            subject_keys.retire(person, 1, reason="no right to")
    assert key_file.read_bytes() == b"k" * 32
    key_file.unlink()
    assert subject_keys.rotate(office.made.operator) == 1
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert subject_keys.rotate(office.made.operator) == 2
