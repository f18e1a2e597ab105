"""Smuggling, traversal, replay, quota races, slow clients: each meets a refusal and hurts nobody else."""

import base64
import hashlib
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("httptools", reason="the gateway needs the extra [gateway]")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from mehvar.exchange.data.snapshot import ClientCertificate, ClientKey, KeyAlgorithm, Quota
from mehvar.exchange.rules import signatures
from tests.integration.gateway.federation import (
    CLIENT,
    LONG_AGO,
    OTHER,
    PREFIX,
    QUICK,
    TOO_LATE_S,
    Answer,
    Client,
    Gateway,
    Provider,
    running,
    snapshot,
    wait_until,
    write_snapshot,
)

Federation = tuple[Gateway, Provider]
NEXT_YEAR = datetime.now(UTC) + timedelta(days=365)
EDWARDS, CURVE = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())


def pem(key: signatures.PrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


KEYS = (
    ClientKey("tax-1", CLIENT, KeyAlgorithm.ED25519, pem(EDWARDS), LONG_AGO, NEXT_YEAR),
    ClientKey("tax-2", CLIENT, KeyAlgorithm.ECDSA_P256, pem(CURVE), LONG_AGO, NEXT_YEAR),
    ClientKey("bank-1", OTHER, KeyAlgorithm.ED25519, pem(EDWARDS), LONG_AGO, NEXT_YEAR),
    ClientKey(
        "tax-revoked",
        CLIENT,
        KeyAlgorithm.ED25519,
        pem(EDWARDS),
        LONG_AGO,
        NEXT_YEAR,
        LONG_AGO + timedelta(days=1),
    ),
)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    folder = tmp_path_factory.mktemp("attacks")
    with running(folder, changes={"timeouts": QUICK}, head_timeout_s=1.0) as pair:
        yield pair


@pytest.fixture(scope="module")
def signed_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    with running(tmp_path_factory.mktemp("signed"), changes={"networks": (), "keys": KEYS}) as pair:
        yield pair


HEAD = f"POST {PREFIX}/fast/x HTTP/1.1\r\nHost: gw\r\nX-Road-Client: {CLIENT}\r\n"
SMUGGLED = f"\r\n\r\nGET {PREFIX}/secret/x HTTP/1.1\r\nHost: gw\r\nX-Road-Client: {CLIENT}\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        HEAD + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        HEAD + "Content-Length: 3, 3\r\n\r\nabc",
        HEAD + "Content-Length: +3\r\n\r\nabc",
        HEAD + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0" + SMUGGLED,
        HEAD + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0" + SMUGGLED,
        HEAD + "Transfer-Encoding: xchunked\r\n\r\n0" + SMUGGLED,
        HEAD + "Transfer-Encoding: chunked, identity\r\n\r\n0" + SMUGGLED,
        HEAD + "Transfer-Encoding : chunked\r\n\r\n0" + SMUGGLED,
        HEAD + "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
        HEAD + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc",
        HEAD + "X-Folded: a\r\n X-Road-Client: other\r\n\r\n",
        HEAD + "X-A: b\x00c\r\n\r\n",
        HEAD + "X-A: b\rX-B: c\r\n\r\n",
        HEAD + "X A: b\r\n\r\n",
        HEAD.replace("\r\n", "\n") + "\n",
        HEAD.replace("Host: gw\r\n", "") + "\r\n",
        HEAD + "Host: two\r\n\r\n",
        HEAD.replace("HTTP/1.1", "HTTP/2.0") + "\r\n",
        HEAD.replace("HTTP/1.1", "HTTP/1.0") + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "CONNECT gw:443 HTTP/1.1\r\nHost: gw\r\n\r\n",
        "GET http://elsewhere/r1/a HTTP/1.1\r\nHost: gw\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: gw\r\n\r\n",
        "\x16\x03\x01 this is TLS\r\n\r\n",
        HEAD + "X-Long: " + "x" * 40_000 + "\r\n\r\n",
        HEAD + "X: y\r\n" * 200 + "\r\n",
        f"GET /r1/{'a' * 9000} HTTP/1.1\r\nHost: gw\r\n\r\n",
    ],
)
def test_smuggling_gets_one_refusal_and_reaches_nobody(federation: Federation, raw: str) -> None:
    gateway, provider = federation
    before = len(provider.seen)
    with gateway.client() as client:
        client.send(raw.encode("latin-1"))
        answer = client.answer()
        assert (answer.status, answer.error) == (400, "Client.BadRequest")
        rest = b"x"
        while rest:  # nothing that was smuggled is answered
            rest = client.socket.recv(4096)
            assert b"HTTP/1.1 200" not in rest
    assert not [head for head, _ in provider.seen[before:] if b"secret" in head]
    with gateway.client() as client:
        assert client.ask("GET", f"{PREFIX}/fast/x").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/open/../parcels", "/open/%2e%2e/secret", "/open/%252e%252e/secret", "/open/..;/secret", "/open/%2e%2e;x/secret", "/open/..%2fsecret",
        "/open/..%5csecret", "/open/..\\secret", "/open/%c0%ae%c0%ae/secret", "/open/%e0%80%ae/secret", "/open//../secret", "/open/./secret",
        "/open/%2e/secret", "/open/;/secret", "/open/%00/secret", "/open/%ef%bc%8e%ef%bc%8e/secret", "/open/x%0d%0aX-Road-Client:%20z",
        "/open/%25%32%65%25%32%65/secret", "/open/%u002e%u002e/secret", "/open/.%09./secret",
    ],
)  # fmt: skip
def test_traversal_in_any_spelling_gets_nowhere(federation: Federation, path: str) -> None:
    gateway, provider = federation
    before = len(provider.seen)
    with gateway.client() as client:
        answer = client.ask("GET", f"{PREFIX}/parcels{path}", client=OTHER)
    assert answer.status in {400, 500}
    assert answer.error
    assert len(provider.seen) == before


