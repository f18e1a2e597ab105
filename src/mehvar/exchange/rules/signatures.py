"""Verify and make HTTP message signatures: the part of RFC 9421 that the exchange accepts, and no more.

Accepted: Ed25519 and ECDSA P-256 with SHA-256; the derived components ``@method @target-uri @authority @scheme
@request-target @path @query @status`` and header fields, all without parameters; `Content-Digest` (RFC 9530) with
sha-256 or sha-512. Anything else is refused, never ignored.

A request must be signed with ``created``, ``keyid`` and ``nonce`` and cover ``@method``, ``@authority`` and target (or
``@target-uri``), ``x-road-client``, and with a body ``content-digest``.

Source: RFC 9421; RFC 9530.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from mehvar.exchange.data.snapshot import KeyAlgorithm
from mehvar.kernel.errors import InputError, gettext_noop

PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey
PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

MAX_FIELD_BYTES = 8_192
P256_COORDINATE_BYTES = 32
_DERIVED = frozenset(
    {"@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query", "@status"}
)
_LABEL = re.compile(r"[a-z*][a-z0-9_.*-]*")
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
_FIELD_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class RequestParts:
    """Hold what a signature can cover. ``fields``: lower-case name to values in order, not yet combined."""

    method: str
    scheme: str
    authority: str
    target: str
    fields: Mapping[str, Sequence[str]]
    status: int = 0


@dataclass(frozen=True, slots=True)
class SignatureInput:
    """Hold one signature as stated: components, parameters, and the exact text that is signed as last line."""

    label: str
    components: tuple[str, ...]
    created: int | None
    expires: int | None
    keyid: str
    nonce: str
    algorithm: str
    text: str
    signature: bytes


def read_signature(signature_input: Sequence[str], signature: Sequence[str]) -> SignatureInput:
    """Read the one signature of a message from its two fields.

    Raises:
        InputError: malformed, too long, several signatures, or components or parameters that are not accepted.
    """
    stated, values = ", ".join(signature_input), ", ".join(signature)
    if max(len(stated), len(values)) > MAX_FIELD_BYTES:
        raise _refused("its fields are too long")
    label, _, text = stated.strip().partition("=")
    value_label, _, value = values.strip().partition("=")
    if label != value_label or not _LABEL.fullmatch(label):
        raise _refused("exactly one signature with one label is expected")
    components, rest = _components(text)
    parameters = _parameters(rest)
    encoded = _BYTES.fullmatch(value.strip())
    if not encoded:
        raise _refused("the signature is not one byte sequence")
    return SignatureInput(
        label,
        components,
        _number(parameters, "created"),
        _number(parameters, "expires"),
        str(parameters.get("keyid", "")),
        str(parameters.get("nonce", "")),
        str(parameters.get("alg", "")),
        text,
        _decoded(encoded[1]),
    )


def signature_base(stated_text: str, components: Sequence[str], parts: RequestParts) -> bytes:
    """Return the bytes that are signed (RFC 9421, 2.5).

    Raises:
        InputError: a covered component is not in the message.
    """
    lines = [f'"{name}": {_component_value(name, parts)}' for name in components]
    lines.append(f'"@signature-params": {stated_text}')
    try:
        return "\n".join(lines).encode("ascii")
    except UnicodeEncodeError as error:
        raise _refused("a covered field is not ASCII") from error


def check_request(stated: SignatureInput, parts: RequestParts, *, has_body: bool) -> None:
    """Refuse a request whose signature leaves open what must be covered.

    Raises:
        InputError: something that must be covered is not, or ``created``, ``keyid`` or ``nonce`` is missing.
    """
    covered = set(stated.components)
    missing = {"@method", "x-road-client"} - covered
    if "@target-uri" not in covered:
        missing |= {"@authority"} - covered
        if "@request-target" not in covered:
            missing |= ({"@path", "@query"} if "?" in parts.target else {"@path"}) - covered
    if has_body:
        missing |= {"content-digest"} - covered
    if missing:
        raise _refused("it must also cover " + ", ".join(sorted(missing)))
    if stated.created is None or not stated.keyid or not stated.nonce:
        raise _refused("it needs created, keyid and nonce")


def is_fresh(stated: SignatureInput, *, now: float, max_age_s: float) -> bool:
    """Tell whether a signature was made within ``max_age_s`` of ``now`` on either side and has not expired."""
    if stated.created is None or abs(now - stated.created) > max_age_s:
        return False
    return stated.expires is None or now < stated.expires


def load_public_key(pem: str, algorithm: KeyAlgorithm) -> PublicKey:
    """Read a client's public key.

    Raises:
        InputError: it is no key of this algorithm.
    """
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except ValueError as error:
        raise _refused("the registered key cannot be read") from error
    if algorithm is KeyAlgorithm.ED25519 and isinstance(key, ed25519.Ed25519PublicKey):
        return key
    is_p256 = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if algorithm is KeyAlgorithm.ECDSA_P256 and is_p256:
        return cast("ec.EllipticCurvePublicKey", key)
    raise _refused("the registered key is of another algorithm")


def holds(signature: bytes, base: bytes, key: PublicKey) -> bool:
    """Tell whether a signature holds. ECDSA signatures are r || s, 64 bytes (RFC 9421, 3.3.4)."""
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, base)
        else:
            key.verify(_der(signature), base, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def sign_request(
    parts: RequestParts, key: PrivateKey, *, keyid: str, created: int, nonce: str, components: Iterable[str]
) -> dict[str, str]:
    """Return the fields ``Signature-Input`` and ``Signature`` for a request, as a client adds them."""
    names = tuple(components)
    listed = " ".join([f'"{name}"' for name in names])
    text = f'({listed});created={created};keyid="{keyid}";nonce="{nonce}"'
    base = signature_base(text, names, parts)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        signature = key.sign(base)
    else:
        r, s = decode_dss_signature(key.sign(base, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(P256_COORDINATE_BYTES, "big") + s.to_bytes(P256_COORDINATE_BYTES, "big")
    value = base64.b64encode(signature).decode()
    return {"Signature-Input": f"sig1={text}", "Signature": f"sig1=:{value}:"}


def content_digest(body: bytes) -> str:
    """Return the value of ``Content-Digest`` (sha-256) for a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def stated_digests(values: Sequence[str]) -> dict[str, bytes]:
    """Read ``Content-Digest``: the digests of algorithms that are known, at least one.

    Raises:
        InputError: malformed, stated twice, or no known algorithm.
    """
    found: dict[str, bytes] = {}
    for member in ", ".join(values).split(","):
        name, _, value = member.strip().partition("=")
        encoded = _BYTES.fullmatch(value)
        if not encoded or name in found:
            raise _refused("Content-Digest cannot be read")
        if name in _DIGESTS:
            found[name] = _decoded(encoded[1])
    if not found:
        raise _refused("Content-Digest needs sha-256 or sha-512")
    return found


