"""Tell whether a sentence of prose states a duty."""

from __future__ import annotations

import re

from mehvar.directives.extraction.prose import words
from mehvar.kernel import text as texts

_DUTY_LETTERS_MIN = 40


def speaks_of_duty(text: str) -> bool:
    """Tell whether a paragraph states an obligation: it has the words, and is no title, reason or note on the document."""
    if words.PREAMBLE.match(text) or words.NOT_A_TASK.search(text) or words.ISSUES.search(text):
        return False
    return (
        len(text) >= _DUTY_LETTERS_MIN
        and bool(words.OBLIGATION.search(text))
        and not words.NO_TASKS.match(text)
    )


def short(text: str) -> str:
    """Shorten a paragraph for a message."""
    line = " ".join(text.split())
    return line if len(line) <= 90 else line[:87] + "…"  # noqa: PLR2004


def acts_in_persian(text: str) -> bool:
    """Tell whether a Persian sentence with a subject ends in a verb of doing rather than of being."""
    plain = texts.fold_for_match(text).rstrip(" .؛،")
    if re.search(r"(?:است|بود|نیست|می ?باشد|می ?باشند|هستند|می ?شود|شد|گردید|دارد|برگزار خواهد شد)$", plain):
        return False
    return bool(re.search(r"\S+(?:د|ند)$", plain))


def positions(text: str, cue: str) -> list[int]:
    """List where a cue stands, last first."""
    found: list[int] = []
    at = text.rfind(cue)
    while at >= 0:
        found.append(at)
        at = text.rfind(cue, 0, at)
    return found


def is_strong(sentence: str) -> bool:
    """Tell whether a sentence charges a body in so many words."""
    folded = texts.fold_for_match(sentence)
    return any(
        cue in folded
        for cue in (
            "chủ trì",
            "có trách nhiệm",
            "giao ",
            "chịu trách nhiệm",
            "موظف",
            "مکلف",
            "مسئول",
            "shall",
            "must",
            "responsible",
        )
    )
