"""Decide which projects may be presented: published criteria, the identity sheet's fields, the two marks.

Source: S1.4 (driver and hope-giving projects are listed and officially presented).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mehvar.kernel import wording
from mehvar.kernel.errors import Conflict, InputError, gettext_noop
from mehvar.programmes.data import FlagshipMark


class FlagshipCriterion(StrEnum):
    """By what a project is chosen; the list is public."""

    PEOPLE_FEEL = "people_feel"
    DRIVES_OTHERS = "drives_others"
    OWNER_AND_DATE = "owner_and_date"
    VERIFIED_PROGRESS = "verified_progress"
    REPEATABLE = "repeatable"
    HOME_MADE = "home_made"


class SheetField(StrEnum):
    """What stands on the identity sheet (شناسنامه) in each language."""

    NAME = "name"
    SUMMARY = "summary"
    PEOPLE_FEEL = "people_feel"
    OWNER = "owner"
    PARTNERS = "partners"
    BUDGET = "budget"
    NEXT = "next"


LANGUAGES = ("fa", "vi", "en")
LEAST_CRITERIA = 3
REQUIRED_OF_MARK = {
    FlagshipMark.DRIVER: FlagshipCriterion.DRIVES_OTHERS,
    FlagshipMark.HOPE_GIVING: FlagshipCriterion.PEOPLE_FEEL,
}
"""The criterion without which a mark is not given."""
REQUIRED_FIELDS = (SheetField.NAME, SheetField.SUMMARY, SheetField.PEOPLE_FEEL)
LONGEST = 1_500

Sheet = Mapping[str, Mapping[str, str]]


def check_mark(mark: str) -> FlagshipMark:
    """Give the mark.

    Raises:
        InputError: There is no such mark.
    """
    try:
        return FlagshipMark(mark)
    except ValueError as error:
        raise InputError(gettext_noop("Choose a mark."), code="bad-mark", field="mark") from error


def check_criteria(given: Mapping[str, str]) -> dict[str, str]:
    """Keep the criteria for which a reason is written.

    Raises:
        InputError: A criterion is unknown, or a reason is too long.
    """
    kept = {code: reason.strip() for code, reason in given.items() if reason.strip()}
    for code, reason in kept.items():
        if code not in set(FlagshipCriterion):
            raise InputError(gettext_noop("There is no such criterion."), code="unknown-criterion")
        wording.within(reason, field=code, limit=LONGEST)
    return kept


def check_sheet(given: Sheet) -> dict[str, dict[str, str]]:
    """Keep what is written on the identity sheet, by language and field.

    Raises:
        InputError: A language or field is unknown, or a text is too long.
    """
    kept: dict[str, dict[str, str]] = {}
    for language, fields in given.items():
        if language not in LANGUAGES or not set(fields) <= set(SheetField):
            raise InputError(gettext_noop("There is no such field on the sheet."), code="unknown-field")
        written = {name: text.strip() for name, text in fields.items() if text.strip()}
        for name, text in written.items():
            wording.within(text, field=f"{language}_{name}", limit=LONGEST)
        kept[language] = written
    return kept


def missing_for_listing(mark: str, criteria: Mapping[str, str], sheet: Sheet) -> tuple[str, ...]:
    """Name what a project lacks before it may be listed: ``criteria``, the mark's criterion, or ``language.field``."""
    missing = ["criteria"] if len(criteria) < LEAST_CRITERIA else []
    needed = REQUIRED_OF_MARK[FlagshipMark(mark)]
    if needed not in criteria:
        missing.append(needed.value)
    for language in LANGUAGES:
        fields = sheet.get(language, {})
        missing += [f"{language}.{name.value}" for name in REQUIRED_FIELDS if not fields.get(name)]
    return tuple(missing)


def require_complete(mark: str, criteria: Mapping[str, str], sheet: Sheet) -> None:
    """Refuse to list what is incomplete.

    Raises:
        Conflict: Something is missing; ``number`` says how much.
    """
    missing = missing_for_listing(mark, criteria, sheet)
    if missing:
        raise Conflict(
            gettext_noop("The sheet is not complete: {number} entries are missing."),
            code="flagship-incomplete",
            number=len(missing),
        )