class BodyDigest:
    """Hash a body on its way and compare it with what ``Content-Digest`` states."""

    def __init__(self, stated: Mapping[str, bytes]) -> None:
        """Expect these digests."""
        self._stated = stated
        self._hashes = {name: _DIGESTS[name]() for name in stated}

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        for running in self._hashes.values():
            running.update(data)

    def holds(self) -> bool:
        """Tell whether all stated digests are those of the body."""
        return all(
            hmac.compare_digest(self._hashes[name].digest(), value) for name, value in self._stated.items()
        )


def authority(host: str, scheme: str) -> str:
    """Return ``@authority``: the host in lower case, without the scheme's own port (RFC 9421, 2.2.3)."""
    lowered = host.strip().lower()
    return lowered.removesuffix(":443" if scheme == "https" else ":80")


def _component_value(name: str, parts: RequestParts) -> str:
    if not name.startswith("@"):
        values = parts.fields.get(name)
        if values is None:
            raise _refused(f"it covers {name}, which is not there")
        return ", ".join([value.strip(" \t") for value in values])
    path, mark, query = parts.target.partition("?")
    derived = {
        "@method": parts.method,
        "@scheme": parts.scheme,
        "@authority": parts.authority,
        "@target-uri": f"{parts.scheme}://{parts.authority}{parts.target}",
        "@request-target": parts.target,
        "@path": path or "/",
        "@query": f"?{query}" if mark else "?",
        "@status": str(parts.status),
    }
    return derived[name]


def _components(text: str) -> tuple[tuple[str, ...], str]:
    if not text.startswith("("):
        raise _refused("a list of components is expected")
    inner, closing, rest = text[1:].partition(")")
    names = []
    for item in inner.split():
        match = _STRING.fullmatch(item)
        if not match or not (match[1] in _DERIVED or _FIELD_NAME.fullmatch(match[1])):
            raise _refused(f"the component {item} is not accepted")
        names.append(match[1])
    if not closing or len(set(names)) != len(names):
        raise _refused("its components are not a list, or one stands twice")
    return tuple(names), rest


def _parameters(text: str) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    while text:
        name, value, text = _parameter(text)
        if name in found or name not in {"created", "expires", "keyid", "nonce", "alg", "tag"}:
            raise _refused(f"the parameter {name} is not accepted")
        found[name] = value
    return found


def _parameter(text: str) -> tuple[str, str | int, str]:
    if not text.startswith(";"):
        raise _refused("its parameters cannot be read")
    name, _, rest = text[1:].lstrip(" ").partition("=")
    if match := _STRING.match(rest):
        return name, match[1].replace('\\"', '"').replace("\\\\", "\\"), rest[match.end() :]
    if match := _INTEGER.match(rest):
        return name, int(match[0]), rest[match.end() :]
    raise _refused("its parameters cannot be read")


def _number(parameters: Mapping[str, str | int], name: str) -> int | None:
    value = parameters.get(name)
    if isinstance(value, str):
        raise _refused(f"{name} is not a number")
    return value


def _der(signature: bytes) -> bytes:
    if len(signature) != 2 * P256_COORDINATE_BYTES:
        raise ValueError("r and s of 32 bytes each are expected")
    r, s = signature[:P256_COORDINATE_BYTES], signature[P256_COORDINATE_BYTES:]
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise _refused("a byte sequence is not base64") from error


def _refused(reason: str) -> InputError:
    return InputError(
        gettext_noop("The signature is refused: {reason}."), code="signature-refused", reason=reason
    )
