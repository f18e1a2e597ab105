"""RFC 3161 stamps: made by a small authority of our own, verified, and refused when anything is off."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mehvar.exchange.rules import stamps
from mehvar.kernel.errors import InputError


class Authority:
    """Stamp what is asked, as RFC 3161 says."""

    def __init__(self, *, usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test time")])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key()).serial_number(7)
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=True).sign(self.key, hashes.SHA256())
        )  # fmt: skip

    def answer(self, query: bytes, *, at: datetime | None = None) -> bytes:
        asked = tsp.TimeStampReq.load(query)
        info = tsp.TSTInfo(
            {
                "version": "v1", "policy": "1.2.3.4", "message_imprint": asked["message_imprint"], "serial_number": 1,
                "gen_time": at or datetime.now(UTC).replace(microsecond=0), "nonce": asked["nonce"],
            }
        )  # fmt: skip
        content = info.dump()
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            ]
        )
        own = asn1_x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    name="issuer_and_serial_number",
                    value={"issuer": own.issuer, "serial_number": own.serial_number},
                ),
                "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signature": self.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3", "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
                "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
                "certificates": [own], "signer_infos": [signer],
            }
        )  # fmt: skip
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def stamped(authority: Authority, message: bytes = b"checkpoint") -> bytes:
    query = stamps.stamp_request(message)
    return stamps.token_of(authority.answer(query), query)


def test_a_stamp_states_when_the_bytes_existed() -> None:
    authority = Authority()
    at = stamps.verify_token(stamped(authority), b"checkpoint", [authority.certificate])
    assert abs(at - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_stamp_of_other_bytes_or_by_a_stranger_does_not_hold() -> None:
    authority, stranger = Authority(), Authority()
    token = stamped(authority)
    with pytest.raises(InputError, match="something else"):
        stamps.verify_token(token, b"other", [authority.certificate])
    with pytest.raises(InputError, match="does not hold"):
        stamps.verify_token(token, b"checkpoint", [stranger.certificate])
    web = Authority(usage=ExtendedKeyUsageOID.SERVER_AUTH)
    other = stamped(web)
    with pytest.raises(InputError, match="not trusted"):
        stamps.verify_token(other, b"checkpoint", [web.certificate])


def test_a_changed_token_does_not_hold() -> None:
    authority = Authority()
    token = stamped(authority)
    for place in range(0, len(token), 7):
        changed = bytearray(token)
        changed[place] ^= 0x55
        try:
            at = stamps.verify_token(bytes(changed), b"checkpoint", [authority.certificate])
        except InputError:
            continue
        assert at == stamps.verify_token(
            token, b"checkpoint", [authority.certificate]
        )  # a byte that says nothing


def test_an_answer_to_another_question_is_refused() -> None:
    authority = Authority()
    with pytest.raises(InputError, match="another question"):
        stamps.token_of(authority.answer(stamps.stamp_request(b"a")), stamps.stamp_request(b"a"))
    refusal = bytes.fromhex("30053003020102")  # status: rejection, no token
    with pytest.raises(InputError, match="refused"):
        stamps.token_of(refusal, stamps.stamp_request(b"a"))
    with pytest.raises(InputError, match="cannot be read"):
        stamps.token_of(b"<html>", stamps.stamp_request(b"a"))
