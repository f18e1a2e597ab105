"""Take from a person what statistics are about, and why a fault is passed."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

Choices = list[tuple[str, Any]]
PERIODS = (
    ("1", _("the last 24 hours")),
    ("7", _("the last 7 days")),
    ("30", _("the last 30 days")),
    ("365", _("the last year")),
)


class StatisticsForm(forms.Form):
    """Narrow statistics."""

    days = forms.ChoiceField(label=_("Period"), choices=PERIODS, required=False)
    service = forms.ChoiceField(label=_("Service"), required=False)
    member = forms.ChoiceField(label=_("Member"), required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), required=False)

    def __init__(
        self, *args: Any, services: Choices, members: Choices, purposes: Choices, **kwargs: Any
    ) -> None:
        """Offer what there is."""
        super().__init__(*args, **kwargs)
        for name, offered in (("service", services), ("member", members), ("purpose", purposes)):
            cast("forms.ChoiceField", self.fields[name]).choices = [("", _("All")), *offered]


class PassForm(forms.Form):
    """Ask why reading may go on behind a fault."""

    reason = forms.CharField(
        label=_("What was found, and why may reading go on?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
