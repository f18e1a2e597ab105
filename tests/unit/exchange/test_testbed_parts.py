"""The testbed's registers agree with one another, and its federation is one that a gateway accepts."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from mehvar.config.testbed import federation
from mehvar.config.testbed.descriptions import DESCRIPTIONS
from mehvar.config.testbed.provider import civil, land, post
from mehvar.config.testbed.registers import identity_number, registers
from mehvar.exchange.rules import rights, snapshots

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def compiled(*, granted: bool = False) -> federation.Snapshot:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    credentials = federation.Credentials(
        {party.code: f"{number:064x}" for number, party in enumerate(federation.WITH_CERTIFICATE)}, pem, ""
    )
    ports = {party.code: 8000 for party in federation.PROVIDERS}
    standing = federation.Standing(1, {}, bank_may_ask_persons=granted)
    return federation.compile_snapshot(ports, credentials, standing, made_at=NOW)


def test_owners_live_and_addresses_exist_in_three_languages() -> None:
    held = registers()
    assert {person["language"] for person in held.persons.values()} == {"fa", "vi", "en"}
    assert all(person["postcode"] in held.postcodes for person in held.persons.values())
    assert all(parcel["owner"] in held.persons for parcel in held.parcels.values())
    assert min(map(len, (held.persons, held.parcels, held.postcodes))) >= 200
    assert all(number == identity_number(int(number[3:9])) for number in held.persons)


def test_a_gateway_accepts_the_federation_and_decides_as_told() -> None:
    assert snapshots.snapshot_faults(compiled()) == []
    made = compiled()
    assert snapshots.decode_snapshot(snapshots.encode_snapshot(made)) == made
    for granted in (False, True):
        routes = rights.Routes(compiled(granted=granted)).by_id.values()
        route = next(one for one in routes if one.text == federation.service_id(federation.CIVIL))
        assert (federation.BANK.id in route.grants) is granted


def test_registers_answer_and_say_what_is_wrong() -> None:
    held = registers()
    person, parcel = next(iter(held.persons)), next(iter(held.parcels.values()))
    assert civil(held, ("GET", ("persons", person), {}, b""))[1]["id"] == person
    assert civil(held, ("GET", ("persons", "1"), {}, b""))[0] == 404
    assert post(held, ("GET", ("elsewhere",), {}, b""))[0] == 404
    found = land(held, ("GET", ("parcels",), {"owner": [parcel["owner"]]}, b""))[1]["parcels"]
    assert parcel in found
    assert land(held, ("POST", ("liens",), {}, b"not json"))[0] == 422
    lien = b'{"parcel": "%s", "reason": "tax"}' % parcel["id"].encode()
    assert land(held, ("POST", ("liens",), {}, lien)) == (201, {"parcel": parcel["id"], "liens": 1})


def test_every_endpoint_of_the_federation_is_described() -> None:
    for code, (_name, endpoints) in federation.SERVICES.items():
        described = {
            (method.upper(), path) for path, item in DESCRIPTIONS[code]["paths"].items() for method in item
        }
        wanted = {(endpoint.method, endpoint.path) for endpoint in endpoints}
        assert {(method, path.split("{")[0]) for method, path in described} == {
            (method, path.split("*")[0]) for method, path in wanted
        }
