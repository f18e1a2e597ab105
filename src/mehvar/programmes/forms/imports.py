"""Take a spreadsheet from a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.data import SheetKind


class SheetForm(forms.Form):
    """Ask for the file; for reports also whether they are submitted."""

    file = forms.FileField(
        label=_("Spreadsheet (XLSX or CSV)"),
        help_text=_("At most 20,000 rows and 10 MB. Begin with the export or the empty file above."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        allow_empty_file=True,
    )
    submit = forms.BooleanField(
        label=_("Submit the reports as well"),
        required=False,
        help_text=_("Otherwise they are kept as drafts, which only your body sees."),
    )

    def __init__(self, *args: Any, kind: SheetKind, **kwargs: Any) -> None:
        """Ask about submitting only where there is something to submit."""
        super().__init__(*args, **kwargs)
        if kind is not SheetKind.REPORTS:
            del self.fields["submit"]
