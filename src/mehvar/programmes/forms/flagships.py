"""Take an identity sheet in three languages from a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.data import FlagshipMark
from mehvar.programmes.rules.flagships import LANGUAGES, LONGEST, FlagshipCriterion, SheetField

MARKS = (
    (FlagshipMark.DRIVER.value, _("Driver: other projects move because of it")),
    (FlagshipMark.HOPE_GIVING.value, _("Hope-giving: people feel that things get better")),
)
CRITERIA = {
    FlagshipCriterion.PEOPLE_FEEL: _("People feel its outcome in their lives"),
    FlagshipCriterion.DRIVES_OTHERS: _("Other projects and bodies move because of it"),
    FlagshipCriterion.OWNER_AND_DATE: _("It has one owner and a date"),
    FlagshipCriterion.VERIFIED_PROGRESS: _("Its progress is verified, not only claimed"),
    FlagshipCriterion.REPEATABLE: _("Other provinces can repeat it"),
    FlagshipCriterion.HOME_MADE: _("It builds on products and firms of the country"),
}
FIELDS = {
    SheetField.NAME: _("Name"),
    SheetField.SUMMARY: _("What it is"),
    SheetField.PEOPLE_FEEL: _("What people feel of it"),
    SheetField.OWNER: _("Responsible"),
    SheetField.PARTNERS: _("Partners"),
    SheetField.BUDGET: _("Budget"),
    SheetField.NEXT: _("Next step"),
}
LANGUAGE_NAMES = {"fa": "فارسی", "vi": "Tiếng Việt", "en": "English"}
LONG_FIELDS = frozenset({SheetField.SUMMARY, SheetField.PEOPLE_FEEL})


class FlagshipForm(forms.Form):
    """Ask for mark, criteria with reasons, and the sheet in every language."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    measure = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Project"), max_length=300, widget=forms.TextInput(attrs={"dir": "auto"}))
    mark = forms.ChoiceField(label=_("Mark"), choices=MARKS, widget=forms.RadioSelect)
    programme = forms.ChoiceField(
        label=_("Programme"), required=False, help_text=_("Its four cells and verified progress are shown.")
    )

    def __init__(self, *args: Any, programmes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Add a field for every criterion, and for every line of the sheet in every language."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["programme"]).choices = [("", _("None")), *programmes]
        for code, label in CRITERIA.items():
            self.fields[code.value] = _text(label, rows=1)
        for language in LANGUAGES:
            for name, label in FIELDS.items():
                self.fields[f"{language}_{name.value}"] = _text(label, rows=3 if name in LONG_FIELDS else 1)

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Give the fields of the sheet by language, for the page."""
        return [
            (LANGUAGE_NAMES[language], [self[f"{language}_{name.value}"] for name in FIELDS])
            for language in LANGUAGES
        ]

    def criteria_fields(self) -> list[Any]:
        """Give the fields of the criteria, for the page."""
        return [self[code.value] for code in CRITERIA]

    def values(self) -> dict[str, Any]:
        """Give what the action takes."""
        given = self.cleaned_data
        return {
            "title": given["title"],
            "mark": given["mark"],
            "programme_id": int(given["programme"]) if given["programme"] else None,
            "criteria": {code.value: given[code.value] for code in CRITERIA},
            "sheet": {
                language: {name.value: given[f"{language}_{name.value}"] for name in FIELDS}
                for language in LANGUAGES
            },
        }


def _text(label: Any, *, rows: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, required=False, max_length=LONGEST, widget=widget)
