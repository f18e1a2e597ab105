"""Show programmes: the list, one with its measures by objective and field, and the forms that make it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.directives.queries import directives as directive_queries
from mehvar.directives.queries import duties as duty_queries
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import programmes as actions
from mehvar.programmes.data import ProductClass
from mehvar.programmes.forms.programmes import GatherForm, ObjectiveFormSet, ProgrammeForm, ReasonForm
from mehvar.programmes.queries import cells, coverage
from mehvar.programmes.queries import programmes as queries
from mehvar.programmes.queries.cells import Narrowing
from mehvar.programmes.rules.plans import CHANGEABLE, PROGRAMME_LIFE, ProgrammeStep
from mehvar.programmes.tables.plans import ProgrammeTable
from mehvar.programmes.views import plan_words as words
from mehvar.ui import notices, pages
from mehvar.ui.data import EmptyState
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import Programme, ProgrammeMeasure

POST_TOO = ["GET", "HEAD", "POST"]


@login_required
@require_safe
def programme_list(request: HttpRequest) -> HttpResponseBase:
    """List the programmes that one may see."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    table = ProgrammeTable(queries.listed(authority), request)
    may_make = bool(queries.lead_bodies(authority))
    table.empty = EmptyState(  # type: ignore[misc]  # depends on the person
        title=_("No programme yet"),
        text=_(
            "A programme gathers measures of directives by objective and field; bodies file their plans for it."
        ),
        url=reverse("programmes:programme_new") if may_make else "",
        label=_("Begin a programme") if may_make else "",
    )
    return table.respond("programmes/programmes/list.html", {"may_make": may_make})


def found(request: HttpRequest, public_id: str) -> Programme:
    """Give a programme that the person may see."""
    return queries.visible_programme(organisations.authority_in(request), public_id)


def managed(request: HttpRequest, public_id: str) -> Programme:
    """Give a programme that the person manages."""
    programme = found(request, public_id)
    permissions.require(
        organisations.authority_in(request), Permission.MANAGE_PROGRAMMES, programme.organisation.path
    )
    return programme


@login_required
@require_safe
def programme_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a programme: measures by objective and field, calls, four cells, templates."""
    authority = organisations.authority_in(request)
    programme = queries.visible_programme(authority, public_id)
    manages = queries.may_manage(authority, programme)
    rows = list(queries.own_rows(queries.measures_of(programme.pk), authority, programme))
    served = queries.plans_by_measure(authority, programme)
    context = {
        "programme": programme,
        "lead": organisations.name_in(programme.organisation, words.language()),
        "state": words.badge(words.PROGRAMME_STATES, programme.state),
        "axis": words.axis(programme, at="measure"),
        "groups": groups_of(rows, served, queries.leads_of(authority, rows, words.language())),
        "measure_count": len(rows),
        "classes": classes_of(rows),
        "directives": queries.directives_of(programme.pk),
        "calls": coverage.of_programme(authority, programme.pk),
        "cells": cells.cells_total(authority, Narrowing(programme_id=programme.pk)),
        "cells_url": reverse("programmes:deliveries") + f"?programme={programme.public_id}",
        "manages": manages,
        "may_change": manages and programme.state in CHANGEABLE,
        "may_call": programme.state == "active"
        and permissions.allows(authority, Permission.CALL_FOR_PLANS, programme.organisation.path),
        "steps": steps_of(programme) if manages else [],
        "breadcrumbs": [(_("Programmes"), reverse("programmes:programmes"))],
    }
    return render(request, "programmes/programmes/programme.html", context)


def groups_of(
    rows: Iterable[ProgrammeMeasure], served: dict[int, int], leads: dict[int, str]
) -> list[dict[str, Any]]:
    """Group measures by objective, then by field; those without an objective come last."""
    by_objective: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        objective = row.objective.text if row.objective else ""
        by_objective[objective][queries.field_of(row)].append(card_of(row, served, leads))
    return [
        {
            "objective": objective,
            "anchor": f"objective-{place}",
            "number": sum(map(len, fields.values())),
            "fields": [(field if field != objective else "", cards) for field, cards in fields.items()],
        }
        for place, (objective, fields) in enumerate(
            sorted(by_objective.items(), key=lambda pair: not pair[0]), 1
        )
    ]


def card_of(row: ProgrammeMeasure, served: dict[int, int], leads: dict[int, str]) -> dict[str, Any]:
    """Give what the line of a measure shows."""
    own = organisations.name_in(row.organisation, words.language()) if row.organisation else ""
    return {
        "row": row,
        "text": queries.text_of(row),
        "due": queries.due_of(row),
        "number": reader_of().digits(row.measure.number) if row.measure else "",
        "directive": row.measure.directive.number if row.measure else "",
        "body": own or leads.get(row.measure_id or 0, ""),
        "product": words.badge(words.PRODUCT_CLASSES, row.product_class),
        "plans": served.get(row.pk, 0),
    }


def classes_of(rows: Iterable[ProgrammeMeasure]) -> list[tuple[str, int]]:
    """Count measures by product class (S0.6)."""
    counted: dict[str, int] = defaultdict(int)
    for row in rows:
        counted[row.product_class] += 1
    return [
        (words.label(words.PRODUCT_CLASSES, key) or _("Neither"), counted[key])
        for key in ProductClass
        if counted[key]
    ]


def steps_of(programme: Programme) -> list[tuple[str, str]]:
    """Give the steps that the programme's life offers now."""
    return [
        (_(step.label), reverse("programmes:programme_step", args=[programme.public_id, step.action]))
        for step in PROGRAMME_LIFE.allowed(programme.state)
    ]


