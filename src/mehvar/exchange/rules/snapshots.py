"""Write and read the routing snapshot: canonical JSON with version and hash.

The file holds ``{"format", "hash", "snapshot"}``; ``hash`` is the SHA-256 of the canonical JSON (RFC 8785) of
``snapshot``. A file whose hash differs, with unknown members, or with a fault that `snapshot_faults` finds, is refused
as a whole: a gateway goes on with the snapshot that it has.

Source: exchange-and-ledger §3.1.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from datetime import datetime
from typing import Any

from mehvar.exchange.data.snapshot import SNAPSHOT_FORMAT, AccessRight, Snapshot
from mehvar.exchange.rules.snapshot_faults import Pace, find_faults, without_rest
from mehvar.exchange.rules.snapshot_reading import read_snapshot
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.kernel.identifiers import canonical_json, content_hash

_HEAD = re.compile(
    rb'\{"format":"' + re.escape(SNAPSHOT_FORMAT.encode()) + rb'","hash":"([0-9a-f]{64})","snapshot":'
)


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return the snapshot's file. Equal snapshots give equal bytes.

    Raises:
        InputError: the snapshot has a fault; a gateway would refuse it.
    """
    return encode_with_hash(snapshot)[0]


def encode_with_hash(snapshot: Snapshot) -> tuple[bytes, str]:
    """Return the snapshot's file and the hash that stands in it.

    Raises:
        InputError: the snapshot has a fault; a gateway would refuse it.
    """
    refuse_faults(snapshot)
    return CanonicalSnapshot(snapshot).file(snapshot.version, snapshot.made_at)


class CanonicalSnapshot:
    """Hold the canonical JSON of a snapshot's parts, to compare and write it without working it out again."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Work the parts out. Rights are texts only, for which the standard encoder writes the same bytes, faster."""
        self._parts = {
            field.name: _texts(getattr(snapshot, field.name))
            if field.name == "rights"
            else canonical_json(_plain(getattr(snapshot, field.name)))
            for field in dataclasses.fields(snapshot)
        }

    def content(self, version: int, made_at: datetime) -> bytes:
        """Return the canonical JSON of the snapshot, as it would be under this version and instant."""
        parts = {**self._parts, "version": canonical_json(version), "made_at": canonical_json(made_at)}
        return b"{" + b",".join([f'"{name}":'.encode() + parts[name] for name in sorted(parts)]) + b"}"

    def sha256(self, version: int, made_at: datetime) -> str:
        """Return the hash that the snapshot would state under this version and instant."""
        return hashlib.sha256(self.content(version, made_at)).hexdigest()

    def file(self, version: int, made_at: datetime) -> tuple[bytes, str]:
        """Return the file under this version and instant, and the hash in it; faults are not looked for."""
        stated = self.sha256(version, made_at)
        head = canonical_json({"format": SNAPSHOT_FORMAT, "hash": stated})
        return head[:-1] + b',"snapshot":' + self.content(version, made_at) + b"}", stated


def _texts(rights: tuple[AccessRight, ...]) -> bytes:
    rows = [{name: getattr(one, name) for name in AccessRight.__slots__} for one in rights]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def snapshot_hash(snapshot: Snapshot) -> str:
    """Return the SHA-256 of the snapshot's canonical form, 64 hexadecimal digits."""
    return content_hash(_plain(snapshot))


def decode_snapshot(data: bytes, pace: Pace = without_rest) -> Snapshot:
    """Read a snapshot's file. ``pace`` is called after every few records, where a gateway lets calls go first.

    The hash is that of the content's canonical form. A canonical file is hashed as it stands; only another one is brought to that form.

    Raises:
        InputError: it is not one, its hash differs, or it has a fault.
    """
    try:
        snapshot = read_snapshot(_content(data), pace)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(f"{type(error).__name__}: {error}") from error
    refuse_faults(snapshot, pace)
    return snapshot


def _content(data: bytes) -> bytes | memoryview:
    """Return the canonical JSON of the snapshot in a file, whose hash is the stated one."""
    head = _HEAD.match(data)
    if head is not None and data.endswith(b"}"):
        content = memoryview(data)[head.end() : -1]
        if hashlib.sha256(content).hexdigest() == head[1].decode():
            return content
    outer = json.loads(data)
    if outer["format"] != SNAPSHOT_FORMAT or set(outer) != {"format", "hash", "snapshot"}:
        raise ValueError("another format")
    written = canonical_json(outer["snapshot"])
    if hashlib.sha256(written).hexdigest() != outer["hash"]:
        raise ValueError("its hash differs")
    return written


def snapshot_faults(snapshot: Snapshot, pace: Pace = without_rest) -> list[str]:
    """Return what is wrong with a snapshot, in English, empty when a gateway accepts it."""
    return find_faults(snapshot, pace)


def refuse_faults(snapshot: Snapshot, pace: Pace = without_rest) -> None:
    """Refuse a snapshot that no gateway would take.

    Raises:
        InputError: it has a fault.
    """
    faults = snapshot_faults(snapshot, pace)
    if faults:
        raise InputError(
            gettext_noop("The routing snapshot has {count} faults, first: {fault}"),
            code="snapshot-faulty",
            count=len(faults),
            fault=faults[0],
        )


def _unreadable(reason: str) -> InputError:
    return InputError(
        gettext_noop("This is no routing snapshot: {reason}"), code="snapshot-unreadable", reason=reason
    )


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
