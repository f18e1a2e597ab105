"""Keep the authorities whose certificates count, and the exchange's own authority with its private key in a file.

The private key is made once, mode 0600, and never overwritten; it is no row of the database.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.db import transaction

from mehvar.exchange.actions import publication, record
from mehvar.exchange.models import Authority
from mehvar.exchange.queries import scope
from mehvar.exchange.rules import checks, proofs
from mehvar.kernel import clock, errors
from mehvar.ledger.data import Subject

if TYPE_CHECKING:
    from datetime import datetime

    from mehvar.accounts.models import User

YEARS = 10
LONGEST_YEARS = 30
BACKDATED = timedelta(minutes=5)
"""Certificates begin a little earlier, so that a clock that is slow does not refuse a new one."""


def of_authority(row: Authority) -> Subject:
    """Name an authority as the ledger's subject."""
    return Subject("exchange-authority", row.sha256[:40], row.name)


def key_file() -> Path:
    """Give where the private key of the own authority is."""
    return Path(settings.MEHVAR_EXCHANGE_AUTHORITY_KEY_FILE)


def create_authority(actor: User | None, *, name: str = "", years: int = YEARS) -> Authority:
    """Make the exchange's own authority: a key in a file, a certificate that gateways trust.

    Raises:
        NotPermitted: The person does not operate the exchange.
        Conflict: There is one, or the key's file exists.
        InputError: The years are out of range.
    """
    record.demand_operator(actor)
    if not 1 <= years <= LONGEST_YEARS:
        raise errors.InputError(
            "Give a number from {least} to {most}.",
            code="out-of-range",
            field="years",
            least=1,
            most=LONGEST_YEARS,
        )
    with transaction.atomic():
        if Authority.objects.select_for_update().filter(own=True, withdrawn_at=None).exists():
            raise errors.Conflict("The exchange has its own authority already.", code="authority-there")
        title = checks.words(name or f"{settings.MEHVAR_EXCHANGE_INSTANCE} exchange", field="name", limit=60)
        key = _new_key()
        certificate = _self_signed(key, title, years)
        return _added(actor, title, certificate, own=True)


def _new_key() -> ec.EllipticCurvePrivateKey:
    key, path = ec.generate_private_key(ec.SECP256R1()), key_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise errors.Conflict(
            "The file {name} exists; a key is never overwritten.", code="key-exists", name=path.name
        ) from None
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(pem)
        handle.flush()
        os.fsync(handle.fileno())
    return key


def own_key() -> ec.EllipticCurvePrivateKey:
    """Read the private key of the own authority.

    Raises:
        Unavailable: Its file is not here.
    """
    try:
        key = serialization.load_pem_private_key(key_file().read_bytes(), password=None)
    except (OSError, ValueError):
        raise errors.Unavailable(
            "The private key of the exchange's authority is not here; certificates cannot be issued.",
            code="authority-key-missing",
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise errors.Unavailable(
            "The private key of the exchange's authority is not here; certificates cannot be issued.",
            code="authority-key-missing",
        )
    return key


def _self_signed(key: ec.EllipticCurvePrivateKey, title: str, years: int) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    now = clock.now()
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def issue(
    request: x509.CertificateSigningRequest, *, holder: str, organisation: str, until: datetime
) -> tuple[Authority, x509.Certificate]:
    """Sign a certificate for a client with the own authority; its names are ours, not those of the request.

    Raises:
        Conflict: There is no own authority.
        Unavailable: Its private key is not here.
    """
    authority = Authority.objects.filter(own=True, withdrawn_at=None).first()
    if authority is None:
        raise errors.Conflict("The exchange has no authority of its own yet.", code="no-authority")
    issuer, key = proofs.read_certificate(authority.certificate), own_key()
    names = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64] or holder[:64]),
        x509.NameAttribute(NameOID.COMMON_NAME, holder[-64:]),
    ]
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(issuer.subject)
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - BACKDATED)
        .not_valid_after(min(until, authority.valid_until))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(request.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return authority, made


def trust_authority(actor: User | None, *, name: str, certificate: str) -> Authority:
    """Let certificates of another authority count, as the operator.

    Raises:
        NotPermitted, InputError, Conflict: No right to, no certificate of an authority, or known already.
    """
    record.demand_operator(actor)
    found = proofs.read_certificate(certificate)
    try:
        is_authority = found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        is_authority = False
    if not is_authority:
        raise errors.InputError(
            "This certificate is not one of an authority.", code="not-an-authority", field="certificate"
        )
    with transaction.atomic():
        return _added(actor, checks.words(name, field="name", limit=200), found, own=False)


def _added(actor: User | None, name: str, certificate: x509.Certificate, *, own: bool) -> Authority:
    sha256 = proofs.fingerprint(certificate)
    if Authority.objects.filter(sha256=sha256).exists():
        raise errors.Conflict(
            "This certificate is registered already.", code="certificate-taken", field="certificate"
        )
    row = Authority.objects.create(
        name=name,
        certificate=proofs.pem_of(certificate),
        sha256=sha256,
        own=own,
        valid_until=proofs.validity(certificate)[1],
        created_at=clock.now(),
    )
    content = {"name": row.name, "sha256": sha256, "own": own}
    record.note(actor, "exchange.authority.add", of_authority(row), content, public=True)
    publication.changed("exchange.authority.add")
    return row


def withdraw_authority(actor: User | None, sha256: str, *, reason: str) -> Authority:
    """Let the certificates of an authority count no more, as the operator.

    Raises:
        NotFound, NotPermitted, InputError: There is none that counts, no right to, or no reason.
    """
    record.demand_operator(actor)
    why = checks.words(reason, field="reason")
    with transaction.atomic():
        row = Authority.objects.select_for_update().filter(sha256=sha256, withdrawn_at=None).first()
        if row is None:
            raise scope.missing("authority")
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        content = {"name": row.name, "sha256": row.sha256}
        record.note(actor, "exchange.authority.withdraw", of_authority(row), content, reason=why, public=True)
        publication.changed("exchange.authority.withdraw")
    return row
