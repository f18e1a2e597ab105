"""Name states, steps and terms of what the control plane keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class MemberState(StrEnum):
    """Tell where a member stands; only approved members are in the routing snapshot."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    LEFT = "left"


class ApplicationState(StrEnum):
    """Tell where the application of a private body stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class SubsystemState(StrEnum):
    """Tell whether a subsystem takes part."""

    ACTIVE = "active"
    CLOSED = "closed"


class ServiceState(StrEnum):
    """Tell where a service stands; published ones answer, disabled ones tell why not."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DISABLED = "disabled"
    RETIRED = "retired"


class AgreementState(StrEnum):
    """Tell where an agreement stands; a valid one counts between its dates."""

    PROPOSED = "proposed"
    VALID = "valid"
    ENDED = "ended"


class RequestState(StrEnum):
    """Tell where a request for access stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestStep(StrEnum):
    """List what happens to a request for access."""

    BEGIN = "begin"
    CHANGE = "change"
    SUBMIT = "submit"
    RETURN = "return"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """Hold all that a provider says about a service; times in seconds, sizes in bytes, 0 for no limit.

    The fields mean what `mehvar.exchange.data.snapshot.Service` says.
    """

    title: str
    base_url: str
    summary: str = ""
    language: str = ""
    test_base_url: str = ""
    mode: str = "durable"
    loss_window_ms: int = 200
    connect_timeout_s: float = 5.0
    answer_timeout_s: float = 30.0
    idle_timeout_s: float = 30.0
    total_timeout_s: float = 300.0
    max_request_bytes: int = 0
    max_answer_bytes: int = 0
    max_connections: int = 64
    provider_ca: str = ""
    keep_bodies: bool = False
    kept_body_bytes: int = 65_536
    legal_basis: str = ""
    personal_data: bool = True
    contact: str = ""


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """Hold what two members agree upon. ``valid_until`` is the last day, None for no end."""

    title: str
    legal_basis: str
    purpose: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class RequestWords:
    """Hold why a consumer asks for access, on what basis, how much and how long."""

    purpose: str = ""
    legal_basis: str = ""
    calls_per_day: int | None = None
    wanted_from: date | None = None
    wanted_until: date | None = None
