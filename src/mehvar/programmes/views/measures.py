"""Show one measure of a programme, traced both ways, and the forms of own and local measures.

Source: S2.4 (local plans derived from national tasks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.directives.queries.days import today
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import programmes as actions
from mehvar.programmes.data import ProductClass
from mehvar.programmes.forms.programmes import DeriveForm, MeasureForm, ReasonForm
from mehvar.programmes.queries import audience
from mehvar.programmes.queries import programmes as queries
from mehvar.programmes.queries.audience import Audience
from mehvar.programmes.queries.deliveries import cell_of_delivery
from mehvar.programmes.rules.plans import CHANGEABLE
from mehvar.programmes.tables.deliveries import CELL_BADGES, CELL_WORDS
from mehvar.programmes.views import plan_words as words
from mehvar.programmes.views.programmes import POST_TOO, crumbs, found, managed, objective_choices
from mehvar.ui import notices, pages
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from mehvar.programmes.models import Programme, ProgrammeMeasure

CELL_STATES = {key: (CELL_BADGES[key], word) for key, word in CELL_WORDS}


@login_required
@require_safe
def measure_page(request: HttpRequest, public_id: str, measure_id: int) -> HttpResponse:
    """Show where a measure comes from, which local measures and items of plans serve it, and how they stand."""
    authority = organisations.authority_in(request)
    programme = found(request, public_id)
    row = queries.programme_measure(authority, programme, measure_id)
    manages = queries.may_manage(authority, programme) and programme.state in CHANGEABLE
    source = row.derived_from
    context = {
        "programme": programme,
        "row": row,
        "text": queries.text_of(row),
        "field": queries.field_of(row),
        "due": queries.due_of(row),
        "body": name_of(row.organisation)
        if row.organisation
        else queries.leads_of(authority, [row], words.language()).get(row.measure_id or 0, ""),
        "product": words.badge(words.PRODUCT_CLASSES, row.product_class),
        "source": source,
        "source_text": queries.text_of(source) if source else "",
        "locals": [
            {"row": local, "body": name_of(local.organisation), "due": local.due_on}
            for local in queries.derived_of(authority, row)
        ],
        "items": [
            {
                "item": item,
                "body": name_of(item.plan.organisation),
                "state": words.badge(words.PLAN_STATES, words.state_of(item.plan)),
                "url": reverse("programmes:plan", args=[item.plan.public_id]) + f"#item-{item.public_id}",
            }
            for item in queries.items_serving(authority, row)
        ],
        "deliveries": [
            {
                "row": delivery,
                "body": name_of(delivery.organisation),
                "cell": words.badge(CELL_STATES, str(cell_of_delivery(delivery) or "")),
                "url": reverse("programmes:delivery", args=[delivery.public_id]),
            }
            for delivery in queries.deliveries_of(authority, row)
        ],
        "manages": manages,
        "axis": words.axis(programme, at="measure", measure=row),
        "breadcrumbs": crumbs(programme),
    }
    return render(request, "programmes/programmes/measure.html", context)


def name_of(body: Any) -> str:
    """Name a body in the language of the page."""
    return organisations.name_in(body, words.language())


@login_required
@require_http_methods(POST_TOO)
def measure_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a measure of the programme's own."""
    programme = managed(request, public_id)
    form = MeasureForm(words.posted(request), objectives=objective_choices(programme), leave_out=("version",))
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _added(request, programme, form))
        if made is not None:
            notices.done(request, _("Saved."))
            return redirect("programmes:programme", public_id)
    return _form_page(request, programme, form, _("Write an own measure"))


def _added(request: HttpRequest, programme: Programme, form: MeasureForm) -> ProgrammeMeasure:
    given = form.cleaned_data
    return actions.add_measure(
        words.person(request),
        programme.pk,
        text=given["text"],
        objective_id=int(given["objective"]) if given["objective"] else None,
        organisation_id=_body_id(programme, given["body"]),
        due_on=given["due_on"],
        outcome_indicator=given["outcome_indicator"],
        product_class=ProductClass(given["product_class"]),
        weight=given["weight"],
    )


def _body_id(programme: Programme, written: str) -> int | None:
    if not written.strip():
        return None
    pack = organisations.pack_of_organisation(programme.organisation_id)
    return int(audience.body_named(written, pack, today()).pk)


def _form_page(
    request: HttpRequest, programme: Programme, form: Any, title: str, lead: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "lead": lead or programme.title,
        "cancel_url": reverse("programmes:programme", args=[programme.public_id]),
        "breadcrumbs": crumbs(programme),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "programmes/programmes/form.html", context, status=status)


