"""Make forms out of what an operation asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.data.operations import Ask
from mehvar.exchange.rules import questions
from mehvar.ui.refusals import said


def field_of(ask: Ask) -> forms.Field:
    """Give the field for one thing that is asked; checks are those of the rules, so that files and forms agree."""
    common: dict[str, Any] = {"label": ask.label, "required": ask.is_required, "help_text": _hint(ask)}
    if ask.kind == "choice":
        return forms.ChoiceField(choices=[("", "–"), *[(value, value) for value in ask.choices]], **common)
    if ask.kind == "boolean":
        words = [("", "–"), ("true", _("Yes")), ("false", _("No"))]
        return forms.ChoiceField(choices=words, **common)
    longest = ask.longest or questions.LONGEST_VALUE
    if ask.kind == "json":
        return forms.CharField(
            widget=forms.Textarea(attrs={"rows": 8, "dir": "ltr", "spellcheck": "false"}),
            max_length=longest,
            **common,
        )
    attributes = {"dir": "auto", "autocomplete": "off"}
    if ask.kind in {"integer", "number"}:
        attributes |= {"inputmode": "decimal", "dir": "ltr"}
    if ask.kind == "date":
        attributes |= {"placeholder": "2026-01-31", "dir": "ltr"}
    return forms.CharField(widget=forms.TextInput(attrs=attributes), max_length=longest, **common)


def _hint(ask: Ask) -> str:
    pieces = [ask.hint]
    if ask.example:
        pieces.append(str(_("For example %(example)s")) % {"example": ask.example})
    return " ".join(piece for piece in pieces if piece)


class OperationForm(forms.Form):
    """Ask what an operation needs; ``values`` holds them typed once the form is valid."""

    def __init__(self, *args: Any, asks: tuple[Ask, ...], **kwargs: Any) -> None:
        """Make the fields."""
        super().__init__(*args, **kwargs)
        self.asks = asks
        self.values: dict[str, Any] = {}
        for ask in asks:
            self.fields[ask.key] = field_of(ask)
        self.order_fields([ask.key for ask in asks])

    def clean(self) -> dict[str, Any]:
        """Check the values by the description."""
        given = super().clean() or {}
        self.values, faults = questions.checked(self.asks, given)
        for key, fault in faults.items():
            if key not in self.errors:
                self.add_error(key, said(fault))
        return given
