"""Make the routing snapshot out of the rows: a dozen queries however large the exchange is, and always the same for the same rows.

Rows that depend on others are read first, so that what is committed in between never leaves a loose end; what points to a member that
takes no part (suspended, left) is left out.
Source: exchange-and-ledger §3.1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from mehvar.exchange.data import snapshot as data
from mehvar.exchange.data.control import AgreementState, MemberState, SubsystemState
from mehvar.exchange.data.identifiers import ClientId, ServiceId
from mehvar.exchange.models import (
    AccessRight,
    Agreement,
    Authority,
    ClientCertificate,
    ClientGroup,
    ClientNetwork,
    Endpoint,
    ExchangeService,
    Gateway,
    GroupMembership,
    Member,
    Quota,
    SigningKey,
    Subsystem,
)
from mehvar.exchange.queries import descriptions, names
from mehvar.exchange.rules.lifecycles import CALLABLE_SERVICES
from mehvar.organisations import queries as organisations

_DAY = timedelta(days=1)
AWAY_AFTER = timedelta(minutes=10)
_SAME = (
    "code", "base_url", "title", "loss_window_ms", "max_request_bytes", "max_answer_bytes", "max_connections",
    "provider_ca", "keep_bodies", "kept_body_bytes", "disabled_notice",
)  # fmt: skip
_ROW = (
    "pk", "public_id", "subsystem_id", "kind", "mode", "state", "connect_timeout_s", "answer_timeout_s", "idle_timeout_s",
    "total_timeout_s", *_SAME,
)  # fmt: skip


@dataclass(slots=True)
class _Names:
    """Hold the names of those that take part, by their keys."""

    members: dict[int, str] = field(default_factory=dict)
    subsystems: dict[int, str] = field(default_factory=dict)
    services: dict[int, str] = field(default_factory=dict)
    groups: dict[int, str] = field(default_factory=dict)


def compile_snapshot(version: int, made_at: datetime) -> data.Snapshot:
    """Compile what is in force, and what begins and ends in future with its instants."""
    rights = _rights_rows()
    agreements = _agreement_rows()
    held = [*_keys(), *_certificates(), *_networks()]
    quotas = list(
        Quota.objects.order_by("pk").values_list("subsystem_id", "service_id", "calls_per_s", "burst")
    )
    memberships = _memberships()
    services, endpoints = _service_rows(), _endpoints()
    known = _Names()
    members = _members(known, services, endpoints)
    known.groups = dict(ClientGroup.objects.values_list("pk", "code"))
    granted = [right for row in rights if (right := _right(known, agreements, row)) is not None]
    return data.Snapshot(
        instance=names.instance(),
        version=version,
        made_at=made_at,
        members=members,
        groups=_groups(known, memberships),
        agreements=tuple(agreements[pk] for pk in sorted(agreements)),
        rights=tuple(granted),
        keys=tuple(_held(known, held, data.ClientKey)),
        certificates=tuple(_held(known, held, data.ClientCertificate)),
        networks=tuple(_held(known, held, data.ClientNetwork)),
        quotas=tuple(_quotas(known, quotas)),
        authorities=tuple(
            Authority.objects.filter(withdrawn_at=None).order_by("pk").values_list("certificate", flat=True)
        ),
        gateways=gateways_at_work(made_at),
    )


def gateways_at_work(now: datetime) -> int:
    """Count the gateways over which quotas are split: all on the list but those that answered once and have been silent for ten minutes.

    Whatever cannot be known to be away counts: a part too small refuses calls, a part too large would let too many pass.
    """
    is_away = Q(answered_at__lt=now - AWAY_AFTER) & ~Q(status_address="")
    return max(1, Gateway.objects.exclude(is_away).count())


def start_of(day: date) -> datetime:
    """Give the first instant of a day in the ministry's time zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Give the instant after the last one of a day in the ministry's time zone, in UTC."""
    return start_of(day + _DAY)


def _rights_rows() -> list[tuple[Any, ...]]:
    rows = AccessRight.objects.filter(revoked_at=None).order_by("pk")
    fields = ("agreement_id", "service_id", "subsystem_id", "group_id", "endpoint__method", "endpoint__path")
    return list(rows.values_list(*fields))


def _agreement_rows() -> dict[int, data.Agreement]:
    """Give the agreements that were valid once; an ended one until it ended, so that a refusal can say why."""
    rows = Agreement.objects.filter(
        Q(state=AgreementState.VALID) | Q(state=AgreementState.ENDED, rights__revoked_at=None),
        ~Q(provider_accepted_at=None),
    )
    fields = ("pk", "public_id", "legal_basis", "purpose", "valid_from", "valid_until", "ended_at")
    return {row[0]: _agreement(*row[1:]) for row in rows.distinct().values_list(*fields)}


def _agreement(
    public_id: str, legal_basis: str, purpose: str, valid_from: date, *ends: date | datetime | None
) -> data.Agreement:
    """Let an agreement end with its last day, or at the instant at which it was ended."""
    instants = [
        one.astimezone(UTC) if isinstance(one, datetime) else end_of(one) for one in ends if one is not None
    ]
    return data.Agreement(public_id, legal_basis, purpose, start_of(valid_from), min(instants, default=None))


_Holder = tuple[int | None, int | None]  # member, subsystem


def _keys() -> list[tuple[_Holder, Any]]:
    fields = (
        "subsystem_id", "public_id", "algorithm", "public_key", "valid_from", "valid_until", "revoked_at"
    )  # fmt: skip
    return [
        (
            (None, row[0]),
            data.ClientKey(row[1], "", data.KeyAlgorithm(row[2]), row[3], *_instants(*row[4:])),
        )
        for row in SigningKey.objects.order_by("pk").values_list(*fields)
    ]


def _certificates() -> list[tuple[_Holder, Any]]:
    fields = ("member_id", "subsystem_id", "sha256", "valid_from", "valid_until", "revoked_at")
    return [
        (
            (None, row[1]) if row[1] else (row[0], None),
            data.ClientCertificate(row[2], "", *_instants(*row[3:])),
        )
        for row in ClientCertificate.objects.order_by("pk").values_list(*fields)
    ]


def _networks() -> list[tuple[_Holder, Any]]:
    rows = ClientNetwork.objects.order_by("pk").values_list("subsystem_id", "network")
    return [((None, subsystem), data.ClientNetwork("", network)) for subsystem, network in rows]


def _instants(
    valid_from: datetime, valid_until: datetime, revoked_at: datetime | None
) -> tuple[datetime, datetime, datetime | None]:
    """Give instants in UTC, so that equal ones are written alike."""
    return valid_from.astimezone(UTC), valid_until.astimezone(UTC), revoked_at and revoked_at.astimezone(UTC)


def _held(known: _Names, held: Iterable[tuple[_Holder, Any]], kind: type[Any]) -> Iterable[Any]:
    """Give the credentials of one kind whose holders take part, with the holder's name."""
    for (member, subsystem), one in held:
        holder = known.subsystems.get(subsystem or 0) or known.members.get(member or 0)
        if holder and isinstance(one, kind):
            yield replace(one, client=holder)


