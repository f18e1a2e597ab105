"""Show provincial committees' proposals, take new ones, and answer them in the ministry's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import proposals as actions
from mehvar.programmes.data import ProposalAnswer
from mehvar.programmes.forms.provinces import AnswerForm, ProposalForm
from mehvar.programmes.queries import provinces as queries
from mehvar.programmes.tables import obstacle_words as words
from mehvar.programmes.tables.provinces import ProposalTable
from mehvar.ui import notices
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.accounts.models import User
    from mehvar.programmes.models import CommitteeProposal


@login_required
@require_safe
def proposal_list(request: HttpRequest) -> HttpResponseBase:
    """List the proposals that one may see."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    table = ProposalTable(queries.visible_proposals(authority), request)
    context = {
        "may_propose": permissions.allows(authority, Permission.PROPOSE),
        "waiting": queries.proposals_to_answer(authority).count(),
        "page_wide": True,
    }
    return table.respond("programmes/provinces/proposals.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_new(request: HttpRequest) -> HttpResponse:
    """Put a committee's proposal before the ministry."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.PROPOSE)
    committees = [(str(one.pk), one.name) for one in queries.committees_for(authority)]
    form = ProposalForm(request.POST or None, committees=committees)
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _proposed(request, form))
        if made is not None:
            notices.done(request, _("The proposal is before the ministry, which must answer it."))
            return redirect("programmes:proposal", made.public_id)
    context = {"form": form, "has_committees": bool(committees), "breadcrumbs": _crumbs()}
    return render(
        request, "programmes/provinces/proposal_new.html", context, status=422 if form.errors else 200
    )


def _proposed(request: HttpRequest, form: ProposalForm) -> CommitteeProposal:
    given = form.cleaned_data
    return actions.propose(
        _person(request), int(given["committee"]), title=given["title"], text=given["text"]
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a proposal with its answer, and let the ministry answer it."""
    authority = organisations.authority_in(request)
    row = queries.visible_proposal(authority, public_id)
    may_answer = not row.answer and queries.answers(authority, row)
    if request.method == "POST" and not queries.answers(authority, row):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    form = AnswerForm(request.POST if request.method == "POST" else None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        answered = done(
            form,
            lambda: actions.answer(
                _person(request),
                public_id,
                given=ProposalAnswer(given["answer"]),
                reason=given["reason"],
                version=given["version"],
            ),
        )
        if answered is not None:
            notices.done(request, _("The committee has the ministry's answer."))
            return redirect("programmes:proposal", public_id)
    context = {
        "row": row,
        "body": words.name_of(row.committee.organisation),
        "answer": words.badge(words.ANSWERS, words.ANSWER_BADGES, row.answer),
        "level": words.word(words.PROPOSAL_LEVELS, row.level),
        "is_late": not row.answer and row.due_on < today(),
        "form": form if may_answer else None,
        "breadcrumbs": _crumbs(),
    }
    return render(request, "programmes/provinces/proposal.html", context, status=422 if form.errors else 200)


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)


def _crumbs() -> list[tuple[Any, str]]:
    return [(_("Proposals of committees"), reverse("programmes:proposals"))]


urlpatterns = [
    path("proposals/", proposal_list, name="proposals"),
    path("proposals/new/", proposal_new, name="proposal_new"),
    path("proposals/<slug:public_id>/", proposal_page, name="proposal"),
]
