"""Sign promulgated documents as PAdES, with a configured certificate or a development one made on first run.

Source: ETSI EN 319 142-1 (PAdES baseline B-B); issue "the house", point 12.
"""

import hashlib
import io
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from mehvar.kernel import clock
from mehvar.kernel.errors import InputError, Unavailable

DEVELOPMENT_NAME = "Mehvar development certificate (not for official use)"
VALID_DAYS = 3650
SIGNATURE_BYTES = 16_384
FIELD_NAME = "Promulgation"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Hold the key store that signs, and what the public is told about it."""

    pkcs12: bytes
    passphrase: bytes
    subject: str
    certificate_sha256: str
    development: bool


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """Say what the signature of a PDF proves: whose, untouched or not, and over the whole file or not."""

    signer: str
    intact: bool
    covers_whole_file: bool
    certificate_sha256: str

    @property
    def good(self) -> bool:
        """Tell whether the document is exactly what was signed."""
        return self.intact and self.covers_whole_file


def signing_key(*, home: Path, pkcs12_file: str = "", passphrase_file: str = "") -> SigningKey:
    """Load the configured key store, or the development one under ``home`` (made when absent).

    Raises:
        Unavailable: The configured file cannot be read, its passphrase is wrong, or its certificate is not valid now.
    """
    if not pkcs12_file:
        return _load(development_key_store(home), b"", development=True)
    try:
        passphrase = Path(passphrase_file).read_text().strip().encode() if passphrase_file else b""
        return _load(Path(pkcs12_file), passphrase, development=False)
    except (OSError, ValueError) as error:
        raise Unavailable(
            "The signing certificate cannot be read: {reason}",
            code="signing-key-unreadable",
            reason=str(error),
        ) from error


def _load(path: Path, passphrase: bytes, *, development: bool) -> SigningKey:
    data = path.read_bytes()
    _, certificate, _ = pkcs12.load_key_and_certificates(data, passphrase or None)
    if certificate is None:
        raise ValueError("the key store holds no certificate")
    if not development:
        _require_valid_now(certificate)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    subject = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return SigningKey(data, passphrase, subject, certificate.fingerprint(hashes.SHA256()).hex(), development)


def _require_valid_now(certificate: x509.Certificate) -> None:
    if not certificate.not_valid_before_utc <= clock.now() <= certificate.not_valid_after_utc:
        raise Unavailable(
            "The signing certificate is valid from {start} to {end} only.",
            code="signing-certificate-expired",
            start=certificate.not_valid_before_utc.date().isoformat(),
            end=certificate.not_valid_after_utc.date().isoformat(),
        )


def development_key_store(home: Path) -> Path:
    """Return the development key store, made once with an own P-256 key; readable by its owner only.

    Two processes that start at once end with the same key.
    """
    path = home / "keys" / "development-signing.p12"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(_development_pkcs12())
    with suppress(FileExistsError):  # another process was first: its key is the one that signs
        os.link(draft, path)
    draft.unlink()
    return path


def _development_pkcs12() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT_NAME)])
    now = clock.now()
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"mehvar", key, certificate, None, serialization.NoEncryption()
    )


def sign_pdf(document: bytes, key: SigningKey, *, reason: str, location: str = "") -> bytes:
    """Return the document with a PAdES signature over the whole file (0.2 s for a typical directive).

    Raises:
        InputError: The bytes are no PDF that can be signed.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfReadError
    from pyhanko.sign import fields, signers

    signer = signers.SimpleSigner.load_pkcs12_data(
        pkcs12_bytes=key.pkcs12, other_certs=[], passphrase=key.passphrase or None
    )
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD_NAME,
        reason=reason,
        location=location or None,
        subfilter=fields.SigSeedSubFilter.PADES,
        md_algorithm="sha256",
    )
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(document), strict=False)
        signed = signers.PdfSigner(metadata, signer=signer).sign_pdf(writer, bytes_reserved=SIGNATURE_BYTES)
    except PdfReadError as error:
        raise InputError(
            "The document cannot be signed: {reason}", code="pdf-unsignable", reason=str(error)
        ) from error
    signed.seek(0)
    return bytes(signed.read())


def signature_of(document: bytes) -> SignatureReport | None:
    """Check the signature of a PDF; None where it carries none that can be read.

    Only byte ranges and the signature object are looked at; nothing of the file is unpacked, so that a hostile upload
    costs no more than hashing it. A signature whose ranges cover all bytes but its own hexadecimal digits proves that
    the file is exactly what was signed. Whether to trust the certificate is decided by comparing its fingerprint
    with the published one.
    """
    placed = _ranges_of(document)
    if placed is None:
        return None
    start, end, last = placed
    signed = _signed_data(document[start + 1 : end - 1])
    if signed is None:
        return None
    certificate, signer_info = signed
    digest = hashlib.sha256(document[:start])
    digest.update(document[end:last])
    try:
        return SignatureReport(
            signer=str(certificate.subject.human_friendly),
            intact=_is_intact(signer_info, certificate, digest.digest()),
            covers_whole_file=last == len(document),
            certificate_sha256=hashlib.sha256(certificate.dump()).hexdigest(),
        )
    except UNREADABLE:
        return None


def signed_part(document: bytes) -> bytes | None:
    """Return the first bytes of a PDF up to where its signature's cover ends; None where there is none."""
    placed = _ranges_of(document)
    return document[: placed[2]] if placed else None


UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    NotImplementedError,
    UnsupportedAlgorithm,
)
"""What reading a damaged signature object raises; its parts are parsed only when they are looked at."""

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_HEXADECIMAL = re.compile(rb"<[0-9A-Fa-f\s]*>")
MOST_RANGES = 64


def _ranges_of(document: bytes) -> tuple[int, int, int] | None:
    """Find where the signature that reaches furthest stands (start, end), and where what it covers ends."""
    found: tuple[int, int, int] | None = None
    for count, match in enumerate(_BYTE_RANGE.finditer(document)):
        start, end, length = (int(group) for group in match.groups())
        sound = start < end <= end + length <= len(document) and _HEXADECIMAL.fullmatch(document, start, end)
        if sound and (found is None or end + length > found[2]):
            found = (start, end, end + length)
        if count == MOST_RANGES:
            break
    return found


def _signed_data(digits: bytes) -> "tuple[Any, Any] | None":
    """Read the signer's certificate and signature out of the hexadecimal CMS object; None where it is none."""
    from asn1crypto import cms

    try:
        content = cms.ContentInfo.load(bytes.fromhex(digits.decode("ascii")))
        signed = content["content"]
        signer = signed["signer_infos"][0]
        serial = signer["sid"].chosen["serial_number"].native
        certificates = [item.chosen for item in signed["certificates"] if item.name == "certificate"]
        return next(item for item in certificates if item.serial_number == serial), signer
    except (StopIteration, *UNREADABLE):
        return None


def _is_intact(signer_info: Any, certificate: Any, digest: bytes) -> bool:
    """Tell whether the signature is the certificate's, over this SHA-256 digest."""
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    try:
        if signer_info["digest_algorithm"]["algorithm"].native != "sha256":
            return False
        intact, valid = validate_sig_integrity(signer_info, certificate, "data", digest)
    except (SignatureValidationError, *UNREADABLE):
        return False
    return bool(intact and valid)
