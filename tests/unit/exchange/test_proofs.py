"""A key is registered only with proof of its private half; requests and certificates are read strictly."""

import base64
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from mehvar.exchange.rules import proofs
from mehvar.kernel.errors import InputError

TEXT = "a text to sign"


def public_pem(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def request_for(name: str, key: ec.EllipticCurvePrivateKey | None = None) -> str:
    """Make a signed request for a certificate."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    made = builder.sign(key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def test_each_kind_of_signature_proves_possession() -> None:
    edwards = ed25519.Ed25519PrivateKey.generate()
    proofs.check_possession(public_pem(edwards), TEXT, base64.b64encode(edwards.sign(TEXT.encode())).decode())
    curve = ec.generate_private_key(ec.SECP256R1())
    der = curve.sign(TEXT.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    for signature in (der, r.to_bytes(32, "big") + s.to_bytes(32, "big")):
        proofs.check_possession(public_pem(curve), TEXT, base64.b64encode(signature).decode())
    algorithm, pem, digest = proofs.read_key(public_pem(curve))
    spki = curve.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert (algorithm, pem, digest) == (
        "ecdsa-p256-sha256",
        public_pem(curve),
        hashlib.sha256(spki).hexdigest(),
    )


@pytest.mark.parametrize("proof", ["", "not base64!", "AAAA", base64.b64encode(b"x" * 64).decode()])
def test_anything_else_proves_nothing(proof: str) -> None:
    with pytest.raises(InputError):
        proofs.check_possession(public_pem(ed25519.Ed25519PrivateKey.generate()), TEXT, proof)


def test_a_private_key_and_weak_keys_are_refused() -> None:
    private = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    weak = public_pem(ec.generate_private_key(ec.SECP384R1()))
    for pem in (private.decode(), weak, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", ""):
        with pytest.raises(InputError):
            proofs.read_key(pem)


def test_requests_for_certificates_are_read_strictly() -> None:
    assert proofs.read_request(request_for("clinic")).is_signature_valid
    whole = request_for("clinic")
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the point
    for pem in ("", whole[: len(whole) // 2], request_for("clinic", small)):  # type: ignore[arg-type]
        with pytest.raises(InputError):
            proofs.read_request(pem)
