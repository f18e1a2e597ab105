"""Cut a text into words that remember where they stood, folded the way names are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mehvar.kernel import text as texts

_MARKS = "\u0300-\u036f\u064b-\u0652\u0670\u200c\u200d\u0640"
_WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*")
_SEPARATOR = re.compile(r"[,;،؛:•·+|/\n]|\s[-–—*]+\s|^\s*[-–—*]+\s")
_STOP = re.compile(r"[.;؛!?؟](\s|$)")

CONNECTORS = frozenset({"và", "and", "و", "cùng", "với", "hoặc", "or", "یا", "نیز", "plus", "va"})
"""Words that join two names in a list."""

_IZE = re.compile(r"iz(?=ation|ing|e)")
_SPELLINGS = {
    "center": "centre",
    "centers": "centres",
    "program": "programme",
    "programs": "programmes",
    "defense": "defence",
    "labor": "labour",
}
_DROPPED = frozenset({"và", "va", "and", "و", "the", "of"})
_JOINED_COLON = ":"
_ABBREVIATIONS = frozenset({"tp", "tx", "tt", "ts", "ths", "pgs", "gs", "st", "ubnd", "h", "q", "p"})
"""Words whose full stop ends no sentence."""


@dataclass(frozen=True, slots=True)
class Token:
    """Hold one word, its folded form and what stood between it and the word before."""

    text: str
    fold: str
    start: int
    end: int
    gap: str

    @property
    def is_separated(self) -> bool:
        """Tell whether a list separator or a line end stands before the word."""
        return bool(_SEPARATOR.search(self.gap))

    @property
    def is_after_colon(self) -> bool:
        """Tell whether a colon stands before the word."""
        return _JOINED_COLON in self.gap

    @property
    def is_after_stop(self) -> bool:
        """Tell whether a sentence end or a semicolon stands before the word."""
        return bool(_STOP.search(self.gap + " ")) if self.gap.strip() else False

    @property
    def is_connector(self) -> bool:
        """Tell whether the word joins two names."""
        return self.fold in CONNECTORS

    @property
    def is_capital(self) -> bool:
        """Tell whether the word begins with a capital letter (scripts without case: always)."""
        return not self.text[0].islower()


@lru_cache(maxsize=65536)
def _folded(word: str) -> str:
    """Fold one word for matching, spaces removed."""
    folded = texts.fold_for_match(word).replace(" ", "")
    return _british(folded) if folded.isascii() and len(folded) > 5 else folded  # noqa: PLR2004


@lru_cache(maxsize=65536)
def _plain(word: str) -> str:
    """Fold one word so that accents are lost too."""
    folded = texts.fold_for_search(word).replace(" ", "")
    return _british(folded) if word.isascii() and len(folded) > 5 else folded  # noqa: PLR2004


def _british(word: str) -> str:
    """Spell an English word one way: organization and organisation, center and centre, program and programme."""
    word = _IZE.sub("is", word)
    return _SPELLINGS.get(word, word)


def tokenise(text: str) -> tuple[Token, ...]:
    """Cut a text into tokens."""
    found: list[Token] = []
    last = 0
    for match in _WORD.finditer(text):
        word = match.group()
        gap = text[last : match.start()]
        if gap.startswith(".") and found and found[-1].fold in _ABBREVIATIONS:
            gap = gap[1:] or " "
        found.append(Token(word, _folded(word), match.start(), match.end(), gap))
        last = match.end()
    return tuple(found)


def exact_key(tokens: tuple[Token, ...]) -> str:
    """Give the key under which the same words are found, whatever stands between them."""
    return "".join(token.fold for token in tokens)


def loose_key(tokens: tuple[Token, ...]) -> str:
    """Give the key that also forgives a lost or added conjunction."""
    return "".join(token.fold for token in tokens if token.fold not in _DROPPED)


def plain_key(tokens: tuple[Token, ...]) -> str:
    """Give the key that also forgives lost accents."""
    return "".join(_plain(token.text) for token in tokens if token.fold not in _DROPPED)
