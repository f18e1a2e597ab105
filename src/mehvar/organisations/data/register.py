"""Describe the register of bodies: who exists, under which names, since when and until when.

Dates are half open: something is valid on a day when ``valid_from <= day < valid_to``; ``None`` is an open end.
Source: issue "the house", point 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

AttributeValue: TypeAlias = str | bool | int

ISSUER = "@issuer"
"""In a member rule's ``under``: the body that issues the document."""


class BodyType(StrEnum):
    """List the kinds of bodies that carry or receive a task."""

    STATE_ORGAN = "state_organ"
    MINISTRY = "ministry"
    MINISTERIAL_AGENCY = "ministerial_agency"
    GOVERNMENT_AGENCY = "government_agency"
    PARTY_BODY = "party_body"
    ASSEMBLY = "assembly"
    COURT = "court"
    DEPARTMENT = "department"
    PROVINCE = "province"
    PROVINCE_BODY = "province_body"
    PROVINCIAL_DEPARTMENT = "provincial_department"
    DISTRICT_BODY = "district_body"
    ENTERPRISE = "enterprise"
    INSTITUTE = "institute"
    UNIVERSITY = "university"
    ASSOCIATION = "association"
    COUNCIL = "council"
    COMMITTEE = "committee"
    MEDIA = "media"
    POSITION = "position"
    OTHER = "other"


class NameKind(StrEnum):
    """List how a name stands to its body."""

    OFFICIAL = "official"
    ALIAS = "alias"
    ABBREVIATION = "abbreviation"
    FORMER = "former"


class SuccessionKind(StrEnum):
    """List how one body's duties pass to another."""

    MERGED = "merged"
    RENAMED = "renamed"
    SPLIT = "split"
    DISSOLVED = "dissolved"


def is_valid_on(day: date | None, valid_from: date | None, valid_to: date | None) -> bool:
    """Tell whether the half-open span holds the day; without a day, whether the span has no end."""
    if day is None:
        return valid_to is None
    return (valid_from is None or valid_from <= day) and (valid_to is None or day < valid_to)


@dataclass(frozen=True, slots=True)
class Name:
    """Hold one written name; ``ambiguous`` says that another body may carry it on the same day."""

    text: str
    language: str
    kind: NameKind
    valid_from: date | None = None
    valid_to: date | None = None
    ambiguous: bool = False

    def is_valid(self, on: date | None) -> bool:
        """Tell whether the name is in use on the day."""
        return is_valid_on(on, self.valid_from, self.valid_to)


@dataclass(frozen=True, slots=True)
class Succession:
    """Hold the passing of one body's duties to another on a day."""

    predecessor: str
    successor: str
    on: date
    kind: SuccessionKind
    note: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """Hold one body (or office holder) with all its dated names."""

    code: str
    type: BodyType
    parent: str | None
    names: tuple[Name, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict, hash=False)

    def exists(self, on: date | None) -> bool:
        """Tell whether the body exists on the day (without a day: whether it has not ended)."""
        return is_valid_on(on, self.valid_from, self.valid_to)

    @property
    def is_symbolic(self) -> bool:
        """Tell whether the body stands for "the one of the issuer" ("Sở Tài chính" of any province)."""
        return bool(self.attributes.get("symbolic", False))

    def official(self, language: str, on: date | None = None) -> str:
        """Give the official name in a language on a day, else the nearest one that exists.

        Without a day the latest name is given. A body without a name in that language is called by its own
        (first listed) language.
        """
        names = [name for name in self.names if name.kind is NameKind.OFFICIAL]
        own = [name for name in names if name.language == language] or [
            name for name in names if name.language == names[0].language
        ]
        valid = [name for name in own if name.is_valid(on)]
        return (valid or own)[-1].text


@dataclass(frozen=True, slots=True)
class MemberRule:
    """Say who belongs to a group: bodies of these types below a body with these attributes, and named ones.

    ``under`` is a body's code, ``ISSUER`` or ``None`` for anywhere; ``codes`` are always members.
    """

    types: tuple[BodyType, ...] = ()
    under: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict, hash=False)
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Hold a generic addressee ("các bộ", «استانداری‌ها») that stays symbolic until promulgation.

    ``local_members`` is the rule for documents that a province issues, where it differs.
    """

    code: str
    names: tuple[Name, ...]
    members: MemberRule
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    local_members: MemberRule | None = None

    def label(self, language: str) -> str:
        """Give the group's label in a language, else in English, else its code."""
        return self.labels.get(language) or self.labels.get("en") or self.code


@dataclass(frozen=True, slots=True)
class GroupPhrase:
    """Hold one surface form and every group it means ("các bộ, ngành, địa phương" means three)."""

    text: str
    language: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """Hold a country's register: bodies, groups, phrases that mean groups, and successions."""

    code: str
    language: str
    calendar: str
    bodies: tuple[Body, ...]
    groups: tuple[Group, ...]
    successions: tuple[Succession, ...]
    phrases: tuple[GroupPhrase, ...] = ()
    by_code: Mapping[str, Body] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the bodies by code."""
        object.__setattr__(self, "by_code", {body.code: body for body in self.bodies})

    def body(self, code: str) -> Body:
        """Give the body of a code.

        Raises:
            KeyError: No body has the code.
        """
        return self.by_code[code]

    def group(self, code: str) -> Group:
        """Give the group of a code.

        Raises:
            KeyError: No group has the code.
        """
        for group in self.groups:
            if group.code == code:
                return group
        raise KeyError(code)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """List the codes above a body, nearest first."""
        found: list[str] = []
        parent = self.by_code[code].parent
        while parent is not None and parent not in found:
            found.append(parent)
            parent = self.by_code[parent].parent
        return tuple(found)
