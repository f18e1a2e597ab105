"""Name states of inquiries, and why the law may hold a question back from the person asked about."""

from __future__ import annotations

from enum import StrEnum


class InquiryState(StrEnum):
    """Tell where a question stands. ``unknown``: interrupted, and not safe to repeat."""

    WAITING = "waiting"
    ASKING = "asking"
    ANSWERED = "answered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


class BatchState(StrEnum):
    """Tell where a file of questions stands."""

    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class DelayReason(StrEnum):
    """List the classes of reason for which a law lets a question be told later."""

    CRIME = "criminal-investigation"
    TAX = "tax-investigation"
    COURT = "court-order"
    SAFETY = "protection-of-a-person"


class Proof(StrEnum):
    """Tell how a person showed who they are."""

    CLAIM = "claim"
    CODE = "code"
