"""Pages of catalogue, calls, inquiries and "who asked about me": what they show, to whom, and in three languages."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.exchange.actions import indexing, outward, subjects
from mehvar.exchange.actions.outward import Heard
from mehvar.exchange.data.inquiries import DelayReason
from mehvar.exchange.models import (
    ExchangeService,
    Gateway,
    IndexedCall,
    Inquiry,
    InquiryAuthorisation,
    InquiryBatch,
    InquiryFlag,
)
from mehvar.kernel import clock
from tests.factories.evidence import Writer, leaf
from tests.factories.inquiries import READ, Desk, authorised, desk
from tests.factories.organisations import make_user

pytestmark = pytest.mark.django_db
ANA = "0012345678"
ANSWER = json.dumps({"owner": ANA, "parcels": [{"number": "<b>12</b>", "area": 240.5}]}).encode()


def heard(status: int = 200, body: bytes = ANSWER, **headers: str) -> Heard:
    named = {"Content-Type": "application/json", "X-Road-Request-Id": "request-1", **headers}
    return Heard(status, tuple(named.items()), body, 42)


@pytest.fixture
def calls_made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Stand for the network at its very edge; tests/integration/exchange asks through a real gateway."""
    made: list[tuple[object, ...]] = []

    def call(base_url: str, question: object, *, headers: object, reach: object) -> Heard:
        made.append((base_url, question, headers, reach))
        return heard()

    monkeypatch.setattr(outward, "call", call)
    return made


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = desk(tmp_path, monkeypatch, test_base_url="http://127.0.0.1:1/test")
    writer = Writer(tmp_path / "evidence").begin()
    token = subjects.tokens_of(ANA)[0]
    service = "MEHVAR/GOV/min/registry/parcels"
    agreement = made.right.agreement.public_id
    facts = {
        "client": "MEHVAR/GOV/health/clinic",
        "service": service,
        "agreement": agreement,
        "purpose": "patient address",
    }
    writer.write(
        *[
            leaf(at=clock.now(), subject=token, request_id=f"request-{n}", ms=10 * n, **facts)
            for n in (1, 2, 3)
        ]
    )
    writer.write(leaf(at=clock.now(), status=503, **facts))
    Gateway.objects.create(
        code="gw", address="http://127.0.0.1:2", evidence_folder=str(writer.folder), state="ok"
    )
    indexing.index_evidence()
    return made


def signed_in(person: User, language: str = "en") -> Client:
    User.objects.filter(pk=person.pk).update(language=language)
    client = Client()
    client.force_login(person)
    return client


def closed(client: Client, address: str, **query: str) -> int:
    """Fetch a file and close it; give the status."""
    response = client.get(address, query)
    response.close()
    return response.status_code


def page(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"exchange:{name}", args=args), query)
    assert response.status_code == 200, (name, response.status_code, response.content[:300])
    return response.content.decode()


def test_the_catalogue_is_found_and_read_in_three_languages(office: Desk) -> None:
    engineer = office.made.consumer_engineer
    client = signed_in(engineer)
    service = office.made.service
    for words in ("parcel", "PLATE", "شماره‌ملی", "tai san dat"):
        assert service.title in page(client, "catalogue", q=words), words
    assert service.title not in page(client, "catalogue", q="fisheries")
    assert service.title in page(
        client, "catalogue", theme="land", personal="yes", provider=office.made.provider.public_id
    )
    assert service.title not in page(client, "catalogue", personal="no")
    shown = page(client, "catalogue_service", service.public_id)
    for words in (
        "75",
        "National identifier",
        "array of object",
        "0012345678",
        "Ask for access",
        "/parcels/{owner}",
        "granted",
    ):
        assert words in shown, words
    assert office.made.service.base_url not in shown
    persian = page(signed_in(engineer, "fa"), "catalogue_service", service.public_id)
    assert "املاک یک شخص" in persian
    assert "Số định danh" in page(signed_in(engineer, "vi"), "catalogue_service", service.public_id)
    code = page(signed_in(engineer), "catalogue_code", service.public_id, operation=READ)
    assert code.count('<pre class="code"') == 6
    assert "MEHVAR/GOV/health/clinic" in code
    assert (
        client.get(reverse("exchange:catalogue_description", args=[service.public_id])).json()["openapi"]
        == "3.1.0"
    )


