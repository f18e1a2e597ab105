"""Take from a person what topics and subscriptions need."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.data.events import Mode
from mehvar.exchange.forms.fields import CODE_HINT, Choices, Number, code_input, offer
from mehvar.exchange.forms.steps import StepForm
from mehvar.exchange.rules import retries
from mehvar.ui.fields import area


class TopicForm(StepForm):
    """Ask for a new topic."""

    subsystem = forms.ChoiceField(label=_("System that tells"))
    code = forms.CharField(label=_("Code"), max_length=60, widget=code_input(), help_text=CODE_HINT)
    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("What it tells, in plain words"), max_length=4_000, required=False, widget=area(3)
    )
    is_public = forms.BooleanField(
        label=_("Open to every member"),
        required=False,
        help_text=_("Otherwise only members with a valid agreement subscribe."),
    )
    retention_days = Number(label=_("Days that events are kept"), initial=30, min_value=1, max_value=3_650)

    def __init__(self, *args: Any, subsystems: Choices, **kwargs: Any) -> None:
        """Offer the person's systems."""
        super().__init__(*args, **kwargs)
        offer(self, "subsystem", subsystems)


class TypeForm(StepForm):
    """Ask for a kind of event."""

    name = forms.CharField(
        label=_("Type"),
        max_length=200,
        widget=code_input(),
        help_text=_("For example qf.parcel.sold; publishers write it into each event."),
    )
    title = forms.CharField(label=_("What happened"), max_length=200, required=False)
    schema = forms.CharField(
        label=_("JSON Schema of the data"),
        required=False,
        widget=area(8, direction="ltr"),
        help_text=_("Events that do not fit it are refused. Empty: any data."),
    )

    def clean_schema(self) -> dict[str, Any] | None:
        """Return the schema as an object, None without."""
        written = self.cleaned_data["schema"].strip()
        if not written:
            return None
        try:
            found = json.loads(written)
        except ValueError as error:
            raise forms.ValidationError(_("This is not JSON."), code="bad-json") from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_("A schema is a JSON object."), code="bad-json")
        return found


class WishForm(StepForm):
    """Ask how events shall come."""

    delivering = forms.ChoiceField(
        label=_("How events come"),
        choices=[("pull", _("The system fetches them")), ("push", _("They are sent to its address"))],
        widget=forms.RadioSelect,
        initial="pull",
    )
    address = forms.CharField(
        label=_("Address for sending"), max_length=500, required=False, widget=code_input(),
        help_text=_("Only where events are sent. Each message is signed; verify it with the exchange's key."),
    )  # fmt: skip
    mode = forms.ChoiceField(
        label=_("Form of the messages"),
        choices=[
            (Mode.BINARY.value, _("Binary mode: attributes in headers, data as the body")),
            (Mode.STRUCTURED.value, _("Structured mode: everything in one JSON object")),
        ],
        initial="binary",
    )
    attempts = Number(
        label=_("Attempts before an event is given up"), initial=retries.ATTEMPTS, min_value=1, max_value=50
    )


class SubscriptionForm(WishForm):
    """Ask who subscribes, and how events shall come."""

    field_order = ("subsystem",)
    subsystem = forms.ChoiceField(label=_("System that receives"))

    def __init__(self, *args: Any, subsystems: Choices, **kwargs: Any) -> None:
        """Offer the person's systems."""
        super().__init__(*args, **kwargs)
        offer(self, "subsystem", subsystems)


class ReplayForm(StepForm):
    """Ask from where on events come again."""

    sequence = Number(
        label=_("From number"),
        min_value=1,
        initial=1,
        help_text=_("Receivers know an event that comes again by its id."),
    )
