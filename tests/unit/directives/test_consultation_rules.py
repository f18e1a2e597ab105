from datetime import date, timedelta

import pytest

from mehvar.accounts.data import Role
from mehvar.directives.data import Answer, OpinionKind, OpinionTarget
from mehvar.directives.rules import consultation as rules
from mehvar.directives.rules.consultation import OfficeState, Standing
from mehvar.kernel.errors import InputError
from mehvar.organisations.data import Authority, Held

DEADLINE = date(2026, 5, 11)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("standing", "today", "closed", "state"),
    [
        (Standing(), DEADLINE, False, OfficeState.WAITING),
        (Standing(), DEADLINE + DAY, False, OfficeState.SILENT),
        (Standing(), DEADLINE - DAY, True, OfficeState.SILENT),
        (Standing(responded=True), DEADLINE + DAY, True, OfficeState.ANSWERED),
        (Standing(responded=True, no_comment=True), DEADLINE, False, OfficeState.NO_COMMENT),
        (Standing(responded=True, late=True), DEADLINE + DAY, False, OfficeState.LATE),
        (Standing(responded=True, no_comment=True, late=True), DEADLINE + DAY, True, OfficeState.LATE),
    ],
)
def test_how_an_office_stands(standing: Standing, today: date, closed: bool, state: OfficeState) -> None:  # noqa: FBT001
    assert rules.office_state(standing, deadline=DEADLINE, today=today, closed=closed) is state


def test_the_day_of_the_deadline_is_still_in_time() -> None:
    assert not rules.is_late(deadline=DEADLINE, today=DEADLINE)
    assert rules.is_late(deadline=DEADLINE, today=DEADLINE + DAY)


def test_an_office_is_spoken_for_only_by_a_role_at_that_office() -> None:
    deputy = Authority(1, (Held(Role.DEPUTY, 7, "xx.min.deputy1", "000100010003"),))
    minister = Authority(2, (Held(Role.MINISTER, 3, "xx.min", "00010001"),))
    officer = Authority(3, (Held(Role.PLANNING_OFFICER, 7, "xx.min.deputy1", "000100010003"),))
    assert rules.speaks_for(deputy, 7)
    assert not rules.speaks_for(minister, 7)
    assert not rules.speaks_for(officer, 7)
    assert rules.offices_spoken_for(deputy) == (7,)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (OpinionKind.PROPOSAL, Answer.NOTED),
        (OpinionKind.NO_COMMENT, Answer.NOTED),
    ],
)
def test_a_proposal_is_decided_not_noted(kind: OpinionKind, answer: Answer) -> None:
    with pytest.raises(InputError):
        rules.check_answer(kind, answer, "reason")


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.PARTLY])
def test_refusing_needs_a_reason(answer: Answer) -> None:
    with pytest.raises(InputError) as refused:
        rules.check_answer(OpinionKind.PROPOSAL, answer, " ")
    assert refused.value.field == "reason"
    rules.check_answer(OpinionKind.PROPOSAL, answer, "It contradicts the law.")


def test_an_opinion_must_say_something_and_words_need_a_clause() -> None:
    with pytest.raises(InputError):
        rules.check_opinion(OpinionKind.OPINION, OpinionTarget.WHOLE, " ", "")
    with pytest.raises(InputError) as refused:
        rules.check_opinion(OpinionKind.PROPOSAL, OpinionTarget.WHOLE, "x", "new words")
    assert refused.value.field == "proposed_text"
    with pytest.raises(InputError) as long:
        rules.check_opinion(OpinionKind.OPINION, OpinionTarget.WHOLE, "x" * 10_001, "")
    assert long.value.code == "text-too-long"


def test_deadlines_lie_ahead_and_extensions_extend() -> None:
    with pytest.raises(InputError):
        rules.check_deadline(DEADLINE, today=DEADLINE)
    with pytest.raises(InputError):
        rules.check_extension(DEADLINE, present=DEADLINE, today=DEADLINE - DAY)
    rules.check_extension(DEADLINE + DAY, present=DEADLINE, today=DEADLINE + timedelta(days=-3))


def test_closing_early_needs_a_reason_only_while_offices_have_time() -> None:
    states = [OfficeState.ANSWERED, OfficeState.WAITING]
    with pytest.raises(InputError) as refused:
        rules.check_closing(states, reason="")
    assert refused.value.params["count"] == 1
    rules.check_closing(states, reason="Urgent")
    rules.check_closing([OfficeState.SILENT, OfficeState.LATE], reason="")
