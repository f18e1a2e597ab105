"""A call is authorised, forwarded, hashed, logged and answered, and its receipt convinces a stranger."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("httptools", reason="the gateway needs the extra [gateway]")

from mehvar.exchange.data.evidence import PartKind
from mehvar.exchange.rules import receipts, subjects
from mehvar.gateway.evidence import files
from tests.integration.gateway.federation import (
    CLIENT,
    OTHER,
    PREFIX,
    PROVIDER,
    Client,
    Gateway,
    Provider,
    running,
    wait_until,
)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Provider]]:
    with running(tmp_path_factory.mktemp("thread")) as pair:
        yield pair


@pytest.fixture
def client(federation: tuple[Gateway, Provider]) -> Iterator[Client]:
    with federation[0].client() as opened:
        yield opened


def test_a_call_reaches_the_provider_and_its_receipt_holds(
    federation: tuple[Gateway, Provider], client: Client
) -> None:
    gateway, provider = federation
    answer = client.ask(
        "POST", f"{PREFIX}/kept/parcels?year=1399", body=b'{"a": 1}', headers="X-Road-Issue: 77/1\r\n"
    )
    assert answer.status == 200
    assert answer.json == {"method": "POST", "target": "/base/parcels?year=1399", "bytes": 8}
    head, body = provider.seen[-1]
    assert body == b'{"a": 1}'
    assert b"X-Road-Issue:77/1\r\n" in head

    batch, index = files.find_entry(gateway.evidence, answer.headers["x-road-request-id"])
    receipt = receipts.make_receipt(batch, index)
    proven = receipts.verify_receipt(receipt, gateway.public_key)
    assert proven.leaf["client"] == CLIENT
    assert proven.leaf["service"] == f"{PROVIDER}/kept"
    assert proven.leaf["agreement"] == "a-1"
    assert proven.leaf["purpose"] == "tax assessment"
    assert proven.leaf["answer"]["status"] == 200
    assert proven.parts[PartKind.REQUEST_BODY] == b'{"a": 1}'
    assert proven.parts[PartKind.ANSWER_BODY] == answer.body
    sha512 = hashlib.sha512
    expected = sha512(
        sha512(proven.parts[PartKind.REQUEST_HEAD]).digest() + sha512(b'{"a": 1}').digest()
    ).digest()
    assert (
        answer.headers["x-road-request-hash"]
        == base64.b64encode(expected).decode()
        == proven.leaf["request_hash"]
    )


def test_the_request_is_evidence_before_a_call_that_must_not_happen_twice(
    federation: tuple[Gateway, Provider], client: Client
) -> None:
    answer = client.ask("POST", f"{PREFIX}/parcels/parcels", body=b"x")
    kinds = [
        leaf["kind"]
        for leaf in federation[0].leaves()
        if leaf["request_id"] == answer.headers["x-road-request-id"]
    ]
    assert kinds == ["request", "exchange"]


def test_the_person_asked_about_stands_as_a_token(
    federation: tuple[Gateway, Provider], client: Client
) -> None:
    answer = client.ask("GET", f"{PREFIX}/parcels/parcels/0012345678")
    leaf = next(
        leaf for leaf in federation[0].leaves() if leaf["request_id"] == answer.headers["x-road-request-id"]
    )
    assert leaf["subject"] == subjects.subject_token(b"k" * 32, "۰۰۱۲۳۴۵۶۷۸")
    assert "0012345678" not in json.dumps(leaf)


def test_a_new_version_of_the_key_is_taken_while_calls_go_on(
    federation: tuple[Gateway, Provider], client: Client
) -> None:
    gateway = federation[0]
    path = gateway.folder / "subject.key"
    plain = subjects.read_keys(path.read_bytes())
    newer = plain.rotated(b"n" * 32)

    def token() -> str | None:
        answer = client.ask("GET", f"{PREFIX}/parcels/parcels/0012345678")
        asked = answer.headers["x-road-request-id"]
        found: str | None = next(leaf["subject"] for leaf in gateway.leaves() if leaf["request_id"] == asked)
        return found

    replaced(path, subjects.written(newer))
    wait_until(lambda: token() == newer.token("0012345678"))
    replaced(path, b"mehvar subject keys 1\nbroken")
    wait_until(lambda: "refused" in (gateway.folder / "gateway.log").read_text())
    assert token() == newer.token("0012345678"), "a broken file changes nothing"
    replaced(path, subjects.written(plain))
    wait_until(lambda: token() == plain.token("0012345678"))


def replaced(path: Path, content: bytes) -> None:
    """Write a file beside another and rename it over that."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)


def test_headers_of_the_bus_are_its_own(client: Client) -> None:
    answer = client.ask("GET", f"{PREFIX}/parcels/parcels/1", headers="X-Road-Id: mine-1\r\n")
    assert answer.headers["x-road-id"] == "mine-1"
    assert answer.headers["x-road-client"] == CLIENT
    assert answer.headers["x-road-service"] == f"{PROVIDER}/parcels"
    assert answer.headers["x-own"] == "kept"
    assert "server" not in answer.headers


def test_a_refusal_is_evidence_too(federation: tuple[Gateway, Provider], client: Client) -> None:
    answer = client.ask("GET", f"{PREFIX}/secret/x", client=OTHER)
    assert (answer.status, answer.error) == (500, "Server.ServerProxy.AccessDenied")
    assert answer.json["type"] == answer.error
    assert set(answer.json) == {"type", "message", "detail"}
    client.ask("GET", f"{PREFIX}/parcels/parcels/1")  # a durable call takes the refusal with it
    leaf = next(leaf for leaf in federation[0].leaves() if leaf["request_id"] == answer.json["detail"])
    assert (leaf["kind"], leaf["error"], leaf["client"]) == ("refusal", answer.error, OTHER)
