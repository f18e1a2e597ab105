"""Define the list of topics and the words of their states."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.tables import words
from mehvar.exchange.tables.members import named, names
from mehvar.ui import tables
from mehvar.ui.data import EmptyState
from mehvar.ui.tables import Column

TOPICS: words.Labels = (("open", _("Open")), ("closed", _("Closed")))
SUBSCRIPTIONS: words.Labels = (("active", _("Active")), ("paused", _("Paused")), ("ended", _("Ended")))
BADGES: Mapping[str, str] = {
    "open": "done",
    "closed": "closed",
    "active": "done",
    "paused": "attention",
    "ended": "closed",
}
REACH = (("True", _("Open to every member")), ("False", _("By agreement")))


class TopicTable(tables.Table):
    """List topics."""

    name = "topics"
    caption = _("Topics on which members tell events")
    columns = (
        Column(
            "title",
            _("Topic"),
            kind="link",
            sortable=True,
            filter="search",
            link=lambda row: reverse("exchange:topic", args=[row["public_id"]]),
        ),
        Column("body", _("Who tells"), value=named("subsystem__member__organisation")),
        Column("code", _("Code"), sortable=True, filter="search"),
        Column("is_public", _("Who may receive"), value=lambda row: dict(REACH)[str(row["is_public"])]),
        Column("state", _("State"), kind="badge", filter="choice", choices=TOPICS, states=BADGES),
        Column("created_at", _("Opened on"), kind="moment", date_style="numeric", sortable=True),
    )
    extra_fields = ("public_id", "is_public", *names("subsystem__member__organisation"))
    search = ("title", "code", "summary")
    default_sort = ("title",)
    empty = EmptyState(
        title=_("No topics yet"),
        text=_("A system tells on a topic what has happened, and others need not ask again and again."),
    )
