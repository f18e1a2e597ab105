"""Name states, steps and kinds of the exchange for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.data.control import (
    AgreementState,
    ApplicationState,
    MemberState,
    RequestState,
    RequestStep,
    ServiceState,
    SubsystemState,
)
from mehvar.organisations import queries as organisations
from mehvar.ui.components import badge as ui_badge

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

Labels = tuple[tuple[str, Any], ...]

MEMBERS: Labels = (
    (MemberState.APPLIED.value, _("Applied")),
    (MemberState.APPROVED.value, _("Takes part")),
    (MemberState.REFUSED.value, _("Refused")),
    (MemberState.SUSPENDED.value, _("Suspended")),
    (MemberState.LEFT.value, _("Has left")),
)
APPLICATIONS: Labels = (
    (ApplicationState.WAITING.value, _("Waits for an answer")),
    (ApplicationState.APPROVED.value, _("Approved")),
    (ApplicationState.REFUSED.value, _("Refused")),
)
SUBSYSTEMS: Labels = (
    (SubsystemState.ACTIVE.value, _("Takes part")),
    (SubsystemState.CLOSED.value, _("Closed")),
)
SERVICES: Labels = (
    (ServiceState.DRAFT.value, _("Draft")),
    (ServiceState.PUBLISHED.value, _("Published")),
    (ServiceState.DISABLED.value, _("Disabled")),
    (ServiceState.RETIRED.value, _("Retired")),
)
AGREEMENTS: Labels = (
    (AgreementState.PROPOSED.value, _("Proposed")),
    (AgreementState.VALID.value, _("Valid")),
    (AgreementState.ENDED.value, _("Ended")),
    ("future", _("Begins later")),
    ("run-out", _("Has run out")),
)
REQUESTS: Labels = (
    (RequestState.DRAFT.value, _("Draft")),
    (RequestState.SUBMITTED.value, _("Waits for an answer")),
    (RequestState.RETURNED.value, _("Returned with remarks")),
    (RequestState.GRANTED.value, _("Granted")),
    (RequestState.REFUSED.value, _("Refused")),
    (RequestState.WITHDRAWN.value, _("Taken back")),
)
STEPS: Labels = (
    (RequestStep.BEGIN.value, _("Begun")),
    (RequestStep.CHANGE.value, _("Changed")),
    (RequestStep.SUBMIT.value, _("Submitted")),
    (RequestStep.RETURN.value, _("Returned with remarks")),
    (RequestStep.GRANT.value, _("Granted")),
    (RequestStep.REFUSE.value, _("Refused")),
    (RequestStep.WITHDRAW.value, _("Taken back")),
    (RequestStep.LATE.value, _("Not answered in time")),
)
CREDENTIALS: Labels = (
    ("valid", _("Valid")),
    ("soon", _("Runs out soon")),
    ("run-out", _("Has run out")),
    ("revoked", _("Revoked")),
    ("future", _("Begins later")),
)
GATEWAYS: Labels = (
    ("ok", _("Works")),
    ("behind", _("Has an older snapshot")),
    ("degraded", _("Works in part")),
    ("failing", _("Carries no calls")),
    ("silent", _("Does not answer")),
    ("unknown", _("Not asked yet")),
)
MODES: Labels = (
    ("durable", _("Durable: no answer without evidence on disk")),
    ("async", _("Fast: a crash may lose the evidence of the last moments")),
)
RIGHTS: Labels = (("held", _("Granted")), ("revoked", _("Revoked")))
BADGES: Mapping[str, str] = {
    "applied": "attention",
    "waiting": "attention",
    "approved": "done",
    "refused": "closed",
    "suspended": "overdue",
    "left": "closed",
    "active": "done",
    "closed": "closed",
    "draft": "draft",
    "published": "done",
    "disabled": "attention",
    "retired": "closed",
    "proposed": "attention",
    "valid": "done",
    "ended": "closed",
    "future": "info",
    "run-out": "overdue",
    "soon": "attention",
    "revoked": "closed",
    "submitted": "open",
    "returned": "attention",
    "granted": "done",
    "withdrawn": "closed",
    "held": "done",
    "ok": "done",
    "behind": "attention",
    "degraded": "attention",
    "failing": "overdue",
    "silent": "overdue",
    "unknown": "missing",
}
STEP_BADGES: Mapping[str, str] = {
    "begin": "draft",
    "submit": "open",
    "return": "attention",
    "grant": "done",
    "refuse": "closed",
    "withdraw": "closed",
    "late": "overdue",
}


def word(labels: Labels, value: str) -> str:
    """Give the word of a value, the value itself where there is none."""
    return str(dict(labels).get(value, value))


def badge(labels: Labels, value: str) -> SafeString:
    """Show a value as a badge."""
    return ui_badge(BADGES.get(value, "neutral"), word(labels, value))


def language() -> str:
    """Give the language of the page."""
    return (get_language() or "en").split("-")[0]


def name_of(body: Any) -> str:
    """Give a body's name in the language of the page, nothing for no body."""
    return organisations.name_in(body, language()) if body is not None else ""
