"""Give the rows of the room's lists in the form in which they come in again, each within the person's scope.

Rows are read in portions: a list of any length goes out without being held in memory. Every row bears its key with its version, by
which an import finds it again and notices that somebody changed it in the meantime.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, QuerySet

from mehvar.organisations import queries as organisations
from mehvar.programmes.data import SheetKind
from mehvar.programmes.models import ProgrammeMeasure, ProgressReport, ReportingRound
from mehvar.programmes.queries import (
    coverage,
    flagships,
    obstacles,
    plans,
    programmes,
    progress,
    provinces,
    recognition,
)
from mehvar.programmes.queries.deliveries import expected_of
from mehvar.programmes.queries.imports import SheetPlace
from mehvar.programmes.rules.escalation import LIVE
from mehvar.programmes.rules.imports import sheet_column

if TYPE_CHECKING:
    from mehvar.directives.models import Directive
    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Organisation
    from mehvar.programmes.models import Delivery, Plan, Programme, RoundRequest

Values = Mapping[str, Any]
_CHUNK = 500
_M = TypeVar("_M", bound=Model)
_LABEL = 120
_REFERENCE = 380
_ITEM_FIELDS = (
    "text", "owner_office", "starts_on", "due_on", "indicator", "target", "product_class", "weight", "needs",
    "milestones", "budget",
)  # fmt: skip
_WORDS = (
    "kind", "title", "text", "cause", "decision_needed", "product_need", "market_size", "could_make", "remedy",
    "remedy_due_on", "state", "level", "level_due_on",
)  # fmt: skip


def rows_of(
    authority: Authority, place: SheetPlace, language: str, rows: QuerySet[Any] | None = None
) -> Iterator[Values]:
    """Give the rows of a list by column; ``rows`` narrows the room's own lists to what was filtered (within the scope all the same)."""
    return _EXPORTS[place.kind](authority, place, language, rows)


def named(body: Organisation | None, language: str) -> str:
    """Write a body as a cell: its code, by which it is found again, and its name."""
    return f"{body.code} — {organisations.name_in(body, language)}" if body is not None else ""


def measure_label(row: ProgrammeMeasure) -> str:
    """Write a measure as a cell: its key and its words."""
    return f"M{row.pk} {programmes.text_of(row)}"[:_LABEL]


def _measures(
    authority: Authority, place: SheetPlace, language: str, _rows: QuerySet[Any] | None
) -> Iterator[Values]:
    programme = programmes.visible_programme(authority, place.subject)
    found = programmes.own_rows(
        ProgrammeMeasure.objects.filter(programme=programme), authority, programme
    ).select_related("measure__directive", "objective", "organisation", "derived_from__measure")
    for row in found.order_by("position", "pk").iterator(chunk_size=_CHUNK):
        yield {
            "text": programmes.text_of(row),
            "objective": row.objective.text if row.objective else "",
            "body": named(row.organisation, language),
            "due_on": programmes.due_of(row),
            "outcome_indicator": row.outcome_indicator,
            "product_class": row.product_class,
            "weight": row.weight,
            "derived_from": measure_label(row.derived_from) if row.derived_from else "",
            "directive": row.measure.directive.number if row.measure else "",
            "key": f"M{row.pk}:{row.version}",
        }


def _plan_items(
    authority: Authority, place: SheetPlace, language: str, _rows: QuerySet[Any] | None
) -> Iterator[Values]:
    asked = plans.visible_plans(authority).filter(call_id=place.pk)
    for plan in asked.select_related("call__programme", "organisation").order_by("organisation__path"):
        yield from _items(plan, language)


def _items(plan: Plan, language: str) -> Iterator[Values]:
    items = plans.items_of(plan.pk)
    wanted = {item.content.source_id for item in items if item.content.source_id}
    sources = ProgrammeMeasure.objects.filter(pk__in=wanted).select_related("measure")
    labels = {row.pk: measure_label(row) for row in sources}
    for item in items:
        yield {
            **{name: getattr(item.content, name) for name in _ITEM_FIELDS},
            "body": named(plan.organisation, language),
            "number": item.number,
            "source": labels.get(item.content.source_id or 0, ""),
            "state": plan.state,
            "key": f"{item.public_id}:{item.version}",
        }


def _reports(
    authority: Authority, place: SheetPlace, language: str, _rows: QuerySet[Any] | None
) -> Iterator[Values]:
    asked = progress.visible_round(authority, place.subject)
    requests = progress.requests_in(authority, asked).select_related("round", "organisation")
    for request in requests.order_by("organisation__path"):
        yield from _reports_of(asked, request, language)


