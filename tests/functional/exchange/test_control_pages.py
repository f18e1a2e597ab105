"""Every page of the control plane shows its thing to who may see it, and its steps do what they say."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.test import Client
from django.urls import reverse

from mehvar.exchange.actions import authority, members
from mehvar.exchange.models import (
    AccessRequest,
    Agreement,
    ClientCertificate,
    Member,
    MemberApplication,
    SigningKey,
)
from mehvar.kernel import clock
from tests.factories.exchange import Federation, federation, file_in, granted, submitted
from tests.factories.organisations import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Federation:
    file_in(tmp_path, monkeypatch)
    return federation()


def page_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


def signed_in(user: object, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)  # type: ignore[arg-type]
    return client


def sent(browser: Client, address: str, /, **fields: object) -> str:
    """Fill the form in as a browser does: hidden fields and what stands in it come along."""
    html = page_of(browser, address)
    form = re.search(
        r'<form[^>]*method="post".*?</form>', html[html.index('id="content"') :], flags=re.DOTALL
    )
    assert form, address
    found = dict(re.findall(r'name="(\w+)"[^>]*?value="([^"]*)"', form[0]))
    found |= {
        name: value.replace("&#x27;", "'")
        for value, name in re.findall(r'value="([^"]*)"[^>]*?name="(\w+)"', form[0])
    }
    answer = browser.post(address, {**found, **fields})
    assert answer.status_code == 302, re.findall(r"error[^<]*<[^<]*<[^<]*", answer.content.decode())[:5]
    return str(answer["Location"])


def test_every_place_is_shown_in_three_languages_and_closed_to_strangers(
    made: Federation, django_capture_on_commit_callbacks: object
) -> None:
    from mehvar.exchange.actions import publication

    publication.publish("scheduled check")
    right = granted(made)
    asked = submitted(made)
    publication.publish(f"exchange.right.grant {right.public_id}; exchange.group.create health")
    places = [
        reverse("exchange:home"),
        reverse("exchange:members"),
        reverse("exchange:member", args=[made.provider.public_id]),
        reverse("exchange:subsystem", args=[made.provider.public_id, "registry"]),
        reverse("exchange:service", args=[made.service.public_id]),
        reverse("exchange:requests"),
        reverse("exchange:request", args=[asked.public_id]),
        reverse("exchange:agreements"),
        reverse("exchange:agreement", args=[right.agreement.public_id]),
        reverse("exchange:rights"),
        reverse("exchange:right", args=[right.public_id]),
        reverse("exchange:groups"),
        reverse("exchange:quotas"),
        reverse("exchange:gateways"),
        reverse("exchange:snapshots"),
        reverse("exchange:snapshot", args=[1]),
        reverse("exchange:snapshot", args=[2]),
        reverse("exchange:applications"),
    ]
    for language in ("fa", "vi", "en"):
        operator = make_user(name="operator", language=language)
        operator.is_active = True
        client = signed_in(made.operator, language)
        made.operator.language = language
        made.operator.save()
        for place in places:
            html = page_of(client, place)
            assert 'dir="rtl"' in html if language == "fa" else 'dir="rtl"' not in html
    for place, word in (
        (reverse("exchange:snapshots"), "Scheduled check"),
        (places[-2], right.agreement.title),
    ):
        html = page_of(client, place)
        assert word in html
        assert "Grant a right" in html
        assert "exchange.right.grant" not in html
        assert right.agreement.public_id not in html
    stranger = signed_in(make_user(name="stranger"))
    for place in places[:2]:
        assert page_of(stranger, place, 403)
    assert page_of(stranger, reverse("exchange:member", args=[made.provider.public_id]), 403)
    # a valid agreement is open to everybody and can be printed with its seal
    anybody = Client()
    assert "patient address" in page_of(
        anybody, reverse("exchange:agreement", args=[right.agreement.public_id])
    )
    printed = anybody.get(reverse("exchange:agreement_pdf", args=[right.agreement.public_id]))
    assert printed.content.startswith(b"%PDF")
    assert anybody.get(reverse("exchange:snapshot_file", args=[1])).status_code == 302


def test_an_engineer_sees_own_things_and_not_those_of_others(made: Federation) -> None:
    granted(made)
    consumer = signed_in(made.consumer_engineer)
    html = page_of(consumer, reverse("exchange:subsystem", args=[made.provider.public_id, "registry"]))
    assert "Keys" not in html
    assert "Land parcels" in html
    assert "Base address" not in page_of(consumer, reverse("exchange:service", args=[made.service.public_id]))
    assert page_of(consumer, reverse("exchange:snapshots"), 403)
    own = page_of(consumer, reverse("exchange:subsystem", args=[made.consumer.public_id, "clinic"]))
    assert "Keys" in own
    assert "Land parcels" in own, "what it may ask"
    provider = page_of(
        signed_in(made.provider_engineer), reverse("exchange:service", args=[made.service.public_id])
    )
    assert "MEHVAR/GOV/health/clinic" in provider


def test_access_is_asked_question_by_question_and_answered(made: Federation) -> None:
    consumer, provider = signed_in(made.consumer_engineer), signed_in(made.provider_engineer)
    begun = sent(
        consumer, reverse("exchange:request_new", args=[made.service.public_id]), subsystem=made.clinic.pk
    )
    row = AccessRequest.objects.get()
    endpoint = made.service.endpoints.get(method="GET")
    assert begun == reverse("exchange:request_question", args=[row.public_id, "what"])
    basis = sent(consumer, sent(consumer, begun, endpoints=str(endpoint.pk)), purpose="patient address")
    volume = sent(consumer, basis, legal_basis="Health Act, section 4")
    dates = sent(consumer, volume, calls_per_day="۲۰۰")
    check = sent(consumer, dates, wanted_until="31/12/2099")
    assert page_of(provider, reverse("exchange:request", args=[row.public_id]), 404), "nothing is sent yet"
    sent(consumer, check)
    row.refresh_from_db()
    assert (row.state, row.calls_per_day, row.purpose) == ("submitted", 200, "patient address")
    waiting = page_of(provider, reverse("exchange:home"))
    assert "Answer a request for access" in waiting
    step = reverse("exchange:request_step", args=[row.public_id, "return"])
    sent(provider, step, note="Which section of the Act?")
    assert "Which section of the Act?" in page_of(consumer, begun)
    sent(consumer, check)
    sent(provider, reverse("exchange:request_step", args=[row.public_id, "grant"]))
    row.refresh_from_db()
    assert row.state == "granted"
    right = row.agreement.rights.get()  # type: ignore[union-attr]
    assert (right.endpoint, right.subsystem) == (endpoint, made.clinic)
    matrix = page_of(provider, reverse("exchange:rights"))
    assert reverse("exchange:right", args=[right.public_id]) in matrix
    sent(provider, reverse("exchange:right_step", args=[right.public_id, "revoke"]), reason="purpose gone")
    right.refresh_from_db()
    assert right.revoked_at is not None
    assert page_of(consumer, step, 404), "who asks does not answer"


def test_keys_certificates_and_services_are_managed_by_their_engineer(made: Federation) -> None:
    engineer = signed_in(made.provider_engineer)
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    address = reverse("exchange:subsystem_step", args=[made.provider.public_id, "registry", "key"])
    challenge = re.search(r'name="challenge" value="([^"]+)"', page_of(engineer, address))
    assert challenge
    proof = base64.b64encode(key.sign(challenge[1].encode())).decode()
    refused = engineer.post(
        address,
        {"label": "main", "public_key": pem.decode(), "challenge": challenge[1], "proof": "AAAA", "days": 30, "overlap_days": 14},
    )  # fmt: skip
    assert refused.status_code in {200, 422}
    assert "not the signature of the text" in refused.content.decode()
    sent(
        engineer,
        address,
        label="main",
        public_key=pem.decode(),
        challenge=challenge[1],
        proof=proof,
        days="30",
    )
    row = SigningKey.objects.get()
    assert (row.algorithm, row.subsystem) == ("ed25519", made.registry)
    assert "A key runs out" in page_of(engineer, reverse("exchange:home"))
    sent(engineer, reverse("exchange:revoke", args=["key", row.public_id]), reason="laptop lost")
    row.refresh_from_db()
    assert row.revoked_at is not None

    authority.create_authority(made.operator)
    from tests.unit.exchange.test_proofs import request_for

    certificate = reverse(
        "exchange:subsystem_step", args=[made.provider.public_id, "registry", "certificate"]
    )
    sent(engineer, certificate, label="gateway 1", request=request_for("anything"))
    assert ClientCertificate.objects.get().subsystem == made.registry
    foreign = reverse("exchange:member_step", args=[made.provider.public_id, "foreign-certificate"])
    asked = page_of(engineer, foreign)
    text = re.search(r'name="challenge" value="([^"]+)"', asked)
    assert text
    assert "All others: openssl dgst -sha256" in asked
    said = {
        "label": "other",
        "certificate": ClientCertificate.objects.get().certificate,
        "challenge": text[1],
    }
    unproven = engineer.post(foreign, {**said, "proof": "AAAA"})
    assert "not the signature of the text" in unproven.content.decode()

    upload = reverse("exchange:description_new", args=[made.service.public_id])
    document = 'openapi: 3.0.3\ninfo: {title: Parcels, version: "1"}\npaths:\n  /parcels/{nationalId}:\n    get: {responses: {"200": {description: ok}}, parameters: [{name: nationalId, in: path, required: true}]}\n'
    html = engineer.post(upload, {"text": document}).content.decode()
    assert 'name="sure"' in html
    assert engineer.post(upload, {"text": document, "sure": "1"}).status_code == 302
    newer = document.replace("/parcels/{nationalId}", "/lots/{nationalId}")
    assert "The operation is gone." in engineer.post(upload, {"text": newer}).content.decode()
    assert "{nationalId}" in page_of(
        engineer, reverse("exchange:description", args=[made.service.public_id, 1])
    )
    sent(
        engineer,
        reverse("exchange:service_step", args=[made.service.public_id, "disable"]),
        notice="Until Monday.",
    )
    assert "Until Monday." in page_of(engineer, reverse("exchange:service", args=[made.service.public_id]))


def test_a_firm_applies_without_an_account_and_its_engineer_is_invited(made: Federation) -> None:
    firm, address = Client(), reverse("exchange:apply")
    answers = (
        {"name": "Pars Post Ltd", "registration": "14001234"},
        {"what_for": "Addresses of our customers, for delivery."},
        {"contact_name": "S. Karimi", "contact_email": "it@pars.example", "contact_phone": ""},
        {},
    )
    with clock.fixed(clock.now()) as _now:
        html = page_of(firm, address)
    for given in answers:
        token = re.search(r'name="token" value="([^"]+)"', html)
        page = re.search(r'name="page" value="(\w+)"', html)
        assert token
        assert page
        html = firm.post(address, {**given, "token": token[1], "page": page[1]}).content.decode()
    assert "very quickly" in html, "a program that fills it in at once is stopped"
    assert not MemberApplication.objects.exists()
    from datetime import timedelta

    with clock.fixed(clock.now() + timedelta(seconds=30)):
        html = firm.post(address, {"token": token[1], "page": "check"}).content.decode()
        assert firm.post(address, {"token": token[1], "page": "check"}).status_code == 409
    code = re.search(r"([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})", html)
    assert code
    row = MemberApplication.objects.get()
    operator = signed_in(made.operator)
    assert "Pars Post Ltd" in page_of(operator, reverse("exchange:application", args=[row.public_id]))
    assert page_of(
        signed_in(made.consumer_engineer), reverse("exchange:application", args=[row.public_id]), 404
    )
    sent(operator, reverse("exchange:application_step", args=[row.public_id, "approve"]), code="pars-post")
    member = Member.objects.get(code="pars-post")
    assert (member.member_class, member.state) == ("COM", "approved")
    assert member.organisation.code == "xx.private.pars-post"
    assert (
        "is a member"
        in firm.post(reverse("exchange:apply_track"), {"code": code[1].lower()}).content.decode()
    )
    assert firm.post(reverse("exchange:apply_track"), {"code": "0000-0000-0000-0000"}).status_code == 404


def test_members_groups_quotas_and_gateways_are_arranged_by_the_operator(made: Federation) -> None:
    operator = signed_in(made.operator)
    sent(operator, reverse("exchange:group_new"), code="health", name="Health bodies")
    client = "MEHVAR/GOV/health/clinic"
    suggested = '<option value="MEHVAR/GOV/health/clinic">'
    assert suggested in page_of(operator, reverse("exchange:group_step", args=["health", "add"]))
    assert suggested not in page_of(operator, reverse("exchange:group_step", args=["health", "remove"]))
    sent(operator, reverse("exchange:group_step", args=["health", "add"]), client=client)
    assert client in page_of(operator, reverse("exchange:group", args=["health"]))
    assert suggested in page_of(operator, reverse("exchange:group_step", args=["health", "remove"]))
    sent(operator, reverse("exchange:quota_new"), calls_per_s="۲٫۵", burst="10")
    assert "2.5" in page_of(operator, reverse("exchange:quotas"))
    sent(
        operator, reverse("exchange:gateway_new", args=["gateway"]), code="gw-1", address="https://gw.example"
    )
    assert "gw-1" in page_of(operator, reverse("exchange:gateways"))
    sent(
        operator,
        reverse("exchange:member_step", args=[made.consumer.public_id, "suspend"]),
        reason="incident",
    )
    made.consumer.refresh_from_db()
    assert made.consumer.state == "suspended"
    engineer = signed_in(made.provider_engineer)
    assert engineer.get(reverse("exchange:group_new")).status_code == 404
    proposal = reverse("exchange:agreement_new")
    members.resume(made.operator, made.consumer.public_id, version=made.consumer.version)
    sent(
        engineer,
        proposal,
        provider=made.provider.public_id,
        consumer=made.consumer.public_id,
        title="Parcels",
        legal_basis="Act 4",
        purpose="address",
        valid_from="1/1/2024",
    )
    row = Agreement.objects.get()
    assert row.state == "proposed"
    assert page_of(Client(), reverse("exchange:agreement", args=[row.public_id]), 404)
    sent(
        signed_in(made.consumer_engineer), reverse("exchange:agreement_step", args=[row.public_id, "accept"])
    )
    row.refresh_from_db()
    assert row.state == "valid"
