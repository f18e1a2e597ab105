"""Take rounds, progress, requests for more time, claims and judgements from a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.kernel.text import to_ascii_digits
from mehvar.programmes.data import Rating
from mehvar.programmes.rules.progress import LONGEST_REASON, LONGEST_TEXT
from mehvar.ui.fields import DayField, area
from mehvar.ui.reader import reader_of

RATINGS = (
    (Rating.UNKNOWN.value, _("Not rated")),
    (Rating.GREEN.value, _("Green")),
    (Rating.AMBER.value, _("Amber")),
    (Rating.RED.value, _("Red")),
)


class WholeNumber(forms.IntegerField):
    """Read a whole number in any digits, and show a stored one in the reader's."""

    def __init__(self, **options: Any) -> None:
        """Make a short input."""
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 4})
        super().__init__(widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored figure in the reader's digits; what was typed stays as it was."""
        return reader_of().digits(value) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare figures, not digits."""
        try:
            return bool(self.to_python(data) != initial)
        except forms.ValidationError:
            return True

    def to_python(self, value: Any) -> int | None:
        """Read Persian digits and a trailing per cent sign too."""
        plain = to_ascii_digits(str("" if value is None else value)).strip().rstrip("%٪").strip()
        return super().to_python(plain)


class Percent(WholeNumber):
    """Read a whole number from 0 to 100 in any digits."""

    def __init__(self, **options: Any) -> None:
        """Hold it within 0 and 100."""
        super().__init__(min_value=0, max_value=100, **options)


class RoundForm(forms.Form):
    """Ask what is to be reported, for which period and until when."""

    about = forms.ChoiceField(label=_("About"))
    period = forms.CharField(
        label=_("Period"),
        max_length=16,
        help_text=_("A year, half, quarter or month: 1399, 1399-H1, 1399-Q2, 1399-07 or 2020-Q2."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    opens_on = DayField(label=_("Opens"), required=False)
    due_on = DayField(label=_("Reports due"))

    def __init__(self, *args: Any, about: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the directives and programmes that may be asked about."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["about"]).choices = list(about)


class EntryForm(forms.Form):
    """Ask for the progress of one delivery; ``version`` is the report's as it was read."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    claimed = Percent(label=_("Progress so far, %"), required=False)
    self_rating = forms.ChoiceField(label=_("Your own rating"), choices=RATINGS, required=False)
    done_text = forms.CharField(
        label=_("What was done"), required=False, max_length=LONGEST_TEXT, widget=area(2)
    )
    next_text = forms.CharField(
        label=_("What is next"), required=False, max_length=LONGEST_TEXT, widget=area(2)
    )

    def __init__(self, *args: Any, milestones: Sequence[Any] = (), **kwargs: Any) -> None:
        """Add a day for every milestone of the plan; a line may stay empty, so that no field of it is called optional."""
        super().__init__(*args, **kwargs)
        self.milestone_keys = [row["id"] for row in milestones]
        for row in milestones:
            self.fields[f"milestone{row['id']}"] = DayField(
                label=_("“%(milestone)s” reached on") % {"milestone": row["title"]},
                required=False,
                help_text="",
            )
        for field in self.fields.values():
            field.is_unmarked = True  # type: ignore[attr-defined]

    def reached(self) -> dict[int, date]:
        """Give the days on which milestones were reached."""
        days = {key: self.cleaned_data.get(f"milestone{key}") for key in self.milestone_keys}
        return {key: day for key, day in days.items() if day}


FILE_HINT = _("PDF, picture, Word, Excel, OpenDocument, CSV or text; 10 MB at most.")


class EvidenceForm(forms.Form):
    """Ask for a file."""

    delivery = forms.IntegerField(widget=forms.HiddenInput)
    file = forms.FileField(label=_("File"), help_text=FILE_HINT)


class VersionForm(forms.Form):
    """Carry the version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ExtendRoundForm(VersionForm):
    """Ask until when reports are taken."""

    due_on = DayField(label=_("Reports due"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=LONGEST_REASON, widget=area(2))


class ReviewForm(VersionForm):
    """Ask for the figure that a reviewer decides on, and why it differs."""

    figure = Percent(label=_("Figure, %"))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        widget=area(3),
        help_text=_("Needed when the figure differs, and for sending back."),
    )


class ExtensionForm(forms.Form):
    """Ask for a later date."""

    due_on = DayField(label=_("New date"))
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON, widget=area(3))


class DecisionForm(VersionForm):
    """Ask for a decision on more time."""

    due_on = DayField(label=_("Until"), required=False)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=LONGEST_REASON, widget=area(2))


class ClaimForm(forms.Form):
    """Ask for the day of completion and what was delivered."""

    claimed_on = DayField(label=_("Done on"))
    note = forms.CharField(label=_("What was delivered"), max_length=LONGEST_REASON, widget=area(3))


class VerdictForm(VersionForm):
    """Ask for the verdict on a claim."""

    verdict = forms.CharField(
        label=_("Verdict"),
        required=False,
        max_length=LONGEST_REASON,
        widget=area(3),
        help_text=_("Needed when completion is not confirmed."),
    )


class VerifierForm(VersionForm):
    """Ask which body is to verify, by its name or code."""

    verifier = forms.CharField(
        label=_("Body that verifies"), max_length=300, help_text=_("Its name or code in the register.")
    )


class ConfidenceForm(forms.Form):
    """Ask for a judgement with its reason."""

    confidence = forms.ChoiceField(
        label=_("Delivery confidence"), choices=RATINGS[1:], widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON, widget=area(3))
