"""Write and read the routing snapshot: canonical JSON with version and hash.

The file holds ``{"format", "hash", "snapshot"}``; ``hash`` is the SHA-256 of the canonical JSON (RFC 8785) of
``snapshot``. A file whose hash differs, with unknown members, or with a fault that `snapshot_faults` finds, is refused
as a whole: a gateway goes on with the snapshot that it has.

Source: exchange-and-ledger §3.1.
"""

from __future__ import annotations

import dataclasses
import hashlib
import ipaddress
import json
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mehvar.exchange.data.identifiers import RESERVED_SERVICE_CODES, ClientId, ServiceId
from mehvar.exchange.data.snapshot import SNAPSHOT_FORMAT, AccessRight, Service, Snapshot
from mehvar.exchange.rules.identifiers import is_identifier_part
from mehvar.exchange.rules.paths import is_plain_pattern
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.kernel.identifiers import canonical_json, content_hash

_METHODS = frozenset({"*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_Record = TypeVar("_Record")


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


def decode_snapshot(data: bytes) -> Snapshot:
    """Read a snapshot's file.

    Raises:
        InputError: it is not one, its hash differs, or it has a fault.
    """
    try:
        outer = json.loads(data)
        content, stated = outer["snapshot"], outer["hash"]
        if outer["format"] != SNAPSHOT_FORMAT or set(outer) != {"format", "hash", "snapshot"}:
            raise _unreadable("another format")
        snapshot = _read(Snapshot, content)
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(f"{type(error).__name__}: {error}") from error
    if stated != content_hash(content):
        raise _unreadable("its hash differs")
    refuse_faults(snapshot)
    return snapshot


def snapshot_faults(snapshot: Snapshot) -> list[str]:
    """Return what is wrong with a snapshot, in English, empty when a gateway accepts it."""
    return [*_member_faults(snapshot), *_right_faults(snapshot), *_credential_faults(snapshot)]


def services_of(snapshot: Snapshot) -> Iterator[tuple[ServiceId, Service]]:
    """Return every service with its full identifier."""
    for member in snapshot.members:
        for subsystem in member.subsystems:
            provider = ClientId(snapshot.instance, member.member_class, member.member_code, subsystem.code)
            for service in subsystem.services:
                yield ServiceId(provider, service.code), service


def clients_of(snapshot: Snapshot) -> set[str]:
    """Return the texts of every member and subsystem."""
    found = set()
    for member in snapshot.members:
        for code in ("", *(subsystem.code for subsystem in member.subsystems)):
            found.add(str(ClientId(snapshot.instance, member.member_class, member.member_code, code)))
    return found


def _member_faults(snapshot: Snapshot) -> Iterator[str]:
    texts = [str(identifier) for identifier, _ in services_of(snapshot)]
    yield from (f"service {text} stands twice" for text in sorted(_twice(texts)))
    members = [(member.member_class, member.member_code) for member in snapshot.members]
    yield from (f"member {text} stands twice" for text in sorted(_twice(members)))
    for member in snapshot.members:
        codes = [subsystem.code for subsystem in member.subsystems]
        yield from (
            f"subsystem {code!r} of {member.member_code} stands twice" for code in sorted(_twice(codes))
        )
        parts = [snapshot.instance, member.member_class, member.member_code, *filter(None, codes)]
        yield from (
            f"{part!r} cannot be part of an identifier" for part in parts if not is_identifier_part(part)
        )
    for identifier, service in services_of(snapshot):
        yield from (f"service {identifier}: {fault}" for fault in _service_faults(service))


def _service_faults(service: Service) -> Iterator[str]:
    if service.code in RESERVED_SERVICE_CODES or not is_identifier_part(service.code):
        yield f"the code {service.code!r} is reserved or not possible"
    if not _is_base_url(service.base_url):
        yield f"{service.base_url!r} is not a base address (http or https, host, no query)"
    if service.openapi_url and urlsplit(service.openapi_url).scheme not in {"http", "https"}:
        yield f"{service.openapi_url!r} is not an address of a description"
    for endpoint in service.endpoints:
        if endpoint.method not in _METHODS or not is_plain_pattern(endpoint.path):
            yield f"the endpoint {endpoint.method} {endpoint.path} can never match"
    limits = (*dataclasses.astuple(service.timeouts), service.max_connections, service.loss_window_ms)
    if min(limits) <= 0 or min(service.max_request_bytes, service.max_answer_bytes) < 0:
        yield "times and limits must be positive"


def _right_faults(snapshot: Snapshot) -> Iterator[str]:
    services = {str(identifier) for identifier, _ in services_of(snapshot)}
    clients = clients_of(snapshot)
    groups = {group.code for group in snapshot.groups}
    agreements = {agreement.id for agreement in snapshot.agreements}
    for group in snapshot.groups:
        yield from (f"group {group.code}: no client {name}" for name in group.clients if name not in clients)
    for right in snapshot.rights:
        kind, _, name = right.subject.partition(":")
        if name not in {"client": clients, "group": groups}.get(kind, set()):
            yield f"right: no subject {right.subject}"
        if right.service not in services or right.agreement not in agreements:
            yield f"right: no service {right.service} or no agreement {right.agreement}"
        if right.method and (right.method not in _METHODS or not is_plain_pattern(right.path)):
            yield f"right: {right.method} {right.path} can never match"
        if bool(right.method) != bool(right.path):
            yield f"right on {right.service}: method and path stand together or not at all"


def _credential_faults(snapshot: Snapshot) -> Iterator[str]:
    clients = clients_of(snapshot)
    holders = [holder.client for holder in snapshot.keys]
    holders += [holder.client for holder in snapshot.certificates]
    holders += [network.client for network in snapshot.networks]
    yield from (f"no client {holder}" for holder in holders if holder not in clients)
    yield from (f"key {key} stands twice" for key in sorted(_twice([key.id for key in snapshot.keys])))
    for network in snapshot.networks:
        try:
            ipaddress.ip_network(network.network)
        except ValueError:
            yield f"{network.network!r} is not a network"
    for quota in snapshot.quotas:
        if quota.calls_per_s <= 0 or quota.burst < 1:
            yield f"quota of {quota.client} on {quota.service} must be positive"


def _twice(values: list[Any]) -> set[Any]:
    seen: set[Any] = set()
    return {value for value in values if value in seen or seen.add(value)}  # type: ignore[func-returns-value]


def _is_base_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return False
    plain = not (url.query or url.fragment or url.username or url.password)
    path_fits = not url.path or (is_plain_pattern(url.path) and "*" not in url.path)
    return url.scheme in {"http", "https"} and bool(url.hostname) and plain and path_fits and port != 0


def refuse_faults(snapshot: Snapshot) -> None:
    """Refuse a snapshot that no gateway would take.

    Raises:
        InputError: it has a fault.
    """
    faults = snapshot_faults(snapshot)
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


def _read(kind: type[_Record], content: object) -> _Record:
    """Build a dataclass from JSON, refusing unknown and missing members and other types."""
    if not isinstance(content, Mapping):
        raise TypeError(f"{kind.__name__} must be an object")
    hints = typing.get_type_hints(kind)
    unknown = set(content) - set(hints)
    if unknown:
        raise TypeError(f"{kind.__name__} has unknown members {sorted(unknown)}")
    return kind(**{name: _read_value(hints[name], value) for name, value in content.items()})


def _read_value(hint: Any, value: object) -> Any:  # noqa: PLR0911 - one line per kind
    origin = typing.get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError(f"expected a list, got {value!r}")
        return tuple([_read_value(typing.get_args(hint)[0], item) for item in value])
    if origin is types.UnionType:
        return None if value is None else _read_value(typing.get_args(hint)[0], value)
    if dataclasses.is_dataclass(hint):
        return _read(typing.cast("type[Any]", hint), value)
    if hint is datetime:
        return _instant(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise TypeError(f"expected {hint}, got {value!r}")
    return value


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(str(value))
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant
