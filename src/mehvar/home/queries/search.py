"""Find by words, over everything that a person may see, ignoring what people ignore when they write.

The index says where the words are; whether a person may see it, the rooms' own queries say, in the same statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse

from mehvar.directives.queries import directives, promulgation
from mehvar.exchange.queries import catalogue
from mehvar.exchange.queries import scope as exchange
from mehvar.home.data import Kind, Piece
from mehvar.home.models import SearchEntry
from mehvar.home.rules import marking
from mehvar.kernel.text import fold_for_search
from mehvar.organisations import queries as organisations
from mehvar.programmes.queries import flagships, obstacles, plans, programmes, provinces

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

SHORTEST_QUERY = 2
LONGEST_QUERY = 200
MOST_WORDS = 8
EACH = 6
PAGE = 30


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one result: its words cut where the search words are, what stands beside it, and its page."""

    pieces: tuple[Piece, ...]
    detail: str
    path: str


@dataclass(frozen=True, slots=True)
class Group:
    """Hold what was found of one kind; ``further`` tells that there is more on the next page."""

    kind: Kind
    rows: tuple[Found, ...]
    further: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Hold what is asked, by whom and in which language; ``words`` are folded, longest first."""

    asked: str
    words: tuple[str, ...]
    authority: Authority
    language: str

    @property
    def is_signed_in(self) -> bool:
        """Tell whether a person asks, and not a visitor."""
        return self.authority.user_id is not None


VISIBLE: dict[Kind, Callable[[Authority], QuerySet[Any]]] = {
    Kind.DIRECTIVE: directives.visible,
    Kind.PROGRAMME: programmes.visible_programmes,
    Kind.PLAN: plans.visible_plans,
    Kind.OBSTACLE: obstacles.visible_obstacles,
    Kind.FLAGSHIP: lambda _authority: flagships.listed(),
    Kind.PROPOSAL: provinces.visible_proposals,
    Kind.MEETING: provinces.visible_meetings,
    Kind.SERVICE: catalogue.services,
    Kind.AGREEMENT: exchange.visible_agreements,
}
"""Which rows of each kind a person may see."""
_PROMULGATED = (Kind.DIRECTIVE, Kind.MEASURE)
PUBLIC = (*_PROMULGATED, Kind.FLAGSHIP, Kind.AGREEMENT)
ADDRESSES: dict[str, str] = {
    Kind.DIRECTIVE: "directives:directive",
    Kind.MEETING: "programmes:stakeholder_meeting",
    Kind.SERVICE: "exchange:catalogue_service",
    Kind.AGREEMENT: "exchange:agreement",
}
"""The pages whose names are not those of the kind in the programmes' room."""


def question_of(asked: str, authority: Authority, language: str) -> Question | None:
    """Return what is asked, or None where it is too short to search for."""
    asked = asked.strip()[:LONGEST_QUERY]
    words = marking.words_of(asked)[:MOST_WORDS]
    if sum(len(word) for word in words) < SHORTEST_QUERY:
        return None
    return Question(asked, words, authority, language)


def overview(question: Question) -> list[Group]:
    """Return the first results of every kind of which there are any; a number of queries that does not grow with the rows."""
    groups = [results(question, kind, size=EACH) for kind in Kind]
    return [group for group in groups if group.rows]


def results(question: Question, kind: Kind, *, page: int = 1, size: int = PAGE) -> Group:
    """Return one page of the results of a kind, those whose title begins with the words first, then the newest."""
    if kind is Kind.ORGANISATION:
        return _organisations(question, page, size)
    if not question.is_signed_in and kind not in PUBLIC:
        return Group(kind, (), further=False)
    start = (page - 1) * size
    rows = list(_entries(question, kind)[start : start + size + 1])
    return Group(kind, tuple(_found(question, rows[:size])), further=len(rows) > size)


def _entries(question: Question, kind: Kind) -> QuerySet[SearchEntry]:
    rows = SearchEntry.objects.filter(kind=kind)
    for word in question.words:
        rows = rows.filter(folded__contains=word)
    begins = When(folded__startswith=fold_for_search(question.asked), then=Value(0))
    first = Case(begins, default=Value(1), output_field=IntegerField())
    return rows.filter(_is_visible(question.authority, kind)).order_by(first, "-object_id")


def _is_visible(authority: Authority, kind: Kind) -> Q:
    """Build the condition that an entry is the person's to see; a measure is seen where its directive is."""
    if kind is Kind.MEASURE:
        return Q(parent__in=directives.visible(authority).order_by().values("public_id"))
    return Q(object_id__in=VISIBLE[kind](authority).order_by().values("pk"))


def _found(question: Question, rows: Sequence[SearchEntry]) -> Iterable[Found]:
    names = _names({row.body_id for row in rows if row.body_id}, question.language)
    promulgated = [] if question.is_signed_in else [row for row in rows if row.kind in _PROMULGATED]
    codes = promulgation.short_codes_of([row.parent or row.reference for row in promulgated])
    for row in rows:
        detail = " · ".join(part for part in (row.detail, names.get(row.body_id or 0, "")) if part)
        is_public = not question.is_signed_in and row.kind in _PROMULGATED
        path = _public_address(codes.get(row.parent or row.reference)) if is_public else _address(row)
        yield Found(_pieces(row.title, question), detail, path)


def _pieces(title: str, question: Question) -> tuple[Piece, ...]:
    return marking.marked(marking.excerpt(title, question.words), question.words)


def _names(ids: set[int], language: str) -> dict[int, str]:
    return programmes.path_names(ids, language) if ids else {}


def _address(row: SearchEntry) -> str:
    if row.kind == Kind.MEASURE:
        return reverse("directives:measure", args=[row.parent, row.reference])
    return reverse(ADDRESSES.get(row.kind, f"programmes:{row.kind}"), args=[row.reference])


def _public_address(short_code: str | None) -> str:
    return reverse("directives:public", args=[short_code]) if short_code else ""


def _organisations(question: Question, page: int, size: int) -> Group:
    start = (page - 1) * size
    rows = list(organisations.search(question.asked)[start : start + size + 1])
    found = tuple(
        Found(
            marking.marked(organisations.name_in(row, question.language), question.words),
            row.code,
            reverse("organisations:organisation", args=[row.code]),
        )
        for row in rows[:size]
    )
    return Group(Kind.ORGANISATION, found, further=len(rows) > size)
