"""Answer the metadata services: listClients, listMethods, allowedMethods.

Source: X-Road service metadata protocol for REST, 3 to 5 and annex B (fields in snake_case, list ``service``).
"""

from __future__ import annotations

import json
from typing import Any

from mehvar.exchange.data.identifiers import ClientId
from mehvar.exchange.data.snapshot import Endpoint, Snapshot
from mehvar.exchange.rules.rights import Grant, Route, Routes, path_pattern


def list_clients(snapshot: Snapshot) -> bytes:
    """Return the answer of ``listClients``: every member and subsystem."""
    found: list[dict[str, Any]] = []
    for member in snapshot.members:
        names = {
            "member_class": member.member_class,
            "member_code": member.member_code,
            "xroad_instance": snapshot.instance,
        }
        found.append({"id": {**names, "object_type": "MEMBER"}, "name": member.name})
        found += [
            {
                "id": {**names, "object_type": "SUBSYSTEM", "subsystem_code": subsystem.code},
                "name": member.name,
                "subsystem_name": subsystem.name or subsystem.code,
            }
            for subsystem in member.subsystems
            if subsystem.code
        ]
    return _json({"member": found})


def list_methods(routes: Routes, provider: ClientId) -> bytes:
    """Return the answer of ``listMethods``: the provider's services with all their endpoints."""
    return _json(
        {"service": [_service(route, route.service.endpoints) for route in _provided(routes, provider)]}
    )


def allowed_methods(routes: Routes, provider: ClientId, client: str, *, at: float) -> bytes:
    """Return the answer of ``allowedMethods``: what ``client`` may call at the instant ``at``."""
    found = []
    for route in _provided(routes, provider):
        grants = [grant for grant in route.grants.get(client, ()) if grant.since <= at < grant.until]
        if grants and route.service.enabled:
            found.append(_service(route, _open_endpoints(route, grants)))
    return _json({"service": found})


def _open_endpoints(route: Route, grants: list[Grant]) -> tuple[Endpoint, ...]:
    """Return the endpoints that whole-service rights or equal patterns open, and the patterns granted by themselves."""
    if any(grant.pattern is None for grant in grants):
        return route.service.endpoints
    return tuple(
        endpoint for endpoint in route.service.endpoints if any(_opens(grant, endpoint) for grant in grants)
    )


def _opens(grant: Grant, endpoint: Endpoint) -> bool:
    if grant.method not in {"*", endpoint.method}:
        return False
    return grant.pattern == path_pattern(endpoint.path) or grant.covers(endpoint.method, endpoint.path)


def _provided(routes: Routes, provider: ClientId) -> list[Route]:
    return [route for route in routes.by_id.values() if route.id.provider == provider]


def _service(route: Route, endpoints: tuple[Endpoint, ...]) -> dict[str, Any]:
    provider = route.id.provider
    answer: dict[str, Any] = {
        "member_class": provider.member_class,
        "member_code": provider.member_code,
        "object_type": "SERVICE",
        "service_code": route.id.code,
        "service_type": route.service.kind.value,
        "xroad_instance": provider.instance,
        "endpoint_list": [{"method": endpoint.method, "path": endpoint.path} for endpoint in endpoints],
    }
    if provider.subsystem:
        answer["subsystem_code"] = provider.subsystem
    return answer


def _json(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