def test_who_may_read_the_catalogue(office: Desk) -> None:
    address = reverse("exchange:catalogue")
    assert Client().get(address).status_code == 302
    people = office.made.house.people
    assert signed_in(people[Role.BODY_OFFICER]).get(address).status_code == 403
    assert signed_in(office.officer).get(address).status_code == 200
    ExchangeService.objects.update(state="draft")
    assert office.made.service.title not in page(signed_in(office.officer), "catalogue")


def test_a_test_instance_is_tried(office: Desk, calls_made: list[tuple[object, ...]]) -> None:
    client = signed_in(office.made.consumer_engineer)
    address = (
        reverse("exchange:catalogue_try", args=[office.made.service.public_id])
        + "?operation=GET%20/parcels/%7Bowner%7D"
    )
    assert ANA in client.get(address).content.decode()
    answer = client.post(address, {"path.owner": ANA, "query.on": "1404/11/11"})
    assert "&lt;b&gt;12&lt;/b&gt;" in answer.content.decode()
    assert "X-Road-Request-Id" in answer.content.decode()
    base, question, _, reach = calls_made[0]
    assert base == "http://127.0.0.1:1/test"
    assert question.target == f"/parcels/{ANA}?on=2026-01-31"  # type: ignore[attr-defined]
    assert not reach.is_trusted  # type: ignore[attr-defined]
    assert client.post(address, {"path.owner": "1"}).status_code == 422
    assert len(calls_made) == 1


def test_without_permission_of_the_operator_the_loopback_is_not_called(office: Desk) -> None:
    client = signed_in(office.made.consumer_engineer)
    address = reverse("exchange:catalogue_try", args=[office.made.service.public_id])
    answer = client.post(address, {"path.owner": ANA})
    assert "does not call for others" in answer.content.decode()


def test_calls_statistics_and_receipts_belong_to_who_is_part_of_them(office: Desk) -> None:
    outsider = make_user(Role.SYSTEM_ENGINEER, office.made.house.north_ict)
    for person, sees in ((office.made.consumer_engineer, True), (office.made.provider_engineer, True),
                         (office.made.operator, True), (outsider, False)):  # fmt: skip
        client = signed_in(person)
        assert ("request-2" in page(client, "calls")) is sees, person.name
        assert (">4<" in page(client, "statistics")) is sees
        for name in ("call", "receipt", "gateway_key"):
            status = client.get(reverse(f"exchange:{name}", args=["request-2"])).status_code
            assert status == (200 if sees else 404), (name, person.name)
    client = signed_in(office.made.consumer_engineer)
    assert b"request-2" in b"".join(
        client.get(reverse("exchange:calls"), {"export": "csv"}).streaming_content
    )  # type: ignore[attr-defined]
    lines = (
        b"".join(client.get(reverse("exchange:statistics"), {"export": "csv"}).streaming_content)
        .decode()
        .splitlines()
    )  # type: ignore[attr-defined]
    assert len(lines) == 2
    assert closed(client, reverse("exchange:statistics"), export="xlsx") == 200
    assert client.get(reverse("exchange:evidence")).status_code == 403
    assert "All evidence" in page(signed_in(office.made.operator), "evidence")


def test_an_officer_asks_and_reads_the_record(office: Desk, calls_made: list[tuple[object, ...]]) -> None:
    client = signed_in(office.officer, "fa")
    assert "املاک یک شخص" in page(client, "inquiry_ask", office.authorisation.public_id)
    address = reverse("exchange:inquiry_ask", args=[office.authorisation.public_id])
    assert client.post(address, {"path.owner": "۱", "reference": ""}).status_code == 422
    assert not Inquiry.objects.exists()
    answer = client.post(
        address, {"path.owner": "۰۰۱۲۳۴۵۶۷۸", "reference": "پرونده ۷"}, follow=True
    ).content.decode()
    row = Inquiry.objects.get()
    assert "مالک" in answer
    assert "&lt;b&gt;12&lt;/b&gt;" in answer
    assert len(calls_made) == 1
    page(client, "inquiries")
    assert client.get(reverse("exchange:inquiry_receipt", args=[row.public_id])).status_code == 200
    for stranger in (office.director, office.made.operator, office.made.consumer_engineer):
        assert signed_in(stranger).get(reverse("exchange:inquiry", args=[row.public_id])).status_code in {
            403,
            404,
        }


