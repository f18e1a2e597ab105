"""Define the lists of obstacles and product gaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.organisations import queries as organisations
from mehvar.programmes.data import SheetKind
from mehvar.programmes.rules.escalation import LIVE
from mehvar.programmes.tables.imports import SheetTable
from mehvar.programmes.tables.obstacle_words import (
    CAUSES,
    LEVELS,
    STATE_BADGES,
    STATES,
    language,
)
from mehvar.ui.data import EmptyState
from mehvar.ui.tables import Column

Row = Mapping[str, Any]

LIVE_WORDS = (("live", _("Still to be removed")), ("past", _("Settled")))


def names(prefix: str) -> tuple[str, ...]:
    """Give the name fields of a related body."""
    return tuple(f"{prefix}__{name}" for name in organisations.NAME_FIELDS)


def _address(row: Row) -> str:
    return reverse("programmes:obstacle", args=[row["public_id"]])


def _owner(row: Row) -> str:
    return organisations.name_in(row, language(), prefix="owner__")


def _holder(row: Row) -> str:
    return organisations.name_in(row, language(), prefix="level_holder__") if row["state"] in LIVE else ""


def _province(row: Row) -> str:
    return organisations.name_in(row, language(), prefix="province__") if row["province__code"] else ""


def _raiser(row: Row) -> str:
    return organisations.name_in(row, language(), prefix="raised_by__") if row["raised_by__code"] else ""


def _live(rows: Any, value: str) -> Any:
    return rows.filter(state__in=LIVE) if value == "live" else rows.exclude(state__in=LIVE)


_TITLE = Column("title", _("Obstacle"), kind="link", link=_address, sortable=True)
_STATE = Column("state", _("State"), kind="badge", filter="choice", choices=STATES, states=STATE_BADGES)
_IS_LIVE = Column(
    "is_live", _("Show"), source="state", filter="choice", choices=LIVE_WORDS, filter_by=_live, hidden=True
)
_OWNER = Column("owner", _("Who must remove it"), value=_owner)
_PROVINCE = Column("province", _("Province"), value=_province)
_RAISED = Column("raised_at", _("Raised on"), kind="date", sortable=True, filter="date")


class ObstacleTable(SheetTable):
    """List obstacles, those whose clock ends first in front."""

    sheet_kind = SheetKind.OBSTACLES
    name = "obstacles"
    caption = _("Obstacles")
    columns = (
        _TITLE,
        Column("cause", _("Cause"), filter="choice", choices=CAUSES, sortable=True),
        _OWNER,
        _PROVINCE,
        Column("level", _("Level"), filter="choice", choices=LEVELS, sortable=True),
        Column("holder", _("Who has it now"), value=_holder, listed=False),
        Column("level_due_on", _("Until"), kind="date", sortable=True, filter="date"),
        _STATE,
        _IS_LIVE,
        Column("raised_by", _("Raised by"), value=_raiser, listed=False),
        _RAISED,
        Column("remedied_at", _("Said to be gone"), kind="moment", date_style="numeric", listed=False),
    )
    extra_fields = (
        "public_id",
        *names("owner"),
        *names("level_holder"),
        *names("province"),
        *names("raised_by"),
    )
    search_folded = ("folded",)
    default_sort = ("level_due_on",)
    empty = EmptyState(
        title=_("No obstacles"),
        text=_("What is in the way of a measure stands here, with who has it now and until when."),
    )


class WaitingTable(ObstacleTable):
    """List the obstacles that wait for a decision here."""

    name = "waiting"
    caption = _("Waits for a decision here")
    empty = EmptyState(
        title=_("Nothing waits for a decision here"),
        text=_("Obstacles that the bodies could not remove in time climb to this place."),
    )


class GapTable(SheetTable):
    """List the products that the market lacks (S0.5)."""

    sheet_kind = SheetKind.OBSTACLES
    name = "gaps"
    caption = _("Product gaps of the market")
    columns = (
        Column("title", _("Product"), kind="link", link=_address, sortable=True),
        Column("product_need", _("Who needs it, and what for")),
        Column("market_size", _("How much is needed")),
        Column("could_make", _("Who could make it")),
        _OWNER,
        _PROVINCE,
        _STATE,
        _IS_LIVE,
        _RAISED,
    )
    extra_fields = ("public_id", *names("owner"), *names("province"))
    search = ("market_size", "could_make")
    search_folded = ("folded",)
    default_sort = ("-raised_at",)
    empty = EmptyState(
        title=_("No product gaps"),
        text=_("Products that the market needs and nobody makes stand here, with who could make them."),
    )
