"""Define the list of stocktakes."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.ui import tables
from mehvar.ui.data import EmptyState
from mehvar.ui.tables import Column

STATES = (
    ("planned", _("Planned")),
    ("running", _("Running")),
    ("ended", _("Ended")),
    ("cancelled", _("Cancelled")),
)
BADGES = {"planned": "draft", "running": "open", "ended": "done", "cancelled": "closed"}


class StocktakeTable(tables.Table):
    """List stocktakes, the latest first."""

    name = "stocktakes"
    caption = _("Stocktakes")
    columns = (
        Column(
            "title", _("Title"), kind="link", filter="search",
            link=lambda row: reverse("programmes:stocktake", args=[row["public_id"]]),
        ),
        Column("held_on", _("Date"), kind="date", sortable=True, filter="date"),
        Column("state", _("State"), kind="badge", filter="choice", choices=STATES, states=BADGES),
    )  # fmt: skip
    extra_fields = ("public_id",)
    default_sort = ("-held_on", "-id")
    empty = EmptyState(
        title=_("No stocktake yet"),
        text=_("A stocktake leads through what is done, red and stuck, and ends with decisions and minutes."),
    )
