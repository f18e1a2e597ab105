"""Share what every page of the editor does: open the draft, show the places, say refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.directives.actions import drafts
from mehvar.directives.models import Directive
from mehvar.directives.queries import directives as queries
from mehvar.kernel.errors import MehvarError, NotFound, NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.refusals import refuse

if TYPE_CHECKING:
    from django.http import HttpRequest


def open_draft(request: HttpRequest, public_id: str) -> Directive:
    """Give a directive that the person may edit now.

    Raises:
        NotFound: There is none, or not for this person.
        NotPermitted: The person may see it, not edit it.
        TransitionNotAllowed: It is not open for change.
    """
    authority = organisations.authority_in(request)
    directive = queries.visible_directive(authority, public_id)
    permissions.require(authority, Permission.DRAFT_DIRECTIVE, directive.issuer.path)
    drafts.require_editable(directive)
    return directive


def _crumbs(directive: Directive) -> list[tuple[str, str]]:
    return [
        (_("Directives"), reverse("directives:list")),
        (directive.title, reverse("directives:directive", args=[directive.public_id])),
    ]


def context(directive: Directive, here: str, **more: Any) -> dict[str, Any]:
    """Give what every page of the editor shows: its places and the way back."""
    names = (
        ("edit", _("Head")),
        ("citations", _("Citations")),
        ("fields", _("Fields")),
        ("text", _("Clauses")),
        ("directive_measures", _("Tasks")),
        ("outcomes", _("Outcomes")),
        ("duties_tied", _("Duties")),
        ("alignment", _("Alignment")),
        ("exchange", _("Export and import")),
    )
    places = [
        {
            "label": label,
            "url": reverse(f"directives:{name}", args=[directive.public_id]),
            "is_here": name == here,
        }
        for name, label in names
    ]
    return {"directive": directive, "places": places, "breadcrumbs": _crumbs(directive), **more}


def undo_url(directive: Directive) -> str:
    """Give the address that undoes the latest step."""
    return reverse("directives:undo", args=[directive.public_id])


def tried(form: Any, act: Callable[[], Any]) -> bool:
    """Do an act; put its refusal on the form and tell whether it was done."""
    try:
        act()
    except MehvarError as error:
        if isinstance(error, NotPermitted | NotFound):
            raise
        refuse(form, error)
        return False
    return True


def form_page(request: HttpRequest, directive: Directive, here: str, form: Any, title: str) -> HttpResponse:
    """Show a page with one form."""
    facts = context(directive, here, form=form, title=title)
    return render(request, "directives/editor/form.html", facts, status=422 if form.errors else 200)


def formset_page(
    request: HttpRequest, directive: Directive, here: str, formset: Any, title: str
) -> HttpResponse:
    """Show a page with a grid of forms."""
    facts = context(directive, here, formset=formset, title=title, page_wide=True)
    status = 422 if formset.is_bound and not formset.is_valid() else 200
    return render(request, "directives/editor/formset.html", facts, status=status)


def status_of(form: Any, theirs: Any) -> int:
    """Give the status of a page: a clash, a form with errors, or nothing wrong."""
    if theirs:
        return 409
    return 422 if form.errors else 200
