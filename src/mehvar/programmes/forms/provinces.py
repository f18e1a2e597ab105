"""Take committees' proposals, their answers, meetings with stakeholders, commitments, and recognition from a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mehvar.programmes.data import CommitmentState, Criterion
from mehvar.programmes.forms.obstacles import Choices, StepForm, offer
from mehvar.programmes.forms.progress import Percent, WholeNumber
from mehvar.programmes.rules.escalation import LONGEST_NOTE, LONGEST_TEXT, LONGEST_TITLE
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS
from mehvar.programmes.tables.obstacle_words import (
    ANSWERS,
    COMMITMENT_STATES,
    CRITERIA,
    CRITERIA_MEAN,
    MEETING_KINDS,
)
from mehvar.ui.fields import DayField, area

OFFICES = _("Name offices, never people.")


class ProposalForm(forms.Form):
    """Ask what a provincial committee proposes to the ministry."""

    committee = forms.ChoiceField(label=_("Committee"))
    title = forms.CharField(label=pgettext_lazy("province", "Proposal"), max_length=LONGEST_TITLE)
    text = forms.CharField(label=_("Reasons"), max_length=LONGEST_TEXT, widget=area(6))

    def __init__(self, *args: Any, committees: Choices, **kwargs: Any) -> None:
        """Offer the committees for which one proposes."""
        super().__init__(*args, **kwargs)
        offer(self, "committee", committees)


class AnswerForm(StepForm):
    """Ask how the ministry answers."""

    answer = forms.ChoiceField(label=_("Answer"), choices=ANSWERS[1:], widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=area(4),
        help_text=_("Needed when you refuse, or accept only in part."),
    )


class PromiseForm(forms.Form):
    """Ask what was promised, by which office, until when."""

    text = forms.CharField(label=_("Commitment"), max_length=LONGEST_TEXT, widget=area(2))
    promised_by = forms.CharField(label=_("Promised by (office)"), max_length=200, help_text=OFFICES)
    due_on = DayField(label=_("Due"), required=False)


class MeetingForm(forms.Form):
    """Ask with which offices one met, on what, and what was promised."""

    organisation = forms.ChoiceField(label=_("Body"))
    held_on = DayField(label=_("Date"))
    kind = forms.ChoiceField(label=_("Kind"), choices=MEETING_KINDS)
    with_whom = forms.CharField(label=_("With whom (offices)"), max_length=300, help_text=OFFICES)
    subject = forms.CharField(label=_("Subject"), max_length=300)
    notes = forms.CharField(label=_("Notes"), max_length=LONGEST_TEXT, required=False, widget=area(5))

    def __init__(self, *args: Any, bodies: Choices, **kwargs: Any) -> None:
        """Offer the bodies for which one keeps meetings."""
        super().__init__(*args, **kwargs)
        offer(self, "organisation", bodies)
        if len(bodies) == 1:
            self.fields["organisation"].initial = bodies[0][0]
            self.fields["organisation"].widget = forms.HiddenInput()


class MoveDateForm(StepForm):
    """Ask for the new date of a commitment, and why it moves."""

    due_on = DayField(label=_("New date"))
    reason = forms.CharField(label=_("Why"), max_length=LONGEST_NOTE, required=False, widget=area(2))


class SettleForm(StepForm):
    """Ask what became of a commitment."""

    state = forms.ChoiceField(
        label=_("What became of it"),
        choices=[row for row in COMMITMENT_STATES if row[0] != CommitmentState.OPEN],
        widget=forms.RadioSelect,
    )
    settled_on = DayField(label=_("On"), required=False)
    note = forms.CharField(
        label=_("Remark"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=area(2),
        help_text=_("Needed when it was not kept."),
    )


class EditionForm(forms.Form):
    """Ask for a recognition's period, criteria, places and threshold."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Title"), max_length=300)
    period = forms.CharField(
        label=_("Period"), max_length=16, help_text=_("For example 1405, 1405-Q3, 2026 or 2026-H2.")
    )
    places = WholeNumber(label=_("How many provinces are awarded"), min_value=1, max_value=60, initial=5)
    threshold = Percent(label=_("Completeness needed to be ranked, %"), initial=80)
    note = forms.CharField(label=_("Words for the public"), max_length=4_000, required=False, widget=area(3))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add a weight for each criterion."""
        super().__init__(*args, **kwargs)
        for code, label in CRITERIA:
            self.fields[code] = Percent(
                label=label, initial=DEFAULT_WEIGHTS[Criterion(code)], help_text=CRITERIA_MEAN[code]
            )

    def weights(self) -> dict[str, int]:
        """Give the weights by criterion."""
        return {code: int(self.cleaned_data[code] or 0) for code, _label in CRITERIA}
