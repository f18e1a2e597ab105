"""Read committees and who sits on them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from mehvar.kernel import clock, errors
from mehvar.organisations.data import Capacity
from mehvar.organisations.models import Committee, CommitteeMember
from mehvar.organisations.queries.authority import valid_on, within


def committee(committee_id: int) -> Committee:
    """Give a committee with its body.

    Raises:
        NotFound: There is no such committee.
    """
    found = Committee.objects.select_related("organisation").filter(pk=committee_id).first()
    if found is None:
        raise errors.NotFound("There is no such committee.", code="unknown-committee")
    return found


def committees_below(path: str, *, on: date | None = None) -> QuerySet[Committee]:
    """Give the committees of the bodies in a subtree that exist on a day (today), with their body."""
    day = on or clock.today()
    rows = Committee.objects.filter(within(path, path_field="organisation__path"), established_on__lte=day)
    return (
        rows.exclude(dissolved_on__lte=day)
        .select_related("organisation")
        .order_by("organisation__path", "pk")
    )


def members_of_committee(committee_id: int, *, on: date | None = None) -> QuerySet[CommitteeMember, Any]:
    """Give who sits on a committee on a day (today), as values; the chair comes first."""
    rows = CommitteeMember.objects.filter(valid_on(on or clock.today()), committee_id=committee_id)
    return rows.order_by("capacity", "pk").values(
        "id",
        "capacity",
        "office",
        "valid_from",
        "valid_to",
        "user_id",
        "user__name",
        "organisation_id",
        "organisation__code",
        "organisation__name_fa",
        "organisation__name_vi",
        "organisation__name_en",
    )


def voters_of(committee_id: int, *, on: date | None = None) -> tuple[int, ...]:
    """Give the people who count for a committee's quorum on a day: all but observers."""
    rows = CommitteeMember.objects.filter(
        valid_on(on or clock.today()), committee_id=committee_id, user_id__isnull=False
    ).exclude(capacity=Capacity.OBSERVER)
    return tuple(pk for pk in rows.order_by("pk").values_list("user_id", flat=True) if pk is not None)