def test_what_is_forwarded_is_what_was_decided_on(federation: Federation) -> None:
    gateway, provider = federation
    with gateway.client() as client:
        assert client.ask("GET", f"{PREFIX}/parcels/%6Fpen/%61%7e%20b;c", client=OTHER).status == 200
    assert provider.seen[-1][0].startswith(b"GET /open/a~%20b;c HTTP/1.1\r\n")


# ---------------------------------------------------------------------- signed requests


def signed(
    port: int, *, key: signatures.PrivateKey = EDWARDS, keyid: str = "tax-1", nonce: str = "", created: int = 0, body: bytes = b"",
    sent_body: bytes | None = None, method: str = "GET", target: str = f"{PREFIX}/fast/x", client: str = CLIENT,
) -> tuple[bytes, Answer]:  # fmt: skip
    fields = {"x-road-client": [client]}
    names = ["@method", "@target-uri", "x-road-client"]
    if body:
        fields["content-digest"] = [signatures.content_digest(body)]
        names.append("content-digest")
    parts = signatures.RequestParts(method, "http", "gw", target, fields)
    made = signatures.sign_request(
        parts, key, keyid=keyid, created=created or int(time.time()), nonce=nonce or base64.b64encode(time.time_ns().to_bytes(8)).decode(),
        components=names,
    )  # fmt: skip
    sent = body if sent_body is None else sent_body
    lines = [
        f"{method} {target} HTTP/1.1",
        "Host: gw",
        f"X-Road-Client: {client}",
        *(f"{name}: {value}" for name, value in made.items()),
    ]
    if body:
        lines += [f"Content-Digest: {fields['content-digest'][0]}", f"Content-Length: {len(sent)}"]
    raw = "\r\n".join([*lines, "", ""]).encode() + sent
    return raw, exchange(port, raw)


def exchange(port: int, raw: bytes) -> Answer:
    with Client(port) as client:
        client.send(raw)
        return client.answer()


@pytest.mark.parametrize(("key", "keyid"), [(EDWARDS, "tax-1"), (CURVE, "tax-2")])
@pytest.mark.parametrize("size", [0, 10, 200_000])
def test_a_signed_request_is_who_it_says(
    signed_only: Federation, key: signatures.PrivateKey, keyid: str, size: int
) -> None:
    _, answer = signed(
        signed_only[0].port, key=key, keyid=keyid, body=b"b" * size, method="PUT" if size else "GET"
    )
    assert answer.status == 200
    assert answer.json["bytes"] == size


