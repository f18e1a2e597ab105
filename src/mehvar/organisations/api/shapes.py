"""Say how bodies, groups and committees look over the HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints

from mehvar.organisations.data import BodyType, CommitteeKind, NameKind, SuccessionKind
from mehvar.ui.api import Names, Schema, Version

if TYPE_CHECKING:
    from mehvar.organisations.models import Organisation

Code = Annotated[str, StringConstraints(max_length=80), Field(examples=["ir.mict"])]
Word = Annotated[str, StringConstraints(max_length=300)]
Attribute = str | bool | int


class BodyRow(Schema):
    """Show a body in a list."""

    code: str = Field(examples=["ir.mict"])
    type: str = Field(examples=["ministry"])
    names: Names
    parent: str | None = Field(None, description="Code of the body above.")
    pack: str = Field(examples=["ir"])
    valid_from: date | None = None
    valid_to: date | None = Field(None, description="The first day on which it no longer existed.")
    attributes: dict[str, Attribute]
    email: str
    version: int


class NameRow(Schema):
    """Show one dated name of a body."""

    id: int
    text: str
    language: str
    kind: NameKind
    valid_from: date | None
    valid_to: date | None


class SuccessionRow(Schema):
    """Show that one body answers for another from a day; without a successor it was dissolved."""

    predecessor: str
    successor: str | None
    on: date
    kind: str
    note: str


class BodyWhole(BodyRow):
    """Show a body with its names and its successions in both directions."""

    all_names: list[NameRow]
    successions: list[SuccessionRow]


class GroupRow(Schema):
    """Show a generic addressee such as “ministries”."""

    code: str = Field(examples=["@ministries"])
    names: Names
    pack: str


class GroupMemberRow(Schema):
    """Show a member of a group."""

    code: str
    names: Names
    type: str


class CommitteeRow(Schema):
    """Show a committee."""

    id: int
    organisation: str
    kind: str
    name: str
    mandate: str
    quorum: int = Field(description="Percent of the members who vote.")
    established_on: date
    dissolved_on: date | None
    version: int


class SeatRow(Schema):
    """Show who sits on a committee: a person, or an office of a body."""

    id: int
    capacity: str
    office: str
    person: str | None
    organisation: str | None
    valid_from: date
    valid_to: date | None


class NewBody(Schema):
    """Enter a body."""

    code: Code
    type: BodyType
    parent: Code | None = Field(None, description="Code of the body above; none for a root.")
    names: Names
    valid_from: date | None = None
    valid_to: date | None = None
    attributes: dict[Annotated[str, StringConstraints(max_length=60)], Attribute] = Field(
        default_factory=dict, examples=[{"industrial": True}]
    )
    email: Annotated[str, StringConstraints(max_length=254)] = ""


class BodyChanges(Schema):
    """Change a body; what is left out stays."""

    version: Version | None = None
    type: BodyType | None = None
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    attributes: dict[Annotated[str, StringConstraints(max_length=60)], Attribute] | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class NewName(Schema):
    """Add a name to a body."""

    version: Version | None = None
    text: Word = Field(examples=["MICT"])
    language: Annotated[str, Field(pattern="^(fa|vi|en)$", examples=["en"])]
    kind: NameKind = NameKind.ALIAS
    valid_from: date | None = None
    valid_to: date | None = None


class Renaming(Schema):
    """Give a body new official names from a day; languages left empty keep theirs."""

    version: Version | None = None
    names: Names
    on: date


class Move(Schema):
    """Put a body below another one."""

    version: Version | None = None
    parent: Code


class NewSuccession(Schema):
    """Let bodies end on a day, and another answer for them from then."""

    predecessors: list[Code] = Field(min_length=1, max_length=200)
    successor: Code | None = Field(None, description="Without one they are dissolved.")
    on: date
    kind: SuccessionKind
    note: Word = ""


class NewCommittee(Schema):
    """Establish a committee at a body."""

    organisation: Code
    kind: CommitteeKind
    name: Word
    mandate: Annotated[str, StringConstraints(max_length=10_000)]
    established_on: date
    quorum: int = Field(50, ge=1, le=100)


def names_of(row: Mapping[str, Any] | Organisation, prefix: str = "") -> Names:
    """Give the names of a body from a row of ``values()`` or from the body itself."""
    if isinstance(row, Mapping):
        return Names(**{language: row[f"{prefix}name_{language}"] or "" for language in ("fa", "vi", "en")})
    return Names(fa=row.name_fa, vi=row.name_vi, en=row.name_en)
