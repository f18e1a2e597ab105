"""Tell where names in a list of bodies begin and end, and how sure an unregistered one is."""

from __future__ import annotations

import re
from datetime import date

from mehvar.organisations.rules.matching import heads
from mehvar.organisations.rules.matching.mentions import DESCRIPTIVE, UNKNOWN, WELL_FORMED
from mehvar.organisations.rules.matching.register import BodyRegister
from mehvar.organisations.rules.matching.tokens import Token

_SURE = 0.8


class NameBounds:
    """Know the words of a list and the register that they are read against."""

    register: BodyRegister
    on: date | None
    tokens: tuple[Token, ...]
    folds: tuple[str, ...]

    def _is_boundary(self, index: int) -> bool:
        """Tell whether a new name may begin here: end, separator, connector, or another registered body."""
        if index >= len(self.tokens):
            return True
        token = self.tokens[index]
        if token.is_separated or token.is_after_stop or token.is_connector or "." in token.gap:
            return True
        begins = (
            heads.phrase_at(self.folds, heads.CLOSED_HEADS | heads.OPEN_HEADS, index) or token.text.isupper()
        )
        return bool(begins) and token.is_capital and self._begins_registered(index)

    def _begins_registered(self, index: int) -> bool:
        """Tell whether a registered body (of more than one word) begins at the index."""
        hits = self.register.longest_at(self.tokens, index, on=self.on)
        long_enough = 1 if self.tokens[index].text.isupper() else 2
        return any(
            not hit.is_group and hit.end - hit.start >= long_enough and hit.confidence > _SURE for hit in hits
        )

    def _raw_confidence(self, index: int, end: int) -> float:
        """Judge an unregistered name by its grammar."""
        folds = self.folds
        start = index + heads.phrase_at(folds, heads.QUANTIFIERS, index)
        if end - index > 24:  # noqa: PLR2004
            return UNKNOWN
        if (
            start < end
            and heads.phrase_at(folds, heads.CLOSED_HEADS, index)
            and self.tokens[index].is_capital
        ):
            return UNKNOWN
        if heads.phrase_at(folds, heads.GENERIC_HEADS, start) and (
            start > index or self._has_lower_tail(start, end)
        ):
            return DESCRIPTIVE
        if heads.phrase_at(folds, heads.OPEN_HEADS, index) and end - index > 1:
            return WELL_FORMED
        if start > index and heads.phrase_at(folds, heads.OPEN_HEADS, start):
            return DESCRIPTIVE
        return UNKNOWN

    def _has_lower_tail(self, start: int, end: int) -> bool:
        """Tell whether the words after a generic noun are no proper name."""
        return any(not token.text[0].isupper() for token in self.tokens[start + 1 : end]) or end - start <= 2  # noqa: PLR2004

    def _raw_end(self, index: int) -> int:
        """Find where an unregistered name ends: separator, or a connector before something that begins a name."""
        end = index + 1
        while end < len(self.tokens):
            if self._breaks(index, end):
                break
            end += 1
        return end

    def _breaks(self, index: int, end: int) -> bool:
        """Tell whether a new name begins at ``end`` after an unregistered one."""
        token = self.tokens[end]
        if token.is_connector:
            return end + 1 < len(self.tokens) and self._begins_name(end + 1)
        if "\n" in token.gap and not re.search(r"[,;،؛•]", token.gap):
            return self._begins_name(end) and token.is_capital
        if token.is_separated or token.is_after_stop:
            return not self._is_bare_generic(index, end)
        return False

    def _is_bare_generic(self, index: int, end: int) -> bool:
        """Tell whether the words so far are one generic noun that shares the next noun's qualifier."""
        start = index + heads.phrase_at(self.folds, heads.QUANTIFIERS, index)
        length = heads.phrase_at(self.folds, heads.GENERIC_HEADS, start)
        if not length or start + length != end or ";" in self.tokens[end].gap or "\n" in self.tokens[end].gap:
            return False
        following = heads.phrase_at(self.folds, heads.GENERIC_HEADS, end)
        after = end + following
        if not following or after >= len(self.tokens) or self.tokens[after].is_separated:
            return bool(following) and not self.tokens[end].is_capital
        return not self.tokens[after].text[0].isupper()

    def _begins_name(self, index: int) -> bool:
        """Tell whether a registered name, a head noun or a quantifier stands at the index."""
        if any(
            self._is_boundary(hit.end) for hit in self.register.longest_at(self.tokens, index, on=self.on)
        ):
            return True
        nouns = heads.CLOSED_HEADS | heads.QUANTIFIERS | heads.OPEN_HEADS
        if heads.phrase_at(self.folds, nouns, index):
            return self.tokens[index].is_capital or bool(
                heads.phrase_at(self.folds, heads.QUANTIFIERS, index)
            )
        return False
