"""Take what people enter about programmes, their measures and templates."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mehvar.kernel import text as words
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import InputError
from mehvar.programmes.data import ProductClass
from mehvar.programmes.queries.audience import Audience
from mehvar.programmes.rules.lines import read_weight, write_number
from mehvar.programmes.rules.plans import LONGEST_LINE, LONGEST_TEXT
from mehvar.ui.fields import DayField, area
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import said

Choices = list[tuple[str, Any]]

PRODUCT_CLASSES = (
    (ProductClass.NONE.value, _("Neither")),
    (ProductClass.CURRENT.value, _("Current products")),
    (ProductClass.EMERGING.value, _("Emerging technology")),
)
CALENDARS = ((Calendar.GREGORIAN.value, _("Gregorian")), (Calendar.JALALI.value, _("Jalali")))
LANGUAGES = (("fa", _("Persian")), ("vi", _("Vietnamese")), ("en", _("English")))
AUDIENCES = (
    (Audience.PROVINCES.value, _("All provinces")),
    (Audience.INDUSTRIAL.value, _("Industrial provinces")),
    (Audience.PICKED.value, _("Bodies picked by hand")),
)


def line(*, required: bool = True, longest: int = LONGEST_LINE, **options: Any) -> forms.CharField:
    """Make a field of one line that takes either direction."""
    widget = forms.TextInput(attrs={"dir": "auto"})
    return forms.CharField(required=required, max_length=longest, widget=widget, **options)


def prose(
    rows: int = 3, *, required: bool = False, longest: int = LONGEST_TEXT, **options: Any
) -> forms.CharField:
    """Make a field of several lines that takes either direction."""
    return forms.CharField(required=required, max_length=longest, widget=area(rows), **options)


def choices_of(form: forms.BaseForm, name: str, choices: Choices) -> None:
    """Offer choices that depend on the person or the place."""
    cast("forms.ChoiceField", form.fields[name]).choices = choices


class WeightField(forms.CharField):
    """Read a weight in any digits; empty weighs 1."""

    def __init__(self, **options: Any) -> None:
        """Make a short input."""
        widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 5, "autocomplete": "off"})
        super().__init__(required=False, max_length=12, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored weight in the reader's digits; what was typed stays as it was."""
        return write_number(value, reader_of().language) if isinstance(value, int | float) else value

    def clean(self, value: Any) -> float:
        """Return the weight.

        Raises:
            ValidationError: It is no weight.
        """
        try:
            return read_weight(super().clean(value))
        except InputError as error:
            raise forms.ValidationError(said(error)) from error


class ProgrammeForm(forms.Form):
    """Ask what a programme is for, who leads it and when it runs."""

    title = line(label=_("Title"))
    purpose = prose(4, label=pgettext_lazy("programme", "Purpose"))
    lead = forms.ChoiceField(label=_("Lead body"))
    theme = forms.ChoiceField(label=_("Theme of the year"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    calendar = forms.ChoiceField(label=_("Calendar"), choices=CALENDARS)
    starts_on = DayField(label=_("Starts"), required=False)
    ends_on = DayField(label=_("Ends"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, leads: Choices, themes: Choices, fixed: bool = False, **kwargs: Any
    ) -> None:
        """Offer the bodies and themes; ``fixed`` leaves out what cannot change later."""
        super().__init__(*args, **kwargs)
        choices_of(self, "lead", leads)
        choices_of(self, "theme", [("", _("None")), *themes])
        if len(leads) == 1:
            self.fields["lead"].initial = leads[0][0]
        if fixed:
            for name in ("lead", "language", "calendar"):
                del self.fields[name]


class ObjectiveForm(forms.Form):
    """Ask for one objective; an emptied row goes."""

    key = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = prose(2, label=_("Objective"))
    field = line(label=_("Field"), required=False, longest=600)


ObjectiveFormSet = forms.formset_factory(ObjectiveForm, extra=3)


class GatherForm(forms.Form):
    """Ask which measures of a directive the programme gathers."""

    measures = forms.MultipleChoiceField(label=_("Measures"), widget=forms.CheckboxSelectMultiple)
    objective = forms.ChoiceField(label=_("Objective"), required=False)
    product_class = forms.ChoiceField(label=_("Product class"), choices=PRODUCT_CLASSES)

    def __init__(self, *args: Any, measures: Choices, objectives: Choices, **kwargs: Any) -> None:
        """Offer what is not gathered yet; all is chosen at first."""
        super().__init__(*args, **kwargs)
        choices_of(self, "measures", measures)
        self.fields["measures"].initial = [value for value, _label in measures]
        choices_of(self, "objective", [("", _("The directive's fields")), *objectives])


class MeasureForm(forms.Form):
    """Ask for a measure: all of an own one, the programme's part of a directive's."""

    text = prose(3, label=_("Measure"), required=True)
    objective = forms.ChoiceField(label=_("Objective"), required=False)
    body = line(
        label=_("Body"),
        required=False,
        help_text=_("Official name or code. Left empty, every called body serves it in its plan."),
    )
    due_on = DayField(label=_("Due"), required=False)
    outcome_indicator = prose(2, label=_("Outcome that people feel"))
    product_class = forms.ChoiceField(label=_("Product class"), choices=PRODUCT_CLASSES)
    weight = WeightField(label=_("Weight"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, objectives: Choices, leave_out: tuple[str, ...] = (), **kwargs: Any
    ) -> None:
        """Offer the objectives; ``leave_out`` names what is not asked."""
        super().__init__(*args, **kwargs)
        choices_of(self, "objective", [("", _("None")), *objectives])
        for name in leave_out:
            del self.fields[name]


class AudienceForm(forms.Form):
    """Ask whom to call."""

    audience = forms.ChoiceField(
        label=_("Whom to ask"), choices=AUDIENCES, widget=forms.RadioSelect, initial=Audience.PROVINCES.value
    )
    picked = prose(
        3,
        label=_("Bodies picked by hand"),
        help_text=_("Official names or codes, one a line. Only read when picked by hand is chosen."),
    )


class DeriveForm(AudienceForm):
    """Ask for whom a local measure is derived, and with which words and date."""

    text = prose(
        3, label=_("Local wording"), help_text=_("Left empty, the words of the national measure hold.")
    )
    due_on = DayField(label=_("Due"), required=False)


class TemplateForm(forms.Form):
    """Ask under which title a finished programme is kept as a template."""

    title = line(label=_("Title"))


class StartForm(forms.Form):
    """Ask how a programme starts from a template."""

    title = line(label=_("Title of the new programme"))
    lead = forms.ChoiceField(label=_("Lead body"))
    starts_on = DayField(label=_("First day"))
    calendar = forms.ChoiceField(label=_("Calendar"), choices=CALENDARS)

    def __init__(self, *args: Any, leads: Choices, **kwargs: Any) -> None:
        """Offer the bodies that the person leads programmes for."""
        super().__init__(*args, **kwargs)
        choices_of(self, "lead", leads)


class ReasonForm(forms.Form):
    """Ask for a reason; whether it is needed, the rules say."""

    reason = prose(4, label=_("Reason"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def stripped(written: str) -> str:
    """Give what people typed in its clean form, lines kept."""
    lines = written.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(words.display_form(one) for one in lines).strip()
