"""Count the automatic numbers of a Word document: they stand in numbering.xml, not in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_PERSIAN = ("الف", "ب", "ج", "د", "ه", "و", "ز", "ح", "ط", "ی", "ک", "ل", "م", "ن")
_BULLET = "-"


@dataclass(slots=True)
class _Level:
    """Hold one level of a list: format, text with places, first number."""

    format: str = "decimal"
    text: str = "%1."
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """Hold lists and their counters while a document is read from top to bottom."""

    abstract: dict[str, dict[int, _Level]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    overrides: dict[tuple[str, int], int] = field(default_factory=dict)
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    _counters: dict[str, list[int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    def number_of(self, paragraph: etree._Element, style: str | None) -> str:
        """Give the automatic number of a paragraph, or an empty text."""
        found = self._reference(paragraph, style)
        if found is None:
            return ""
        list_id, level = found
        levels = self.abstract.get(self.lists.get(list_id, ""), {})
        if level not in levels:
            return ""
        if levels[level].format == "bullet":
            return _BULLET
        if levels[level].format == "none":
            return ""
        return self._advance(list_id, level, levels)

    def _reference(self, paragraph: etree._Element, style: str | None) -> tuple[str, int] | None:
        """Find the list and level of a paragraph: its own, else its style's."""
        properties = paragraph.find(f"{W}pPr/{W}numPr")
        inherited = self.styles.get(style or "")
        if properties is None:
            return inherited
        list_id = _value(properties.find(f"{W}numId"))
        level = _value(properties.find(f"{W}ilvl"))
        if list_id == "0":
            return None
        if list_id is None and inherited is None:
            return None
        chosen = list_id if list_id is not None else (inherited or ("", 0))[0]
        depth = int(level) if level and level.isdigit() else (inherited or ("", 0))[1]
        return chosen, min(depth, _LEVELS - 1)

    def _advance(self, list_id: str, level: int, levels: dict[int, _Level]) -> str:
        """Count up a level, begin the deeper ones anew, and write the number."""
        key = self.lists[list_id]
        counters = self._counters.setdefault(
            key, [levels[index].start - 1 if index in levels else 0 for index in range(_LEVELS)]
        )
        override = self.overrides.get((list_id, level))
        if override is not None and (list_id, level) not in self._begun:
            counters[level] = override - 1
        self._begun.add((list_id, level))
        counters[level] += 1
        for deeper in range(level + 1, _LEVELS):
            counters[deeper] = levels[deeper].start - 1 if deeper in levels else 0
        return _PLACE.sub(
            lambda match: self._written(int(match[1]) - 1, counters, levels), levels[level].text
        )

    @staticmethod
    def _written(level: int, counters: list[int], levels: dict[int, _Level]) -> str:
        """Write one level's counter in its format."""
        known = levels.get(level, _Level())
        return formatted(max(counters[level], known.start), known.format)


def formatted(number: int, style: str) -> str:
    """Write a number in a Word format."""
    if style in {"upperRoman", "lowerRoman"}:
        roman = _roman(number)
        return roman if style == "upperRoman" else roman.lower()
    if style in {"upperLetter", "lowerLetter"}:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if style == "upperLetter" else letter
    if style in {"arabicAlpha", "arabicAbjad"}:
        return _PERSIAN[(number - 1) % len(_PERSIAN)]
    if style == "decimalZero":
        return f"{number:02d}"
    return str(number)


def _roman(number: int) -> str:
    """Write a Roman number."""
    pairs = ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    written = ""
    rest = min(number, 89)
    for value, letters in pairs:
        while rest >= value:
            written += letters
            rest -= value
    return written


def _value(element: etree._Element | None) -> str | None:
    """Give the w:val of an element."""
    return None if element is None else element.get(f"{W}val")


def read_numbering(numbering: etree._Element | None, styles: etree._Element | None) -> Numbering:
    """Read the lists of a document and which styles are numbered."""
    found = Numbering()
    if numbering is not None:
        for abstract in numbering.iter(f"{W}abstractNum"):
            found.abstract[abstract.get(f"{W}abstractNumId", "")] = _levels(abstract)
        for item in numbering.iter(f"{W}num"):
            _read_list(item, found)
    if styles is not None:
        for style in styles.iter(f"{W}style"):
            list_id = _value(style.find(f"{W}pPr/{W}numPr/{W}numId"))
            level = _value(style.find(f"{W}pPr/{W}numPr/{W}ilvl"))
            if list_id and list_id != "0":
                found.styles[style.get(f"{W}styleId", "")] = (
                    list_id,
                    int(level) if level and level.isdigit() else 0,
                )
    return found


def _read_list(item: etree._Element, found: Numbering) -> None:
    """Read one list: its definition and where it begins anew."""
    list_id = item.get(f"{W}numId", "")
    found.lists[list_id] = _value(item.find(f"{W}abstractNumId")) or ""
    for override in item.iter(f"{W}lvlOverride"):
        start = _value(override.find(f"{W}startOverride"))
        level = override.get(f"{W}ilvl", "0")
        if start and start.isdigit() and level.isdigit():
            found.overrides[list_id, int(level)] = int(start)


def _levels(abstract: etree._Element) -> dict[int, _Level]:
    """Read the levels of a list's definition."""
    found: dict[int, _Level] = {}
    for level in abstract.iter(f"{W}lvl"):
        index = level.get(f"{W}ilvl", "0")
        start = _value(level.find(f"{W}start")) or "1"
        if index.isdigit() and int(index) < _LEVELS:
            found[int(index)] = _Level(
                format=_value(level.find(f"{W}numFmt")) or "decimal",
                text=_value(level.find(f"{W}lvlText")) or "",
                start=int(start) if start.isdigit() else 1,
            )
    return found
