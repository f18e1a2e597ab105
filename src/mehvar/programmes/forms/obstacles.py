"""Take obstacles, product gaps and the steps of their removal from a person."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.rules.escalation import LONGEST_NOTE, LONGEST_TEXT, LONGEST_TITLE
from mehvar.programmes.tables.obstacle_words import CAUSES
from mehvar.ui.fields import DayField, area

Choices = list[tuple[str, Any]]
BODY_HINT = _("The name or the code of one body.")


_F = TypeVar("_F", bound=forms.Field)


def needed(field: _F) -> _F:
    """Mark a field that the step itself asks for, in its own words, so that nobody reads "optional" beside it."""
    field.is_unmarked = True  # type: ignore[attr-defined]
    return field


def offer(form: forms.Form, field: str, choices: Choices) -> None:
    """Give a field its choices; a single one is taken at once."""
    cast("forms.ChoiceField", form.fields[field]).choices = choices


class ObstacleForm(forms.Form):
    """Ask what is in the way, why, and who must decide what."""

    raised_by = forms.ChoiceField(label=_("In the name of"))
    title = forms.CharField(label=_("What is in the way"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("Description"),
        max_length=LONGEST_TEXT,
        widget=area(6),
        help_text=_("What happens, since when, what was tried."),
    )
    cause = forms.ChoiceField(label=_("Cause"), choices=CAUSES)
    decision_needed = forms.CharField(
        label=_("Which decision is needed"), max_length=LONGEST_NOTE, required=False, widget=area(2)
    )
    decision_from = forms.CharField(label=_("From whom"), max_length=300, required=False, help_text=BODY_HINT)
    owner = forms.CharField(
        label=_("Who must remove it"),
        max_length=300,
        required=False,
        help_text=_("The name or the code of one body; without one, who delivers, else your own body."),
    )
    province = forms.ChoiceField(label=_("Province"), required=False)

    def __init__(self, *args: Any, bodies: Choices, provinces: Choices, **kwargs: Any) -> None:
        """Offer the bodies for which one speaks, and the provinces."""
        super().__init__(*args, **kwargs)
        offer(self, "raised_by", bodies)
        offer(self, "province", [("", "–"), *provinces])
        if len(bodies) == 1:
            self.fields["raised_by"].initial = bodies[0][0]
            self.fields["raised_by"].widget = forms.HiddenInput()


class GapForm(forms.Form):
    """Ask which product the market lacks, who needs it, how much, and who could make it (S0.5)."""

    raised_by = forms.ChoiceField(label=_("In the name of"))
    title = forms.CharField(label=_("Product"), max_length=LONGEST_TITLE)
    text = forms.CharField(label=_("What is missing on the market"), max_length=LONGEST_TEXT, widget=area(4))
    product_need = forms.CharField(
        label=_("Who needs it, and what for"), max_length=LONGEST_NOTE, widget=area(3)
    )
    market_size = forms.CharField(
        label=_("How much is needed"),
        max_length=300,
        required=False,
        help_text=_("For example 12,000 pieces a year."),
    )
    could_make = forms.CharField(
        label=_("Who could make it"), max_length=LONGEST_NOTE, required=False, widget=area(2)
    )
    owner = forms.CharField(
        label=_("Who must take care of it"), max_length=300, required=False, help_text=BODY_HINT
    )
    province = forms.ChoiceField(label=_("Province"), required=False)

    def __init__(self, *args: Any, bodies: Choices, provinces: Choices, **kwargs: Any) -> None:
        """Offer the bodies for which one speaks, and the provinces."""
        super().__init__(*args, **kwargs)
        offer(self, "raised_by", bodies)
        offer(self, "province", [("", "–"), *provinces])
        if len(bodies) == 1:
            self.fields["raised_by"].initial = bodies[0][0]
            self.fields["raised_by"].widget = forms.HiddenInput()


class StepForm(forms.Form):
    """Carry the version of what was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class NoteForm(StepForm):
    """Ask why; the step says so where it must be told."""

    note = needed(forms.CharField(label=_("Why"), max_length=LONGEST_NOTE, required=False, widget=area(4)))


class DoneForm(StepForm):
    """Ask what was done."""

    note = needed(
        forms.CharField(label=_("What was done"), max_length=LONGEST_NOTE, required=False, widget=area(4))
    )


class ConfirmForm(StepForm):
    """Let who raised it add a word."""

    note = forms.CharField(label=_("Remark"), max_length=LONGEST_NOTE, required=False, widget=area(2))


class RemedyForm(StepForm):
    """Ask what will be done until when."""

    remedy = needed(
        forms.CharField(label=_("What will be done"), max_length=LONGEST_NOTE, required=False, widget=area(4))
    )
    due_on = needed(DayField(label=_("To be removed by"), required=False))


class DecideForm(StepForm):
    """Ask what was decided, who carries it out, and until when."""

    decision = needed(
        forms.CharField(label=_("Decision"), max_length=LONGEST_NOTE, required=False, widget=area(4))
    )
    owner = forms.CharField(
        label=_("Who carries it out"),
        max_length=300,
        required=False,
        help_text=_("The name or the code of one body; without one, who has it to remove now."),
    )
    due_on = needed(DayField(label=_("To be removed by"), required=False))


class AssignForm(StepForm):
    """Ask who must remove it."""

    owner = forms.CharField(label=_("Who must remove it"), max_length=300, help_text=BODY_HINT)
    note = forms.CharField(label=_("Why"), max_length=LONGEST_NOTE, required=False, widget=area(2))


class MergeForm(StepForm):
    """Ask with which obstacle a duplicate is joined."""

    into = forms.ChoiceField(label=_("Join it with"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, offered: Choices, **kwargs: Any) -> None:
        """Offer the live ones of the same kind."""
        super().__init__(*args, **kwargs)
        offer(self, "into", offered)


class PublishForm(StepForm):
    """Ask for the words that the public reads."""

    title = needed(forms.CharField(label=_("Title for the public"), max_length=LONGEST_TITLE, required=False))
    words = needed(
        forms.CharField(
            label=_("Words for the public"),
            max_length=4_000,
            required=False,
            widget=area(6),
            help_text=_(
                "Your own words. Name no people and nobody who can be recognised without having agreed."
            ),
        )
    )


class ClosureForm(forms.Form):
    """Ask for a day that the published calendar does not know."""

    day = DayField(label=_("Day"))
    worked = forms.ChoiceField(
        label=_("What holds on this day"),
        choices=[
            ("off", _("Offices are closed")),
            ("worked", _("It is worked, although it is a day of rest")),
        ],
        widget=forms.RadioSelect,
        initial="off",
    )
    reason = forms.CharField(label=_("Why"), max_length=200)
