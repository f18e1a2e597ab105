"""Read editions, the differences between them and the proposals that caused each.

Source: S0.9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

from django.db.models import Q, QuerySet

from mehvar.directives.data import Answer, OpinionKind
from mehvar.directives.models import DirectiveVersion, Opinion, StatusEvent
from mehvar.directives.queries import content as contents
from mehvar.directives.queries.consultation import target_id
from mehvar.directives.rules.content import DirectiveContent
from mehvar.directives.rules.difference import Difference, compare
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import identifiers
from mehvar.kernel.errors import NotFound, gettext_noop

WORKING = 0
"""The number by which the present, not yet frozen text is named."""


def editions_of(directive_id: int) -> QuerySet[DirectiveVersion]:
    """Give the editions of a directive without their content, first first."""
    return (
        DirectiveVersion.objects.filter(directive_id=directive_id)
        .defer("content")
        .select_related("created_by")
        .order_by("number")
    )


def edition(directive_id: int, number: int) -> DirectiveVersion:
    """Give one edition with its content.

    Raises:
        NotFound: There is no such edition.
    """
    found = DirectiveVersion.objects.filter(directive_id=directive_id, number=number).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such edition."), code="unknown-edition")
    return found


def content_at(directive_id: int, number: int) -> DirectiveContent:
    """Give the content of an edition, or of the present text for ``WORKING``.

    Raises:
        NotFound: There is no such edition.
    """
    if number == WORKING:
        return contents.content_of(directive_id)
    return cast("DirectiveContent", edition(directive_id, number).content)


def difference(directive_id: int, old: int, new: int) -> Difference:
    """Compare two editions, or an edition with the present text.

    Raises:
        NotFound: There is no such edition.
    """
    return compare(content_at(directive_id, old), content_at(directive_id, new))


def is_ahead(directive_id: int) -> bool:
    """Tell whether the present text differs from the last edition."""
    last = editions_of(directive_id).last()
    return last is None or last.content_hash != identifiers.content_hash(contents.content_of(directive_id))


def causes_between(directive_id: int, old: int, new: int) -> dict[str, list[Opinion]]:
    """Give the accepted proposals that came into the text after one edition up to another, by what they changed."""
    applied = Q(applied_edition__gt=old)
    applied &= Q(applied_edition__lte=new) if new != WORKING else Q()
    if new == WORKING:
        applied |= Q(applied_edition__isnull=True)
    rows = (
        Opinion.objects.filter(
            applied, invitation__round__directive_id=directive_id, applied_at__isnull=False
        )
        .select_related("invitation__organisation", "invitation__round", "measure", "provision")
        .order_by("applied_at", "pk")
    )
    found: dict[str, list[Opinion]] = defaultdict(list)
    for opinion in rows:
        found[target_id(opinion)].append(opinion)
    return dict(found)


def refused_proposals(directive_id: int) -> QuerySet[Opinion]:
    """Give the proposals that drafters refused or took only in part, of all rounds."""
    return (
        Opinion.objects.filter(
            invitation__round__directive_id=directive_id,
            kind=OpinionKind.PROPOSAL,
            answer__in=[Answer.REFUSED, Answer.PARTLY],
            withdrawn_at__isnull=True,
        )
        .select_related("invitation__organisation", "invitation__round", "measure", "provision")
        .order_by("answer", "invitation__round__number", "pk")
    )


def edition_before_council(directive_id: int) -> int | None:
    """Give the number of the edition that last went before a council, if any did."""
    event = (
        StatusEvent.objects.filter(directive_id=directive_id, action=Step.PUT_TO_COUNCIL)
        .order_by("at", "id")
        .last()
    )
    if event is None:
        return None
    number: int | None = (
        DirectiveVersion.objects.filter(directive_id=directive_id, content_hash=event.content_hash)
        .order_by("number")
        .values_list("number", flat=True)
        .first()
    )
    return number


def steps_by_hash(directive_id: int) -> dict[str, list[Mapping[str, Any]]]:
    """Give the steps of the directive's life by the hash of the text at that moment."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    rows = StatusEvent.objects.filter(directive_id=directive_id).order_by("at", "id")
    for row in rows.values("action", "at", "content_hash"):
        found[row["content_hash"]].append(row)
    return dict(found)
