"""Take a document from a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.directives.queries import directives as queries
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.reader import page_language

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

ENDINGS = (".docx", ".pdf", ".html", ".htm", ".md", ".txt", ".xml", ".akn")


def issuer_choices(authority: Authority, permission: Permission) -> list[tuple[str, str]]:
    """Give the bodies in whose name the person may act, nearest the root first: ``(code, name)``."""
    language = page_language()
    rows = queries.issuers_for(authority, permission).order_by("depth", "path")
    return [
        (row["code"], organisations.name_in(row, language))
        for row in rows.values(*organisations.NAME_FIELDS)[:300]
    ]


class UploadForm(forms.Form):
    """Ask for the file and for the body that issues the directive; the register follows from the body."""

    file = forms.FileField(
        label=_("Document"),
        help_text=_("Word (.docx), PDF with text, HTML, Markdown, plain text or Akoma Ntoso XML."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ENDINGS)}),
        allow_empty_file=True,
    )
    issuer = forms.ChoiceField(
        label=_("Issued by"),
        help_text=_("Names of bodies are read with the register of this body's country."),
    )
    again = forms.BooleanField(
        label=_("Import it again even if it was imported before"),
        required=False,
        help_text=_("Otherwise the same file for the same body leads to what is there already."),
    )

    def __init__(self, *args: Any, authority: Authority, **kwargs: Any) -> None:
        """Offer the bodies for which the person may import."""
        super().__init__(*args, **kwargs)
        self.fields["issuer"].choices = issuer_choices(authority, Permission.REVIEW_IMPORT)  # type: ignore[attr-defined]
