"""Arrange a promulgated content for people who read it: measures by field, and only those that are sought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mehvar.directives.rules import content as contents
from mehvar.directives.rules.content import DirectiveContent, MeasureContent
from mehvar.kernel import text


@dataclass(frozen=True, slots=True)
class FieldPart:
    """Hold a field of work with its measures (all that were sought), and how many it has altogether."""

    name: str
    measures: tuple[MeasureContent, ...]
    total: int


def parts_of(content: DirectiveContent, *, sought: str = "", body: str = "") -> list[FieldPart]:
    """Return the fields with the measures that hold every sought word and, where one is named, give a body a role.

    Words are compared as people mean them (``kernel.text.fold_for_search``); ``body`` is a code.
    """
    wanted = text.fold_for_search(sought).split()
    found = []
    for name, measures in contents.measures_by_field(content):
        shown = tuple(each for each in measures if _names(each, body) and _holds(each, wanted))
        if shown:
            found.append(FieldPart(name or "", shown, len(measures)))
    return found


def bodies_of(content: DirectiveContent) -> list[tuple[str, str, int]]:
    """Return the bodies and groups that act, by name: (code, name, number of measures)."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for measure in content["measures"]:
        for code, name in set(_acting(measure)):
            names[code] = name
            counts[code] = counts.get(code, 0) + 1
    return sorted(((code, names[code], counts[code]) for code in names), key=lambda row: (-row[2], row[1]))


def _acting(measure: MeasureContent) -> Iterator[tuple[str, str]]:
    for role in contents.ROLES:
        for each in contents.bodies_in(measure, role):
            if each["code"]:
                yield each["code"], each["name"]


def _names(measure: MeasureContent, body: str) -> bool:
    return not body or any(code == body for code, _name in _acting(measure))


def _holds(measure: MeasureContent, wanted: list[str]) -> bool:
    if not wanted:
        return True
    names = " ".join(name for _code, name in _acting(measure))
    everything = f"{measure['number']} {measure['text']} {measure['deliverable']} {measure['outcome_indicator']} {names}"
    haystack = text.fold_for_search(everything)
    return all(word in haystack for word in wanted)
