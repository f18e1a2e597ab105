"""Ask for access one question a page, without a script; show a request with its trail, and answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms as django_forms
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions import requests as actions
from mehvar.exchange.data.control import AgreementState, RequestState, RequestStep, RequestWords
from mehvar.exchange.forms import steps as forms
from mehvar.exchange.forms import wizard
from mehvar.exchange.models import AccessRequest, Agreement
from mehvar.exchange.queries import names, scope
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules.lifecycles import REQUEST
from mehvar.exchange.tables import words
from mehvar.exchange.tables.members import RequestTable
from mehvar.exchange.views import steps
from mehvar.exchange.views.objects import Offer, Page, facts, home, on_record, person, show, viewer
from mehvar.exchange.views.steps import Step
from mehvar.kernel.errors import NotFound
from mehvar.ui import notices, pages
from mehvar.ui.data import AxisStep, SummaryRow, TimelineEvent
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.exchange.models import AccessRequestEvent
    from mehvar.organisations.data import Authority


@login_required
@require_safe
def request_list(request: HttpRequest) -> HttpResponseBase:
    """List the requests that one made and those to one's own services."""
    context = {
        "title": _("Requests for access"),
        "lead": _("Whoever needs a service asks for it; the provider answers within working days."),
        "breadcrumbs": [home()],
        "page_wide": True,
    }
    rows = scope.visible_requests(viewer(request))
    return RequestTable(rows, request).respond("exchange/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin a request: for which of one's systems."""
    authority = viewer(request)
    service = scope.visible_service(authority, public_id)
    systems = [(str(row.pk), f"{row.name} ({row})") for row in scope.managed_subsystems(authority)]
    form = wizard.SystemPage(request.POST or None, systems=systems)
    if request.method == "POST" and form.is_valid():
        made = done(
            form,
            lambda: actions.begin(
                person(request), subsystem_id=int(form.cleaned_data["subsystem"]), service=public_id
            ),
        )
        if made is not None:
            return redirect("exchange:request_question", made.public_id, "what")
    return pages.confirm(
        request,
        title=_("Ask for access"),
        text=service.title,
        action=_("Begin"),
        consequences=(
            _("You answer five short questions; nothing is sent before you submit it."),
            _("The provider answers within working days and you are told."),
        ),
        cancel_url=reverse("exchange:service", args=[public_id]),
        form=form,
    )


QUESTIONS: Mapping[str, tuple[type[django_forms.Form], Any]] = {
    "what": (wizard.WhatPage, _("What do you need?")),
    "purpose": (wizard.PurposePage, _("For which purpose?")),
    "basis": (wizard.BasisPage, _("On which legal basis?")),
    "volume": (wizard.VolumePage, _("How often will you ask?")),
    "dates": (wizard.DatesPage, _("From when until when?")),
}
ORDER = [*QUESTIONS, "check"]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, public_id: str, page: str) -> HttpResponse:
    """Ask one question of a request, keep the answer, and go on to the next."""
    authority = viewer(request)
    row = scope.visible_request(authority, public_id)
    is_open = row.state in {RequestState.DRAFT, RequestState.RETURNED}
    if page not in ORDER or not is_open or not scope.speaks_for(authority, row.subsystem.member):
        raise NotFound("This step is not possible here and now.", code="no-step")
    if page == "check":
        return _check(request, row)
    kind, title = QUESTIONS[page]
    form = kind(request.POST or None, initial=_answers(row), **_options(page, row))
    if request.method == "POST" and form.is_valid():
        kept = done(form, lambda: _keep(request, row, page, form.cleaned_data))
        if kept is not None:
            return redirect("exchange:request_question", public_id, ORDER[ORDER.index(page) + 1])
    context = {
        "row": row,
        "form": form,
        "title": title,
        "number": ORDER.index(page) + 1,
        "count": len(ORDER),
        "back": _before(row, page),
    }
    return render(request, "exchange/question.html", context, status=422 if form.errors else 200)


def _before(row: AccessRequest, page: str) -> str:
    place = ORDER.index(page)
    if place == 0:
        return reverse("exchange:request", args=[row.public_id])
    return reverse("exchange:request_question", args=[row.public_id, ORDER[place - 1]])


