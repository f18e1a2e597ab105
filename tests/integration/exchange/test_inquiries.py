"""Officers ask through a real gateway; files are asked row by row, each once; people see who asked about them."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification
from mehvar.exchange.actions import (
    authorisations,
    batches,
    indexing,
    inquiries,
    subjects,
    watching,
)
from mehvar.exchange.actions.authorisations import Terms
from mehvar.exchange.actions.trying import Refused
from mehvar.exchange.models import (
    HourlyTally,
    IndexedCall,
    Inquiry,
    InquiryAuthorisation,
    InquiryBatch,
    InquiryFlag,
)
from mehvar.exchange.queries import calls, compilation
from mehvar.exchange.queries import inquiries as queries
from mehvar.exchange.queries import subjects as subject_queries
from mehvar.exchange.rules import receipts
from mehvar.kernel import clock
from mehvar.kernel.errors import (
    Conflict,
    InputError,
    LimitExceeded,
    NotFound,
    NotPermitted,
    Unavailable,
)
from mehvar.ledger.models import Entry
from mehvar.organisations import queries as organisations
from tests.factories.inquiries import READ, WRITE, Desk, authorised, desk, registered
from tests.factories.organisations import make_user
from tests.integration.gateway.federation import Gateway, Provider, start_worker, wait_until, write_snapshot

pytestmark = pytest.mark.django_db

ANA = "0012345678"


@dataclass
class Bus:
    desk: Desk
    gateway: Gateway
    provider: Provider

    @property
    def asked(self) -> list[str]:
        """Return the X-Road-Id of every question that reached the provider."""
        return [
            line.split(b":", 1)[1].strip().decode()
            for head, _ in self.provider.seen
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"x-road-id:")
        ]

    def index(self, number: int) -> None:
        wait_until(lambda: IndexedCall.objects.count() + indexing.index_evidence() >= number)


def answer(connection: socket.socket, head: bytes, _body: bytes) -> None:
    owner = head.split(b" ")[1].split(b"?")[0].rsplit(b"/", 1)[-1].decode()
    told = {"owner": owner, "parcels": [{"number": "12/3", "area": 240.5}]}
    body = json.dumps(told).encode()
    status = b"404 Not Found" if owner == "0000000000" else b"200 OK"
    connection.sendall(
        b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (status, len(body), body)
    )


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    provider = Provider(answer)
    provider.start()
    (tmp_path / "keys").mkdir()
    made = desk(tmp_path / "keys", monkeypatch, base_url=f"http://127.0.0.1:{provider.port}")
    (tmp_path / "gateway").mkdir()
    gateway = start_worker(tmp_path / "gateway", compilation.compile_snapshot(1, clock.now()))
    registered(f"http://127.0.0.1:{gateway.port}", gateway.evidence)
    yield Bus(made, gateway, provider)
    gateway.kill()
    provider.stop()


def ask(made: Desk, owner: str = ANA, operation: str = READ) -> Inquiry:
    given = {"path.owner": owner} if operation == READ else {"body.owner": owner}
    return inquiries.ask(made.officer, made.authorisation.public_id, operation, given, reference="Case 7")


def test_a_question_is_on_record_answered_proven_and_told_to_the_person(bus: Bus) -> None:
    row = ask(bus.desk, "۰۰۱۲۳۴۵۶۷۸")
    assert (row.state, row.status, json.loads(row.answer)["owner"]) == ("answered", 200, ANA)
    head = bus.provider.seen[-1][0].decode()
    assert f"X-Road-UserId:officer-{bus.desk.officer.pk}\r\n" in head
    assert bus.asked == [row.message_id]
    entry = Entry.objects.get(action="inquiry.ask")
    content = json.loads(entry.content)
    assert not entry.public
    assert (content["legal_basis"], content["reference"]) == ("Health Act, section 4", "Case 7")
    assert ANA not in entry.content
    bus.index(1)
    call = IndexedCall.objects.get(request_id=row.request_id)
    assert call.subject == content["subject"] == subjects.tokens_of(f" {ANA} ")[0]
    assert call.service_row == bus.desk.made.service
    proven = receipts.verify_receipt(calls.receipt_of(call), bus.gateway.public_key)
    assert proven.leaf["id"] == row.message_id
    told = subject_queries.about([call.subject]).told
    assert [(one.purpose, one.legal_basis, one.detail) for one in told] == [
        ("patient address", "Health Act, section 4", "check of patients' addresses")
    ]
    assert HourlyTally.objects.get().calls == 1


def test_what_may_not_be_asked_is_not_asked(bus: Bus) -> None:
    made = bus.desk
    with pytest.raises(Refused) as refused:
        ask(made, "12")
    assert set(refused.value.faults) == {"path.owner"}
    stranger = make_user(Role.INQUIRY_OFFICER, made.made.house.health)
    with pytest.raises(NotFound):
        inquiries.ask(stranger, made.authorisation.public_id, READ, {"path.owner": ANA}, reference="x")
    with pytest.raises(NotFound):
        inquiries.ask(made.officer, made.authorisation.public_id, "GET /secret", {}, reference="x")
    with pytest.raises(InputError):
        inquiries.ask(made.officer, made.authorisation.public_id, READ, {"path.owner": ANA}, reference=" ")
    InquiryAuthorisation.objects.update(daily_limit=1)
    ask(made)
    with pytest.raises(LimitExceeded):
        ask(made)
    authorisations.end(made.director, made.authorisation.public_id, reason="Moved to another office.")
    with pytest.raises(InputError):
        ask(made)
    with pytest.raises(Conflict):
        authorisations.end(made.director, made.authorisation.public_id, reason="again")
    assert len(bus.provider.seen) == 1


def test_refusals_and_failures_are_kept_with_the_question(bus: Bus) -> None:
    made = bus.desk
    assert ask(made, "0000000000").status == 404
    closed = replace(compilation.compile_snapshot(2, clock.now()), rights=())
    write_snapshot(bus.gateway.folder, closed)
    wait_until(lambda: ask(made, operation=WRITE).error == "Server.ServerProxy.AccessDenied")
    before = Entry.objects.filter(action="inquiry.ask").count()
    bus.gateway.kill()
    row = ask(made)
    assert (row.state, row.request_id) == ("failed", "")
    assert Entry.objects.filter(action="inquiry.ask").count() == before + 1


def test_only_directors_authorise_and_never_themselves(bus: Bus) -> None:
    made = bus.desk
    today = clock.today()
    terms = Terms("more", today, today + timedelta(days=3))
    facts = {"right": made.right.public_id, "subsystem_id": made.made.clinic.pk, "terms": terms}
    for nobody in (
        made.officer,
        made.made.consumer_engineer,
        made.made.operator,
        made.made.house.people[Role.DEPUTY],
    ):
        with pytest.raises(NotPermitted):
            authorisations.authorise(nobody, officer_id=made.officer.pk, **facts)
    with pytest.raises(NotPermitted):
        authorisations.authorise(made.director, officer_id=made.director.pk, **facts)
    elsewhere = make_user(Role.INQUIRY_OFFICER, made.made.house.north_ict)
    with pytest.raises(InputError):
        authorisations.authorise(made.director, officer_id=elsewhere.pk, **facts)
    long = Terms("more", today, today + timedelta(days=800))
    with pytest.raises(InputError):
        authorisations.authorise(made.director, officer_id=made.officer.pk, **{**facts, "terms": long})
    assert not queries.visible_authorisations(organisations.authority_of(elsewhere)).exists()
    assert (
        queries.visible_authorisations(
            organisations.authority_of(made.made.house.people[Role.AUDITOR])
        ).count()
        == 1
    )


def file_of(*owners: str) -> bytes:
    return ("owner,on\n" + "".join(f"{owner},\n" for owner in owners)).encode()


def take(made: Desk, data: bytes, operation: str = READ) -> InquiryBatch:
    batch, found = batches.take_file(
        made.officer,
        made.authorisation.public_id,
        operation,
        data=data,
        filename="../list.csv",
        reference="Case 8",
    )
    assert not found.faults
    assert batch is not None
    return batch


def test_a_file_is_checked_whole_before_anything_is_asked(bus: Bus) -> None:
    made = bus.desk
    batch, found = batches.take_file(
        made.officer,
        made.authorisation.public_id,
        READ,
        data=file_of(ANA, "7", "", "abc"),
        filename="x.csv",
        reference="c",
    )
    assert batch is None
    assert [(one.row, one.column, one.fault.code) for one in found.faults] == [
        (3, "path.owner", "bad-form"),
        (5, "path.owner", "bad-form"),
    ]
    for data in (b"", b"a,b\n1,2\n", b"\xff\xfe", b"PK\x03\x04broken", b"owner\n"):
        with pytest.raises(InputError):
            batches.take_file(
                made.officer, made.authorisation.public_id, READ, data=data, filename="x", reference="c"
            )
    with pytest.raises(LimitExceeded):
        take(made, file_of(*[f"{n:010}" for n in range(60)]))
    sheet = io.BytesIO()
    with xlsxwriter.Workbook(sheet) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["National identifier", "شماره ملی", "path.owner"])
        page.write_row(1, 0, ["", "", ANA])
    assert take(made, sheet.getvalue()).total == 1
    assert not bus.provider.seen
    assert queries.asked_today(made.authorisation.pk, clock.today()) == 1


def test_each_row_of_a_file_is_one_question_though_the_process_dies(
    bus: Bus, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    made = bus.desk
    owners = [f"{n:010}" for n in range(1, 9)]
    batch = take(made, file_of(*owners))
    assert batch.filename == "list.csv"
    batches.start(made.officer, batch.public_id)
    sent = inquiries.send_row
    count = 0

    def dying(row: Inquiry, question: object) -> str:
        nonlocal count
        count += 1
        if count == 4:
            sent(row, question)  # type: ignore[arg-type]
            row.__class__.objects.filter(pk=row.pk).update(
                state="asking", answer="", status=None, request_id=""
            )
            raise KeyboardInterrupt  # the answer came, the process died before it was stored
        return sent(row, question)  # type: ignore[arg-type]

    monkeypatch.setattr(inquiries, "send_row", dying)
    with pytest.raises(KeyboardInterrupt):
        batches.run_batch(batch.public_id)
    assert batches.resume_batches() == 0
    batches.run_batch(batch.public_id)
    assert queries.counts_of(batch)["answered"] == 3
    InquiryBatch.objects.update(heartbeat_at=clock.now() - timedelta(minutes=10))
    batches.run_batch(batch.public_id)
    batch.refresh_from_db()
    assert (batch.state, queries.counts_of(batch)["answered"]) == ("done", 8)
    assert Entry.objects.filter(action="inquiry.ask").count() == 8
    assert len(bus.asked) == 9
    assert len(set(bus.asked)) == 8
    bus.index(9)
    repeated = subjects.tokens_of(owners[3])
    assert IndexedCall.objects.filter(subject__in=repeated).count() == 2
    assert len(subject_queries.about(repeated).told) == 1
    _, rows = batches.answers_of(made.officer, batch.public_id)
    assert [json.loads(row.answer)["owner"] for row in rows] == owners
    assert Notification.objects.filter(user=made.officer, key=f"exchange:file:{batch.public_id}").exists()
    with pytest.raises(NotFound):
        batches.answers_of(made.director, batch.public_id)
    with clock.fixed(clock.now() + timedelta(hours=30)):
        assert watching.forget_answers() == 8
        with pytest.raises(NotFound):
            batches.answers_of(made.officer, batch.public_id)
    assert not Inquiry.objects.exclude(values={}).exists()


def test_a_question_that_may_not_be_repeated_is_not(bus: Bus) -> None:
    made = bus.desk
    batch = take(made, b"body.owner\nana\nben\n", WRITE)
    batches.start(made.officer, batch.public_id)
    first = Inquiry.objects.get(batch=batch, number=1)
    Inquiry.objects.filter(pk=first.pk).update(state="asking", asked_at=clock.now())
    batches.run_batch(batch.public_id)
    assert [row.state for row in batch.rows.order_by("number")] == ["unknown", "answered"]
    assert bus.asked == [batch.rows.get(number=2).message_id]


def test_a_file_waits_when_the_gateway_is_away_and_can_be_dropped(bus: Bus) -> None:
    made = bus.desk
    batch = take(made, file_of(ANA, "0000000001"))
    batches.start(made.officer, batch.public_id)
    with pytest.raises(Conflict):
        batches.start(made.officer, batch.public_id)
    bus.gateway.kill()
    batches.run_batch(batch.public_id)
    assert queries.counts_of(batch)["waiting"] == 2
    assert batches.resume_batches() == 1
    batches.cancel(made.officer, batch.public_id)
    assert queries.counts_of(batch)["dropped"] == 2
    assert queries.asked_today(made.authorisation.pk, clock.today()) == 0
    assert Entry.objects.filter(action="inquiry.ask").count() == 1


def test_unusual_volume_is_shown_to_auditors(bus: Bus) -> None:
    made, today = bus.desk, clock.today()
    rows = [
        Inquiry(public_id=f"q{n}", message_id=f"m{n}", authorisation=made.authorisation, operation=READ, reference="c",
                day=today, state="answered", expires_at=clock.now())
        for n in range(160)
    ]  # fmt: skip
    Inquiry.objects.bulk_create(rows)
    assert watching.flag_unusual() == 1
    assert watching.flag_unusual() == 0
    auditor = made.made.house.people[Role.AUDITOR]
    flag = InquiryFlag.objects.get()
    assert Notification.objects.filter(user=auditor, key=f"exchange:unusual:{flag.pk}").exists()
    with pytest.raises(NotPermitted):
        watching.settle_flag(made.director, flag.pk, note="all right")
    watching.settle_flag(auditor, flag.pk, note="A yearly check, ordered in writing.")
    assert not queries.open_flags().exists()


def test_a_code_from_the_counter_opens_one_list_once(bus: Bus) -> None:
    made = bus.desk
    ask(made)
    bus.index(1)
    row, code = subjects.issue_code(made.officer, ANA, document="identity card")
    with pytest.raises(NotPermitted):
        subjects.issue_code(made.director, ANA, document="identity card")
    with pytest.raises(InputError):
        subjects.open_by_code("0012345679", code, address="10.0.0.1")
    with pytest.raises(InputError):
        subjects.open_by_code(ANA, "0" * 12, address="10.0.0.1")
    spaced = " ".join([code[:4], code[4:8], code[8:]])
    tokens = subjects.open_by_code("۰۰۱۲۳۴۵۶۷۸", spaced, address="10.0.0.1")
    assert tokens == (row.subject,)
    assert len(subject_queries.about(tokens).told) == 1
    with pytest.raises(InputError):
        subjects.open_by_code(ANA, code, address="10.0.0.1")
    assert [one.proof for one in subject_queries.lookups(tokens)] == ["code"]
    assert Entry.objects.filter(action="subject.look").count() == 1
    _, late = subjects.issue_code(made.officer, "0000000002", document="identity card")
    with clock.fixed(clock.now() + timedelta(hours=49)), pytest.raises(InputError):
        subjects.open_by_code("0000000002", late, address="10.0.0.3")


def test_exceptions_by_law_are_counted_and_end_by_themselves(bus: Bus) -> None:
    made = bus.desk
    ask(made)
    bus.index(1)
    tokens, today = subjects.tokens_of(ANA), clock.today()
    facts = {
        "reason": "criminal-investigation",
        "legal_basis": "Criminal Procedure Act, section 91",
        "days": 30,
    }
    dates = {"valid_from": today - timedelta(days=1), "valid_until": today + timedelta(days=1)}
    with pytest.raises(NotPermitted):
        subjects.delay_disclosure(made.director, made.right.agreement.public_id, **facts, **dates)  # type: ignore[arg-type]
    delay = subjects.delay_disclosure(made.made.operator, made.right.agreement.public_id, **facts, **dates)  # type: ignore[arg-type]
    about = subject_queries.about(tokens)
    assert (about.told, about.held) == ((), (("criminal-investigation", 1),))
    with pytest.raises(NotFound):
        subject_queries.told_call(tokens, IndexedCall.objects.get().request_id)
    with clock.fixed(clock.now() + timedelta(days=31)):
        assert len(subject_queries.about(tokens).told) == 1
    subjects.end_delay(made.made.operator, delay.public_id)
    assert len(subject_queries.about(tokens).told) == 1
    assert Entry.objects.filter(action="subject.delay", public=True).count() == 1


def test_a_member_sees_only_calls_that_it_is_part_of(bus: Bus) -> None:
    made = bus.desk
    row = ask(made)
    bus.index(1)
    people = made.made.house.people
    outsider = make_user(Role.SYSTEM_ENGINEER, made.made.house.north_ict)
    for person, number in ((made.made.consumer_engineer, 1), (made.made.provider_engineer, 1), (made.made.operator, 1),
                           (people[Role.AUDITOR], 1), (outsider, 0), (made.officer, 0), (people[Role.BODY_OFFICER], 0)):  # fmt: skip
        authority = organisations.authority_of(person)
        assert calls.visible_calls(authority).count() == number, person.name
        assert calls.visible_tallies(authority).count() == number, person.name
    with pytest.raises(NotFound):
        calls.visible_call(organisations.authority_of(outsider), row.request_id)


def test_without_keys_nothing_is_pretended(bus: Bus, tmp_path: Path, settings: object) -> None:
    settings.MEHVAR_EXCHANGE_INQUIRY_KEYS = tmp_path / "empty"  # type: ignore[attr-defined]
    settings.MEHVAR_EXCHANGE_SUBJECT_KEY_FILE = tmp_path / "none"  # type: ignore[attr-defined]
    row = ask(bus.desk)
    assert (row.state, row.status) == ("failed", None)
    assert not bus.provider.seen
    with pytest.raises(Unavailable):
        subjects.tokens_of(ANA)
    assert authorised is not None
