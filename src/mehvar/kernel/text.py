"""Fold Persian, Vietnamese and English text: once for search, once for matching names, once for display.

``fold_for_search`` drops whatever people ignore when they look for something. ``fold_for_match`` tells whether two
writings are the same name, so Vietnamese accents stay (``Bộ Tài chính`` is not ``Bố Tai chinh``). ``display_form``
only tidies. Each folds a character by a table that fills itself as characters are met, so a call costs one
``str.translate`` and one or two passes of precompiled patterns.

Source: S0-S4 (two languages, several writings of one name); architecture, "Language".
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Language = Literal["fa", "vi", "en"]

ZWNJ = "\u200c"
PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"

_TO_ASCII_DIGITS = {
    ord(c): str(i) for digits in (PERSIAN_DIGITS, ARABIC_DIGITS) for i, c in enumerate(digits)
}
_TO_PERSIAN_DIGITS = {
    ord(c): PERSIAN_DIGITS[i] for digits in ("0123456789", ARABIC_DIGITS) for i, c in enumerate(digits)
}

# Writings of one Persian letter. The hamza seats (أ إ ؤ ئ ۀ) decompose and lose their mark; the lone hamza is ignored.
_ARABIC_LETTERS = {
    "ي": "ی", "ى": "ی", "ې": "ی", "ے": "ی", "ك": "ک", "ڪ": "ک", "ة": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ۃ": "ه",
    "ٱ": "ا", "ء": "", "ـ": "",
}  # fmt: skip
_LATIN_LETTERS = {"đ": "d", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe"}
_SPACES = {ZWNJ, "\u200b", "\n", "\t", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85"}
_PUNCTUATION = {
    "،": ",", "٬": ",", "؛": ";", "؟": "?", "٪": "%", "٫": ".", "…": "...", "«": '"', "»": '"', "“": '"', "”": '"',
    "„": '"', "‘": "'", "’": "'", "‚": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-",
    "—": "-", "―": "-", "−": "-",
}  # fmt: skip

_BMP = 0x10000
_ARABIC_BLOCK = range(0x0600, 0x0780)


class _Folding(dict[int, str]):
    """Remember how each character folds, the first time that it is met; beyond the BMP nothing is remembered."""

    def fold(self, character: str) -> str:
        """Return what ``character`` becomes."""
        raise NotImplementedError

    def __missing__(self, code: int) -> str:
        folded = self.fold(chr(code))
        if code < _BMP:
            self[code] = folded
        return folded


class _SearchFolding(_Folding):
    """Fold a character to what a person who searches cares about."""

    def fold(self, character: str) -> str:
        """Decompose, forget case and marks, unify letters and digits, turn punctuation into a space."""
        if character in _SPACES:
            return " "
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        return "".join(self._part(part) for part in plain)

    @staticmethod
    def _part(part: str) -> str:
        replacement = _ARABIC_LETTERS.get(part, _LATIN_LETTERS.get(part))
        if replacement is not None:
            return replacement
        category = "Po" if part in _PUNCTUATION else unicodedata.category(part)
        if category == "Nd":
            return str(unicodedata.decimal(part))
        if category in {"Mn", "Me", "Cf", "Cs"}:
            return ""
        return part if category[0] in "LNM" else " "


class _MatchFolding(_Folding):
    """Fold a character to what makes a difference between two names."""

    def fold(self, character: str) -> str:
        """Forget case, unify Persian letters, digits, quotes and dashes; keep accents of Latin letters."""
        if character in _SPACES or unicodedata.category(character) in {"Zs", "Zl", "Zp"}:
            return " "
        if character in _PUNCTUATION:
            return _PUNCTUATION[character]
        compatible = unicodedata.normalize("NFKC", character)
        return "".join(self._part(part) for part in unicodedata.normalize("NFKC", compatible.casefold()))

    @staticmethod
    def _part(part: str) -> str:
        category = unicodedata.category(part)
        if category in {"Cf", "Cs"}:
            return ""
        if category == "Nd":
            return str(unicodedata.decimal(part))
        if category in {"Zs", "Cc"}:
            return " "
        if part in _PUNCTUATION:
            return _PUNCTUATION[part]
        return _SEARCH[ord(part)] if ord(part) in _ARABIC_BLOCK else part


_SEARCH = _SearchFolding()
_MATCH = _MatchFolding()

_MISPLACED = {
    first + second: plain + moved
    for plain, firsts, seconds in (
        ("o", "òóỏõọ", {"a": "àáảãạ", "e": "èéẻẽẹ"}),
        ("u", "ùúủũụ", {"y": "ỳýỷỹỵ"}),
    )
    for second, moves in seconds.items()
    for first, moved in zip(firsts, moves, strict=True)
}
_TONE_PAIR = re.compile("[òóỏõọ][ae]|[ùúủũụ]y")
_LOOSE_PUNCTUATION = re.compile(r" (?=[,.;:!?)\]}])|(?<=[(\[{]) ")

_DISPLAY = {ord("ي"): "ی", ord("ى"): "ی", ord("ك"): "ک", ord("\u00ad"): None, ord("\ufeff"): None, ord("\u2028"): "\n",
            ord("\u2029"): "\n", ord("\x85"): "\n", ord("\x0b"): " ", ord("\x0c"): "\n",
            **{ord(c): PERSIAN_DIGITS[i] for i, c in enumerate(ARABIC_DIGITS)},
            **dict.fromkeys((*range(9), *range(14, 32), 127))}  # fmt: skip
_BLANKS = re.compile(r"[^\S\n]+")
_NON_JOINERS = re.compile(rf"{ZWNJ}{{2,}}")
_IDLE_NON_JOINERS = re.compile(rf"(?:(?<=[\s])|^){ZWNJ}+|{ZWNJ}+(?=\s|$)")
_LINE_ENDS = re.compile(r" *\n *")
_EMPTY_LINES = re.compile(r"\n{3,}")
_BEFORE_PUNCTUATION = re.compile(r" (?=[,.;:!?،؛؟…]+(?:[\s»)\]}”]|$))| (?=[»)\]}”])|(?<=[«(\[{“]) ")

_ARABIC_LETTER = re.compile(r"[\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
_LATIN_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_VIETNAMESE_LETTER = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯàáãèéìíòóõùúýĩũÀÁÃÈÉÌÍÒÓÕÙÚÝĨŨ\u1ea0-\u1ef9]")
_VIETNAMESE_SHARE = 0.08


def fold_for_search(text: str) -> str:
    """Return ``text`` without anything that people ignore when they search.

    Case, every accent and tone, đ, ي/ی, ك/ک, ة/ۀ, hamza, madda, vowel signs, tatweel, the digit sets, ZWNJ (as a
    space) and punctuation (as a space) make no difference. Folding twice changes nothing.
    """
    return " ".join(text.translate(_SEARCH).split())


def fold_for_match(text: str) -> str:
    """Return the form in which two writings of one name are equal.

    Case, NFC/NFD, the place of a Vietnamese tone (hoà/hòa, uỷ/ủy), Persian letter variants, digit sets, kinds of
    quotes, dashes and spaces make no difference; Vietnamese accents and punctuation do. Folding twice changes nothing.
    """
    folded = " ".join(text.translate(_MATCH).split())
    if folded.isascii():
        return _LOOSE_PUNCTUATION.sub("", folded)
    folded = unicodedata.normalize("NFC", folded)
    folded = _TONE_PAIR.sub(_moved_tone, folded)
    return _LOOSE_PUNCTUATION.sub("", folded)


def display_form(text: str) -> str:
    """Return ``text`` tidied for people, nothing lost.

    NFC, ی and ک in their Persian form, Arabic-Indic digits as Persian ones, one space where there were several, none
    before closing punctuation or after an opening bracket, no idle ZWNJ; line breaks stay, at most one empty line.
    """
    tidy = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").translate(_DISPLAY))
    tidy = _NON_JOINERS.sub(ZWNJ, tidy)
    tidy = _IDLE_NON_JOINERS.sub("", tidy)
    tidy = _BLANKS.sub(" ", tidy)
    tidy = _LINE_ENDS.sub("\n", tidy).strip()
    return _BEFORE_PUNCTUATION.sub("", _EMPTY_LINES.sub("\n\n", tidy))


def to_ascii_digits(text: str) -> str:
    """Return ``text`` with Persian and Arabic-Indic digits as ASCII ones."""
    return text.translate(_TO_ASCII_DIGITS)


def to_persian_digits(text: str) -> str:
    """Return ``text`` with ASCII and Arabic-Indic digits as Persian ones."""
    return text.translate(_TO_PERSIAN_DIGITS)


def guess_language(text: str) -> Language | None:
    """Tell the language of ``text`` by its letters, or None when it has none of ours.

    Arabic script is taken as Persian. Latin script is Vietnamese when at least 8 % of its letters bear Vietnamese
    marks, else English; Vietnamese written without any accent is therefore taken for English.
    """
    composed = unicodedata.normalize("NFC", text)
    arabic = len(_ARABIC_LETTER.findall(composed))
    latin = len(_LATIN_LETTER.findall(composed))
    if not arabic and not latin:
        return None
    if arabic >= latin:
        return "fa"
    return "vi" if len(_VIETNAMESE_LETTER.findall(composed)) >= _VIETNAMESE_SHARE * latin else "en"


def _moved_tone(pair: re.Match[str]) -> str:
    return _MISPLACED[pair[0]]
