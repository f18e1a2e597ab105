"""Say in the reader's language why something was refused, beside the field or on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext

from mehvar.kernel.errors import MehvarError
from mehvar.ui import notices
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django.http import HttpRequest

_R = TypeVar("_R")


def said(error: MehvarError) -> str:
    """Give the error's message in the language of the page, with its figures in that language's digits."""
    reader = reader_of()
    shown = {
        name: reader.number(value) if isinstance(value, int) else value
        for name, value in error.params.items()
    }
    try:
        return gettext(error.message).format(**shown)
    except (KeyError, IndexError, ValueError):
        return str(error)


def done(form: BaseForm, act: Callable[[], _R]) -> _R | None:
    """Do an act; a refusal is shown on the form (beside its field where it has one) and gives None."""
    try:
        return act()
    except MehvarError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, said(error))
        return None


def told(request: HttpRequest, act: Callable[[], _R]) -> _R | None:
    """Do an act; a refusal becomes a notice on the next page and gives None."""
    try:
        return act()
    except MehvarError as error:
        notices.failed(request, said(error))
        return None
