"""Say in the reader's language why something was refused, beside the field or on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext

from mehvar.directives.views import words
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


STATES_OF = {
    "directive": words.DIRECTIVE_STATES,
    "council session": words.SESSION_STATES,
    "resolution": words.RESOLUTION_STATES,
}


def _named(params: Mapping[str, object]) -> dict[str, object]:
    """Name the step and the state of a refused transition as people know them."""
    states = STATES_OF.get(str(params.get("lifecycle", "")))
    if states is None:
        return {}
    action, state = str(params.get("action", "")), str(params.get("state", ""))
    steps = words.STEPS if states is words.DIRECTIVE_STATES else {}
    return {"action": steps.get(action, action), "state": words.label(states, state)}


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
