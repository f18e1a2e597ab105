"""Show, propose, accept, extend and end agreements; a valid one can be printed, with its seal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions import agreements as actions
from mehvar.exchange.data.control import AgreementTerms, MemberState
from mehvar.exchange.forms import steps as forms
from mehvar.exchange.models import Member
from mehvar.exchange.queries import documents, names, scope, standing
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules.lifecycles import AGREEMENT
from mehvar.exchange.tables import words
from mehvar.exchange.tables.members import AgreementTable
from mehvar.exchange.views import steps
from mehvar.exchange.views.objects import (
    LONG,
    Line,
    Page,
    Section,
    facts,
    home,
    on_record,
    person,
    viewer,
)
from mehvar.exchange.views.steps import Step
from mehvar.kernel.errors import NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.ui import notices, pages, pdf
from mehvar.ui.data import AxisStep
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from mehvar.exchange.models import Agreement
    from mehvar.organisations.data import Authority
    from mehvar.ui.data import SummaryRow


@login_required
@require_safe
def agreement_list(request: HttpRequest) -> HttpResponseBase:
    """List the agreements of one's members; all to the operator."""
    authority = viewer(request)
    context = {
        "title": _("Agreements"),
        "lead": _("On which legal basis, for which purpose and until when data flow."),
        "breadcrumbs": [home()],
        "page_wide": True,
        "action": _("Propose an agreement"),
        "action_url": reverse("exchange:agreement_new") if scope.managed_members(authority).exists() else "",
    }
    return AgreementTable(scope.own_agreements(authority), request).respond("exchange/list.html", context)


