"""Take what people enter when they promulgate, modify or check a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_NUMBER = 80
LONGEST_REASON = 4000
KINDS = (
    ("withdrawn", _("Withdraw it: it is not in force any more, and nothing takes its place")),
    ("superseded", _("Supersede it: another directive takes its place")),
    ("amended", _("Amend it: it stays in force as another directive changes it")),
)


class NumberForm(forms.Form):
    """Ask under which number a directive is promulgated."""

    number = forms.CharField(
        label=_("Number"),
        max_length=LONGEST_NUMBER,
        help_text=_("Proposed after the issuer's last number of this year; it can be changed."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ModificationForm(forms.Form):
    """Ask what becomes of a promulgated directive, by which other one, and why."""

    kind = forms.ChoiceField(
        label=_("What becomes of the directive?"),
        choices=KINDS,
        widget=forms.RadioSelect,
        initial="withdrawn",
    )
    by = forms.ChoiceField(
        label=_("By which directive?"),
        required=False,
        help_text=_("Only when it is superseded or amended."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        help_text=_("Everyone can read it on the public page. A withdrawal needs one."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, others: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        """Offer the directives of the same issuer that are in force."""
        super().__init__(*args, **options)
        field = self.fields["by"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [("", "–"), *others]

    def clean(self) -> dict[str, Any]:
        """Ask for the other directive where one is needed."""
        given = super().clean() or {}
        if given.get("kind") in {"superseded", "amended"} and not given.get("by"):
            self.add_error("by", _("Choose the directive that does it."))
        return given


class DocumentForm(forms.Form):
    """Take a document that somebody wants to check."""

    document = forms.FileField(
        label=_("Document"),
        help_text=_("The PDF that you hold, or its XML or JSON. At most 20 MB. It is compared and not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.xml,.json"}),
        allow_empty_file=True,
    )