@login_required
@require_http_methods(POST_TOO)
def measure_edit(request: HttpRequest, public_id: str, measure_id: int) -> HttpResponse:
    """Change a measure in the programme."""
    programme = managed(request, public_id)
    row = queries.programme_measure(organisations.authority_in(request), programme, measure_id)
    left_out = ("text", "body", "due_on") if row.measure_id else ("body",)
    form = MeasureForm(
        words.posted(request),
        objectives=objective_choices(programme),
        leave_out=left_out,
        initial={
            "text": row.text,
            "objective": row.objective_id,
            "due_on": row.due_on,
            "outcome_indicator": row.outcome_indicator,
            "product_class": row.product_class,
            "weight": f"{row.weight:g}",
            "version": row.version,
        },
    )
    if request.method == "POST" and form.is_valid():
        saved = done(form, lambda: _edited(request, row, form))
        if saved is not None:
            notices.done(request, _("Saved."))
            return redirect("programmes:measure", public_id, measure_id)
    return _form_page(request, programme, form, _("Edit the measure"), lead=queries.text_of(row))


def _edited(request: HttpRequest, row: ProgrammeMeasure, form: MeasureForm) -> ProgrammeMeasure:
    given = form.cleaned_data
    kept = ("text", "due_on", "outcome_indicator", "product_class", "weight")
    values = {name: given[name] for name in kept if name in given}
    values["objective_id"] = int(given["objective"]) if given["objective"] else None
    return actions.edit_measure(words.person(request), row.pk, version=given["version"] or 0, **values)


@login_required
@require_http_methods(POST_TOO)
def derive(request: HttpRequest, public_id: str, measure_id: int) -> HttpResponse:
    """Derive local measures of a national one for chosen bodies."""
    programme = managed(request, public_id)
    row = queries.programme_measure(organisations.authority_in(request), programme, measure_id)
    form = DeriveForm(words.posted(request))
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _derived(request, programme, row, form))
        if made is not None:
            shown = reader_of(request).number(len(made))
            text = ngettext("%(n)s local measure derived.", "%(n)s local measures derived.", len(made))
            notices.done(request, text % {"n": shown})
            return redirect("programmes:measure", public_id, measure_id)
    return _form_page(request, programme, form, _("Derive local measures"), lead=queries.text_of(row))


def _derived(
    request: HttpRequest, programme: Programme, row: ProgrammeMeasure, form: DeriveForm
) -> list[ProgrammeMeasure]:
    given = form.cleaned_data
    pack = organisations.pack_of_organisation(programme.organisation_id)
    bodies = audience.bodies_of(Audience(given["audience"]), pack, today(), given["picked"])
    return actions.derive_measures(
        words.person(request),
        row.pk,
        [body.pk for body in bodies],
        text=given["text"],
        due_on=given["due_on"],
    )


@login_required
@require_http_methods(POST_TOO)
def measure_remove(request: HttpRequest, public_id: str, measure_id: int) -> HttpResponse:
    """Take a measure out of the programme, after asking."""
    programme = managed(request, public_id)
    row = queries.programme_measure(organisations.authority_in(request), programme, measure_id)
    form = ReasonForm(words.posted(request))
    del form.fields["reason"]
    if request.method == "POST" and form.is_valid() and done(form, lambda: _removed(request, row)):
        notices.done(request, _("The measure is taken out."))
        return redirect("programmes:programme", public_id)
    return pages.confirm(
        request,
        title=_("Take the measure out"),
        text=queries.text_of(row),
        consequences=[_("The directive's measure itself stays as it is.")],
        action=_("Take it out"),
        cancel_url=reverse("programmes:measure", args=[public_id, measure_id]),
        form=form,
    )


def _removed(request: HttpRequest, row: ProgrammeMeasure) -> bool:
    actions.remove_measure(words.person(request), row.pk)
    return True


urlpatterns = [
    path("<slug:public_id>/measures/new/", measure_new, name="measure_new"),
    path("<slug:public_id>/measures/<int:measure_id>/", measure_page, name="measure"),
    path("<slug:public_id>/measures/<int:measure_id>/edit/", measure_edit, name="measure_edit"),
    path("<slug:public_id>/measures/<int:measure_id>/derive/", derive, name="measure_derive"),
    path("<slug:public_id>/measures/<int:measure_id>/remove/", measure_remove, name="measure_remove"),
]
