"""Answer a form: show it, do what it asks, and put what is wrong beside the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpResponse
from django.shortcuts import redirect, render

from mehvar.kernel.errors import Conflict, InputError, MehvarError, NotPermitted
from mehvar.organisations import queries
from mehvar.organisations.forms import said
from mehvar.organisations.rules import permissions
from mehvar.ui import notices

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest, QueryDict

    from mehvar.organisations.rules.permissions import Permission

FORM_TEMPLATE = "organisations/form.html"


def refuse_unless(request: HttpRequest, permission: Permission, path: str | None = None) -> None:
    """Refuse a page to whom no role permits it.

    Raises:
        NotPermitted: No role permits it.
    """
    permissions.require(queries.authority_in(request), permission, path)


def may(request: HttpRequest, permission: Permission, path: str | None = None) -> bool:
    """Tell whether a role of the person permits something."""
    return permissions.allows(queries.authority_in(request), permission, path)


def answer(
    request: HttpRequest,
    form: Form,
    act: Callable[[Mapping[str, Any]], Any],
    *,
    title: Any,
    done: Any,
    url: str | Callable[[Any], str],
    action: Any,
    cancel_url: str,
    lead: Any = "",
    fresh_version: Callable[[], int] | None = None,
) -> HttpResponse:
    """Show a form, or act on it and go on to ``url`` (which may be worked out from what the act gave back).

    What was entered is never lost: an error stands beside its field. When somebody else saved in between, the
    page says so with status 409, keeps the words and takes the new version, so that saving again is a decision.
    """
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            result = act(form.cleaned_data)
        except (InputError, Conflict, NotPermitted) as wrong:
            form = _shown_again(form, wrong, fresh_version)
            status = wrong.status
        else:
            notices.done(request, done)
            return redirect(url(result) if callable(url) else url)
    elif request.method == "POST":
        status = InputError.status
    facts = {"form": form, "title": title, "action": action, "cancel_url": cancel_url, "lead": lead}
    return render(request, FORM_TEMPLATE, facts, status=status)


def _shown_again(form: Form, wrong: MehvarError, fresh_version: Callable[[], int] | None) -> Form:
    """Put an error into a form, beside its field where it has one; refresh a stale version."""
    if wrong.code == "stale" and fresh_version is not None:
        data = cast("QueryDict", form.data).copy()
        data[form.add_prefix("version")] = str(fresh_version())
        form.data = data
    form.add_error(wrong.field if wrong.field in form.fields else None, said(wrong))
    return form


def act_once(request: HttpRequest, act: Callable[[], Any], *, done: Any, url: str) -> HttpResponse:
    """Do what a single button asks, say what came of it, and go on."""
    try:
        act()
    except (InputError, Conflict) as wrong:
        notices.failed(request, said(wrong))
    else:
        notices.done(request, done)
    return redirect(url)
