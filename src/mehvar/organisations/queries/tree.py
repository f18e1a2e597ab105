"""Read bodies: one, those above and below it, provinces, and those that a search finds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, QuerySet

from mehvar.kernel import clock, errors, text
from mehvar.organisations.data import BodyType
from mehvar.organisations.models import Group, Organisation, OrganisationName, Register
from mehvar.organisations.queries.authority import valid_on
from mehvar.organisations.queries.held import read_once

if TYPE_CHECKING:
    from typing import TypeAlias

    Organisations: TypeAlias = QuerySet[Organisation]
    Named: TypeAlias = Organisation | Group

NAME_FIELDS = ("code", "name_fa", "name_vi", "name_en")
"""What ``name_in`` reads of a row."""

STEP = 4


def organisation(code: str) -> Organisation:
    """Give the body of a code.

    Raises:
        NotFound: No body has the code.
    """
    found: Organisation | None = Organisation.objects.filter(code=code).first()
    if found is None:
        raise errors.NotFound(
            "There is no organisation with the code {value}.", code="unknown-organisation", value=code
        )
    return found


@read_once
def organisation_by_id(organisation_id: int) -> Organisation:
    """Give the body of a number.

    Raises:
        NotFound: No body has the number.
    """
    found: Organisation | None = Organisation.objects.filter(pk=organisation_id).first()
    if found is None:
        raise errors.NotFound("There is no such organisation.", code="unknown-organisation")
    return found


@read_once
def home_register() -> Register:
    """Give the register of this installation: the one marked so, else the first that was loaded.

    Raises:
        NotFound: No pack was loaded yet.
    """
    found = Register.objects.select_related("ministry").order_by("-is_home", "pk").first()
    if found is None:
        raise errors.NotFound("No pack of organisations is loaded yet.", code="no-register")
    return found


def ministry() -> Organisation:
    """Give the body that runs this installation, in whose name directives are issued.

    Raises:
        NotFound: None was chosen.
    """
    found = home_register().ministry
    if found is None:
        raise errors.NotFound("The ministry of this installation is not chosen yet.", code="no-ministry")
    return found


def provinces(pack: str | None = None, *, on: date | None = None) -> Organisations:
    """Give the provinces of a pack (of the installation's) that exist on a day (today), in the pack's order."""
    code = home_register().code if pack is None else pack
    rows: Organisations = Organisation.objects.filter(
        valid_on(on or clock.today()), pack=code, type=BodyType.PROVINCE
    ).order_by("path")
    return rows


def children_of(path: str) -> Organisations:
    """Give the bodies directly below the one at ``path``; the roots for an empty path."""
    below: Organisations = Organisation.objects.filter(depth=len(path) // STEP + 1, path__startswith=path)
    return below.order_by("path")


def line_above(path: str) -> Organisations:
    """Give the bodies above the one at ``path``, the root first."""
    tops = [path[:end] for end in range(STEP, len(path), STEP)]
    rows: Organisations = Organisation.objects.filter(path__in=tops).order_by("path")
    return rows


def named(wanted: str) -> Any:
    """Build the condition that any name of a body, past or present, holds the words searched for."""
    folded = text.fold_for_search(wanted)
    names = OrganisationName.objects.filter(organisation_id=OuterRef("pk"))
    for word in folded.split():
        names = names.filter(folded__contains=word)
    return Exists(names)


def search(wanted: str, *, pack: str | None = None, on: date | None = None) -> Organisations:
    """Give the bodies that bear the words in any name, in any language, past or present; or that code.

    With ``on`` only bodies that exist on the day.
    """
    rows: Organisations = Organisation.objects.order_by("path")
    if pack is not None:
        rows = rows.filter(pack=pack)
    if on is not None:
        rows = rows.filter(valid_on(on))
    if not text.fold_for_search(wanted):
        return rows
    found: Organisations = rows.filter(named(wanted)) | rows.filter(code=wanted.strip())
    return found


def name_in(row: Mapping[str, Any] | Named, language: str, *, prefix: str = "") -> str:
    """Give a body's name in a language, else in one that it has, else its code.

    ``row`` is a body or a row of ``values()`` with ``NAME_FIELDS`` (each after ``prefix``, as ``"lead__"``).
    """
    order = (f"name_{language.split('-', maxsplit=1)[0]}", "name_en", "name_vi", "name_fa", "code")
    found = (_part(row, prefix + field) for field in order)
    return next((value for value in found if value), "")


def _part(row: Mapping[str, Any] | Named, name: str) -> str:
    """Read a field of a row or of a body; a row without it has none."""
    value = row.get(name) if isinstance(row, Mapping) else getattr(row, name, "")
    return str(value or "")


def ids_of(codes: Collection[str]) -> dict[str, int]:
    """Give the keys of the bodies with these codes, by code; unknown codes are left out."""
    return dict(Organisation.objects.filter(code__in=codes).values_list("code", "pk"))
