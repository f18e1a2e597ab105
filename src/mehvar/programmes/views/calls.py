"""Show calls for plans and run them: open, ask further bodies, extend, remind, close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.directives.queries.days import today
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import calls as actions
from mehvar.programmes.forms.plans import CallForm, ExtendForm
from mehvar.programmes.forms.programmes import AudienceForm, ReasonForm
from mehvar.programmes.queries import audience, coverage
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries.audience import Audience
from mehvar.programmes.rules.plans import USUAL_CURRENCIES
from mehvar.programmes.tables.plans import CallTable
from mehvar.programmes.views import plan_words as words
from mehvar.programmes.views.programmes import POST_TOO, crumbs, found
from mehvar.ui import notices, pages
from mehvar.ui.data import EmptyState
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from mehvar.programmes.models import PlanCall, Programme


@login_required
@require_safe
def call_list(request: HttpRequest) -> HttpResponseBase:
    """List the calls that one may see; above them the plans that wait for the person's own bodies, or for review."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    chosen = request.GET.get("programme", "")[:40]
    table = CallTable(coverage.calls_listed(authority, programme_public_id=chosen), request)
    table.empty = EmptyState(  # type: ignore[misc]  # depends on the person
        title=_("No call for plans yet"),
        text=_(
            "When a programme calls bodies to file their plans, the call is listed here with its deadline."
        ),
    )
    context = {
        "waiting": [_waiting(plan) for plan in queries.waiting_plans(authority)[:50]],
        "reviews": [_waiting(plan) for plan in queries.plans_to_review(authority)[:50]],
    }
    return table.respond("programmes/calls/list.html", context)


def _waiting(plan: Any) -> dict[str, Any]:
    return {
        "plan": plan,
        "body": organisations.name_in(plan.organisation, words.language()),
        "state": words.badge(words.PLAN_STATES, words.state_of(plan)),
        "is_late": plan.state in {"draft", "returned"} and plan.call.deadline_on < today(),
        "url": reverse("programmes:plan", args=[plan.public_id]),
    }


@login_required
@require_http_methods(POST_TOO)
def call_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Call bodies to file their plans for a programme."""
    programme = found(request, public_id)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.CALL_FOR_PLANS, programme.organisation.path)
    pack = organisations.pack_of_organisation(programme.organisation_id)
    form = CallForm(
        words.posted(request),
        initial={"currency": USUAL_CURRENCIES.get(pack, ""), "prefill": True, "title": programme.title},
    )
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _opened(request, programme, form))
        if made is not None:
            notices.done(request, _("The call is open; the bodies have been told."))
            return redirect("programmes:call", made.public_id)
    context = {
        "form": form,
        "title": _("Call for plans"),
        "lead": programme.title,
        "action": _("Call for plans"),
        "cancel_url": reverse("programmes:programme", args=[public_id]),
        "breadcrumbs": crumbs(programme),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "programmes/programmes/form.html", context, status=status)


def _opened(request: HttpRequest, programme: Programme, form: CallForm) -> PlanCall:
    given = form.cleaned_data
    return actions.open_call(
        words.person(request),
        programme.pk,
        title=given["title"],
        deadline_on=given["deadline"],
        organisation_ids=_bodies(programme, form),
        guidance=given["guidance"],
        required=given["required"],
        currency=given["currency"],
        prefill=given["prefill"],
    )


def _bodies(programme: Programme, form: AudienceForm) -> list[int]:
    given = form.cleaned_data
    pack = organisations.pack_of_organisation(programme.organisation_id)
    bodies = audience.bodies_of(Audience(given["audience"]), pack, today(), given["picked"])
    return [body.pk for body in bodies]


def run(request: HttpRequest, public_id: str) -> PlanCall:
    """Give a call that the person runs."""
    authority = organisations.authority_in(request)
    call = queries.visible_call(authority, public_id)
    permissions.require(authority, Permission.CALL_FOR_PLANS, call.programme.organisation.path)
    return call


@login_required
@require_http_methods(POST_TOO)
def call_further(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask further bodies."""
    call = run(request, public_id)
    form = AudienceForm(words.posted(request), initial={"audience": Audience.PICKED.value})
    page = reverse("programmes:call", args=[public_id])
    if request.method == "POST" and form.is_valid():
        number = done(
            form,
            lambda: actions.call_further(words.person(request), call.pk, _bodies(call.programme, form)),
        )
        if number is not None:
            text = ngettext("%(n)s further body is called.", "%(n)s further bodies are called.", number)
            notices.done(request, text % {"n": reader_of(request).number(number)})
            return redirect(page)
    return pages.confirm(
        request,
        title=_("Ask further bodies"),
        text=call.title,
        action=_("Ask them"),
        cancel_url=page,
        form=form,
    )


