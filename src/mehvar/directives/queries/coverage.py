"""Read how a directive's acknowledgements stand by province, within a person's scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mehvar.directives.queries import cascade
from mehvar.directives.rules import coverage as rules
from mehvar.directives.rules.coverage import Place, Tally
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.directives.models import Directive
    from mehvar.organisations.data import Authority


@dataclass(frozen=True, slots=True)
class ProvinceCoverage:
    """Hold the provinces in scope with their counts, and the count of bodies outside all provinces."""

    places: Mapping[str, Place]
    by_place: Mapping[int, Tally]
    elsewhere: Tally


def places_of(directive: Directive, language: str) -> dict[str, Place]:
    """Return the provinces of the directive's country on the day of its promulgation, by tree path; one query."""
    on = directive.dated_on or (directive.promulgated_at.date() if directive.promulgated_at else None)
    rows = list(organisations.provinces(directive.pack, on=on))
    prefix = rules.layout_of([row.attributes for row in rows])
    found = {}
    for row in rows:
        x, y = rules.square_of(row.attributes, prefix) or (None, None)
        found[row.path] = Place(row.pk, row.path, row.code, organisations.name_in(row, language), x, y)
    return found


def province_coverage(
    directive: Directive, authority: Authority, today: date, language: str
) -> ProvinceCoverage:
    """Count by province what a person may see; provinces of which nothing is in scope are left out."""
    places = places_of(directive, language)
    rows = cascade.with_standing(cascade.covered(directive, authority), today)
    pairs: Iterable[tuple[str, str]] = rows.order_by().values_list("organisation__path", "standing")  # type: ignore[misc]
    counted, elsewhere = rules.tallies(pairs, places)
    if not cascade.sees_all(authority, directive):
        places = {path: place for path, place in places.items() if counted[place.id].total}
    return ProvinceCoverage(places, counted, elsewhere)
