"""Take plans of stocktakes and decisions from a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.ui.fields import StatedDateField, area


class StocktakeForm(forms.Form):
    """Ask for what a stocktake is planned with."""

    title = forms.CharField(label=_("Title"), max_length=300, widget=forms.TextInput(attrs={"dir": "auto"}))
    committee_id = forms.TypedChoiceField(
        label=_("Held in"),
        coerce=int,
        help_text=_("Decisions become resolutions of this committee's session."),
    )
    held_on = StatedDateField(label=_("Date"))
    about = forms.ChoiceField(label=_("About"), required=False)
    language = forms.ChoiceField(
        label=_("Language of the minutes"), choices=(("fa", "فارسی"), ("vi", "Tiếng Việt"), ("en", "English"))
    )

    def __init__(
        self,
        *args: Any,
        committees: Sequence[tuple[int, str]],
        about: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        """Offer the committees and what may be taken stock of."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["committee_id"]).choices = list(committees)
        choices = [("", _("Everything")), *about]
        cast("forms.ChoiceField", self.fields["about"]).choices = choices


class DecisionBoxForm(forms.Form):
    """Ask for a decision: its text, who owes it and until when."""

    text = forms.CharField(label=_("Decision"), max_length=2_000, widget=area(2))
    owner = forms.CharField(
        label=_("Owner"),
        max_length=300,
        widget=forms.TextInput(attrs={"list": "bodies", "autocomplete": "off", "dir": "auto"}),
    )
    due_on = StatedDateField(label=_("Until"), help_text="")


class ReasonForm(forms.Form):
    """Ask why something is cancelled or taken off."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=1_000, widget=area(2))
