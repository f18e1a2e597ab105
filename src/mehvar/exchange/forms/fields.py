"""Read days, numbers and words as people of the exchange write them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from mehvar.kernel.text import to_ascii_digits
from mehvar.ui.reader import reader_of

Choices = list[tuple[str, Any]]
CODE_HINT = _("Letters, digits and ' ( ) + , - . = ?; it can never be changed.")


def code_input() -> forms.TextInput:
    """Give an input for a code or an address, which runs from left to right in every language."""
    return forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"})


def _shown(value: Any) -> Any:
    """Write a number as the reader may type it in again: in the language's digits, without separators."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    written = str(int(value) if value == int(value) else value)
    reader = reader_of()
    return reader.digits(written).replace(".", "٫") if reader.language == "fa" else written


class Suggesting(forms.TextInput):
    """Take a code, and suggest known ones with their names; no script is needed."""

    def __init__(self) -> None:
        """Begin without suggestions."""
        super().__init__(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"})
        self.known: Choices = []

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Write the input with its list of suggestions."""
        if not self.known:
            return super().render(name, value, attrs, renderer)
        key = f"{name}-known"
        options = format_html_join("", '<option value="{}">{}</option>', self.known)
        box = super().render(name, value, {**(attrs or {}), "list": key}, renderer)
        return format_html('{}<datalist id="{}">{}</datalist>', box, key, options)


def suggest(form: forms.Form, field: str, known: Choices) -> None:
    """Give a field its suggestions."""
    cast("Suggesting", form.fields[field].widget).known = known


def offer(form: forms.Form, field: str, choices: Choices) -> None:
    """Give a field its choices; a single one is taken at once."""
    found = cast("forms.ChoiceField", form.fields[field])
    found.choices = choices
    if len(choices) == 1 and found.required:
        found.initial = choices[0][0]


class Number(forms.IntegerField):
    """Read a whole number in any digits."""

    def __init__(self, **options: Any) -> None:
        """Make a short input."""
        options.setdefault("min_value", 0)
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "data-kind": "number"})
        super().__init__(widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a number in the reader's digits."""
        return _shown(value)

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
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-kind": "number"})
        super().__init__(widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a number in the reader's digits, a whole one without decimals."""
        return _shown(value)

    def to_python(self, value: Any) -> Any:
        """Read Persian digits and the Persian decimal sign too."""
        plain = to_ascii_digits(str(value if value is not None else "")).replace("٫", ".").strip()
        return super().to_python(plain)
