"""Take what people enter about council sessions and resolutions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.directives.data import CouncilDecision
from mehvar.ui.fields import StatedDateField, area

Choices = list[tuple[str, Any]]

LANGUAGES = [("fa", "فارسی"), ("vi", "Tiếng Việt"), ("en", "English")]
DECISIONS_ON_DIRECTIVE: Choices = [
    (CouncilDecision.PASSED.value, _("Pass it on to the minister")),
    (CouncilDecision.RETURNED.value, _("Return it for revision")),
    (CouncilDecision.POSTPONED.value, _("Postpone it")),
]
DECISIONS_ON_OTHERS: Choices = [
    ("", _("No decision")),
    (CouncilDecision.NOTED.value, _("Note it")),
    (CouncilDecision.POSTPONED.value, _("Postpone it")),
]


class SessionForm(forms.Form):
    """Plan a session: of which committee, when and where."""

    committee = forms.TypedChoiceField(label=_("Council or committee"), coerce=int)
    held_on = StatedDateField(label=_("Date"))
    starts_at = forms.TimeField(
        label=_("Time"),
        required=False,
        help_text=_("For example 14:30."),
        widget=forms.TimeInput(attrs={"dir": "ltr"}),
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    language = forms.ChoiceField(label=_("Language of the minutes"), choices=LANGUAGES)

    def __init__(self, *args: Any, committees: Choices, **kwargs: Any) -> None:
        """Offer the committees that the person runs."""
        super().__init__(*args, **kwargs)
        field = self.fields["committee"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - narrows the type
        field.choices = committees


class ChangeSessionForm(forms.Form):
    """Change when and where a session is held."""

    held_on = StatedDateField(label=_("Date"))
    starts_at = forms.TimeField(label=_("Time"), required=False, widget=forms.TimeInput(attrs={"dir": "ltr"}))
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)


class MatterForm(forms.Form):
    """Name a matter of one's own for the agenda."""

    title = forms.CharField(label=_("Matter"), max_length=600, widget=forms.TextInput(attrs={"dir": "auto"}))


class ItemForm(forms.Form):
    """Write down what was said on a matter and what was concluded."""

    discussion = forms.CharField(label=_("Discussion"), required=False, max_length=50_000, widget=area(6))
    conclusion = forms.CharField(label=_("Conclusion"), required=False, max_length=20_000, widget=area(3))
    decision = forms.ChoiceField(label=_("Decision"), required=False, widget=forms.RadioSelect)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, on_directive: bool, **kwargs: Any) -> None:
        """Offer the decisions that fit the matter."""
        super().__init__(*args, **kwargs)
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = DECISIONS_ON_DIRECTIVE if on_directive else DECISIONS_ON_OTHERS


class MinutesForm(forms.Form):
    """Write the general part of the minutes."""

    minutes = forms.CharField(label=_("Minutes"), required=False, max_length=100_000, widget=area(10))
    version = forms.IntegerField(widget=forms.HiddenInput)


class ResolutionForm(forms.Form):
    """Adopt a resolution: what, who owes it, by when."""

    text = forms.CharField(label=_("Resolution"), max_length=20_000, widget=area(3))
    owner = forms.CharField(
        label=_("Owner"),
        max_length=300,
        help_text=_("Name or code of the body that owes it."),
        widget=forms.TextInput(attrs={"list": "owners", "dir": "auto"}),
    )
    due = StatedDateField(label=_("Due"), required=False)
    item = forms.TypedChoiceField(label=_("Under the matter"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, items: Choices, **kwargs: Any) -> None:
        """Offer the matters of the agenda."""
        super().__init__(*args, **kwargs)
        field = self.fields["item"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - narrows the type
        field.choices = [("", _("None of them")), *items]


class NoteForm(forms.Form):
    """Take a note on a resolution."""

    note = forms.CharField(label=_("Note"), required=False, max_length=10_000, widget=area(3))
    version = forms.IntegerField(widget=forms.HiddenInput)


class ClaimForm(NoteForm):
    """Report a resolution as done, with what proves it."""

    evidence = forms.FileField(label=_("Evidence"), required=False, help_text=_("At most 20 MB."))
    field_order = ("note", "evidence", "version")


class ExtendResolutionForm(NoteForm):
    """Give a resolution more time."""

    due = StatedDateField(label=_("New date"))
    field_order = ("due", "note", "version")
