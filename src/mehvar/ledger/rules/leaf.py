"""Write and read the leaf: the exact bytes of an entry that are hashed, chained and later sealed.

A leaf is canonical JSON (RFC 8785, UTF-8) of at most 65,535 bytes, so that it fits an entry bundle of C2SP
``tlog-tiles`` (uint16 length). Its hash is SHA-256(0x00 || leaf), the leaf hash of RFC 9162. Entry n is leaf n - 1 of
the log. docs/rooms/ledger.md lists the members.

A public leaf says actor, action, subject, reason, content hash, and the content itself up to 4,096 bytes. What it
must not say (names of people, and everything of a private entry) is the *sealed part*: canonical JSON too, present
only as HMAC-SHA-256(salt, sealed part), which whoever holds the salt and the part can open.

Source: exchange-and-ledger §5; RFC 8785; RFC 9162 §2.1.1; C2SP tlog-tiles.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mehvar.kernel import identifiers
from mehvar.kernel.errors import InputError, LimitExceeded, gettext_noop
from mehvar.ledger.data import Actor, Deed, Leaf, Place, Subject

FORMAT = "mehvar.ledger/1"
GENESIS = "0" * 64
MAX_LEAF_BYTES = 65_535
MAX_CONTENT_BYTES = 16 * 1024 * 1024
INLINE_CONTENT_BYTES = 4_096
SALT_BYTES = 32

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PRIVATE = frozenset({"at", "format", "previous", "public", "sealed", "sequence"})
_PUBLIC = _PRIVATE | {"action", "actor", "content_hash", "reason", "subject"}


def encode_leaf(deed: Deed, place: Place) -> bytes:
    """Return the leaf of ``deed`` at ``place``.

    Raises:
        LimitExceeded: it would be longer than 65,535 bytes.
    """
    members: dict[str, Any] = {
        "at": (place.recorded_at - _EPOCH) // _MICROSECOND,
        "format": FORMAT,
        "previous": place.previous,
        "public": deed.public,
        "sealed": commitment(deed.salt, sealed_part(deed)),
        "sequence": place.sequence,
    }
    if deed.public:
        members |= _public_members(deed)
    leaf = identifiers.canonical_json(members)
    if len(leaf) > MAX_LEAF_BYTES:
        raise LimitExceeded(
            gettext_noop("A public record of {size} bytes is too long; at most {limit} are possible."),
            code="record-too-long",
            size=len(leaf),
            limit=MAX_LEAF_BYTES,
        )
    return leaf


def decode_leaf(leaf: bytes) -> Leaf:
    """Return what ``leaf`` says.

    Raises:
        InputError: it is not a leaf of this format, to the byte.
    """
    try:
        members = json.loads(leaf)
        return _decoded(members, leaf)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise _broken() from error


def leaf_hash(leaf: bytes) -> str:
    """Return SHA-256(0x00 || leaf) as hexadecimal digits."""
    return hashlib.sha256(b"\x00" + leaf).hexdigest()


def content_json_hash(content_json: str) -> str:
    """Return the SHA-256 of canonical JSON text as hexadecimal digits."""
    return hashlib.sha256(content_json.encode()).hexdigest()


def sealed_part(deed: Deed) -> bytes:
    """Return what the leaf commits to without saying it: names, and of a private entry everything."""
    if deed.public:
        return identifiers.canonical_json(
            {"actor_label": deed.actor.label, "subject_label": deed.subject.label}
        )
    return identifiers.canonical_json(
        {
            "action": deed.action,
            "actor": {
                "identifier": deed.actor.identifier,
                "kind": str(deed.actor.kind),
                "label": deed.actor.label,
            },
            "content_hash": content_json_hash(deed.content_json),
            "reason": deed.reason,
            "subject": {
                "identifier": deed.subject.identifier,
                "label": deed.subject.label,
                "type": deed.subject.type,
            },
        }
    )


def commitment(salt: bytes, sealed: bytes) -> str:
    """Return HMAC-SHA-256 of the sealed part under the salt, as hexadecimal digits."""
    return hmac.new(salt, sealed, hashlib.sha256).hexdigest()


def opens(leaf: Leaf, *, salt: bytes, sealed: bytes) -> bool:
    """Tell whether ``salt`` and ``sealed`` are what the leaf commits to."""
    return hmac.compare_digest(leaf.sealed, commitment(salt, sealed))


def _public_members(deed: Deed) -> dict[str, Any]:
    members: dict[str, Any] = {
        "action": deed.action,
        "actor": {"identifier": deed.actor.identifier, "kind": str(deed.actor.kind)},
        "content_hash": content_json_hash(deed.content_json),
        "reason": deed.reason,
        "subject": {"identifier": deed.subject.identifier, "type": deed.subject.type},
    }
    if len(deed.content_json.encode()) <= INLINE_CONTENT_BYTES:
        members["content"] = json.loads(deed.content_json)
    return members


def _decoded(members: Any, leaf: bytes) -> Leaf:
    names = frozenset(members)
    expected = _PUBLIC if members["public"] is True else _PRIVATE
    if (
        names - {"content"} != expected
        or members["format"] != FORMAT
        or identifiers.canonical_json(members) != leaf
    ):
        raise _broken()
    if "content" in names and not (members["public"] and _content_agrees(members)):
        raise _broken()
    said = Leaf(
        sequence=_number(members["sequence"]),
        recorded_at=_EPOCH + timedelta(microseconds=_number(members["at"])),
        previous=_digest(members["previous"]),
        public=members["public"] is True,
        sealed=_digest(members["sealed"]),
    )
    return _opened(said, members) if said.public else said


def _opened(said: Leaf, members: dict[str, Any]) -> Leaf:
    """Return a public leaf with what it says besides its place."""
    return replace(
        said,
        actor=Actor(_text(members["actor"]["kind"]), _text(members["actor"]["identifier"])),
        action=_text(members["action"]),
        subject=Subject(_text(members["subject"]["type"]), _text(members["subject"]["identifier"])),
        reason=_text(members["reason"]),
        content_hash=_digest(members["content_hash"]),
        content=members.get("content"),
    )


def _content_agrees(members: dict[str, Any]) -> bool:
    return bool(identifiers.content_hash(members["content"]) == members["content_hash"])


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise _broken()
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _broken()
    return value


def _digest(value: object) -> str:
    text = _text(value)
    if len(text) != len(GENESIS) or not set(text) <= set("0123456789abcdef"):
        raise _broken()
    return text


def _broken() -> InputError:
    return InputError(gettext_noop("These bytes are not a ledger entry."), code="broken-leaf")
