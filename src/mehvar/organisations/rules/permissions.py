"""Decide who may do what: a role gives permissions, a position says over which subtree.

Source: issue "the house", point 4 (permission = role × organisation subtree); architecture page, "Scope".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from mehvar.accounts.data import Role
from mehvar.kernel import errors
from mehvar.organisations.data.authority import Authority


class Permission(StrEnum):
    """List what may be permitted."""

    VIEW_DRAFTS = "view-drafts"
    DRAFT_DIRECTIVE = "draft-directive"
    REVIEW_IMPORT = "review-import"
    OPEN_CONSULTATION = "open-consultation"
    GIVE_OPINION = "give-opinion"
    ANSWER_OPINION = "answer-opinion"
    MANAGE_COUNCIL = "manage-council"
    APPROVE_DIRECTIVE = "approve-directive"
    PROMULGATE_DIRECTIVE = "promulgate-directive"
    VIEW_ASSIGNMENTS = "view-assignments"
    ACKNOWLEDGE_ASSIGNMENT = "acknowledge-assignment"
    VIEW_COVERAGE = "view-coverage"
    MANAGE_DUTIES = "manage-duties"
    MANAGE_COMMITTEES = "manage-committees"
    TEACH_ALIAS = "teach-alias"
    MANAGE_ORGANISATIONS = "manage-organisations"
    MANAGE_PEOPLE = "manage-people"
    MANAGE_PROGRAMMES = "manage-programmes"
    CALL_FOR_PLANS = "call-for-plans"
    FILE_PLAN = "file-plan"
    REVIEW_PLAN = "review-plan"
    VIEW_PROGRESS = "view-progress"
    REPORT_PROGRESS = "report-progress"
    ACCEPT_REPORT = "accept-report"
    APPROVE_REPORT = "approve-report"
    VERIFY_COMPLETION = "verify-completion"
    JUDGE_CONFIDENCE = "judge-confidence"
    RAISE_OBSTACLE = "raise-obstacle"
    HANDLE_OBSTACLE = "handle-obstacle"
    DECIDE_OBSTACLE = "decide-obstacle"
    HOLD_STOCKTAKE = "hold-stocktake"
    MANAGE_FLAGSHIPS = "manage-flagships"
    MANAGE_STAKEHOLDERS = "manage-stakeholders"
    PROPOSE = "propose"
    ANSWER_PROPOSAL = "answer-proposal"
    AWARD_RECOGNITION = "award-recognition"
    PUBLISH = "publish"
    AUDIT = "audit"
    OPERATE_EXCHANGE = "operate-exchange"
    MANAGE_SYSTEMS = "manage-systems"
    VIEW_EXCHANGE = "view-exchange"
    INQUIRE = "inquire"
    AUTHORISE_INQUIRY = "authorise-inquiry"


_P = Permission

PERMISSIONS_OF: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.MINISTER: frozenset(
            {
                _P.VIEW_PROGRESS,
                _P.APPROVE_REPORT,
                _P.JUDGE_CONFIDENCE,
                _P.DECIDE_OBSTACLE,
                _P.HOLD_STOCKTAKE,
                _P.MANAGE_COUNCIL,
                _P.AWARD_RECOGNITION,
                _P.VIEW_EXCHANGE,
                _P.VIEW_DRAFTS,
                _P.GIVE_OPINION,
                _P.APPROVE_DIRECTIVE,
                _P.PROMULGATE_DIRECTIVE,
                _P.VIEW_ASSIGNMENTS,
                _P.VIEW_COVERAGE,
                _P.PUBLISH,
            }
        ),
        Role.DEPUTY: frozenset(
            {
                _P.VIEW_PROGRESS,
                _P.ACCEPT_REPORT,
                _P.VERIFY_COMPLETION,
                _P.JUDGE_CONFIDENCE,
                _P.RAISE_OBSTACLE,
                _P.HANDLE_OBSTACLE,
                _P.DECIDE_OBSTACLE,
                _P.REPORT_PROGRESS,
                _P.FILE_PLAN,
                _P.VIEW_EXCHANGE,
                _P.AUTHORISE_INQUIRY,
                _P.VIEW_DRAFTS,
                _P.GIVE_OPINION,
                _P.VIEW_ASSIGNMENTS,
                _P.VIEW_COVERAGE,
            }
        ),
        Role.PLANNING_OFFICER: frozenset(
            {
                _P.MANAGE_PROGRAMMES,
                _P.CALL_FOR_PLANS,
                _P.REVIEW_PLAN,
                _P.VIEW_PROGRESS,
                _P.ACCEPT_REPORT,
                _P.APPROVE_REPORT,
                _P.VERIFY_COMPLETION,
                _P.JUDGE_CONFIDENCE,
                _P.RAISE_OBSTACLE,
                _P.HANDLE_OBSTACLE,
                _P.HOLD_STOCKTAKE,
                _P.MANAGE_FLAGSHIPS,
                _P.ANSWER_PROPOSAL,
                _P.AWARD_RECOGNITION,
                _P.VIEW_DRAFTS,
                _P.DRAFT_DIRECTIVE,
                _P.REVIEW_IMPORT,
                _P.OPEN_CONSULTATION,
                _P.ANSWER_OPINION,
                _P.MANAGE_COUNCIL,
                _P.PROMULGATE_DIRECTIVE,
                _P.VIEW_ASSIGNMENTS,
                _P.VIEW_COVERAGE,
                _P.MANAGE_DUTIES,
                _P.MANAGE_COMMITTEES,
                _P.TEACH_ALIAS,
            }
        ),
        Role.PROVINCIAL_DIRECTOR: frozenset(
            {
                _P.FILE_PLAN,
                _P.VIEW_PROGRESS,
                _P.REPORT_PROGRESS,
                _P.RAISE_OBSTACLE,
                _P.HANDLE_OBSTACLE,
                _P.DECIDE_OBSTACLE,
                _P.MANAGE_STAKEHOLDERS,
                _P.PROPOSE,
                _P.GIVE_OPINION,
                _P.VIEW_ASSIGNMENTS,
                _P.ACKNOWLEDGE_ASSIGNMENT,
                _P.VIEW_COVERAGE,
                _P.MANAGE_COMMITTEES,
                _P.MANAGE_COUNCIL,
                _P.AUTHORISE_INQUIRY,
            }
        ),
        Role.BODY_OFFICER: frozenset(
            {
                _P.FILE_PLAN,
                _P.VIEW_PROGRESS,
                _P.REPORT_PROGRESS,
                _P.RAISE_OBSTACLE,
                _P.HANDLE_OBSTACLE,
                _P.GIVE_OPINION,
                _P.VIEW_ASSIGNMENTS,
                _P.ACKNOWLEDGE_ASSIGNMENT,
            }
        ),
        Role.PUBLIC_RELATIONS: frozenset({_P.VIEW_PROGRESS, _P.MANAGE_FLAGSHIPS, _P.VIEW_DRAFTS, _P.PUBLISH}),
        Role.AUDITOR: frozenset(
            {
                _P.VIEW_PROGRESS,
                _P.VIEW_DRAFTS,
                _P.VIEW_ASSIGNMENTS,
                _P.VIEW_COVERAGE,
                _P.VIEW_EXCHANGE,
                _P.AUDIT,
            }
        ),
        Role.ADMINISTRATOR: frozenset(
            {_P.MANAGE_ORGANISATIONS, _P.MANAGE_PEOPLE, _P.MANAGE_COMMITTEES, _P.TEACH_ALIAS}
        ),
        Role.EXCHANGE_OPERATOR: frozenset({_P.OPERATE_EXCHANGE, _P.VIEW_EXCHANGE}),
        Role.SYSTEM_ENGINEER: frozenset({_P.MANAGE_SYSTEMS, _P.VIEW_EXCHANGE}),
        Role.INQUIRY_OFFICER: frozenset({_P.INQUIRE}),
    }
)
"""What each role may do within its subtree."""

SECOND_FACTOR_ROLES = frozenset({Role.MINISTER, Role.DEPUTY, Role.ADMINISTRATOR})
"""Roles whose holders are told to protect their account with a second factor."""


def allows(authority: Authority, permission: Permission, path: str | None = None) -> bool:
    """Tell whether a role gives the permission over the body at ``path`` (``None``: anywhere at all)."""
    return any(
        permission in PERMISSIONS_OF[item.role] and (path is None or item.reaches(path))
        for item in authority.held
    )


def paths_with(authority: Authority, permission: Permission) -> tuple[str, ...]:
    """Give the tops of the subtrees in which the permission holds, without one inside another."""
    paths = sorted({item.path for item in authority.held if permission in PERMISSIONS_OF[item.role]})
    tops: list[str] = []
    for path in paths:
        if not (tops and path.startswith(tops[-1])):
            tops.append(path)
    return tuple(tops)


def require(authority: Authority, permission: Permission, path: str | None = None) -> None:
    """Refuse an act that no role permits.

    Raises:
        NotPermitted: No role of the person gives the permission over the body at ``path``.
    """
    if not allows(authority, permission, path):
        raise errors.NotPermitted(
            "Your role does not permit this here.", code="not-permitted", permission=permission.value
        )
