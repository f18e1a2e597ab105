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


def filled(message: str, params: dict[str, object]) -> str:
    """Give a sentence in the active language, its numbers and days as the reader writes them."""
    reader = reader_of()
    shown = {name: _shown(value) for name, value in params.items()}
    try:
        return gettext(message).format(**shown)
    except (KeyError, IndexError, ValueError):
        return reader.digits(gettext(message))


def _shown(value: object) -> object:
    reader = reader_of()
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return reader.number(value)
    if isinstance(value, date):
        return reader.date(value, "short")
    return value


def said(error: MehvarError) -> str:
    """Give the error's sentence in the active language."""
    return filled(error.message, dict(error.params))


def done(form: BaseForm, act: Callable[[], _R]) -> _R | None:
    """Do an act; a refusal is shown on the form (beside its field where it has one) and gives None."""
    try:
        return act()
    except MehvarError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, said(error))
        return None
