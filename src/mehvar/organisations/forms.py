"""Take what people enter about bodies, committees, groups and people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from mehvar.accounts import queries as accounts
from mehvar.accounts.data import Role
from mehvar.kernel import clock, text
from mehvar.kernel.errors import MehvarError
from mehvar.organisations import queries
from mehvar.organisations.data import (
    BodyType,
    Capacity,
    CommitteeKind,
    NameKind,
    SuccessionKind,
)
from mehvar.organisations.models import Organisation, OrganisationName
from mehvar.organisations.queries import words
from mehvar.organisations.rules import bodies
from mehvar.ui.fields import DayField

if TYPE_CHECKING:
    from enum import StrEnum

    from mehvar.accounts.models import User

SHOWN_CANDIDATES = 6
NAME_FIELDS = {"fa": "name_fa", "vi": "name_vi", "en": "name_en"}


def choices(kind: type[StrEnum], named: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Offer every member of an enumeration under its word."""
    return [(member.value, named[member.value]) for member in kind]


class BodyField(forms.CharField):
    """Take a body by its code or by any of its names; where several bear the name, they are listed."""

    def __init__(self, **kwargs: Any) -> None:
        """Say how to find a body."""
        kwargs.setdefault("help_text", _("Its name, or its code where several bear the name."))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Organisation | None:
        """Find the body.

        Raises:
            ValidationError: None or several are found.
        """
        written = super().clean(value).strip()
        if not written:
            return None
        found = _bodies_called(written)
        if not found:
            raise forms.ValidationError(gettext("No body is called “%(name)s”.") % {"name": written})
        if len(found) > 1:
            listed = "; ".join(_candidate(body) for body in found[:SHOWN_CANDIDATES])
            raise forms.ValidationError(
                gettext("Several bodies are called so. Give the code of one: %(bodies)s") % {"bodies": listed}
            )
        return found[0]


def _bodies_called(written: str) -> list[Organisation]:
    """Give the bodies with a code, else with exactly that name, else with these words in a name."""
    if coded := list(Organisation.objects.filter(code=written)):
        return coded
    folded = text.fold_for_search(written)
    exact = OrganisationName.objects.filter(folded=folded).values("organisation_id")
    if found := list(Organisation.objects.filter(pk__in=exact).order_by("path")[: SHOWN_CANDIDATES + 1]):
        return found
    return list(queries.search(written)[: SHOWN_CANDIDATES + 1]) if folded else []


def _candidate(body: Organisation) -> str:
    """Write a body with its code."""
    return f"{queries.name_in(body, get_language() or 'en')} ({body.code})"


class PersonField(forms.EmailField):
    """Take a person by the e-mail address of the account."""

    def clean(self, value: Any) -> User | None:
        """Find the person.

        Raises:
            ValidationError: Nobody has the address.
        """
        address = super().clean(value)
        if not address:
            return None
        try:
            return accounts.person_by_email(address)
        except MehvarError as wrong:
            raise forms.ValidationError(said(wrong)) from None


def said(error: MehvarError) -> str:
    """Say an error in the reader's language."""
    return error.formatted(gettext(error.message))


class AttributesField(forms.CharField):
    """Take attributes as ``industrial=yes; region=north``."""

    def prepare_value(self, value: Any) -> Any:
        """Write stored attributes the way they are entered."""
        return bodies.attributes_to(value) if isinstance(value, Mapping) else value

    def clean(self, value: Any) -> dict[str, Any]:
        """Read the attributes.

        Raises:
            ValidationError: A part is not of the form ``key=value``.
        """
        try:
            return bodies.attributes_from(text.to_ascii_digits(super().clean(value)))
        except MehvarError as wrong:
            raise forms.ValidationError(said(wrong)) from None


