"""Define the lists of calls and of what was asked of whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.tables import phrases
from mehvar.exchange.tables.words import language
from mehvar.organisations import queries as organisations
from mehvar.ui import tables
from mehvar.ui.data import EmptyState
from mehvar.ui.tables import Column

Row = Mapping[str, Any]

OUTCOMES = (
    ("answered", _("Answered")),
    ("client", _("Mistake of the client")),
    ("provider", _("Failed at the provider")),
    ("bus", _("Failed on the way")),
    ("refused", _("Refused")),
    ("pending", _("Outcome unknown")),
)
OUTCOME_BADGES = {
    "answered": "done",
    "client": "attention",
    "provider": "overdue",
    "bus": "overdue",
    "refused": "closed",
    "pending": "missing",
}


def _names(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}__organisation__{name}" for name in organisations.NAME_FIELDS)


def _member(prefix: str, text: str, row: Row) -> str:
    """Give a member's name in the page's language, else the name by which the call knew it."""
    found = organisations.name_in(row, language(), prefix=f"{prefix}__organisation__")
    return found or str(row[text])


def _service(row: Row) -> str:
    return str(row["service_row__title"] or row["service"].rsplit("/", 1)[-1])


class CallTable(tables.Table):
    """List calls, the latest first."""

    name = "calls"
    caption = _("Calls")
    columns = (
        Column("at", _("When"), kind="moment", sortable=True, filter="date"),
        Column("client_name", _("Who asked"), value=lambda row: _member("client_member", "client", row)),
        Column("client", _("System"), filter="search", listed=False),
        Column(
            "service_name",
            _("What was asked"),
            value=_service,
            link=lambda row: reverse("exchange:call", args=[row["request_id"]]),
        ),
        Column("service", _("Service"), filter="search", listed=False),
        Column("provider_name", _("Provider"), value=lambda row: _member("provider_member", "service", row)),
        Column("endpoint", _("Operation"), listed=False),
        Column("purpose", _("Purpose"), filter="search"),
        Column(
            "outcome", _("Outcome"), kind="badge", filter="choice", choices=OUTCOMES, states=OUTCOME_BADGES
        ),
        Column("status", _("Answer code"), kind="number", sortable=True),
        Column("error", _("Error"), value=lambda row: phrases.error(row["error"])),
        Column("duration_ms", _("Milliseconds"), kind="number", sortable=True),
        Column("answer_bytes", _("Bytes"), kind="number", sortable=True, listed=False),
        Column("request_id", _("Number"), filter="search", listed=False),
    )
    extra_fields = (
        "error",
        "service",
        "service_row__title",
        *_names("client_member"),
        *_names("provider_member"),
    )
    default_sort = ("-at", "pk")
    empty = EmptyState(
        title=_("No calls yet"),
        text=_(
            "Every call in which your body asks or is asked stands here a minute later, with its receipt."
        ),
    )
