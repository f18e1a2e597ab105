"""Make ready, once per service and snapshot, what every call of the service needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mehvar.exchange.data.snapshot import EvidenceMode, Service, Timeouts
from mehvar.gateway import answers

if TYPE_CHECKING:
    from mehvar.exchange.rules.rights import Route
    from mehvar.gateway.breakers import Breaker
    from mehvar.gateway.upstream import Pool, Pools


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold where calls of a service go and how they are treated. ``text`` stands in evidence and answers.

    ``path``: of the base address. ``head_end``: what follows the target in a request's head, up to the headers.
    """

    text: str
    service: Service
    pool: Pool
    breaker: Breaker
    path: bytes
    head_end: bytes
    is_durable: bool
    window_s: float
    timeouts: Timeouts
    max_request_bytes: int
    max_answer_bytes: int


def service_plan(route: Route, pools: Pools, breaker: Breaker) -> Plan:
    """Return the plan for calls of a service."""
    service = route.service
    is_durable = service.mode is EvidenceMode.DURABLE
    return _plan(route.text, service, pools, breaker, service.base_url.rstrip("/"), is_durable=is_durable)


def description_plan(route: Route, pools: Pools, breaker: Breaker) -> Plan:
    """Return the plan for fetching a service's OpenAPI description; its path is the whole target."""
    base, target = answers.split_url(route.service.openapi_url)
    text = f"{route.id.provider}/getOpenAPI"
    return _plan(text, route.service, pools, breaker, base, path=target, is_durable=False)


def _plan(
    text: str,
    service: Service,
    pools: Pools,
    breaker: Breaker,
    base: str,
    *,
    is_durable: bool,
    path: str | None = None,
) -> Plan:
    timeouts = service.timeouts
    pool = pools.pool(
        base, service.provider_ca, connect_s=timeouts.connect_s, max_connections=service.max_connections
    )
    origin = pool.origin
    return Plan(
        text,
        service,
        pool,
        breaker,
        (answers.path_of(base) if path is None else path).encode("ascii"),
        b" HTTP/1.1\r\nHost: %s\r\n"
        % answers.host_header(origin.host, origin.port, is_tls=origin.tls is not None),
        is_durable,
        service.loss_window_ms / 1000,
        timeouts,
        service.max_request_bytes,
        service.max_answer_bytes,
    )
