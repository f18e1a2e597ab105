"""Find bodies and groups by their written names on a day: longest match over folded words.

Source: design "Directives and programmes", §4 (the register and its aliases do the work, not word lists).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from mehvar.organisations.data.register import (
    Body,
    BodyType,
    Group,
    GroupPhrase,
    Name,
    NameKind,
    Pack,
    Succession,
)
from mehvar.organisations.rules.matching import tokens as words
from mehvar.organisations.rules.matching.places import PlaceNames
from mehvar.organisations.rules.matching.tokens import Token, tokenise

EXACT, LOOSE, PLAIN, FUZZY = 1.0, 0.92, 0.78, 0.55
"""Confidence of the four ways to match: same words, conjunction lost, accents lost, misspelt."""

_FUZZY_SCORE = 88.0
_FUZZY_MIN_LETTERS = 8
_ABBREVIATION_LETTERS = 6
_PLAIN_MIN_TOKENS = 3


@dataclass(frozen=True, slots=True)
class Form:
    """Hold one written form and what it means: a body's code, or the codes of groups."""

    codes: tuple[str, ...]
    text: str
    name: Name | None
    tokens: int

    @property
    def is_group(self) -> bool:
        """Tell whether the form means groups."""
        return self.name is None


@dataclass(frozen=True, slots=True)
class Hit:
    """Hold a found name: the codes it means, the words it covers and how sure the match is."""

    codes: tuple[str, ...]
    start: int
    end: int
    confidence: float
    is_group: bool
    is_former: bool = False
    former_name: str = ""
    others: tuple[str, ...] = ()
    placed_name: str = ""

    @property
    def is_ambiguous(self) -> bool:
        """Tell whether other bodies carry the same name on the day."""
        return bool(self.others)


@dataclass(slots=True)
class _Index:
    """Hold the forms under their keys."""

    exact: dict[str, list[Form]] = field(default_factory=lambda: defaultdict(list))
    loose: dict[str, list[Form]] = field(default_factory=lambda: defaultdict(list))
    plain: dict[str, list[Form]] = field(default_factory=lambda: defaultdict(list))
    starts: set[str] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)
    suffixes: set[str] = field(default_factory=set)
    longest: int = 1

    def add(self, form: Form, parts: tuple[Token, ...]) -> None:
        """Index one form."""
        self.starts.add(words.plain_key(parts[:1]) or parts[0].fold)
        self.exact[words.exact_key(parts)].append(form)
        self.loose[words.loose_key(parts)].append(form)
        self.plain[words.plain_key(parts)].append(form)
        self.longest = max(self.longest, len(parts) + 3)
        if not form.is_group:
            for cut in range(1, len(parts)):
                self.prefixes.add(words.exact_key(parts[:cut]))
                self.suffixes.add(words.exact_key(parts[cut:]))


