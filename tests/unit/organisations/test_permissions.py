"""The whole matrix of roles and permissions, cell by cell, as an official would read it."""

import pytest

from mehvar.accounts.data import Role
from mehvar.kernel.errors import NotPermitted
from mehvar.organisations.data import NOBODY, WHOLE_TREE, Authority, Held
from mehvar.organisations.rules.permissions import (
    PERMISSIONS_OF,
    Permission,
    allows,
    paths_with,
    require,
)

COLUMNS = (
    Role.MINISTER,
    Role.DEPUTY,
    Role.PLANNING_OFFICER,
    Role.PROVINCIAL_DIRECTOR,
    Role.BODY_OFFICER,
    Role.PUBLIC_RELATIONS,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.EXCHANGE_OPERATOR,
    Role.SYSTEM_ENGINEER,
    Role.INQUIRY_OFFICER,
)
#                        minister deputy planner province body publicity auditor administrator operator engineer inquirer
MATRIX = {
    Permission.VIEW_DRAFTS:            "x x x . . x x . . . .",
    Permission.DRAFT_DIRECTIVE:        ". . x . . . . . . . .",
    Permission.REVIEW_IMPORT:          ". . x . . . . . . . .",
    Permission.OPEN_CONSULTATION:      ". . x . . . . . . . .",
    Permission.GIVE_OPINION:           "x x . x x . . . . . .",
    Permission.ANSWER_OPINION:         ". . x . . . . . . . .",
    Permission.MANAGE_COUNCIL:         "x . x x . . . . . . .",
    Permission.APPROVE_DIRECTIVE:      "x . . . . . . . . . .",
    Permission.PROMULGATE_DIRECTIVE:   "x . x . . . . . . . .",
    Permission.VIEW_ASSIGNMENTS:       "x x x x x . x . . . .",
    Permission.ACKNOWLEDGE_ASSIGNMENT: ". . . x x . . . . . .",
    Permission.VIEW_COVERAGE:          "x x x x . . x . . . .",
    Permission.MANAGE_DUTIES:          ". . x . . . . . . . .",
    Permission.MANAGE_COMMITTEES:      ". . x x . . . x . . .",
    Permission.TEACH_ALIAS:            ". . x . . . . x . . .",
    Permission.MANAGE_ORGANISATIONS:   ". . . . . . . x . . .",
    Permission.MANAGE_PEOPLE:          ". . . . . . . x . . .",
    Permission.MANAGE_PROGRAMMES:      ". . x . . . . . . . .",
    Permission.CALL_FOR_PLANS:         ". . x . . . . . . . .",
    Permission.FILE_PLAN:              ". x . x x . . . . . .",
    Permission.REVIEW_PLAN:            ". . x . . . . . . . .",
    Permission.VIEW_PROGRESS:          "x x x x x x x . . . .",
    Permission.REPORT_PROGRESS:        ". x . x x . . . . . .",
    Permission.ACCEPT_REPORT:          ". x x . . . . . . . .",
    Permission.APPROVE_REPORT:         "x . x . . . . . . . .",
    Permission.VERIFY_COMPLETION:      ". x x . . . . . . . .",
    Permission.JUDGE_CONFIDENCE:       "x x x . . . . . . . .",
    Permission.RAISE_OBSTACLE:         ". x x x x . . . . . .",
    Permission.HANDLE_OBSTACLE:        ". x x x x . . . . . .",
    Permission.DECIDE_OBSTACLE:        "x x . x . . . . . . .",
    Permission.HOLD_STOCKTAKE:         "x . x . . . . . . . .",
    Permission.MANAGE_FLAGSHIPS:       ". . x . . x . . . . .",
    Permission.MANAGE_STAKEHOLDERS:    ". . . x . . . . . . .",
    Permission.PROPOSE:                ". . . x . . . . . . .",
    Permission.ANSWER_PROPOSAL:        ". . x . . . . . . . .",
    Permission.AWARD_RECOGNITION:      "x . x . . . . . . . .",
    Permission.PUBLISH:                "x . . . . x . . . . .",
    Permission.AUDIT:                  ". . . . . . x . . . .",
    Permission.OPERATE_EXCHANGE:       ". . . . . . . . x . .",
    Permission.MANAGE_SYSTEMS:         ". . . . . . . . . x .",
    Permission.VIEW_EXCHANGE:          "x x . . . . x . x x .",
    Permission.INQUIRE:                ". . . . . . . . . . x",
    Permission.AUTHORISE_INQUIRY:      ". x . x . . . . . . .",
}  # fmt: skip
CELLS = [
    (role, permission, mark == "x")
    for permission, line in MATRIX.items()
    for role, mark in zip(COLUMNS, line.split(), strict=True)
]


def held(role: Role, path: str) -> Authority:
    return Authority(1, (Held(role, 1, "xx", path),))


def test_the_matrix_names_every_role_and_every_permission() -> None:
    assert set(MATRIX) == set(Permission)
    assert set(COLUMNS) == set(Role) == set(PERMISSIONS_OF)


@pytest.mark.parametrize(("role", "permission", "expected"), CELLS)
def test_each_cell_of_the_matrix(role: Role, permission: Permission, expected: bool) -> None:  # noqa: FBT001
    authority = held(role, "00010002")
    assert allows(authority, permission) is expected
    assert allows(authority, permission, "00010002") is expected
    assert allows(authority, permission, "000100020001") is expected
    for outside in ("0001", "00010003", "00010001", "", "000100030001"):
        assert not allows(authority, permission, outside)


def test_no_approval_without_the_minister_and_no_audit_by_who_is_audited() -> None:
    approvers = {role for role in Role if Permission.APPROVE_DIRECTIVE in PERMISSIONS_OF[role]}
    assert approvers == {Role.MINISTER}
    changing = {one for one in PERMISSIONS_OF[Role.AUDITOR] if not one.startswith("view-")}
    assert changing == {Permission.AUDIT}  # an auditor reads everything and changes nothing


def test_nobody_may_do_nothing() -> None:
    assert not any(allows(NOBODY, permission) for permission in Permission)
    with pytest.raises(NotPermitted) as refusal:
        require(NOBODY, Permission.AUDIT)
    assert refusal.value.status == 403


def test_the_tops_of_subtrees_swallow_what_lies_below_them() -> None:
    authority = Authority(
        1,
        (
            Held(Role.ADMINISTRATOR, 1, "a", "00010002"),
            Held(Role.ADMINISTRATOR, 2, "b", "000100020005"),
            Held(Role.ADMINISTRATOR, 3, "c", "0003"),
            Held(Role.AUDITOR, 4, "d", "0004"),
        ),
    )
    assert paths_with(authority, Permission.MANAGE_PEOPLE) == ("00010002", "0003")
    assert paths_with(authority, Permission.AUDIT) == ("0004",)
    assert paths_with(authority, Permission.PUBLISH) == ()


def test_a_role_over_the_whole_tree_reaches_every_path() -> None:
    authority = held(Role.ADMINISTRATOR, WHOLE_TREE)
    assert allows(authority, Permission.MANAGE_PEOPLE, WHOLE_TREE)
    assert allows(authority, Permission.MANAGE_PEOPLE, "00ZZ")
    assert paths_with(authority, Permission.MANAGE_PEOPLE) == ("",)
