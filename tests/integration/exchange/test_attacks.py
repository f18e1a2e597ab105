"""Who attacks the control plane finds closed doors: other members' things, citizens' lists, hostile gateways and certificates."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.exchange.actions import (
    agreements,
    authority,
    credentials,
    gateways,
    guessing,
    indexing,
    inquiries,
    members,
    requests,
    services,
    subjects,
    subsystems,
)
from mehvar.exchange.data.control import AgreementTerms, ServiceTerms
from mehvar.exchange.models import ClientCertificate, Gateway, IndexedCall
from mehvar.exchange.queries import compilation
from mehvar.exchange.queries import subjects as subject_queries
from mehvar.exchange.rules import custody, proofs
from mehvar.kernel import clock
from mehvar.kernel.errors import InputError, MehvarError, NotPermitted
from mehvar.ledger.models import Entry
from mehvar.organisations.models import Position
from tests.factories.evidence import Writer, leaf
from tests.factories.exchange import BEGINS, Federation, file_in, published_service, submitted
from tests.factories.inquiries import READ, Desk, desk
from tests.factories.organisations import make_user
from tests.factories.programs import Program
from tests.integration.exchange.test_outward import server

pytestmark = pytest.mark.django_db
ANA = "0012345678"
HEALTH = {"client": "MEHVAR/GOV/health/clinic", "service": "MEHVAR/GOV/min/registry/parcels"}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    file_in(tmp_path, monkeypatch)
    return desk(tmp_path, monkeypatch)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def stranger_to(made: Federation) -> User:
    """Make an engineer of a third member."""
    body = made.house.north_ict
    row = members.enrol(made.operator, organisation_id=body.pk, member_class="GOV", code="third")
    engineer = make_user(Role.SYSTEM_ENGINEER, body, name="third engineer")
    subsystems.open_subsystem(engineer, row.public_id, code="desk", name="Desk")
    return engineer


def test_an_engineer_of_a_third_member_finds_nothing_of_others_by_its_number(
    office: Desk, tmp_path: Path
) -> None:
    made = office.made
    stranger = stranger_to(made)
    draft = services.draft_service(
        made.provider_engineer,
        made.registry.pk,
        code="secret",
        terms=ServiceTerms("Secret", "http://127.0.0.1:9"),
    )
    terms = AgreementTerms("Not public yet", "Act", "purpose", BEGINS, None)
    proposal = agreements.propose(
        made.consumer_engineer,
        provider=made.provider.public_id,
        consumer=made.consumer.public_id,
        terms=terms,
    )
    asked = submitted(made)
    writer = Writer(tmp_path / "evidence").begin()
    writer.write(leaf(at=clock.now(), request_id="request-1", **HEALTH))
    Gateway.objects.create(code="gw", address="http://127.0.0.1:2", evidence_folder=str(writer.folder))
    indexing.index_evidence()
    assert IndexedCall.objects.get().provider_member == made.provider
    closed = [
        ("service", draft.public_id), ("service_step", draft.public_id, "publish"), ("agreement", proposal.public_id),
        ("agreement_step", proposal.public_id, "accept"), ("request", asked.public_id), ("right", office.right.public_id),
        ("request_step", asked.public_id, "grant"), ("request_question", asked.public_id, "what"), ("revoke", "key", office.key_id),
        ("catalogue_service", draft.public_id), ("catalogue_try", draft.public_id), ("catalogue_description", draft.public_id),
        ("call", "request-1"), ("receipt", "request-1"), ("inquiry_ask", office.authorisation.public_id), ("snapshot", 1),
        ("authorisation_end", office.authorisation.public_id),
    ]  # fmt: skip
    for name, *places in closed:
        for method in ("get", "post"):
            answer = getattr(signed_in(stranger), method)(reverse(f"exchange:{name}", args=places), {})
            assert answer.status_code in {403, 404, 405}, (name, method, answer.status_code)
    office.right.agreement.refresh_from_db()
    program = Program(stranger)
    for method, path, body in (
        ("GET", f"/exchange/services/{draft.public_id}", None),
        ("GET", f"/exchange/services/{draft.public_id}/description", None),
        (
            "POST",
            f"/exchange/services/{made.service.public_id}/retire",
            {"reason": "x", "version": made.service.version},
        ),
        ("GET", f"/exchange/agreements/{proposal.public_id}", None),
        ("POST", f"/exchange/agreements/{proposal.public_id}/accept", {"version": proposal.version}),
        (
            "POST",
            f"/exchange/agreements/{office.right.agreement.public_id}/end",
            {"reason": "x", "version": office.right.agreement.version},
        ),
        ("GET", f"/exchange/requests/{asked.public_id}", None),
        ("POST", f"/exchange/requests/{asked.public_id}/grant", {"version": asked.version}),
        ("POST", f"/exchange/rights/{office.right.public_id}/revoke", {"reason": "x"}),
        ("POST", f"/exchange/keys/{office.key_id}/revoke", {"reason": "x"}),
        ("GET", f"/exchange/members/{made.consumer.public_id}/subsystems/clinic/keys", None),
        ("POST", f"/exchange/members/{made.consumer.public_id}/subsystems/clinic/keys/challenge", {}),
        ("GET", "/exchange/operational-data/request-1", None),
        ("GET", "/exchange/operational-data/request-1/receipt", None),
        ("GET", "/exchange/snapshots/1", None),
    ):
        answer = program.send(method, path, body) if body is not None else program.get(path)
        assert answer.status_code in {403, 404, 428}, (method, path, answer.status_code)
    for path in ("requests", "agreements", "rights", "operational-data", "statistics", "snapshots"):
        assert program.get(f"/exchange/{path}").json() == [], path


def test_who_only_oversees_proves_calls_without_reading_them(
    office: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = office.made
    writer = Writer(tmp_path / "evidence").begin()
    writer.write(leaf(at=clock.now(), request_id="request-1", **HEALTH))
    Gateway.objects.create(code="gw", address="http://127.0.0.1:2", evidence_folder=str(writer.folder))
    indexing.index_evidence()
    given: list[bool] = []
    real = custody.receipt_at

    def read(*args: object, with_parts: bool, **facts: object) -> bytes:
        given.append(with_parts)
        return real(*args, with_parts=with_parts, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(custody, "receipt_at", read)
    people = (
        made.consumer_engineer,
        made.provider_engineer,
        made.house.people[Role.AUDITOR],
        office.director,
        made.operator,
    )
    for one in people:
        assert signed_in(one).get(reverse("exchange:receipt", args=["request-1"])).status_code == 200
        assert Program(one).get("/exchange/operational-data/request-1/receipt").status_code == 200
    assert given == [True] * 4 + [False] * 6


def test_no_client_hides_questions_about_a_person_behind_one_number(office: Desk, tmp_path: Path) -> None:
    (token,) = subjects.tokens_of(ANA)
    facts = {**HEALTH, "agreement": office.right.agreement.public_id, "subject": token}
    own = inquiries.fields_of(office.authorisation, inquiries._named(READ), "Case 7")
    row = office.authorisation.inquiries.create(**own, state="answered")
    writer = Writer(tmp_path / "evidence").begin()
    ids = ("same", "same", "mehvar-made-up", "mehvar-made-up", row.message_id, row.message_id)
    writer.write(*[leaf(at=clock.now(), id=one, request_id=f"r-{n}", **facts) for n, one in enumerate(ids)])
    elsewhere = {**facts, "client": "MEHVAR/GOV/min/registry"}
    writer.write(leaf(at=clock.now(), id=row.message_id, request_id="r-9", **elsewhere))
    Gateway.objects.create(code="gw", address="http://127.0.0.1:2", evidence_folder=str(writer.folder))
    indexing.index_evidence()
    told = subject_queries.about([token]).told
    assert sorted(one.call.request_id for one in told) == ["r-0", "r-1", "r-2", "r-3", "r-4", "r-9"]
    assert {one.call.request_id: one.detail for one in told if one.detail} == {
        "r-4": "check of patients' addresses"
    }


def guess(address: str, code: str = "1" * 12) -> str:
    """Try a code for Ana's list, and say how it ended."""
    try:
        subjects.open_by_code(ANA, code, address=address)
    except MehvarError as error:
        return error.code
    return "open"


