"""Define the lists of deliveries, reports, late requests and rounds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mehvar.directives.queries.days import today
from mehvar.organisations import queries as organisations
from mehvar.programmes.data import DeliveryState, Rating, ReportState, SheetKind
from mehvar.programmes.queries import cells as cell_queries
from mehvar.programmes.queries import deliveries as queries
from mehvar.programmes.queries import wording
from mehvar.programmes.rules import status
from mehvar.programmes.rules.cells import Cell
from mehvar.programmes.tables.imports import SheetTable
from mehvar.programmes.tables.period_words import period_name
from mehvar.ui import tables
from mehvar.ui.data import EmptyState
from mehvar.ui.reader import reader_of
from mehvar.ui.tables import Column

if TYPE_CHECKING:
    from django.db.models import QuerySet

Row = Mapping[str, Any]

CELL_WORDS = (
    (Cell.DONE_ON_TIME.value, _("Done on time")),
    (Cell.DONE_LATE.value, _("Done late")),
    (Cell.OPEN_IN_TIME.value, _("Open in time")),
    (Cell.OPEN_OVERDUE.value, _("Open overdue")),
    (Cell.MISSING.value, _("Not reported")),
)
CELL_BADGES = {
    "done_on_time": "done",
    "done_late": "late",
    "open_in_time": "open",
    "open_overdue": "overdue",
    "missing": "missing",
    "": "closed",
}
RATING_WORDS = (
    (Rating.GREEN.value, _("Green")),
    (Rating.AMBER.value, _("Amber")),
    (Rating.RED.value, _("Red")),
    (Rating.UNKNOWN.value, _("Not known")),
)
RATING_BADGES = {"green": "done", "amber": "attention", "red": "overdue", "unknown": "missing"}
REPORT_WORDS = (
    (ReportState.DRAFT.value, _("Draft")),
    (ReportState.CLAIMED.value, _("Claimed")),
    (ReportState.RETURNED.value, _("Returned")),
    (ReportState.ACCEPTED.value, _("Accepted")),
    (ReportState.APPROVED.value, _("Approved")),
)
REPORT_BADGES = {
    "draft": "draft",
    "claimed": "open",
    "returned": "attention",
    "accepted": "info",
    "approved": "done",
}
BODY = tuple(f"organisation__{name}" for name in organisations.NAME_FIELDS)
EXCERPT = 160
MOST_COUNTED = 10_000
"""How far a list counts its rows: beyond that nobody turns pages, and counting a year's 300,000 would cost more than showing them."""

MOST_REVIEWED = 2_000
"""How far the reports to review are counted: each asks its delivery who asked for it, and forty pages are a day's work."""


def language() -> str:
    """Give the active language's code."""
    return (get_language() or "en").split("-")[0]


def excerpt(text: str) -> str:
    """Give the beginning of a long text."""
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def _body(row: Row) -> str:
    return organisations.name_in(row, language(), prefix="organisation__")


def _address(row: Row) -> str:
    return reverse("programmes:delivery", args=[row["public_id"]])


