"""Check that who registers a key holds its private half, and read certificates and requests for them.

The challenge is a text; it is signed with the private key: Ed25519 over the text; ECDSA over its SHA-256, DER or r || s; RSA over its
SHA-256, PKCS #1 v1.5, as ``openssl dgst -sha256 -sign`` makes it.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from mehvar.exchange.data.snapshot import KeyAlgorithm
from mehvar.kernel.errors import InputError

LARGEST_PEM = 20_000
SMALLEST_RSA = 2048
_FORMS = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo


def read_key(pem: str) -> tuple[KeyAlgorithm, str, str]:
    """Give algorithm, normal PEM form, and SHA-256 (hexadecimal) of a public key.

    Raises:
        InputError: It is no Ed25519 or P-256 public key in PEM form.
    """
    key = _public_key(pem)
    algorithm = KeyAlgorithm.ED25519 if isinstance(key, ed25519.Ed25519PublicKey) else KeyAlgorithm.ECDSA_P256
    text = key.public_bytes(serialization.Encoding.PEM, _FORMS[1]).decode()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(*_FORMS))
    return algorithm, text, digest.finalize().hex()


def _public_key(pem: str) -> ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey:
    if "PRIVATE" in pem:
        raise InputError(
            "This is a private key. Never give it to anybody; make a new one and send its public half.",
            code="private-key",
            field="public_key",
        )
    try:
        key = serialization.load_pem_public_key(pem.strip().encode()[:LARGEST_PEM])
    except (ValueError, TypeError) as error:
        raise _no_key() from error
    except Exception as error:
        raise _no_key() from error  # UnsupportedAlgorithm and what else a parser may meet
    is_p256 = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if not (is_p256 or isinstance(key, ed25519.Ed25519PublicKey)):
        raise _no_key()
    return key  # type: ignore[return-value]


def _no_key() -> InputError:
    return InputError(
        "Give an Ed25519 or P-256 public key in PEM form (-----BEGIN PUBLIC KEY-----).",
        code="bad-key",
        field="public_key",
    )


def check_possession(pem: str, challenge: str, proof: str) -> None:
    """Refuse a key whose private half did not sign the challenge.

    Raises:
        InputError: The proof is not base64, or not this key's signature of the challenge.
    """
    _check_signature(_public_key(pem), challenge, proof)


def check_certified_possession(certificate: x509.Certificate, challenge: str, proof: str) -> None:
    """Refuse a certificate when the private half of the key in it did not sign the challenge.

    Raises:
        InputError: The proof is not base64, or not this key's signature of the challenge.
    """
    _check_signature(certificate.public_key(), challenge, proof)


def _check_signature(key: Any, challenge: str, proof: str) -> None:
    text = challenge.encode()
    try:
        signature = base64.b64decode("".join(proof.split()), validate=True)
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, text)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(_der(signature, (key.key_size + 7) // 8), text, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        raise _no_proof() from None


def _der(signature: bytes, half: int) -> bytes:
    """Bring a signature r || s, each ``half`` bytes long, to the form DER; leave another as it is."""
    if len(signature) != 2 * half:
        return signature
    return encode_dss_signature(
        int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    )


def _no_proof() -> InputError:
    return InputError(
        "This is not the signature of the text above by this key. Sign exactly that text and send it as base64.",
        code="no-proof",
        field="proof",
    )


def read_request(pem: str) -> x509.CertificateSigningRequest:
    """Read a request for a certificate (PKCS #10), whose signature proves that its private key is held.

    Raises:
        InputError: It is none, its signature does not hold, or its key is weak.
    """
    try:
        found = x509.load_pem_x509_csr(pem.strip().encode()[:LARGEST_PEM])
        holds = found.is_signature_valid
        key = found.public_key()
    except Exception as error:
        raise _no_request() from error  # a parser may meet anything
    if not holds or not _is_strong(key):
        raise _no_request()
    return found


def _is_strong(key: Any) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= SMALLEST_RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1)
    return isinstance(key, ed25519.Ed25519PublicKey)


def _no_request() -> InputError:
    return InputError(
        "Give a request for a certificate in PEM form (-----BEGIN CERTIFICATE REQUEST-----) with a key of at least"
        " 2048 bits RSA, P-256 or Ed25519.",
        code="bad-request",
        field="request",
    )


def read_certificate(pem: str, *, field: str = "certificate") -> x509.Certificate:
    """Read a certificate.

    Raises:
        InputError: It is none, in PEM form.
    """
    try:
        return x509.load_pem_x509_certificate(pem.strip().encode()[:LARGEST_PEM])
    except Exception as error:
        raise InputError(
            "Give a certificate in PEM form (-----BEGIN CERTIFICATE-----).",
            code="bad-certificate",
            field=field,
        ) from error


def check_strength(certificate: x509.Certificate, *, field: str = "certificate") -> None:
    """Refuse a client's certificate whose key is weak, and one that could issue others.

    Raises:
        InputError: It is so.
    """
    try:
        is_strong = _is_strong(certificate.public_key())
        stated = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        stated = False
    except Exception:  # noqa: BLE001 - a parser may meet anything
        is_strong = stated = False
    if not is_strong or stated:
        raise InputError(
            "A client's certificate has a key of at least 2048 bits RSA, P-256 or Ed25519, and issues no others.",
            code="weak-certificate",
            field=field,
        )


def fingerprint(certificate: x509.Certificate) -> str:
    """Give the SHA-256 of a certificate's DER form, hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def pem_of(certificate: x509.Certificate) -> str:
    """Give a certificate in PEM form."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def validity(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """Give first and last instant of a certificate, aware."""
    return certificate.not_valid_before_utc.astimezone(UTC), certificate.not_valid_after_utc.astimezone(UTC)


def is_issued_by(certificate: x509.Certificate, authority_pem: str) -> bool:
    """Tell whether an authority's key signed a certificate."""
    try:
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority_pem.encode()))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
