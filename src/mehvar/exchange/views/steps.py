"""Ask for what a step needs, on a page of its own that says what will happen, and take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect
from django.utils.translation import gettext as _

from mehvar.exchange.forms.steps import StepForm
from mehvar.exchange.views.objects import Offer, home
from mehvar.kernel.errors import NotFound
from mehvar.ui import notices, pages
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from mehvar.accounts.models import User
    from mehvar.organisations.data import Authority

Act = Callable[["User", Any, Mapping[str, Any]], Any]


def _nothing(_row: Any, _authority: Authority) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Step:
    """Say how a step is asked for and taken.

    ``may``: whether the person may take it now; ``options``: what the form is offered; ``initial``: what stands in it.
    """

    label: Any
    act: Act
    may: Callable[[Any, Authority], bool]
    form: type[StepForm] = StepForm
    consequences: tuple[Any, ...] = ()
    danger: bool = False
    is_main: bool = False
    options: Callable[[Any, Authority], dict[str, Any]] = _nothing
    initial: Callable[[Any, Authority], dict[str, Any]] = _nothing


Steps = Mapping[str, Step]


def offers(steps: Steps, row: Any, authority: Authority, address: Callable[[str], str]) -> list[Offer]:
    """Give the steps that a person may take now."""
    return [
        Offer(step.label, address(slug), step.is_main)
        for slug, step in steps.items()
        if step.may(row, authority)
    ]


def take(
    request: HttpRequest,
    steps: Steps,
    slug: str,
    row: Any,
    *,
    authority: Authority,
    user: User,
    back: str,
    text: Any = "",
    onward: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """Ask for what a step needs, and take it; afterwards the page of the thing is shown.

    Raises:
        NotFound: There is no such step, or not here and now.
    """
    step = steps.get(slug)
    if step is None or not step.may(row, authority):
        raise NotFound("This step is not possible here and now.", code="no-step")
    initial = {"version": getattr(row, "version", None), **step.initial(row, authority)}
    form = step.form(
        request.POST if request.method == "POST" else None, initial=initial, **step.options(row, authority)
    )
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: (step.act(user, row, form.cleaned_data),))
        if made is not None:
            notices.done(request, _("Saved."))
            return redirect(onward(made[0]) if onward else back)
    return pages.confirm(
        request,
        title=step.label,
        text=text or str(row),
        consequences=step.consequences,
        action=step.label,
        cancel_url=back,
        danger=step.danger,
        form=form,
        breadcrumbs=[home(), *([(str(text or row), back)] if row is not None else [])],
    )
