"""Programs of engineers and operators do the rest of the control plane: documents, certificates, firms, authorities, gateways."""

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification, User
from mehvar.exchange.actions import agreements, applications, telling
from mehvar.exchange.data.control import AgreementTerms
from mehvar.exchange.models import Agreement
from mehvar.kernel import clock
from mehvar.ledger import queries as ledger
from mehvar.ledger.models import Entry
from tests.factories.exchange import BEGINS, Federation, agreed, federation, file_in
from tests.factories.organisations import PASSWORD, make_user
from tests.factories.programs import Program, answered, problem

pytestmark = pytest.mark.django_db

PAPER = b"%PDF-1.7\nsigned by both\n%%EOF\n"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Federation:
    file_in(tmp_path, monkeypatch)
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "media")
    return federation()


def paper(data: bytes = PAPER, name: str = "paper.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def proposed(made: Federation) -> Agreement:
    terms = AgreementTerms("Parcels for clinics", "Health Act", "patient address", BEGINS, None)
    sides = {"provider": made.provider.public_id, "consumer": made.consumer.public_id}
    return agreements.propose(made.consumer_engineer, **sides, terms=terms)


def outsiders(made: Federation) -> list[User]:
    return [
        make_user(Role.SYSTEM_ENGINEER, made.house.south, name="engineer of the south"),
        make_user(name="nobody"),
    ]


def test_a_signed_document_binds_the_acceptance_and_stays_between_the_sides(made: Federation) -> None:
    row = proposed(made)
    asks, gives = Program(made.consumer_engineer), Program(made.provider_engineer)
    path = f"/exchange/agreements/{row.public_id}"
    place = f"{path}/document"
    problem(gives.get(place), 404, "unknown-document")
    problem(gives.upload(place, file=paper(), version=1), 409, "document-stands")
    problem(asks.upload(place, file=paper()), 422, "version-required")
    problem(asks.upload(place, file=paper(b"<html>", "a.pdf"), version=1), 422, "bad-kind")
    problem(asks.upload(place, file=paper(b"%PDF-" + b"x" * (10 * 2**20)), version=1), 413, "file-too-large")
    first = answered(asks.upload(place, file=paper(PAPER + b"draft"), version=1))
    second = answered(asks.upload(place, file=paper(), version=first["version"]))
    digest = hashlib.sha256(PAPER).hexdigest()
    assert second["document_sha256"] == digest
    problem(gives.post(f"{path}/accept", {"version": first["version"]}), 409, "stale")
    valid = answered(gives.post(f"{path}/accept", {"version": second["version"]}))
    assert valid["state"] == "valid"
    problem(gives.upload(place, file=paper(), version=valid["version"]), 409, "document-stands")
    assert Entry.objects.filter(action="exchange.agreement.document").count() == 2
    (public,) = ledger.history_of("exchange-agreement", row.public_id)
    assert (public.action, public.content["document_sha256"]) == ("exchange.agreement.accept", digest)

    auditor = Program(made.house.people[Role.AUDITOR])
    for reader in (asks, gives, auditor, Program(made.operator)):
        got = reader.get(place)
        assert b"".join(got.streaming_content) == PAPER
        assert got["Content-Disposition"] == f'attachment; filename="agreement-{row.public_id}.pdf"'
        assert got["Content-Type"] == "application/octet-stream"
    for stranger in outsiders(made):
        program = Program(stranger)
        assert answered(program.get(path))["document_sha256"] == digest, "the hash is public"
        problem(program.get(place), 404, "unknown-document")
        problem(program.upload(place, file=paper(), version=valid["version"]), 403, "not-permitted")


def test_a_signed_document_is_attached_and_read_on_pages(made: Federation) -> None:
    row = agreed(made)
    page = reverse("exchange:agreement", args=[row.public_id])
    new = reverse("exchange:agreement_document_new", args=[row.public_id])
    file = reverse("exchange:agreement_document", args=[row.public_id])
    browser, stranger = Client(), Client()
    browser.login(username=made.provider_engineer.email, password=PASSWORD)
    stranger.login(username=outsiders(made)[0].email, password=PASSWORD)
    assert new in browser.get(page).content.decode()
    assert 'enctype="multipart/form-data"' in browser.get(new).content.decode()
    wrong = browser.post(new, {"version": row.version, "file": paper(b"MZ")})
    assert "PDF" in wrong.content.decode()
    assert not Agreement.objects.get(pk=row.pk).document
    assert browser.post(new, {"version": row.version, "file": paper()})["Location"] == page
    shown = browser.get(page).content.decode()
    assert file in shown
    assert new not in shown
    got = browser.get(file)
    assert b"".join(got.streaming_content) == PAPER  # type: ignore[attr-defined]
    assert (got["X-Content-Type-Options"], got["Cache-Control"]) == ("nosniff", "private, no-store")
    assert file not in stranger.get(page).content.decode()
    assert (stranger.get(file).status_code, stranger.get(new).status_code) == (404, 404)
    assert file not in Client().get(page).content.decode()
    assert Client().get(file).status_code == 302


def test_both_sides_are_reminded_of_an_agreements_end_once_each(made: Federation) -> None:
    last = date(2026, 6, 30)
    row = agreed(made, valid_until=last)
    told = []
    for left in (31, 30, 29, 8, 7, 2, 1, 0):
        noon = datetime(2026, 6, 30, 9, tzinfo=UTC) - timedelta(days=left)
        with clock.fixed(noon):
            told.append(agreements.remind_ends())
            assert agreements.remind_ends() == 0
    engineers = telling.engineers_of([made.provider, made.consumer])
    assert {made.provider_engineer.pk, made.consumer_engineer.pk} <= engineers
    each = len(engineers)
    assert told == [0, each, 0, 0, each, 0, each, 0]
    notices = Notification.objects.filter(key__contains=last.isoformat())
    assert set(notices.values_list("user_id", flat=True)) == engineers
    assert notices.first().path == reverse("exchange:agreement", args=[row.public_id])  # type: ignore[union-attr]
    with clock.fixed(datetime(2026, 6, 29, 12, tzinfo=UTC)):
        row.refresh_from_db()
        agreements.extend(
            made.provider_engineer,
            row.public_id,
            valid_until=date(2026, 7, 2),
            reason="r",
            version=row.version,
        )
        assert agreements.remind_ends() == each, "another last day"
        row.refresh_from_db()
        agreements.end(made.operator, row.public_id, reason="over", version=row.version)
        assert agreements.remind_ends() == 0


def authority_and_certificate() -> tuple[str, str, ec.EllipticCurvePrivateKey]:
    """Make a foreign authority, a certificate that it issued, and the key in that."""
    key, client_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root of the state")])
    client = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "health")])

    def signed(name: x509.Name, public: Any, *, is_authority: bool) -> str:
        now = clock.now()
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=90))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    root = signed(issuer, key.public_key(), is_authority=True)
    return root, signed(client, client_key.public_key(), is_authority=False), client_key