def _answers(row: AccessRequest) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in RequestWords.__dataclass_fields__}
    return {
        **kept,
        "endpoints": [str(pk) for pk in row.endpoints.values_list("pk", flat=True)],
        "version": row.version,
    }


def _options(page: str, row: AccessRequest) -> dict[str, Any]:
    if page != "what":
        return {}
    found = row.service.endpoints.order_by("path", "method")
    return {
        "endpoints": [(str(one.pk), f"{one} · {one.summary}" if one.summary else str(one)) for one in found]
    }


def _keep(request: HttpRequest, row: AccessRequest, page: str, given: dict[str, Any]) -> AccessRequest:
    said = {name: getattr(row, name) for name in RequestWords.__dataclass_fields__}
    said |= {name: value for name, value in given.items() if name in said}
    endpoints = [int(key) for key in given["endpoints"]] if page == "what" else None
    return actions.change(
        person(request),
        row.public_id,
        words=RequestWords(**said),
        version=given.get("version") or row.version,
        endpoint_ids=endpoints,
    )


def _check(request: HttpRequest, row: AccessRequest) -> HttpResponse:
    """Show all answers, and submit them."""
    form = forms.NoteForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = done(
            form,
            lambda: actions.submit(
                person(request), row.public_id, version=given["version"] or row.version, note=given["note"]
            ),
        )
        if made is not None:
            notices.done(request, gettext("The request is with the provider."))
            return redirect("exchange:request", row.public_id)
    context = {
        "row": row,
        "form": form,
        "title": _("Is this right?"),
        "number": len(ORDER),
        "count": len(ORDER),
        "answers": _facts(request, row),
        "back": _before(row, "check"),
    }
    return render(request, "exchange/question.html", context, status=422 if form.errors else 200)


def _facts(request: HttpRequest, row: AccessRequest) -> list[SummaryRow]:
    reader = reader_of(request)
    wanted = [str(one) for one in row.endpoints.all()]
    due = reader.date(row.due_on) if row.due_on else ""
    if row.first_due_on and row.due_on and row.first_due_on != row.due_on:
        due = gettext("%(date)s (first: %(first)s)") % {"date": due, "first": reader.date(row.first_due_on)}
    return facts(
        (_("Service"), row.service.title),
        (_("Offered by"), words.name_of(row.service.subsystem.member.organisation)),
        (_("Who asks"), f"{words.name_of(row.subsystem.member.organisation)} · {row.subsystem.name}"),
        (_("What is wanted"), ", ".join(wanted) or _("the whole service")),
        (_("Purpose"), row.purpose),
        (_("Legal basis"), row.legal_basis),
        (_("Expected calls per day"), reader.number(row.calls_per_day) if row.calls_per_day else ""),
        (_("Wanted from"), reader.date(row.wanted_from) if row.wanted_from else ""),
        (_("Wanted until"), reader.date(row.wanted_until) if row.wanted_until else _("without end")),
        (_("Answer due"), due if row.state == RequestState.SUBMITTED else ""),
        (_("Answer"), row.decision_note),
    )


