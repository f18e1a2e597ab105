"""Place clauses and tasks: paths and identifiers of the tree, gaps in a run of numbers.

Source: Akoma Ntoso naming convention 1.0 (eId); "directives and programmes", 1 (letters a b c d đ e g h …).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mehvar.kernel import text

ABBREVIATIONS = {
    "part": "part",
    "chapter": "chp",
    "section": "sec",
    "article": "art",
    "clause": "cl",
    "paragraph": "para",
    "point": "point",
    "item": "item",
    "indent": "indent",
    "note": "note",
    "annex": "att",
    "capital": "sec",
    "roman": "sec",
    "letter": "point",
    "dash": "indent",
}
_LETTERS = "abcdđeghiklmnopqrstuvxy"
_PERSIAN_LETTERS = ("الف", *"بپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی")
_LONGEST_SLUG = 24
_LONGEST_GAP = 50


class Gap(NamedTuple):
    """Say that numbers are missing in a section: the last one before, the first one after, what is missing."""

    section: str
    after: str
    before: str
    missing: tuple[str, ...]


class Place(NamedTuple):
    """Give where a clause stands: position in reading order, depth from 0, path counted from 1 ("2.1.3")."""

    key: int
    position: int
    depth: int
    path: str


def eids(clauses: Iterable[tuple[str, str | None, str, str]]) -> dict[str, str]:
    """Give every clause ``(path, parent path, kind, number)`` an ASCII identifier that is unique in the document."""
    found: dict[str, str] = {}
    used: dict[str, int] = defaultdict(int)
    for path, parent, kind, number in clauses:
        if path in found:
            continue
        used[f"{parent}/{kind}"] += 1
        own = f"{ABBREVIATIONS.get(kind, 'hcontainer')}_{_slug(number) or used[f'{parent}/{kind}']}"
        whole = f"{found[parent]}__{own}" if parent in found else own
        used[whole] += 1
        found[path] = whole if used[whole] == 1 else f"{whole}-{used[whole]}"
    return found


def _slug(number: str) -> str:
    """Reduce a number as written ("Điều 5.", «ماده ۱۲», "đ)") to ASCII letters and digits."""
    bare = number.strip(" .:)(-–ـ")
    if bare in _PERSIAN_LETTERS:
        return str(_PERSIAN_LETTERS.index(bare) + 1)
    latin = text.to_ascii_digits(number).lower().replace("đ", "dd")
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    digits = re.findall(r"\d+", plain)
    return "-".join(digits) if digits else re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG]


def parents(paths: Sequence[str]) -> dict[str, str | None]:
    """Give the parent's path of every path: the longest beginning ("2.4" of "2.4.a") that is a path itself."""
    known = set(paths) - {""}
    found: dict[str, str | None] = {}
    for path in paths:
        above = path.rpartition(".")[0]
        while above and above not in known:
            above = above.rpartition(".")[0]
        found[path] = above or None
    return found


def without_heading(text_: str, heading: str) -> str:
    """Give a clause's text without the heading with which it begins."""
    return text_[len(heading) :].strip() if heading and text_.startswith(heading) else text_


def gaps(numbers: Sequence[tuple[str, str]]) -> list[Gap]:
    """List what is missing in runs of ``(section, number)``, in the document's order.

    Plain numbers (also Persian digits) and Vietnamese letters (no f j w z) are followed; a run that begins anew is a
    new run; numbers with points ("2.1") are compared within their prefix.
    """
    runs: dict[tuple[str, str, bool], tuple[int, str]] = {}
    found: list[Gap] = []
    for section, number in numbers:
        prefix, value, is_letter = _value(number)
        if value is None:
            continue
        last = runs.get((section, prefix, is_letter))
        if last and value > last[0] + 1:
            between = range(last[0] + 1, min(value, last[0] + 1 + _LONGEST_GAP))
            missing = tuple(prefix + _written(step, is_letter=is_letter) for step in between)
            found.append(Gap(section, last[1], number, missing))
        runs[section, prefix, is_letter] = (value, number)
    return found


def _value(number: str) -> tuple[str, int | None, bool]:
    plain = text.to_ascii_digits(number).strip().strip(".)(-–:/").strip().lower()
    if match := re.fullmatch(r"((?:\d+[.\-/])*)(\d{1,5})", plain):
        return match[1], int(match[2]), False
    if len(plain) == 1 and plain in _LETTERS:
        return "", _LETTERS.index(plain) + 1, True
    return "", None, False


def _written(value: int, *, is_letter: bool) -> str:
    return _LETTERS[value - 1] if is_letter and value <= len(_LETTERS) else str(value)


def placed(clauses: Sequence[tuple[int, int | None]]) -> list[Place]:
    """Lay out a tree of ``(key, parent key)``, given in sibling order, in reading order."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for key, parent in clauses:
        children[parent].append(key)
    found: list[Place] = []
    stack = [(key, 0, str(index)) for index, key in reversed(list(enumerate(children[None], 1)))]
    while stack:
        key, depth, path = stack.pop()
        found.append(Place(key, len(found) + 1, depth, path))
        below = reversed(list(enumerate(children[key], 1)))
        stack.extend((child, depth + 1, f"{path}.{index}") for index, child in below)
    return found
