"""Take the signed document of an agreement."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.forms.steps import StepForm
from mehvar.exchange.rules.checks import LARGEST_DOCUMENT


class DocumentForm(StepForm):
    """Ask for the document."""

    file = forms.FileField(
        label=_("Signed document"), help_text=_("A PDF, or a picture (PNG or JPEG); at most 10 MB.")
    )

    def content(self) -> bytes:
        """Give the document's bytes, one more than may be at most."""
        return bytes(self.cleaned_data["file"].read(LARGEST_DOCUMENT + 1))
