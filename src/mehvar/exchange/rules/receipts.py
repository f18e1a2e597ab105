"""Make receipts and verify them, offline, with nothing but the gateway's public key.

A receipt is a JSON object: the leaf (the signed evidence of one call), its place and Merkle proof, the head of its
batch with the signature, the parts that the holder may see (their hashes are in the leaf), and, when there is one, a
time stamp with the proof that it covers the batch.

Source: exchange-and-ledger §3.3; docs/rooms/gateway.md, "Receipts".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mehvar.exchange.data.evidence import (
    LEAF_FORMAT,
    RECEIPT_FORMAT,
    Batch,
    BatchHead,
    Checkpoint,
    PartKind,
    VerifiedReceipt,
)
from mehvar.exchange.rules import merkle, segments, stamps
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.kernel.identifiers import canonical_json

MAX_RECEIPT_BYTES = 64 * 1024 * 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PART_NAMES = {
    PartKind.REQUEST_HEAD: ("request", "head_sha512"),
    PartKind.REQUEST_BODY: ("request", "body_sha512"),
    PartKind.ANSWER_HEAD: ("answer", "head_sha512"),
    PartKind.ANSWER_BODY: ("answer", "body_sha512"),
}


def make_receipt(
    batch: Batch,
    index: int,
    *,
    stamp: tuple[Checkpoint, Sequence[str], bytes] | None = None,
    with_parts: bool = True,
) -> bytes:
    """Return the receipt of one entry. ``stamp``: checkpoint, hashes of the batches that it covers, and its token."""
    hashes = [merkle.leaf_hash(entry.leaf) for entry in batch.entries]
    entry = batch.entries[index]
    receipt: dict[str, Any] = {
        "batch": _text(batch.head.signed),
        "format": RECEIPT_FORMAT,
        "index": index,
        "leaf": _text(entry.leaf),
        "parts": {kind.name.lower(): _text(data) for kind, data in entry.parts.items()} if with_parts else {},
        "proof": [step.hex() for step in merkle.inclusion_proof(hashes, index)],
        "signature": _text(batch.signature),
    }
    if stamp is not None:
        receipt["stamp"] = _stamp_members(batch.head, *stamp)
    return json.dumps(receipt, indent=1, sort_keys=True).encode() + b"\n"


def verify_receipt(
    data: bytes, public_key: bytes, *, stamp_authorities: Sequence[x509.Certificate] = ()
) -> VerifiedReceipt:
    """Verify a receipt against the gateway's public key (PEM) and say what it proves.

    ``stamp_authorities``: certificates of trusted time-stamp authorities; without them a stamp is not looked at.

    Raises:
        InputError: the receipt cannot be read, or does not hold; the message says which step failed.
    """
    if len(data) > MAX_RECEIPT_BYTES:
        raise _broken("it is too large")
    key = load_public_key(public_key)
    try:
        receipt = json.loads(data)
        head = segments.parse_batch_head(_bytes(receipt["batch"]))
        leaf, members = _leaf(receipt)
        proof = [bytes.fromhex(step) for step in receipt["proof"]]
        signature, index = _bytes(receipt["signature"]), int(receipt["index"])
        parts = {PartKind[name.upper()]: _bytes(part) for name, part in receipt["parts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _broken(f"it cannot be read ({type(error).__name__})") from error
    if head.key != segments.key_fingerprint(key) or not segments.is_signed(head.signed, signature, key):
        raise _broken("the signature is not of this key")
    if not merkle.is_included(leaf, proof, index=index, count=head.count, root=bytes.fromhex(head.root)):
        raise _broken("the evidence is not in the signed batch")
    _check_parts(members, parts)
    stamped_at = _stamped_at(receipt.get("stamp"), head, stamp_authorities) if stamp_authorities else None
    return VerifiedReceipt(members, head.chain, head.number, instant(head.at), parts, stamped_at)


def load_public_key(pem: bytes) -> ec.EllipticCurvePublicKey:
    """Read a P-256 public key, PEM, or that of a PEM certificate.

    Raises:
        InputError: it is another kind of key, or none.
    """
    try:
        if b"BEGIN CERTIFICATE" in pem:
            key: object = x509.load_pem_x509_certificate(pem).public_key()
        else:
            key = serialization.load_pem_public_key(pem)
    except ValueError as error:
        raise _no_key() from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _no_key()
    return key


def part_digest(leaf: Mapping[str, Any], kind: PartKind) -> str | None:
    """Return the base64 SHA-512 that the leaf states for a part, None when the call had no such part."""
    group, name = _PART_NAMES[kind]
    stated = leaf.get(group) or {}
    return cast("str | None", stated.get(name))


def instant(microseconds: int) -> datetime:
    """Return the instant so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _leaf(receipt: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
    leaf = _bytes(receipt["leaf"])
    members = json.loads(leaf)
    if members["format"] != LEAF_FORMAT or canonical_json(members) != leaf:
        raise ValueError("not a canonical leaf")
    return leaf, members


def _check_parts(leaf: Mapping[str, Any], parts: Mapping[PartKind, bytes]) -> None:
    for kind, data in parts.items():
        if part_digest(leaf, kind) != base64.b64encode(hashlib.sha512(data).digest()).decode():
            raise _broken(f"the {kind.name.lower().replace('_', ' ')} is not the one that was hashed")


def _stamp_members(
    head: BatchHead, checkpoint: Checkpoint, batches: Sequence[str], token: bytes
) -> dict[str, Any]:
    hashes = [merkle.leaf_hash(bytes.fromhex(text)) for text in batches]
    proof = merkle.inclusion_proof(hashes, head.number - checkpoint.first)
    return {
        "checkpoint": _text(checkpoint.signed),
        "proof": [step.hex() for step in proof],
        "token": _text(token),
    }


def _stamped_at(
    stamp: Mapping[str, Any] | None, head: BatchHead, authorities: Sequence[x509.Certificate]
) -> datetime | None:
    if stamp is None:
        return None
    try:
        checkpoint = segments.parse_checkpoint(_bytes(stamp["checkpoint"]))
        proof = [bytes.fromhex(step) for step in stamp["proof"]]
        token = _bytes(stamp["token"])
    except (ValueError, KeyError, TypeError) as error:
        raise _broken("its time stamp cannot be read") from error
    covered = merkle.is_included(
        bytes.fromhex(segments.batch_hash(head)),
        proof,
        index=head.number - checkpoint.first,
        count=checkpoint.last - checkpoint.first + 1,
        root=bytes.fromhex(checkpoint.root),
    )
    if not covered or checkpoint.chain != head.chain:
        raise _broken("its time stamp covers other batches")
    return stamps.verify_token(token, checkpoint.signed, authorities)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("expected text")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _no_key() -> InputError:
    return InputError(gettext_noop("A P-256 public key in PEM form is needed."), code="no-public-key")


def _broken(reason: str) -> InputError:
    return InputError(
        gettext_noop("The receipt does not hold: {reason}."), code="receipt-broken", reason=reason
    )
