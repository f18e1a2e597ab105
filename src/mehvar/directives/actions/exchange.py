"""Take a table of measures: rows with an id change a measure, rows without one write a new measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max

from mehvar.directives.actions import drafts, measures, snapshots
from mehvar.directives.data import ReviewState
from mehvar.directives.models import Directive, Measure
from mehvar.directives.rules import exchange as rules
from mehvar.directives.rules.exchange import Row, RowError
from mehvar.kernel.errors import MehvarError, gettext_noop

if TYPE_CHECKING:
    from mehvar.accounts.models import User


@dataclass(frozen=True, slots=True)
class Taken:
    """Say what a table did; with ``errors`` nothing at all was stored."""

    changed: int
    added: int
    unchanged: int
    errors: tuple[RowError, ...]


class _Refused(Exception):  # noqa: N818 - carries the errors out of the transaction, never shown
    """Roll back a table in which a row is wrong."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__("rows refused")
        self.errors = errors


def import_measures(actor: User, directive_id: int, table: Sequence[Sequence[str]]) -> Taken:
    """Change and add measures by a table whose first row holds headings; all rows or none.

    Raises:
        InputError: The table has no usable headings.
        NotPermitted, TransitionNotAllowed, NotFound: As ``drafts.editing``.
    """
    rows, problems = rules.read_rows(table)
    if problems:
        return Taken(0, 0, 0, tuple(problems))
    try:
        with drafts.editing(actor, directive_id, "measures-imported") as edit:
            return _take(edit, rows)
    except _Refused as refused:
        return Taken(0, 0, 0, tuple(refused.errors))


def _take(edit: drafts.Edit, rows: Sequence[Row]) -> Taken:
    present = {
        measure.public_id: measure
        for measure in Measure.objects.filter(
            directive=edit.directive, removed_at__isnull=True
        ).select_related("field", "provision")
    }
    touched = [present[row.public_id].pk for row in rows if row.public_id in present]
    before = snapshots.measures(touched)
    problems: list[RowError] = []
    added: list[int] = []
    for row in rows:
        problems += _take_row(edit.directive, row, present, added)
    if problems:
        raise _Refused(problems)
    after = snapshots.measures([*touched, *added])
    changed = sum(1 for old, new in zip(before, after, strict=False) if old != new)
    edit.keep({"measures": before}, {"measures": after})
    edit.facts = {"rows": len(rows), "changed": changed, "added": len(added)}
    return Taken(changed, len(added), len(touched) - changed, ())


def _take_row(
    directive: Directive, row: Row, present: Mapping[str, Measure], added: list[int]
) -> list[RowError]:
    try:
        if row.public_id:
            if row.public_id not in present:
                return [RowError(row.line, "id", gettext_noop("The directive has no task with this id."), {})]
            measures.apply(directive, present[row.public_id], row.changes)
        else:
            new = Measure(
                directive=directive,
                position=_last_position(directive) + 1,
                review_state=ReviewState.MANUAL,
                due_calendar=directive.calendar,
            )
            measures.apply(directive, new, row.changes)
            added.append(new.pk)
    except MehvarError as error:
        params = {name: str(value) for name, value in error.params.items()}
        return [RowError(row.line, error.field or "", error.message, params)]
    return []


def _last_position(directive: Directive) -> int:
    found = Measure.objects.filter(directive=directive).aggregate(last=Max("position"))["last"]
    return found or 0
