"""Define the lists of council sessions and of resolutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.directives.queries.days import today
from mehvar.directives.rules.council import NOT_FINISHED, is_overdue
from mehvar.directives.views import words
from mehvar.organisations import queries as organisations
from mehvar.ui import components, tables
from mehvar.ui.data import EmptyState
from mehvar.ui.reader import Reader, page_language
from mehvar.ui.tables import Column

Row = Mapping[str, Any]
OWNER_NAMES = tuple(f"owner__{name}" for name in organisations.NAME_FIELDS)


def _choices(table: words.Words) -> tuple[tuple[str, Any], ...]:
    return tuple((value, label) for value, (_state, label) in table.items())


def _states(table: words.Words) -> dict[str, str]:
    return {value: state for value, (state, _label) in table.items()}


class SessionTable(tables.Table):
    """List council sessions."""

    name = "sessions"
    caption = _("Council sessions")
    columns = (
        Column(
            "committee__name",
            _("Council or committee"),
            kind="link",
            link=lambda row: reverse("directives:session", args=[row["public_id"]]),
            filter="search",
            sortable=True,
        ),
        Column("number", _("Session"), kind="number", sortable=True),
        Column("held_on", _("Date"), kind="date", sortable=True, filter="date"),
        Column("place", _("Place"), filter="search"),
        Column(
            "state",
            _("State"),
            kind="badge",
            filter="choice",
            choices=_choices(words.SESSION_STATES),
            states=_states(words.SESSION_STATES),
        ),
    )
    extra_fields = ("public_id",)
    default_sort = "-held_on"
    empty = EmptyState(
        title=_("No session yet"),
        text=_("Sessions of the councils and committees in which you sit are listed here."),
    )


def _due(row: Row, reader: Reader) -> Any:
    date = reader.date(row["due_on"], "numeric")
    if is_overdue(row["state"], row["due_on"], today()):
        return components.badge("overdue", date)
    return date


def _owner(row: Row) -> str:
    return organisations.name_in(row, page_language(), prefix="owner__")


def _by_state(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "overdue":
        return queryset.filter(state__in=NOT_FINISHED, due_on__lt=today())
    return queryset.filter(state=value)


class ResolutionTable(tables.Table):
    """List resolutions with who owes them by when."""

    name = "resolutions"
    caption = _("Resolutions")
    columns = (
        Column(
            "text",
            _("Resolution"),
            kind="link",
            link=lambda row: reverse("directives:resolution", args=[row["id"]]),
            filter="search",
        ),
        Column("session__committee__name", _("Council or committee"), sortable=True, filter="search"),
        Column("session__number", _("Session"), kind="number", sortable=True),
        Column("owner", _("Owner"), value=_owner),
        Column("due_on", _("Due"), kind="date", source="due_on", sortable=True, filter="date", markup=_due),
        Column(
            "state",
            _("State"),
            kind="badge",
            filter="choice",
            filter_by=_by_state,
            choices=(*_choices(words.RESOLUTION_STATES), ("overdue", _("Overdue"))),
            states=_states(words.RESOLUTION_STATES),
        ),
    )
    extra_fields = ("id", *OWNER_NAMES)
    default_sort = "due_on"
    empty = EmptyState(
        title=_("No resolution yet"), text=_("What councils resolve is followed here until it is done.")
    )
