"""Show the editor: head, citations, fields, clauses, tasks, outcomes, exchange, alignment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mehvar.directives.actions import alignment as alignment_actions
from mehvar.directives.actions import editor as actions
from mehvar.directives.actions import exchange as exchange_actions
from mehvar.directives.actions import measures as measure_actions
from mehvar.directives.actions import provisions as provision_actions
from mehvar.directives.actions import snapshots
from mehvar.directives.forms.directives import (
    CitationFormSet,
    FieldFormSet,
    HeadForm,
    NewDirectiveForm,
    ProvisionForm,
    TableUploadForm,
)
from mehvar.directives.forms.measures import EditMeasureForm, MarkForm, present_values
from mehvar.directives.forms.refusals import refuse, words
from mehvar.directives.models import Directive, Measure, Provision
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import directives as queries
from mehvar.directives.queries import duties as duty_queries
from mehvar.directives.queries import measures as measure_queries
from mehvar.directives.views import spreadsheets
from mehvar.directives.views.due_words import due_words, read_words
from mehvar.kernel.errors import Conflict, MehvarError, NotFound, NotPermitted, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import notices
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from django.http import HttpRequest

PER_PAGE = 50
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _draft(request: HttpRequest, public_id: str) -> Directive:
    """Give a directive that the person may edit now.

    Raises:
        NotFound: There is none, or not for this person.
        NotPermitted: The person may see it, not edit it.
        TransitionNotAllowed: It is not open for change.
    """
    authority = organisations.authority_in(request)
    directive = queries.visible_directive(authority, public_id)
    permissions.require(authority, Permission.DRAFT_DIRECTIVE, directive.issuer.path)
    from mehvar.directives.actions import drafts

    drafts.require_editable(directive)
    return directive


def _crumbs(directive: Directive) -> list[tuple[str, str]]:
    return [
        (_("Directives"), reverse("directives:list")),
        (directive.title, reverse("directives:directive", args=[directive.public_id])),
    ]


def _context(directive: Directive, here: str, **more: Any) -> dict[str, Any]:
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


def _undo_url(directive: Directive) -> str:
    return reverse("directives:undo", args=[directive.public_id])


def _tried(form: Any, act: Callable[[], Any]) -> bool:
    """Do an act; put its refusal on the form and tell whether it was done."""
    try:
        act()
    except MehvarError as error:
        if isinstance(error, NotPermitted | NotFound):
            raise
        refuse(form, error)
        return False
    return True


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin a directive by hand."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.DRAFT_DIRECTIVE)
    language = (get_language() or "en").split("-")[0]
    form = NewDirectiveForm(request.POST or None, authority=authority, initial={"language": language})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made: list[Directive] = []
        if _tried(
            form,
            lambda: made.append(
                actions.create_directive(
                    request.user,  # type: ignore[arg-type]
                    issuer_code=asked["issuer"],
                    title=asked["title"],
                    language=asked["language"],
                )
            ),
        ):
            return redirect("directives:edit", made[0].public_id)
    context = {"form": form, "breadcrumbs": [(_("Directives"), reverse("directives:list"))]}
    return render(request, "directives/editor/new.html", context, status=422 if form.errors else 200)


@login_required
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Edit what the directive says of itself."""
    directive = _draft(request, public_id)
    form = HeadForm(request.POST or None, directive=directive)
    if request.method == "POST" and form.is_valid():
        done = _tried(
            form,
            lambda: actions.edit_directive(
                request.user,  # type: ignore[arg-type]
                directive.pk,
                version=form.cleaned_data["version"],
                **form.changes(),
            ),
        )
        if done:
            notices.done(request, _("Saved."))
            return redirect("directives:edit", public_id)
    return _form_page(request, directive, "edit", form, _("Head of the directive"))


def _form_page(request: HttpRequest, directive: Directive, here: str, form: Any, title: str) -> HttpResponse:
    context = _context(directive, here, form=form, title=title)
    return render(request, "directives/editor/form.html", context, status=422 if form.errors else 200)


@login_required
def citations(request: HttpRequest, public_id: str) -> HttpResponse:
    """Edit the legal documents that the directive cites."""
    directive = _draft(request, public_id)
    names = ("raw", "kind", "number", "dated_on", "issuer_name", "subject", "to_disseminate")
    initial = list(directive.citations.order_by("position").values(*names))
    formset = CitationFormSet(request.POST or None, initial=initial)
    if request.method == "POST" and formset.is_valid():
        rows = [{name: form.cleaned_data.get(name) for name in names} for form in formset]
        kept = [
            {**row, "dated_on": row["dated_on"].isoformat() if row["dated_on"] else None}
            for row in rows
            if row["raw"]
        ]
        actions.set_citations(request.user, directive.pk, kept)  # type: ignore[arg-type]
        notices.done(request, _("Saved."))
        return redirect("directives:citations", public_id)
    return _formset_page(request, directive, "citations", formset, _("Cited legal documents"))


