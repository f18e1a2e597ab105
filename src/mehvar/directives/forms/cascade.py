"""Take what people enter when they acknowledge or remind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_NOTE = 4000


class AcknowledgeForm(forms.Form):
    """Ask for the confirmation of one directive, for one body or several."""

    chosen = forms.TypedMultipleChoiceField(
        label=_("For which bodies?"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    disseminated = forms.BooleanField(
        label=_("The cited documents were disseminated in these bodies"), required=False
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Who does what first, or what hinders. The issuer reads it."),
    )

    def __init__(
        self, *args: Any, bodies: Sequence[tuple[int, str]], must_disseminate: bool, **options: Any
    ) -> None:
        """Offer the bodies; a single one needs no choice, and only cited documents need a confirmation."""
        super().__init__(*args, **options)
        chosen = self.fields["chosen"]
        assert isinstance(chosen, forms.TypedMultipleChoiceField)  # noqa: S101 - narrows the type
        chosen.choices = list(bodies)
        chosen.initial = [key for key, _name in bodies]
        if len(bodies) == 1:
            chosen.widget = forms.MultipleHiddenInput()
            chosen.widget.choices = chosen.choices
        if not must_disseminate:
            del self.fields["disseminated"]
