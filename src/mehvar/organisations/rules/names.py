"""Decide which of a body's dated names is the one to show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mehvar.organisations.data import Name, NameKind

LANGUAGES = ("fa", "vi", "en")


def official_name(names: Iterable[Name], language: str, on: date) -> str:
    """Give the official name in a language on a day, else the latest that was one, else nothing."""
    own = [name for name in names if name.kind is NameKind.OFFICIAL and name.language == language]
    valid = [name for name in own if name.is_valid(on)]
    chosen = valid or sorted(own, key=lambda name: name.valid_to or date.max)
    return chosen[-1].text if chosen else ""


def names_to_show(names: Iterable[Name], on: date) -> dict[str, str]:
    """Give the fields ``name_fa``, ``name_vi``, ``name_en`` as they are on a day."""
    known = tuple(names)
    return {f"name_{language}": official_name(known, language, on) for language in LANGUAGES}