def test_without_a_proof_nobody_is_anybody(signed_only: Federation) -> None:
    with signed_only[0].client() as client:
        answer = client.ask("GET", f"{PREFIX}/fast/x")
    assert (answer.status, answer.error) == (500, "Server.ClientProxy.AuthenticationFailed")


@pytest.mark.parametrize(
    "changes",
    [
        {"keyid": "bank-1"}, {"keyid": "tax-revoked"}, {"keyid": "none"}, {"key": CURVE}, {"created": int(time.time()) - 3_600},
        {"created": int(time.time()) + 3_600}, {"key": ed25519.Ed25519PrivateKey.generate()},
    ],
)  # fmt: skip
def test_a_wrong_old_or_revoked_signature_is_refused(
    signed_only: Federation, changes: dict[str, object]
) -> None:
    _, answer = signed(signed_only[0].port, **changes)  # type: ignore[arg-type]
    assert answer.error == "Server.ClientProxy.AuthenticationFailed"


def test_a_replayed_request_is_refused_and_so_is_its_nonce(signed_only: Federation) -> None:
    raw, first = signed(signed_only[0].port, nonce="once")
    assert first.status == 200
    assert exchange(signed_only[0].port, raw).error == "Server.ClientProxy.ReplayedRequest"
    assert (
        signed(signed_only[0].port, nonce="once", target=f"{PREFIX}/fast/y")[1].error
        == "Server.ClientProxy.ReplayedRequest"
    )
    tampered = raw.replace(b"/fast/x", b"/fast/z")
    assert exchange(signed_only[0].port, tampered).error == "Server.ClientProxy.AuthenticationFailed"


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_changed_body_never_reaches_the_provider_whole(signed_only: Federation, size: int) -> None:
    gateway, provider = signed_only
    before = len(provider.seen)
    _, answer = signed(gateway.port, body=b"b" * size, sent_body=b"c" * size, method="PUT")
    assert (answer.status, answer.error) == (400, "Client.DigestMismatch")
    assert len(provider.seen) == before


# ---------------------------------------------------------------------- mutual TLS


def certificate(
    folder: Path, name: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    authority = issuer[0].subject if issuer else subject
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(authority).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(LONG_AGO).not_valid_after(NEXT_YEAR)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )  # fmt: skip
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return made, key


class TlsClient(Client):
    def __init__(self, port: int, folder: Path, name: str | None) -> None:
        super().__init__(port)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False

        context.load_verify_locations(folder / "authority.pem")
        if name:
            context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        self._stream.close()
        try:
            self.socket = context.wrap_socket(self.socket)
        except OSError:
            self.socket.close()
            raise
        self._stream = self.socket.makefile("rb")


def is_served(port: int, folder: Path, name: str) -> bool:
    try:
        with TlsClient(port, folder, name) as client:
            return client.ask("GET", f"{PREFIX}/fast/x").status == 200
    except OSError:
        return False


