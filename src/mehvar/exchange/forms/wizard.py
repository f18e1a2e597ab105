"""Ask, one question a page, what a request for access needs; and who a firm is that applies from outside."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.forms.fields import Choices, Number, offer
from mehvar.exchange.forms.steps import StepForm
from mehvar.ui.fields import DayField, area
from mehvar.ui.outside import PlainField


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

    wanted_from = DayField(label=_("Wanted from"), required=False)
    wanted_until = DayField(label=_("Wanted until"), required=False)


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