def _reports_of(asked: ReportingRound, request: RoundRequest, language: str) -> Iterator[Values]:
    portion: list[Delivery] = []
    for row in progress.asked_deliveries(request).iterator(chunk_size=_CHUNK):
        portion.append(row)
        if len(portion) == _CHUNK:
            yield from _reported(asked, request, portion, language)
            portion = []
    yield from _reported(asked, request, portion, language)


def _reported(
    asked: ReportingRound, request: RoundRequest, portion: list[Delivery], language: str
) -> Iterator[Values]:
    given = {row.delivery_id: row for row in ProgressReport.objects.filter(round=asked, delivery__in=portion)}
    for row in portion:
        report = given.get(row.pk)
        yield {
            "measure": row.text,
            "body": named(request.organisation, language),
            "due_on": row.due_on,
            "expected": expected_of(row),
            "claimed": report.claimed if report else None,
            "self_rating": report.self_rating if report else "",
            "done_text": report.done_text if report else "",
            "next_text": report.next_text if report else "",
            "state": report.state if report else "",
            "key": f"{row.public_id}:{report.version if report else 0}",
        }


def _chosen(found: QuerySet[_M], rows: QuerySet[Any] | None) -> QuerySet[_M]:
    """Keep of a list's rows those that are asked for; all where nothing is chosen."""
    return found if rows is None else found.filter(pk__in=rows.order_by().values("pk"))


def _obstacles(
    authority: Authority, _place: SheetPlace, language: str, rows: QuerySet[Any] | None
) -> Iterator[Values]:
    found = _chosen(obstacles.visible_obstacles(authority), rows)
    found = found.select_related(*obstacles.RELATED, "delivery")
    for row in found.order_by("-raised_at", "pk").iterator(chunk_size=_CHUNK):
        yield {
            **{name: getattr(row, name) for name in _WORDS},
            "decision_from": named(row.decision_from, language),
            "raised_by": named(row.raised_by, language),
            "owner": named(row.owner, language),
            "holder": named(row.level_holder, language) if row.state in LIVE else "",
            "province": named(row.province, language),
            "raised_at": row.raised_at.date(),
            "delivery": row.delivery.public_id if row.delivery else "",
            "key": f"{row.public_id}:{row.version}",
        }


def _meetings(
    authority: Authority, _place: SheetPlace, language: str, rows: QuerySet[Any] | None
) -> Iterator[Values]:
    found = _chosen(provinces.visible_meetings(authority), rows)
    for row in found.order_by("-held_on", "pk").iterator(chunk_size=_CHUNK):
        yield {
            **{name: getattr(row, name) for name in ("held_on", "kind", "with_whom", "subject", "notes")},
            "body": named(row.organisation, language),
            "key": f"{row.public_id}:{row.version}",
        }


def _commitments(
    authority: Authority, _place: SheetPlace, _language: str, rows: QuerySet[Any] | None
) -> Iterator[Values]:
    found = _chosen(provinces.visible_commitments(authority), rows)
    same = ("text", "promised_by", "due_on", "state", "settled_on", "note")
    for row in found.order_by("due_on", "pk").iterator(chunk_size=_CHUNK):
        yield {
            **{name: getattr(row, name) for name in same},
            "meeting": row.meeting.public_id,
            "subject": row.meeting.subject,
            "key": f"C{row.pk}:{row.version}",
        }


def _proposals(
    authority: Authority, _place: SheetPlace, _language: str, rows: QuerySet[Any] | None
) -> Iterator[Values]:
    found = _chosen(provinces.visible_proposals(authority), rows)
    for row in found.order_by("-submitted_at", "pk").iterator(chunk_size=_CHUNK):
        yield {
            **{name: getattr(row, name) for name in ("title", "text", "due_on", "answer", "answer_reason")},
            "committee": row.committee.name,
            "key": f"{row.public_id}:{row.version}",
        }


def _about(row: Programme | Directive | None) -> str:
    """Write a programme or directive as a cell: its key, by which it is found again, and its words."""
    return f"{row.public_id} — {row}"[:_REFERENCE] if row is not None else ""


