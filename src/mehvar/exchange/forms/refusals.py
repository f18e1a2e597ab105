"""Say a refusal in the reader's language, beside the field it concerns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext

from mehvar.kernel.errors import MehvarError
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from django.forms import BaseForm

_R = TypeVar("_R")


def said(error: MehvarError) -> str:
    """Give the error's sentence in the active language, numbers and days as the reader writes them."""
    reader = reader_of()
    shown = {name: _shown(value) for name, value in error.params.items()}
    try:
        return gettext(error.message).format(**shown)
    except (KeyError, IndexError, ValueError):
        return reader.digits(gettext(error.message))


def _shown(value: object) -> object:
    reader = reader_of()
    if isinstance(value, int) and not isinstance(value, bool):
        return reader.number(value)
    if isinstance(value, date):
        return reader.date(value, "short")
    return value


def done(form: BaseForm, act: Callable[[], _R]) -> _R | None:
    """Do an act; a refusal is shown on the form (beside its field where it has one) and gives None."""
    try:
        return act()
    except MehvarError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, said(error))
        return None
