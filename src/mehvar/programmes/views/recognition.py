"""Show recognition: criteria before, figures and ranks after; draft, publish and award it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.directives.queries.days import today
from mehvar.kernel.periods import Period
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import recognition as actions
from mehvar.programmes.forms.obstacles import StepForm
from mehvar.programmes.forms.provinces import EditionForm
from mehvar.programmes.queries import recognition as queries
from mehvar.programmes.tables import obstacle_words as words
from mehvar.programmes.tables.period_words import period_name
from mehvar.ui import notices, pages
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from mehvar.accounts.models import User
    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import RecognitionEdition


@require_safe
def edition_list(request: HttpRequest) -> HttpResponse:
    """List the recognitions that one may see; everybody sees published ones."""
    authority = organisations.authority_in(request)
    context = {
        "cards": [
            {
                "row": row,
                "period": period_name(row.period),
                "stage": _stage(row),
                "issuer": words.name_of(row.issuer),
            }
            for row in queries.visible_editions(authority)[:100]
        ],
        "may_award": _may_award(authority),
    }
    return render(request, "programmes/recognition/list.html", context)


@require_safe
def edition_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one recognition: its criteria in plain words, and every province's figures once it is awarded."""
    authority = organisations.authority_in(request)
    row = queries.visible_edition(authority, public_id)
    results = queries.results_of(row) if row.awarded_at else []
    may = permissions.allows(authority, Permission.AWARD_RECOGNITION, row.issuer.path)
    context = {
        "row": row,
        "period": period_name(row.period),
        "issuer": words.name_of(row.issuer),
        "stage": _stage(row),
        "ends_on": Period.parse(row.period).end,
        "criteria": _criteria(row),
        "results": [_result(one, row) for one in results],
        "may_change": may and row.published_at is None,
        "may_award": may and row.published_at is not None and row.awarded_at is None,
        "is_over": Period.parse(row.period).end < today(),
        "breadcrumbs": _crumbs(),
        "page_wide": bool(results),
    }
    return render(request, "programmes/recognition/edition.html", context)


def _stage(row: RecognitionEdition) -> tuple[str, str]:
    if row.awarded_at:
        return ("done", _("Awarded"))
    return ("open", _("Criteria published")) if row.published_at else ("draft", _("Draft"))


def _criteria(row: RecognitionEdition) -> list[dict[str, Any]]:
    return [
        {
            "label": words.word(words.CRITERIA, one["code"]),
            "weight": one["weight"] / 100,
            "meaning": words.CRITERIA_MEAN[one["code"]],
        }
        for one in row.criteria
    ]


def _result(one: dict[str, Any], row: RecognitionEdition) -> dict[str, Any]:
    reader = reader_of()
    return {
        "name": organisations.name_in(one, words.language(), prefix="organisation__"),
        "rank": one["rank"],
        "score": one["score"],
        "awarded": one["awarded"],
        "figures": [
            _figure(criterion["code"], one["figures"].get(criterion["code"]) or {}, reader)
            for criterion in row.criteria
        ],
    }


def _figure(code: str, found: dict[str, Any], reader: Any) -> dict[str, str]:
    """Write one figure with what it was counted from."""
    label = words.word(words.CRITERIA, code)
    percent = found.get("percent")
    if percent is None:
        return {"label": label, "percent": "", "of": ""}
    of = _("%(part)s of %(whole)s") % {
        "part": reader.number(round(found["part"], 1)),
        "whole": reader.number(int(found["whole"])),
    }
    return {"label": label, "percent": reader.number(percent, decimals=1), "of": of}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edition_new(request: HttpRequest) -> HttpResponse:
    """Draft a recognition."""
    _require(request)
    form = EditionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: actions.draft_edition(_person(request), **_given(form)))
        if made is not None:
            return redirect("programmes:recognition_edition", made.public_id)
    return _form_page(request, form, _("Draft a recognition"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edition_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a draft."""
    row = _own(request, public_id)
    initial = {
        "title": row.title,
        "period": row.period,
        "places": row.places,
        "threshold": row.threshold,
        "note": row.note,
        "version": row.version,
        **{code: 0 for code, _label in words.CRITERIA},
        **{one["code"]: one["weight"] for one in row.criteria},
    }
    form = EditionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        changed = done(
            form, lambda: actions.change_edition(_person(request), public_id, version=version, **_given(form))
        )
        if changed is not None:
            notices.done(request, _("Saved."))
            return redirect("programmes:recognition_edition", public_id)
    return _form_page(request, form, _("Change the draft"))


def _form_page(request: HttpRequest, form: EditionForm, title: str) -> HttpResponse:
    context = {"form": form, "title": title, "breadcrumbs": _crumbs()}
    return render(request, "programmes/recognition/form.html", context, status=422 if form.errors else 200)


def _given(form: EditionForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "title": given["title"],
        "period": given["period"],
        "weights": form.weights(),
        "places": given["places"],
        "threshold": given["threshold"],
        "note": given["note"],
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Publish the criteria."""
    row = _own(request, public_id)
    form = StepForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        if (
            done(form, lambda: actions.publish_criteria(_person(request), public_id, version=version))
            is not None
        ):
            notices.done(request, _("The criteria are public."))
            return redirect("programmes:recognition_edition", public_id)
    return pages.confirm(
        request,
        title=_("Publish the criteria"),
        text=row.title,
        consequences=[
            _("Everybody can read them, and they are on public record."),
            _("From then on they do not change."),
        ],
        action=_("Publish"),
        cancel_url=reverse("programmes:recognition_edition", args=[public_id]),
        form=form,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def award(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what would be awarded, and freeze it."""
    row = _own(request, public_id)
    form = StepForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        if done(form, lambda: actions.award(_person(request), public_id, version=version)) is not None:
            notices.done(request, _("The results are frozen and public."))
            return redirect("programmes:recognition_edition", public_id)
    return pages.confirm(
        request,
        title=_("Award the recognition"),
        text=row.title,
        consequences=[
            _("The figures are computed now from what was verified, and never again."),
            _("Ranks, figures and their fingerprint are on public record."),
        ],
        action=_("Award"),
        cancel_url=reverse("programmes:recognition_edition", args=[public_id]),
        form=form,
    )


def _own(request: HttpRequest, public_id: str) -> RecognitionEdition:
    authority = organisations.authority_in(request)
    row = queries.visible_edition(authority, public_id)
    permissions.require(authority, Permission.AWARD_RECOGNITION, row.issuer.path)
    return row


def _may_award(authority: Authority) -> bool:
    return permissions.allows(authority, Permission.AWARD_RECOGNITION, organisations.ministry().path)


def _require(request: HttpRequest) -> None:
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.AWARD_RECOGNITION, organisations.ministry().path)


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)


def _crumbs() -> list[tuple[Any, str]]:
    return [(_("Recognition"), reverse("programmes:recognition"))]


urlpatterns = [
    path("recognition/", edition_list, name="recognition"),
    path("recognition/new/", edition_new, name="recognition_new"),
    path("recognition/<slug:public_id>/", edition_page, name="recognition_edition"),
    path("recognition/<slug:public_id>/edit/", edition_edit, name="recognition_edit"),
    path("recognition/<slug:public_id>/publish/", publish, name="recognition_publish"),
    path("recognition/<slug:public_id>/award/", award, name="recognition_award"),
]
