"""Hold all that a gateway must know to decide on calls: one immutable snapshot, compiled by the control plane.

Texts that name a client or a service are the percent-encoded forms of `mehvar.exchange.data.identifiers`. Instants
are aware. A right counts only while its agreement is valid.

Source: exchange-and-ledger §3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SNAPSHOT_FORMAT = "mehvar.exchange.snapshot/1"


class ServiceKind(StrEnum):
    """Tell whether a service is described by an OpenAPI document."""

    REST = "REST"
    OPENAPI = "OPENAPI"


class EvidenceMode(StrEnum):
    """Tell whether an answer waits until its evidence is on disk."""

    DURABLE = "durable"
    ASYNC = "async"


class KeyAlgorithm(StrEnum):
    """List the signature algorithms of RFC 9421 that are accepted."""

    ED25519 = "ed25519"
    ECDSA_P256 = "ecdsa-p256-sha256"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """State how long, in seconds, each stage of a call may take."""

    connect_s: float = 5.0
    answer_s: float = 30.0
    idle_s: float = 30.0
    total_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Describe one operation: method (or ``*``) and path, ``*`` for a part of it, ``**`` for any rest.

    ``subject`` says where the identifier of the person asked about stands, so that evidence can carry it as a keyed
    token: ``query:NAME``, ``header:NAME``, or ``path:N`` (the N-th part of the path, from 1); empty for nowhere.
    """

    method: str
    path: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """Describe a service: where it is and how calls of it are handled.

    ``loss_window_ms``: in mode async, evidence of calls answered within this time before a crash can be lost.
    ``max_request_bytes`` and ``max_answer_bytes``: 0 for no limit. ``provider_ca``: PEM of the authority that signed
    the provider's certificate, empty for the system's authorities. ``keep_bodies``: keep bodies of at most
    ``kept_body_bytes`` in the redactable part of the evidence.
    """

    code: str
    base_url: str
    kind: ServiceKind = ServiceKind.REST
    title: str = ""
    openapi_url: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    mode: EvidenceMode = EvidenceMode.DURABLE
    loss_window_ms: int = 200
    timeouts: Timeouts = Timeouts()
    enabled: bool = True
    disabled_notice: str = ""
    max_request_bytes: int = 0
    max_answer_bytes: int = 0
    max_connections: int = 64
    provider_ca: str = ""
    keep_bodies: bool = False
    kept_body_bytes: int = 65_536


@dataclass(frozen=True, slots=True)
class Subsystem:
    """Describe a subsystem and the services that it provides; code empty: the member's own services."""

    code: str
    services: tuple[Service, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Describe a public or private body that takes part."""

    member_class: str
    member_code: str
    name: str
    subsystems: tuple[Subsystem, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Collect clients (members or subsystems) under one code."""

    code: str
    clients: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """State on what legal basis and for what purpose data flow, and when.

    Valid from ``valid_from`` on and before ``valid_until`` (None: no end).
    """

    id: str
    legal_basis: str
    purpose: str
    valid_from: datetime
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessRight:
    """Grant a service, or one of its endpoints, to a client or a group, under an agreement.

    ``subject``: ``client:TEXT`` or ``group:CODE``. ``method`` and ``path`` empty: the whole service; else the grant
    covers calls that this pattern covers.
    """

    subject: str
    service: str
    agreement: str
    method: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class ClientKey:
    """Register a key with which a client signs requests (RFC 9421). ``public_key`` is PEM (SubjectPublicKeyInfo)."""

    id: str
    client: str
    algorithm: KeyAlgorithm
    public_key: str
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Register a certificate with which a client opens mutual TLS; ``sha256`` of its DER form, hexadecimal."""

    sha256: str
    client: str
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClientNetwork:
    """Let a client call without key or certificate from addresses in ``network`` (CIDR), on plain listeners only."""

    client: str
    network: str


@dataclass(frozen=True, slots=True)
class Quota:
    """Limit the calls of a client on a service; ``*`` in either place: each client, each service, counted apart."""

    client: str
    service: str
    calls_per_s: float
    burst: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Hold the whole exchange at one version.

    ``authorities``: PEM certificates that sign clients' certificates. ``gateways``: over how many each quota is split.
    """

    instance: str
    version: int
    made_at: datetime
    members: tuple[Member, ...] = ()
    groups: tuple[Group, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    rights: tuple[AccessRight, ...] = ()
    keys: tuple[ClientKey, ...] = ()
    certificates: tuple[ClientCertificate, ...] = ()
    networks: tuple[ClientNetwork, ...] = ()
    quotas: tuple[Quota, ...] = ()
    authorities: tuple[str, ...] = ()
    gateways: int = 1
