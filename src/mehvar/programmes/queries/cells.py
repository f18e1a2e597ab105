"""Count deliveries in the four cells, by body, field and province, from tallies that are kept with every change.

Counts of everything come from ``CellTally`` (a few thousand rows at national size); counts of one directive or programme from its
deliveries. Tallies are split for one day; where another day is asked, what fell due between the two is moved, and nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Count, F, Field, Q, QuerySet, Sum, Value, When

from mehvar.directives.queries.days import today
from mehvar.organisations import queries as organisations
from mehvar.programmes.data import DeliveryState
from mehvar.programmes.models import CellTally, Delivery, TallyDay
from mehvar.programmes.queries.scope import Scope, scope_of, within_scope
from mehvar.programmes.rules.cells import Cell
from mehvar.ui.data import FourCells

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

CELLS = tuple(cell.value for cell in Cell)
BODY_FIELDS = ("id", "path", "type", *organisations.NAME_FIELDS)

Key = tuple[Any, ...]
Counts = tuple[int, ...]
"""Counts in the order of ``CELLS``, which is that of ``FourCells``."""
NONE: Counts = (0,) * len(CELLS)
_AS_IT_COMES: Field[Any, Any] = Field()
"""Sums of whole numbers are whole numbers already; thousands of needless conversions are spared."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Hold what is counted beside a person's scope: one directive, one programme, one body with all below it."""

    directive_id: int | None = None
    programme_id: int | None = None
    path: str = ""
    field_name: str | None = None

    @property
    def is_tallied(self) -> bool:
        """Tell whether the tallies answer it."""
        return self.directive_id is None and self.programme_id is None

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of deliveries or tallies that are counted."""
        wanted: dict[str, Any] = {"directive_id": self.directive_id, "programme_id": self.programme_id}
        wanted["field_name"] = self.field_name
        rows = rows.filter(**{key: value for key, value in wanted.items() if value is not None})
        return rows.filter(organisations.within(self.path, path_field="organisation__path"))

    def apply_to_requests(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the requests for reports that are wanted; a round asks about whole directives and programmes, not about fields."""
        wanted = {"round__directive_id": self.directive_id, "round__programme_id": self.programme_id}
        rows = rows.filter(**{key: value for key, value in wanted.items() if value is not None})
        return rows.filter(organisations.within(self.path, path_field="organisation__path"))


@dataclass(frozen=True, slots=True)
class BodyCells:
    """Hold one body's cells; ``body`` has ``BODY_FIELDS`` (``organisations.queries.name_in`` names it)."""

    body: Mapping[str, Any]
    cells: FourCells


@dataclass(frozen=True, slots=True)
class FieldCells:
    """Hold one field's cells; ``field_name`` is empty for what has no field."""

    field_name: str
    cells: FourCells


def is_late_claim() -> Q:
    """Build the condition that a claim which waits names a day after the due date: it is overdue on whatever day one asks."""
    return Q(state=DeliveryState.CLAIMED, done_on__gt=F("due_on"))


def overdue_on(day: date) -> Q:
    """Build the condition that an undone delivery is past its date on a day that is not before any claim: today.

    A late claim names a day that has come, so that its due date lies before it too; said first, it lets the index serve.
    """
    return Q(due_on__lt=day) & (Q(state=DeliveryState.OPEN) | is_late_claim())


def cell_on(day: date) -> Case:
    """Build the expression of a delivery's cell at the end of a day; empty when it was discontinued."""
    return Case(
        When(state=DeliveryState.DONE, done_on__gt=F("due_on"), then=Value(Cell.DONE_LATE.value)),
        When(state=DeliveryState.DONE, then=Value(Cell.DONE_ON_TIME.value)),
        When(state=DeliveryState.DISCONTINUED, then=Value("")),
        When(
            Q(state=DeliveryState.OPEN, due_on__lt=day) | is_late_claim(), then=Value(Cell.OPEN_OVERDUE.value)
        ),
        When(silent=True, then=Value(Cell.MISSING.value)),
        default=Value(Cell.OPEN_IN_TIME.value),
        output_field=CharField(),
    )


def in_cell(rows: QuerySet[Delivery], cell: str, day: date) -> QuerySet[Delivery]:
    """Keep the deliveries that stand in a cell on a day; written so that indexes serve it."""
    late = Q(done_on__gt=F("due_on"))
    undone = Q(state__in=(DeliveryState.OPEN, DeliveryState.CLAIMED))
    conditions = {
        Cell.DONE_ON_TIME: Q(state=DeliveryState.DONE)
        & (Q(due_on=None) | Q(done_on=None) | Q(done_on__lte=F("due_on"))),
        Cell.DONE_LATE: Q(state=DeliveryState.DONE) & late,
        Cell.OPEN_OVERDUE: overdue_on(day),
        Cell.MISSING: undone & Q(silent=True) & _in_time(day),
        Cell.OPEN_IN_TIME: undone & Q(silent=False) & _in_time(day),
    }
    return rows.filter(conditions[Cell(cell)])


def _in_time(day: date) -> Q:
    return (
        Q(due_on=None)
        | Q(state=DeliveryState.OPEN, due_on__gte=day)
        | Q(state=DeliveryState.CLAIMED, done_on__lte=F("due_on"))
    )


