"""Show templates of experience, make one of a finished programme, and start a programme from one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import Calendar
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import templates as actions
from mehvar.programmes.forms.programmes import StartForm, TemplateForm
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries import templates as queries
from mehvar.programmes.rules import templates as rules
from mehvar.programmes.views import plan_words as words
from mehvar.programmes.views.programmes import POST_TOO, crumbs, lead_choices, managed
from mehvar.ui import notices
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from mehvar.programmes.models import Programme, ProgrammeTemplate

CAUSES = {
    "legal": gettext_lazy("Law"),
    "budget": gettext_lazy("Budget"),
    "land": gettext_lazy("Land"),
    "procurement": gettext_lazy("Procurement"),
    "technical": gettext_lazy("Technology"),
    "staff": gettext_lazy("Staff"),
    "coordination": gettext_lazy("Coordination"),
    "supply": gettext_lazy("Supply"),
    "data": gettext_lazy("Data"),
    "other": gettext_lazy("Other"),
}


@login_required
@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    """List the templates, and those that are shipped but not loaded in the reader's language."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    language = words.language()
    may_make = permissions.allows(authority, Permission.MANAGE_PROGRAMMES)
    offered = [
        {"code": code, "title": queries.in_language(one["title"], language)}
        for code, one in queries.shipped().items()
        if may_make and queries.already_loaded(code, language) is None
    ]
    context = {
        "templates": [
            {"row": row, "steps": len(row.content.get("steps", ()))} for row in queries.templates()[:200]
        ],
        "offered": offered,
        "breadcrumbs": [(_("Programmes"), reverse("programmes:programmes"))],
    }
    return render(request, "programmes/templates/list.html", context)


@login_required
@require_POST
def template_load(request: HttpRequest, code: str) -> HttpResponse:
    """Load a shipped template in the reader's language."""
    made = actions.load_shipped(words.person(request), code, words.language())
    return redirect("programmes:template", made.public_id)


@login_required
@require_safe
def template_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what a template teaches: steps with their days, obstacles with their remedies."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    row = queries.template(public_id)
    experience = rules.from_content(row.content)
    length = max((step.after_days + step.duration_days for step in experience.steps), default=1)
    source = _visible_source(request, row)
    context = {
        "template": row,
        "steps": [
            {
                "number": number,
                "step": step,
                "start": step.after_days * 100 // length,
                "width": max(1, step.duration_days * 100 // length),
                "needs": ", ".join(reader_of(request).number(one) for one in step.depends_on),
            }
            for number, step in enumerate(experience.steps, 1)
        ],
        "length": length,
        "obstacles": [
            {"row": one, "cause": CAUSES.get(one.cause, one.cause)} for one in experience.obstacles
        ],
        "note": row.content.get("note", ""),
        "source": source,
        "may_start": bool(programmes.lead_bodies(authority)),
        "breadcrumbs": [
            (_("Programmes"), reverse("programmes:programmes")),
            (_("Templates"), reverse("programmes:templates")),
        ],
    }
    return render(request, "programmes/templates/template.html", context)


def _visible_source(request: HttpRequest, row: ProgrammeTemplate) -> Programme | None:
    authority = organisations.authority_in(request)
    return (
        programmes.visible_programmes(authority).filter(pk=row.source_id).first() if row.source_id else None
    )


@login_required
@require_http_methods(POST_TOO)
def template_make(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep a finished programme as a template."""
    programme = managed(request, public_id)
    form = TemplateForm(words.posted(request), initial={"title": programme.title})
    if request.method == "POST" and form.is_valid():
        made = done(
            form,
            lambda: actions.make_template(
                words.person(request), programme.pk, title=form.cleaned_data["title"]
            ),
        )
        if made is not None:
            notices.done(request, _("The experience is kept; a new programme can start from it."))
            return redirect("programmes:template", made.public_id)
    page = reverse("programmes:programme", args=[public_id])
    return _form(
        request, form, _("Keep as a template"), programme.title, cancel=page, breadcrumbs=crumbs(programme)
    )


def _form(
    request: HttpRequest, form: Any, title: str, lead: str, *, cancel: str, breadcrumbs: list[tuple[str, str]]
) -> HttpResponse:
    context = {"form": form, "title": title, "lead": lead, "cancel_url": cancel, "breadcrumbs": breadcrumbs}
    status = 422 if request.method == "POST" else 200
    return render(request, "programmes/programmes/form.html", context, status=status)


@login_required
@require_http_methods(POST_TOO)
def template_start(request: HttpRequest, public_id: str) -> HttpResponse:
    """Start a programme from a template."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.MANAGE_PROGRAMMES)
    row = queries.template(public_id)
    form = StartForm(
        words.posted(request),
        leads=lead_choices(authority),
        initial={"calendar": str(reader_of(request).calendar), "starts_on": today()},
    )
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _started(request, row, form))
        if made is not None:
            notices.done(request, _("The programme is begun as a draft with the template's steps."))
            return redirect("programmes:programme", made.public_id)
    page = reverse("programmes:template", args=[public_id])
    way = [(_("Templates"), reverse("programmes:templates")), (row.title, page)]
    return _form(request, form, _("Start a programme from it"), row.title, cancel=page, breadcrumbs=way)


def _started(request: HttpRequest, row: ProgrammeTemplate, form: StartForm) -> Programme:
    given = form.cleaned_data
    return actions.start_from_template(
        words.person(request),
        row.pk,
        title=given["title"],
        organisation_code=given["lead"],
        starts_on=given["starts_on"],
        calendar=Calendar(given["calendar"]),
    )


urlpatterns = [
    path("templates/", template_list, name="templates"),
    path("templates/load/<slug:code>/", template_load, name="template_load"),
    path("templates/<slug:public_id>/", template_page, name="template"),
    path("templates/<slug:public_id>/start/", template_start, name="template_start"),
    path("<slug:public_id>/template/", template_make, name="template_make"),
]