class BodyRegister:
    """Answer what a written name means on a day."""

    def __init__(
        self,
        bodies: Iterable[Body],
        groups: Iterable[Group] = (),
        successions: Iterable[Succession] = (),
        *,
        phrases: Iterable[GroupPhrase] = (),
        language: str = "vi",
        calendar: str = "gregorian",
        extra_aliases: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ) -> None:
        """Index bodies, groups and taught aliases (text → code of a body or ``@group``)."""
        self.bodies = {body.code: body for body in bodies}
        self.groups = {group.code: group for group in groups}
        self.successions = tuple(successions)
        self.phrases = tuple(phrases)
        self.language = language
        self.calendar = calendar
        pairs = extra_aliases.items() if isinstance(extra_aliases, Mapping) else extra_aliases
        self.extra_aliases = tuple(pairs)
        self._index = _Index()
        self._fill()
        self._places = PlaceNames(self.bodies, language)
        self._fuzzy = lru_cache(maxsize=4096)(self._nearest)

    @classmethod
    def from_pack(cls, pack: Pack, *, extra_aliases: Iterable[tuple[str, str]] = ()) -> BodyRegister:
        """Build the register of a pack."""
        return cls(
            pack.bodies,
            pack.groups,
            pack.successions,
            phrases=pack.phrases,
            language=pack.language,
            calendar=pack.calendar,
            extra_aliases=extra_aliases,
        )

    @classmethod
    def from_bodies(
        cls,
        bodies: Iterable[Body],
        groups: Iterable[Group] = (),
        successions: Iterable[Succession] = (),
        extra_aliases: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        *,
        phrases: Iterable[GroupPhrase] = (),
        language: str = "vi",
        calendar: str = "gregorian",
    ) -> BodyRegister:
        """Build a register from rows of a database."""
        return cls(
            bodies,
            groups,
            successions,
            phrases=phrases,
            language=language,
            calendar=calendar,
            extra_aliases=extra_aliases,
        )

    def with_alias(self, text: str, code: str) -> BodyRegister:
        """Give a register that also knows this text as a name of the code (a body or ``@group``)."""
        return BodyRegister(
            self.bodies.values(),
            self.groups.values(),
            self.successions,
            phrases=self.phrases,
            language=self.language,
            calendar=self.calendar,
            extra_aliases=(*self.extra_aliases, (text, code)),
        )

    def _fill(self) -> None:
        """Index every form."""
        for body in self.bodies.values():
            for name in body.names:
                self._add((body.code,), name.text, name)
        for group in self.groups.values():
            for name in group.names:
                self._add((group.code,), name.text, None)
        for phrase in self.phrases:
            self._add(phrase.codes, phrase.text, None)
        for text, code in self.extra_aliases:
            taught = None if code.startswith("@") else Name(text, self.language, NameKind.OFFICIAL)
            self._add((code,), text, taught)

    def _add(self, codes: tuple[str, ...], text: str, name: Name | None) -> None:
        """Index one form of a body or of groups."""
        parts = tokenise(text)
        if parts:
            self._index.add(Form(codes, text, name, len(parts)), parts)

    def official_name(self, code: str, *, on: date | None = None, language: str | None = None) -> str:
        """Give the official name on a day; a group's code stands for itself."""
        body = self.bodies.get(code)
        return body.official(language or self.language, on) if body else code

    def group_label(self, code: str, language: str) -> str:
        """Give a group's name in a language, its code when it has none."""
        group = self.groups.get(code)
        return (group.label(language) if group else "") or code

    def type_of(self, code: str) -> BodyType | None:
        """Give the type of a body, or nothing for a group."""
        body = self.bodies.get(code)
        return body.type if body else None

    def resolve(self, text: str, *, on: date | None = None) -> Hit | None:
        """Find what the whole text means, or nothing."""
        parts = tokenise(text)
        return self.spanning(parts, 0, len(parts), on=on) if parts else None

    def longest_at(self, parts: tuple[Token, ...], start: int, *, on: date | None = None) -> list[Hit]:
        """List matches that begin at a word, longest first; a name does not cross a sentence end."""
        if words.plain_key(parts[start : start + 1]) not in self._index.starts:
            return []
        stop = min(len(parts), start + self._index.longest)
        for index in range(start + 1, stop):
            if parts[index].is_after_stop or parts[index].is_after_colon:
                stop = index
                break
        found: list[Hit] = []
        for end in range(stop, start, -1):
            hit = self.spanning(parts, start, end, on=on)
            if hit is not None:
                found.append(hit)
        return [*self._placed(found, parts, start, on), *found]

    def _placed(self, hits: list[Hit], parts: tuple[Token, ...], start: int, on: date | None) -> list[Hit]:
        """Give the body of a named place that begins at a word, when no registered name is as long."""

        def province_at(tokens: tuple[Token, ...], first: int, last: int) -> tuple[str, str] | None:
            """Give what kind of province the words mean, and its name."""
            hit = self.spanning(tokens, first, last, on=on)
            if hit is None or hit.is_group or self.type_of(hit.codes[0]) is not BodyType.PROVINCE:
                return None
            body = self.bodies[hit.codes[0]]
            kind = "province" if body.attributes.get("unit") == "province" else "city"
            return kind, hit.former_name or body.official(self.language, on)

        found = self._places.at(parts, start, province_at)
        if found is None or any(hit.end >= found.end for hit in hits):
            return []
        return [Hit((found.code,), start, found.end, EXACT, is_group=False, placed_name=found.name)]

    def spanning(
        self, parts: tuple[Token, ...], start: int, end: int, *, on: date | None = None
    ) -> Hit | None:
        """Find what exactly these words mean, or nothing."""
        piece = parts[start:end]
        if piece[0].is_connector or piece[-1].is_connector:
            return None
        for forms, confidence in self._candidates(piece):
            usable = [form for form in forms if _is_written_like(form, piece)]
            if usable:
                return self._hit(usable, start, end, confidence, on)
        return None

    def _candidates(self, piece: tuple[Token, ...]) -> Iterable[tuple[list[Form], float]]:
        """List the forms under each key, surest first."""
        index = self._index
        yield index.exact.get(words.exact_key(piece), []), EXACT
        if len(piece) > 1:
            yield index.loose.get(words.loose_key(piece), []), LOOSE
        if len(piece) >= _PLAIN_MIN_TOKENS:
            yield index.plain.get(words.plain_key(piece), []), PLAIN

    def _hit(self, forms: list[Form], start: int, end: int, confidence: float, on: date | None) -> Hit:
        """Choose among forms by validity on the day, then by kind of name."""
        ranked = sorted(forms, key=lambda form: self._rank(form, on))
        best = self._rank(ranked[0], on)
        same = [form for form in ranked if self._rank(form, on) == best]
        codes = ranked[0].codes
        others = tuple(sorted({form.codes[0] for form in same if form.codes != codes}))
        if len(ranked[0].codes) == 1 and ranked[0].is_group:
            others = ()
        return Hit(
            codes=codes,
            start=start,
            end=end,
            confidence=confidence if not others else min(confidence, 0.5),
            is_group=ranked[0].is_group,
            is_former=best[0] > 0,
            former_name=_former_name(ranked[0].name, on),
            others=others,
        )

    def _rank(self, form: Form, on: date | None) -> tuple[int, int, int]:
        """Order forms: in use on the day first, taught and official before alias, several groups before one."""
        if form.name is None:
            return (0, 0, -len(form.codes))
        body = self.bodies.get(form.codes[0])
        alive = body is None or body.exists(on)
        named = form.name.is_valid(on)
        age = 0 if alive and named else 1 if alive or named else 2
        return (age, 1 if form.name.kind is not NameKind.OFFICIAL else 0, 0)

    def nearest(self, text: str, *, on: date | None = None) -> Hit | None:
        """Find a body whose name is written almost like the text; the confidence is low.

        The hit's ``end`` counts the text's words.
        """
        parts = tokenise(text)
        key = words.plain_key(parts)
        if len(key) < _FUZZY_MIN_LETTERS:
            return None
        form = self._fuzzy(key)
        if form is None:
            return None
        return self._hit([form], 0, len(parts), FUZZY, on)

    def _nearest(self, key: str) -> Form | None:
        """Find the closest body's form by edit distance over accentless keys."""
        from rapidfuzz import fuzz, process

        choices = [choice for choice in self._index.plain if abs(len(choice) - len(key)) <= 3 + len(key) // 8]
        found = process.extractOne(key, choices, scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE)
        if found is None:
            return None
        forms = [form for form in self._index.plain[found[0]] if not form.is_group]
        return forms[0] if forms else None

    def is_cut_name(self, parts: tuple[Token, ...]) -> bool:
        """Tell whether the words are the beginning of a registered name and no name themselves."""
        return words.exact_key(parts) in self._index.prefixes

    def is_name_tail(self, parts: tuple[Token, ...]) -> bool:
        """Tell whether the words are the end of a registered name and no name themselves."""
        return words.exact_key(parts) in self._index.suffixes


def _former_name(name: Name | None, on: date | None) -> str:
    """Give a former name that was still official on the day, for all that is known; else an empty text."""
    if name is None or name.kind is not NameKind.FORMER:
        return ""
    has_ended = on is not None and name.valid_to is not None and name.valid_to <= on
    return "" if has_ended else name.text


def _is_written_like(form: Form, piece: tuple[Token, ...]) -> bool:
    """Tell whether the letters' case fits: abbreviations and single proper names need their capitals."""
    if form.is_group:
        return True
    if form.tokens == 1 and form.text.isupper() and len(form.text) <= _ABBREVIATION_LETTERS:
        return piece[0].text.isupper()
    if form.tokens <= 2 and form.text[0].isupper():  # noqa: PLR2004
        return piece[0].is_capital and piece[-1].is_capital
    return True
