"""Say a refusal in the reader's language: beside the field it concerns, above the form, or on the next page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext

from mehvar.kernel.errors import MehvarError
from mehvar.ui import notices
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django.http import HttpRequest

_R = TypeVar("_R")


def filled(message: str, params: Mapping[str, object]) -> str:
    """Give a sentence in the active language, its numbers and days as the reader writes them."""
    reader = reader_of()
    shown = {name: _shown(value) for name, value in params.items()}
    try:
        return gettext(message).format(**shown)
    except (KeyError, IndexError, ValueError):
        return reader.digits(gettext(message))


def _shown(value: object) -> object:
    reader = reader_of()
    if isinstance(value, int) and not isinstance(value, bool):
        return reader.number(value)
    if isinstance(value, date):
        return reader.date(value, "short")
    return value


def said(error: MehvarError) -> str:
    """Give the error's sentence in the active language."""
    return filled(error.message, error.params)


def refuse(form: BaseForm, error: MehvarError) -> None:
    """Put the error beside the field it names, or above the form."""
    field = error.field if error.field in form.fields else None
    form.add_error(field, said(error))


def done(form: BaseForm, act: Callable[[], _R]) -> _R | None:
    """Do an act; a refusal is shown on the form and gives None."""
    try:
        return act()
    except MehvarError as error:
        refuse(form, error)
        return None


def told(request: HttpRequest, act: Callable[[], _R]) -> _R | None:
    """Do an act; a refusal becomes a notice on the next page and gives None."""
    try:
        return act()
    except MehvarError as error:
        notices.failed(request, said(error))
        return None
