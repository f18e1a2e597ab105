"""A signature proves what was signed, and hostile files cost nothing."""

import io
import os
import stat
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from mehvar.directives.publication import signing
from mehvar.kernel.errors import InputError, Unavailable


def plain_pdf() -> bytes:
    """Make the smallest PDF: one empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
    )
    pdf, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(pdf))
        pdf += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(pdf)
    return pdf + (
        b"xref\n0 4\n0000000000 65535 f \n%strailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (table, start)
    )


PLAIN = plain_pdf()


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> signing.SigningKey:
    return signing.signing_key(home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def signed(key: signing.SigningKey) -> bytes:
    return signing.sign_pdf(PLAIN, key, reason="2026/001", location="Ministry")


def test_what_was_signed_is_recognised(signed: bytes, key: signing.SigningKey) -> None:
    report = signing.signature_of(signed)
    assert report is not None
    assert report.good
    assert report.certificate_sha256 == key.certificate_sha256
    assert "development" in report.signer
    assert signing.signed_part(signed + b"more") == signed


def test_an_independent_reader_agrees(signed: bytes, tmp_path: Path) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    (embedded,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    trust = ValidationContext(trust_roots=[embedded.signer_cert], allow_fetching=False)
    status = validate_pdf_signature(embedded, signer_validation_context=trust)
    assert status.intact
    assert status.valid
    assert status.coverage.name == "ENTIRE_FILE"
    assert embedded.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_no_bit_can_be_changed_unnoticed(signed: bytes, place: int, bit: int) -> None:
    start, end, _last = signing._ranges_of(signed)  # type: ignore[misc]
    place %= len(signed)
    changed = bytearray(signed)
    changed[place] ^= 1 << bit
    report = signing.signature_of(bytes(changed))
    if not start <= place < end:
        assert report is None or not report.good


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pdf: pdf + b"\n",
        lambda pdf: pdf[:-1],
        lambda pdf: b"x" + pdf,
        lambda pdf: pdf + pdf,
        lambda pdf: pdf.replace(b"/MediaBox[0 0 99 99]", b"/MediaBox[0 0 11 99]"),
    ],
)
def test_additions_and_cuts_show(signed: bytes, spoil: Callable[[bytes], bytes]) -> None:
    report = signing.signature_of(spoil(signed))
    assert report is None or not report.good


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"%PDF-1.7",
        PLAIN,
        b"/ByteRange [0 1 2 3]" * 100_000,
        b"/ByteRange [0 5 999999999999 1]<>",
        b"/ByteRange [0 40 44 0]                 <zz>",
        b"%PDF /ByteRange [0 30 36 0]  <30820000>",
        bytes(range(256)) * 40_000,
    ],
)
def test_hostile_files_are_refused_quickly(held: bytes) -> None:
    started = time.monotonic()
    assert signing.signature_of(held) is None
    assert time.monotonic() - started < 5


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_it_fail(held: bytes) -> None:
    signing.signature_of(b"%PDF /ByteRange [0 31 33 0] <" + held.hex().encode() + b">")


def test_the_development_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    with ThreadPool(8) as pool:
        found = pool.map(lambda _n: signing.signing_key(home=tmp_path).certificate_sha256, range(8))
    assert len(set(found)) == 1
    path = tmp_path / "keys" / "development-signing.p12"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def office_certificate(folder: Path, *, days: int = 30, passphrase: bytes = b"open sesame") -> Path:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ministry of Communications")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .sign(private, hashes.SHA256())
    )
    path = folder / "office.p12"
    encryption = serialization.BestAvailableEncryption(passphrase)
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"office", private, certificate, None, encryption))
    (folder / "passphrase").write_bytes(passphrase + b"\n")
    return path


def test_the_offices_own_certificate_signs(tmp_path: Path) -> None:
    path = office_certificate(tmp_path)
    key = signing.signing_key(
        home=tmp_path, pkcs12_file=str(path), passphrase_file=str(tmp_path / "passphrase")
    )
    assert (key.subject, key.development) == ("Ministry of Communications", False)
    report = signing.signature_of(signing.sign_pdf(PLAIN, key, reason="1"))
    assert report is not None
    assert report.good


def test_a_wrong_passphrase_a_missing_file_and_an_expired_certificate_are_said(tmp_path: Path) -> None:
    path = office_certificate(tmp_path)
    (tmp_path / "passphrase").write_text("wrong")
    with pytest.raises(Unavailable, match="cannot be read"):
        signing.signing_key(
            home=tmp_path, pkcs12_file=str(path), passphrase_file=str(tmp_path / "passphrase")
        )
    with pytest.raises(Unavailable, match="cannot be read"):
        signing.signing_key(home=tmp_path, pkcs12_file=str(tmp_path / "nowhere.p12"))
    expired = office_certificate(tmp_path, days=-1)
    with pytest.raises(Unavailable) as refused:
        signing.signing_key(
            home=tmp_path, pkcs12_file=str(expired), passphrase_file=str(tmp_path / "passphrase")
        )
    assert refused.value.code == "signing-certificate-expired"


def test_what_is_no_pdf_is_not_signed(key: signing.SigningKey) -> None:
    with pytest.raises(InputError):
        signing.sign_pdf(b"not a PDF", key, reason="1")


@pytest.mark.skipif(not Path("/usr/bin/pdfsig").exists(), reason="pdfsig (poppler-utils) is not installed")
def test_a_common_program_finds_the_whole_document_signed(signed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    told = subprocess.run(  # noqa: S603 - a fixed program on a file of our own
        ["/usr/bin/pdfsig", "-nocert", str(path)],
        capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(tmp_path)},
    ).stdout  # fmt: skip
    assert "Total document signed" in told
    assert "Signature is Valid" in told
