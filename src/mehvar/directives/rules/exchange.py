"""Write measures as a table and read them back: the export format is the import format.

Source: "directives and programmes", 2 (Decidim's users: CSV that creates and updates).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mehvar.directives.data import Priority
from mehvar.directives.rules.content import MeasureContent
from mehvar.directives.rules.drafting import ROLE_NAMES, MeasureChanges, lines_of
from mehvar.kernel import text
from mehvar.kernel.errors import InputError, gettext_noop

COLUMNS = (
    *("id", "section", "number", "field", "text", "deliverable", "outcome_indicator"),
    *("lead", "coordinating", "overseeing", "monitoring", "due", "priority", "special_project"),
)
"""Headings of the table, in order; ``id`` is the measure's public id, empty for a new measure."""

YES = frozenset({"1", "yes", "true", "x", "có", "co", "بله", "✓"})
NO = frozenset({"", "0", "no", "false", "không", "khong", "خیر"})
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one row that was read: its number in the file (first data row is 2), the measure's id, the changes."""

    line: int
    public_id: str
    changes: MeasureChanges


@dataclass(frozen=True, slots=True)
class RowError:
    """Say what is wrong with one cell; ``message`` is English source text with places for ``params``."""

    line: int
    column: str
    message: str
    params: Mapping[str, str]


def as_cells(measure: MeasureContent) -> dict[str, str]:
    """Write one measure as cells by column; bodies as ``name [code]``, one to a line."""
    acting = {
        role: "\n".join(
            f"{body['name']} [{body['code']}]" if body["code"] else body["name"]
            for body in measure["assignments"][role]  # type: ignore[literal-required]
        )
        for role in ROLE_NAMES
    }
    return {
        "id": measure["id"],
        "section": measure["section"],
        "number": measure["number"],
        "field": measure["field"] or "",
        "text": measure["text"],
        "deliverable": measure["deliverable"],
        "outcome_indicator": measure["outcome_indicator"],
        **acting,
        "due": measure["due"]["raw"] or measure["due"]["end"] or "",
        "priority": measure["priority"],
        "special_project": "yes" if measure["special_project"] else "",
    }


def guarded(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula; ``unguarded`` undoes it."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def unguarded(cell: str) -> str:
    """Take back what ``guarded`` added."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(DANGEROUS) else cell


def read_rows(table: Sequence[Sequence[str]]) -> tuple[list[Row], list[RowError]]:
    """Read a table whose first row holds the headings; unknown columns are refused, absent ones change nothing.

    Raises:
        InputError: The table is empty, has no ``id`` and no ``text`` column, or has unknown columns.
    """
    if not table:
        raise InputError(gettext_noop("The table is empty."), code="empty-table", field="file")
    headings = [text.fold_for_search(cell).replace(" ", "_") for cell in table[0]]
    unknown = [cell for cell, name in zip(table[0], headings, strict=True) if name and name not in COLUMNS]
    if unknown or not {"id", "text"} & set(headings):
        raise InputError(
            gettext_noop("The first row must hold the headings {headings}; unknown: {unknown}."),
            code="bad-headings",
            field="file",
            headings=", ".join(COLUMNS),
            unknown=", ".join(unknown) or "–",
        )
    rows: list[Row] = []
    problems: list[RowError] = []
    for line, cells in enumerate(table[1:], 2):
        values = {name: unguarded(cell.strip()) for name, cell in zip(headings, cells, strict=False) if name}
        if any(values.values()):
            row, wrong = _row(line, values)
            rows.append(row)
            problems.extend(wrong)
    return rows, [*problems, *_doubles(rows)]


def _row(line: int, values: Mapping[str, str]) -> tuple[Row, list[RowError]]:
    changes: MeasureChanges = {}
    problems: list[RowError] = []
    for name in ("section", "number", "text", "deliverable", "outcome_indicator", "field"):
        if name in values:
            changes[name] = values[name]
    for role in ROLE_NAMES:
        if role in values:
            changes[role] = lines_of(values[role])  # type: ignore[literal-required]
    if "due" in values:
        changes["due_raw"] = values["due"]
    problems += _marks(line, values, changes)
    public_id = values.get("id", "")
    if not values.get("text", "x" if public_id else ""):
        problems.append(RowError(line, "text", gettext_noop("The task has no text."), {}))
    return Row(line, public_id, changes), problems


def _marks(line: int, values: Mapping[str, str], changes: MeasureChanges) -> Iterable[RowError]:
    problems = []
    priority = values.get("priority", "").lower()
    if priority in set(Priority):
        changes["priority"] = priority
    elif priority:
        problems.append(
            RowError(line, "priority", gettext_noop("“{value}” is no priority."), {"value": priority})
        )
    special = values.get("special_project", "").lower()
    if "special_project" in values and special in YES | NO:
        changes["special_project"] = special in YES
    elif special:
        problems.append(
            RowError(
                line, "special_project", gettext_noop("Write yes or no, not “{value}”."), {"value": special}
            )
        )
    return problems


def _doubles(rows: Iterable[Row]) -> list[RowError]:
    seen: set[str] = set()
    problems = []
    for row in rows:
        if row.public_id and row.public_id in seen:
            problems.append(
                RowError(row.line, "id", gettext_noop("This measure stands twice in the table."), {})
            )
        seen.add(row.public_id)
    return problems
