"""HTTP message signatures: the RFC's own examples, and what a request must be signed with."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from mehvar.exchange.data.snapshot import KeyAlgorithm
from mehvar.exchange.rules import signatures
from mehvar.kernel.errors import InputError

ED25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n"
P256 = (
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf\n"
    "w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==\n-----END PUBLIC KEY-----\n"
)
DIGEST_512 = (
    "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:"
)
NAMES = ("@method", "@target-uri", "x-road-client", "content-digest")


def test_rfc_9421_b_2_6_a_request_signed_with_ed25519() -> None:
    """Source: RFC 9421, B.2.6 with the request of B.2 and the key of B.1.4."""
    parts = signatures.RequestParts(
        "POST", "https", "example.com", "/foo?param=Value&Pet=dog",
        {"date": ["Tue, 20 Apr 2021 02:07:55 GMT"], "content-type": ["application/json"], "content-length": ["18"]},
    )  # fmt: skip
    stated = signatures.read_signature(
        [
            'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"'
        ],
        [
            "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"
        ],
    )
    base = signatures.signature_base(stated.text, stated.components, parts)
    assert base.splitlines()[1] == b'"@method": POST'
    assert base.splitlines()[-1].endswith(b';created=1618884473;keyid="test-key-ed25519"')
    key = signatures.load_public_key(ED25519, KeyAlgorithm.ED25519)
    assert signatures.holds(stated.signature, base, key)
    assert not signatures.holds(stated.signature, base.replace(b"POST", b"PUT"), key)


def test_rfc_9421_b_2_4_a_response_signed_with_p256() -> None:
    """Source: RFC 9421, B.2.4 with the response of B.2 and the key of B.1.3."""
    parts = signatures.RequestParts(
        "",
        "",
        "",
        "",
        {"content-type": ["application/json"], "content-digest": [DIGEST_512], "content-length": ["23"]},
        status=200,
    )
    stated = signatures.read_signature(
        [
            'sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"'
        ],
        [
            "sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:"
        ],
    )
    base = signatures.signature_base(stated.text, stated.components, parts)
    assert signatures.holds(stated.signature, base, signatures.load_public_key(P256, KeyAlgorithm.ECDSA_P256))


def test_rfc_9421_content_digest_of_the_example_response() -> None:
    running = signatures.BodyDigest(signatures.stated_digests([DIGEST_512]))
    running.update(b'{"message": ')
    running.update(b'"good dog"}')
    assert running.holds()
    running.update(b" ")
    assert not running.holds()


def request(
    key: signatures.PrivateKey, *, body: bytes = b"x", names: tuple[str, ...] = NAMES
) -> tuple[signatures.RequestParts, dict[str, str]]:
    fields = {"x-road-client": ["QF/GOV/1/c"], "content-digest": [signatures.content_digest(body)]}
    parts = signatures.RequestParts("POST", "https", "gw", "/r1/a?b=1", fields)
    return parts, signatures.sign_request(
        parts, key, keyid="k", created=1_700_000_000, nonce="n1", components=names
    )


@pytest.mark.parametrize(
    "key",
    [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())],
    ids=["ed25519", "p256"],
)
def test_what_is_signed_is_verified_and_any_change_is_seen(key: signatures.PrivateKey) -> None:
    parts, fields = request(key)
    stated = signatures.read_signature([fields["Signature-Input"]], [fields["Signature"]])
    signatures.check_request(stated, parts, has_body=True)
    assert signatures.holds(
        stated.signature, signatures.signature_base(stated.text, stated.components, parts), key.public_key()
    )
    for changed in (
        signatures.RequestParts("PUT", parts.scheme, parts.authority, parts.target, parts.fields),
        signatures.RequestParts("POST", parts.scheme, "other", parts.target, parts.fields),
        signatures.RequestParts("POST", parts.scheme, parts.authority, "/r1/b", parts.fields),
        signatures.RequestParts(
            "POST",
            parts.scheme,
            parts.authority,
            parts.target,
            {**parts.fields, "x-road-client": ["QF/GOV/1/c", "QF/GOV/9/z"]},
        ),
    ):
        assert not signatures.holds(
            stated.signature,
            signatures.signature_base(stated.text, stated.components, changed),
            key.public_key(),
        )


@pytest.mark.parametrize("left_out", NAMES)
def test_a_request_must_cover_method_target_client_and_body(left_out: str) -> None:
    parts, fields = request(
        ed25519.Ed25519PrivateKey.generate(), names=tuple(name for name in NAMES if name != left_out)
    )
    stated = signatures.read_signature([fields["Signature-Input"]], [fields["Signature"]])
    with pytest.raises(InputError, match="must also cover"):
        signatures.check_request(stated, parts, has_body=True)


@pytest.mark.parametrize("dropped", [";created=1700000000", ';keyid="k"', ';nonce="n1"'])
def test_a_request_needs_created_keyid_and_nonce(dropped: str) -> None:
    parts, fields = request(ed25519.Ed25519PrivateKey.generate())
    stated = signatures.read_signature(
        [fields["Signature-Input"].replace(dropped, "")], [fields["Signature"]]
    )
    with pytest.raises(InputError, match="needs created"):
        signatures.check_request(stated, parts, has_body=True)


def test_the_query_must_be_covered_when_parts_of_the_target_are_named() -> None:
    parts, fields = request(
        ed25519.Ed25519PrivateKey.generate(),
        names=("@method", "@authority", "@path", "x-road-client", "content-digest"),
    )
    stated = signatures.read_signature([fields["Signature-Input"]], [fields["Signature"]])
    with pytest.raises(InputError, match="@query"):
        signatures.check_request(stated, parts, has_body=True)


@pytest.mark.parametrize(
    "field",
    [
        "", "sig1", 'sig1=("@method"', 'sig1=("@method" "@method");created=1', 'sig1=("date";bs);created=1', 'sig1=("@query-param";name="a")',
        'sig1=("Date")', 'sig1=("@unknown")', 'sig1=();created="1"', "sig1=();created=1;created=2", "sig1=();evil=1", "a=(), b=()", "SIG=()",
        'sig1=("@method") ;created=1', "sig1=" + "(" + '"a" ' * 5000 + ")",
    ],
)  # fmt: skip
def test_malformed_fields_are_refused(field: str) -> None:
    with pytest.raises(InputError):
        signatures.read_signature([field], ["sig1=:" + base64.b64encode(b"x").decode() + ":"])


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_read_or_refused(stated: str, value: str) -> None:
    try:
        found = signatures.read_signature([stated], [value])
    except InputError:
        return
    assert found.label


@pytest.mark.parametrize(("now", "fresh"), [(1_000, True), (1_060, True), (1_061, False), (939, False)])
def test_a_signature_is_fresh_on_either_side_of_the_clock(now: float, *, fresh: bool) -> None:
    stated = signatures.SignatureInput("s", (), 1_000, None, "k", "n", "", "", b"")
    assert signatures.is_fresh(stated, now=now, max_age_s=60) is fresh
