"""Take the head of a directive, its citations, fields and clauses from a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mehvar.directives.forms.imports import issuer_choices
from mehvar.directives.queries import duties
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.fields import DayField, area

if TYPE_CHECKING:
    from mehvar.directives.models import Directive
    from mehvar.organisations.data import Authority

KINDS = (
    ("directive", _("Directive")),
    ("resolution", _("Resolution")),
    ("programme", _("Programme")),
    ("plan", pgettext_lazy("document", "Plan")),
    ("circular", _("Circular")),
)
PROVISION_KINDS = (
    ("part", _("Part")),
    ("chapter", _("Chapter")),
    ("section", _("Section")),
    ("article", _("Article")),
    ("clause", pgettext_lazy("of an article", "Clause")),
    ("point", _("Point")),
    ("note", _("Note")),
    ("paragraph", _("Paragraph")),
    ("annex", _("Annex")),
)


class NewDirectiveForm(forms.Form):
    """Ask for the least with which a directive can begin."""

    title = forms.CharField(label=_("Title"), max_length=600, widget=area(2))
    issuer = forms.ChoiceField(label=_("Issued by"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, authority: Authority, **kwargs: Any) -> None:
        """Offer the bodies for which the person may draft."""
        super().__init__(*args, **kwargs)
        issuer = cast("forms.ChoiceField", self.fields["issuer"])
        issuer.choices = issuer_choices(authority, Permission.DRAFT_DIRECTIVE)


class HeadForm(forms.Form):
    """Ask for what a directive says of itself."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), max_length=600, widget=area(2))
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    number = forms.CharField(
        label=_("Number"), max_length=80, required=False, help_text=_("May stay empty until promulgation.")
    )
    goal = forms.CharField(label=_("General goal"), required=False, widget=area(4))
    motto = forms.CharField(label=_("Motto"), max_length=300, required=False)
    legal_basis = forms.CharField(label=_("Legal basis"), required=False, widget=area(4))
    role_statement = forms.CharField(
        label=_("Role of the ministry"),
        required=False,
        widget=area(3),
        help_text=_("What the ministry answers for here, in words for everyone."),
    )
    theme = forms.ChoiceField(label=_("Annual theme"), required=False)
    dated_on = DayField(label=_("Dated"), required=False)
    effective_on = DayField(label=_("Effective from"), required=False)
    acknowledge_within_days = forms.IntegerField(label=_("Days to acknowledge"), min_value=1, max_value=365)

    def __init__(self, *args: Any, directive: Directive, **kwargs: Any) -> None:
        """Start from what the directive holds now."""
        names = [name for name in self.base_fields if name not in {"theme", "version"}]
        initial = {name: getattr(directive, name) for name in names}
        kwargs.setdefault(
            "initial", initial | {"theme": directive.theme_id or "", "version": directive.version}
        )
        super().__init__(*args, **kwargs)
        choices = [(str(theme.pk), str(theme)) for theme in duties.themes()]
        theme_field = cast("forms.ChoiceField", self.fields["theme"])
        theme_field.choices = [("", "–"), *choices]
        kind = cast("forms.ChoiceField", self.fields["kind"])
        if directive.kind not in dict(KINDS):
            kind.choices = [*KINDS, (directive.kind, directive.kind)]

    def changes(self) -> dict[str, Any]:
        """Give what the person changed."""
        found = {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}
        if "theme" in found:
            found["theme"] = int(found["theme"]) if found["theme"] else None
        return found


class CitationForm(forms.Form):
    """Ask for one legal document that is cited."""

    raw = forms.CharField(label=_("As written"), max_length=600, required=False)
    kind = forms.CharField(label=_("Kind"), max_length=80, required=False)
    number = forms.CharField(label=_("Number"), max_length=80, required=False)
    dated_on = DayField(label=_("Dated"), required=False, help_text="")
    issuer_name = forms.CharField(label=_("Issued by"), max_length=300, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=600, required=False)
    to_disseminate = forms.BooleanField(label=_("To be disseminated by every body"), required=False)


class FieldForm(forms.Form):
    """Ask for one field of work."""

    key = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Field"), max_length=600, required=False)
    declared_count = forms.IntegerField(
        label=_("Declared tasks"), min_value=0, max_value=100_000, required=False
    )


CitationFormSet = forms.formset_factory(CitationForm, extra=3)
FieldFormSet = forms.formset_factory(FieldForm, extra=3)


class ProvisionForm(forms.Form):
    """Ask for one clause."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=PROVISION_KINDS)
    number = forms.CharField(label=_("Number"), max_length=40, required=False)
    heading = forms.CharField(label=_("Heading"), max_length=1000, required=False)
    text = forms.CharField(label=_("Text"), required=False, widget=area(6))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keep a kind that the document brought with it."""
        super().__init__(*args, **kwargs)
        present = (self.initial or {}).get("kind", "clause")
        if present not in dict(PROVISION_KINDS):
            kind = cast("forms.ChoiceField", self.fields["kind"])
            kind.choices = [*PROVISION_KINDS, (present, present)]


class TableUploadForm(forms.Form):
    """Ask for a table of measures in the format of the export."""

    file = forms.FileField(
        label=_("Table (CSV or XLSX)"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"})
    )
