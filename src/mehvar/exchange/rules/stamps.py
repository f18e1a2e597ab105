"""Ask for RFC 3161 time stamps and verify them.

A token is accepted when its message imprint is the SHA-256 of the stamped bytes, its CMS signature holds, and its
signer's certificate is one of the trusted ones, or issued by one, with the extended key usage timeStamping, valid at
the stamped instant.

Source: RFC 3161; RFC 5652.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from asn1crypto import algos, cms, core, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from mehvar.kernel.errors import InputError, gettext_noop

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_GRANTED = {"granted", "granted_with_mods"}


class _Answer(core.Sequence):  # type: ignore[misc]  # the library has no types
    """Read an authority's answer; a refusal carries no token (RFC 3161, 2.4.2)."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


def stamp_request(message: bytes) -> bytes:
    """Return a time-stamp query (DER) for the SHA-256 of ``message``, asking for the authority's certificate."""
    imprint = tsp.MessageImprint(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "hashed_message": hashlib.sha256(message).digest(),
        }
    )
    query = tsp.TimeStampReq(
        {"version": 1, "message_imprint": imprint, "nonce": secrets.randbits(63), "cert_req": True}
    )
    return bytes(query.dump())


def token_of(answer: bytes, request: bytes) -> bytes:
    """Return the token (DER) of an authority's answer.

    Raises:
        InputError: the authority refused, or answered something else than was asked.
    """
    try:
        parsed = _Answer.load(answer)
        if parsed["status"]["status"].native not in _GRANTED:
            raise _bad("the authority refused")
        info = parsed["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
        asked = tsp.TimeStampReq.load(request)
        if info["nonce"].native != asked["nonce"].native:
            raise _bad("the answer belongs to another question")
        if (
            info["message_imprint"]["hashed_message"].native
            != asked["message_imprint"]["hashed_message"].native
        ):
            raise _bad("something else was stamped")
        return bytes(parsed["time_stamp_token"].dump())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _bad("it cannot be read") from error


def verify_token(token: bytes, message: bytes, authorities: Sequence[x509.Certificate]) -> datetime:
    """Return the instant at which ``message`` was stamped.

    Raises:
        InputError: the token does not hold for the message, or its signer is not trusted.
    """
    try:
        signed = cms.ContentInfo.load(token)["content"]
        content = signed["encap_content_info"]["content"]
        info = content.parsed
        imprint = info["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        if imprint["hashed_message"].native != _digest(algorithm, message):
            raise _bad("it stamps something else")
        instant = info["gen_time"].native
        signer = _signer(signed, authorities, instant)
        _check_signature(signed["signer_infos"][0], content.contents, signer)
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        x509.InvalidVersion,
        UnsupportedAlgorithm,
    ) as error:
        raise _bad("it cannot be read") from error
    if not isinstance(instant, datetime):
        raise _bad("it states no instant")
    return instant


def _signer(
    signed: cms.SignedData, authorities: Sequence[x509.Certificate], at: datetime
) -> x509.Certificate:
    wanted = signed["signer_infos"][0]["sid"]
    carried = [x509.load_der_x509_certificate(item.dump()) for item in signed["certificates"] or ()]
    for certificate in (*authorities, *carried):
        named = (
            wanted.name == "issuer_and_serial_number"
            and wanted.chosen["serial_number"].native == certificate.serial_number
        )
        if named and _is_trusted(certificate, authorities, at):
            return certificate
    raise _bad("its signer is not trusted")


def _is_trusted(certificate: x509.Certificate, authorities: Sequence[x509.Certificate], at: datetime) -> bool:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage and any(
        certificate == authority or _is_issued_by(certificate, authority) for authority in authorities
    )


def _is_issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _check_signature(info: cms.SignerInfo, content: bytes, signer: x509.Certificate) -> None:
    algorithm = info["digest_algorithm"]["algorithm"].native
    attributes = info["signed_attrs"]
    stated = {item["type"].native: item["values"][0].native for item in attributes}
    if (
        stated.get("message_digest") != _digest(algorithm, content)
        or stated.get("content_type") != "tst_info"
    ):
        raise _bad("its content was changed")
    message, signature = attributes.untag().dump(), info["signature"].native
    key, hash_ = signer.public_key(), _HASHES[algorithm]
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hash_))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hash_)
        else:
            raise _bad("its key is of an unknown kind")
    except InvalidSignature as error:
        raise _bad("its signature does not hold") from error


def _digest(algorithm: str, message: bytes) -> bytes:
    if algorithm not in _HASHES:
        raise _bad("its hash algorithm is not accepted")
    return hashlib.new(algorithm, message).digest()


def _bad(reason: str) -> InputError:
    return InputError(
        gettext_noop("The time stamp does not hold: {reason}."), code="stamp-broken", reason=reason
    )
