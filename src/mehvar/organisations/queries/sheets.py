"""Read what an export holds: the rows of bodies, names and positions in the form of the import."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Q

from mehvar.organisations.data import Authority
from mehvar.organisations.models import Organisation, OrganisationName, Position
from mehvar.organisations.queries.authority import scoped
from mehvar.organisations.rules import bodies
from mehvar.organisations.rules.permissions import Permission
from mehvar.organisations.rules.sheets import SheetKind


def sheet_rows(kind: SheetKind, authority: Authority) -> Iterator[list[str]]:
    """Give the rows of an export: what lies where the person administers, as text."""
    if kind is SheetKind.ORGANISATIONS:
        return _bodies(authority)
    if kind is SheetKind.NAMES:
        return _names(authority)
    return _positions(authority)


def _day(value: date | None) -> str:
    """Write a day in ISO 8601."""
    return value.isoformat() if value else ""


def _bodies(authority: Authority) -> Iterator[list[str]]:
    """Give bodies, each after its parent."""
    rows: Any = scoped(Organisation.objects.all(), authority, Permission.MANAGE_ORGANISATIONS)
    codes = dict(Organisation.objects.values_list("path", "code"))
    for row in rows.order_by("path").values():
        yield [
            row["code"],
            codes.get(row["path"][:-4], ""),
            row["type"],
            row["name_fa"],
            row["name_vi"],
            row["name_en"],
            _day(row["valid_from"]),
            _day(row["valid_to"]),
            row["email"],
            bodies.attributes_to(row["attributes"]),
        ]


def _names(authority: Authority) -> Iterator[list[str]]:
    """Give every name of every body."""
    rows = scoped(
        OrganisationName.objects.all(), authority, Permission.MANAGE_ORGANISATIONS, "organisation__path"
    )
    fields = ("organisation__code", "text", "language", "kind", "valid_from", "valid_to")
    for code, text, language, kind, start, end in rows.order_by("organisation__path", "pk").values_list(
        *fields
    ):
        yield [code, text, language, kind, _day(start), _day(end)]


def _positions(authority: Authority) -> Iterator[list[str]]:
    """Give every position, past ones too."""
    rows = scoped(Position.objects.all(), authority, Permission.MANAGE_PEOPLE, "organisation__path")
    fields = (
        "user__email", "user__name", "user__language", "organisation__code", "role", "title", "valid_from", "valid_to",
    )  # fmt: skip
    for *said, start, end in rows.order_by("user__email", "organisation__path", "pk").values_list(*fields):
        yield [*said, _day(start), _day(end)]


def known_codes(codes: set[str]) -> dict[str, Organisation]:
    """Give the bodies of some codes."""
    return {row.code: row for row in Organisation.objects.filter(Q(code__in=codes))}
