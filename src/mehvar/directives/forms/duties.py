"""Take themes, legal duties, role statements and outside plans from a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mehvar.directives.forms.imports import issuer_choices
from mehvar.directives.forms.measures import PRIORITIES
from mehvar.directives.queries import duties as queries
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.fields import DayField, area

if TYPE_CHECKING:
    from mehvar.directives.models import LegalDuty
    from mehvar.organisations.data import Authority


class ThemeForm(forms.Form):
    """Ask for the theme of a year."""

    period = forms.CharField(label=_("Year"), max_length=8, help_text=_("For example 1399 or 2026"))
    title = forms.CharField(label=_("Title"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    statement = forms.CharField(label=_("Policies of the year"), required=False, widget=area(4))


class DutyForm(forms.Form):
    """Ask for a legal duty."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        help_text=_("The law, resolution or decree, with its number and date."),
    )
    article = forms.CharField(label=_("Article"), max_length=100, required=False)
    text = forms.CharField(label=_("Duty"), widget=area(3))
    owner = forms.ChoiceField(label=_("Owner"))
    due_on = DayField(label=_("Due"), required=False)
    theme = forms.ChoiceField(label=_("Annual theme"), required=False)
    priority = forms.ChoiceField(label=_("Priority"), choices=PRIORITIES)
    special_project = forms.BooleanField(label=_("Special project"), required=False)

    def __init__(
        self, *args: Any, authority: Authority, duty: LegalDuty | None = None, **kwargs: Any
    ) -> None:
        """Offer owners and themes; start from a present duty."""
        if duty is not None:
            kwargs.setdefault("initial", _values(duty))
        super().__init__(*args, **kwargs)
        owner = cast("forms.ChoiceField", self.fields["owner"])
        owner.choices = issuer_choices(authority, Permission.MANAGE_DUTIES)
        theme = cast("forms.ChoiceField", self.fields["theme"])
        theme.choices = [("", "–"), *((str(item.pk), str(item)) for item in queries.themes())]


def _values(duty: LegalDuty) -> dict[str, Any]:
    return {
        "version": duty.version,
        "source": duty.source,
        "article": duty.article,
        "text": duty.text,
        "owner": duty.owner.code,
        "due_on": duty.due_on,
        "theme": str(duty.theme_id or ""),
        "priority": duty.priority,
        "special_project": duty.special_project,
    }


class FulfilledForm(forms.Form):
    """Ask on which day a duty was fulfilled."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    fulfilled_on = DayField(label=_("Fulfilled on"), required=False)


class RoleForm(forms.Form):
    """Ask for an organisation's role under a theme."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    text = forms.CharField(label=_("Role statement"), widget=area(4))
    publish = forms.BooleanField(label=_("Publish for everyone"), required=False)

    def __init__(self, *args: Any, authority: Authority, **kwargs: Any) -> None:
        """Offer the organisations for which the person may write."""
        super().__init__(*args, **kwargs)
        organisation = cast("forms.ChoiceField", self.fields["organisation"])
        organisation.choices = issuer_choices(authority, Permission.MANAGE_DUTIES)


class PlanForm(forms.Form):
    """Ask for an outside plan and its goals."""

    title = forms.CharField(label=_("Title"), max_length=300)
    owner_name = forms.CharField(label=_("Issued by"), max_length=300, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    goals = forms.CharField(
        label=_("Goals"), widget=area(8), help_text=_("One goal to a line: its code, a colon, its text.")
    )

    def clean_goals(self) -> list[tuple[str, str]]:
        """Give the goals as pairs of code and text.

        Raises:
            ValidationError: A line has no code or no text.
        """
        lines = [line for line in self.cleaned_data["goals"].splitlines() if line.strip()]
        pairs = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        if any(len(pair) != 2 or not all(pair) for pair in pairs):  # noqa: PLR2004 - code and text
            raise ValidationError(_("Write each goal as “code: text”."), code="bad-goal")
        return [(code, text) for code, text in pairs]