def counts_of(rows: QuerySet[Delivery], keys: Sequence[str], day: date) -> dict[Key, dict[str, int]]:
    """Count deliveries by keys and cell; one query."""
    found: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(CELLS, 0))
    grouped = rows.annotate(cell=cell_on(day)).order_by().values_list(*keys, "cell").annotate(n=Count("pk"))
    for *key, cell, number in grouped:
        if cell:
            found[tuple(key)][cell] += number
    return found


def _from_tallies(scope: Scope, narrowing: Narrowing, keys: Sequence[str], day: date) -> dict[Key, Counts]:
    split_on = TallyDay.objects.values_list("day", flat=True).first()
    if split_on is None:
        return {}
    rows = narrowing.apply(within_scope(CellTally.objects.all(), scope))
    sums = {f"{cell}_sum": Sum(cell, output_field=_AS_IT_COMES) for cell in CELLS}
    width = len(keys)
    found = {row[:width]: row[width:] for row in rows.order_by().values_list(*keys).annotate(**sums)}
    if day != split_on:
        _move(found, within_scope(Delivery.objects.all(), scope), narrowing, keys, (split_on, day))
    return found


def _move(
    found: dict[Key, Counts],
    rows: QuerySet[Delivery],
    narrowing: Narrowing,
    keys: Sequence[str],
    days: tuple[date, date],
) -> None:
    """Move what falls due between the day of the tallies and another day, forwards or back."""
    split_on, day = days
    between = Q(due_on__gte=min(days), due_on__lt=max(days))
    moving = narrowing.apply(rows.filter(between, state=DeliveryState.OPEN))
    sign = 1 if day > split_on else -1
    for *key, silent, number in moving.order_by().values_list(*keys, "silent").annotate(n=Count("pk")):
        counts = list(found.get(tuple(key), NONE))
        counts[CELLS.index(Cell.MISSING if silent else Cell.OPEN_IN_TIME)] -= sign * number
        counts[CELLS.index(Cell.OPEN_OVERDUE)] += sign * number
        found[tuple(key)] = tuple(counts)


def counted(
    authority: Authority, narrowing: Narrowing, keys: Sequence[str], day: date | None
) -> dict[Key, FourCells]:
    """Count by keys (fields of deliveries and tallies alike) within a person's scope, on a day (today)."""
    scope, on = scope_of(authority), day or today()
    if scope.is_empty:
        return {}
    if narrowing.is_tallied:
        found = _from_tallies(scope, narrowing, keys, on)
    else:
        rows = narrowing.apply(within_scope(Delivery.objects.all(), scope))
        found = {key: tuple(counts.values()) for key, counts in counts_of(rows, keys, on).items()}
    return {key: FourCells(*counts) for key, counts in found.items()}


def cells_total(
    authority: Authority, narrowing: Narrowing = Narrowing(), *, day: date | None = None
) -> FourCells:
    """Count everything that a person sees (within ``narrowing``) in the four cells."""
    return added(counted(authority, narrowing, ("issuer_id",), day).values())


def cells_by_body(
    authority: Authority, narrowing: Narrowing = Narrowing(), *, day: date | None = None
) -> list[BodyCells]:
    """Count by body that delivers, in the register's order."""
    found = counted(authority, narrowing, ("organisation_id",), day)
    rows = bodies(key for (key,) in found)
    return [BodyCells(body, found[body["id"],]) for body in rows]


def cells_by_field(
    authority: Authority, narrowing: Narrowing = Narrowing(), *, day: date | None = None
) -> list[FieldCells]:
    """Count by field of work, in the alphabet's order; what has no field last."""
    found = counted(authority, narrowing, ("field_name",), day)
    rows = [FieldCells(name, cells) for (name,), cells in found.items()]
    return sorted(rows, key=lambda row: (not row.field_name, row.field_name))


def cells_by_body_and_field(
    authority: Authority, narrowing: Narrowing = Narrowing(), *, day: date | None = None
) -> dict[tuple[int, str], FourCells]:
    """Count by body (its key) and field, for the whole table of both."""
    found = counted(authority, narrowing, ("organisation_id", "field_name"), day)
    return {(body, field): cells for (body, field), cells in found.items()}


def cells_by_province(
    authority: Authority, narrowing: Narrowing = Narrowing(), *, day: date | None = None
) -> list[BodyCells]:
    """Count by province of the home register, each with all bodies below it; provinces without anything are there with zeros."""
    found = counted(authority, narrowing, ("organisation__path",), day)
    sums: dict[str, list[FourCells]] = defaultdict(list)
    provinces = list(organisations.provinces(on=day or today()).values(*BODY_FIELDS, "attributes"))
    tops = {str(province["path"]) for province in provinces}
    for (path,), cells in found.items():
        top = next((path[:end] for end in range(4, len(path) + 1, 4) if path[:end] in tops), "")
        sums[top].append(cells)
    return [BodyCells(province, added(sums[province["path"]])) for province in provinces]


def bodies(keys: Iterable[int]) -> list[Mapping[str, Any]]:
    """Give bodies by their keys, each with ``BODY_FIELDS``, in the register's order; one query."""
    rows = organisations.search("").filter(pk__in=list(keys)).order_by("path")
    return list(rows.values(*BODY_FIELDS))


def added(cells: Iterable[FourCells]) -> FourCells:
    """Add cells up."""
    found = list(cells)
    return FourCells(**{name: sum(getattr(one, name) for one in found) for name in CELLS})
