"""Define the lists of the room: directives, measures, imports, duties, themes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mehvar.directives.data import DirectiveState, ImportState, Priority
from mehvar.directives.queries.content import group_labels
from mehvar.directives.queries.directives import ISSUER_NAMES
from mehvar.organisations import queries as organisations
from mehvar.ui import tables
from mehvar.ui.components import badge
from mehvar.ui.data import EmptyState
from mehvar.ui.icons import icon
from mehvar.ui.markup import joined
from mehvar.ui.reader import page_language
from mehvar.ui.tables import Column

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

Row = Mapping[str, Any]

DIRECTIVE_STATES = (
    (DirectiveState.DRAFT.value, _("Draft")),
    (DirectiveState.CONSULTATION.value, _("In consultation")),
    (DirectiveState.COUNCIL.value, _("Before the council")),
    (DirectiveState.REVISION.value, _("In revision")),
    (DirectiveState.AWAITING_APPROVAL.value, _("Waits for approval")),
    (DirectiveState.APPROVED.value, pgettext_lazy("directive", "Approved")),
    (DirectiveState.PROMULGATED.value, _("Promulgated")),
    (DirectiveState.AMENDED.value, _("Amended")),
    (DirectiveState.SUPERSEDED.value, _("Superseded")),
    (DirectiveState.WITHDRAWN.value, _("Withdrawn")),
)
STATE_BADGES = {
    "draft": "draft",
    "consultation": "open",
    "council": "open",
    "revision": "draft",
    "awaiting_approval": "attention",
    "approved": "info",
    "promulgated": "done",
    "amended": "done",
    "superseded": "closed",
    "withdrawn": "closed",
}
IMPORT_STATES = (
    (ImportState.QUEUED.value, _("Waiting")),
    (ImportState.READING.value, _("Being read")),
    (ImportState.REVIEW.value, _("In review")),
    (ImportState.SETTLED.value, _("Settled")),
    (ImportState.FAILED.value, _("Could not be read")),
    (ImportState.CANCELLED.value, _("Cancelled")),
)
DUTY_STATES = (("open", _("Open")), ("overdue", _("Overdue")), ("fulfilled", _("Fulfilled")))
PRIORITIES = ((Priority.HIGH.value, _("High")), (Priority.NORMAL.value, _("Normal")))
SPECIAL = (("True", _("Special project")), ("False", _("No special project")))
FLAGS = (("open", _("With open doubts")), ("none", _("Without doubts")))


EXCERPT = 200
"""How many characters of a task a list shows."""


def _issuer(row: Row) -> str:
    return organisations.name_in(row, page_language(), prefix="issuer__")


def _by_flags(rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
    return rows.filter(open_flags__gt=0) if wanted == "open" else rows.filter(open_flags=0)


class DirectiveTable(tables.Table):
    """List directives, the latest changed first."""

    name = "directives"
    caption = _("Directives")
    columns = (
        Column("number", _("No."), sortable=True, filter="search"),
        Column(
            "title",
            _("Title"),
            kind="link",
            filter="search",
            sortable=True,
            link=lambda row: reverse("directives:directive", args=[row["public_id"]]),
        ),
        Column("issuer", _("Issued by"), value=_issuer),
        Column("measure_count", _("Tasks"), kind="number", sortable=True),
        Column("flag_count", _("Doubtful"), kind="number", sortable=True),
        Column(
            "state", _("State"), kind="badge", filter="choice", choices=DIRECTIVE_STATES, states=STATE_BADGES
        ),
        Column("dated_on", _("Dated"), kind="date", sortable=True, filter="date"),
        Column("changed_at", _("Changed"), kind="date", sortable=True),
    )
    extra_fields = ("public_id", *ISSUER_NAMES)
    default_sort = "-changed_at"
    empty = EmptyState(
        title=_("No directives yet"),
        text=_("Directives stand here as soon as a document is imported or one is written."),
    )


def _measure_address(row: Row) -> str:
    return reverse("directives:measure", args=[row["directive__public_id"], row["public_id"]])


def _marks(row: Row, _reader: Any) -> SafeString:
    """Show the marks that order the list, as icon and word."""
    marks = []
    if row["special_project"]:
        marks.append(badge("attention", _("Special project")))
    if row["priority"] == Priority.HIGH:
        marks.append(badge("info", _("High")))
    if row["open_flags"]:
        marks.append(icon("flag", label=str(_("doubtful"))))
    return joined(marks)


def _excerpt(row: Row) -> str:
    written = str(row["text"])
    return written if len(written) <= EXCERPT else written[: EXCERPT - 1] + "…"


class MeasureTable(tables.Table):
    """List measures, special projects and high priority first (S0.2)."""

    name = "measures"
    caption = _("Tasks")
    extra_fields = (
        *(
            "public_id",
            "special_project",
            "priority",
            "open_flags",
            "directive__public_id",
            "directive__pack",
            "lead_group",
            "lead_raw",
        ),
        *(f"lead_{name}" for name in organisations.NAME_FIELDS),
    )
    default_sort = ("importance", "directive_id", "position")
    empty = EmptyState(
        title=_("No tasks"),
        text=_("Tasks of the directives that you may see stand here, important ones first."),
    )

    def __init__(
        self,
        queryset: QuerySet[Any],
        request: HttpRequest,
        *,
        fields: Sequence[str] = (),
        of_one: bool = False,
    ) -> None:
        """Prepare the list; ``fields``: names to filter by; ``of_one``: all measures are of one directive."""
        self._labels: dict[str, Mapping[str, str]] = {}
        self.columns = self._columns(fields, of_one=of_one)  # type: ignore[misc]
        super().__init__(queryset, request)

    def _columns(self, fields: Sequence[str], *, of_one: bool) -> tuple[Column, ...]:
        field_choices = tuple((name, name) for name in fields)
        several = (
            ()
            if of_one
            else (
                Column(
                    "directive__title",
                    _("Directive"),
                    kind="link",
                    link=lambda row: reverse("directives:directive", args=[row["directive__public_id"]]),
                ),
            )
        )
        return (
            Column("number", _("No.")),
            Column(
                "text",
                _("Task"),
                source="text",
                kind="link",
                filter="search",
                link=_measure_address,
                value=_excerpt,
            ),
            *several,
            Column("field__name", _("Field"), filter="choice" if fields else "", choices=field_choices),
            Column("lead", _("Lead"), value=self._lead),
            Column("due_end", _("Due"), kind="date", sortable=True, filter="date"),
            Column("marks", _("Marks"), markup=_marks, value=_mark_words),
            Column("priority", _("Priority"), filter="choice", choices=PRIORITIES, hidden=True),
            Column(
                "special",
                _("Special project"),
                filter="choice",
                choices=SPECIAL,
                hidden=True,
                filter_by=lambda rows, wanted: rows.filter(special_project=wanted == "True"),
            ),
            Column(
                "open_flags", _("Doubts"), filter="choice", choices=FLAGS, hidden=True, filter_by=_by_flags
            ),
        )

    def _lead(self, row: Row) -> str:
        if row["lead_code"]:
            return organisations.name_in(row, page_language(), prefix="lead_")
        if row["lead_group"]:
            return self._labels_of(row["directive__pack"]).get(row["lead_group"], row["lead_group"])
        return row["lead_raw"] or ""

    def _labels_of(self, pack: str) -> Mapping[str, str]:
        if pack not in self._labels:
            self._labels[pack] = group_labels(pack, page_language())
        return self._labels[pack]


def _mark_words(row: Row) -> str:
    words = [_("Special project")] if row["special_project"] else []
    if row["priority"] == Priority.HIGH:
        words.append(_("High"))
    return ", ".join(str(word) for word in words)


class ImportTable(tables.Table):
    """List imported documents, the latest first."""

    name = "imports"
    caption = _("Imported documents")
    columns = (
        Column(
            "filename",
            _("File"),
            kind="link",
            filter="search",
            link=lambda row: reverse("directives:import_progress", args=[row["public_id"]]),
        ),
        Column("issuer", _("Issued by"), value=_issuer),
        Column(
            "state",
            _("State"),
            kind="badge",
            filter="choice",
            choices=IMPORT_STATES,
            states={
                "queued": "open",
                "reading": "open",
                "review": "attention",
                "settled": "done",
                "failed": "overdue",
            },
        ),
        Column("done", _("Tasks"), kind="number", sortable=True),
        Column("uploaded_by__name", _("By")),
        Column("uploaded_at", _("Imported"), kind="moment", sortable=True),
    )
    extra_fields = ("public_id", *ISSUER_NAMES)
    default_sort = "-uploaded_at"
    empty = EmptyState(
        title=_("No documents yet"), text=_("Imported documents stand here with their review.")
    )


def _owner(row: Row) -> str:
    return organisations.name_in(row, page_language(), prefix="owner__")


class DutyTable(tables.Table):
    """List legal duties, special projects and high priority first, then by their day (S0.1, S0.2)."""

    name = "duties"
    caption = _("Legal duties")
    columns = (
        Column(
            "source",
            _("Source"),
            kind="link",
            filter="search",
            sortable=True,
            link=lambda row: reverse("directives:duty", args=[row["id"]]),
        ),
        Column("article", _("Article")),
        Column("text", _("Duty"), source="text", filter="search", value=_excerpt),
        Column("owner", _("Owner"), value=_owner),
        Column("due_on", _("Due"), kind="date", sortable=True, filter="date"),
        Column(
            "status",
            _("State"),
            kind="badge",
            filter="choice",
            choices=DUTY_STATES,
            states={"open": "open", "overdue": "overdue", "fulfilled": "done"},
        ),
        Column("directive_count", _("Directives"), kind="number", sortable=True),
        Column("priority", _("Priority"), filter="choice", choices=PRIORITIES, hidden=True),
    )
    extra_fields = ("id", *(f"owner__{name}" for name in organisations.NAME_FIELDS))
    default_sort = ("importance", "due_on", "id")
    empty = EmptyState(
        title=_("No duties yet"), text=_("What laws and resolutions lay on the ministry stands here.")
    )


def acting_in(rows: QuerySet[Any], code: str, role: str) -> QuerySet[Any]:
    """Keep the rows in which a body or group acts; without a code all rows with somebody in the role."""
    if not code and not role:
        return rows
    condition = Q()
    if code:
        condition &= Q(assignments__organisation__code=code) | Q(assignments__group_code=code)
    if role:
        condition &= Q(assignments__role=role)
    return rows.filter(pk__in=rows.model.objects.filter(condition).values("pk"))