def _in_cell(rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
    return cell_queries.in_cell(rows, wanted, today())


def _rated(rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
    return queries.rated(rows, wanted, today())


class WordedTable(tables.Table):
    """Search a list by the texts of its deliveries; ``words_path`` leads from a row to the text."""

    words_path: ClassVar[str] = "words_id"

    def searched(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows that say all words."""
        asked = self.asked.search
        return wording.with_words(rows, asked, self.words_path) if asked else rows

    @cached_property
    def counted(self) -> QuerySet[Any]:
        """Return the same rows for counting."""
        asked = self.asked.search
        return wording.counted_with_words(self.filtered, asked, self.words_path) if asked else self.queryset


class DeliveryTable(WordedTable):
    """List deliveries, soonest due first; needs the annotations ``cell`` and ``computed``."""

    name = "deliveries"
    count_limit = MOST_COUNTED
    caption = _("Deliveries")
    columns = (
        Column("text", _("Measure"), kind="link", source="text", link=_address, value=lambda row: excerpt(row["text"])),
        Column("organisation", _("Body"), value=_body),
        Column("field_name", _("Field"), listed=False),
        Column("due_on", _("Due"), kind="date", sortable=True, filter="date"),
        Column(
            "cell", _("Standing"), kind="badge", filter="choice", choices=CELL_WORDS, states=CELL_BADGES,
            filter_by=_in_cell,
        ),
        Column(
            "computed", _("Computed"), kind="badge", filter="choice", choices=RATING_WORDS,
            states=RATING_BADGES, filter_by=_rated,
        ),
        Column(
            "self_rating", _("Self-rated"), kind="badge", filter="choice", choices=RATING_WORDS,
            states=RATING_BADGES,
        ),
        Column("claimed", _("Claimed, %"), kind="number"),
        Column("accepted", _("Accepted, %"), kind="number", listed=False),
        Column("approved", _("Approved, %"), kind="number"),
        Column("reported_on", _("Last report"), kind="date"),
        Column("weight", _("Weight"), kind="number", hidden=True),
    )  # fmt: skip
    extra_fields = ("public_id", "text", *BODY)
    search_folded = ("words__folded",)
    default_sort = ("due_on",)
    empty = EmptyState(
        title=_("No deliveries"),
        text=_(
            "What each body must deliver stands here as soon as a directive is promulgated or a plan is accepted."
        ),
    )


def _why_red(row: Row) -> str:
    """Say in a few words why a delivery is red today."""
    day, reader = today(), reader_of()
    if row["due_on"] is not None and row["due_on"] < day:
        days = (day - row["due_on"]).days
        return ngettext("Overdue by %(days)s day", "Overdue by %(days)s days", days) % {
            "days": reader.number(days)
        }
    expected = status.expected_progress(row["starts_on"], row["due_on"], day)
    return gettext("%(approved)s verified where %(expected)s should be reached") % {
        "approved": reader.percent((row["approved"] or 0) / 100),
        "expected": reader.percent((expected or 0) / 100),
    }


class RedTable(tables.Table):
    """List what is red, the longest red first, each with the reason."""

    name = "red"
    count_limit = MOST_COUNTED
    caption = _("Red list")
    columns = (
        Column("text", _("Measure"), kind="link", source="text", link=_address, value=lambda row: excerpt(row["text"])),
        Column("organisation", _("Body"), value=_body),
        Column("field_name", _("Field"), listed=False),
        Column("why", _("Why it is red"), value=_why_red),
        Column("red_on", _("Red since"), kind="date", sortable=True),
        Column("due_on", _("Due"), kind="date", sortable=True, filter="date"),
        Column(
            "self_rating", _("Self-rated"), kind="badge", filter="choice", choices=RATING_WORDS,
            states=RATING_BADGES,
        ),
        Column("claimed", _("Claimed, %"), kind="number", listed=False),
        Column("accepted", _("Accepted, %"), kind="number", listed=False),
        Column("approved", _("Approved, %"), kind="number"),
        Column("reported_on", _("Last report"), kind="date"),
    )  # fmt: skip
    extra_fields = ("public_id", "starts_on", "text", *BODY)
    search_folded = ("folded",)
    default_sort = ("red_on",)
    empty = EmptyState(title=_("Nothing is red"), text=_("What is overdue or too far behind stands here."))


def _asked_period(row: Row) -> str:
    return period_name(row["round__period"])


def _request_address(row: Row) -> str:
    return reverse("programmes:round", args=[row["round__public_id"]])


class LateTable(tables.Table):
    """List late reports, oldest first."""

    name = "late"
    count_limit = MOST_COUNTED
    caption = _("Late reports")
    columns = (
        Column("organisation", _("Body"), kind="link", value=_body, link=_request_address),
        Column("round__period", _("Period"), source="round__period", value=_asked_period),
        Column("round__due_on", _("Report due"), kind="date", sortable=True),
        Column("alerted_at", _("Officer alerted"), kind="date"),
        Column("climbs", _("Levels told"), kind="number"),
        Column("climbed_at", _("Last step"), kind="date"),
    )
    extra_fields = ("round__public_id", *BODY)
    default_sort = ("round__due_on", "organisation__path")
    empty = EmptyState(
        title=_("No report is late"), text=_("Bodies that were asked and kept silent stand here.")
    )


def _about(row: Row) -> str:
    return str(row["directive__title"] or row["programme__title"] or "")


ROUND_STATES = (("open", _("Open")), ("closed", _("Closed")))


class RoundTable(SheetTable):
    """List reporting rounds, the latest first."""

    sheet_kind = SheetKind.ROUNDS
    name = "rounds"
    caption = _("Reporting rounds")
    columns = (
        Column(
            "period", _("Period"), kind="link", source="period", value=lambda row: period_name(row["period"]),
            link=lambda row: reverse("programmes:round", args=[row["public_id"]]),
        ),
        Column("about", _("About"), value=_about),
        Column("opens_on", _("Opens"), kind="date", sortable=True),
        Column("due_on", _("Reports due"), kind="date", sortable=True, filter="date"),
        Column(
            "state", _("State"), kind="badge", filter="choice", choices=ROUND_STATES,
            value=lambda row: "closed" if row["closed_at"] else "open",
            states={"open": "open", "closed": "closed"},
            filter_by=lambda rows, wanted: rows.filter(closed_at__isnull=wanted == "open"),
        ),
    )  # fmt: skip
    extra_fields = ("public_id", "directive__title", "programme__title", "closed_at")
    default_sort = ("-opens_on", "-id")
    empty = EmptyState(
        title=_("No reporting rounds yet"),
        text=_("Each round asks every body with open deliveries for its progress."),
    )


def _delivery_body(row: Row) -> str:
    return organisations.name_in(row, language(), prefix="delivery__organisation__")


class ReviewTable(WordedTable):
    """List reports that wait for review, oldest first."""

    name = "review"
    count_limit = MOST_REVIEWED
    caption = _("Reports to review")
    columns = (
        Column(
            "text", _("Measure"), kind="link", source="delivery__text",
            link=lambda row: reverse("programmes:report", args=[row["id"]]),
            value=lambda row: excerpt(row["text"]),
        ),
        Column("organisation", _("Body"), value=_delivery_body),
        Column("round__period", _("Period"), source="round__period", value=_asked_period),
        Column("claimed", _("Claimed, %"), kind="number", sortable=True),
        Column("accepted", _("Accepted, %"), kind="number"),
        Column("self_rating", _("Self-rated"), kind="badge", choices=RATING_WORDS, states=RATING_BADGES),
        Column("state", _("State"), kind="badge", choices=REPORT_WORDS, states=REPORT_BADGES),
        Column("submitted_at", _("Reported"), kind="date", sortable=True),
    )  # fmt: skip
    extra_fields = (
        "id",
        "version",
        *(f"delivery__organisation__{name}" for name in organisations.NAME_FIELDS),
    )
    search_folded = ("delivery__words__folded",)
    words_path = "delivery__words_id"
    default_sort = ("submitted_at",)
    empty = EmptyState(
        title=_("Nothing waits for you"), text=_("Reports that bodies claim stand here for review.")
    )


STATE_WORDS = {
    DeliveryState.OPEN.value: _("Open"),
    DeliveryState.CLAIMED.value: _("Completion claimed"),
    DeliveryState.DONE.value: _("Done and verified"),
    DeliveryState.DISCONTINUED.value: _("Discontinued"),
}