@login_required
@require_http_methods(POST_TOO)
def call_extend(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give all called bodies more time."""
    call = run(request, public_id)
    form = ExtendForm(words.posted(request), initial={"version": call.version})
    page = reverse("programmes:call", args=[public_id])
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        extended = done(
            form,
            lambda: actions.extend_call(
                words.person(request),
                call.pk,
                deadline_on=given["deadline"],
                reason=given["reason"],
                version=given["version"],
            ),
        )
        if extended is not None:
            notices.done(request, _("The deadline is extended; the bodies have been told."))
            return redirect(page)
    return pages.confirm(
        request,
        title=_("Extend the deadline"),
        text=_("The present deadline is %(date)s.") % {"date": reader_of(request).date(call.deadline_on)},
        consequences=[_("The first deadline stays visible."), _("Every called body is told.")],
        action=_("Extend"),
        cancel_url=page,
        form=form,
    )


@login_required
@require_http_methods(POST_TOO)
def call_remind(request: HttpRequest, public_id: str) -> HttpResponse:
    """Remind the bodies that have not filed."""
    call = run(request, public_id)
    page = reverse("programmes:call", args=[public_id])
    form = ReasonForm(words.posted(request))
    del form.fields["reason"]
    if request.method == "POST" and form.is_valid():
        told = done(form, lambda: actions.remind(words.person(request), call.pk))
        if told is not None:
            text = ngettext("%(n)s person was reminded.", "%(n)s people were reminded.", told)
            notices.done(request, text % {"n": reader_of(request).number(told)})
            return redirect(page)
    silent = queries.silent_plans(call).count()
    return pages.confirm(
        request,
        title=_("Remind the bodies that have not filed"),
        text=call.title,
        consequences=[
            ngettext(
                "%(count)s body has not filed. Its officers get a notice and an e-mail.",
                "%(count)s bodies have not filed. Their officers get a notice and an e-mail.",
                silent,
            )
            % {"count": reader_of(request).number(silent)},
            _("Who was reminded by hand today is not reminded again."),
        ],
        action=_("Remind now"),
        cancel_url=page,
        form=form,
    )


@login_required
@require_http_methods(POST_TOO)
def call_close(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close a call."""
    call = run(request, public_id)
    page = reverse("programmes:call", args=[public_id])
    form = ReasonForm(words.posted(request), initial={"version": call.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        closed = done(
            form,
            lambda: actions.close_call(
                words.person(request), call.pk, reason=given["reason"], version=given["version"]
            ),
        )
        if closed is not None:
            notices.done(request, _("The call is closed."))
            return redirect(page)
    return pages.confirm(
        request,
        title=_("Close the call"),
        text=call.title,
        consequences=[
            _("What is submitted can still be accepted or returned."),
            _("What is not submitted stays as it is and cannot be changed."),
        ],
        action=_("Close"),
        cancel_url=page,
        form=form,
    )


urlpatterns = [
    path("calls/", call_list, name="calls"),
    path("calls/<slug:public_id>/further/", call_further, name="call_further"),
    path("calls/<slug:public_id>/extend/", call_extend, name="call_extend"),
    path("calls/<slug:public_id>/remind/", call_remind, name="call_remind"),
    path("calls/<slug:public_id>/close/", call_close, name="call_close"),
    path("<slug:public_id>/call/", call_new, name="call_new"),
]