def test_a_file_is_checked_started_and_its_answers_fetched(
    office: Desk, calls_made: list[tuple[object, ...]], django_capture_on_commit_callbacks: object
) -> None:
    client = signed_in(office.officer)
    address = reverse("exchange:inquiry_ask_file", args=[office.authorisation.public_id])
    assert b"path.owner" in client.get(address, {"template": "csv"}).content
    wrong = io.BytesIO(b"owner\n12\n")
    wrong.name = "wrong.csv"
    refused = client.post(address, {"reference": "Case 9", "file": wrong})
    assert refused.status_code == 422
    assert "expected form" in refused.content.decode()
    right = io.BytesIO(f"owner\n{ANA}\n0000000001\n".encode())
    right.name = "right.csv"
    assert (
        "2 rows were checked"
        in client.post(address, {"reference": "Case 9", "file": right}, follow=True).content.decode()
    )
    batch = InquiryBatch.objects.get()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(reverse("exchange:inquiry_file_start", args=[batch.public_id]))
    assert "XLSX" in page(client, "inquiry_file", batch.public_id)
    answers = b"".join(
        client.get(reverse("exchange:inquiry_file_csv", args=[batch.public_id])).streaming_content
    )  # type: ignore[attr-defined]
    assert answers.decode().count(ANA) >= 2
    assert closed(client, reverse("exchange:inquiry_file_xlsx", args=[batch.public_id])) == 200
    assert (
        signed_in(office.director).get(reverse("exchange:inquiry_file", args=[batch.public_id])).status_code
        == 404
    )
    assert len(calls_made) == 2


def test_directors_authorise_auditors_look_operators_delay(office: Desk) -> None:
    director = signed_in(office.director)
    listed = page(director, "authorisations")
    assert "counter officer" in listed
    assert "Take back" in listed
    assert "Take back" not in page(signed_in(office.officer), "authorisations")
    assert "counter officer" in page(director, "authorise")
    right = f"{office.right.public_id}:{office.made.clinic.pk}"
    given = {
        "officer": str(office.officer.pk),
        "right": right,
        "purpose": "checks",
        "valid_from": "2026-01-01",
        "valid_until": "2020-01-01",
        "daily_limit": "5",
    }
    assert director.post(reverse("exchange:authorise"), given).status_code == 422
    end = reverse("exchange:authorisation_end", args=[office.authorisation.public_id])
    assert signed_in(office.officer).get(end).status_code == 403
    assert director.post(end, {"reason": "Moved."}).status_code == 302
    flag = InquiryFlag.objects.create(
        officer=office.officer, day=clock.today(), count=99, usual=3, found_at=clock.now()
    )
    auditor = signed_in(office.made.house.people[Role.AUDITOR])
    assert "99" in page(auditor, "unusual")
    asked = page(auditor, "unusual_settle", flag.pk)
    assert "99 questions in a day, usually 3" in asked
    assert "Put it on record" in asked
    assert (
        auditor.post(
            reverse("exchange:unusual_settle", args=[flag.pk]), {"note": "Yearly check."}
        ).status_code
        == 302
    )
    assert director.get(reverse("exchange:unusual")).status_code == 403
    operator = signed_in(office.made.operator)
    delay = subjects.delay_disclosure(
        office.made.operator, office.right.agreement.public_id, reason=DelayReason.COURT, legal_basis="Procedure Act",
        days=30, valid_from=clock.today(), valid_until=clock.today() + timedelta(days=90),
    )  # fmt: skip
    end = reverse("exchange:delay_end", args=[delay.public_id])
    assert end in page(operator, "delays")
    assert director.get(end).status_code == 403
    assert "told to the persons at once" in operator.get(end).content.decode()  # shown, and not yet done
    assert end in page(operator, "delays")
    assert operator.post(end).status_code == 302
    assert end not in page(operator, "delays")
    assert operator.get(end).status_code == 404
    assert director.get(reverse("exchange:delays")).status_code == 403


def test_what_one_may_ask_costs_the_same_for_two_and_for_twelve(office: Desk) -> None:
    officer, director = signed_in(office.officer), signed_in(office.director)

    def costs(rows: int) -> list[int]:
        while InquiryAuthorisation.objects.count() < rows:
            authorised(office.made, office.right, office.officer, office.director)
        found = []
        for client, address in (
            (officer, reverse("exchange:inquiries")),
            (director, reverse("exchange:authorisations")),
            (officer, "/api/v1/exchange/authorisations"),
        ):
            with CaptureQueriesContext(connection) as queries:
                shown = client.get(address).content.decode()
            assert shown.count("check of patients") == rows, address
            found.append(len(queries))
        return found

    costs(1)  # fills what is kept between requests
    assert costs(2) == costs(12)


