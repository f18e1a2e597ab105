from itertools import product

import pytest

from mehvar.accounts.data import Role
from mehvar.directives.data import DirectiveState as State
from mehvar.directives.rules import lifecycle as rules
from mehvar.directives.rules.lifecycle import Situation, Step
from mehvar.kernel.errors import InputError, TransitionNotAllowed
from mehvar.organisations.data import Authority, Held

READY = Situation(measures=3, provisions=1, rounds=1, council_conclusions=1)
MINISTRY = "00010001"


def who(role: Role, path: str = MINISTRY) -> Authority:
    return Authority(1, (Held(role, 1, "xx.min", path),))


@pytest.mark.parametrize(
    ("state", "step", "target"),
    [
        (State.DRAFT, Step.OPEN_CONSULTATION, State.CONSULTATION),
        (State.CONSULTATION, Step.PUT_TO_COUNCIL, State.COUNCIL),
        (State.CONSULTATION, Step.START_REVISION, State.REVISION),
        (State.COUNCIL, Step.COUNCIL_PASSES, State.AWAITING_APPROVAL),
        (State.REVISION, Step.OPEN_CONSULTATION, State.CONSULTATION),
        (State.REVISION, Step.PUT_TO_COUNCIL, State.COUNCIL),
        (State.REVISION, Step.SUBMIT_FOR_APPROVAL, State.AWAITING_APPROVAL),
        (State.AWAITING_APPROVAL, Step.APPROVE, State.APPROVED),
        (State.APPROVED, Step.PROMULGATE, State.PROMULGATED),
        (State.PROMULGATED, Step.AMEND, State.AMENDED),
        (State.AMENDED, Step.SUPERSEDE, State.SUPERSEDED),
    ],
)
def test_each_step_leads_where_the_life_cycle_says(state: State, step: Step, target: State) -> None:
    assert rules.check(step, state, READY) == target


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (State.DRAFT, Step.PUT_TO_COUNCIL),
        (State.DRAFT, Step.APPROVE),
        (State.DRAFT, Step.PROMULGATE),
        (State.CONSULTATION, Step.SUBMIT_FOR_APPROVAL),
        (State.COUNCIL, Step.APPROVE),
        (State.PROMULGATED, Step.RETURN),
        (State.WITHDRAWN, Step.OPEN_CONSULTATION),
        (State.SUPERSEDED, Step.AMEND),
    ],
)
def test_other_steps_are_refused(state: State, step: Step) -> None:
    with pytest.raises(TransitionNotAllowed):
        rules.check(step, state, READY, reason="because")


@pytest.mark.parametrize(
    "step", [Step.PUT_TO_COUNCIL, Step.START_REVISION, Step.OPEN_CONSULTATION, Step.SUBMIT_FOR_APPROVAL]
)
def test_nothing_goes_on_while_a_proposal_is_unanswered(step: Step) -> None:
    unanswered = Situation(measures=3, rounds=1, council_conclusions=1, unanswered=2)
    codes = [hindrance.code for hindrance in rules.hindrances(step, unanswered)]
    assert "unanswered-proposals" in codes


def test_an_open_round_and_an_empty_text_hinder_too() -> None:
    found = {item.code for item in rules.hindrances(Step.PUT_TO_COUNCIL, Situation(open_rounds=1, rounds=1))}
    assert found == {"empty-directive", "round-open"}


def test_no_council_without_consultation_and_no_minister_without_council() -> None:
    fresh = Situation(measures=1)
    assert [item.code for item in rules.hindrances(Step.PUT_TO_COUNCIL, fresh)] == ["not-consulted"]
    assert [item.code for item in rules.hindrances(Step.SUBMIT_FOR_APPROVAL, fresh)] == ["not-in-council"]


@pytest.mark.parametrize(
    ("step", "state"), [(Step.RETURN, State.AWAITING_APPROVAL), (Step.WITHDRAW, State.DRAFT)]
)
def test_going_back_needs_a_reason(step: Step, state: State) -> None:
    with pytest.raises(InputError) as refused:
        rules.check(step, state, READY, reason="  ")
    assert refused.value.field == "reason"


def test_only_the_minister_approves_and_only_officers_run_the_rest() -> None:
    approvers = {role for role in Role if _may(role, State.AWAITING_APPROVAL, Step.APPROVE)}
    assert approvers == {Role.MINISTER}
    openers = {role for role in Role if _may(role, State.DRAFT, Step.OPEN_CONSULTATION)}
    assert openers == {Role.PLANNING_OFFICER}


def test_a_role_elsewhere_takes_no_step() -> None:
    assert rules.steps_for(who(Role.PLANNING_OFFICER, "00010002"), State.DRAFT, MINISTRY) == ()


def test_the_text_is_edited_only_in_draft_and_revision() -> None:
    assert {state for state in State if rules.is_editable(state)} == {State.DRAFT, State.REVISION}


def test_every_state_reaches_an_end() -> None:
    ends = {State.WITHDRAWN, State.SUPERSEDED}
    for state in State:
        assert rules.LIFE.reachable(state) & ends, state


def test_every_step_has_a_permission() -> None:
    assert set(rules.PERMISSION_FOR) == set(Step)
    assert {(step.source, step.action) for step in rules.LIFE.transitions} <= set(product(State, Step))


def _may(role: Role, state: State, step: Step) -> bool:
    return step in {found.action for found in rules.steps_for(who(role), state, MINISTRY)}
