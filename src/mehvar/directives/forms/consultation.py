"""Take what people enter in a consultation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mehvar.directives.data import Answer, OpinionKind
from mehvar.directives.rules.consultation import ANSWERS_TO, LONGEST_TEXT
from mehvar.kernel import identifiers
from mehvar.ui.fields import StatedDateField

Choices = list[tuple[str, Any]]

KINDS = [
    (OpinionKind.PROPOSAL.value, _("Proposal: the drafters must accept or refuse it")),
    (OpinionKind.OPINION.value, _("Opinion")),
]
ANSWERS = {
    Answer.ACCEPTED.value: _("Accepted"),
    Answer.PARTLY.value: _("Partly accepted"),
    Answer.REFUSED.value: _("Refused"),
    Answer.NOTED.value: _("Noted"),
}


class OpenRoundForm(forms.Form):
    """Ask whom to consult, until when and on what."""

    offices = forms.MultipleChoiceField(
        label=_("Whom to ask"), widget=forms.CheckboxSelectMultiple, required=False
    )
    others = forms.CharField(
        label=_("Other bodies"),
        required=False,
        max_length=2000,
        help_text=_("Official names or codes, one a line."),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    deadline = StatedDateField(label=_("Deadline"))
    note = forms.CharField(
        label=_("What is asked"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("The offices read this above the text."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, offices: Choices, **kwargs: Any) -> None:
        """Offer the offices; all are chosen at first."""
        super().__init__(*args, **kwargs)
        field = self.fields["offices"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - narrows the type
        field.choices = offices
        field.initial = [value for value, _label in offices]


class InviteForm(forms.Form):
    """Ask which further offices to consult."""

    offices = forms.MultipleChoiceField(
        label=_("Offices"), widget=forms.CheckboxSelectMultiple, required=False
    )
    others = forms.CharField(
        label=_("Other bodies"),
        required=False,
        max_length=2000,
        help_text=_("Official names or codes, one a line."),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args: Any, offices: Choices, **kwargs: Any) -> None:
        """Offer the offices that are not asked yet."""
        super().__init__(*args, **kwargs)
        field = self.fields["offices"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - narrows the type
        field.choices = offices


class ExtendForm(forms.Form):
    """Ask for a later deadline and why."""

    deadline = StatedDateField(label=_("New deadline"))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Ask for a reason; whether it is needed, the rules say."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class OpinionForm(forms.Form):
    """Take an opinion or a proposal, with a wording where one is proposed for a clause."""

    office = forms.ChoiceField(label=_("In the name of"))
    kind = forms.ChoiceField(
        label=pgettext_lazy("of an opinion", "What it is"),
        choices=KINDS,
        widget=forms.RadioSelect,
        initial=OpinionKind.PROPOSAL.value,
    )
    text = forms.CharField(
        label=_("Opinion or proposal, with the reason"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    proposed_text = forms.CharField(
        label=_("Proposed wording"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=_(
            "Change the words here; readers see exactly which words you change. Leave it as it is to propose none."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    submission_key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, offices: Choices, clause: str | None, **kwargs: Any) -> None:
        """Offer the offices one may speak for; without a clause no wording can be proposed."""
        super().__init__(*args, **kwargs)
        office = self.fields["office"]
        assert isinstance(office, forms.ChoiceField)  # noqa: S101 - narrows the type
        office.choices = offices
        if len(offices) == 1:
            office.initial = offices[0][0]
            office.widget = forms.HiddenInput()
        self.clause = clause
        if clause is None:
            del self.fields["proposed_text"]
        else:
            self.fields["proposed_text"].initial = clause
        self.fields["submission_key"].initial = identifiers.new_public_id("s")

    def proposed(self) -> str:
        """Give the proposed wording, empty when the clause was left as it is."""
        given = str(self.cleaned_data.get("proposed_text", "")).replace("\r\n", "\n").strip()
        return "" if given == (self.clause or "").strip() else given


class AnswerForm(forms.Form):
    """Take the drafters' answer to one opinion."""

    answer = forms.ChoiceField(label=_("Answer"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        help_text=_("Needed when you refuse, or accept only in part."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: OpinionKind, **kwargs: Any) -> None:
        """Offer the answers that fit the kind."""
        super().__init__(*args, **kwargs)
        field = self.fields["answer"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [(answer.value, ANSWERS[answer.value]) for answer in _fitting(kind)]


class WordingForm(forms.Form):
    """Take the wording that an accepted proposal brings into the text."""

    wording = forms.CharField(
        label=_("Wording"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def _fitting(kind: OpinionKind) -> Iterable[Answer]:
    return ANSWERS_TO.get(kind, ())