def test_strangers_guessing_lock_nobody_else_out(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.now().replace(hour=0, minute=0, second=5) + timedelta(days=1)
    with clock.fixed(start):
        first, second, third = (
            subjects.issue_code(office.officer, ANA, document="card")[1] for _ in range(3)
        )
        met = [guess("10.0.0.9") for _ in range(40)]
        assert met == ["wrong-code"] * 3 + ["too-many-tries"] * 17 + ["flood"] * 20
        assert guess("10.0.0.9", first) == "flood"
        assert guess("10.0.0.5", first) == "open", "from elsewhere the person gets in"
    met = []
    for minute in range(1, 240):
        with clock.fixed(start + timedelta(minutes=minute)):
            met.append(guess("10.0.0.9"))
    assert met.count("wrong-code") == 9, "twelve in a day, each round later"
    with clock.fixed(start + timedelta(hours=5)):
        addresses = [f"2001:db8:7:{number:x}::1" for number in range(8)]
        assert [guess(address) for address in addresses].count("wrong-code") == 3, "a /48 is one network"
        monkeypatch.setattr(guessing, "MOST_PER_LIST", 12 + 1 + 3 + 1)
        assert guess("10.0.0.6", second) == "open", "what was refused counts against no list"
        assert guess("10.0.0.7", third) == "too-many-guesses"
    with clock.fixed(start + timedelta(days=1)):
        assert guess("10.0.0.7", third) == "open"


def test_an_officer_who_left_the_body_asks_no_more_for_it(office: Desk) -> None:
    Position.objects.filter(user=office.officer).delete()
    make_position = Position.objects.filter(user__name="health director").get()
    make_position.pk, make_position.user, make_position.role = None, office.officer, Role.INQUIRY_OFFICER
    make_position.organisation = office.made.house.north_ict
    make_position.save()
    with pytest.raises(NotPermitted):
        inquiries.ask(
            office.officer, office.authorisation.public_id, READ, {"path.owner": ANA}, reference="Case 7"
        )


def certificate(key: object, *, is_authority: bool) -> str:
    """Let the exchange's own authority sign whatever it is given."""
    issuer = proofs.read_certificate(authority.Authority.objects.get(own=True).certificate)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clinic")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())  # type: ignore[attr-defined]
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=30))
    )
    if is_authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return proofs.pem_of(builder.sign(authority.own_key(), hashes.SHA256()))


