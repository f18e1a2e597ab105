"""Sign promulgated documents as PAdES, with a configured certificate or a development one made on first run.

Source: ETSI EN 319 142-1 (PAdES baseline B-B); issue "the house", point 12.
"""

import hashlib
import io
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
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
        Unavailable: The configured file cannot be read or its passphrase is wrong.
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
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    subject = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return SigningKey(data, passphrase, subject, certificate.fingerprint(hashes.SHA256()).hex(), development)


def development_key_store(home: Path) -> Path:
    """Return the development key store, made once with an own P-256 key; readable by its owner only."""
    path = home / "keys" / "development-signing.p12"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(_development_pkcs12())
    draft.replace(path)
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
    """Check the promulgation signature of a PDF; None where it carries none or is no PDF at all.

    The check covers integrity (what was signed is what lies here); whether to trust the certificate is decided
    by comparing its fingerprint with the published one.
    """
    from pyhanko.pdf_utils.misc import PdfReadError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    try:
        reader = PdfFileReader(io.BytesIO(document), strict=False)
        signatures = reader.embedded_signatures
    except (PdfReadError, ValueError, KeyError):
        return None
    if not signatures:
        return None
    signature = signatures[0]
    trust = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    try:
        status = validate_pdf_signature(signature, signer_validation_context=trust, skip_diff=True)
    except (SignatureValidationError, ValueError):
        return None
    certificate = signature.signer_cert
    whole = len(signatures) == 1 and status.coverage is not None and status.coverage.name == "ENTIRE_FILE"
    return SignatureReport(
        signer=certificate.subject.human_friendly,
        intact=bool(status.intact and status.valid),
        covers_whole_file=whole,
        certificate_sha256=hashlib.sha256(certificate.dump()).hexdigest(),
    )
