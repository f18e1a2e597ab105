"""Let a private body apply without an account, one question a page, and follow it by a tracking code; let the operator decide (S4.4).

No account, no cookie, no script is needed. The answers travel from page to page in a signed token with the moment of the first page; no
credential of a signed-in person is used, so there is nothing that a forged request could borrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.accounts.actions.outside import address_of, check_flood
from mehvar.exchange.actions import applications as actions
from mehvar.exchange.actions.applications import Words
from mehvar.exchange.forms import steps as step_forms
from mehvar.exchange.forms import wizard as forms
from mehvar.exchange.queries import scope
from mehvar.exchange.tables import words
from mehvar.exchange.views import steps
from mehvar.exchange.views.objects import (
    LONG,
    Line,
    Page,
    Section,
    facts,
    on_record,
    person,
    show,
    viewer,
)
from mehvar.exchange.views.steps import Step
from mehvar.kernel import outside
from mehvar.kernel.errors import MehvarError, NotFound, NotPermitted, Unavailable
from mehvar.ui.data import SummaryRow
from mehvar.ui.outside import TOO_MANY, UNPROCESSABLE, CodeForm, Draft, bounded, is_caught, refused
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import said

if TYPE_CHECKING:
    from django import forms as django_forms
    from django.http import HttpRequest

    from mehvar.exchange.models import MemberApplication
    from mehvar.organisations.data import Authority

SALT = "mehvar.exchange.application"
PAGES: Mapping[str, tuple[type[django_forms.Form], Any]] = {
    "firm": (forms.FirmPage, _("Which firm applies?")),
    "why": (forms.WhyPage, _("What do you want to do?")),
    "contact": (forms.ContactPage, _("Who answers for it?")),
}
ORDER = [*PAGES, "check"]
View = Callable[..., HttpResponse]


@csrf_exempt
@never_cache
@bounded
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Ask one question a page; the last page shows the answers and sends them."""
    if request.method != "POST":
        return _ask(request, Draft.new(SALT), "firm")
    draft, page = Draft.read(SALT, request.POST.get("token", "")), request.POST.get("page", "")
    if draft is None or page not in ORDER:
        return refused(
            request, gettext("Please start again"), gettext("This page was changed or is very old.")
        )
    if is_caught(request.POST):
        return refused(
            request, gettext("This could not be taken"), gettext("Leave the field “website” empty.")
        )
    if "back" in request.POST:
        return _ask(request, draft, ORDER[max(ORDER.index(page) - 1, 0)])
    return _send(request, draft) if page == "check" else _went_on(request, draft, page)


def _went_on(request: HttpRequest, draft: Draft, page: str) -> HttpResponse:
    """Take a page's answers and lead to the next one."""
    form = PAGES[page][0](request.POST)
    if not form.is_valid():
        return _ask(request, draft, page, form=form)
    draft.answers |= {name: str(value or "") for name, value in form.cleaned_data.items()}
    return _ask(request, draft, ORDER[ORDER.index(page) + 1])