def _quotas(known: _Names, rows: list[tuple[Any, ...]]) -> Iterable[data.Quota]:
    for subsystem, service, calls_per_s, burst in rows:
        client = known.subsystems.get(subsystem) if subsystem else "*"
        name = known.services.get(service) if service else "*"
        if client and name:
            yield data.Quota(client, name, calls_per_s, burst)


def _memberships() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = GroupMembership.objects.filter(left_at=None).order_by("pk").values_list("group_id", "subsystem_id")
    for group, subsystem in rows:
        found[group].append(subsystem)
    return found


def _groups(known: _Names, memberships: dict[int, list[int]]) -> tuple[data.Group, ...]:
    rows = ClientGroup.objects.order_by("pk").values_list("pk", "code", "name")
    return tuple(
        data.Group(
            code,
            tuple(known.subsystems[one] for one in memberships.get(pk, ()) if one in known.subsystems),
            name,
        )
        for pk, code, name in rows
        if pk in known.groups
    )


def _service_rows() -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in ExchangeService.objects.filter(state__in=CALLABLE_SERVICES).order_by("pk").values(*_ROW):
        found[row["subsystem_id"]].append(row)
    return found


def _endpoints() -> dict[int, list[data.Endpoint]]:
    found: dict[int, list[data.Endpoint]] = defaultdict(list)
    rows = Endpoint.objects.filter(service__state__in=CALLABLE_SERVICES).order_by(
        "service_id", "path", "method"
    )
    for service, method, path, subject in rows.values_list("service_id", "method", "path", "subject"):
        found[service].append(data.Endpoint(method, path, subject))
    return found


