"""List programmes, calls and the plans of a call."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.organisations import queries as organisations
from mehvar.programmes.data import SheetKind
from mehvar.programmes.tables.imports import SheetTable
from mehvar.ui import tables
from mehvar.ui.tables import Column

PROGRAMME_WORDS = (
    ("draft", _("Draft")),
    ("active", _("Running")),
    ("finished", _("Finished")),
    ("closed", _("Closed")),
)
PLAN_WORDS = (
    ("silent", _("Silent")),
    ("draft", _("Being drafted")),
    ("submitted", _("Submitted")),
    ("returned", _("Returned")),
    ("accepted", _("Accepted")),
)
PLAN_BADGES = {
    "silent": "missing",
    "draft": "draft",
    "submitted": "attention",
    "returned": "late",
    "accepted": "done",
}


def body_name(prefix: str) -> Any:
    """Make the function that names a row's body in the reader's language."""

    def name(row: tables.Row) -> str:
        from django.utils.translation import get_language

        return organisations.name_in(row, get_language() or "en", prefix=prefix)

    return name


def body_fields(prefix: str) -> tuple[str, ...]:
    """Give the fields by which a body is named."""
    return tuple(f"{prefix}{field}" for field in organisations.NAME_FIELDS)


class ProgrammeTable(SheetTable):
    """Show programmes with their state and size."""

    sheet_kind = SheetKind.PROGRAMMES
    name = "programmes"
    caption = _("Programmes")
    columns = (
        Column(
            "title",
            _("Programme"),
            kind="link",
            link=lambda row: reverse("programmes:programme", args=[row["public_id"]]),
            sortable=True,
            filter="search",
        ),
        Column("lead", _("Lead body"), value=body_name("organisation__")),
        Column(
            "state",
            _("State"),
            kind="badge",
            filter="choice",
            choices=PROGRAMME_WORDS,
            states={"draft": "draft", "active": "open", "finished": "done", "closed": "closed"},
        ),
        Column("starts_on", _("Starts"), kind="date", sortable=True),
        Column("ends_on", _("Ends"), kind="date", sortable=True),
        Column("measure_count", _("Measures"), kind="number", sortable=True),
        Column("call_count", _("Calls for plans"), kind="number"),
    )
    extra_fields = ("public_id", *body_fields("organisation__"))
    default_sort = "-starts_on"


class CallTable(SheetTable):
    """Show calls for plans with their deadline and how many plans were filed."""

    sheet_kind = SheetKind.CALLS
    name = "calls"
    caption = _("Calls for plans")
    columns = (
        Column(
            "title",
            _("Call for plans"),
            kind="link",
            link=lambda row: reverse("programmes:call", args=[row["public_id"]]),
            sortable=True,
            filter="search",
        ),
        Column("programme_title", _("Programme"), source="programme__title", sortable=True, filter="search"),
        Column("deadline_on", _("Deadline"), kind="date", sortable=True, filter="date"),
        Column("called", _("Bodies called"), kind="number"),
        Column("filed", _("Submitted"), kind="number"),
        Column("accepted", _("Accepted"), kind="number"),
        Column("closed_at", _("Closed"), kind="moment"),
    )
    extra_fields = ("public_id",)
    default_sort = "-deadline_on"


class CoverageTable(tables.Table):
    """Show the plans of a call, one row for each body."""

    name = "coverage"
    caption = _("Plans by body")
    columns = (
        Column(
            "body",
            _("Body"),
            value=body_name("organisation__"),
            kind="link",
            link=lambda row: reverse("programmes:plan", args=[row["public_id"]]),
        ),
        Column(
            "shown_state",
            _("State"),
            kind="badge",
            filter="choice",
            choices=PLAN_WORDS,
            states=PLAN_BADGES,
            sortable=True,
        ),
        Column("item_count", _("Items"), kind="number", sortable=True),
        Column("quality", _("Quality, %"), kind="number", sortable=True),
        Column("covered", _("Measures covered, %"), kind="number", sortable=True),
        Column("submitted_at", _("Submitted on"), kind="moment", sortable=True),
        Column("late", _("Late"), kind="badge", choices=((True, _("late")),), states={"True": "overdue"}),
    )
    extra_fields = ("public_id", *body_fields("organisation__"))
    search_folded = ("folded_body",)
    default_sort = "organisation__path"


class PlanItemTable(tables.Table):
    """Show items of plans with their body and the state of the plan."""

    name = "plan-items"
    caption = _("Items of plans")
    columns = (
        Column(
            "text",
            _("What will be done"),
            kind="link",
            link=lambda row: reverse("programmes:plan", args=[row["plan__public_id"]]),
            filter="search",
        ),
        Column("body", _("Body"), value=body_name("plan__organisation__")),
        Column(
            "plan_state",
            _("Plan"),
            source="plan__state",
            kind="badge",
            filter="choice",
            choices=PLAN_WORDS,
            states=PLAN_BADGES,
        ),
        Column("due_on", _("Due"), kind="date", sortable=True),
    )
    extra_fields = ("plan__public_id", *body_fields("plan__organisation__"))
    default_sort = "due_on"