def _programmes(
    authority: Authority, _place: SheetPlace, language: str, rows: QuerySet[Any] | None
) -> Iterator[Values]:
    found = _chosen(programmes.listed(authority), rows)
    found = found.select_related("organisation", "theme")
    same = ("title", "purpose", "starts_on", "ends_on", "language", "calendar", "state")
    for row in found.order_by("-created_at", "pk").iterator(chunk_size=_CHUNK):
        yield {
            **{name: getattr(row, name) for name in same},
            "lead": named(row.organisation, language),
            "theme": f"{row.theme.period} · {row.theme.title}" if row.theme else "",
            "measures": row.measure_count,  # type: ignore[attr-defined]  # annotated
            "calls": row.call_count,  # type: ignore[attr-defined]
            "key": f"{row.public_id}:{row.version}",
        }


def _calls(
    authority: Authority, _place: SheetPlace, _language: str, rows: QuerySet[Any] | None
) -> Iterator[Values]:
    found = _chosen(coverage.calls_listed(authority), rows)
    portion: list[Any] = []
    for row in found.select_related("programme").order_by("-opened_at", "pk").iterator(chunk_size=_CHUNK):
        portion.append(row)
        if len(portion) == _CHUNK:
            yield from _called(authority, portion)
            portion = []
    yield from _called(authority, portion)


def _called(authority: Authority, portion: list[Any]) -> Iterator[Values]:
    """Give calls with the codes of the called bodies, as far as the person sees their plans; one query."""
    bodies: dict[int, list[str]] = defaultdict(list)
    seen = plans.visible_plans(authority).filter(call__in=portion).order_by("organisation__path")
    for call, code in seen.values_list("call_id", "organisation__code"):
        bodies[call].append(code)
    same = ("title", "guidance", "deadline_on", "first_deadline_on", "called", "filed", "accepted")
    for row in portion:
        yield {
            **{name: getattr(row, name) for name in same},
            **plans.asked_by(row),
            "programme": _about(row.programme),
            "bodies": tuple(bodies[row.pk]),
            "state": "closed" if row.closed_at else "open",
            "key": f"{row.public_id}:{row.version}",
        }


def _rounds(
    authority: Authority, _place: SheetPlace, _language: str, rows: QuerySet[Any] | None
) -> Iterator[Values]:
    found = _chosen(progress.rounds_with_counts(authority), rows)
    for row in found.order_by("-opens_on", "-pk").iterator(chunk_size=_CHUNK):
        yield {
            **{name: getattr(row, name) for name in ("period", "opens_on", "due_on", "asked", "reported")},
            "programme": _about(row.programme),
            "directive": _about(row.directive),
            "state": "closed" if row.closed_at else "open",
            "key": f"{row.public_id}:{row.version}",
        }


def _flagships(
    authority: Authority, _place: SheetPlace, _language: str, _rows: QuerySet[Any] | None
) -> Iterator[Values]:
    for row in flagships.kept_by(authority).iterator(chunk_size=_CHUNK):
        lines = {
            sheet_column(code, name): written
            for code, sheet in row.sheet.items()
            for name, written in sheet.items()
        }
        yield {
            **row.criteria,
            **lines,
            "title": row.title,
            "mark": row.mark,
            "programme": _about(row.programme),
            "measure": measure_label(row.measure) if row.measure else "",
            "state": "listed" if row.listed_at else "draft",
            "presented_at": row.presented_at.date() if row.presented_at else None,
            "key": f"{row.public_id}:{row.version}",
        }


def _editions(
    authority: Authority, _place: SheetPlace, _language: str, _rows: QuerySet[Any] | None
) -> Iterator[Values]:
    for row in recognition.visible_editions(authority).iterator(chunk_size=_CHUNK):
        stage = "published" if row.published_at else "draft"
        yield {
            **{name: getattr(row, name) for name in ("title", "period", "places", "threshold", "note")},
            **{one["code"]: one["weight"] for one in row.criteria},
            "state": "awarded" if row.awarded_at else stage,
            "key": f"{row.public_id}:{row.version}",
        }


_EXPORTS: Mapping[SheetKind, Callable[..., Iterator[Values]]] = {
    SheetKind.MEASURES: _measures,
    SheetKind.PLAN_ITEMS: _plan_items,
    SheetKind.REPORTS: _reports,
    SheetKind.OBSTACLES: _obstacles,
    SheetKind.MEETINGS: _meetings,
    SheetKind.COMMITMENTS: _commitments,
    SheetKind.PROPOSALS: _proposals,
    SheetKind.PROGRAMMES: _programmes,
    SheetKind.CALLS: _calls,
    SheetKind.ROUNDS: _rounds,
    SheetKind.FLAGSHIPS: _flagships,
    SheetKind.RECOGNITION: _editions,
}
