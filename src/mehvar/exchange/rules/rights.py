"""Decide whether a client may call, and find what it calls.

A right covers a call when its subject is the client or a group of it, its pattern covers method and normal path, and
its agreement is valid at that instant. What no right covers is refused.

Source: exchange-and-ledger §1 (access rights) and §3.1 (agreements).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.data.identifiers import ClientId, ServiceId
from mehvar.exchange.data.snapshot import (
    AccessRight,
    Agreement,
    Endpoint,
    Member,
    Service,
    Snapshot,
    Subsystem,
)
from mehvar.exchange.rules.paths import Target
from mehvar.exchange.rules.snapshot_faults import Pace, paced, without_rest

_PATTERN_PARTS = re.compile(r"\*\*+|\*|[^*]+")


@dataclass(frozen=True, slots=True)
class Grant:
    """Hold one right made ready: pattern and agreement. ``until`` is infinity for an agreement without end."""

    method: str
    pattern: re.Pattern[str] | None
    agreement: Agreement
    since: float
    until: float

    def covers(self, method: str, path: str) -> bool:
        """Tell whether the pattern covers a call; the agreement's validity is another question."""
        if self.method and self.method not in {"*", method}:
            return False
        return self.pattern is None or self.pattern.fullmatch(path) is not None


@dataclass(slots=True)
class Route:
    """Hold a service with the rights on it; one object lives as long as its snapshot."""

    id: ServiceId
    text: str
    service: Service
    grants: dict[str, tuple[Grant, ...]] = field(default_factory=dict)
    endpoints: list[tuple[Endpoint, re.Pattern[str]]] = field(default_factory=list)

    def endpoint(self, method: str, path: str) -> Endpoint | None:
        """Return the first described operation that a call matches."""
        for endpoint, pattern in self.endpoints:
            if endpoint.method in {"*", method} and pattern.fullmatch(path):
                return endpoint
        return None


class Routes:
    """Index a snapshot for decisions. Never changes; a new snapshot makes a new object."""

    def __init__(self, snapshot: Snapshot, pace: Pace = without_rest) -> None:
        """Compile patterns, and give every group's right to each of its clients. ``pace``: called after every few."""
        clients = _clients(snapshot)
        self.clients = frozenset([str(client) for client, _ in clients])
        self.by_id: dict[tuple[str, ...], Route] = {}
        for provider, subsystem in clients:
            pace()
            for service in subsystem.services if subsystem else ():
                self._add(ServiceId(provider, service.code), service)
        self.subsystems = {client.parts for client, subsystem in clients if subsystem}
        self._grant_all(snapshot, pace)

    def _add(self, identifier: ServiceId, service: Service) -> None:
        route = Route(identifier, str(identifier), service)
        route.endpoints = [(endpoint, path_pattern(endpoint.path)) for endpoint in service.endpoints]
        self.by_id[identifier.parts] = route

    def _grant_all(self, snapshot: Snapshot, pace: Pace) -> None:
        """Give every right to its clients. Rights of the same kind under one agreement are one object."""
        subjects = {f"group:{group.code}": group.clients for group in snapshot.groups}
        subjects |= {f"client:{client}": (client,) for client in self.clients}
        agreements = {agreement.id: agreement for agreement in snapshot.agreements}
        routes = {route.text: route for route in self.by_id.values()}
        made: dict[tuple[str, str, str], tuple[Grant, ...]] = {}
        for right in paced(snapshot.rights, pace):
            route, agreement = routes.get(right.service), agreements.get(right.agreement)
            if route is None or agreement is None:
                continue
            kind = (right.agreement, right.method, right.path)
            grant = made.get(kind) or made.setdefault(kind, (_grant(right, agreement),))
            for client in subjects.get(right.subject, ()):
                before = route.grants.get(client)
                route.grants[client] = grant if before is None else before + grant

    def find(self, target: Target) -> tuple[Route, str]:
        """Return the service that ``/r1/…`` names and the normal path behind it.

        A subsystem of that name comes before a service that the member itself provides.

        Raises:
            CallRefused: no such service.
        """
        parts = target.parts
        for count in (5, 4):
            route = self.by_id.get(parts[1 : count + 1])
            if route is not None and (count == 5 or parts[1:5] not in self.subsystems):  # noqa: PLR2004
                return route, target.rest(count + 1)
        if len(parts) < 5:  # noqa: PLR2004 - version, instance, class, member, service
            raise CallRefused(
                ErrorType.BAD_REQUEST,
                "The address names no service: /r1/instance/class/member/subsystem/service",
            )
        raise CallRefused(ErrorType.UNKNOWN_SERVICE, "No such service: " + "/".join(parts[1:6]))


def decide(route: Route, client: str, method: str, path: str, *, at: float) -> Grant:
    """Return the right that covers a call at the instant ``at`` (seconds since 1970).

    Raises:
        CallRefused: no right covers it, or only rights whose agreement is not valid then.
    """
    grants = route.grants.get(client, ())
    for grant in grants:
        if grant.since <= at < grant.until and grant.covers(method, path):
            return grant
    if any(grant.covers(method, path) for grant in grants):
        raise CallRefused(
            ErrorType.NO_AGREEMENT, f"No agreement is valid now that lets {client} call {route.text}."
        )
    raise CallRefused(
        ErrorType.ACCESS_DENIED, f"{client} has no right to call {method} {path or '/'} of {route.text}."
    )


@lru_cache(maxsize=4096)
def path_pattern(pattern: str) -> re.Pattern[str]:
    """Compile an endpoint's path: ``*`` is at least one character within a part, ``**`` anything.

    Unlike a shell, ``/pets/*`` does not cover ``/pets/``: who may read one pet may not therefore list all.
    """
    pieces = [_piece(piece) for piece in _PATTERN_PARTS.findall(pattern)]
    return re.compile("".join(pieces), re.DOTALL)


def _piece(piece: str) -> str:
    if piece == "*":
        return "[^/]+"
    return ".*" if piece.startswith("**") else re.escape(piece)


def _grant(right: AccessRight, agreement: Agreement) -> Grant:
    until = agreement.valid_until.timestamp() if agreement.valid_until else float("inf")
    pattern = path_pattern(right.path) if right.path else None
    return Grant(right.method, pattern, agreement, agreement.valid_from.timestamp(), until)


def _clients(snapshot: Snapshot) -> list[tuple[ClientId, Subsystem | None]]:
    found: list[tuple[ClientId, Subsystem | None]] = []
    for member in snapshot.members:
        own = _client(snapshot, member, "")
        found.append((own, next((part for part in member.subsystems if not part.code), None)))
        found += [(_client(snapshot, member, part.code), part) for part in member.subsystems if part.code]
    return found


def _client(snapshot: Snapshot, member: Member, subsystem: str) -> ClientId:
    return ClientId(snapshot.instance, member.member_class, member.member_code, subsystem)
