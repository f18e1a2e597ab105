"""Read a list of bodies as officials write it: several names in a cell, groups, elided heads, cut ends.

Source: design "Directives and programmes", §1 (traps met in one real annex) and §4.
"""

from __future__ import annotations

import re
from datetime import date

from mehvar.organisations.data.register import BodyType
from mehvar.organisations.rules.matching import heads
from mehvar.organisations.rules.matching.bounds import NameBounds
from mehvar.organisations.rules.matching.mentions import (
    CORE_GROUPS,
    DESCRIPTIVE,
    ELIDED,
    QUALIFIED,
    UNKNOWN,
    WELL_FORMED,
    BodyList,
    BodyMention,
    Doubt,
)
from mehvar.organisations.rules.matching.register import BodyRegister, Hit
from mehvar.organisations.rules.matching.tokens import tokenise

_PARENTHESES = re.compile(r"[(（\[][^()（）\[\]]*[)）\]]")
_ENUMERATED = re.compile(r"(?:^|(?<=\s))[\d۰-۹]{1,2}[.)]\s+(?=[^\W\d])")
_EDGE = re.compile(r"^[\s,;.،؛:–—*•-]+|[\s,;.،؛:–—*•-]+$")
_NAME_LETTERS_MAX = 160


def read_bodies(
    text: str, register: BodyRegister, *, on: date | None = None, language: str | None = None
) -> BodyList:
    """Read all bodies of a table's cell."""
    return _CellReader(text, register, on, language or register.language).read()