@require_safe
def agreement_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one agreement; valid and ended ones are open to everybody."""
    authority = organisations.authority_in(request)
    row = scope.visible_agreement(authority, public_id)
    stands = standing.of_agreement(row)
    page = Page(
        row.title,
        state=words.badge(words.AGREEMENTS, stands),
        facts=_facts(request, row),
        sections=[_rights(row)],
        axis=_axis(request, row),
        offers=steps.offers(
            AGREEMENT_STEPS,
            row,
            authority,
            lambda slug: reverse("exchange:agreement_step", args=[row.public_id, slug]),
        ),
    )
    is_public = row.provider_accepted_at is not None and row.state != "proposed"
    on_record(page, "exchange-agreement", row.public_id, is_public=is_public)
    crumbs = [(gettext("Agreements"), reverse("exchange:agreements"))] if authority.user_id else []
    context = {
        "page": page,
        "row": row,
        "is_public": is_public,
        "may_attach": documents.may_attach(authority, row),
        "may_download": documents.may_read(authority, row),
        "breadcrumbs": [home(), *crumbs] if crumbs else [],
    }
    return render(request, "exchange/agreement.html", context)


def _facts(request: HttpRequest, row: Agreement) -> list[SummaryRow]:
    reader = reader_of(request)
    until = reader.date(row.valid_until) if row.valid_until else gettext("without end")
    first = row.first_valid_until
    if first and first != row.valid_until:
        until = gettext("%(date)s (first: %(first)s)") % {"date": until, "first": reader.date(first)}
    return facts(
        (_("Who gives data"), _side(row.provider)),
        (_("Who receives data"), _side(row.consumer) if row.consumer else gettext("A group of clients")),
        (_("Purpose"), row.purpose),
        (_("Legal basis"), row.legal_basis),
        (_("Valid from"), reader.date(row.valid_from)),
        (_("Last day"), until),
        (
            _("Accepted by who gives"),
            reader.moment(row.provider_accepted_at) if row.provider_accepted_at else "",
        ),
        (
            _("Accepted by who receives"),
            reader.moment(row.consumer_accepted_at) if row.consumer_accepted_at else "",
        ),
        (_("Ended"), reader.moment(row.ended_at) if row.ended_at else ""),
        (_("Reason"), row.end_reason),
        (_("SHA-256 of the signed document"), row.document_sha256),
    )


def _side(member: Member) -> str:
    return f"{words.name_of(member.organisation)} ({names.member_name(member)})"


def _axis(request: HttpRequest, row: Agreement) -> list[AxisStep]:
    reader = reader_of(request)
    reached = {"proposed": 0, "valid": 1, "ended": 2}[row.state]
    notes = (row.created_at.date(), row.valid_from, row.ended_at.date() if row.ended_at else row.valid_until)
    return [
        AxisStep(
            label,
            state="current" if place == reached else "done" if place < reached else "todo",
            note=reader.date(day, "short") if day else "",
        )
        for place, (label, day) in enumerate(zip((_("Proposed"), _("Valid"), _("Ended")), notes, strict=True))
    ]


def _rights(row: Agreement) -> Section:
    found = row.rights.select_related("service__subsystem__member", "subsystem__member", "group", "endpoint")
    lines = [
        Line(
            one.service.title,
            reverse("exchange:right", args=[one.public_id]),
            names.client_name(one.subsystem) if one.subsystem else one.group.code if one.group else "",
            words.badge(words.RIGHTS, "revoked" if one.revoked_at else "held"),
            str(one.endpoint) if one.endpoint else _("the whole service"),
        )
        for one in found.order_by("granted_at")[:LONG]
    ]
    return Section(_("Rights under it"), lines, _("None yet."), anchor="rights")


@require_safe
def agreement_pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    """Print an agreement with the seal by which anybody can check it."""
    row = scope.visible_agreement(organisations.authority_in(request), public_id)
    verify = settings.MEHVAR_BASE_URL + reverse(
        "ledger:verify_subject", args=["exchange-agreement", public_id]
    )
    rows = [[str(fact.label), str(fact.value)] for fact in _facts(request, row)]
    data = {
        "title": row.title,
        "subtitle": words.word(words.AGREEMENTS, standing.of_agreement(row)),
        "facts": rows,
        "rights": [[str(line.label), line.name, str(line.hint)] for line in _rights(row).lines],
        "columns": [{"label": one} for one in (gettext("Service"), gettext("Client"), gettext("What"))],
        "rights_title": gettext("Rights under it"),
        "seal": pdf.seal(verify, verify.partition("://")[2]),
    }
    content = pdf.render_pdf("agreement.typ", data, language=words.language())
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="agreement-{public_id}.pdf"'
    return answer


def _members() -> list[tuple[str, str]]:
    rows = Member.objects.select_related("organisation").filter(state=MemberState.APPROVED)
    found = [(row.public_id, f"{words.name_of(row.organisation)} ({row})") for row in rows]
    return sorted(found, key=lambda pair: pair[1])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_new(request: HttpRequest) -> HttpResponse:
    """Propose an agreement; one's own side accepts by it."""
    if not scope.managed_members(viewer(request)).exists():
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    form = forms.AgreementForm(request.POST or None, members=_members(), initial={"valid_from": today()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        terms = AgreementTerms(
            given["title"], given["legal_basis"], given["purpose"], given["valid_from"], given["valid_until"]
        )
        made = done(
            form,
            lambda: actions.propose(
                person(request), provider=given["provider"], consumer=given["consumer"] or None, terms=terms
            ),
        )
        if made is not None:
            notices.done(request, gettext("The agreement is proposed."))
            return redirect("exchange:agreement", made.public_id)
    return pages.confirm(
        request,
        title=_("Propose an agreement"),
        action=_("Propose"),
        consequences=(_("Your side accepts by it; the other side is asked."),),
        cancel_url=reverse("exchange:agreements"),
        form=form,
    )


def _may_accept(row: Agreement, authority: Authority) -> bool:
    waits_for_provider = row.provider_accepted_at is None and scope.speaks_for(authority, row.provider)
    waits_for_consumer = (
        row.consumer is not None
        and row.consumer_accepted_at is None
        and scope.speaks_for(authority, row.consumer)
    )
    return AGREEMENT.allows(row.state, "accept") and (waits_for_provider or waits_for_consumer)


def _may_end(row: Agreement, authority: Authority) -> bool:
    sides = [side for side in (row.provider, row.consumer) if side is not None]
    return AGREEMENT.allows(row.state, "end") and any(scope.manages(authority, side) for side in sides)


AGREEMENT_STEPS: steps.Steps = {
    "accept": Step(
        _("Accept"),
        lambda user, row, given: actions.accept(user, row.public_id, version=given["version"]),
        _may_accept,
        consequences=(
            _("When both sides have accepted it is valid and on public record."),
            _("Then rights can be granted under it."),
        ),
        is_main=True,
    ),
    "extend": Step(
        _("Extend"),
        lambda user, row, given: actions.extend(
            user,
            row.public_id,
            valid_until=given["valid_until"],
            reason=given["reason"],
            version=given["version"],
        ),
        lambda row, authority: (
            row.state == "valid" and row.valid_until is not None and scope.speaks_for(authority, row.provider)
        ),
        forms.ExtendForm,
        (_("The first last day stays visible."),),
    ),
    "end": Step(
        _("End it"),
        lambda user, row, given: actions.end(
            user, row.public_id, reason=given["reason"], version=given["version"]
        ),
        _may_end,
        forms.ReasonForm,
        (_("No call passes under it any more."), _("The other side is told.")),
        danger=True,
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Take a step with an agreement."""
    authority = viewer(request)
    row = scope.visible_agreement(authority, public_id)
    return steps.take(
        request,
        AGREEMENT_STEPS,
        step,
        row,
        authority=authority,
        user=person(request),
        back=reverse("exchange:agreement", args=[public_id]),
        text=row.title,
    )


urlpatterns = [
    path("agreements/", agreement_list, name="agreements"),
    path("agreements/new/", agreement_new, name="agreement_new"),
    path("agreements/<slug:public_id>/", agreement_page, name="agreement"),
    path("agreements/<slug:public_id>/print.pdf", agreement_pdf, name="agreement_pdf"),
    path("agreements/<slug:public_id>/do/<slug:step>/", agreement_step, name="agreement_step"),
]
