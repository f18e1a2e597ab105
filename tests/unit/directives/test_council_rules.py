from datetime import date

import pytest

from mehvar.directives.data import CouncilDecision, ResolutionState
from mehvar.directives.rules import council as rules
from mehvar.directives.rules.council import Seat
from mehvar.kernel.errors import Conflict, InputError


def seats(filled: int, of: int) -> list[Seat]:
    return [Seat("member", present=place < filled) for place in range(of)]


@pytest.mark.parametrize(
    ("filled", "of", "percent", "met"),
    [
        (2, 4, 50, True),
        (1, 4, 50, False),
        (2, 5, 50, False),
        (3, 5, 50, True),
        (2, 4, 51, False),
        (3, 4, 51, True),
        (2, 3, 67, False),
        (3, 3, 100, True),
        (2, 3, 100, False),
        (0, 3, 0, False),
        (1, 3, 0, True),
        (0, 0, 50, False),
    ],
)
def test_quorum(filled: int, of: int, percent: int, met: bool) -> None:  # noqa: FBT001
    assert rules.quorum_of(seats(filled, of), percent).met is met


def test_observers_do_not_count_and_substitutes_do() -> None:
    council = [
        Seat("chair", present=True),
        Seat("member", substitute="Director"),
        Seat("member"),
        Seat("observer", present=True),
    ]
    quorum = rules.quorum_of(council, 60)
    assert (quorum.seats, quorum.filled, quorum.needed, quorum.met) == (3, 2, 2, True)


def test_a_session_without_quorum_cannot_resolve() -> None:
    with pytest.raises(Conflict) as refused:
        rules.require_quorum(rules.quorum_of(seats(1, 4), 50))
    assert refused.value.code == "no-quorum"
    assert "1 of 2" in str(refused.value)


def test_only_directives_are_passed_on_and_a_return_says_why() -> None:
    with pytest.raises(InputError):
        rules.check_decision(CouncilDecision.PASSED, "", on_directive=False)
    with pytest.raises(InputError) as refused:
        rules.check_decision(CouncilDecision.RETURNED, " ", on_directive=True)
    assert refused.value.field == "conclusion"
    rules.check_decision(CouncilDecision.NOTED, "", on_directive=False)


def test_the_life_of_a_resolution() -> None:
    life = rules.RESOLUTION_LIFE
    state: str = ResolutionState.OPEN
    for step, after in (
        ("begin", "in_progress"),
        ("claim", "claimed"),
        ("send_back", "in_progress"),
        ("claim", "claimed"),
    ):
        state = life.transition(state, step)
        assert state == after
    assert life.transition(state, "confirm") == ResolutionState.DONE
    assert life.is_final(ResolutionState.DONE)
    assert life.is_final(ResolutionState.DROPPED)


def test_overdue_only_while_tracked() -> None:
    due, today = date(2026, 5, 1), date(2026, 5, 2)
    assert rules.is_overdue("open", due, today)
    assert rules.is_overdue("claimed", due, today)
    assert not rules.is_overdue("done", due, today)
    assert not rules.is_overdue("open", today, today)
    assert not rules.is_overdue("open", None, today)
