"""Fields that several rooms ask with: long text, and days as people write them in either calendar and any digits."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mehvar.kernel.calendars import Calendar, StatedDate, format_date, parse_date
from mehvar.kernel.errors import InputError
from mehvar.ui.reader import page_language


def area(rows: int, *, direction: str = "auto") -> forms.Textarea:
    """Make a text area that follows the direction of its text, or keeps one."""
    return forms.Textarea(attrs={"rows": rows, "dir": direction})


def shown_day(day: date | None) -> str:
    """Write a day as the reader's language does, as it may be typed in again."""
    if day is None:
        return ""
    language = page_language()
    calendar = Calendar.JALALI if language == "fa" else Calendar.GREGORIAN
    return format_date(day, calendar, language, "numeric")


class StatedDateField(forms.CharField):
    """Read one date; the cleaned value is a ``StatedDate`` or None. A year below 1700 is Jalali.

    A stored day is shown in the calendar of the active language.
    """

    def __init__(self, **options: Any) -> None:
        """Give the field its short input and its hint."""
        options.setdefault("max_length", 60)
        options.setdefault("help_text", gettext_lazy("For example 1405/06/31 or 22/9/2026."))
        options.setdefault(
            "widget", forms.TextInput(attrs={"data-kind": "date", "autocomplete": "off", "dir": "auto"})
        )
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored day as people write it."""
        return shown_day(value) if isinstance(value, date) else value

    def clean(self, value: Any) -> StatedDate | None:
        """Return the date with the calendar and the words in which it was stated.

        Raises:
            ValidationError: It is no date.
        """
        written = super().clean(value)
        if not written:
            return None
        try:
            return parse_date(written)
        except InputError as error:
            raise forms.ValidationError(
                _("“%(value)s” is not a date. Write it like 1402/06/31 or 22/9/2023.") % {"value": written},
                code="bad-date",
            ) from error


class DayField(StatedDateField):
    """Read one date as a plain day."""

    def clean(self, value: Any) -> date | None:  # type: ignore[override]
        """Return the day."""
        stated = super().clean(value)
        return stated.day if stated else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare days, not the ways in which they are written."""
        try:
            return self.clean(data) != (initial or None)
        except forms.ValidationError:
            return True
