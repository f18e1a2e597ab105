"""Scores, ranks with ties, thresholds, and when criteria may be published."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.kernel.errors import Conflict, InputError
from mehvar.programmes.data import Criterion
from mehvar.programmes.rules import recognition
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS, Candidate, Share

WEIGHTS = {Criterion.COMPLETENESS: 50, Criterion.PROGRESS: 50}
END = date(2026, 6, 30)


def candidate(key: str, complete: float, progress: float | None = None) -> Candidate:
    figures = {Criterion.COMPLETENESS: Share(complete, 100)}
    figures[Criterion.PROGRESS] = Share(progress or 0, 100 if progress is not None else 0)
    return Candidate(hash(key) % 10_000, key, figures)


def ranks(*candidates: Candidate, places: int = 2, threshold: int = 80) -> dict[str, tuple[int | None, bool]]:
    found = recognition.placed(candidates, WEIGHTS, places=places, threshold=threshold)
    return {one.candidate.key: (one.rank, one.awarded) for one in found}


def test_equal_scores_share_a_rank_and_all_on_the_last_place_are_awarded() -> None:
    found = ranks(
        candidate("a", 100, 90), candidate("b", 100, 80), candidate("c", 100, 80), candidate("d", 100, 70)
    )
    assert found == {"a": (1, True), "b": (2, True), "c": (2, True), "d": (4, False)}


def test_who_keeps_silent_is_not_ranked_however_good() -> None:
    assert ranks(candidate("a", 79, 100), candidate("b", 80, 10)) == {"b": (1, True), "a": (None, False)}


def test_a_criterion_without_anything_to_count_is_left_out() -> None:
    figures = candidate("a", 90).figures
    assert recognition.score_of(figures, WEIGHTS) == 90.0
    assert recognition.score_of({}, WEIGHTS) is None


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=30),
    st.integers(1, 10),
    st.integers(0, 100),
)
def test_ranks_follow_scores_whatever_the_order(
    figures: list[tuple[int, int]], places: int, threshold: int
) -> None:
    rows = [
        candidate(f"p{number:02d}", complete, progress) for number, (complete, progress) in enumerate(figures)
    ]
    found = recognition.placed(rows, WEIGHTS, places=places, threshold=threshold)
    again = recognition.placed(list(reversed(rows)), WEIGHTS, places=places, threshold=threshold)
    assert found == again
    assert len(found) == len(rows)
    ranked = [one for one in found if one.rank is not None]
    for one in ranked:
        better = [other for other in ranked if (other.score or 0) > (one.score or 0)]
        assert one.rank == len(better) + 1
        assert one.awarded == (len(better) < places)


@pytest.mark.parametrize(
    ("weights", "places", "threshold"),
    [
        ({"completeness": 50, "progress": 40}, 5, 80),
        ({"progress": 100}, 5, 80),
        ({"completeness": 120, "progress": -20}, 5, 80),
        ({"completeness": 100}, 0, 80),
        ({"completeness": 100}, 5, 101),
    ],
)
def test_criteria_that_make_no_sense_are_refused(
    weights: dict[str, int], places: int, threshold: int
) -> None:
    with pytest.raises(InputError):
        recognition.check_criteria(weights, places=places, threshold=threshold)


def test_default_weights_make_sense() -> None:
    given_weights = {code.value: weight for code, weight in DEFAULT_WEIGHTS.items()}
    assert recognition.check_criteria(given_weights, places=5, threshold=80) == dict(DEFAULT_WEIGHTS)


def test_criteria_come_before_the_facts_and_awards_after() -> None:
    recognition.check_publishable(END, END)
    with pytest.raises(InputError):
        recognition.check_publishable(END, date(2026, 7, 1))
    recognition.check_awardable(END, date(2026, 7, 1), END)
    for today, published_on in ((END, END), (date(2026, 7, 1), None), (date(2026, 7, 1), date(2026, 7, 1))):
        with pytest.raises(Conflict):
            recognition.check_awardable(END, today, published_on)
