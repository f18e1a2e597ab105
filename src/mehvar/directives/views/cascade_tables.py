"""Define the lists of the cascade: what bodies must do, and who has acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.directives.data import AssignmentRole
from mehvar.directives.queries.cascade import BODY_NAMES
from mehvar.directives.rules.cascade import Standing
from mehvar.directives.rules.coverage import place_of
from mehvar.organisations import queries as organisations
from mehvar.ui import tables
from mehvar.ui.data import EmptyState
from mehvar.ui.reader import page_language
from mehvar.ui.tables import Column

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from mehvar.directives.rules.coverage import Place

Row = Mapping[str, Any]

ROLES = (
    (AssignmentRole.LEAD.value, _("Lead")),
    (AssignmentRole.COORDINATING.value, _("Coordinating")),
    (AssignmentRole.OVERSEEING.value, _("Overseeing")),
    (AssignmentRole.MONITORING.value, _("Monitoring")),
)
STANDINGS = (
    (Standing.ON_TIME.value, _("Acknowledged in time")),
    (Standing.LATE.value, _("Acknowledged late")),
    (Standing.WAITING.value, _("Still has time")),
    (Standing.OVERDUE.value, _("Overdue")),
)
STANDING_BADGES = {
    Standing.ON_TIME.value: "done",
    Standing.LATE.value: "late",
    Standing.WAITING.value: "open",
    Standing.OVERDUE.value: "overdue",
}
YES_NO = ((True, _("yes")), (False, _("no")))
LONGEST_EXCERPT = 200


def body_of(row: Row) -> str:
    """Give the name of a row's body in the language of the page."""
    return organisations.name_in(row, page_language(), prefix="organisation__")


def _measure_page(row: Row) -> str:
    return reverse("directives:measure", args=[row["directive__public_id"], row["measure__public_id"]])


def _excerpt(row: Row) -> str:
    text = str(row["measure__text"])
    return text if len(text) <= LONGEST_EXCERPT else text[: LONGEST_EXCERPT - 1] + "…"


class AssignmentTable(tables.Table):
    """List the measures in which a person's bodies have a role, the nearest deadline first."""

    name = "assignments"
    caption = _("What our bodies must do")
    columns = (
        Column("directive__number", _("Directive"), filter="search"),
        Column("measure__number", _("No.")),
        Column(
            "measure__text", _("Measure"), kind="link", filter="search", link=_measure_page, value=_excerpt
        ),
        Column("body", _("Body"), value=body_of),
        Column("role", _("Role"), filter="choice", choices=ROLES, sortable=True),
        Column("measure__due_end", _("Due"), kind="date", filter="date", sortable=True),
        Column("measure__due_raw", _("Deadline as written")),
        Column("measure__special_project", _("Special project"), filter="choice", choices=YES_NO),
    )
    extra_fields = ("directive__public_id", "measure__public_id", "measure__text", *BODY_NAMES)
    search = BODY_NAMES
    search_folded = ("folded_body",)
    default_sort = ("measure__due_end", "directive__number", "measure__position", "organisation__path", "id")
    empty = EmptyState(
        title=_("No assignments"),
        text=_("As soon as a directive is promulgated, what it asks of your bodies stands here."),
    )


class CoverageTable(tables.Table):
    """List the bodies of a directive with how their acknowledgement stands, those that keep silent first."""

    name = "coverage"
    caption = _("Who has acknowledged")
    columns = (
        Column("body", _("Body"), value=body_of),
        Column("measure_count", _("Tasks"), kind="number", sortable=True),
        Column(
            "standing",
            _("State"),
            kind="badge",
            filter="choice",
            choices=STANDINGS,
            states=STANDING_BADGES,
            sortable=True,
        ),
        Column("due_on", _("Due"), kind="date", sortable=True),
        Column("acknowledged_at", _("Acknowledged"), kind="moment", sortable=True),
        Column("acknowledged_by__name", _("By")),
        Column("disseminated", _("Disseminated"), filter="choice", choices=YES_NO),
        Column("has_officer", _("Has an officer"), filter="choice", choices=YES_NO),
        Column("note", _("Note")),
    )
    extra_fields = ("id", "organisation__path", *BODY_NAMES)
    search = BODY_NAMES
    search_folded = ("folded_body",)
    default_sort = ("due_on", "organisation__path")
    empty = EmptyState(
        title=_("No bodies here"), text=_("No body in your scope was given a task by this directive.")
    )

    def __init__(self, queryset: QuerySet[Any], request: HttpRequest, *, places: Mapping[str, Place]) -> None:
        """Add the province, worked out from a body's place in the tree."""

        def province(row: Row) -> str:
            place = place_of(row["organisation__path"], places)
            return place.name if place else ""

        first, *others = type(self).columns
        self.columns = (first, Column("province", _("Province"), value=province), *others)  # type: ignore[assignment, misc]
        super().__init__(queryset, request)
