"""Mark in a text what a search found, whatever letters, accents and digits it was asked with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mehvar.home.data import Piece
from mehvar.kernel.text import fold_for_search

AROUND = 160
"""So many characters are shown before what was found in a long text, and at most twice as many after."""


def words_of(query: str) -> tuple[str, ...]:
    """Return the folded words of a query, each once, longest first (the rarest are mostly long)."""
    return tuple(sorted(dict.fromkeys(fold_for_search(query).split()), key=len, reverse=True))


def marked(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """Cut a text into stretches with and without the words; the stretches together are the text."""
    spans = _joined(_spans(text, words))
    pieces: list[Piece] = []
    place = 0
    for start, end in spans:
        pieces += [Piece(text[place:start], marked=False), Piece(text[start:end], marked=True)]
        place = end
    pieces.append(Piece(text[place:], marked=False))
    return tuple(piece for piece in pieces if piece.text)


def excerpt(text: str, words: Sequence[str]) -> str:
    """Return the part of a long text in which the first word is, cut between words, with … where something is left out."""
    if len(text) <= 2 * AROUND:
        return text
    first = min((start for start, _ in _spans(text, words)), default=0)
    start = _word_start(text, max(0, first - AROUND))
    end = min(len(text), start + 3 * AROUND)
    while end < len(text) and not text[end].isspace():
        end += 1
    return f"{'… ' if start else ''}{text[start:end].strip()}{' …' if end < len(text) else ''}"


def _word_start(text: str, place: int) -> int:
    while 0 < place < len(text) and not text[place - 1].isspace():
        place -= 1
    return place


def _spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    folded, places = _folded_with_places(text)
    found: list[tuple[int, int]] = []
    for word in words:
        at = folded.find(word)
        while word and at >= 0:
            found.append((places[at], places[at + len(word) - 1] + 1))
            at = folded.find(word, at + len(word))
    return [(start, _with_marks(text, end)) for start, end in found]


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """Fold letter by letter, and remember from which letter of the text each folded one comes."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        folded = fold_for_search(letter)
        if not folded and _is_gap(letter):
            folded = " " if letters and letters[-1] != " " else ""
        letters += folded
        places += [place] * len(folded)
    return "".join(letters), places


def _is_gap(letter: str) -> bool:
    """Tell whether a letter that folds to nothing stands for a space (and is no accent)."""
    return fold_for_search(f"a{letter}a") == "a a"


def _with_marks(text: str, end: int) -> int:
    """Take accents that follow as signs of their own into the stretch."""
    while end < len(text) and not fold_for_search(text[end]) and not _is_gap(text[end]):
        end += 1
    return end


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
