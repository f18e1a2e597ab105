"""Let directors authorise, auditors look at unusual volumes, counters give codes, and the operator enter delays by law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions import authorisations, subjects, watching
from mehvar.exchange.actions.authorisations import Terms
from mehvar.exchange.forms.inquiries import (
    REASONS,
    AuthoriseForm,
    CounterForm,
    DelayForm,
    EndForm,
    SettleForm,
)
from mehvar.exchange.queries import inquiries as queries
from mehvar.exchange.queries import scope
from mehvar.exchange.queries import subjects as subject_queries
from mehvar.exchange.queries.days import today
from mehvar.exchange.tables import phrases
from mehvar.exchange.tables.inquiries import AuthorisationTable
from mehvar.exchange.views.inquiries import crumbs, inquirer
from mehvar.exchange.views.objects import home, person
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission, require
from mehvar.ui import notices, pages
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.exchange.models import CounterCode, DisclosureDelay, InquiryAuthorisation, InquiryFlag


@login_required
@require_safe
def authorisation_list(request: HttpRequest) -> HttpResponseBase:
    """List who may ask what until when."""
    authority = inquirer(request)
    table = AuthorisationTable(queries.listed_authorisations(authority), request)
    context = {"authorises": queries.authorises(authority), "breadcrumbs": crumbs(), "page_wide": True}
    return table.respond("exchange/inquiries/authorisations.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def authorise(request: HttpRequest) -> HttpResponse:
    """Let an officer ask."""
    authority = inquirer(request)
    require(authority, Permission.AUTHORISE_INQUIRY)
    rights = [
        (f"{right.public_id}:{system.pk}", f"{right.service.title} · {system.name} · {right.agreement.title}")
        for right, system in queries.offered_rights(authority)
    ]
    officers = [(str(pk), name) for pk, name in queries.officers_for(authority)]
    form = AuthoriseForm(
        request.POST or None, officers=officers, rights=rights, initial={"valid_from": today()}
    )
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _authorised(request, form))
        if made is not None:
            notices.done(request, _("The officer may ask now, and has been told."))
            return redirect("exchange:authorisations")
    context = {
        "form": form,
        "title": _("Authorise an officer"),
        "action": _("Authorise an officer"),
        "lead": _(
            "One named officer, one service, one purpose, until a day. It is on record who allowed it."
        ),
        "back": reverse("exchange:authorisations"),
        "breadcrumbs": crumbs(),
        "missing": ""
        if officers and rights
        else _("You need an inquiry officer in your body, and a right that your body holds."),
    }
    return render(request, "exchange/inquiries/form.html", context, status=422 if form.errors else 200)


def _authorised(request: HttpRequest, form: AuthoriseForm) -> InquiryAuthorisation:
    given = form.cleaned_data
    right, _colon, system = given["right"].rpartition(":")
    terms = Terms(given["purpose"], given["valid_from"], given["valid_until"], given["daily_limit"])
    return authorisations.authorise(
        person(request), officer_id=int(given["officer"]), right=right, subsystem_id=int(system), terms=terms
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def authorisation_end(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take an authorisation back."""
    authority = inquirer(request)
    row = queries.visible_authorisation(authority, public_id)
    require(authority, Permission.AUTHORISE_INQUIRY, row.subsystem.member.organisation.path)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ended = done(
            form, lambda: authorisations.end(person(request), public_id, reason=form.cleaned_data["reason"])
        )
        if ended is not None:
            notices.done(request, _("The authorisation is taken back; files that wait are stopped."))
            return redirect("exchange:authorisations")
    context = {
        "form": form,
        "title": _("Take an authorisation back"),
        "action": _("Take an authorisation back"),
        "lead": phrases.joined([row.officer.name, row.right.service.title, row.purpose]),
        "back": reverse("exchange:authorisations"),
        "breadcrumbs": crumbs(),
        "missing": "",
    }
    return render(request, "exchange/inquiries/form.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def unusual_list(request: HttpRequest) -> HttpResponse:
    """Show auditors who asked unusually much."""
    require(inquirer(request), Permission.AUDIT)
    context = {"flags": queries.flags()[:200], "breadcrumbs": crumbs()}
    return render(request, "exchange/inquiries/unusual.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unusual_settle(request: HttpRequest, flag_id: int) -> HttpResponse:
    """Let an auditor say what an unusual volume was."""
    require(inquirer(request), Permission.AUDIT)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        settled = done(
            form, lambda: watching.settle_flag(person(request), flag_id, note=form.cleaned_data["note"])
        )
        if settled is not None:
            return redirect("exchange:unusual")
    context = {
        "form": form,
        "title": _("What was it?"),
        "lead": _unusual(request, queries.flag(flag_id)),
        "action": _("Put it on record"),
        "back": reverse("exchange:unusual"),
        "breadcrumbs": [*crumbs(), (_("Unusual volumes"), reverse("exchange:unusual"))],
        "missing": "",
    }
    return render(request, "exchange/inquiries/form.html", context, status=422 if form.errors else 200)


def _unusual(request: HttpRequest, flag: InquiryFlag) -> str:
    reader = reader_of(request)
    said = _("%(count)s questions in a day, usually %(usual)s") % {
        "count": reader.number(flag.count),
        "usual": reader.number(round(flag.usual)),
    }
    return phrases.joined([flag.officer.name, reader.date(flag.day), said])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    """Give a code to a person whose identity card was seen."""
    require(inquirer(request), Permission.INQUIRE)
    form = CounterForm(request.POST or None)
    made: tuple[CounterCode, str] | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = done(
            form,
            lambda: subjects.issue_code(person(request), given["identifier"], document=given["document"]),
        )
    context = {
        "form": form,
        "code": " ".join(made[1][at : at + 4] for at in (0, 4, 8)) if made else "",
        "until": made[0].expires_at if made else None,
        "address": request.build_absolute_uri(reverse("exchange:about")),
        "breadcrumbs": crumbs(),
    }
    response = render(request, "exchange/inquiries/counter.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delays(request: HttpRequest) -> HttpResponse:
    """List delays by law, and let the operator enter one."""
    authority = organisations.authority_in(request)
    if not scope.sees_all(authority):
        require(authority, Permission.OPERATE_EXCHANGE)
    offered = scope.visible_agreements(authority).filter(state="valid").order_by("title")
    choices = [(row.public_id, row.title) for row in offered[:500]]
    form = DelayForm(request.POST or None, agreements=choices, initial={"valid_from": today()})
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _delayed(request, form))
        if made is not None:
            notices.done(request, _("The delay holds and is on public record."))
            return redirect("exchange:delays")
    context = {
        "form": form,
        "rows": [(row, dict(REASONS).get(row.reason, row.reason)) for row in subject_queries.delays()[:200]],
        "operates": scope.operates(authority),
        "breadcrumbs": [home()],
    }
    return render(request, "exchange/inquiries/delays.html", context, status=422 if form.errors else 200)


def _delayed(request: HttpRequest, form: DelayForm) -> DisclosureDelay:
    given = form.cleaned_data
    return subjects.delay_disclosure(
        person(request),
        given["agreement"],
        reason=given["reason"],
        legal_basis=given["legal_basis"],
        days=given["days"],
        valid_from=given["valid_from"],
        valid_until=given["valid_until"],
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delay_end(request: HttpRequest, public_id: str) -> HttpResponse:
    """End a delay, once its consequences were shown."""
    require(organisations.authority_in(request), Permission.OPERATE_EXCHANGE)
    if request.method == "POST":
        subjects.end_delay(person(request), public_id)
        notices.done(request, _("What was held back is told from now on."))
        return redirect("exchange:delays")
    row = subject_queries.delay(public_id)
    return pages.confirm(
        request,
        title=_("End a delay by law"),
        text=row.agreement.title,
        consequences=(
            _("What was held back is told to the persons at once."),
            _("This is on public record."),
        ),
        action=_("End it"),
        cancel_url=reverse("exchange:delays"),
        danger=True,
        breadcrumbs=[home(), (_("Delays by law"), reverse("exchange:delays"))],
    )


urlpatterns = [
    path("inquiries/authorisations/", authorisation_list, name="authorisations"),
    path("inquiries/authorisations/new/", authorise, name="authorise"),
    path("inquiries/authorisations/<slug:public_id>/end/", authorisation_end, name="authorisation_end"),
    path("inquiries/unusual/", unusual_list, name="unusual"),
    path("inquiries/unusual/<int:flag_id>/", unusual_settle, name="unusual_settle"),
    path("inquiries/counter/", counter, name="counter"),
    path("delays/", delays, name="delays"),
    path("delays/<slug:public_id>/end/", delay_end, name="delay_end"),
]
