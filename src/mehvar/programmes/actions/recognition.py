"""Draft, publish and award recognition; criteria are public before the period ends, results are frozen with their figures.

Source: S1.10 (directors of five provinces are thanked), S1.3 (real statistics).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors, identifiers, wording
from mehvar.kernel.periods import Period
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions.record import changed, require, stale
from mehvar.programmes.models import RecognitionEdition, RecognitionResult
from mehvar.programmes.queries import recognition as queries
from mehvar.programmes.rules import recognition as rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mehvar.accounts.models import User
    from mehvar.programmes.data import Criterion
    from mehvar.programmes.rules.recognition import Placed

LONGEST_TITLE, LONGEST_NOTE = 300, 4_000


def draft_edition(
    actor: User,
    *,
    title: str,
    period: str,
    weights: Mapping[str, int],
    places: int = 5,
    threshold: int = 80,
    note: str = "",
) -> RecognitionEdition:
    """Draft a recognition of provinces for a period, in the ministry's name.

    Raises:
        NotPermitted: The person does not award.
        InputError: The period, the weights, places or threshold make no sense, or words are missing.
    """
    issuer = organisations.ministry()
    require(actor, Permission.AWARD_RECOGNITION, issuer.path)
    values = _checked(title, period, weights, places=places, threshold=threshold, note=note)
    with transaction.atomic():
        row = RecognitionEdition.objects.create(
            public_id=identifiers.new_public_id("r"), issuer=issuer, created_by=actor, **values
        )
        _record(actor, row, "recognition.draft", {"period": row.period})
    return row


def change_edition(
    actor: User,
    public_id: str,
    *,
    version: int,
    title: str,
    period: str,
    weights: Mapping[str, int],
    places: int,
    threshold: int,
    note: str = "",
) -> RecognitionEdition:
    """Change a draft.

    Raises:
        NotFound, NotPermitted, InputError: As for ``draft_edition``, or there is none.
        Conflict: Stale, or published already.
    """
    values = _checked(title, period, weights, places=places, threshold=threshold, note=note)
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        if row.published_at is not None:
            raise errors.Conflict(
                gettext_noop("The criteria are published and do not change any more."), code="published"
            )
        changed(row, **values)
        _record(actor, row, "recognition.change", {"period": row.period})
    return row


def publish_criteria(actor: User, public_id: str, *, version: int) -> RecognitionEdition:
    """Publish the criteria; from then on they do not change.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not award.
        Conflict: Stale, or published already.
        InputError: The period has ended.
    """
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        if row.published_at is not None:
            raise errors.Conflict(
                gettext_noop("The criteria are published and do not change any more."), code="published"
            )
        rules.check_publishable(Period.parse(row.period).end, today())
        changed(row, published_at=clock.now())
        _record(actor, row, "recognition.publish", _criteria(row), public=True)
    return row


def award(actor: User, public_id: str, *, version: int) -> RecognitionEdition:
    """Compute the results from verified figures and freeze them with their hash on the public record.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not award.
        Conflict: Stale, awarded already, too early, or the criteria were not published in time.
    """
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        if row.awarded_at is not None:
            raise errors.Conflict(gettext_noop("This was awarded already."), code="awarded")
        period = Period.parse(row.period)
        published_on = (
            row.published_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if row.published_at else None
        )
        rules.check_awardable(period.end, today(), published_on)
        found = preview(row)
        _keep(row, found)
        content = {**_criteria(row), "results": [_result(one) for one in found]}
        digest = identifiers.content_hash(content)
        changed(row, awarded_at=clock.now(), content_hash=digest)
        sequence = _record(actor, row, "recognition.award", {**content, "hash": digest}, public=True)
        RecognitionEdition.objects.filter(pk=row.pk).update(ledger_sequence=sequence)
        row.ledger_sequence = sequence
    return row


def preview(row: RecognitionEdition) -> Sequence[Placed]:
    """Compute the results as they stand; nothing is written."""
    weights = weights_of(row)
    found = queries.candidates(row.issuer, Period.parse(row.period))
    return rules.placed(found, weights, places=row.places, threshold=row.threshold)


def weights_of(row: RecognitionEdition) -> dict[Criterion, int]:
    """Give the weights of an edition by criterion."""
    given = {one["code"]: int(one["weight"]) for one in row.criteria}
    return rules.check_criteria(given, places=row.places, threshold=row.threshold)


def _checked(
    title: str, period: str, weights: Mapping[str, int], *, places: int, threshold: int, note: str
) -> dict[str, Any]:
    if not title.strip() or len(title) > LONGEST_TITLE:
        raise errors.InputError(gettext_noop("Please write this down."), code="empty", field="title")
    wording.within(note, field="note", limit=LONGEST_NOTE)
    try:
        name = Period.parse(period.strip()).id
    except errors.InputError as error:
        raise errors.InputError(error.message, code="bad-period", field="period", **error.params) from error
    found = rules.check_criteria(weights, places=places, threshold=threshold)
    return {
        "title": title.strip(),
        "period": name,
        "criteria": [{"code": code.value, "weight": weight} for code, weight in found.items()],
        "places": places,
        "threshold": threshold,
        "note": note.strip(),
    }


def _locked(actor: User, public_id: str, version: int) -> RecognitionEdition:
    rows = RecognitionEdition.objects.select_for_update(of=("self",)).select_related("issuer")
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise errors.NotFound(gettext_noop("There is no such recognition."), code="unknown-recognition")
    require(actor, Permission.AWARD_RECOGNITION, row.issuer.path)
    if row.version != version:
        raise stale()
    return row


def _keep(row: RecognitionEdition, found: Sequence[Placed]) -> None:
    RecognitionResult.objects.bulk_create(
        [
            RecognitionResult(
                edition=row,
                organisation_id=one.candidate.organisation_id,
                score=one.score,
                rank=one.rank,
                awarded=one.awarded,
                figures=_figures(one),
            )
            for one in found
        ]
    )


def _figures(one: Placed) -> dict[str, Any]:
    return {
        code.value: {"part": share.part, "whole": share.whole, "percent": share.percent}
        for code, share in one.candidate.figures.items()
    }


def _result(one: Placed) -> dict[str, Any]:
    return {
        "body": one.candidate.key,
        "rank": one.rank,
        "score": one.score,
        "awarded": one.awarded,
        "figures": _figures(one),
    }


def _criteria(row: RecognitionEdition) -> dict[str, Any]:
    return {
        "title": row.title,
        "period": row.period,
        "criteria": list(row.criteria),
        "places": row.places,
        "threshold": row.threshold,
    }


def _record(
    actor: User, row: RecognitionEdition, action: str, content: dict[str, Any], *, public: bool = False
) -> int:
    return ledger.record(
        actor=actor.as_actor(),
        action=action,
        subject=Subject("recognition", row.public_id, row.title[:200]),
        content=content,
        public=public,
    )
