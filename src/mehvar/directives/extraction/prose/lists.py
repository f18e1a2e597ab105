"""Find where a list of bodies at the head of a text ends, against the register and the grammar of names."""

from __future__ import annotations

from datetime import date

from mehvar.directives.extraction.prose import words
from mehvar.organisations.rules.matching import BodyRegister, heads
from mehvar.organisations.rules.matching.tokens import Token, tokenise

_LIST_TOKENS_MAX = 160
_STRONG_FA = (
    "موظف",
    "مکلف",
    "ملزم",
    "باید",
    "نسبت",
    "ظرف",
    "حداکثر",
    "مسئول",
    "مسیول",
    "متعهد",
    "می‌بایست",
    "بایستی",
)
_NAME_WORDS_MAX = 6


class BodyLists:
    """Read lists of bodies at the head of a text."""

    def __init__(self, register: BodyRegister, on: date | None, language: str) -> None:
        """Take the register and the day on which names are valid."""
        self.register = register
        self.on = on
        self.language = language
        self.is_unsure = False

    def _begins_registered(self, text: str) -> bool:
        """Tell whether a text begins with a registered name."""
        tokens = tokenise(text)
        start = 1 if tokens and tokens[0].fold == "the" else 0
        return start < len(tokens) and bool(self.register.longest_at(tokens, start, on=self.on))

    def list_end(self, text: str) -> int:
        """Give where the list of bodies at the head of a text ends, in characters (0: there is none)."""
        tokens = tokenise(text)[:_LIST_TOKENS_MAX]
        folds = tuple(token.fold for token in tokens)
        index = 0
        last = 0
        while index < len(tokens):
            end = self._item_end(tokens, folds, index)
            if not end:
                break
            last = end
            if end < len(tokens) and tokens[end].is_after_colon and self._is_plural(folds, index, end):
                last = self._elided_end(tokens, folds, end)
                end = last
            if end >= len(tokens) or _closes(tokens[end]) or tokens[end].is_after_colon:
                break
            index = end + 1 if tokens[end].is_connector else end
            if index < len(tokens) and folds[index] == "the" and index + 1 < len(tokens):
                index += 1
            elif (
                index < len(tokens)
                and index == end
                and not (tokens[end].is_separated or self._follows_on(tokens, folds, end))
            ):
                break
        return tokens[last - 1].end if last else 0

    def _follows_on(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> bool:
        """Tell whether a further body begins without a separator: a capitalised registered name."""
        return tokens[index].text[0].isupper() and bool(self._hit_end(tokens, folds, index))

    @staticmethod
    def _is_plural(folds: tuple[str, ...], index: int, end: int) -> bool:
        """Tell whether words are a plural head noun that introduces names after a colon."""
        length = heads.phrase_at(folds, frozenset(heads.PLURAL_HEADS), index)
        if length:
            is_singular = folds[index : index + length] == tuple(
                token.fold for token in tokenise(heads.PLURAL_HEADS[folds[index : index + length]])
            )
            return end - index == length or (not is_singular and end - index <= length + 3)
        return any(folds[start:end] in heads.PLURAL_HEADS for start in range(max(index, end - 3), end))

    def _elided_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index after the names that follow a plural head ("các Vụ: Kế hoạch, Năng lượng")."""
        end = index
        while end < len(tokens):
            start = end + 1 if tokens[end].is_connector else end
            if start >= len(tokens):
                break
            item = self._item_end(tokens, folds, start) if start > index else 0
            if not item and not tokens[start].text[0].isupper() and self.language != "fa":
                break
            last = item or self._raw_end(tokens, folds, start + 1)
            end = last
            if (
                end >= len(tokens)
                or not (tokens[end].is_separated or tokens[end].is_connector)
                or tokens[end].is_after_colon
                or _closes(tokens[end])
            ):
                return last
        return end

    def _item_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index after one body of a list, or 0."""
        if index + 1 < len(tokens) and folds[index] == "the":
            index += 1
        hit = self._hit_end(tokens, folds, index)
        plural = self._plural_end(tokens, folds, index)
        if hit or plural:
            return max(hit, plural)
        start = index + heads.phrase_at(folds, heads.QUANTIFIERS, index)
        title = heads.phrase_at(folds, heads.TITLES, start)
        if title:
            titled = self._hit_end(tokens, folds, start + title)
            if titled:
                return titled
        if start > index:
            hit = self._hit_end(tokens, folds, start)
            if hit:
                return hit
        if self._begins_raw(tokens, folds, index, start):
            return self._raw_end(tokens, folds, start + 1)
        return 0

    def _plural_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index after names that share a plural head without a colon («وزارتخانه‌های نیرو و نفت»), or 0."""
        length = heads.phrase_at(folds, heads.PLURAL_HEADS, index)
        if not length or self.language == "vi":
            return 0
        prefix = tokenise(heads.PLURAL_HEADS[folds[index : index + length]])
        at, last = index + length, 0
        while prefix and at < len(tokens):
            end = self._headed_end(prefix, tokens, at)
            if not end:
                break
            last = end
            if end >= len(tokens) or not (tokens[end].is_separated or tokens[end].is_connector):
                break
            at = end + tokens[end].is_connector
        return last

    def _headed_end(self, prefix: tuple[Token, ...], tokens: tuple[Token, ...], index: int) -> int:
        """Give the index after the longest registered name made of a head noun and the words at the index, or 0."""
        parts = prefix + tokens[index : index + 10]
        for length in range(len(parts), len(prefix), -1):
            hit = self.register.spanning(parts, 0, length, on=self.on)
            if hit is not None and not hit.is_group:
                return index + length - len(prefix)
        return 0

    def _hit_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index after the longest registered name and its qualifiers, or 0."""
        if index >= len(tokens):
            return 0
        hits = [
            hit
            for hit in self.register.longest_at(tokens, index, on=self.on)
            if self._may_end(tokens, folds, hit.end)
        ]
        if not hits:
            return 0
        hit = hits[0]
        end = hit.end
        if hit.is_group and heads.phrase_at(folds, words.STOPS, index) >= end - index:
            return 0
        if hit.is_group or hit.end - hit.start == 1:
            if (
                hit.end - hit.start == 1
                and not hit.is_group
                and end < len(tokens)
                and _goes_on(tokens, folds, end)
            ):
                return 0
            return self._qualified_end(tokens, folds, end)
        return self._qualified_end(tokens, folds, end)

    def _may_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], end: int) -> bool:
        """Tell whether a name may end before a word: not right before a capitalised word that begins no name."""
        if end >= len(tokens):
            return True
        token = tokens[end]
        if token.is_separated or token.is_after_stop or token.is_after_colon or not token.text[0].isupper():
            return True
        return (
            bool(heads.phrase_at(folds, heads.OPEN_HEADS | heads.CLOSED_HEADS, end)) or token.text.isupper()
        )

    def _qualified_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], end: int) -> int:
        """Give the index after words that qualify a group or say whose body it is."""
        length = heads.phrase_at(folds, heads.QUALIFIERS, end)
        while length and end < len(tokens) and not tokens[end].is_separated:
            end += length
            length = heads.phrase_at(folds, heads.QUALIFIERS, end)
        if (
            end + 1 < len(tokens)
            and folds[end] in {"trong", "thuộc", "của", "trực"}
            and not tokens[end].is_separated
        ):
            return self._raw_end(tokens, folds, end)
        if self.language == "fa" and self._goes_on_persian(tokens, folds, end):
            return self._raw_end(tokens, folds, end + 1)
        return end

    def _goes_on_persian(self, tokens: tuple[Token, ...], folds: tuple[str, ...], end: int) -> bool:
        """Tell whether words after a name still belong to it; Persian has no capitals that would tell.

        They do when they begin another body (the owner) or lead straight to the charge; a sentence that goes on
        otherwise has its object there.
        """
        if end >= len(tokens):
            return False
        token = tokens[end]
        if token.is_separated or token.is_connector or token.is_after_stop or token.is_after_colon:
            return False
        if _qualifies(folds, end):
            return True
        if heads.phrase_at(folds, words.STOPS, end):
            return False
        if folds[end] in words.RELATIVES_FA or heads.phrase_at(
            folds, heads.OPEN_HEADS | heads.CLOSED_HEADS, end
        ):
            return True
        stop = end
        while (
            stop < len(tokens)
            and not heads.phrase_at(folds, words.STOPS, stop)
            and not tokens[stop].is_separated
        ):
            stop += 1
        leads_on = stop < len(tokens) and not tokens[stop].is_separated and folds[stop].startswith(_STRONG_FA)
        leads_on = leads_on or (stop < len(tokens) and folds[stop] == "با" and not tokens[stop].is_separated)
        self.is_unsure = self.is_unsure or leads_on
        return leads_on and stop - end <= _NAME_WORDS_MAX

    def _begins_raw(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int, start: int) -> bool:
        """Tell whether an unregistered body begins: a head noun, capitalised or after a quantifier."""
        if start >= len(tokens):
            return False
        nouns = heads.OPEN_HEADS | heads.CLOSED_HEADS
        if heads.phrase_at(folds, nouns, start) and tokens[start].is_capital:
            return not heads.phrase_at(folds, words.STOPS, start) or self.language != "vi"
        generic = heads.phrase_at(folds, heads.GENERIC_HEADS, start)
        if generic and start == index and heads.phrase_at(folds, words.STOPS, start) >= generic:
            return False
        return bool(generic) and (
            start > index or index == 0 or tokens[index].is_separated or tokens[index - 1].is_connector
        )

    def _raw_end(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> int:
        """Give the index where an unregistered body's words end: a stop word, a separator, a sentence end."""
        end = index
        while end < len(tokens):
            token = tokens[end]
            if token.is_separated or token.is_after_stop or token.is_after_colon:
                break
            if token.is_connector and self._joins_new(tokens, folds, end + 1):
                break
            if (
                not token.text[0].isupper()
                and heads.phrase_at(folds, words.STOPS, end)
                and not _attributive(folds, end)
            ):
                break
            hit = (
                self._hit_end(tokens, folds, end)
                if token.is_capital and self.language == "vi" and token.text[0].isupper()
                else 0
            )
            end = max(hit, end + 1) if hit else end + 1
        return end

    def _joins_new(self, tokens: tuple[Token, ...], folds: tuple[str, ...], index: int) -> bool:
        """Tell whether a connector joins a further body."""
        if index >= len(tokens):
            return True
        start = index + heads.phrase_at(folds, heads.QUANTIFIERS, index)
        nouns = heads.OPEN_HEADS | heads.CLOSED_HEADS | heads.GENERIC_HEADS
        if self.register.longest_at(tokens, index, on=self.on):
            return True
        if heads.phrase_at(folds, words.STOPS, index):
            return True
        return bool(heads.phrase_at(folds, nouns, start)) and (start > index or tokens[start].is_capital)


def _closes(token: Token) -> bool:
    """Tell whether a list cannot go on at a token."""
    return token.is_after_stop and ";" not in token.gap and "؛" not in token.gap


def _goes_on(tokens: tuple[Token, ...], folds: tuple[str, ...], end: int) -> bool:
    """Tell whether a one-word name is only the beginning of a longer, unregistered one."""
    token = tokens[end]
    if token.is_separated or token.is_connector or token.is_after_stop or token.is_after_colon:
        return False
    return not heads.phrase_at(folds, words.STOPS, end)


def _qualifies(folds: tuple[str, ...], index: int) -> bool:
    """Tell whether "متولی" or "مسئول" qualifies the bodies before it: their charge then follows later."""
    if folds[index] not in {"متولی", "مسئول", "مسیول"}:
        return False
    return any(fold.startswith(("موظف", "مکلف")) or fold == "باید" for fold in folds[index + 1 :])


def _attributive(folds: tuple[str, ...], index: int) -> bool:
    """Tell whether a verb stands as part of a noun: after "tổ chức", "cơ quan", "công tác"."""
    if _qualifies(folds, index):
        return True
    if index > 1 and folds[index - 2 : index] == ("dự", "án"):
        return True
    return (
        index > 0
        and folds[index - 1] in {"quan", "tác", "cụ", "vị"}
        and folds[index] in {"quản", "kiểm", "thực", "chủ", "tham", "giám", "đào"}
    )