@login_required
@require_http_methods(POST_TOO)
def programme_new(request: HttpRequest) -> HttpResponse:
    """Begin a programme."""
    authority = organisations.authority_in(request)
    leads = lead_choices(authority)
    if not leads:
        permissions.require(authority, Permission.MANAGE_PROGRAMMES)
    reader = reader_of(request)
    initial = {"language": words.language(), "calendar": str(reader.calendar)}
    form = ProgrammeForm(words.posted(request), leads=leads, themes=themes_of(), initial=initial)
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _created(request, form))
        if made is not None:
            return redirect("programmes:programme", made.public_id)
    return _form_page(request, form, _("Begin a programme"), reverse("programmes:programmes"))


def _created(request: HttpRequest, form: ProgrammeForm) -> Programme:
    given = form.cleaned_data
    return actions.create_programme(
        words.person(request),
        title=given["title"],
        purpose=given["purpose"],
        organisation_code=given["lead"],
        language=given["language"],
        calendar=Calendar(given["calendar"]),
        starts_on=given["starts_on"],
        ends_on=given["ends_on"],
        theme_id=int(given["theme"]) if given["theme"] else None,
    )


def lead_choices(authority: Authority) -> list[tuple[str, Any]]:
    """Offer the bodies in whose name the person leads programmes."""
    bodies = queries.lead_bodies(authority)
    names = queries.path_names([pk for pk, _code in bodies], words.language())
    return [(code, names.get(pk, code)) for pk, code in bodies]


def themes_of() -> list[tuple[str, Any]]:
    """Offer the themes of the years."""
    reader = reader_of()
    return [
        (str(theme.pk), f"{reader.digits(theme.period)} · {theme.title}") for theme in duty_queries.themes()
    ]


def _form_page(request: HttpRequest, form: Any, title: str, cancel: str, **extra: Any) -> HttpResponse:
    context = {"form": form, "title": title, "cancel_url": cancel, **extra}
    status = 422 if request.method == "POST" else 200
    return render(request, "programmes/programmes/form.html", context, status=status)


@login_required
@require_http_methods(POST_TOO)
def programme_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a programme's title, purpose, dates and theme."""
    programme = managed(request, public_id)
    initial = {
        name: getattr(programme, name) for name in ("title", "purpose", "starts_on", "ends_on", "version")
    } | {"theme": programme.theme_id}
    form = ProgrammeForm(words.posted(request), leads=[], themes=themes_of(), fixed=True, initial=initial)
    page = reverse("programmes:programme", args=[public_id])
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        values = {name: given[name] for name in ("title", "purpose", "starts_on", "ends_on")}
        values["theme_id"] = int(given["theme"]) if given["theme"] else None
        saved = done(
            form,
            lambda: actions.edit_programme(
                words.person(request), programme.pk, version=given["version"] or 0, **values
            ),
        )
        if saved is not None:
            notices.done(request, _("Saved."))
            return redirect(page)
    return _form_page(
        request,
        form,
        _("Edit the programme"),
        page,
        lead=programme.title,
        breadcrumbs=crumbs(programme),
    )


