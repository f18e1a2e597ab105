"""Read days, numbers and words as people of the exchange write them."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mehvar.kernel.calendars import Calendar, format_date, parse_date
from mehvar.kernel.errors import InputError
from mehvar.kernel.text import to_ascii_digits

Choices = list[tuple[str, Any]]
CODE_HINT = _("Letters, digits and ' ( ) + , - . = ?; it can never be changed.")


def area(rows: int, *, direction: str = "auto") -> forms.Textarea:
    """Give a text area."""
    return forms.Textarea(attrs={"rows": rows, "dir": direction})


def code_input() -> forms.TextInput:
    """Give an input for a code or an address, which runs from left to right in every language."""
    return forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"})


def offer(form: forms.Form, field: str, choices: Choices) -> None:
    """Give a field its choices; a single one is taken at once."""
    found = cast("forms.ChoiceField", form.fields[field])
    found.choices = choices
    if len(choices) == 1 and found.required:
        found.initial = choices[0][0]


class DayInput(forms.CharField):
    """Read a day in either calendar and any digits; a year below 1700 is Jalali."""

    def __init__(self, **options: Any) -> None:
        """Make a short input with its hint."""
        options.setdefault("help_text", _("For example 1405/06/31 or 22/9/2026."))
        widget = forms.TextInput(attrs={"data-kind": "date", "autocomplete": "off", "dir": "auto"})
        super().__init__(max_length=60, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored day in the reader's calendar."""
        if not isinstance(value, date):
            return value
        language = (get_language() or "en").split("-")[0]
        calendar = Calendar.JALALI if language == "fa" else Calendar.GREGORIAN
        return format_date(value, calendar, language, "numeric")

    def clean(self, value: Any) -> date | None:
        """Return the day, None where nothing was written.

        Raises:
            ValidationError: It is no date.
        """
        written = super().clean(value)
        if not written:
            return None
        try:
            return parse_date(written).day
        except InputError as error:
            raise forms.ValidationError(_("This is not a date."), code="bad-date") from error


class Number(forms.IntegerField):
    """Read a whole number in any digits."""

    def __init__(self, **options: Any) -> None:
        """Make a short input."""
        options.setdefault("min_value", 0)
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 10})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> int | None:
        """Read Persian digits and separators too."""
        plain = to_ascii_digits(str(value if value is not None else "")).translate(
            {ord(sign): "" for sign in ",٬ _"}
        )
        return super().to_python(plain)


class Decimal(forms.FloatField):
    """Read a number in any digits."""

    def __init__(self, **options: Any) -> None:
        """Make a short input."""
        options.setdefault("min_value", 0)
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 10})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        """Read Persian digits and the Persian decimal sign too."""
        plain = to_ascii_digits(str(value if value is not None else "")).replace("٫", ".").strip()
        return super().to_python(plain)
