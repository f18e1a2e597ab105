"""Define the lists of the room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from mehvar.kernel import clock
from mehvar.organisations import queries
from mehvar.organisations.models import Committee, Group, Organisation, Register
from mehvar.organisations.queries import words
from mehvar.ui.tables import Column, EmptyState, Table


def name_order() -> tuple[str, ...]:
    """Give the name fields, that of the reader's language first."""
    own = f"name_{(get_language() or 'en').split('-')[0]}"
    return (own, *(field for field in ("name_en", "name_vi", "name_fa") if field != own))


def shown_name(prefix: str = "") -> Coalesce:
    """Build the expression of a body's name in the reader's language, else in one that it has, else its code."""
    fields = [NullIf(F(prefix + field), Value("")) for field in name_order()]
    return Coalesce(*fields, F(f"{prefix}code"))


def _present(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Keep the bodies that exist today, or those that ended."""
    today = clock.today()
    return rows.filter(queries.valid_on(today)) if value == "yes" else rows.filter(valid_to__lte=today)


def _packs() -> list[tuple[str, str]]:
    """Offer the registers that are loaded."""
    return [(code, code) for code in Register.objects.order_by("pk").values_list("code", flat=True)]


class OrganisationTable(Table):
    """List bodies; the search looks into every name in every language, past and present."""

    name = "organisations"
    caption = _("Bodies")
    columns: ClassVar[Sequence[Column]] = (
        Column("shown", _("Name"), kind="link", link=lambda row: body_url(row["code"])),
        Column(
            "type", _("Kind"), filter="choice", choices=lambda: list(words.TYPE_WORDS.items()), sortable=True
        ),
        Column("code", _("Code"), sortable=True),
        Column("valid_from", _("Exists from"), kind="date", sortable=True),
        Column("valid_to", _("Exists until"), kind="date", sortable=True),
        Column("pack", _("Register"), filter="choice", choices=_packs),
        Column(
            "present",
            _("State"),
            hidden=True,
            filter="choice",
            choices=(("yes", _("exists today")), ("no", _("ended"))),
            filter_by=_present,
        ),
    )
    extra_fields = ("path",)
    search = ("code",)
    search_folded = ("names__folded",)
    default_sort = "path"
    empty = EmptyState(
        title=_("No bodies yet"),
        text=_("Load a country's pack on the server: mehvar packs load, or hand in a spreadsheet."),
    )


def body_url(code: str) -> str:
    """Give the address of a body's page."""
    return reverse("organisations:organisation", args=[code])


def organisation_rows() -> QuerySet[Any]:
    """Give all bodies for the list, each once however many of its names match."""
    rows: QuerySet[Any] = Organisation.objects.annotate(shown=shown_name()).distinct()
    return rows


class PersonTable(Table):
    """List the people whom one administers."""

    name = "people"
    caption = _("People")
    columns = (
        Column(
            "name",
            _("Name"),
            kind="link",
            link=lambda row: person_url(row["id"]),
            filter="search",
            sortable=True,
        ),
        Column("email", _("E-mail address"), filter="search", sortable=True),
        Column("last_login", _("Last signed in"), kind="moment", sortable=True),
        Column(
            "second_factor",
            _("Second factor"),
            kind="badge",
            choices=((True, _("set up")), (False, _("not set up"))),
            states={True: "done", False: "attention"},
            value=lambda row: row["second_factor"],
            source="second_factor",
        ),
        Column(
            "is_active",
            _("Account"),
            kind="badge",
            filter="choice",
            choices=((True, pgettext_lazy("account", "open")), (False, pgettext_lazy("account", "closed"))),
            states={True: "done", False: "closed"},
        ),
    )
    extra_fields = ("id",)
    default_sort = "name"
    empty = EmptyState(title=_("Nobody yet"), text=_("Invite the first person into a position."))


def person_url(user_id: int) -> str:
    """Give the address of a person's page."""
    return reverse("organisations:person", args=[user_id])


class CommitteeTable(Table):
    """List committees."""

    name = "committees"
    caption = _("Committees")
    columns = (
        Column(
            "name",
            _("Committee"),
            kind="link",
            link=lambda row: reverse("organisations:committee", args=[row["id"]]),
            filter="search",
            sortable=True,
        ),
        Column(
            "kind",
            _("Kind"),
            filter="choice",
            choices=lambda: list(words.COMMITTEE_WORDS.items()),
        ),
        Column("body", _("Body")),
        Column("established_on", _("Established on"), kind="date", sortable=True),
        Column("dissolved_on", _("Dissolved on"), kind="date", sortable=True),
    )
    extra_fields = ("id",)
    default_sort = "name"
    empty = EmptyState(
        title=_("No committee yet"), text=_("Committees are established on the page of their body.")
    )


def committee_rows() -> QuerySet[Any]:
    """Give all committees with the name of their body."""
    return Committee.objects.annotate(body=shown_name("organisation__"))


class GroupTable(Table):
    """List groups."""

    name = "groups"
    caption = _("Groups")
    columns = (
        Column(
            "shown",
            _("Group"),
            kind="link",
            link=lambda row: reverse("organisations:group", args=[row["pack"], row["code"]]),
        ),
        Column("code", _("Code"), filter="search", sortable=True),
        Column("pack", _("Register"), filter="choice", choices=_packs),
    )
    default_sort = ("pack", "code")
    empty = EmptyState(title=_("No groups yet"), text=_("Groups come with a country's pack."))


def group_rows() -> QuerySet[Any]:
    """Give all groups with their name in the reader's language."""
    return Group.objects.annotate(shown=shown_name())
