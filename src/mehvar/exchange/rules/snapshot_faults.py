"""Find what is wrong with a routing snapshot, in one pass with sets of what may be named.

Source: exchange-and-ledger §3.1.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

from mehvar.exchange.data.identifiers import RESERVED_SERVICE_CODES, ClientId, ServiceId
from mehvar.exchange.data.snapshot import Service, Snapshot
from mehvar.exchange.rules.identifiers import is_identifier_part
from mehvar.exchange.rules.paths import is_plain_pattern

_METHODS = frozenset({"*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_EACH = 64
_Item = TypeVar("_Item")
_Named = TypeVar("_Named", bound=Hashable)
Pace = Callable[[], object]


def without_rest() -> None:
    """Go on at once: the pace of whoever has nothing else to do."""


def paced(items: Iterable[_Item], pace: Pace) -> Iterator[_Item]:
    """Give the items, with a call of ``pace`` after every few, so that it can rest there."""
    for number, item in enumerate(items):
        if number % _EACH == 0:
            pace()
        yield item


def find_faults(snapshot: Snapshot, pace: Pace = without_rest) -> list[str]:
    """Return what is wrong, in English; empty when a gateway accepts the snapshot."""
    services = [(str(identifier), service) for identifier, service in _services_of(snapshot)]
    known = _Known(snapshot, [text for text, _ in services])
    return [
        *_member_faults(snapshot),
        *_services_faults(services, known, pace),
        *_right_faults(snapshot, known, pace),
        *_credential_faults(snapshot, known, pace),
    ]


class _Known:
    """Hold what a snapshot may name, and which operations were found possible."""

    def __init__(self, snapshot: Snapshot, services: list[str]) -> None:
        self.services = frozenset(services)
        self.clients = frozenset(_clients_of(snapshot))
        self.subjects = {f"client:{name}" for name in self.clients}
        self.subjects |= {f"group:{group.code}" for group in snapshot.groups}
        self.agreements = frozenset([agreement.id for agreement in snapshot.agreements])
        self._operations: dict[tuple[str, str], bool] = {}

    def can_match(self, method: str, path: str) -> bool:
        """Tell whether an operation can ever match a call; each is looked at once."""
        found = self._operations.get((method, path))
        if found is None:
            found = self._operations[method, path] = method in _METHODS and is_plain_pattern(path)
        return found


def _services_of(snapshot: Snapshot) -> Iterator[tuple[ServiceId, Service]]:
    for member in snapshot.members:
        for subsystem in member.subsystems:
            provider = ClientId(snapshot.instance, member.member_class, member.member_code, subsystem.code)
            for service in subsystem.services:
                yield ServiceId(provider, service.code), service


def _clients_of(snapshot: Snapshot) -> Iterator[str]:
    for member in snapshot.members:
        for code in ("", *(subsystem.code for subsystem in member.subsystems)):
            yield str(ClientId(snapshot.instance, member.member_class, member.member_code, code))


def _member_faults(snapshot: Snapshot) -> Iterator[str]:
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


def _services_faults(services: list[tuple[str, Service]], known: _Known, pace: Pace) -> Iterator[str]:
    yield from (f"service {text} stands twice" for text in sorted(_twice([text for text, _ in services])))
    for text, service in services:
        pace()
        yield from (f"service {text}: {fault}" for fault in _service_faults(service, known))


def _service_faults(service: Service, known: _Known) -> Iterator[str]:
    if service.code in RESERVED_SERVICE_CODES or not is_identifier_part(service.code):
        yield f"the code {service.code!r} is reserved or not possible"
    if not _is_base_url(service.base_url):
        yield f"{service.base_url!r} is not a base address (http or https, host, no query)"
    if service.openapi_url and urlsplit(service.openapi_url).scheme not in {"http", "https"}:
        yield f"{service.openapi_url!r} is not an address of a description"
    for endpoint in service.endpoints:
        if not known.can_match(endpoint.method, endpoint.path):
            yield f"the endpoint {endpoint.method} {endpoint.path} can never match"
    limits = (*dataclasses.astuple(service.timeouts), service.max_connections, service.loss_window_ms)
    if min(limits) <= 0 or min(service.max_request_bytes, service.max_answer_bytes) < 0:
        yield "times and limits must be positive"


def _right_faults(snapshot: Snapshot, known: _Known, pace: Pace) -> Iterator[str]:
    for group in snapshot.groups:
        yield from (
            f"group {group.code}: no client {name}" for name in group.clients if name not in known.clients
        )
    for right in paced(snapshot.rights, pace):
        if right.subject not in known.subjects:
            yield f"right: no subject {right.subject}"
        if right.service not in known.services or right.agreement not in known.agreements:
            yield f"right: no service {right.service} or no agreement {right.agreement}"
        if right.method and not known.can_match(right.method, right.path):
            yield f"right: {right.method} {right.path} can never match"
        if bool(right.method) != bool(right.path):
            yield f"right on {right.service}: method and path stand together or not at all"


def _credential_faults(snapshot: Snapshot, known: _Known, pace: Pace) -> Iterator[str]:
    for held in (snapshot.keys, snapshot.certificates, snapshot.networks):
        holders = [one.client for one in held]
        yield from (f"no client {holder}" for holder in holders if holder not in known.clients)
    yield from (f"key {key} stands twice" for key in sorted(_twice([key.id for key in snapshot.keys])))
    for network in paced(snapshot.networks, pace):
        try:
            ipaddress.ip_network(network.network)
        except ValueError:
            yield f"{network.network!r} is not a network"
    if snapshot.gateways < 1:
        yield "quotas are split over one gateway at least"
    for quota in snapshot.quotas:
        if not 0 < quota.calls_per_s < math.inf or quota.burst < 1:
            yield f"quota of {quota.client} on {quota.service} must be positive"


def _twice(values: list[_Named]) -> set[_Named]:
    seen: set[_Named] = set()
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
