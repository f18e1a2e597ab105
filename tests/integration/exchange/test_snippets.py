"""The programs shown in the catalogue run: against a real gateway, with a certificate and with a signed request."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from mehvar.exchange.data.operations import Question
from mehvar.exchange.data.snapshot import ClientCertificate, ClientKey, KeyAlgorithm
from mehvar.exchange.rules.snippets import CallFacts, snippets_of
from tests.integration.gateway.federation import (
    CLIENT,
    LONG_AGO,
    PROVIDER,
    Gateway,
    Provider,
    echo,
    snapshot,
    start_worker,
)

LATER = datetime(2100, 1, 1, tzinfo=UTC)
PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()


@dataclass
class Bench:
    folder: Path
    gateway: Gateway
    provider: Provider


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    signer: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("snippets")
    authority_key, server_key, client_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    authority = certificate("authority", authority_key, None, authority_key)
    client = certificate("tax", client_key, authority, authority_key)
    signing = ed25519.Ed25519PrivateKey.generate()
    files = {
        "gateway-ca.pem": authority.public_bytes(PEM),
        "server.pem": certificate("gateway", server_key, authority, authority_key).public_bytes(PEM),
        "server.key": server_key.private_bytes(PEM, PKCS8, PLAIN),
        "client.pem": client.public_bytes(PEM),
        "client.key": client_key.private_bytes(PEM, PKCS8, PLAIN),
        "key.pem": signing.private_bytes(PEM, PKCS8, PLAIN),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    public = signing.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    digest = sha256(client.public_bytes(serialization.Encoding.DER)).hexdigest()
    provider = Provider(echo)
    provider.start()
    snap = replace(
        snapshot(provider.port),
        keys=(ClientKey("tax-1", CLIENT, KeyAlgorithm.ED25519, public, LONG_AGO, LATER),),
        certificates=(ClientCertificate(digest, CLIENT, LONG_AGO, LATER),),
        authorities=(files["gateway-ca.pem"].decode(),),
        networks=(),
    )
    listeners = [
        {"host": "127.0.0.1", "port": 0},
        {"host": "127.0.0.1", "port": 0, "certificate": "server.pem", "key": "server.key"},
    ]
    (folder / "gateway").mkdir()
    for name in ("server.pem", "server.key"):
        shutil.copy(folder / name, folder / "gateway" / name)
    gateway = start_worker(folder / "gateway", snap, listeners=listeners)
    yield Bench(folder, gateway, provider)
    gateway.kill()
    provider.stop()


QUESTIONS = (
    Question("GET", "/parcels/12?lang=fa&name=%D8%B9%D9%84%DB%8C"),
    Question("POST", "/parcels", {"Content-Type": "application/json"}, '{"owner": "it\'s “علی”"}'.encode()),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=["get", "post"])
def test_every_program_runs(bench: Bench, question: Question) -> None:
    plain, tls = bench.gateway.ports
    run = 0
    for proof, address in (("signature", f"http://127.0.0.1:{plain}"), ("tls", f"https://127.0.0.1:{tls}")):
        facts = CallFacts(address, CLIENT, f"{PROVIDER}/parcels", question, "tax-1")
        for snippet in snippets_of(facts):
            if snippet.proof != proof or (snippet.language == "java" and shutil.which("javac") is None):
                continue
            before = len(bench.provider.seen)
            done = ran(bench.folder, snippet.language, snippet.text)
            assert done.returncode == 0, (snippet.language, proof, done.stderr[-1500:])
            assert len(bench.provider.seen) == before + 1, (snippet.language, proof, done.stdout[-500:])
            head, body = bench.provider.seen[-1]
            assert head.split(b"\r\n")[0] == f"{question.method} {question.target} HTTP/1.1".encode()
            assert body == (question.body or b"")
            run += 1
    assert run >= 4


def ran(folder: Path, language: str, text: str) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    if language == "curl":
        command = ["sh", "-eu", "-c", text]
    elif language == "python":
        command = [sys.executable, "-c", text]
    else:
        command = java(folder, text)
    return subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def java(folder: Path, text: str) -> list[str]:
    """Make the key stores that the program's first lines tell to make, and give the command that runs it."""
    if not (folder / "client.p12").exists():
        export = (
            "openssl pkcs12 -export -in client.pem -inkey client.key -out client.p12 -passout pass:changeit"
        )
        trust = "keytool -importcert -file gateway-ca.pem -keystore trust.p12 -storetype PKCS12 -storepass changeit -noprompt"
        for command in (export, trust):
            subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)  # noqa: S603
    (folder / "Call.java").write_text(text, encoding="utf-8")
    return ["java", "-Dfile.encoding=UTF-8", "Call.java"]
