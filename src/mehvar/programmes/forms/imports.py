"""Take a spreadsheet from a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.data import SheetKind
from mehvar.programmes.rules.imports import most_rows
from mehvar.programmes.rules.workbooks.opening import MAX_ROWS

_LONG = _(
    "CSV: at most 100,000 rows and 32 MB; XLSX: at most 20,000 rows and 10 MB. Begin with the export or the empty file above."
)
_WHOLE = _("At most 20,000 rows and 10 MB. Begin with the export or the empty file above.")


class SheetForm(forms.Form):
    """Ask for the file; for reports also whether they are submitted."""

    file = forms.FileField(
        label=_("Spreadsheet (XLSX or CSV)"),
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
        self.fields["file"].help_text = _WHOLE if most_rows(kind) == MAX_ROWS else _LONG
        if kind is not SheetKind.REPORTS:
            del self.fields["submit"]