class _CellReader(NameBounds):
    """Walk over a cell's words from name to name."""

    def __init__(self, text: str, register: BodyRegister, on: date | None, language: str) -> None:
        """Take the cell's text."""
        self.text = _without_parentheses(text)
        self.register = register
        self.on = on
        self.language = language
        self.tokens = tokenise(self.text)
        self.folds = tuple(token.fold for token in self.tokens)
        self.result = BodyList(end=len(text))
        self.head = ""
        self.is_listing = False
        self.last_group_end = -1

    def read(self) -> BodyList:
        """Read every name of the cell."""
        index = 0
        while index < len(self.tokens):
            step = self._step(index)
            index = max(step, index + 1)
        return self.result

    def _step(self, index: int) -> int:
        """Read what begins at a word and give the index after it."""
        if self.tokens[index].is_connector or self.folds[index] == "the":
            return index + 1
        for reading in (
            self._cut,
            self._plural,
            self._listed,
            self._hit,
            self._elided,
            self._titled,
            self._quantified,
        ):
            end = reading(index)
            if end:
                return end
        return self._raw(index)

    def _cut(self, index: int) -> int:
        """Note a name cut at the end of the cell: "…, Bộ", "… và"."""
        rest = self.tokens[index:]
        if len(rest) > 3 or not self._is_cut(index):  # noqa: PLR2004
            return 0
        if self.result.mentions and self.folds[index:] in heads.TITLES:
            return len(self.tokens)
        self._doubt("cut-cell", index, len(self.tokens))
        return len(self.tokens)

    def _is_cut(self, index: int) -> bool:
        """Tell whether the last words are a bare head noun or a quantifier after other names."""
        folds = self.folds[index:]
        bare = folds in heads.CLOSED_HEADS or folds in heads.OPEN_HEADS or folds in heads.QUANTIFIERS
        if not bare or self._is_group_word(index):
            return False
        return bool(self.result.mentions) or folds in heads.CLOSED_HEADS

    def _is_group_word(self, index: int) -> bool:
        """Tell whether the rest of the cell is a group's phrase in a list of groups, or a phrase of several words."""
        hit = self.register.spanning(self.tokens, index, len(self.tokens), on=self.on)
        if hit is None:
            return False
        return not hit.is_group or hit.end - hit.start > 1 or self.last_group_end == index

    def _plural(self, index: int) -> int:
        """Read "các Bộ: Tài chính, Nội vụ": the head noun is given to every name of the list."""
        length = heads.phrase_at(self.folds, heads.PLURAL_HEADS, index)
        end = index + length
        if not length or end >= len(self.tokens) or self._is_longer_name(index, end):
            return 0
        following = self.tokens[end]
        head = heads.PLURAL_HEADS[self.folds[index:end]]
        if following.is_separated and not following.is_after_colon:
            return 0
        if (
            following.is_after_colon
            or self._takes_head(head, end)
            or (head and length > 1 and following.text[0].isupper())
        ):
            is_singular = self.folds[index:end] == tuple(token.fold for token in tokenise(head))
            if is_singular and not following.is_after_colon:
                return 0
            self.head, self.is_listing = head, True
            return end
        return 0

    def _is_longer_name(self, index: int, end: int) -> bool:
        """Tell whether a registered phrase begins with the plural head and goes beyond it."""
        hits = self.register.longest_at(self.tokens, index, on=self.on)
        return any(hit.end > end and self._end_of(hit) for hit in hits)

    def _takes_head(self, head: str, index: int) -> bool:
        """Tell whether the words at the index complete the singular head, or are names of places."""
        direct = [hit for hit in self.register.longest_at(self.tokens, index, on=self.on) if not hit.is_group]
        if direct and (not head or self.register.type_of(direct[0].codes[0]) is BodyType.PROVINCE):
            return True
        return bool(head) and self._headed(head, index) is not None

    def _hit(self, index: int) -> int:
        """Read a registered name that ends where a name may end."""
        hits = self.register.longest_at(self.tokens, index, on=self.on)
        for hit in hits:
            end = self._end_of(hit)
            if end and not self._shares_qualifier(hit, end):
                self._emit(hit)
                return end
        return self._clause_of_group(hits[0]) if hits and hits[0].is_group else 0

    def _shares_qualifier(self, hit: Hit, end: int) -> bool:
        """Tell whether a descriptive group is the first part of "các Vụ, Cục liên quan trong Bộ"."""
        if not hit.is_group or end >= len(self.tokens) or set(hit.codes) & CORE_GROUPS:
            return False
        return end == hit.end and self._is_bare_generic(hit.start, end)

    def _end_of(self, hit: Hit) -> int:
        """Give the index after a hit and its qualifier when a boundary follows, else 0."""
        end = hit.end
        if self._is_boundary(end):
            return end
        if not hit.is_group:
            return 0
        length = heads.phrase_at(self.folds, heads.QUALIFIERS, end)
        while length:
            end += length
            if self._is_boundary(end):
                return end
            length = heads.phrase_at(self.folds, heads.QUALIFIERS, end)
        return 0

    def _clause_of_group(self, hit: Hit) -> int:
        """Read "các bộ, ngành, địa phương là chủ quản …": the groups stand, the clause is a doubt."""
        if not set(hit.codes) <= CORE_GROUPS or (len(hit.codes) == 1 and self.last_group_end != hit.start):
            return 0
        end = self._clause_end(hit.end)
        self._emit(hit, confidence=QUALIFIED)
        self._doubt("qualified-group", hit.start, end)
        return end

    def _clause_end(self, index: int) -> int:
        """Find where a restricting clause ends: at the next separated registered name, else at the cell's end."""
        for at in range(index, len(self.tokens)):
            token = self.tokens[at]
            if token.is_separated and any(
                self._is_boundary(hit.end) for hit in self.register.longest_at(self.tokens, at, on=self.on)
            ):
                return at
        return len(self.tokens)

    def _listed(self, index: int) -> int:
        """Read a name of a list under a plural head, before it is taken for a name of its own."""
        found = self._headed(self.head, index) if self.is_listing and self.head else None
        if found is None:
            return 0
        hit, end = found
        self._append(hit, hit.codes, index, end, min(ELIDED, hit.confidence))
        return end

    def _elided(self, index: int) -> int:
        """Read "Bộ Tài chính, Nội vụ": the head noun of the name before is understood."""
        if not self.head or not self.tokens[index].is_capital:
            return 0
        if heads.phrase_at(self.folds, heads.OPEN_HEADS | heads.CLOSED_HEADS, index):
            return 0
        found = self._headed(self.head, index)
        if found is None:
            return self._elided_open(index)
        hit, end = found
        self._append(hit, hit.codes, index, end, min(ELIDED, hit.confidence))
        return end

    def _elided_open(self, index: int) -> int:
        """Read an unregistered name under an elided open head ("các Vụ: Kế hoạch, Năng lượng")."""
        folds = tuple(token.fold for token in tokenise(self.head))
        if folds in heads.CLOSED_HEADS or not self.head or self.tokens[index].text.isupper():
            return 0
        if heads.phrase_at(self.folds, heads.TITLES, index):
            return 0
        end = self._domain_end(index)
        if not end and not self.is_listing:
            return 0
        end = end or self._last_of_list(index, self._raw_end(index))
        self._append_raw(f"{self.head} {self._words(index, end)}", index, end, WELL_FORMED - 0.03)
        return end

    def _last_of_list(self, index: int, end: int) -> int:
        """Give the end of the name before the "và" that joins the last name of a list."""
        for at in range(end - 2, index, -1):
            if self.tokens[at].is_connector and self.tokens[at + 1].text[0].isupper():
                return at
        return end

    def _domain_end(self, index: int) -> int:
        """Find the end of a field that a registered ministry has ("Khoa học và Công nghệ"), else 0."""
        for closed in ("Bộ", "Sở", "Vụ"):
            found = self._headed(closed, index)
            if found is not None:
                return found[1]
        return 0

    def _headed(self, head: str, index: int) -> tuple[Hit, int] | None:
        """Find the longest name made of the head and the words at the index, ending at a boundary."""
        prefix = tokenise(head)
        stop = min(len(self.tokens), index + 14)
        parts = prefix + self.tokens[index:stop]
        for length in range(len(parts), len(prefix), -1):
            end = index + length - len(prefix)
            if not self._is_boundary(end):
                continue
            hit = self.register.spanning(parts, 0, length, on=self.on)
            if hit is not None and not hit.is_group:
                return hit, end
        return None

    def _titled(self, index: int) -> int:
        """Read "Bộ trưởng Bộ X", "Giám đốc Sở Y": the duty is the body's."""
        length = heads.phrase_at(self.folds, heads.TITLES, index)
        following = index + length
        if not length or following > len(self.tokens):
            return 0
        if following == len(self.tokens):
            return following if self.result.mentions else 0
        self.is_listing = False
        if self.tokens[following].is_separated or self.tokens[following].is_connector:
            joined = following + self.tokens[following].is_connector
            return joined if heads.phrase_at(self.folds, heads.TITLES, joined) else 0
        return self._hit(following) or self._quantified(following) or self._open_name(following)

    def _quantified(self, index: int) -> int:
        """Read "các" or «کلیه» before a group that is registered without it."""
        length = heads.phrase_at(self.folds, heads.QUANTIFIERS, index)
        following = index + length
        if not length or following >= len(self.tokens):
            return 0
        hits = [hit for hit in self.register.longest_at(self.tokens, following, on=self.on) if hit.is_group]
        for hit in hits:
            end = self._end_of(hit)
            if end:
                self._emit(hit, words_from=index)
                return end
        return 0

    def _open_name(self, index: int) -> int:
        """Read an unregistered name that begins with a head noun."""
        if not heads.phrase_at(self.folds, heads.OPEN_HEADS, index):
            return 0
        return self._raw(index)

    def _raw(self, index: int) -> int:
        """Keep words that name nothing registered, and say how sure their bounds are."""
        end = self._raw_end(index)
        text = self._words(index, end)
        piece = self.tokens[index:end]
        if (
            end < len(self.tokens)
            and self.tokens[end].is_after_colon
            and (head := self._plural_tail(index, end))
        ):
            self.head, self.is_listing = head, True
            self._doubt("qualified-group", index, end)
            return end
        if (self.register.is_cut_name(piece) and end == len(self.tokens) and len(piece) > 1) or (
            not piece[0].is_capital and self.register.is_name_tail(piece)
        ):
            self._doubt("cut-cell", index, end)
        else:
            self._keep(text, index, end)
        return end

    def _plural_tail(self, index: int, end: int) -> str:
        """Give the singular head when words end in a plural one ("các đơn vị liên quan của các Bộ:")."""
        for start in range(max(index, end - 3), end):
            if self.folds[start:end] in heads.PLURAL_HEADS:
                return heads.PLURAL_HEADS[self.folds[start:end]]
        return ""

    def _keep(self, text: str, index: int, end: int) -> None:
        """Append an unregistered name: misspelt, well formed, descriptive or unknown."""
        confidence = self._raw_confidence(index, end)
        is_near = confidence != DESCRIPTIVE and len(text) < _NAME_LETTERS_MAX
        near = self.register.nearest(text, on=self.on) if is_near else None
        if near is not None and near.codes:
            self._append(near, near.codes, index, end, near.confidence)
            self._doubt("fuzzy-body", index, end)
            return
        if confidence == UNKNOWN:
            self._doubt("unknown-body", index, end)
        self._append_raw(text, index, end, confidence)

    def _emit(self, hit: Hit, *, confidence: float | None = None, words_from: int | None = None) -> None:
        """Append a registered hit and remember its head noun for names that follow."""
        if self._is_owner(hit):
            return
        sure = hit.confidence if confidence is None else confidence
        self._append(hit, hit.codes, hit.start if words_from is None else words_from, hit.end, sure)
        if hit.is_ambiguous:
            self._doubt("ambiguous-body", hit.start, hit.end)
        if hit.is_group:
            self.last_group_end = hit.end
            return
        length = heads.phrase_at(self.folds, heads.CLOSED_HEADS | heads.OPEN_HEADS, hit.start)
        if length:
            self.head, self.is_listing = self._words(hit.start, hit.start + length), False

    def _append(self, hit: Hit, codes: tuple[str, ...], start: int, end: int, confidence: float) -> None:
        """Append mentions for codes that are not there yet."""
        present = {(mention.code, mention.name.casefold()) for mention in self.result.mentions}
        pieces = self._composite(codes, start, end)
        for code in codes:
            name = pieces.get(code) or hit.former_name or hit.placed_name or self._name(code, start, end)
            if (code, name.casefold()) not in present:
                self.result.mentions.append(
                    BodyMention(
                        text=self._words(start, end),
                        code=code,
                        name=name,
                        confidence=confidence,
                        start=self.tokens[start].start,
                        end=self.tokens[end - 1].end,
                        is_former=hit.is_former,
                    )
                )

    def _is_owner(self, hit: Hit) -> bool:
        """Tell whether a hit only says whose body the one before it is ("Cục Tin học hóa - Bộ TT&TT")."""
        last = self.result.mentions[-1] if self.result.mentions else None
        if (
            last is None
            or last.code is None
            or hit.is_group
            or not re.search(r"\s[-–—]\s*$", self.tokens[hit.start].gap)
        ):
            return False
        if self.text[last.end : self.tokens[hit.start].start].strip(" -–—"):
            return False
        body = self.register.bodies.get(last.code)
        owner = self.register.bodies.get(hit.codes[0])
        if body is None or owner is None or body.type is not BodyType.DEPARTMENT:
            return False
        return body.parent == owner.code or body.is_symbolic

    def _composite(self, codes: tuple[str, ...], start: int, end: int) -> dict[str, str]:
        """Give each group of a composite its own words ("شهرداری‌ها، دهیاری‌ها"), else its registered name."""
        described = [code for code in codes if code.startswith("@") and code not in CORE_GROUPS]
        if len(codes) < 2 or not described:  # noqa: PLR2004
            return {}
        pieces = [
            piece for piece in re.split(r"\s*[,،;؛]\s*|\s+(?:và|و|and)\s+", self._words(start, end)) if piece
        ]
        if len(pieces) == len(codes):
            return {code: piece for code, piece in zip(codes, pieces, strict=True) if code in described}
        return {code: self.register.group_label(code, self.language) for code in described}

    def _name(self, code: str, start: int, end: int) -> str:
        """Give the official name of a body, the code of a core group, the words of any other group."""
        if code.startswith("@") and code not in CORE_GROUPS:
            return self._words(start, end)
        name = self.register.official_name(code, on=self.on, language=self.language)
        body = self.register.bodies.get(code)
        return _as_city(name, self._words(start, end)) if body is not None and body.is_symbolic else name

    def _append_raw(self, text: str, start: int, end: int, confidence: float) -> None:
        """Append an unregistered name that is not there yet."""
        if all(mention.name.casefold() != text.casefold() for mention in self.result.mentions):
            span = (self.tokens[start].start, self.tokens[end - 1].end)
            self.result.mentions.append(BodyMention(text, None, text, confidence, *span))

    def _doubt(self, code: str, start: int, end: int) -> None:
        """Note a doubt about words."""
        self.result.doubts.append(Doubt(code, self._words(start, end)))

    def _words(self, start: int, end: int) -> str:
        """Give the text of words as written, on one line, without punctuation at its edges."""
        piece = self.text[self.tokens[start].start : self.tokens[end - 1].end]
        return _EDGE.sub("", " ".join(piece.split()))


def _as_city(name: str, written: str) -> str:
    """Call the body of a city's plan by the city: "Thanh tra thành phố" is no "Thanh tra tỉnh"."""
    folded = written.casefold()
    if re.search(r"(?:thành phố|\btp)$", folded) and re.search(r"\btỉnh$", name):
        return f"{name.removesuffix('tỉnh')}thành phố"
    if "thành ủy" in folded.replace("uỷ", "ủy") and "Tỉnh ủy" in name:
        return name.replace("Tỉnh ủy", "Thành ủy")
    return name


def _without_parentheses(text: str) -> str:
    """Blank out remarks in parentheses and the numbers of an enumeration, keeping positions."""
    text = _ENUMERATED.sub(lambda match: ";" + " " * (len(match.group()) - 1), text)
    return _PARENTHESES.sub(lambda match: " " * len(match.group()), text)
