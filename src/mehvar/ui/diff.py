"""Find the word-level difference between two texts.

Words are what lies between spaces, with the punctuation around them split off; spaces belong to the word before, so the
pieces put together give back both texts, letter for letter. Vietnamese syllables and Persian words with ZWNJ stay whole.
Source: S0.9 (visible differences of revisions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]
_TOKEN = re.compile(r"\s+|[^\W_](?:[\w\u200c\u200d\u0300-\u036f\u064b-\u065f'’-]*\w)?|.", re.DOTALL)
_LONG_TEXT_TOKENS = 4000


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold a run of text that stayed, came or went."""

    kind: Kind
    text: str


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces in reading order, what went before what came.

    The `same` and `removed` pieces joined are `old`; `same` and `added` joined are `new`.
    """
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=max(len(before), len(after)) > _LONG_TEXT_TOKENS)
    raw = (piece for code in matcher.get_opcodes() for piece in _pieces(code, before, after))
    return _without_crumbs(_merged(raw))


def is_changed(old: str, new: str) -> bool:
    """Return whether the texts differ at all."""
    return old != new


def _pieces(
    code: tuple[str, int, int, int, int], before: Sequence[str], after: Sequence[str]
) -> Iterator[Piece]:
    """Yield the pieces of one edit step."""
    tag, old_start, old_end, new_start, new_end = code
    if tag == "equal":
        yield Piece("same", "".join(before[old_start:old_end]))
        return
    if old_end > old_start:
        yield Piece("removed", "".join(before[old_start:old_end]))
    if new_end > new_start:
        yield Piece("added", "".join(after[new_start:new_end]))


def _merged(pieces: Iterator[Piece]) -> list[Piece]:
    """Join neighbours of one kind."""
    merged: list[Piece] = []
    for piece in pieces:
        if merged and merged[-1].kind == piece.kind:
            merged[-1] = Piece(piece.kind, merged[-1].text + piece.text)
        else:
            merged.append(piece)
    return merged


def _without_crumbs(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Take a lone space between two changes into both, so that a changed phrase reads as one change."""
    removed, added = "", ""
    result: list[Piece] = []
    for index, piece in enumerate(pieces):
        if piece.kind == "removed":
            removed += piece.text
        elif piece.kind == "added":
            added += piece.text
        elif piece.text.isspace() and (removed or added) and index + 1 < len(pieces):
            removed, added = removed + piece.text, added + piece.text
        else:
            result += _change(removed, added)
            removed, added = "", ""
            result.append(piece)
    return tuple(result + _change(removed, added))


def _change(removed: str, added: str) -> list[Piece]:
    """Return a change as pieces; equal texts are no change."""
    if removed == added:
        return [Piece("same", removed)] if removed else []
    kinds: tuple[tuple[Kind, str], ...] = (("removed", removed), ("added", added))
    return [Piece(kind, text) for kind, text in kinds if text]
