"""Say a refusal of an action in the reader's language, beside the field it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

if TYPE_CHECKING:
    from django.forms import BaseForm

    from mehvar.kernel.errors import MehvarError


def words(error: MehvarError) -> str:
    """Give the error's sentence in the active language."""
    return error.formatted(gettext(error.message))


def refuse(form: BaseForm, error: MehvarError) -> None:
    """Put the error beside the field it names, or above the form."""
    field = error.field if error.field in form.fields else None
    form.add_error(field, words(error))