def test_weak_keys_and_authorities_are_no_clients(office: Desk) -> None:
    made = office.made
    authority.create_authority(made.operator)
    weak = certificate(rsa.generate_private_key(65537, 1024), is_authority=False)  # noqa: S505 - a weak key is the point
    issuing = certificate(ec.generate_private_key(ec.SECP256R1()), is_authority=True)
    for pem in (weak, issuing):
        with pytest.raises(InputError) as refused:
            presented(made, pem, "", "")
        assert refused.value.code == "weak-certificate"


def presented(made: Federation, pem: str, challenge: str, proof: str, **where: Any) -> ClientCertificate:
    """Let the consumer's engineer present a certificate."""
    return credentials.register_certificate(
        made.consumer_engineer,
        made.consumer.public_id,
        label="c",
        certificate=pem,
        challenge=challenge,
        proof=proof,
        **where,
    )


def test_who_only_saw_a_certificate_cannot_register_it(office: Desk) -> None:
    made, clinic = office.made, office.made.clinic.pk
    authority.create_authority(made.operator)
    keys: list[tuple[Any, tuple[Any, ...]]] = [
        (rsa.generate_private_key(65537, 2048), (padding.PKCS1v15(), hashes.SHA256())),
        (ec.generate_private_key(ec.SECP384R1()), (ec.ECDSA(hashes.SHA256()),)),
        (ec.generate_private_key(ec.SECP256R1()), (ec.ECDSA(hashes.SHA256()),)),
        (ed25519.Ed25519PrivateKey.generate(), ()),
    ]
    for key, how in keys:
        pem = certificate(key, is_authority=False)
        text = credentials.certificate_challenge(made.consumer.public_id, clinic)

        def proof_of(text: str, key: Any = key, how: tuple[Any, ...] = how) -> str:
            return base64.b64encode(key.sign(text.encode(), *how)).decode()

        others = (
            credentials.certificate_challenge(made.consumer.public_id),
            credentials.certificate_challenge(made.provider.public_id, clinic),
            credentials.challenge(clinic),
            "any text",
        )
        for challenge, proof, code in [
            (text, "", "no-proof"),
            (text, "AAAA", "no-proof"),
            (text, proof_of(text + "."), "no-proof"),
            *[(other, proof_of(other), "old-challenge") for other in others],
        ]:
            with pytest.raises(InputError) as refused:
                presented(made, pem, challenge, proof, subsystem_id=clinic)
            assert refused.value.code == code
        with clock.fixed(clock.now() + timedelta(hours=2)), pytest.raises(InputError):
            presented(made, pem, text, proof_of(text))
        row = presented(made, pem, text, proof_of(text), subsystem_id=clinic)
        assert row.sha256 in {one.sha256 for one in compilation.compile_snapshot(9, clock.now()).certificates}


