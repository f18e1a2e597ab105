"""Show the editor of clauses, and undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from mehvar.directives.actions import provisions as provision_actions
from mehvar.directives.actions import snapshots
from mehvar.directives.forms.directives import (
    ProvisionForm,
)
from mehvar.directives.models import Provision
from mehvar.directives.views.editor import desk
from mehvar.kernel.errors import Conflict, MehvarError, NotFound, gettext_noop
from mehvar.ui import notices
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import refuse, said

if TYPE_CHECKING:
    from django.http import HttpRequest


@login_required
def text(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the tree of clauses with what can be done to each."""
    directive = desk.open_draft(request, public_id)
    rows = directive.provisions.order_by("position").values(
        "public_id", "depth", "path", "kind", "number", "heading", "text"
    )
    clauses = [{**row, "shown_depth": min(row["depth"], 4)} for row in rows]
    return render(request, "directives/editor/text.html", desk.context(directive, "text", clauses=clauses))


@login_required
def provision_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a clause; ``below`` or ``after`` says where."""
    directive = desk.open_draft(request, public_id)
    form = ProvisionForm(request.POST or None, initial={"kind": "clause"})
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("kind", "number", "heading", "text")}
        done = desk.tried(
            form,
            lambda: provision_actions.add_provision(
                request.user,  # type: ignore[arg-type]
                directive.pk,
                parent=request.GET.get("below") or None,
                after=request.GET.get("after") or None,
                **asked,
            ),
        )
        if done:
            notices.done(request, _("The clause was added."), undo_url=desk.undo_url(directive))
            return redirect("directives:text", public_id)
    return desk.form_page(request, directive, "text", form, _("New clause"))


@login_required
def provision_edit(request: HttpRequest, public_id: str, provision_id: str) -> HttpResponse:
    """Edit a clause; a clash with somebody else's edit shows both."""
    directive = desk.open_draft(request, public_id)
    clause = Provision.objects.filter(directive=directive, public_id=provision_id).first()
    if clause is None:
        raise NotFound(gettext_noop("There is no such clause in this directive."), code="unknown-provision")
    names = ("kind", "number", "heading", "text")
    initial = {name: getattr(clause, name) for name in (*names, "version")}
    form = ProvisionForm(request.POST or None, initial=initial)
    theirs = ""
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in names}
        try:
            provision_actions.edit_provision(
                request.user,  # type: ignore[arg-type]
                directive.pk,
                provision_id,
                version=form.cleaned_data["version"],
                **asked,
            )
        except Conflict as error:
            refuse(form, error)
            form.data = {**form.data.dict(), "version": str(clause.version)}  # type: ignore[attr-defined]
            theirs = "\n".join(part for part in (clause.number, clause.heading, clause.text) if part)
        except MehvarError as error:
            refuse(form, error)
        else:
            notices.done(request, _("Saved."), undo_url=desk.undo_url(directive))
            return redirect("directives:text", public_id)
    context = desk.context(directive, "text", form=form, title=_("Clause"), theirs=theirs)
    return render(request, "directives/editor/form.html", context, status=desk.status_of(form, theirs))


@login_required
@require_POST
def provision_act(request: HttpRequest, public_id: str, provision_id: str) -> HttpResponse:
    """Move or delete a clause; ``act`` is up, down, in, out or delete."""
    directive = desk.open_draft(request, public_id)
    act = request.POST.get("act", "")
    try:
        if act == "delete":
            count = provision_actions.remove_provision(request.user, directive.pk, provision_id)  # type: ignore[arg-type]
            told = ngettext("%(count)s clause deleted.", "%(count)s clauses deleted.", count)
            told %= {"count": reader_of(request).number(count)}
        else:
            provision_actions.move_provision(request.user, directive.pk, provision_id, direction=act)  # type: ignore[arg-type]
            told = _("The clause was moved.")
    except MehvarError as error:
        notices.failed(request, said(error))
    else:
        notices.done(request, told, undo_url=desk.undo_url(directive))
    return redirect("directives:text", public_id)


@login_required
@require_POST
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Undo the person's latest step on the directive."""
    directive = desk.open_draft(request, public_id)
    try:
        step = snapshots.undo_last(request.user, directive.pk)  # type: ignore[arg-type]
    except MehvarError as error:
        notices.failed(request, said(error))
        return redirect("directives:directive", public_id)
    notices.note(request, _("The last step was undone."))
    concerns_text = "provisions" in step.before
    return redirect("directives:text" if concerns_text else "directives:directive_measures", public_id)


urlpatterns = [
    path("<slug:public_id>/edit/text/", text, name="text"),
    path("<slug:public_id>/edit/text/new/", provision_new, name="provision_new"),
    path("<slug:public_id>/edit/text/<slug:provision_id>/", provision_edit, name="provision_edit"),
    path("<slug:public_id>/edit/text/<slug:provision_id>/act/", provision_act, name="provision_act"),
    path("<slug:public_id>/edit/undo/", undo, name="undo"),
]