@login_required
@require_http_methods(POST_TOO)
def objectives(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a programme's objectives."""
    programme = managed(request, public_id)
    initial = [{"key": row.pk, "text": row.text, "field": row.field} for row in programme.objectives.all()]
    formset = ObjectiveFormSet(words.posted(request), initial=initial)
    page = reverse("programmes:programme", args=[public_id])
    if request.method == "POST" and formset.is_valid():
        form = ReasonForm({})
        form.is_valid()
        saved = done(form, lambda: _set_objectives(request, programme, formset.cleaned_data))
        if saved is not None:
            notices.done(request, _("Saved."))
            return redirect(page)
        for message in form.non_field_errors():
            notices.failed(request, message)
    context = {
        "programme": programme,
        "formset": formset,
        "version": request.POST.get("version", programme.version),
        "breadcrumbs": crumbs(programme),
    }
    return render(request, "programmes/programmes/objectives.html", context)


def _set_objectives(request: HttpRequest, programme: Programme, rows: list[dict[str, Any]]) -> Any:
    written = [(row.get("key"), row.get("text", ""), row.get("field", "")) for row in rows]
    version = int(request.POST.get("version", "0") or 0)
    return actions.set_objectives(words.person(request), programme.pk, written, version=version)


def crumbs(programme: Programme, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Give the way to a page of a programme."""
    return [
        (_("Programmes"), reverse("programmes:programmes")),
        (programme.title, reverse("programmes:programme", args=[programme.public_id])),
        *more,
    ]


@login_required
@require_http_methods(POST_TOO)
def gather(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose a directive in force, then which of its measures the programme gathers."""
    programme = managed(request, public_id)
    authority = organisations.authority_in(request)
    chosen = request.GET.get("directive", "")
    page = reverse("programmes:programme", args=[public_id])
    if not chosen:
        offered = queries.directives_offered(authority)[:200]
        context = {"programme": programme, "directives": offered, "breadcrumbs": crumbs(programme)}
        return render(request, "programmes/programmes/gather.html", context)
    directive = directive_queries.visible_directive(authority, chosen)
    offered_measures = [
        (str(row.pk), f"{row.number} {row.text}".strip())
        for row in queries.measures_offered(programme, directive.pk)
    ]
    form = GatherForm(
        words.posted(request), measures=offered_measures, objectives=objective_choices(programme)
    )
    if request.method == "POST" and form.is_valid():
        number = done(form, lambda: _gathered(request, programme, form))
        if number is not None:
            text = ngettext("%(n)s measure gathered.", "%(n)s measures gathered.", number)
            notices.done(request, text % {"n": reader_of(request).number(number)})
            return redirect(page)
    return _form_page(
        request,
        form,
        _("Gather measures"),
        page,
        lead=f"{directive.number} {directive.title}",
        nothing="" if offered_measures else _("All measures of this directive are gathered already."),
        breadcrumbs=crumbs(programme),
    )


def _gathered(request: HttpRequest, programme: Programme, form: GatherForm) -> int:
    given = form.cleaned_data
    ids = [int(pk) for pk in given["measures"]]
    return actions.gather_chosen(
        words.person(request),
        programme.pk,
        ids,
        objective_id=int(given["objective"]) if given["objective"] else None,
        product_class=ProductClass(given["product_class"]),
    )


def objective_choices(programme: Programme) -> list[tuple[str, Any]]:
    """Offer the programme's objectives."""
    return [(str(row.pk), row.text[:160]) for row in programme.objectives.all()]


def consequences_of(step: ProgrammeStep) -> list[str]:
    """Say what a step does."""
    said = {
        ProgrammeStep.BEGIN: [
            _("Bodies can be called to file plans."),
            _(
                "Own measures that name a body become deliveries; those of gathered measures count for the programme."
            ),
        ],
        ProgrammeStep.FINISH: [
            _("Nothing in it changes any more; reports on what is open go on."),
            _("It can be kept as a template for others."),
        ],
        ProgrammeStep.REOPEN: [_("It can be changed again.")],
        ProgrammeStep.CLOSE: [_("It stays readable and cannot be opened again.")],
    }
    return said[step]


@login_required
@require_http_methods(POST_TOO)
def programme_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Take one step of a programme's life, after saying what it does."""
    programme = managed(request, public_id)
    wanted = next((one for one in PROGRAMME_LIFE.allowed(programme.state) if one.action == step), None)
    if wanted is None:
        raise NotFound("There is no such step.", code="unknown-step")
    page = reverse("programmes:programme", args=[public_id])
    form = ReasonForm(words.posted(request), initial={"version": programme.version})
    del form.fields["reason"]
    taken = ProgrammeStep(step)
    if request.method == "POST" and form.is_valid():
        moved = done(
            form,
            lambda: actions.advance(
                words.person(request), programme.pk, taken, version=form.cleaned_data["version"]
            ),
        )
        if moved is not None:
            notices.done(request, words.label(words.PROGRAMME_STATES, moved.state))
            return redirect(page)
    return pages.confirm(
        request,
        title=_(wanted.label),
        text=programme.title,
        consequences=consequences_of(taken),
        action=_(wanted.label),
        cancel_url=page,
        form=form,
        breadcrumbs=crumbs(programme),
    )


urlpatterns = [
    path("", programme_list, name="programmes"),
    path("new/", programme_new, name="programme_new"),
    path("<slug:public_id>/", programme_page, name="programme"),
    path("<slug:public_id>/edit/", programme_edit, name="programme_edit"),
    path("<slug:public_id>/objectives/", objectives, name="objectives"),
    path("<slug:public_id>/gather/", gather, name="gather"),
    path("<slug:public_id>/step/<slug:step>/", programme_step, name="programme_step"),
]
