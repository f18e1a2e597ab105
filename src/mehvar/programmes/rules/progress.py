"""Say how reports move from claimed to approved, and who may take which step.

Source: issue "programmes", point 2; design page, "How the best steer" (claimed, accepted, approved).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop
from mehvar.kernel.lifecycle import LifeCycle, Transition
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import PERMISSIONS_OF, Permission
from mehvar.programmes.data import ReportState

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

WHOLE = 100
LONGEST_TEXT = 10_000
LONGEST_REASON = 4_000
ALERT_AFTER_WORKING_DAYS = 2
VERIFIES_WHEN_APPOINTED = frozenset({Permission.VERIFY_COMPLETION, Permission.REPORT_PROGRESS})
"""Who at an appointed body verifies: its deputies and planning officers, and where there are none, who reports for it."""


class ReportStep(StrEnum):
    """Name the steps of a report."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    APPROVE = "approve"
    RETURN = "return"


_S, _T = ReportState, ReportStep

REPORTS = LifeCycle(
    "progress report",
    tuple(ReportState),
    (
        Transition(_T.SUBMIT, _S.DRAFT, _S.CLAIMED),
        Transition(_T.SUBMIT, _S.RETURNED, _S.CLAIMED),
        Transition(_T.SUBMIT, _S.CLAIMED, _S.CLAIMED),
        Transition(_T.ACCEPT, _S.CLAIMED, _S.ACCEPTED),
        Transition(_T.RETURN, _S.CLAIMED, _S.RETURNED),
        Transition(_T.APPROVE, _S.ACCEPTED, _S.APPROVED),
        Transition(_T.RETURN, _S.ACCEPTED, _S.RETURNED),
    ),
)
WRITABLE = frozenset({ReportState.DRAFT, ReportState.RETURNED, ReportState.CLAIMED})
"""The states in which the body may still change its words."""
GIVEN = frozenset({ReportState.CLAIMED, ReportState.ACCEPTED, ReportState.APPROVED})
"""The states in which a report counts as given."""


@dataclass(frozen=True, slots=True)
class Place:
    """Hold where a delivery stands in the tree: the body that asks, and the body that delivers."""

    issuer_path: str
    body_path: str
    body_id: int


def may_report(authority: Authority, place: Place, inherited_ids: frozenset[int] = frozenset()) -> bool:
    """Tell whether a person speaks for the body that delivers, or for the one that its duties passed to."""
    return (
        permissions.allows(authority, Permission.REPORT_PROGRESS, place.body_path)
        or place.body_id in inherited_ids
    )


def may_accept(authority: Authority, place: Place, *, submitted_by: int | None) -> bool:
    """Tell whether a person may accept or return a report: over the body that asks, or from above the body that reports.

    Nobody accepts what he himself submitted, and a body does not accept its own report unless it is the one that asked.
    """
    if authority.user_id is None or authority.user_id == submitted_by:
        return False
    if permissions.allows(authority, Permission.ACCEPT_REPORT, place.issuer_path):
        return True
    return any(
        Permission.ACCEPT_REPORT in PERMISSIONS_OF[held.role]
        and held.reaches(place.body_path)
        and held.organisation_id != place.body_id
        for held in authority.held
    )


def may_approve(authority: Authority, place: Place, *, submitted_by: int | None) -> bool:
    """Tell whether a person may approve: only over the body that asks, and never what he himself submitted."""
    return authority.user_id != submitted_by and permissions.allows(
        authority, Permission.APPROVE_REPORT, place.issuer_path
    )


def may_verify(
    authority: Authority, place: Place, *, claimed_by: int | None, verifier_id: int | None = None
) -> bool:
    """Tell whether a person may verify a claimed completion: by a position at another body than the one that claims.

    Where a verifying body was appointed, only its people may: those who report or verify there, since the appointment gives the task.
    Else whoever holds the permission over the body that asks or over the body that delivers; somebody below the claiming body is no other
    body to it. An auditor reads everything and decides nothing.
    """
    if authority.user_id is None or authority.user_id == claimed_by:
        return False
    if verifier_id is not None:
        return verifier_id != place.body_id and any(
            held.organisation_id == verifier_id
            and not VERIFIES_WHEN_APPOINTED.isdisjoint(PERMISSIONS_OF[held.role])
            for held in authority.held
        )
    return any(
        Permission.VERIFY_COMPLETION in PERMISSIONS_OF[held.role]
        and not held.path.startswith(place.body_path)
        and (held.reaches(place.issuer_path) or held.reaches(place.body_path))
        for held in authority.held
    )


def check_percent(value: int | None, field: str = "claimed") -> int:
    """Give a percentage back.

    Raises:
        InputError: It is missing, or not between 0 and 100.
    """
    if value is None:
        raise errors.InputError(
            gettext_noop("Enter the progress in per cent."), code="no-percent", field=field
        )
    if not 0 <= value <= WHOLE:
        raise errors.InputError(
            gettext_noop("Progress is between 0 and 100 per cent."), code="bad-percent", field=field
        )
    return value


def check_reason(reason: str, field: str = "reason") -> str:
    """Give a reason back, without white space around it.

    Raises:
        InputError: It is empty or too long.
    """
    clean = reason.strip()
    if not clean:
        raise errors.InputError(gettext_noop("Give the reason."), code="no-reason", field=field)
    if len(clean) > LONGEST_REASON:
        raise errors.InputError(
            gettext_noop("The reason is longer than {limit} characters."),
            code="long-reason",
            field=field,
            limit=LONGEST_REASON,
        )
    return clean


def check_open(*, closed: bool, opens_on: date, day: date) -> None:
    """Refuse a report outside its round.

    Raises:
        Conflict: The period is closed, or not yet open.
    """
    if closed:
        raise errors.Conflict(
            gettext_noop("This period is closed; its reports can no longer be changed."), code="period-closed"
        )
    if day < opens_on:
        raise errors.Conflict(gettext_noop("This period is not open yet."), code="period-not-open")


def check_decided(value: int | None, claimed: int, reason: str, field: str) -> int:
    """Give the figure that a reviewer decides on: the claimed one, or another with its reason.

    Raises:
        InputError: It is no percentage, or differs without a reason.
    """
    decided = claimed if value is None else check_percent(value, field)
    if decided != claimed and not reason.strip():
        raise errors.InputError(
            gettext_noop("Give the reason why the figure differs from what was claimed."),
            code="no-reason",
            field="reason",
        )
    return decided