def test_authorities_are_trusted_and_their_certificates_registered(made: Federation) -> None:
    operator, engineer = Program(made.operator), Program(made.consumer_engineer)
    root, certificate, key = authority_and_certificate()
    member = f"/exchange/members/{made.consumer.public_id}"
    foreign = f"{member}/certificates/foreign"
    problem(Program(made.provider_engineer).post(f"{foreign}/challenge", {}), 404, "unknown-member")

    def signed(place: str) -> dict[str, str]:
        text = answered(engineer.post(f"{place}/challenge", {}))["text"]
        proof = base64.b64encode(key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))).decode()
        return {"label": "machine", "certificate": certificate, "challenge": text, "proof": proof}

    said = signed(foreign)
    problem(engineer.post("/exchange/authorities", {"name": "R", "certificate": root}), 403, "not-permitted")
    problem(engineer.post(foreign, said), 422, "unknown-issuer")
    trusted = answered(operator.post("/exchange/authorities", {"name": "R", "certificate": root}), 201)
    assert answered(engineer.get("/exchange/authorities"))[0]["sha256"] == trusted["sha256"]
    assert answered(Program(make_user()).get("/exchange/authorities")) == []
    problem(Program(made.provider_engineer).post(foreign, said), 403, "not-permitted")
    problem(operator.post(foreign, said), 403, "not-permitted")
    problem(engineer.post(foreign, {**said, "proof": "AAAA"}), 422, "no-proof")
    whole = answered(engineer.post(foreign, said), 201)
    clinic = f"{member}/subsystems/clinic/certificates/foreign"
    problem(engineer.post(clinic, said), 422, "old-challenge")
    problem(engineer.post(clinic, signed(clinic)), 409, "certificate-taken")
    assert [one["id"] for one in answered(engineer.get(f"{member}/certificates"))] == [whole["id"]]
    problem(Program(made.provider_engineer).get(f"{member}/certificates"), 404, "unknown-member")
    place = f"/exchange/authorities/{trusted['sha256']}/withdraw"
    problem(operator.post(place, {}), 422, "empty")
    assert answered(operator.post(place, {"reason": "broken"}))["withdrawn_at"]
    problem(operator.post(place, {"reason": "again"}), 404, "unknown-authority")


