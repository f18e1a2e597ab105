"""Show the editor of tasks, and the grid of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from mehvar.directives.actions import measures as measure_actions
from mehvar.directives.data import Priority
from mehvar.directives.forms.measures import EditMeasureForm, MarkForm, present_values
from mehvar.directives.models import Directive, Measure
from mehvar.directives.queries import measures as measure_queries
from mehvar.directives.views.due_words import due_words, read_words
from mehvar.directives.views.editor import desk
from mehvar.kernel.errors import Conflict, MehvarError, NotFound, gettext_noop
from mehvar.ui import notices
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import refuse, said

if TYPE_CHECKING:
    from django.http import HttpRequest

PER_PAGE = 50


@login_required
def measure_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a task by hand."""
    directive = desk.open_draft(request, public_id)
    form = EditMeasureForm(
        request.POST or None,
        directive=directive,
        initial={"priority": "normal", "provision": request.GET.get("provision", "")},
    )
    if request.method == "POST" and form.is_valid():
        made: list[Measure] = []
        changes = form.changes()
        if desk.tried(
            form,
            lambda: made.append(measure_actions.add_measure(request.user, directive.pk, **changes)),  # type: ignore[arg-type]
        ):
            notices.done(request, _("The task was added."), undo_url=desk.undo_url(directive))
            return redirect("directives:measure_edit", public_id, made[0].public_id)
    return _measure_page(request, directive, form, None)


@login_required
def measure_edit(request: HttpRequest, public_id: str, measure_id: str) -> HttpResponse:
    """Edit a task; a clash with somebody else's edit shows both."""
    directive = desk.open_draft(request, public_id)
    measure = _measure(directive, measure_id)
    form = _measure_form(directive, measure, request.POST or None)
    conflict = None
    if request.method == "POST" and form.is_valid():
        version, changes = form.cleaned_data["version"], form.changes()
        try:
            measure_actions.edit_measure(request.user, measure_id, version=version, **changes)  # type: ignore[arg-type]
        except Conflict as error:
            form, conflict = _both(request, directive, measure_id)
            refuse(form, error)
        except MehvarError as error:
            refuse(form, error)
        else:
            notices.done(request, _("Saved."), undo_url=desk.undo_url(directive))
            return redirect("directives:measure_edit", public_id, measure_id)
    return _measure_page(request, directive, form, measure, conflict=conflict)


def _measure(directive: Directive, measure_id: str) -> Measure:
    rows = measure_queries.standing(directive.pk).select_related("field", "provision")
    found = rows.filter(public_id=measure_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such task in this directive."), code="unknown-measure")
    return found


def _measure_form(directive: Directive, measure: Measure, data: Any) -> EditMeasureForm:
    lines = measure_queries.lines_on([measure.pk], directive)[measure.pk]
    return EditMeasureForm(data, directive=directive, measure=measure, lines=lines)


def _both(
    request: HttpRequest, directive: Directive, measure_id: str
) -> tuple[EditMeasureForm, list[dict[str, Any]]]:
    """Give the form with the person's words on the present version, and where the two differ."""
    present = _measure(directive, measure_id)
    theirs = present_values(directive, present)
    typed = request.POST.copy()
    typed["version"] = str(present.version)
    form = _measure_form(directive, present, typed)
    form.is_valid()
    differing = [
        {"label": field.label, "theirs": theirs[name], "mine": typed.get(name, "")}
        for name, field in form.fields.items()
        if name not in {"version", "special_project"}
        and str(theirs[name]).strip() != _plain(typed.get(name, ""))
    ]
    return form, differing


def _plain(written: Any) -> str:
    return str(written).replace("\r\n", "\n").strip()


def _measure_page(
    request: HttpRequest,
    directive: Directive,
    form: EditMeasureForm,
    measure: Measure | None,
    *,
    conflict: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    reader = reader_of(request)
    due = due_words(measure, reader) if measure else ""
    if form.is_bound and (typed := str(form.data.get("due_raw", "")).strip()):
        due = read_words(measure_queries.read_due(typed, directive), reader)
    context = desk.context(
        directive, "directive_measures", form=form, measure=measure, due=due, conflict=conflict
    )
    return render(request, "directives/editor/measure.html", context, status=desk.status_of(form, conflict))


@login_required
@require_POST
def measure_remove(request: HttpRequest, public_id: str, measure_id: str) -> HttpResponse:
    """Take a task out."""
    directive = desk.open_draft(request, public_id)
    measure_actions.remove_measures(request.user, directive.pk, [measure_id])  # type: ignore[arg-type]
    notices.done(request, _("The task was taken out."), undo_url=desk.undo_url(directive))
    return redirect("directives:directive_measures", public_id)


@login_required
def outcomes(request: HttpRequest, public_id: str) -> HttpResponse:
    """Fill in the outcomes of many tasks in a grid, and mark priorities."""
    directive = desk.open_draft(request, public_id)
    if request.method == "POST":
        return _save_outcomes(request, directive)
    missing = request.GET.get("show", "") == "missing"
    rows = measure_queries.standing(directive.pk)
    if missing:
        rows = rows.filter(outcome_indicator="")
    names = ("public_id", "number", "section", "text", "outcome_indicator", "priority", "special_project")
    page = Paginator(rows.values(*names), PER_PAGE).get_page(request.GET.get("page"))
    context = desk.context(
        directive,
        "outcomes",
        page=page,
        rows=list(page.object_list),
        missing_only=missing,
        missing_count=measure_queries.standing(directive.pk).filter(outcome_indicator="").count(),
        total=measure_queries.standing(directive.pk).count(),
        mark_form=MarkForm(),
        page_wide=True,
    )
    return render(request, "directives/editor/outcomes.html", context)


def _save_outcomes(request: HttpRequest, directive: Directive) -> HttpResponse:
    typed = {
        name.removeprefix("outcome-"): str(value)
        for name, value in request.POST.items()
        if name.startswith("outcome-")
    }
    try:
        count = measure_actions.set_outcomes(request.user, directive.pk, typed)  # type: ignore[arg-type]
        marked = _save_marks(request, directive)
    except MehvarError as error:
        notices.failed(request, said(error))
        return redirect(request.get_full_path())
    told = ngettext("%(count)s task changed.", "%(count)s tasks changed.", count + marked)
    told %= {"count": reader_of(request).number(count + marked)}
    notices.done(request, told, undo_url=desk.undo_url(directive) if count + marked else "")
    return redirect(request.get_full_path())


def _save_marks(request: HttpRequest, directive: Directive) -> int:
    form = MarkForm(request.POST)
    chosen = request.POST.getlist("chosen")
    if not chosen or not form.is_valid():
        return 0
    priority, special = form.cleaned_data["priority"], form.cleaned_data["special_project"]
    return measure_actions.set_marks(
        request.user,  # type: ignore[arg-type]
        directive.pk,
        chosen,
        priority=Priority(priority) if priority else None,
        special_project=None if not special else special == "yes",
    )


urlpatterns = [
    path("<slug:public_id>/edit/measures/new/", measure_new, name="measure_new"),
    path("<slug:public_id>/edit/measures/<slug:measure_id>/", measure_edit, name="measure_edit"),
    path("<slug:public_id>/edit/measures/<slug:measure_id>/remove/", measure_remove, name="measure_remove"),
    path("<slug:public_id>/edit/outcomes/", outcomes, name="outcomes"),
]
