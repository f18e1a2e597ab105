"""Read from the rooms below what the search index keeps of each recorded subject.

The index reads as an auditor of the whole tree; what a person finds is decided at each search by the rooms' own queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from mehvar.accounts.data import Role
from mehvar.directives.queries import directives
from mehvar.directives.queries import measures as measure_queries
from mehvar.exchange.queries import scope as exchange
from mehvar.home.data import IndexRow, Kind
from mehvar.kernel.text import fold_for_search
from mehvar.organisations.data import Authority, Held
from mehvar.programmes.queries import flagships, obstacles, plans, programmes, provinces

EVERYTHING = Authority(0, (Held(Role.AUDITOR, 0, "", ""),))
"""The authority with which the index reads; it never answers a person."""
LONGEST_FOLDED = 6000
LONGEST_TITLE = 1000

Reader = Callable[[str | None], Iterator[IndexRow]]


def rows_of(subject_type: str, identifier: str | None) -> Iterator[IndexRow]:
    """Return what the index keeps of a recorded subject, or of all subjects of its type; nothing for types that nobody searches."""
    for reader in READERS.get(subject_type, ()):
        yield from reader(identifier)


def plans_of_call(public_id: str) -> list[str]:
    """Return the plans of a call, which show its title."""
    return list(
        plans.visible_plans(EVERYTHING).filter(call__public_id=public_id).values_list("public_id", flat=True)
    )


def _chosen(rows: QuerySet[Any], identifier: str | None, field: str = "public_id") -> QuerySet[Any]:
    return rows if identifier is None else rows.filter(**{field: identifier})


def _folded(*parts: str) -> str:
    return fold_for_search(" ".join(part for part in parts if part))[:LONGEST_FOLDED]


def _directives(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(directives.visible(EVERYTHING), identifier)
    for key, public_id, number, title, *rest in rows.values_list(
        "pk", "public_id", "number", "title", "goal", "motto", "legal_basis"
    ).iterator():
        yield IndexRow(
            Kind.DIRECTIVE,
            key,
            f"directive:{public_id}",
            public_id,
            title,
            _folded(number, title, *rest),
            detail=number,
        )


def _measures(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(measure_queries.listed(EVERYTHING), identifier, "directive__public_id").order_by()
    fields = (
        "pk",
        "public_id",
        "directive__public_id",
        "directive__number",
        "number",
        "text",
        "deliverable",
        "field__name",
    )
    for key, public_id, parent, directive, number, text, deliverable, field in rows.values_list(
        *fields
    ).iterator():
        yield IndexRow(
            Kind.MEASURE,
            key,
            f"directive:{parent}",
            public_id,
            text[:LONGEST_TITLE],
            _folded(directive, number, text, deliverable, field or ""),
            parent=parent,
            detail=" · ".join(part for part in (directive, number) if part),
        )


def _titled(rows: QuerySet[Any], kind: Kind, subject_type: str, body: str, *texts: str) -> Iterator[IndexRow]:
    """Read what has a title, some texts, and a body whose name stands beside it."""
    fields = ("pk", "public_id", "title", body, *texts)
    for key, public_id, title, body_id, *rest in rows.values_list(*fields).iterator():
        source, folded = f"{subject_type}:{public_id}", _folded(title, *rest)
        yield IndexRow(kind, key, source, public_id, title, folded, body_id=body_id)


def _programmes(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(programmes.visible_programmes(EVERYTHING), identifier)
    return _titled(rows, Kind.PROGRAMME, "programme", "organisation_id", "purpose")


def _plans(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(plans.visible_plans(EVERYTHING), identifier)
    named = ("organisation__name_fa", "organisation__name_vi", "organisation__name_en")
    fields = ("pk", "public_id", "call__title", "call__programme__title", "organisation_id", *named)
    found = list(rows.values_list(*fields))
    items = _item_texts(rows)
    for key, public_id, call, programme, body, *names in found:
        folded = _folded(call, programme, *names, *items.get(key, ()))
        yield IndexRow(Kind.PLAN, key, f"plan:{public_id}", public_id, call, folded, body_id=body)


def _item_texts(rows: QuerySet[Any]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for plan, text in (
        rows.filter(items__isnull=False).order_by("pk", "items__position").values_list("pk", "items__text")
    ):
        found.setdefault(plan, []).append(text)
    return found


def _obstacles(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(obstacles.visible_obstacles(EVERYTHING), identifier)
    texts = ("text", "decision_needed", "decision", "remedy")
    return _titled(rows, Kind.OBSTACLE, "obstacle", "owner_id", *texts)


def _flagships(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(flagships.listed(), identifier)
    for key, public_id, title, body, sheet in rows.values_list(
        "pk", "public_id", "title", "organisation_id", "sheet"
    ).iterator():
        texts = [str(text) for fields in sheet.values() for text in fields.values()]
        folded = _folded(title, *texts)
        yield IndexRow(Kind.FLAGSHIP, key, f"flagship:{public_id}", public_id, title, folded, body_id=body)


def _proposals(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(provinces.visible_proposals(EVERYTHING), identifier)
    body = "committee__organisation_id"
    return _titled(rows, Kind.PROPOSAL, "committee-proposal", body, "text", "answer_reason")


def _meetings(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(provinces.visible_meetings(EVERYTHING), identifier)
    for key, public_id, subject, body, with_whom, notes in rows.values_list(
        "pk", "public_id", "subject", "organisation_id", "with_whom", "notes"
    ).iterator():
        source, folded = f"stakeholder-meeting:{public_id}", _folded(subject, with_whom, notes)
        yield IndexRow(Kind.MEETING, key, source, public_id, subject, folded, detail=with_whom, body_id=body)


def _services(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(exchange.visible_services(EVERYTHING), identifier)
    for key, public_id, title, code, body, folded in rows.values_list(
        "pk", "public_id", "title", "code", "subsystem__member__organisation_id", "folded"
    ).iterator():
        source, words = f"exchange-service:{public_id}", _folded(title, code, folded)
        yield IndexRow(Kind.SERVICE, key, source, public_id, title, words, detail=code, body_id=body)


def _agreements(identifier: str | None) -> Iterator[IndexRow]:
    rows = _chosen(exchange.visible_agreements(EVERYTHING), identifier)
    body = "provider__organisation_id"
    return _titled(rows, Kind.AGREEMENT, "exchange-agreement", body, "purpose", "legal_basis")


READERS: dict[str, tuple[Reader, ...]] = {
    "directive": (_directives, _measures),
    "programme": (_programmes,),
    "plan": (_plans,),
    "obstacle": (_obstacles,),
    "flagship": (_flagships,),
    "committee-proposal": (_proposals,),
    "stakeholder-meeting": (_meetings,),
    "exchange-service": (_services,),
    "exchange-agreement": (_agreements,),
}
"""Who reads what changes with each type of recorded subject."""
