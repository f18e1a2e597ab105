"""Work out the heads and the filter controls of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from mehvar.ui.data import Words

if TYPE_CHECKING:
    from mehvar.ui.tables.columns import Column
    from mehvar.ui.tables.table import Table


@dataclass(frozen=True, slots=True)
class Head:
    """Hold one column's head; `direction` is `ascending`, `descending` or empty."""

    label: Words
    kind: str
    url: str = ""
    direction: str = ""
    icon: str = "sort"


@dataclass(frozen=True, slots=True)
class Control:
    """Hold one filter control; kind `search`, `choice` or `date`."""

    kind: str
    label: Words
    name: str
    value: str = ""
    element_id: str = ""
    choices: Sequence[tuple[str, Words, bool]] = field(default=())
    until: tuple[str, str] = ("", "")
    input_type: str = "text"
    example: str = ""


def heads(table: Table) -> list[Head]:
    """Return the heads, each sortable one a link that sorts by it or turns the order round."""
    return [_head(table, column) for column in table.shown]


def _head(table: Table, column: Column) -> Head:
    """Return one head."""
    if not column.sortable:
        return Head(column.label, column.kind)
    now = table.asked.sort or (table.default_sort if isinstance(table.default_sort, str) else "")
    if now == column.key:
        return Head(column.label, column.kind, table.url(sort=f"-{column.key}", page=None), "ascending", "up")
    direction, icon = ("descending", "down") if now == f"-{column.key}" else ("", "sort")
    return Head(column.label, column.kind, table.url(sort=column.key, page=None), direction, icon)


def controls(table: Table) -> list[Control]:
    """Return the filter controls: one search for all searched columns, then one per filtered column."""
    found = [_search(table)] if table.search or table.search_folded or _searched(table) else []
    for column in table.columns:
        if column.filter == "choice":
            found.append(_choice(table, column))
        elif column.filter == "date":
            found.append(_range(table, column))
    return found


def _searched(table: Table) -> list[Column]:
    """Return the columns that the search looks into."""
    return [column for column in table.columns if column.filter == "search"]


def _search(table: Table) -> Control:
    """Return the search control."""
    return Control(
        "search", _("Search this list"), f"{table.prefix}q", table.asked.search, f"{table.element_id}-q"
    )


def _choice(table: Table, column: Column) -> Control:
    """Return a choice control."""
    chosen = table.asked.choices.get(column.key, "")
    choices = [(value, word, value == chosen) for value, word in column.words().items()]
    return Control(
        "choice", column.label, table.prefix + column.key, chosen, f"{table.element_id}-{column.key}", choices
    )


def _range(table: Table, column: Column) -> Control:
    """Return a date range control: the browser's picker for the Gregorian calendar, text for the Jalali one."""
    start, end = f"{column.key}_from", f"{column.key}_to"
    is_jalali = table.reader.calendar.value == "jalali"
    return Control(
        "date",
        column.label,
        table.prefix + start,
        table.asked.dates.get(start, ""),
        f"{table.element_id}-{start}",
        until=(table.prefix + end, table.asked.dates.get(end, "")),
        input_type="text" if is_jalali else "date",
        example="۱۴۰۲/۰۶/۳۱" if is_jalali else "",
    )


def kept(table: Table) -> list[tuple[str, Any]]:
    """Return the parameters that a new filter must keep: the order, and what belongs to other lists of the page."""
    own = {control.name for control in controls(table)} | {control.until[0] for control in controls(table)}
    own |= {table.prefix + name for name in ("page", "size", "export")}
    return [(key, value) for key, values in table.request.GET.lists() if key not in own for value in values]


def clear_url(table: Table) -> str:
    """Return the list without its filters."""
    names = {control.name for control in controls(table)} | {control.until[0] for control in controls(table)}
    drop = {name.removeprefix(table.prefix): None for name in names if name}
    return table.url(**drop, page=None)
