"""Read over all rooms: what waits for a person, how the person's bodies stand, and what a search finds."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.urls import reverse

from mehvar.directives.queries import cascade, waiting
from mehvar.directives.queries import directives as directive_queries
from mehvar.directives.queries.waiting import WaitingItem
from mehvar.kernel import text
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import Authority
from mehvar.ui.data import FourCells

MOST_RESULTS = 30
SHORTEST_QUERY = 2
LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class Found:
    """One result of a search: kind (directive, organisation), words and page."""

    kind: str
    title: str
    detail: str
    path: str


def waiting_for(authority: Authority) -> list[WaitingItem]:
    """Return everything that waits for a person, over all rooms, by due date."""
    return waiting.waiting_for(authority)


def own_measures(authority: Authority, today: date) -> FourCells:
    """Count the measures that the person's bodies lead: nothing is reported yet, so they are open in time or overdue."""
    rows = cascade.assignments_for(authority).filter(role="lead")
    counts = rows.aggregate(
        overdue=Count("measure_id", filter=Q(measure__due_end__lt=today), distinct=True),
        every=Count("measure_id", distinct=True),
    )
    return FourCells(open_in_time=counts["every"] - counts["overdue"], open_overdue=counts["overdue"])


def found_by(query: str, authority: Authority, language: str) -> list[Found]:
    """Return directives and organisations that a search finds, ignoring what people ignore; at most 60 results."""
    folded = text.fold_for_search(query[:LONGEST_QUERY])
    if len(folded) < SHORTEST_QUERY:
        return []
    return [*_directives(folded, authority), *_organisations(query[:LONGEST_QUERY], language)]


def _directives(folded: str, authority: Authority) -> list[Found]:
    words = folded.split()
    found: list[Found] = []
    for row in (
        directive_queries.visible(authority)
        .order_by("-changed_at")
        .values("public_id", "number", "title", "goal")
    ):
        haystack = text.fold_for_search(f"{row['number']} {row['title']} {row['goal']}")
        if all(word in haystack for word in words):
            path = reverse("directives:directive", args=[row["public_id"]])
            found.append(Found("directive", row["title"], row["number"], path))
        if len(found) == MOST_RESULTS:
            break
    return found


def _organisations(query: str, language: str) -> list[Found]:
    return [
        Found(
            "organisation",
            organisations.name_in(row, language),
            row.code,
            reverse("organisations:organisation", args=[row.code]),
        )
        for row in organisations.search(query)[:MOST_RESULTS]
    ]