def test_auditors_read_the_record_of_questions_and_not_the_answers(
    office: Desk, calls_made: list[tuple[object, ...]]
) -> None:
    officer = signed_in(office.officer)
    ask = reverse("exchange:inquiry_ask", args=[office.authorisation.public_id])
    assert officer.post(ask, {"reference": "case 7", "path.owner": ANA}).status_code == 302
    row = Inquiry.objects.get()
    record = reverse("ledger:history", args=["inquiry", row.public_id])
    auditor = signed_in(office.made.house.people[Role.AUDITOR])
    assert "Ask about somebody or something" in auditor.get(record).content.decode()
    assert auditor.get(reverse("exchange:inquiry", args=[row.public_id])).status_code == 404
    assert signed_in(office.made.provider_engineer).get(record).status_code == 404


def test_a_citizen_sees_who_asked_and_nobody_else_does(office: Desk) -> None:
    counter = signed_in(office.officer)
    shown = counter.post(
        reverse("exchange:counter"), {"identifier": ANA, "document": "identity card"}
    ).content.decode()
    code = shown.split('class="shown-code">')[1].split("<")[0]
    citizen = Client()
    assert citizen.get(reverse("exchange:about_list")).status_code == 302
    wrong = citizen.post(reverse("exchange:about"), {"identifier": ANA, "code": "1" * 12})
    assert wrong.status_code == 422
    stranger = Client(REMOTE_ADDR="192.0.2.9")
    for _ in range(6):
        locked = stranger.post(reverse("exchange:about"), {"identifier": ANA, "code": "1" * 12})
    assert "Too many tries from your connection" in locked.content.decode()
    listed = citizen.post(
        reverse("exchange:about"), {"identifier": ANA, "code": code}, follow=True
    ).content.decode()
    assert listed.count("patient address") == 3
    assert "Ministry of Health" in listed or "Body xx.health" in listed
    detail = citizen.get(reverse("exchange:about_call", args=["request-2"])).content.decode()
    assert "Health Act, section 4" in detail
    receipt = citizen.get(reverse("exchange:about_receipt", args=["request-2"]))
    assert receipt.json()["parts"] == {}
    assert "no-store" in receipt["Cache-Control"]
    other = IndexedCall.objects.exclude(subject=subjects.tokens_of(ANA)[0]).get()
    assert citizen.get(reverse("exchange:about_call", args=[other.request_id])).status_code == 404
    assert Client().get(reverse("exchange:about_receipt", args=["request-2"])).status_code == 302
    with clock.fixed(clock.now() + timedelta(minutes=16)):
        assert citizen.get(reverse("exchange:about_list")).status_code == 302
    for language in ("fa", "vi"):
        assert Client(headers={"accept-language": language}).get(reverse("exchange:about")).status_code == 200


def test_the_api_reads_and_asks(office: Desk, calls_made: list[tuple[object, ...]]) -> None:
    client = signed_in(office.made.consumer_engineer)
    listed = client.get("/api/v1/exchange/catalogue", {"text": "parcel"}).json()
    assert client.get(f"/api/v1/exchange/catalogue/{listed[0]['id']}").json()["figures"]["calls"] == 4
    rows = client.get("/api/v1/exchange/operational-data", {"outcome": "answered"}).json()
    assert [row["request_id"] for row in rows] == ["request-3", "request-2", "request-1"]
    assert (
        client.get("/api/v1/exchange/operational-data/request-1/receipt")
        .json()["format"]
        .startswith("mehvar.exchange.receipt")
    )
    assert client.get("/api/v1/exchange/statistics").json()[0]["figures"]["provider_errors"] == 1
    outsider = signed_in(make_user(Role.SYSTEM_ENGINEER, office.made.house.north_ict))
    assert outsider.get("/api/v1/exchange/operational-data").json() == []
    assert outsider.get("/api/v1/exchange/operational-data/request-1").status_code == 404
    officer = signed_in(office.officer)
    held = officer.get("/api/v1/exchange/authorisations").json()
    assert held[0]["operations"] == [READ, "POST /parcels"]
    given = {
        "authorisation": held[0]["id"],
        "operation": READ,
        "reference": "Case",
        "values": {"path.owner": ANA},
    }
    made = officer.post("/api/v1/exchange/inquiries", given, content_type="application/json")
    assert made.status_code == 201, made.content
    assert officer.get(f"/api/v1/exchange/inquiries/{made.json()['id']}").json()["state"] == "answered"
    assert client.get(f"/api/v1/exchange/inquiries/{made.json()['id']}").status_code == 404
    given["values"] = {"path.owner": "1"}
    assert (
        officer.post("/api/v1/exchange/inquiries", given, content_type="application/json").status_code == 422
    )