class VersionedForm(forms.Form):
    """Remember which version of a thing the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class NamesForm(forms.Form):
    """Take official names in the three languages."""

    name_fa = forms.CharField(label=_("Official name in Persian"), max_length=300, required=False)
    name_vi = forms.CharField(label=_("Official name in Vietnamese"), max_length=300, required=False)
    name_en = forms.CharField(label=_("Official name in English"), max_length=300, required=False)

    def official(self) -> dict[str, str]:
        """Give the names by language."""
        return {language: self.cleaned_data[field] for language, field in NAME_FIELDS.items()}


class BodyForm(forms.Form):
    """Take what is said of a body besides its names."""

    type = forms.ChoiceField(label=_("Kind"), choices=lambda: choices(BodyType, words.TYPE_WORDS))
    email = forms.EmailField(label=_("E-mail address"), required=False)
    valid_from = DayField(label=_("Exists from"), required=False)
    valid_to = DayField(label=_("Exists until"), required=False)
    attributes = AttributesField(
        label=_("Attributes"),
        required=False,
        help_text=_("For example industrial=yes; region=north"),
    )


class CreateForm(NamesForm, BodyForm):
    """Take a new body."""

    parent = BodyField(label=_("Stands below"), required=False)
    code = forms.CharField(
        label=_("Code"),
        max_length=80,
        help_text=_("Never changes. Small Latin letters, digits, dots: ir.mict"),
    )
    field_order = ("parent", "code", "type", "name_fa", "name_vi", "name_en")


class EditForm(BodyForm, VersionedForm):
    """Take changes to a body."""


class RenameForm(NamesForm, VersionedForm):
    """Take new official names from a day."""

    on = DayField(label=_("From the day"))
    field_order = ("on", "name_fa", "name_vi", "name_en")


class NameForm(VersionedForm):
    """Take one dated name of a body."""

    text = forms.CharField(label=_("Name"), max_length=300)
    language = forms.ChoiceField(label=_("Language"), choices=lambda: list(words.LANGUAGE_WORDS.items()))
    kind = forms.ChoiceField(
        label=_("Sort of name"), choices=lambda: choices(NameKind, words.NAME_KIND_WORDS)
    )
    valid_from = DayField(label=_("Holds from"), required=False)
    valid_to = DayField(label=_("Holds until"), required=False)


class CorrectNameForm(VersionedForm):
    """Take the correction of a name."""

    text = forms.CharField(label=_("Name"), max_length=300)
    valid_from = DayField(label=_("Holds from"), required=False)
    valid_to = DayField(label=_("Holds until"), required=False)


class AliasForm(forms.Form):
    """Take an alias by which documents call a body."""

    text = forms.CharField(label=_("Alias"), max_length=300)
    language = forms.ChoiceField(label=_("Language"), choices=lambda: list(words.LANGUAGE_WORDS.items()))


class MoveForm(VersionedForm):
    """Take the new place of a body."""

    parent = BodyField(label=_("Stands below"))


class SuccessionForm(forms.Form):
    """Take the end of a body and who answers for it from then."""

    successor = BodyField(
        label=_("Successor"),
        required=False,
        help_text=_("Leave empty when the body is dissolved without one."),
    )
    on = DayField(label=_("On the day"))
    kind = forms.ChoiceField(
        label=pgettext_lazy("succession", "What happens"),
        choices=lambda: choices(SuccessionKind, words.SUCCESSION_WORDS),
    )
    note = forms.CharField(label=_("Source, for example the decree"), max_length=300, required=False)


class DayForm(forms.Form):
    """Take one day; today when nothing is written."""

    on = DayField(label=_("On the day"), required=False)

    def day(self) -> date:
        """Give the day."""
        chosen: date | None = self.cleaned_data.get("on") if self.is_valid() else None
        return chosen or clock.today()


class ExceptionForm(forms.Form):
    """Take an exception from a group's rule."""

    body = BodyField(label=_("Body"))
    included = forms.ChoiceField(
        label=_("Counts as a member"), choices=[("yes", _("yes")), ("no", _("no"))], widget=forms.RadioSelect
    )
    valid_from = DayField(label=_("Holds from"), required=False)
    valid_to = DayField(label=_("Holds until"), required=False)


class CommitteeForm(forms.Form):
    """Take a new committee."""

    name = forms.CharField(label=_("Name"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: choices(CommitteeKind, words.COMMITTEE_WORDS))
    mandate = forms.CharField(label=_("Mandate"), widget=forms.Textarea(attrs={"rows": 6}))
    quorum = forms.IntegerField(
        label=_("Quorum, in percent of those who vote"), min_value=1, max_value=100, initial=50
    )
    established_on = DayField(label=_("Established on"))


class ChangeCommitteeForm(VersionedForm):
    """Take changes to a committee."""

    name = forms.CharField(label=_("Name"), max_length=300)
    mandate = forms.CharField(label=_("Mandate"), widget=forms.Textarea(attrs={"rows": 6}))
    quorum = forms.IntegerField(label=_("Quorum, in percent of those who vote"), min_value=1, max_value=100)


class DissolveForm(VersionedForm):
    """Take the end of a committee."""

    on = DayField(label=_("On the day"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class MemberForm(forms.Form):
    """Take a new member of a committee."""

    user = PersonField(label=_("E-mail address of the person"), required=False)
    office = forms.CharField(
        label=pgettext_lazy("position", "Office"),
        max_length=200,
        required=False,
        help_text=_("Where an office sits and not a person."),
    )
    organisation = BodyField(label=_("Body that the member stands for"), required=False)
    capacity = forms.ChoiceField(label=_("Sits as"), choices=lambda: choices(Capacity, words.CAPACITY_WORDS))
    valid_from = DayField(label=_("Holds from"), required=False)


class PositionForm(forms.Form):
    """Take a position for a person."""

    organisation = BodyField(label=_("Body"))
    role = forms.ChoiceField(label=_("Role"), choices=lambda: choices(Role, words.ROLE_WORDS))
    title = forms.CharField(label=pgettext_lazy("position", "Title"), max_length=200, required=False)
    valid_from = DayField(label=_("Holds from"), required=False)
    valid_to = DayField(label=_("Holds until"), required=False)


class InvitationForm(forms.Form):
    """Take an invitation into a position."""

    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=lambda: list(words.LANGUAGE_WORDS.items()))
    organisation = BodyField(label=_("Body"))
    role = forms.ChoiceField(label=_("Role"), choices=lambda: choices(Role, words.ROLE_WORDS))
    title = forms.CharField(label=pgettext_lazy("position", "Title"), max_length=200, required=False)


class SheetForm(forms.Form):
    """Take a spreadsheet."""

    kind = forms.ChoiceField(
        label=_("What the file holds"),
        choices=[
            ("organisations", _("bodies")),
            ("names", _("names")),
            ("positions", _("positions of people")),
        ],
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV in UTF-8, or XLSX; at most 5 MB and 50,000 rows, of which 3,000 change something."),
    )
