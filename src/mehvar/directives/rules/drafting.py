"""Read what a drafter types for a measure: names of bodies, one to a line.

Source: issue "the house", point 10; S0.8, S0.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from mehvar.kernel import text, wording
from mehvar.organisations.rules.matching import BodyRegister, read_bodies

_CODE = re.compile(r"\[(@?[\w.\-]+)\]\s*$")
_LONGEST_NAME = 400


@dataclass(frozen=True, slots=True)
class BodyReference:
    """Say who is meant: a register's code, ``@group``, or only words; ``others`` are codes it could mean as well."""

    code: str
    words: str
    others: tuple[str, ...] = ()

    @property
    def is_group(self) -> bool:
        """Tell whether a symbolic group is meant."""
        return self.code.startswith("@")

    @property
    def is_known(self) -> bool:
        """Tell whether the register knows it."""
        return bool(self.code)


class MeasureChanges(TypedDict, total=False):
    """Hold what a person changes of a measure; what is left out stays.

    ``field`` is a field's name ("" for none), ``provision`` a provision's public id; the roles hold one name, code or
    ``@group`` per item; ``due_raw`` is the deadline as people write it.
    """

    section: str
    number: str
    text: str
    deliverable: str
    outcome_indicator: str
    field: str
    provision: str
    priority: str
    special_project: bool
    due_raw: str
    lead: list[str]
    coordinating: list[str]
    overseeing: list[str]
    monitoring: list[str]


ROLE_NAMES = ("lead", "coordinating", "overseeing", "monitoring")
PLAIN_NAMES = ("section", "number", "text", "deliverable", "outcome_indicator", "priority", "special_project")


def lines_of(written: str) -> list[str]:
    """Cut what was typed into names: one to a line, or divided by semicolons."""
    return [part for part in (text.display_form(piece) for piece in re.split(r"[\n;؛]+", written)) if part]


def references(
    lines: Iterable[str],
    register: BodyRegister,
    *,
    labels: Mapping[str, str],
    present: Mapping[str, str] | None = None,
    on: date | None = None,
) -> list[BodyReference]:
    """Find out who is meant by each line, once each, in order.

    ``labels``: groups' codes by their labels. ``present``: codes by the names already on the measure, so that a line
    nobody touched keeps its meaning even where its name is ambiguous.
    """
    found: dict[str, BodyReference] = {}
    for line in lines:
        for reference in _references(line, register, labels, present or {}, on):
            found.setdefault(reference.code or reference.words, reference)
    return list(found.values())


def _references(
    line: str, register: BodyRegister, labels: Mapping[str, str], present: Mapping[str, str], on: date | None
) -> list[BodyReference]:
    known = _known_code(line, register, labels, present)
    if known:
        return [BodyReference(known, line)]
    hit = register.resolve(line, on=on)
    if hit and hit.is_ambiguous:
        return [BodyReference("", line, (*hit.codes, *hit.others))]
    if hit:
        return [BodyReference(code, line) for code in hit.codes]
    mentions = read_bodies(line, register, on=on).mentions
    if mentions and all(mention.code for mention in mentions):
        return [BodyReference(mention.code or "", mention.text) for mention in mentions]
    return [BodyReference("", line[:_LONGEST_NAME])]


def _known_code(
    line: str, register: BodyRegister, labels: Mapping[str, str], present: Mapping[str, str]
) -> str:
    """Give the code that a line names outright: in brackets, by itself, as a group's label, or as it stood before."""
    bracketed = _CODE.search(line)
    code = bracketed[1] if bracketed else line.strip()
    if code in register.bodies or code in register.groups:
        return code
    return present.get(line, "") or labels.get(text.fold_for_match(line), "")


def cleaned(text: str, *, field: str, limit: int) -> str:
    """Give a text as it is kept: without what editors leave at its ends, in its line ends and between its signs.

    Raises:
        InputError: Too much is written.
    """
    clean = text.strip().replace("\r\n", "\n").replace("\x00", "")
    return wording.within(clean, field=field, limit=limit)