@pytest.mark.parametrize(
    "body", [b"[" * 50_000, b'{"state": "ok", "x": "\\u0000"}', b'{"state": "ok", "x": NaN}', b"[]"]
)
def test_what_a_gateway_says_never_stops_the_round(
    office: Desk, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateways, "ASK_TIMEOUT_S", 60.0)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    fine = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"state": "ok"}'
    with server(answer) as (bad, _), server(fine) as (good, _):
        for code, address in (("a", bad), ("b", good)):
            gateways.register_gateway(
                office.made.operator, code=code, address="https://g.example", status_address=address
            )
        assert gateways.ask_gateways() == 1
    assert {row.code: row.state for row in Gateway.objects.all()} == {"a": "silent", "b": "ok"}


def test_public_entries_name_no_person_asked_about_and_no_inner_address(office: Desk) -> None:
    gateways.register_gateway(
        office.made.operator,
        code="g",
        address="https://g.example",
        status_address="http://10.9.8.7:8080",
        evidence_folder="/srv/evidence",
    )
    _, code = subjects.issue_code(office.officer, ANA, document="identity card")
    (token,) = subjects.open_by_code(ANA, code, address="10.0.0.1")
    public = " ".join(f"{row.content} {row.reason}" for row in Entry.objects.filter(public=True))
    for secret in (ANA, token, code, "10.9.8.7", "/srv/evidence", office.officer.email, "127.0.0.1:9"):
        assert secret not in public, secret


def test_lists_ask_as_much_of_the_database_for_many_rows_as_for_few(office: Desk) -> None:
    made = office.made
    person = make_user(Role.EXCHANGE_OPERATOR, made.house.ministry, name="second operator")
    pages = [
        reverse(f"exchange:{name}")
        for name in (
            "members",
            "rights",
            "agreements",
            "requests",
            "catalogue",
            "topics",
            "calls",
            "groups",
            "quotas",
            "home",
        )
    ]
    routes = ["members", "services", "agreements", "rights", "requests", "catalogue", "groups", "topics"]
    client, program = signed_in(person), Program(person)

    def counted() -> dict[str, int]:
        found = {}
        for name in [*pages, *routes]:
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(name) if name in pages else program.get(f"/exchange/{name}")
            assert answer.status_code == 200, name
            found[name] = len(queries)
        return found

    grow(made, "a", 1)
    counted()
    few = counted()
    grow(made, "b", 3)
    many = counted()
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name] + 2} == {}


