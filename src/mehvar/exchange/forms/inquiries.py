"""Take authorisations, questions, files, codes and delays from people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.data.inquiries import DelayReason
from mehvar.exchange.forms.fields import Choices, Number, offer
from mehvar.exchange.forms.operations import OperationForm
from mehvar.exchange.rules.inquiries import LARGEST_FILE
from mehvar.ui.fields import DayField, area

REASONS = (
    (DelayReason.CRIME.value, _("Criminal investigation")),
    (DelayReason.TAX.value, _("Tax investigation")),
    (DelayReason.COURT.value, _("Order of a court")),
    (DelayReason.SAFETY.value, _("Protection of a person")),
)
CASE_HINT = _("Number of the file or request that needs the answer. It goes on record with the question.")


class AuthoriseForm(forms.Form):
    """Ask who may ask what, for what, and how long."""

    officer = forms.ChoiceField(label=_("Officer"))
    right = forms.ChoiceField(
        label=_("What may be asked"), help_text=_("Services to which your body has a right.")
    )
    purpose = forms.CharField(
        label=_("What for"),
        max_length=500,
        widget=area(2),
        help_text=_("The person asked about reads these words."),
    )
    valid_from = DayField(label=_("From"))
    valid_until = DayField(label=_("Last day"))
    daily_limit = Number(label=_("Questions a day"), min_value=1, max_value=10_000, initial=100)

    def __init__(self, *args: Any, officers: Choices, rights: Choices, **kwargs: Any) -> None:
        """Offer one's officers and rights."""
        super().__init__(*args, **kwargs)
        offer(self, "officer", officers)
        offer(self, "right", rights)


class EndForm(forms.Form):
    """Ask why an authorisation ends."""

    reason = forms.CharField(label=_("Why"), max_length=500, widget=area(3))


class QuestionForm(OperationForm):
    """Ask for the case beside what the operation needs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Put the case first."""
        super().__init__(*args, **kwargs)
        self.fields["reference"] = forms.CharField(label=_("Case"), max_length=200, help_text=CASE_HINT)
        self.order_fields(["reference"])


class FileForm(forms.Form):
    """Take a file of questions."""

    reference = forms.CharField(label=_("Case"), max_length=200, help_text=CASE_HINT)
    file = forms.FileField(label=_("File"), help_text=_("CSV in UTF-8 or XLSX, at most 10,000 rows."))

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        given = self.cleaned_data["file"]
        if given.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is too large."), code="file-too-big")
        return given


class SettleForm(forms.Form):
    """Ask an auditor what an unusual volume was."""

    note = forms.CharField(label=_("What it was"), max_length=1_000, widget=area(3))


class CounterForm(forms.Form):
    """Ask whose identity card was seen."""

    identifier = forms.CharField(
        label=_("National identifier"),
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric", "autocomplete": "off"}),
    )
    document = forms.CharField(
        label=_("Which document you saw"), max_length=200, help_text=_("For example: identity card.")
    )


class PersonForm(forms.Form):
    """Ask a citizen for number and code."""

    identifier = forms.CharField(
        label=_("Your national identifier"),
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric", "autocomplete": "off"}),
    )
    code = forms.CharField(
        label=_("Your code"),
        max_length=40,
        help_text=_("Twelve digits, from a counter of an agency."),
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class DelayForm(forms.Form):
    """Ask by which law and how long questions under an agreement are told later."""

    agreement = forms.ChoiceField(label=_("Agreement"))
    reason = forms.ChoiceField(label=_("Class of reason"), choices=REASONS)
    legal_basis = forms.CharField(label=_("Law that permits it"), max_length=2_000, widget=area(2))
    days = Number(label=_("After how many days the person is told"), min_value=1, max_value=730, initial=30)
    valid_from = DayField(label=_("From"))
    valid_until = DayField(label=_("Last day"))

    def __init__(self, *args: Any, agreements: Choices, **kwargs: Any) -> None:
        """Offer the agreements."""
        super().__init__(*args, **kwargs)
        offer(self, "agreement", agreements)
