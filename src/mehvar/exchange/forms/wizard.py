"""Ask, one question a page, what a request for access needs; and who a firm is that applies from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.forms.fields import Choices, DayInput, Number, area, offer
from mehvar.exchange.forms.steps import StepForm
from mehvar.exchange.rules.outside import plain_words
from mehvar.kernel.errors import InputError
from mehvar.ui.refusals import said


class SystemPage(StepForm):
    """Ask for which system."""

    subsystem = forms.ChoiceField(label=_("For which of your systems?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, systems: Choices, **kwargs: Any) -> None:
        """Offer the person's systems."""
        super().__init__(*args, **kwargs)
        offer(self, "subsystem", systems)


class WhatPage(StepForm):
    """Ask for which endpoints."""

    endpoints = forms.MultipleChoiceField(
        label=_("Which parts of the service?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose what you need and no more; nothing chosen means the whole service."),
    )

    def __init__(self, *args: Any, endpoints: Choices, **kwargs: Any) -> None:
        """Offer the service's endpoints."""
        super().__init__(*args, **kwargs)
        cast("forms.MultipleChoiceField", self.fields["endpoints"]).choices = endpoints


class PurposePage(StepForm):
    """Ask for which purpose."""

    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=500,
        widget=area(3),
        help_text=_("What for, in one sentence that a citizen understands; it stands beside every call."),
    )


class BasisPage(StepForm):
    """Ask on which legal basis."""

    legal_basis = forms.CharField(
        label=_("Legal basis"),
        max_length=2_000,
        widget=area(4),
        help_text=_("Law and article that let your body receive these data."),
    )


class VolumePage(StepForm):
    """Ask how often."""

    calls_per_day = Number(
        label=_("Expected calls per day"),
        min_value=1,
        required=False,
        help_text=_("So that the provider can prepare; leave it empty if you do not know."),
    )


class DatesPage(StepForm):
    """Ask from when until when."""

    wanted_from = DayInput(label=_("Wanted from"), required=False)
    wanted_until = DayInput(label=_("Wanted until"), required=False)


class PlainField(forms.CharField):
    """Take plain words: normalised, without control signs, without HTML."""

    def __init__(self, *, limit: int, rows: int = 0, **options: Any) -> None:
        """Take so many characters, in one line or in an area of rows."""
        widget = area(rows) if rows else forms.TextInput(attrs={"dir": "auto"})
        widget.attrs["maxlength"] = str(limit)
        super().__init__(widget=widget, **options)
        self.limit, self.one_line = limit, not rows

    def clean(self, value: Any) -> str:
        """Give the words as they are kept.

        Raises:
            ValidationError: Nothing where something is needed, too much, HTML, or too many links.
        """
        try:
            return plain_words(
                str(value or ""), field="", limit=self.limit, required=self.required, one_line=self.one_line
            )
        except InputError as error:
            raise forms.ValidationError(said(error), code=error.code) from error


class FirmPage(forms.Form):
    """Ask which firm applies."""

    name = PlainField(label=_("Name of the firm"), limit=200)
    registration = PlainField(label=_("Registration number"), limit=60)


class WhyPage(forms.Form):
    """Ask what the firm wants."""

    what_for = PlainField(
        label=_("What do you want to ask, or to offer?"),
        limit=4_000,
        rows=6,
        help_text=_("Which data, for which service to people, and on which law you rely."),
    )


class ContactPage(forms.Form):
    """Ask who answers for the firm."""

    contact_name = PlainField(label=_("Name of the engineer"), limit=200)
    contact_email = forms.EmailField(
        label=_("E-mail address"),
        max_length=200,
        help_text=_("If the firm is approved, we send the invitation there."),
    )
    contact_phone = PlainField(label=_("Telephone"), limit=60, required=False)


class CodeForm(forms.Form):
    """Ask for a tracking code."""

    code = forms.CharField(
        label=_("Your tracking code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
        help_text=_("Sixteen letters and digits, as they were shown to you."),
    )


def is_caught(data: Mapping[str, Any]) -> bool:
    """Tell whether the field that people do not see was filled in."""
    return bool(str(data.get("website", "")).strip())
