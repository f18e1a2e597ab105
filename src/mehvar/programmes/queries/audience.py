"""Find whom a call asks: all provinces, the industrial ones, or bodies picked by hand.

Where the ministry's own office exists in a province (a provincial department marked ``ict`` in the register), it answers for the
province; else the province itself.
Source: S1.1 (industrial provinces lead; provinces present operational plans).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from mehvar.kernel import text
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import BodyType

if TYPE_CHECKING:
    from mehvar.organisations.models import Organisation


class Audience(StrEnum):
    """Name whom a call asks."""

    PROVINCES = "provinces"
    INDUSTRIAL = "industrial"
    PICKED = "picked"


def bodies_of(audience: Audience, pack: str, on: date, picked: str = "") -> list[Organisation]:
    """Give the bodies that a call asks, in the register's order; ``picked`` are names or codes, one a line.

    Raises:
        InputError: A picked name is unknown or means several bodies, or there is nobody.
    """
    if audience is Audience.PICKED:
        found = list(
            dict.fromkeys(body_named(line, pack, on) for line in picked.splitlines() if line.strip())
        )
    else:
        found = offices_of(_provinces(audience, pack, on), pack, on)
    if not found:
        raise InputError(gettext_noop("Choose whom to ask."), code="nobody-called", field="picked")
    return found


def _provinces(audience: Audience, pack: str, on: date) -> list[Organisation]:
    rows = list(organisations.provinces(pack, on=on))
    if audience is Audience.INDUSTRIAL:
        return [row for row in rows if is_industrial(row)]
    return rows


def is_industrial(province: Organisation) -> bool:
    """Tell whether the register marks a province as industrial."""
    return str(province.attributes.get("industrial", "")).lower() in {"true", "yes", "1"}


def offices_of(provinces: Iterable[Organisation], pack: str, on: date) -> list[Organisation]:
    """Give who answers for each province: the ministry's office in it, else the province; one query."""
    rows = organisations.search("", pack=pack, on=on).filter(type=BodyType.PROVINCIAL_DEPARTMENT)
    offices = [row for row in rows if str(row.attributes.get("ict", "")).lower() in {"true", "yes", "1"}]
    return [
        next((office for office in offices if office.path.startswith(province.path)), province)
        for province in provinces
    ]


def body_named(written: str, pack: str, on: date) -> Organisation:
    """Give the body of a code, or of a name that only one body bears today.

    Raises:
        InputError: No body bears the name, or several do.
    """
    wanted = written.strip()
    found = list(organisations.search(wanted, pack=pack, on=on)[:20])
    folded = text.fold_for_search(wanted)
    exact = [row for row in found if row.code == wanted] or [
        row
        for row in found
        if folded in {text.fold_for_search(name) for name in (row.name_fa, row.name_vi, row.name_en)}
    ]
    chosen = exact or found
    if len(chosen) == 1:
        return chosen[0]
    message = (
        gettext_noop("“{name}” means several bodies; write its code.")
        if chosen
        else gettext_noop("No body is called “{name}”.")
    )
    raise InputError(message, code="unknown-body", field="picked", name=wanted)


def names_told(body: Organisation, place: str = "body") -> dict[str, str]:
    """Give a body's names for a notice: each reader is told the one of his own language, else any that it has."""
    own = {f"{place}_{code}": str(getattr(body, f"name_{code}") or "") for code in ("fa", "vi", "en")}
    return {place: str(body), **{name: words for name, words in own.items() if words}}