@login_required
@require_safe
def request_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one request: what is asked, why, until when it is answered, and every step."""
    authority = viewer(request)
    row = scope.visible_request(authority, public_id)
    is_late = row.state == RequestState.SUBMITTED and row.due_on is not None and row.due_on < today()
    page = Page(
        gettext("Access to “%(service)s”") % {"service": row.service.title},
        state=words.badge(words.REQUESTS, row.state),
        name=names.client_name(row.subsystem),
        notice=_("The answer is late; the exchange's operator has been told.") if is_late else "",
        facts=_facts(request, row),
        events=[_event(one) for one in row.events.select_related("actor").order_by("-at", "-id")],
        axis=_axis(row),
        offers=steps.offers(
            REQUEST_STEPS,
            row,
            authority,
            lambda slug: reverse("exchange:request_step", args=[public_id, slug]),
        ),
    )
    if row.state in {RequestState.DRAFT, RequestState.RETURNED} and scope.speaks_for(
        authority, row.subsystem.member
    ):
        address = reverse("exchange:request_question", args=[public_id, "what"])
        page.offers.insert(0, Offer(_("Fill it in and submit it"), address, is_main=True))
    if row.agreement is not None:
        address = reverse("exchange:agreement", args=[row.agreement.public_id])
        page.facts.append(SummaryRow(_("Agreement"), row.agreement.title, address, _("Show")))
    on_record(page, "exchange-request", row.public_id)
    return show(request, page, [(gettext("Requests for access"), reverse("exchange:requests"))])


def _axis(row: AccessRequest) -> list[AxisStep]:
    reader = reader_of()
    ended = row.state in {RequestState.GRANTED, RequestState.REFUSED, RequestState.WITHDRAWN}
    place = 2 if ended else 1 if row.state == RequestState.SUBMITTED else 0
    end = words.word(words.REQUESTS, row.state) if ended else gettext("Answered")
    days = (row.created_at.date(), row.due_on, row.decided_at.date() if ended and row.decided_at else None)
    labels = (gettext("Draft"), gettext("With the provider"), end)
    return [
        AxisStep(
            label,
            "#trail",
            "current" if number == place else "done" if number < place else "todo",
            reader.date(day, "short") if day else "",
        )
        for number, (label, day) in enumerate(zip(labels, days, strict=True))
    ]


def _event(one: AccessRequestEvent) -> TimelineEvent:
    return TimelineEvent(
        title=words.word(words.STEPS, one.action),
        at=one.at,
        actor=one.actor.name if one.actor else "",
        text=one.note,
        state=words.STEP_BADGES.get(one.action, "neutral"),
    )


def _provider_may(step: RequestStep) -> Callable[[AccessRequest, Authority], bool]:
    return lambda row, authority: (
        REQUEST.allows(row.state, step) and scope.speaks_for(authority, row.service.subsystem.member)
    )


def _held(row: AccessRequest, _authority: Authority) -> dict[str, Any]:
    """Offer the agreements between the two that hold."""
    rows = Agreement.objects.filter(
        provider=row.service.subsystem.member, consumer=row.subsystem.member, state=AgreementState.VALID
    )
    return {
        "agreements": [
            (one.public_id, one.title) for one in rows if not (one.valid_until and one.valid_until < today())
        ]
    }


REQUEST_STEPS: steps.Steps = {
    "grant": Step(
        _("Grant it"),
        lambda user, row, given: actions.grant(
            user, row.public_id, version=given["version"], agreement=given["agreement"], note=given["note"]
        ),
        _provider_may(RequestStep.GRANT),
        forms.GrantForm,
        (
            _("The agreement and the rights under it are on public record."),
            _("The client may call from the first day of the agreement on."),
        ),
        is_main=True,
        options=_held,
    ),
    "return": Step(
        _("Return it with remarks"),
        lambda user, row, given: actions.return_(
            user, row.public_id, remarks=given["note"], version=given["version"]
        ),
        _provider_may(RequestStep.RETURN),
        forms.RemarksForm,
        (_("Who asks can change it and submit it again."),),
    ),
    "refuse": Step(
        _("Refuse it"),
        lambda user, row, given: actions.refuse(
            user, row.public_id, reason=given["note"], version=given["version"]
        ),
        _provider_may(RequestStep.REFUSE),
        forms.RemarksForm,
        (_("Who asks is told, with your words."),),
        danger=True,
    ),
    "withdraw": Step(
        _("Withdraw the request"),
        lambda user, row, given: actions.withdraw(
            user, row.public_id, version=given["version"], reason=given["note"]
        ),
        lambda row, authority: (
            REQUEST.allows(row.state, RequestStep.WITHDRAW)
            and scope.speaks_for(authority, row.subsystem.member)
        ),
        forms.NoteForm,
        danger=True,
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def request_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Take a step with a request."""
    authority = viewer(request)
    row = scope.visible_request(authority, public_id)
    return steps.take(
        request,
        REQUEST_STEPS,
        step,
        row,
        authority=authority,
        user=person(request),
        back=reverse("exchange:request", args=[public_id]),
        text=f"{row.subsystem.name} → {row.service.title}",
    )


urlpatterns = [
    path("requests/", request_list, name="requests"),
    path("services/<slug:public_id>/ask/", request_new, name="request_new"),
    path("requests/<slug:public_id>/", request_page, name="request"),
    path("requests/<slug:public_id>/do/<slug:step>/", request_step, name="request_step"),
    path("requests/<slug:public_id>/ask/<slug:page>/", question, name="request_question"),
]
