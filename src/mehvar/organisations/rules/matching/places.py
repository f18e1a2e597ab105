"""Read bodies of a place by name: "Sở Tài chính tỉnh Bắc Ninh", "UBND huyện Gia Bình", «اداره کل … استان یزد».

Their register entry is the symbolic body ("the one of the issuer"); the place is kept in the written name.

Source: issue "the house", point 8 (the register and its aliases do the work).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mehvar.organisations.data.register import Body, BodyType, NameKind
from mehvar.organisations.rules.matching.tokens import Token, exact_key, tokenise

_TAIL = re.compile(r"\s+(?:tỉnh|thành phố|cấp huyện|cấp xã|استان|منطقه)$", re.IGNORECASE)
_HEADS = {
    ("tỉnh",): "tỉnh",
    ("thành", "phố"): "thành phố",
    ("tp",): "thành phố",
    ("استان",): "استان",
}
_UNITS = {
    ("huyện",): ("huyện", "vn.district"),
    ("quận",): ("quận", "vn.district"),
    ("thị", "xã"): ("thị xã", "vn.district"),
    ("tx",): ("thị xã", "vn.district"),
    ("thành", "phố"): ("thành phố", "vn.district"),
    ("tp",): ("thành phố", "vn.district"),
    ("xã",): ("xã", "vn.commune"),
    ("phường",): ("phường", "vn.commune"),
    ("thị", "trấn"): ("thị trấn", "vn.commune"),
    ("đặc", "khu"): ("đặc khu", "vn.commune"),
}
_COMMITTEES = (
    ("ủy", "ban", "nhân", "dân"),
    ("ubnd",),
    ("chủ", "tịch", "ubnd"),
    ("chủ", "tịch", "ủy", "ban", "nhân", "dân"),
)
_PLACE_TOKENS_MAX = 6
_NAME_TOKENS_MAX = 4

ProvinceAt = Callable[[tuple[Token, ...], int, int], "tuple[str, str] | None"]
"""Give code and name of the province that exactly these words mean."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Hold a body of a named place: the symbolic body's code, the index after the name, the name in normal form."""

    code: str
    end: int
    name: str


class PlaceNames:
    """Know the symbolic bodies that a place's name may follow."""

    def __init__(self, bodies: dict[str, Body], language: str) -> None:
        """Index the names of symbolic bodies, with and without the noun of the place."""
        self.language = language
        self.bases: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.longest = 1
        self.has_districts = "vn.district" in bodies
        for body in bodies.values():
            if body.is_symbolic and body.type not in {BodyType.POSITION, BodyType.PROVINCE}:
                self._add(body)

    def _add(self, body: Body) -> None:
        """Index one body."""
        self.names[body.code] = _TAIL.sub("", body.official(self.language))
        for name in body.names:
            if name.language != self.language or name.ambiguous:
                continue
            for text in {name.text, _TAIL.sub("", name.text)}:
                parts = tokenise(text)
                if len(parts) > 1 or name.kind is NameKind.OFFICIAL:
                    self.bases.setdefault(exact_key(parts), body.code)
                    self.longest = max(self.longest, len(parts))

    def at(self, parts: tuple[Token, ...], start: int, province_at: ProvinceAt) -> Placed | None:
        """Find the longest body with a place that begins at a word."""
        committee = self._committee(parts, start, province_at)
        if committee is not None:
            return committee
        for end in range(min(len(parts) - 1, start + self.longest), start, -1):
            code = self.bases.get(exact_key(parts[start:end]))
            if code is None or _is_broken(parts, start + 1, end):
                continue
            place = self._place(parts, start, end, province_at)
            if place is not None:
                return Placed(code, place[0], f"{self.names[code]} {place[1]}")
        return None

    def _place(
        self, parts: tuple[Token, ...], start: int, end: int, province_at: ProvinceAt
    ) -> tuple[int, str] | None:
        """Give the end and the written form of the place after a body's name; the noun may belong to the name."""
        head = next(
            (noun for fold, noun in _HEADS.items() if _folds(parts, end - len(fold), end) == fold), ""
        )
        if end - start <= 1:
            head = ""
        found = _place_at(parts, end, province_at)
        if found is None:
            return None
        last, name, own = found
        noun = own or head
        return last, name if not noun or name.casefold().startswith(noun) else f"{noun} {name}"

    def _committee(self, parts: tuple[Token, ...], start: int, province_at: ProvinceAt) -> Placed | None:
        """Read "UBND huyện Gia Bình", "Ủy ban nhân dân thành phố Quảng Ngãi"."""
        base = next((fold for fold in _COMMITTEES if _folds(parts, start, start + len(fold)) == fold), None)
        if base is None or not self.has_districts:
            return None
        at = start + len(base)
        unit = next((fold for fold in _UNITS if _folds(parts, at, at + len(fold)) == fold), None)
        if unit is None or _is_broken(parts, start + 1, at + len(unit)):
            return None
        first = at + len(unit)
        if _place_at(parts, at, province_at) is not None:
            return None
        last = first
        while last < len(parts) and last - first < _NAME_TOKENS_MAX and _is_of_name(parts, last, first):
            last += 1
        if last == first:
            return None
        noun, code = _UNITS[unit]
        words = " ".join(token.text for token in parts[first:last])
        return Placed(code, last, f"Ủy ban nhân dân {noun} {words}")


def _folds(parts: tuple[Token, ...], start: int, end: int) -> tuple[str, ...]:
    """Give the folded words of a span."""
    return tuple(token.fold for token in parts[max(start, 0) : end])


def _is_broken(parts: tuple[Token, ...], start: int, end: int) -> bool:
    """Tell whether a sentence or a list's item ends within a span."""
    return any(token.is_after_stop or token.is_after_colon or "\n" in token.gap for token in parts[start:end])


def _is_of_name(parts: tuple[Token, ...], index: int, first: int) -> bool:
    """Tell whether a word belongs to a district's name: capitalised or a figure, nothing before it."""
    token = parts[index]
    if token.is_separated or token.is_after_stop or token.is_after_colon:
        return False
    return token.text[0].isupper() or (index == first and token.text.isdigit())


def _place_at(parts: tuple[Token, ...], start: int, province_at: ProvinceAt) -> tuple[int, str, str] | None:
    """Give the end, the name and the noun of a province at a word."""
    if start >= len(parts):
        return None
    first = parts[start]
    if first.is_separated or first.is_after_stop or first.is_after_colon or first.is_connector:
        return None
    noun, after = "", start
    for fold, written in _HEADS.items():
        if _folds(parts, start, start + len(fold)) == fold:
            noun, after = written, start + len(fold)
    for end in range(min(len(parts), after + _PLACE_TOKENS_MAX), after, -1):
        if any(token.is_separated or token.is_after_stop for token in parts[start + 1 : end]):
            continue
        found = province_at(parts, after, end)
        if found is not None and (noun != "thành phố" or found[0] == "city"):
            return end, found[1], noun
    return None
