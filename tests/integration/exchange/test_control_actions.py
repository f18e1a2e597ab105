"""Acts of the control plane: who may, what follows, what is on record, what gateways are told."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from mehvar.accounts.models import Notification
from mehvar.exchange import tasks
from mehvar.exchange.actions import (
    agreements,
    authority,
    credentials,
    gateways,
    groups,
    limits,
    members,
    publication,
    requests,
    rights,
    services,
    subsystems,
)
from mehvar.exchange.models import AccessRight, Authority, Gateway, PublishedSnapshot, Subsystem
from mehvar.exchange.queries import changes, scope, waiting
from mehvar.exchange.queries.compilation import compile_snapshot
from mehvar.exchange.rules import snapshots
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, MehvarError, NotFound, NotPermitted, Unavailable
from mehvar.ledger import queries as ledger
from mehvar.organisations import queries as organisations
from tests.factories.exchange import Federation, agreed, federation, file_in, granted, submitted
from tests.unit.exchange.test_proofs import request_for

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Federation:
    file_in(tmp_path, monkeypatch)
    return federation()


def compiled() -> Any:
    return compile_snapshot(1, AT)


def test_equal_rows_give_equal_bytes_in_a_bounded_number_of_queries(made: Federation) -> None:
    right = granted(made)
    with CaptureQueriesContext(
        connection,
    ) as few:
        first = snapshots.encode_snapshot(compiled())
    systems = Subsystem.objects.bulk_create(
        Subsystem(member=made.consumer, code=f"s{number}", name="x", created_at=AT) for number in range(200)
    )
    AccessRight.objects.bulk_create(
        AccessRight(public_id=f"r{system.pk}", agreement=right.agreement, service=made.service, subsystem=system, granted_at=AT)
        for system in systems
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        snapshot = compiled()
    assert len(many) == len(few) <= 20
    assert len(snapshot.rights) == 201
    assert snapshots.snapshot_faults(snapshot) == []
    assert snapshots.encode_snapshot(snapshot) == snapshots.encode_snapshot(compiled()) != first
    assert snapshots.decode_snapshot(first).rights[0].subject == "client:MEHVAR/GOV/health/clinic"


def test_days_count_from_first_to_last_instant_in_the_ministrys_zone(made: Federation, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tehran"
    granted(made, agreed(made, valid_from=date(2024, 3, 20), valid_until=date(2099, 12, 31)))
    (stated,) = compiled().agreements
    assert stated.valid_from == datetime(2024, 3, 19, 20, 30, tzinfo=UTC)
    assert stated.valid_until == datetime(2099, 12, 31, 20, 30, tzinfo=UTC)


def test_one_transaction_publishes_once_without_gaps_and_nothing_publishes_nothing(
    made: Federation, django_capture_on_commit_callbacks: Any
) -> None:
    connection.run_on_commit.clear()  # what the fixture did belongs to the test's own transaction
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        right = granted(made)
        limits.set_quota(made.operator, calls_per_s=5, burst=5)
    (row,) = PublishedSnapshot.objects.all()
    assert row.number == 1
    assert right.public_id in row.reason
    assert publication.snapshot_file().read_bytes() == bytes(row.content)
    (entry,) = ledger.history_of("exchange-snapshot", "1")
    assert entry.public
    assert publication.publish("again") is None
    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks(execute=True):
        rights.revoke(made.provider_engineer, right.public_id, reason="done")
    assert list(PublishedSnapshot.objects.values_list("number", flat=True).order_by("number")) == [1, 2]
    publication.snapshot_file().write_text("damaged")
    assert publication.publish_due() == 0
    assert publication.snapshot_file().read_bytes() == bytes(PublishedSnapshot.objects.get(number=2).content)


def test_a_change_is_published_by_the_workers_once_and_pages_say_so(
    made: Federation, django_capture_on_commit_callbacks: Any, settings: Settings, client: Client
) -> None:
    publication.publish("first")
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    connection.run_on_commit.clear()
    client.force_login(made.operator)
    page = reverse("exchange:gateways")
    assert "being published" not in client.get(page).content.decode()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        granted(made)
        limits.set_quota(made.operator, calls_per_s=5, burst=5)
    (task,) = DBTaskResult.objects.all()
    assert PublishedSnapshot.objects.count() == 1
    shown = client.get(page).content.decode()
    assert "The newest snapshot is number 1" in shown
    assert "being published" in shown
    assert "being published" in client.get(reverse("exchange:snapshots")).content.decode()
    tasks.publish_routing.call(**task.args_kwargs["kwargs"])
    DBTaskResult.objects.update(status=TaskResultStatus.SUCCESSFUL)
    assert list(PublishedSnapshot.objects.values_list("number", flat=True).order_by("number")) == [1, 2]
    tasks.publish_routing.call(reason="taken along before")
    assert PublishedSnapshot.objects.count() == 2
    assert "being published" not in client.get(page).content.decode()


def test_no_right_without_a_valid_agreement_between_these_two(made: Federation) -> None:
    valid = agreed(made)
    proposal = agreements.propose(
        made.provider_engineer,
        provider=made.provider.public_id,
        consumer=made.consumer.public_id,
        terms=agreements.AgreementTerms("t", "b", "p", date(2020, 1, 1)),
    )
    turned = agreements.propose(
        None,
        provider=made.consumer.public_id,
        consumer=made.provider.public_id,
        terms=agreements.AgreementTerms("t", "b", "p", date(2020, 1, 1)),
    )
    past = agreed(made, valid_until=date(2020, 6, 1))
    ended = agreements.end(made.consumer_engineer, agreed(made).public_id, reason="x", version=2)
    for under, error in ((proposal, Conflict), (past, Conflict), (ended, Conflict), (turned, InputError)):
        with pytest.raises(error):
            granted(made, under)
    with pytest.raises(NotPermitted):
        rights.grant(made.consumer_engineer, agreement=valid.public_id, service=made.service.public_id, subsystem_id=made.clinic.pk)  # fmt: skip
    right = granted(made, valid)
    with pytest.raises(Conflict):
        granted(made, valid)
    (entry,) = ledger.history_of("exchange-right", right.public_id)
    assert entry.public
    extended = agreed(made, valid_until=date(2098, 1, 1))
    with pytest.raises(InputError):
        agreements.extend(made.provider_engineer, extended.public_id, valid_until=date(2097, 1, 1), reason="r", version=2)  # fmt: skip
    with pytest.raises(NotPermitted):
        agreements.extend(made.consumer_engineer, extended.public_id, valid_until=None, reason="r", version=2)
    row = agreements.extend(
        made.provider_engineer, extended.public_id, valid_until=None, reason="r", version=2
    )
    assert (row.valid_until, row.first_valid_until) == (None, date(2098, 1, 1))


def test_a_group_holds_rights_for_its_members(made: Federation) -> None:
    groups.create_group(made.operator, code="bodies", name="Bodies")
    groups.add_to_group(made.operator, "bodies", client="MEHVAR/GOV/health/clinic")
    for_group = agreements.propose(
        made.provider_engineer,
        provider=made.provider.public_id,
        consumer=None,
        terms=agreements.AgreementTerms("t", "b", "p", date(2020, 1, 1)),
    )
    assert for_group.state == "valid"
    rights.grant(made.provider_engineer, agreement=for_group.public_id, service=made.service.public_id, group="bodies")  # fmt: skip
    assert scope.visible_rights(organisations.authority_of(made.consumer_engineer)).count() == 1
    assert compiled().groups[0].clients == ("MEHVAR/GOV/health/clinic",)
    members.suspend(made.operator, made.consumer.public_id, reason="incident", version=made.consumer.version)
    snapshot = compiled()
    assert (snapshot.groups[0].clients, len(snapshot.members), snapshots.snapshot_faults(snapshot)) == (
        (),
        1,
        [],
    )
    groups.remove_from_group(made.operator, "bodies", client="MEHVAR/GOV/health/clinic")
    with pytest.raises(NotFound):
        groups.remove_from_group(made.operator, "bodies", client="MEHVAR/GOV/health/clinic")


def test_a_late_answer_is_reminded_once_and_told_to_the_operator(made: Federation, settings: Any) -> None:
    settings.MEHVAR_EXCHANGE_ANSWER_DAYS = 5
    monday = datetime(2026, 5, 4, 9, tzinfo=UTC)
    with clock.fixed(monday):
        row = submitted(made)
        assert requests.remind_answers() == 0
    due = row.due_on
    assert due == date(2026, 5, 11), (
        "five working days; Saturday and Sunday are free in a country without a file"
    )
    told = Notification.objects.filter(kind="exchange")
    with clock.fixed(datetime(2026, 5, 8, 9, tzinfo=UTC)):
        assert (
            requests.remind_answers()
            == requests.remind_answers() + told.filter(key__contains=":due:").count()
        )
    with clock.fixed(datetime(2026, 5, 12, 9, tzinfo=UTC)):
        assert requests.remind_answers() > 0
        assert requests.remind_answers() == 0
        assert waiting.to_answer(organisations.authority_of(made.operator)).count() == 1
    assert told.filter(key__contains=":late:", user=made.operator).count() == 1
    assert [event.action for event in row.events.all()] == ["begin", "submit", "late"]
    with pytest.raises(Conflict):
        requests.grant(made.provider_engineer, row.public_id, version=row.version - 1)
    with pytest.raises(NotPermitted):
        requests.grant(made.operator.__class__.objects.get(pk=made.consumer_engineer.pk), row.public_id, version=row.version)  # fmt: skip


def registered(made: Federation, *, days: int = 30, replaces: str = "", key: Any = None) -> Any:
    key = key or ed25519.Ed25519PrivateKey.generate()
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = credentials.challenge(made.clinic.pk)
    return credentials.register_key(
        made.consumer_engineer,
        made.clinic.pk,
        label="k",
        public_key=pem.decode(),
        challenge=text,
        proof=base64.b64encode(key.sign(text.encode())).decode(),
        days=days,
        replaces=replaces,
        overlap_days=7,
    )


def test_keys_rotate_with_overlap_and_are_reminded_at_30_7_and_1_days(made: Federation) -> None:
    start = datetime(2026, 5, 4, 9, tzinfo=UTC)
    with clock.fixed(start):
        old = registered(made, days=40)
    told = []
    for day in (5, 10, 11, 33, 34, 39, 40):
        with clock.fixed(start + timedelta(days=day, hours=1)):
            told.append(credentials.remind_expiries() > 0)
    assert told == [False, True, False, True, False, True, False]
    with clock.fixed(start + timedelta(days=20)):
        new = registered(made, days=90, replaces=old.public_id)
        assert credentials.remind_expiries() == 0, "a key follows"
    old.refresh_from_db()
    assert old.valid_until == start + timedelta(days=27)
    assert {key.id for key in compiled().keys} == {old.public_id, new.public_id}
    credentials.revoke_key(made.operator, new.public_id, reason="stolen")
    assert [key.revoked_at is not None for key in compiled().keys] == [False, True]
    with pytest.raises(InputError):
        credentials.register_key(
            made.provider_engineer, made.registry.pk, label="x", public_key=new.public_key,
            challenge=credentials.challenge(made.clinic.pk), proof="AAAA",
        )  # fmt: skip


def test_the_own_authority_signs_requests_and_its_key_is_a_guarded_file(made: Federation) -> None:
    with pytest.raises(Conflict):
        credentials.issue_certificate(made.consumer_engineer, made.consumer.public_id, label="c", request=request_for("x"))  # fmt: skip
    with pytest.raises(NotPermitted):
        authority.create_authority(made.consumer_engineer)
    own = authority.create_authority(made.operator)
    assert authority.key_file().stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict):
        authority.create_authority(made.operator)
    row = credentials.issue_certificate(
        made.consumer_engineer, made.consumer.public_id, label="c", request=request_for("anything"), subsystem_id=made.clinic.pk
    )  # fmt: skip
    certificate = x509.load_pem_x509_certificate(row.certificate.encode())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(own.certificate.encode()))
    assert "clinic" in certificate.subject.rfc4514_string()
    stated = compiled()
    assert (stated.certificates[0].sha256, stated.certificates[0].client) == (
        row.sha256,
        "MEHVAR/GOV/health/clinic",
    )
    assert stated.authorities == (own.certificate,)
    with pytest.raises(NotPermitted):
        credentials.issue_certificate(made.provider_engineer, made.consumer.public_id, label="c", request=request_for("x"))  # fmt: skip
    authority.key_file().unlink()
    with pytest.raises(Unavailable):
        credentials.issue_certificate(made.consumer_engineer, made.consumer.public_id, label="c", request=request_for("x"))  # fmt: skip
    authority.withdraw_authority(made.operator, own.sha256, reason="replaced")
    assert compiled().authorities == ()
    assert Authority.objects.get().withdrawn_at is not None


def test_what_people_write_is_checked_and_others_things_stay_closed(made: Federation) -> None:
    terms = services.ServiceTerms
    for wrong in (
        terms("t", "ftp://x.example"),
        terms("t", "https://u:p@x.example"),
        terms("", "https://x.example"),
        terms("t", "https://x.example", answer_timeout_s=float("nan")),
        terms("t", "https://x.example", mode="never"),
    ):
        with pytest.raises(InputError):
            services.draft_service(made.provider_engineer, made.registry.pk, code="new", terms=wrong)
    for code in ("listMethods", "a_b", "", "..", "x" * 61):
        with pytest.raises(InputError):
            services.draft_service(made.provider_engineer, made.registry.pk, code=code, terms=terms("t", "https://x.example"))  # fmt: skip
    stranger = made.consumer_engineer
    acts: list[Any] = [
        lambda: services.publish_service(stranger, made.service.public_id, version=made.service.version),
        lambda: subsystems.open_subsystem(stranger, made.provider.public_id, code="x", name="x"),
        lambda: limits.set_quota(stranger, calls_per_s=1, burst=1),
        lambda: limits.allow_network(stranger, made.clinic.pk, network="10.0.0.0/8", reason="x"),
        lambda: limits.set_quota(stranger, calls_per_s=1, burst=1, service=made.service.public_id),
        lambda: members.enrol(stranger, organisation_id=made.house.it.pk, member_class="GOV", code="it"),
        lambda: gateways.register_gateway(stranger, code="g", address="https://g.example"),
        lambda: groups.create_group(stranger, code="g", name="g"),
    ]
    for act in acts:
        with pytest.raises((NotPermitted, NotFound)):
            act()
    with pytest.raises(MehvarError):
        limits.allow_network(made.operator, made.clinic.pk, network="0.0.0.0/0", reason="x")
    endpoint = made.service.endpoints.get(method="GET")
    right = rights.grant(
        made.provider_engineer, agreement=agreed(made).public_id, service=made.service.public_id,
        subsystem_id=made.clinic.pk, endpoint_id=endpoint.pk,
    )  # fmt: skip
    with pytest.raises(Conflict):
        services.remove_endpoint(made.provider_engineer, made.service.public_id, endpoint.pk)
    assert right.endpoint == endpoint


def test_a_quota_is_split_over_the_gateways_that_are_at_work(
    made: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts() -> int:
        publication.publish_due()
        row = PublishedSnapshot.objects.order_by("-number")[0]
        return int(changes.content_of(row)["gateways"])

    start = datetime(2026, 5, 4, 9, tzinfo=UTC)
    silent: set[str] = set()
    health = {"state": "ok", "snapshot": 1}
    monkeypatch.setattr(gateways, "_health", lambda address: None if address in silent else health)
    with clock.fixed(start):
        assert parts() == 1, "a gateway that is not on the list is alone"
        for code in ("a", "b", "c"):
            status = f"http://127.0.0.1:{ord(code)}" if code < "c" else ""
            gateways.register_gateway(
                made.operator, code=code, address="https://g.example", status_address=status
            )
        assert parts() == 3, "what cannot be known to be away counts"
        gateways.ask_gateways()
        assert parts() == 3
    silent.add("http://127.0.0.1:98")
    for minutes, expected in ((1, 3), (9, 3), (10, 3), (11, 2), (30, 2)):
        with clock.fixed(start + timedelta(minutes=minutes)):
            gateways.ask_gateways()
            assert parts() == expected
    count = PublishedSnapshot.objects.count()
    silent.clear()
    with clock.fixed(start + timedelta(minutes=31)):
        gateways.ask_gateways()
        assert parts() == 3
        assert PublishedSnapshot.objects.count() == count + 1, "once, and only when the number changes"
        gateways.forget_gateway(made.operator, "c", reason="taken down")
        assert parts() == 2
    two = PublishedSnapshot.objects.order_by("-number")[:2]
    found = changes.differences(changes.content_of(two[1]), changes.content_of(two[0]))
    assert [(one.part, one.name, one.kind) for one in found] == [
        ("gateways", "3", "gone"),
        ("gateways", "2", "new"),
    ]


def test_a_gateway_says_how_it_is(made: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    gateways.register_gateway(made.operator, code="g", address="https://g.example", status_address="http://127.0.0.1:1")  # fmt: skip
    publication.publish("first")
    assert gateways.ask_gateways() == 0
    assert Gateway.objects.get().state == "silent"
    health = {"state": "ok", "snapshot": 0, "evidence": "written"}
    monkeypatch.setattr(gateways, "_health", lambda _address: health)
    for number, state, expected in (
        (0, "ok", "behind"),
        (1, "ok", "ok"),
        (1, "degraded", "degraded"),
        (1, "?", "unknown"),
    ):
        health |= {"snapshot": number, "state": state}
        assert gateways.ask_gateways() == 1
        row = Gateway.objects.get()
        assert (row.state, row.snapshot_number) == (expected, number)