def grow(made: Federation, mark: str, number: int) -> None:
    """Add so many of each thing."""
    from mehvar.exchange.actions import groups
    from mehvar.exchange.actions.events import topics

    for n in range(number):
        name = f"{mark}{n}"
        client = subsystems.open_subsystem(
            made.consumer_engineer, made.consumer.public_id, code=name, name=name
        )
        row = published_service(made.provider_engineer, made.registry, code=name, title=name)
        asked = requests.begin(made.consumer_engineer, subsystem_id=client.pk, service=row.public_id)
        asked = requests.change(
            made.consumer_engineer,
            asked.public_id,
            words=requests.RequestWords(purpose="p", legal_basis="b"),
            version=asked.version,
        )
        asked = requests.submit(made.consumer_engineer, asked.public_id, version=asked.version)
        requests.grant(made.provider_engineer, asked.public_id, version=asked.version)
        topics.open_topic(made.provider_engineer, made.registry.pk, code=name, title=name)
        groups.create_group(made.operator, code=name, name=name)
        groups.add_to_group(made.operator, name, client=f"MEHVAR/GOV/health/{name}")


def test_a_hostile_description_is_text_on_every_page(office: Desk) -> None:
    from mehvar.exchange.actions import catalogue, descriptions

    made = office.made
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    document = {
        "openapi": "3.1.0",
        "info": {"title": evil, "version": evil, "description": evil},
        "tags": [{"name": evil}],
        "paths": {
            "/parcels/{owner}": {
                "get": {
                    "summary": evil, "description": evil, "tags": [evil], "x-names": {"en": evil},
                    "parameters": [{"name": "owner", "in": "path", "required": True, "description": evil,
                                    "schema": {"type": "string", "example": evil, "enum": [evil, "javascript:alert(3)"]}}],
                    "responses": {"200": {"description": evil, "content": {"application/json": {
                        "schema": {"type": "object", "properties": {evil: {"type": "string", "description": evil}}},
                        "example": {"a": evil}}}}},
                }
            }
        },
    }  # fmt: skip
    descriptions.upload_description(
        made.provider_engineer, made.service.public_id, content=json.dumps(document).encode()
    )
    catalogue.follow_descriptions()
    client = signed_in(made.consumer_engineer)
    for name in ("catalogue_service", "catalogue_try", "catalogue_code", "service"):
        shown = client.get(reverse(f"exchange:{name}", args=[made.service.public_id])).content.decode()
        assert "<script>alert" not in shown, name
        assert "<img src=x" not in shown, name
        assert 'href="javascript:' not in shown, name
    assert "<script>alert" not in client.get(reverse("exchange:catalogue")).content.decode()


@pytest.mark.parametrize(
    "since", ["9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00", "9999-12-31", "2026-01-01T00:00:00", "x"]
)
def test_instants_beyond_all_times_are_refused(office: Desk, since: str) -> None:
    status = Program(office.made.operator).get("/exchange/operational-data", since=since).status_code
    assert status == (200 if since.startswith("2026") else 422)


def test_no_agreement_keeps_snapshots_from_being_published(office: Desk) -> None:
    made = office.made
    sides = {"provider": made.provider.public_id, "consumer": None}
    for begins, ends in ((date.min, None), (BEGINS, date.max)):
        with pytest.raises(InputError):
            agreements.propose(
                made.provider_engineer, **sides, terms=AgreementTerms("A", "B", "C", begins, ends)
            )
    row = agreements.propose(
        made.provider_engineer, **sides, terms=AgreementTerms("A", "B", "C", BEGINS, date(2030, 1, 1))
    )
    with pytest.raises(InputError):
        agreements.extend(
            made.provider_engineer, row.public_id, valid_until=date.max, reason="x", version=row.version
        )
    compilation.compile_snapshot(9, clock.now())
