"""Show the editor of what a directive says of itself: head, citations, fields, duties, alignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from mehvar.directives.actions import alignment as alignment_actions
from mehvar.directives.actions import editor as actions
from mehvar.directives.forms.directives import (
    CitationFormSet,
    FieldFormSet,
    HeadForm,
    NewDirectiveForm,
)
from mehvar.directives.models import Directive
from mehvar.directives.queries import duties as duty_queries
from mehvar.directives.views.editor import desk
from mehvar.kernel.errors import MehvarError
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import notices
from mehvar.ui.reader import page_language
from mehvar.ui.refusals import said

if TYPE_CHECKING:
    from django.http import HttpRequest

PER_PAGE = 50


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin a directive by hand."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.DRAFT_DIRECTIVE)
    language = page_language()
    form = NewDirectiveForm(request.POST or None, authority=authority, initial={"language": language})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made: list[Directive] = []
        if desk.tried(
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
    directive = desk.open_draft(request, public_id)
    form = HeadForm(request.POST or None, directive=directive)
    if request.method == "POST" and form.is_valid():
        done = desk.tried(
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
    return desk.form_page(request, directive, "edit", form, _("Head of the directive"))


@login_required
def citations(request: HttpRequest, public_id: str) -> HttpResponse:
    """Edit the legal documents that the directive cites."""
    directive = desk.open_draft(request, public_id)
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
    return desk.formset_page(request, directive, "citations", formset, _("Cited legal documents"))


@login_required
def fields(request: HttpRequest, public_id: str) -> HttpResponse:
    """Edit the fields of work."""
    directive = desk.open_draft(request, public_id)
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
            notices.failed(request, said(error))
        else:
            notices.done(request, _("Saved."))
            return redirect("directives:fields", public_id)
    return desk.formset_page(request, directive, "fields", formset, _("Fields of work"))


@login_required
def duties_tied(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose the legal duties that the directive answers."""
    directive = desk.open_draft(request, public_id)
    authority = organisations.authority_in(request)
    if request.method == "POST":
        chosen = [int(key) for key in request.POST.getlist("duty") if key.isdecimal()]
        allowed = set(duty_queries.duties(authority).filter(pk__in=chosen).values_list("pk", flat=True))
        actions.tie_duties(request.user, directive.pk, allowed)  # type: ignore[arg-type]
        notices.done(request, _("Saved."))
        return redirect("directives:duties_tied", public_id)
    rows = duty_queries.duties(authority).order_by("importance", "due_on", "pk")
    context = desk.context(
        directive,
        "duties_tied",
        duties=rows.values("id", "source", "article", "text", "due_on", "status"),
        chosen=set(directive.duties.values_list("pk", flat=True)),
    )
    return render(request, "directives/editor/duties.html", context)


@login_required
def alignment(request: HttpRequest, public_id: str) -> HttpResponse:
    """Tie tasks to the goals of an outside plan; goals that nobody serves are shown."""
    directive = desk.open_draft(request, public_id)
    plans = list(duty_queries.plans())
    wanted = request.GET.get("plan", "")
    plan = next((item for item in plans if str(item.pk) == wanted), plans[0] if plans else None)
    if plan is None:
        return render(
            request, "directives/editor/alignment.html", desk.context(directive, "alignment", plan=None)
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
    context = desk.context(
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
    path("<slug:public_id>/edit/duties/", duties_tied, name="duties_tied"),
    path("<slug:public_id>/edit/alignment/", alignment, name="alignment"),
]
