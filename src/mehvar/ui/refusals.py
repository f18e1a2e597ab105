"""Say a refusal in the reader's language: beside the field it concerns, above the form, or on the next page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

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


def posted(
    request: HttpRequest, form: BaseForm, act: Callable[[dict[str, Any]], object], *, done: Any
) -> bool:
    """Do what a posted form asks, and say with ``done`` that it was done; what is wrong stands on the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except MehvarError as error:
        refuse(form, error)
        return False
    notices.done(request, done)
    return True


def told(request: HttpRequest, act: Callable[[], _R], *, done: Any = "") -> _R | None:
    """Do an act, and say on the next page that it was ``done``; a refusal is said there too and gives None."""
    try:
        result = act()
    except MehvarError as error:
        notices.failed(request, said(error))
        return None
    if done:
        notices.done(request, done)
    return result
