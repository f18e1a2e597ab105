"""Compute recognition: a score by published criteria from verified figures, ranks with ties, and who is awarded.

Source: S1.10 (directors of five provinces are thanked), with criteria published before and figures that anybody can check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop
from mehvar.programmes.data import Criterion

WHOLE = 100
MOST_PLACES = 60
DECIMALS = 1

DEFAULT_WEIGHTS: Mapping[Criterion, int] = {
    Criterion.COMPLETENESS: 25,
    Criterion.TIMELINESS: 15,
    Criterion.PROGRESS: 30,
    Criterion.OBSTACLES: 15,
    Criterion.PLANS: 15,
}


@dataclass(frozen=True, slots=True)
class Share:
    """Hold one figure as what it was counted from: ``part`` of ``whole``; nothing to count when ``whole`` is 0."""

    part: float
    whole: float

    @property
    def percent(self) -> float | None:
        """Return the share from 0 to 100, None where there was nothing to count."""
        return round(WHOLE * self.part / self.whole, DECIMALS) if self.whole else None


Figures = Mapping[Criterion, Share]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold a province with its figures."""

    organisation_id: int
    key: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Placed:
    """Hold a province with score and rank; both are None where it was not ranked, and ``reason`` says why."""

    candidate: Candidate
    score: float | None
    rank: int | None
    awarded: bool
    reason: str = ""


def check_criteria(weights: Mapping[str, int], *, places: int, threshold: int) -> dict[Criterion, int]:
    """Give the weights by criterion.

    Raises:
        InputError: A weight is unknown, negative, or they do not sum up to 100; places or threshold make no sense.
    """
    found = {Criterion(code): weight for code, weight in weights.items() if weight}
    if any(weight < 0 for weight in found.values()) or sum(found.values()) != WHOLE:
        raise errors.InputError(
            gettext_noop("The weights must sum up to 100."), code="bad-weights", field="weights"
        )
    if Criterion.COMPLETENESS not in found:
        raise errors.InputError(
            gettext_noop("Completeness must count: without reports nothing is verified."),
            code="no-completeness",
            field="completeness",
        )
    if not 0 < places <= MOST_PLACES:
        raise errors.InputError(gettext_noop("How many are awarded?"), code="bad-places", field="places")
    if not 0 <= threshold <= WHOLE:
        raise errors.InputError(
            gettext_noop("Give a share from 0 to 100."), code="bad-threshold", field="threshold"
        )
    return found


def check_publishable(period_end: date, today: date) -> None:
    """Refuse criteria that come after the facts.

    Raises:
        InputError: The period has ended.
    """
    if today > period_end:
        raise errors.InputError(
            gettext_noop("The period has ended; criteria must be published before."),
            code="too-late",
            field="period",
        )


def check_awardable(period_end: date, today: date, published_on: date | None) -> None:
    """Refuse an award before the period's end, or by criteria that nobody could know.

    Raises:
        Conflict: It is too early, or the criteria were not published in time.
    """
    if published_on is None or published_on > period_end:
        raise errors.Conflict(
            gettext_noop("The criteria were not published before the period ended."), code="not-published"
        )
    if today <= period_end:
        raise errors.Conflict(gettext_noop("The period has not ended yet."), code="too-early")


def score_of(figures: Figures, weights: Mapping[Criterion, int]) -> float | None:
    """Give the weighted mean of the figures that could be counted (the others' weight is shared out), None without any."""
    counted = [(weight, figures[code].percent) for code, weight in weights.items() if code in figures]
    known = [(weight, percent) for weight, percent in counted if percent is not None]
    total = sum(weight for weight, _percent in known)
    return round(sum(weight * percent for weight, percent in known) / total, DECIMALS) if total else None


def completeness_of(figures: Figures) -> float:
    """Give the completeness from 0 to 100; who was asked for nothing has none."""
    share = figures.get(Criterion.COMPLETENESS)
    return (share.percent or 0.0) if share else 0.0


def placed(
    candidates: Iterable[Candidate], weights: Mapping[Criterion, int], *, places: int, threshold: int
) -> tuple[Placed, ...]:
    """Rank the candidates: equal scores share a rank (1, 2, 2, 4), and all on the last awarded rank are awarded.

    Who is below the threshold of completeness is not ranked at all.
    """
    ranked, silent = [], []
    for one in sorted(candidates, key=lambda one: one.key):
        score = score_of(one.figures, weights)
        if score is None or completeness_of(one.figures) < threshold:
            silent.append(Placed(one, None, None, awarded=False, reason="incomplete"))
        else:
            ranked.append((one, score))
    ranked.sort(key=lambda pair: -pair[1])
    scores = [score for _one, score in ranked]
    return (*_with_ranks(ranked, scores, places), *silent)


def _with_ranks(
    ranked: Sequence[tuple[Candidate, float]], scores: Sequence[float], places: int
) -> list[Placed]:
    return [
        Placed(one, score, scores.index(score) + 1, awarded=scores.index(score) < places)
        for one, score in ranked
    ]