def test_mutual_tls_and_a_certificate_revoked_during_traffic(tmp_path: Path) -> None:
    authority = certificate(tmp_path, "authority")
    made = {
        name: certificate(tmp_path, name, authority)[0] for name in ("server", "tax", "bank", "unregistered")
    }
    certificate(tmp_path, "stranger")

    def registered(name: str, client: str, revoked: datetime | None = None) -> ClientCertificate:
        fingerprint = hashlib.sha256(made[name].public_bytes(serialization.Encoding.DER)).hexdigest()
        return ClientCertificate(fingerprint, client, LONG_AGO, NEXT_YEAR, revoked)

    changes = {
        "networks": (),
        "certificates": (registered("tax", "QF/GOV/100"), registered("bank", OTHER)),
        "authorities": ((tmp_path / "authority.pem").read_text(),),
    }
    listener = {"host": "127.0.0.1", "port": 0, "certificate": "server.pem", "key": "server.key"}
    with (
        running(tmp_path, changes=changes, listeners=[listener]) as (gateway, provider),
        TlsClient(gateway.port, tmp_path, "tax") as tax,
    ):
        assert (
            tax.ask("GET", f"{PREFIX}/fast/x").status == 200
        )  # a member's certificate speaks for its subsystem
        assert (
            tax.ask("GET", f"{PREFIX}/parcels/open/x", client=OTHER).error
            == "Server.ClientProxy.AuthenticationFailed"
        )
        for name in ("unregistered", None):
            with TlsClient(gateway.port, tmp_path, name) as other:
                assert other.ask("GET", f"{PREFIX}/fast/x").error == "Server.ClientProxy.AuthenticationFailed"
        assert not is_served(gateway.port, tmp_path, "stranger")
        write_snapshot(
            tmp_path,
            snapshot(
                provider.port,
                version=2,
                **{
                    **changes,
                    "certificates": (registered("tax", "QF/GOV/100", LONG_AGO), registered("bank", OTHER)),
                },
            ),
        )
        wait_until(
            lambda: tax.ask("GET", f"{PREFIX}/fast/x").error == "Server.ClientProxy.AuthenticationFailed"
        )
        with TlsClient(gateway.port, tmp_path, "bank") as bank:
            assert bank.ask("GET", f"{PREFIX}/parcels/open/x", client=OTHER).status == 200
        proofs = {
            leaf["authentication"]
            for leaf in gateway.leaves()
            if leaf["client"] == OTHER and leaf["kind"] == "exchange"
        }
    assert proofs == {f"mutual-tls:{registered('bank', OTHER).sha256}"}


# ---------------------------------------------------------------------- quotas, slow and idle clients


def test_a_quota_holds_under_a_race_of_many_connections(tmp_path: Path) -> None:
    quotas = (Quota(CLIENT, "*", 0.01, 20), Quota("*", f"{PREFIX[4:]}/parcels", 1_000, 1_000))
    with running(tmp_path, changes={"quotas": quotas}) as (gateway, _):

        def ask_ten(_number: int) -> list[Answer]:
            with gateway.client() as client:
                return [client.ask("GET", f"{PREFIX}/fast/x") for _ in range(10)]

        with ThreadPoolExecutor(8) as pool:
            answers = [answer for found in pool.map(ask_ten, range(8)) for answer in found]
        with gateway.client() as client:
            assert client.ask("GET", f"{PREFIX}/parcels/open/x", client=OTHER).status == 200
    assert sum(answer.status == 200 for answer in answers) == 20
    refused = next(answer for answer in answers if answer.status != 200)
    assert (refused.status, refused.error) == (400, "Client.QuotaExceeded")
    assert int(refused.headers["retry-after"]) >= 1


def test_a_slow_head_is_cut_off_and_a_slow_body_too(federation: Federation) -> None:
    gateway, _ = federation
    with gateway.client() as dripping, gateway.client() as halting, gateway.client() as other:
        halting.send(f"{HEAD}Content-Length: 10\r\n\r\nabc".encode())
        until, is_open = time.monotonic() + TOO_LATE_S, True
        dripping.send(HEAD.encode())
        dripping.socket.settimeout(0.1)
        while is_open and time.monotonic() < until:
            try:
                dripping.send(b"x")
                is_open = dripping.socket.recv(4096) != b""
            except TimeoutError:
                continue
            except OSError:
                is_open = False
        assert not is_open
        assert halting.answer().error == "Client.BadRequest"
        assert other.ask("GET", f"{PREFIX}/fast/x").status == 200


def test_a_thousand_idle_connections_disturb_nobody(tmp_path: Path) -> None:
    with running(tmp_path) as (gateway, _):
        idle = [
            socket.create_connection(("127.0.0.1", gateway.port), timeout=TOO_LATE_S) for _ in range(1_000)
        ]
        try:
            with gateway.client() as client:
                for _ in range(20):
                    assert client.ask("GET", f"{PREFIX}/parcels/open/x").status == 200
            sample = Client(gateway.port)
            sample._stream.close()
            sample.socket.close()
            sample.socket, sample._stream = idle[500], idle[500].makefile("rb")
            assert sample.ask("GET", f"{PREFIX}/fast/x").status == 200
            sample._stream.close()
        finally:
            for connection in idle:
                connection.close()