def test_a_firm_is_approved_by_a_program_of_the_operator_only(made: Federation) -> None:
    words = applications.Words("Lotus Ltd", "4711", "ask parcels", "A. Person", "a@lotus.example")
    rows = [
        applications.apply_from_outside(words, address="192.0.2.1", submission_key=key, seconds=30)[0]
        for key in ("a", "b")
    ]
    operator, engineer = Program(made.operator), Program(made.provider_engineer)
    listed = answered(operator.get("/exchange/applications", state="waiting"))
    assert [one["id"] for one in listed] == [row.public_id for row in reversed(rows)]
    assert answered(engineer.get("/exchange/applications")) == []
    paths = [f"/exchange/applications/{row.public_id}" for row in rows]
    for act in (engineer.get(paths[0]), engineer.post(f"{paths[0]}/approve", {"code": "l", "version": 1})):
        problem(act, 404, "unknown-application")
    auditor = Program(made.house.people[Role.AUDITOR])
    assert answered(auditor.get(paths[0]))["contact_email"] == "a@lotus.example"
    problem(auditor.post(f"{paths[0]}/refuse", {"reason": "x", "version": 1}), 403, "not-permitted")
    done = answered(operator.post(f"{paths[0]}/approve", {"code": "4711", "version": 1}))
    assert (done["state"], done["member"]) == ("approved", "MEHVAR/COM/4711")
    problem(operator.post(f"{paths[1]}/refuse", {"version": 1}), 422, "empty")
    assert (
        answered(operator.post(f"{paths[1]}/refuse", {"reason": "twice", "version": 1}))["answer"] == "twice"
    )
    problem(operator.post(f"{paths[1]}/approve", {"code": "x", "version": 2}), 409, "application-decided")


def test_gateways_subsystems_and_endpoints_are_kept_by_programs(made: Federation) -> None:
    operator, engineer = Program(made.operator), Program(made.provider_engineer)
    gateway = {"code": "north", "address": "https://north.example", "status_address": "http://10.1.1.1:9"}
    problem(engineer.post("/exchange/gateways", gateway), 403, "not-permitted")
    problem(operator.post("/exchange/gateways", {**gateway, "address": "ftp://x"}), 422, "bad-address")
    once = answered(operator.post("/exchange/gateways", gateway, key="k-1"), 201)
    assert answered(operator.post("/exchange/gateways", gateway, key="k-1"), 201) == once
    assert answered(engineer.get("/exchange/gateways")) == [once]
    assert "10.1.1.1" not in engineer.get("/exchange/gateways").content.decode()
    problem(engineer.post("/exchange/gateways/north/forget", {"reason": "x"}), 403, "not-permitted")
    assert operator.post("/exchange/gateways/north/forget", {"reason": "moved"}).status_code == 204

    place = f"/exchange/members/{made.provider.public_id}/subsystems"
    row = answered(engineer.get(place, size=1))[0]
    changed = {"title": "All registers", "version": row["version"]}
    problem(Program(made.consumer_engineer).put(f"{place}/registry", changed), 403, "not-permitted")
    assert answered(engineer.put(f"{place}/registry", changed))["title"] == "All registers"
    problem(engineer.put(f"{place}/registry", changed), 409, "stale")

    service = f"/exchange/services/{made.service.public_id}"
    endpoint = answered(engineer.get(service))["endpoints"][0]
    said = {"summary": "One parcel", "subject": "path:1"}
    address = f"{service}/endpoints/{endpoint['key']}"
    problem(Program(made.consumer_engineer).put(address, said), 403, "not-permitted")
    problem(engineer.put(address, {"subject": "body:1"}), 422, "bad-subject-place")
    problem(engineer.put(f"{service}/endpoints/999999", said), 404, "unknown-endpoint")
    assert answered(engineer.put(address, said)) == {**endpoint, **said}
