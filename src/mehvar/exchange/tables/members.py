"""Define the lists of members, requests, agreements, rights, quotas and snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.tables import phrases, words
from mehvar.organisations import queries as organisations
from mehvar.ui import tables
from mehvar.ui.data import EmptyState
from mehvar.ui.tables import Column

Row = Mapping[str, Any]


def names(prefix: str) -> tuple[str, ...]:
    """Give the name fields of a related body."""
    return tuple(f"{prefix}__{name}" for name in organisations.NAME_FIELDS)


def named(prefix: str) -> Any:
    """Give a function that names the body of a row."""
    return lambda row: (
        organisations.name_in(row, words.language(), prefix=f"{prefix}__") if row[f"{prefix}__code"] else ""
    )


def states(labels: words.Labels) -> Column:
    """Give the column of a state."""
    return Column("state", _("State"), kind="badge", filter="choice", choices=labels, states=words.BADGES)


class MemberTable(tables.Table):
    """List members."""

    name = "members"
    caption = _("Members of the exchange")
    columns = (
        Column(
            "body",
            _("Body"),
            kind="link",
            value=named("organisation"),
            link=lambda row: reverse("exchange:member", args=[row["public_id"]]),
        ),
        Column("member_class", _("Class"), sortable=True, filter="search"),
        Column("code", _("Code"), sortable=True, filter="search"),
        states(words.MEMBERS),
        Column("contact_name", _("Who answers for it")),
        Column("applied_at", _("Applied on"), kind="moment", date_style="numeric", sortable=True),
    )
    extra_fields = ("public_id", *names("organisation"))
    search = ("organisation__name_fa", "organisation__name_vi", "organisation__name_en")
    default_sort = ("member_class", "code")
    empty = EmptyState(
        title=_("No members yet"),
        text=_("Bodies that ask one another are members, each with its systems and services."),
    )


class RequestTable(tables.Table):
    """List requests for access."""

    name = "requests"
    caption = _("Requests for access")
    columns = (
        Column(
            "asked",
            _("Service"),
            source="service__title",
            kind="link",
            link=lambda row: reverse("exchange:request", args=[row["public_id"]]),
            sortable=True,
            filter="search",
        ),
        Column(
            "client",
            _("Who asks"),
            value=lambda row: f"{row['subsystem__name']} · {named('subsystem__member__organisation')(row)}",
        ),
        Column("provider", _("Who answers"), value=named("service__subsystem__member__organisation")),
        Column("purpose", _("Purpose"), filter="search"),
        states(words.REQUESTS),
        Column("due_on", _("Answer due"), kind="date", sortable=True, filter="date"),
        Column("submitted_at", _("Submitted on"), kind="moment", date_style="numeric", sortable=True),
    )
    extra_fields = (
        "public_id", "subsystem__name", *names("subsystem__member__organisation"),
        *names("service__subsystem__member__organisation"),
    )  # fmt: skip
    default_sort = ("due_on", "-created_at")
    empty = EmptyState(
        title=_("No requests for access"),
        text=_(
            "Whoever needs a service asks for it on the service's page; the provider answers within working days."
        ),
    )


class AgreementTable(tables.Table):
    """List agreements."""

    name = "agreements"
    caption = _("Agreements")
    columns = (
        Column(
            "title",
            _("Title"),
            kind="link",
            link=lambda row: reverse("exchange:agreement", args=[row["public_id"]]),
            sortable=True,
            filter="search",
        ),
        Column("provider", _("Who gives data"), value=named("provider__organisation")),
        Column("consumer", _("Who receives data"), value=named("consumer__organisation")),
        Column("purpose", _("Purpose"), filter="search"),
        Column("valid_from", _("Valid from"), kind="date", sortable=True),
        Column("valid_until", _("Last day"), kind="date", sortable=True, filter="date"),
        states(words.AGREEMENTS[:3]),
    )
    extra_fields = ("public_id", *names("provider__organisation"), *names("consumer__organisation"))
    default_sort = ("valid_until", "title")
    empty = EmptyState(
        title=_("No agreements yet"),
        text=_("An agreement says on which legal basis, for which purpose and until when data flow."),
    )


class QuotaTable(tables.Table):
    """List quotas."""

    name = "quotas"
    caption = _("Quotas")
    columns = (
        Column("service", _("Service"), value=lambda row: row["service__title"] or _("Each service")),
        Column("client", _("Client"), value=lambda row: row["subsystem__name"] or _("Each client")),
        Column("calls_per_s", _("Calls per second"), kind="number", sortable=True),
        Column("burst", _("Calls at once"), kind="number", sortable=True),
        Column(
            "remove",
            "",
            kind="link",
            value=lambda row: _("Remove") if row["is_own"] else "",
            link=lambda row: reverse("exchange:quota_remove", args=[row["pk"]]) if row["is_own"] else "",
            exported=False,
        ),
    )
    extra_fields = ("pk", "is_own", "service__title", "subsystem__name")
    default_sort = ("service__title",)
    empty = EmptyState(
        title=_("No quotas"),
        text=_("A quota keeps one client from crowding out the others."),
    )


class SnapshotTable(tables.Table):
    """List published snapshots."""

    name = "snapshots"
    caption = _("Routing snapshots")
    columns = (
        Column(
            "number",
            _("Number"),
            kind="number",
            link=lambda row: reverse("exchange:snapshot", args=[row["number"]]),
            sortable=True,
        ),
        Column("made_at", _("Published on"), kind="moment", sortable=True, filter="date"),
        Column("reason", _("Acts that led to it"), value=lambda row: phrases.acts_in_short(row["reason"])),
        Column("sha256", _("Fingerprint"), value=lambda row: f"{row['sha256'][:16]}…"),
    )
    extra_fields = ("reason", "sha256")
    default_sort = ("-number",)
    empty = EmptyState(
        title=_("Nothing is published yet"),
        text=_("The first approved member makes the first snapshot, by which gateways decide."),
    )