def _members(
    known: _Names, services: dict[int, list[dict[str, Any]]], endpoints: dict[int, list[data.Endpoint]]
) -> tuple[data.Member, ...]:
    fields = ("pk", "member_class", "code", *(f"organisation__{name}" for name in organisations.NAME_FIELDS))
    rows = Member.objects.filter(state=MemberState.APPROVED).order_by("pk").values(*fields)
    below: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    systems = Subsystem.objects.filter(state=SubsystemState.ACTIVE, member__state=MemberState.APPROVED)
    for row in systems.order_by("pk").values_list("member_id", "pk", "code", "name"):
        below[row[0]].append(row[1:])
    found = []
    for row in rows:
        own = ClientId(names.instance(), row["member_class"], row["code"])
        known.members[row["pk"]] = str(own)
        subsystems = tuple(
            _subsystem(known, own, one, services.get(one[0], ()), endpoints) for one in below[row["pk"]]
        )
        name = organisations.name_in(row, settings.LANGUAGE_CODE, prefix="organisation__")
        found.append(data.Member(own.member_class, own.member_code, name, subsystems))
    return tuple(found)


def _subsystem(
    known: _Names,
    member: ClientId,
    row: tuple[Any, ...],
    services: Iterable[dict[str, Any]],
    endpoints: dict[int, list[data.Endpoint]],
) -> data.Subsystem:
    pk, code, name = row
    provider = ClientId(member.instance, member.member_class, member.member_code, code)
    known.subsystems[pk] = str(provider)
    for service in services:
        known.services[service["pk"]] = str(ServiceId(provider, service["code"]))
    return data.Subsystem(
        code, tuple(_service(service, tuple(endpoints.get(service["pk"], ()))) for service in services), name
    )


def _service(row: dict[str, Any], endpoints: tuple[data.Endpoint, ...]) -> data.Service:
    stages = ("connect_timeout_s", "answer_timeout_s", "idle_timeout_s", "total_timeout_s")
    kind = data.ServiceKind(row["kind"])
    return data.Service(
        **{name: row[name] for name in _SAME},
        kind=kind,
        openapi_url=descriptions.address_for_gateways(row["public_id"])
        if kind is data.ServiceKind.OPENAPI
        else "",
        endpoints=endpoints,
        mode=data.EvidenceMode(row["mode"]),
        timeouts=data.Timeouts(*(row[name] for name in stages)),
        enabled=row["state"] == "published",
    )


def _right(
    known: _Names, agreements: dict[int, data.Agreement], row: tuple[Any, ...]
) -> data.AccessRight | None:
    agreement_id, service_id, subsystem_id, group_id, method, path = row
    agreement, service = agreements.get(agreement_id), known.services.get(service_id)
    subject = (
        f"group:{known.groups[group_id]}"
        if group_id in known.groups
        else f"client:{known.subsystems[subsystem_id]}"
        if subsystem_id in known.subsystems
        else ""
    )
    if not (agreement and service and subject):
        return None
    return data.AccessRight(subject, service, agreement.id, method or "", path or "")