def _ask(
    request: HttpRequest,
    draft: Draft,
    page: str,
    *,
    form: django_forms.Form | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    is_check = page == "check"
    context = {
        "title": _("Is this right?") if is_check else PAGES[page][1],
        "page": page,
        "number": ORDER.index(page) + 1,
        "count": len(ORDER),
        "token": draft.token(),
        "form": form or (None if is_check else PAGES[page][0](initial=draft.answers)),
        "answers": _answers(draft.answers) if is_check else [],
        "is_check": is_check,
        "is_first": page == ORDER[0],
        "error": error,
    }
    if form is not None and form.errors:
        status = UNPROCESSABLE
    return render(request, "exchange/apply.html", context, status=status)


def _answers(given: Mapping[str, str]) -> list[SummaryRow]:
    return facts(
        (_("Name of the firm"), given.get("name", "")),
        (_("Registration number"), given.get("registration", "")),
        (_("What it wants to ask or to offer"), given.get("what_for", "")),
        (_("Name of the engineer"), given.get("contact_name", "")),
        (_("E-mail address"), given.get("contact_email", "")),
        (_("Telephone"), given.get("contact_phone", "")),
    )


def _send(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Send the answers, once; the code is shown on this page and never again."""
    for page, (kind, _title) in PAGES.items():
        form = kind(draft.answers)
        if not form.is_valid():
            return _ask(request, draft, page, form=form)
    given = {name: draft.answers.get(name, "") for name in Words.__dataclass_fields__ if name != "language"}
    try:
        _row, code = actions.apply_from_outside(
            Words(**given, language=words.language()),
            address=address_of(request),
            submission_key=draft.key,
            seconds=draft.age_s,
        )
    except MehvarError as error:
        status = TOO_MANY if isinstance(error, Unavailable) else error.status
        return _ask(request, draft, "check", error=said(error), status=status)
    return render(request, "exchange/applied.html", {"code": code, "row": None})


@csrf_exempt
@never_cache
@bounded
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for a tracking code and show what became of the application."""
    form = CodeForm(request.POST or None)
    status, row = 200, None
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            status, row = _looked_up(request, form)
    sentence = _sentence(row) if row else ""
    context = {
        "form": form,
        "row": row,
        "sentence": sentence,
        "state": words.badge(words.APPLICATIONS, row.state) if row else "",
    }
    return render(request, "exchange/track.html", context, status=status)


def _looked_up(request: HttpRequest, form: CodeForm) -> tuple[int, MemberApplication | None]:
    try:
        check_flood(
            address_of(request), "track", most=outside.MOST_LOOK_UPS, window_s=outside.LOOK_UP_WINDOW_S
        )
        return 200, actions.application_by_code(form.cleaned_data["code"])
    except NotFound as error:
        form.add_error("code", _("We know no such code. Please compare it sign by sign."))
        return error.status, None
    except Unavailable as error:
        form.add_error(None, said(error))
        return TOO_MANY, None


def _sentence(row: MemberApplication) -> str:
    return {
        "waiting": gettext("The operator of the exchange has it and will decide."),
        "approved": gettext(
            "The firm is a member; an invitation was sent to the e-mail address that you gave."
        ),
        "refused": gettext("The application was not accepted."),
    }[row.state]


@login_required
@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    """List the applications of firms."""
    authority = _overseer(request)
    reader = reader_of(request)
    lines = [
        Line(
            one.name,
            reverse("exchange:application", args=[one.public_id]),
            state=words.badge(words.APPLICATIONS, one.state),
            hint=reader.moment(one.applied_at),
        )
        for one in scope.visible_applications(authority)[:LONG]
    ]
    page = Page(
        _("Applications of firms"),
        text=gettext("Private bodies apply on the public page, without an account."),
        sections=[
            Section(
                _("Applications"),
                lines,
                _("None yet."),
                _("The public page"),
                reverse("exchange:apply"),
                "applications",
            )
        ],
    )
    return show(request, page, [(gettext("Members"), reverse("exchange:members"))])


def _overseer(request: HttpRequest) -> Authority:
    authority = viewer(request)
    if not scope.sees_all(authority):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    return authority


@login_required
@require_safe
def application_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one application of a firm."""
    authority = viewer(request)
    row = scope.visible_application(authority, public_id)
    reader = reader_of(request)
    given = {name: getattr(row, name) for name in Words.__dataclass_fields__}
    page = Page(
        row.name,
        state=words.badge(words.APPLICATIONS, row.state),
        facts=[
            *_answers(given),
            *facts(
                (_("Applied on"), reader.moment(row.applied_at)),
                (_("Decided on"), reader.moment(row.decided_at) if row.decided_at else ""),
                (_("Reason"), row.decision_note),
            ),
        ],
        offers=steps.offers(
            APPLICATION_STEPS,
            row,
            authority,
            lambda slug: reverse("exchange:application_step", args=[public_id, slug]),
        ),
    )
    if row.member is not None:
        address = reverse("exchange:member", args=[row.member.public_id])
        page.facts.append(SummaryRow(_("Member"), str(row.member), address, _("Show")))
    on_record(page, "exchange-application", public_id)
    return show(request, page, [(gettext("Applications of firms"), reverse("exchange:applications"))])


def _may_decide(row: MemberApplication, authority: Authority) -> bool:
    return row.state == "waiting" and scope.operates(authority)


APPLICATION_STEPS: steps.Steps = {
    "approve": Step(
        _("Approve"),
        lambda user, row, given: actions.approve(
            user, row.public_id, code=given["code"], version=given["version"], note=given["note"]
        ),
        _may_decide,
        step_forms.ApplicationForm,
        (
            _("The firm becomes a body of the register and a member of the class COM."),
            _("Its engineer is invited by e-mail."),
        ),
        is_main=True,
        initial=lambda row, _authority: {
            "code": "".join(sign for sign in row.registration if sign.isalnum())[:60]
        },
    ),
    "refuse": Step(
        _("Refuse"),
        lambda user, row, given: actions.refuse(
            user, row.public_id, reason=given["reason"], version=given["version"]
        ),
        _may_decide,
        step_forms.ReasonForm,
        (_("The firm reads your words by its tracking code."),),
        danger=True,
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Decide on an application."""
    authority = viewer(request)
    row = scope.visible_application(authority, public_id)
    return steps.take(
        request,
        APPLICATION_STEPS,
        step,
        row,
        authority=authority,
        user=person(request),
        back=reverse("exchange:application", args=[public_id]),
        text=row.name,
    )


urlpatterns = [
    path("public/apply/", apply, name="apply"),
    path("public/apply/track/", track, name="apply_track"),
    path("applications/", application_list, name="applications"),
    path("applications/<slug:public_id>/", application_page, name="application"),
    path("applications/<slug:public_id>/do/<slug:step>/", application_step, name="application_step"),
]