@login_required
def fields(request: HttpRequest, public_id: str) -> HttpResponse:
    """Edit the fields of work."""
    directive = _draft(request, public_id)
    initial = [
        {"key": key, "name": name, "declared_count": count}
        for key, name, count in directive.fields.order_by("position").values_list(
            "pk", "name", "declared_count"
        )
    ]
    formset = FieldFormSet(request.POST or None, initial=initial)
    if request.method == "POST" and formset.is_valid():
        rows = [form.cleaned_data for form in formset]
        wanted = [(row.get("key"), row.get("name", ""), row.get("declared_count")) for row in rows]
        try:
            actions.set_fields(request.user, directive.pk, wanted)  # type: ignore[arg-type]
        except MehvarError as error:
            notices.failed(request, words(error))
        else:
            notices.done(request, _("Saved."))
            return redirect("directives:fields", public_id)
    return _formset_page(request, directive, "fields", formset, _("Fields of work"))


def _formset_page(
    request: HttpRequest, directive: Directive, here: str, formset: Any, title: str
) -> HttpResponse:
    context = _context(directive, here, formset=formset, title=title, page_wide=True)
    status = 422 if formset.is_bound and not formset.is_valid() else 200
    return render(request, "directives/editor/formset.html", context, status=status)


@login_required
def text(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the tree of clauses with what can be done to each."""
    directive = _draft(request, public_id)
    rows = directive.provisions.order_by("position").values(
        "public_id", "depth", "path", "kind", "number", "heading", "text"
    )
    clauses = [{**row, "shown_depth": min(row["depth"], 4)} for row in rows]
    return render(request, "directives/editor/text.html", _context(directive, "text", clauses=clauses))


@login_required
def provision_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a clause; ``below`` or ``after`` says where."""
    directive = _draft(request, public_id)
    form = ProvisionForm(request.POST or None, initial={"kind": "clause"})
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("kind", "number", "heading", "text")}
        done = _tried(
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
            notices.done(request, _("The clause was added."), undo_url=_undo_url(directive))
            return redirect("directives:text", public_id)
    return _form_page(request, directive, "text", form, _("New clause"))


@login_required
def provision_edit(request: HttpRequest, public_id: str, provision_id: str) -> HttpResponse:
    """Edit a clause; a clash with somebody else's edit shows both."""
    directive = _draft(request, public_id)
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
            notices.done(request, _("Saved."), undo_url=_undo_url(directive))
            return redirect("directives:text", public_id)
    context = _context(directive, "text", form=form, title=_("Clause"), theirs=theirs)
    return render(request, "directives/editor/form.html", context, status=_status(form, theirs))


def _status(form: Any, theirs: Any) -> int:
    if theirs:
        return 409
    return 422 if form.errors else 200


@login_required
@require_POST
def provision_act(request: HttpRequest, public_id: str, provision_id: str) -> HttpResponse:
    """Move or delete a clause; ``act`` is up, down, in, out or delete."""
    directive = _draft(request, public_id)
    act = request.POST.get("act", "")
    try:
        if act == "delete":
            count = provision_actions.remove_provision(request.user, directive.pk, provision_id)  # type: ignore[arg-type]
            said = ngettext("%(count)s clause deleted.", "%(count)s clauses deleted.", count)
            said %= {"count": reader_of(request).number(count)}
        else:
            provision_actions.move_provision(request.user, directive.pk, provision_id, direction=act)  # type: ignore[arg-type]
            said = _("The clause was moved.")
    except MehvarError as error:
        notices.failed(request, words(error))
    else:
        notices.done(request, said, undo_url=_undo_url(directive))
    return redirect("directives:text", public_id)


@login_required
@require_POST
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Undo the person's latest step on the directive."""
    directive = _draft(request, public_id)
    try:
        step = snapshots.undo_last(request.user, directive.pk)  # type: ignore[arg-type]
    except MehvarError as error:
        notices.failed(request, words(error))
        return redirect("directives:directive", public_id)
    notices.note(request, _("The last step was undone."))
    concerns_text = "provisions" in step.before
    return redirect("directives:text" if concerns_text else "directives:directive_measures", public_id)


@login_required
def measure_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a task by hand."""
    directive = _draft(request, public_id)
    form = EditMeasureForm(
        request.POST or None,
        directive=directive,
        initial={"priority": "normal", "provision": request.GET.get("provision", "")},
    )
    if request.method == "POST" and form.is_valid():
        made: list[Measure] = []
        changes = form.changes()
        if _tried(
            form,
            lambda: made.append(measure_actions.add_measure(request.user, directive.pk, **changes)),  # type: ignore[arg-type]
        ):
            notices.done(request, _("The task was added."), undo_url=_undo_url(directive))
            return redirect("directives:measure_edit", public_id, made[0].public_id)
    return _measure_page(request, directive, form, None)


@login_required
def measure_edit(request: HttpRequest, public_id: str, measure_id: str) -> HttpResponse:
    """Edit a task; a clash with somebody else's edit shows both."""
    directive = _draft(request, public_id)
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
            notices.done(request, _("Saved."), undo_url=_undo_url(directive))
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
    context = _context(
        directive, "directive_measures", form=form, measure=measure, due=due, conflict=conflict
    )
    return render(request, "directives/editor/measure.html", context, status=_status(form, conflict))


@login_required
@require_POST
def measure_remove(request: HttpRequest, public_id: str, measure_id: str) -> HttpResponse:
    """Take a task out."""
    directive = _draft(request, public_id)
    measure_actions.remove_measures(request.user, directive.pk, [measure_id])  # type: ignore[arg-type]
    notices.done(request, _("The task was taken out."), undo_url=_undo_url(directive))
    return redirect("directives:directive_measures", public_id)


@login_required
def outcomes(request: HttpRequest, public_id: str) -> HttpResponse:
    """Fill in the outcomes of many tasks in a grid, and mark priorities."""
    directive = _draft(request, public_id)
    if request.method == "POST":
        return _save_outcomes(request, directive)
    missing = request.GET.get("show", "") == "missing"
    rows = measure_queries.standing(directive.pk)
    if missing:
        rows = rows.filter(outcome_indicator="")
    names = ("public_id", "number", "section", "text", "outcome_indicator", "priority", "special_project")
    page = Paginator(rows.values(*names), PER_PAGE).get_page(request.GET.get("page"))
    context = _context(
        directive,
        "outcomes",
        page=page,
        rows=list(page.object_list),
        missing_only=missing,
        missing=measure_queries.standing(directive.pk).filter(outcome_indicator="").count(),
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
        notices.failed(request, words(error))
        return redirect(request.get_full_path())
    said = ngettext("%(count)s task changed.", "%(count)s tasks changed.", count + marked)
    said %= {"count": reader_of(request).number(count + marked)}
    notices.done(request, said, undo_url=_undo_url(directive) if count + marked else "")
    return redirect(request.get_full_path())


def _save_marks(request: HttpRequest, directive: Directive) -> int:
    form = MarkForm(request.POST)
    chosen = request.POST.getlist("chosen")
    if not chosen or not form.is_valid():
        return 0
    from mehvar.directives.data import Priority

    priority, special = form.cleaned_data["priority"], form.cleaned_data["special_project"]
    return measure_actions.set_marks(
        request.user,  # type: ignore[arg-type]
        directive.pk,
        chosen,
        priority=Priority(priority) if priority else None,
        special_project=None if not special else special == "yes",
    )


@login_required
def exchange(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a table of tasks, or show where the export is."""
    directive = _draft(request, public_id)
    form = TableUploadForm(request.POST or None, request.FILES or None)
    errors: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            table = spreadsheets.read_table(upload.read(), upload.name)
            taken = exchange_actions.import_measures(request.user, directive.pk, table)  # type: ignore[arg-type]
        except MehvarError as error:
            if isinstance(error, NotPermitted):
                raise
            refuse(form, error)
        else:
            if not taken.errors:
                notices.done(request, _taken_words(request, taken), undo_url=_undo_url(directive))
                return redirect("directives:exchange", public_id)
            errors = [
                {"line": item.line, "column": item.column, "said": _(item.message).format(**item.params)}
                for item in taken.errors
            ]
    context = _context(directive, "exchange", form=form, errors=errors)
    return render(
        request, "directives/editor/exchange.html", context, status=422 if errors or form.errors else 200
    )


def _taken_words(request: HttpRequest, taken: exchange_actions.Taken) -> str:
    number = reader_of(request).number
    return _("%(changed)s tasks changed, %(added)s added, %(unchanged)s as they were.") % {
        "changed": number(taken.changed),
        "added": number(taken.added),
        "unchanged": number(taken.unchanged),
    }


@login_required
def export(request: HttpRequest, public_id: str, extension: str) -> HttpResponse:
    """Give the tasks of a directive as a file that can be imported again."""
    directive = queries.visible_directive(organisations.authority_in(request), public_id)
    measures = contents.content_of(directive.pk)["measures"]
    if extension == "xlsx":
        data = spreadsheets.as_xlsx(measures, right_to_left=directive.language == "fa")
        response = HttpResponse(data, content_type=XLSX_TYPE)
    else:
        response = HttpResponse(spreadsheets.as_csv(measures), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="measures-{public_id}.{extension}"'
    return response


@login_required
def duties_tied(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose the legal duties that the directive answers."""
    directive = _draft(request, public_id)
    authority = organisations.authority_in(request)
    if request.method == "POST":
        chosen = [int(key) for key in request.POST.getlist("duty") if key.isdecimal()]
        allowed = set(duty_queries.duties(authority).filter(pk__in=chosen).values_list("pk", flat=True))
        actions.tie_duties(request.user, directive.pk, allowed)  # type: ignore[arg-type]
        notices.done(request, _("Saved."))
        return redirect("directives:duties_tied", public_id)
    rows = duty_queries.duties(authority).order_by("importance", "due_on", "pk")
    context = _context(
        directive,
        "duties_tied",
        duties=rows.values("id", "source", "article", "text", "due_on", "status"),
        chosen=set(directive.duties.values_list("pk", flat=True)),
    )
    return render(request, "directives/editor/duties.html", context)


@login_required
def alignment(request: HttpRequest, public_id: str) -> HttpResponse:
    """Tie tasks to the goals of an outside plan; goals that nobody serves are shown."""
    directive = _draft(request, public_id)
    plans = list(duty_queries.plans())
    wanted = request.GET.get("plan", "")
    plan = next((item for item in plans if str(item.pk) == wanted), plans[0] if plans else None)
    if plan is None:
        return render(
            request, "directives/editor/alignment.html", _context(directive, "alignment", plan=None)
        )
    covered = duty_queries.coverage(directive.pk, plan)
    page = Paginator(covered.measures, PER_PAGE).get_page(request.GET.get("page"))
    if request.method == "POST":
        aligned = {
            row["public_id"]: [
                int(goal) for goal in request.POST.getlist(f"m-{row['public_id']}") if goal.isdecimal()
            ]
            for row in page.object_list
        }
        alignment_actions.set_alignment(request.user, directive.pk, plan.pk, aligned)  # type: ignore[arg-type]
        notices.done(request, _("Saved."))
        return redirect(request.get_full_path())
    rows = [
        {
            **row,
            "ties": [
                (goal["id"], goal["code"], (row["id"], goal["id"]) in covered.ties) for goal in covered.goals
            ],
        }
        for row in page.object_list
    ]
    uncovered = {goal["id"] for goal in covered.uncovered}
    context = _context(
        directive,
        "alignment",
        plan=plan,
        plans=plans,
        covered=covered,
        rows=rows,
        page=page,
        uncovered=uncovered,
    )
    return render(request, "directives/editor/alignment.html", context | {"page_wide": True})


urlpatterns = [
    path("new/", new, name="new"),
    path("<slug:public_id>/edit/", edit, name="edit"),
    path("<slug:public_id>/edit/citations/", citations, name="citations"),
    path("<slug:public_id>/edit/fields/", fields, name="fields"),
    path("<slug:public_id>/edit/text/", text, name="text"),
    path("<slug:public_id>/edit/text/new/", provision_new, name="provision_new"),
    path("<slug:public_id>/edit/text/<slug:provision_id>/", provision_edit, name="provision_edit"),
    path("<slug:public_id>/edit/text/<slug:provision_id>/act/", provision_act, name="provision_act"),
    path("<slug:public_id>/edit/undo/", undo, name="undo"),
    path("<slug:public_id>/edit/measures/new/", measure_new, name="measure_new"),
    path("<slug:public_id>/edit/measures/<slug:measure_id>/", measure_edit, name="measure_edit"),
    path("<slug:public_id>/edit/measures/<slug:measure_id>/remove/", measure_remove, name="measure_remove"),
    path("<slug:public_id>/edit/outcomes/", outcomes, name="outcomes"),
    path("<slug:public_id>/edit/exchange/", exchange, name="exchange"),
    path("<slug:public_id>/measures.csv", export, {"extension": "csv"}, name="export_csv"),
    path("<slug:public_id>/measures.xlsx", export, {"extension": "xlsx"}, name="export_xlsx"),
    path("<slug:public_id>/edit/duties/", duties_tied, name="duties_tied"),
    path("<slug:public_id>/edit/alignment/", alignment, name="alignment"),
]
