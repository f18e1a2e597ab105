"""Give a plan out as a workbook and take a filled one: first read and kept, then, when somebody has seen it, taken over.

Source: S1.1 (plans by XLSX with per-cell errors).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.kernel import clock, errors
from mehvar.programmes.actions import plans
from mehvar.programmes.actions.plans import ItemEdit, Saved
from mehvar.programmes.models import Plan, PlanSheet
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries.plans import StoredItem
from mehvar.programmes.rules import workbooks
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.plans import ItemContent, as_json, from_json
from mehvar.programmes.rules.workbooks import CellNote, Measure, WrittenItem

if TYPE_CHECKING:
    from mehvar.accounts.models import User

MOST_NOTES = 1000
FIELD_OF = {"source": "source_id"}
NEW_NUMBERS = 1_000_000
"""New rows get numbers above this until they are saved, so that they cannot be mistaken for stored ones."""


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """Hold what taking a workbook over would do: rows that are new, changed, unchanged, and changed by somebody else since."""

    edits: tuple[ItemEdit, ...]
    fresh: int
    changed: int
    unchanged: int
    clashing: tuple[int, ...]
    notes: tuple[CellNote, ...]


def workbook_of(plan: Plan, writing: Writing) -> bytes:
    """Write a plan as a workbook in the reader's language."""
    items = [
        WrittenItem(item.number, item.content, f"{item.public_id}:{item.version}")
        for item in queries.items_of(plan.pk)
    ]
    measures = [Measure(row.pk, programmes.text_of(row)) for row in queries.measures_asked(plan)]
    return workbooks.write_plan(items, measures, writing, title=plan.call.title, guidance=plan.call.guidance)


def hand_in_workbook(
    actor: User, plan_id: int, *, file_name: str, content: bytes, writing: Writing
) -> PlanSheet:
    """Read a workbook and keep what it says; nothing of the plan changes.

    Raises:
        NotFound, Conflict: As for ``plans.editable_plan``.
        InputError: It is no workbook, or none of a plan.
        LimitExceeded: It is too large.
    """
    sheets = workbooks.open_workbook(content)
    with transaction.atomic():
        plan = plans.editable_plan(actor, plan_id)
        measures = {row.pk: programmes.text_of(row) for row in queries.measures_asked(plan)}
        reading = workbooks.read_plan(sheets, writing, measures)
        return PlanSheet.objects.create(
            plan=plan,
            file_name=file_name[:200],
            content={
                "items": [
                    {**asdict(replace(item, content=ItemContent())), "content": as_json(item.content)}
                    for item in reading.items
                ],
                "notes": [_stored(note) for note in reading.notes[:MOST_NOTES]],
                "note_count": len(reading.notes),
            },
            handed_in_by=actor,
            handed_in_at=clock.now(),
            plan_version=plan.version,
        )


def _stored(note: CellNote) -> dict[str, Any]:
    found = asdict(note)
    found["params"] = {
        name: value if isinstance(value, int) else str(value) for name, value in note.params.items()
    }
    return found


def sheet_plan(sheet: PlanSheet) -> SheetPlan:
    """Work out what taking a workbook over would do now."""
    stored = {item.public_id: item for item in queries.items_of(sheet.plan_id)}
    rows = sheet.content["items"]
    numbers = _numbers(rows, stored)
    edits = [_edit(row, stored.get(row["public_id"]), numbers) for row in rows]
    fresh = [edit for edit in edits if not edit.public_id]
    known = [(edit, stored[edit.public_id]) for edit in edits if edit.public_id]
    differing = [(edit, item) for edit, item in known if edit.content != item.content]
    return SheetPlan(
        edits=tuple(edits),
        fresh=len(fresh),
        changed=len(differing),
        unchanged=len(known) - len(differing),
        clashing=tuple(item.number for edit, item in differing if edit.version != item.version),
        notes=tuple(workbooks.note_from(note) for note in sheet.content["notes"]),
    )


def _numbers(rows: list[dict[str, Any]], stored: Mapping[str, StoredItem]) -> dict[int, int]:
    """Map the numbers of the sheet to those of the plan; new rows to numbers above all others."""
    return {
        row["number"]: stored[row["public_id"]].number
        if row["public_id"] in stored
        else NEW_NUMBERS + row["number"]
        for row in rows
    }


def _edit(row: Mapping[str, Any], stored: StoredItem | None, numbers: Mapping[int, int]) -> ItemEdit:
    """Make the edit of a row: what could not be read keeps what is stored."""
    content = queries.shifted(from_json(row["content"]), numbers)
    if stored is not None:
        names = {FIELD_OF.get(name, name) for name in row["unread"]}
        kept = {name: getattr(stored.content, name) for name in names if hasattr(stored.content, name)}
        content = replace(content, **kept)
        if content.due_on == stored.content.due_on:
            content = replace(content, due_raw=stored.content.due_raw)
    return ItemEdit(
        content,
        public_id=stored.public_id if stored else "",
        version=row["version"],
        number=numbers[row["number"]],
    )


def take_over(actor: User, sheet_id: int) -> Saved:
    """Save what a workbook says; rows that somebody changed since the download come back with both versions.

    Doing it again changes nothing.

    Raises:
        NotFound: There is no such workbook, or it is somebody else's.
        Conflict: It was taken over already, or as for ``plans.editable_plan``.
        InputError: As for ``plans.save_items``.
    """
    with transaction.atomic():
        sheet = PlanSheet.objects.select_for_update().filter(pk=sheet_id, handed_in_by=actor).first()
        if sheet is None:
            raise errors.NotFound(gettext_noop("There is no such workbook."), code="unknown-workbook")
        if sheet.taken_over_at is not None:
            raise errors.Conflict(gettext_noop("This workbook was taken over already."), code="taken-over")
        saved = plans.save_items(actor, sheet.plan_id, sheet_plan(sheet).edits)
        sheet.taken_over_at = clock.now()
        sheet.save(update_fields=["taken_over_at"])
    return saved
