"""Find what changed between two editions: part by part, text by text, with parts that only moved.

Source: S0.9.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mehvar.directives.rules import content as contents
from mehvar.directives.rules.content import DirectiveContent

Status = Literal["same", "changed", "added", "removed"]
Kind = Literal["head", "citation", "provision", "measure"]


@dataclass(frozen=True, slots=True)
class TextChange:
    """Hold one text of a part before and after; ``name`` is ``goal``, ``text``, ``due`` or ``lead``."""

    name: str
    old: str
    new: str

    @property
    def differs(self) -> bool:
        """Tell whether anything changed."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class PartChange:
    """Hold one part: a text of the head, a citation, a provision or a measure.

    ``key`` is its public id (for the head the text's name); ``moved`` says that it stands elsewhere among its kind.
    """

    kind: Kind
    key: str
    label: str
    status: Status
    moved: bool = False
    texts: tuple[TextChange, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing about the part changed."""
        return self.status == "same" and not self.moved

    @property
    def changes(self) -> tuple[TextChange, ...]:
        """Give the texts that differ."""
        return tuple(text for text in self.texts if text.differs)


@dataclass(frozen=True, slots=True)
class Difference:
    """Hold every part in reading order, and how many of each kind changed in which way."""

    parts: tuple[PartChange, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Tell whether the editions say the same in the same order."""
        return all(part.is_quiet for part in self.parts)

    def only_changes(self) -> tuple[PartChange, ...]:
        """Give the parts that changed in any way."""
        return tuple(part for part in self.parts if not part.is_quiet)


@dataclass(frozen=True, slots=True)
class _Part:
    kind: Kind
    key: str
    label: str
    texts: Mapping[str, str]


def compare(old: DirectiveContent, new: DirectiveContent) -> Difference:
    """Compare two canonical contents.

    A part keeps its identity by its public id, a citation by its words. Removed parts stand where they stood.
    """
    parts: list[PartChange] = []
    for before, after in zip(_parts(old), _parts(new), strict=True):
        parts += _compared(before, after)
    return Difference(tuple(parts), _counts(parts))


def longest_rising(numbers: Sequence[int]) -> set[int]:
    """Give the places of one longest rising subsequence; what is outside it has moved."""
    tails: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(tails, number)
        if length == len(tails):
            tails.append(number)
            places.append(place)
        else:
            tails[length], places[length] = number, place
        before.append(places[length - 1] if length else -1)
    kept: set[int] = set()
    place = places[-1] if places else -1
    while place >= 0:
        kept.add(place)
        place = before[place]
    return kept


def _parts(content: DirectiveContent) -> tuple[list[_Part], ...]:
    """Give the parts of a content in four sequences: head, citations, provisions, measures."""
    head = content["directive"]
    values: Mapping[str, object] = {**head}
    return (
        [_Part("head", name, "", {name: str(values[name] or "")}) for name in contents.HEAD_TEXTS],
        [_Part("citation", item["raw"], "", {"text": item["raw"]}) for item in content["citations"]],
        [
            _Part(
                "provision",
                item["id"],
                contents.provision_label(item),
                {"heading": item["heading"], "text": item["text"]},
            )
            for item in content["provisions"]
        ],
        [
            _Part(
                "measure",
                item["id"],
                contents.measure_label(item),
                {passage.key.rpartition(".")[2]: passage.text for passage in contents.measure_passages(item)},
            )
            for item in content["measures"]
        ],
    )


def _compared(before: list[_Part], after: list[_Part]) -> list[PartChange]:
    old = {part.key: part for part in before}
    new = {part.key for part in after}
    moved = _moved([part.key for part in before], [part.key for part in after])
    removed = _removed_after(before, new)
    changes = [_removed(part) for part in removed.get("", [])]
    for part in after:
        changes.append(
            _changed(old[part.key], part, moved=part.key in moved) if part.key in old else _added(part)
        )
        changes += [_removed(gone) for gone in removed.get(part.key, [])]
    return changes


def _moved(before: Iterable[str], after: Iterable[str]) -> set[str]:
    """Give the keys that stand in another order than the others."""
    position = {key: place for place, key in enumerate(before)}
    common = [key for key in after if key in position]
    kept = longest_rising([position[key] for key in common])
    return {key for place, key in enumerate(common) if place not in kept}


def _removed_after(before: list[_Part], new: set[str]) -> dict[str, list[_Part]]:
    """Group removed parts under the key of the last part before them that stayed (empty at the beginning)."""
    groups: dict[str, list[_Part]] = {}
    anchor = ""
    for part in before:
        if part.key in new:
            anchor = part.key
        else:
            groups.setdefault(anchor, []).append(part)
    return groups


def _changed(old: _Part, new: _Part, *, moved: bool) -> PartChange:
    names = dict.fromkeys([*old.texts, *new.texts])
    texts = tuple(TextChange(name, old.texts.get(name, ""), new.texts.get(name, "")) for name in names)
    differs = any(text.differs for text in texts) or old.label != new.label
    return PartChange(
        new.kind,
        new.key,
        _label(old.label, new.label),
        "changed" if differs else "same",
        moved=moved,
        texts=texts,
    )


def _label(old: str, new: str) -> str:
    return new if old == new or not old else f"{old} → {new}"


def _added(part: _Part) -> PartChange:
    texts = tuple(TextChange(name, "", text) for name, text in part.texts.items() if text)
    return PartChange(part.kind, part.key, part.label, "added", texts=texts)


def _removed(part: _Part) -> PartChange:
    texts = tuple(TextChange(name, text, "") for name, text in part.texts.items() if text)
    return PartChange(part.kind, part.key, part.label, "removed", texts=texts)


def _counts(parts: Iterable[PartChange]) -> dict[str, int]:
    counts = {"changed": 0, "added": 0, "removed": 0, "moved": 0, "same": 0}
    for part in parts:
        if part.status != "same" or not part.moved:
            counts[part.status] += 1
        if part.moved:
            counts["moved"] += 1
    return counts
