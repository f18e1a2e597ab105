"""Take opinions and proposals, their answers, and the wordings that come into the text."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import opinions as actions
from mehvar.directives.data import Answer, OpinionKind, OpinionTarget
from mehvar.directives.forms.consultation import OpinionForm, WordingForm
from mehvar.directives.models import ConsultationRound, Invitation, Opinion
from mehvar.directives.queries import consultation as queries
from mehvar.directives.views.consultation import answer_form, cards_of, crumbs, draft_for, office_name
from mehvar.kernel.errors import NotFound, NotPermitted, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.ui import notices, refusals
from mehvar.ui.reader import reader_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_opinion(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Take an opinion on the whole, or on the clause or measure named by ``target`` and ``id``."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    found = queries.round_of(directive.pk, number)
    own = queries.own_invitations(found, authority)
    if not own:
        raise NotPermitted(
            gettext_noop("Your office was not asked in this consultation."), code="not-invited"
        )
    target, part = _target(request, found)
    form = OpinionForm(
        request.POST or None,
        offices=[(str(invitation.pk), office_name(invitation.organisation)) for invitation in own],
        clause=part["text"] if part else None,
    )
    if request.method == "POST" and form.is_valid():
        given = refusals.done(form, lambda: _submitted(request, form, target, part))
        if given is not None:
            notices.done(request, _late_or_not(given))
            return redirect(
                reverse("directives:consultation_round", args=[public_id, number]) + f"#opinion-{given.pk}"
            )
    context = {
        "directive": directive,
        "round": found,
        "form": form,
        "part": part,
        "target": target.value,
        "offices": [office_name(invitation.organisation) for invitation in own],
        "breadcrumbs": crumbs(
            directive,
            authority,
            (
                _("Consultation %(number)s") % {"number": reader_of(request).number(number)},
                reverse("directives:consultation_round", args=[public_id, number]),
            ),
        ),
    }
    return render(request, "directives/consultation/opinion.html", context)


def _target(request: HttpRequest, found: ConsultationRound) -> tuple[OpinionTarget, dict[str, Any] | None]:
    """Give what the address says the opinion is on, as the frozen edition has it."""
    wanted = request.GET.get("target", OpinionTarget.WHOLE.value)
    if wanted not in {OpinionTarget.PROVISION.value, OpinionTarget.MEASURE.value}:
        return OpinionTarget.WHOLE, None
    content = queries.edition_of(found).content
    for part in content[f"{wanted}s"]:
        if part["id"] == request.GET.get("id"):
            return OpinionTarget(wanted), part
    raise NotFound(gettext_noop("The edition has no such clause or measure."), code="unknown-target")


def _submitted(
    request: HttpRequest, form: OpinionForm, target: OpinionTarget, part: dict[str, Any] | None
) -> Opinion:
    given = form.cleaned_data
    return actions.submit_opinion(
        accounts.person_in(request),
        int(given["office"]),
        kind=OpinionKind(given["kind"]),
        target=target,
        target_id=part["id"] if part else "",
        text=given["text"],
        proposed_text=form.proposed(),
        submission_key=given["submission_key"],
    )


def _late_or_not(opinion: Opinion) -> str:
    if opinion.late:
        return _("Your opinion is recorded; it came after the deadline.")
    return _("Your opinion is recorded.")


@login_required
@require_POST
def no_comment(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Say that the person's office has no comment."""
    directive = draft_for(request, public_id)
    found = queries.round_of(directive.pk, number)
    own = queries.own_invitations(found, organisations.authority_in(request))
    invitation = _of_office(own, request.POST.get("office", ""))
    refusals.told(
        request,
        lambda: actions.declare_no_comment(accounts.person_in(request), invitation.pk),
        done=_("“No comment” is recorded."),
    )
    return redirect("directives:consultation_round", public_id, number)


def _of_office(own: list[Invitation], wanted: str) -> Invitation:
    """Give the invitation that is meant: the one named, else the only one."""
    for invitation in own:
        if str(invitation.pk) == wanted or len(own) == 1:
            return invitation
    raise NotPermitted(gettext_noop("Your office was not asked in this consultation."), code="not-invited")


@login_required
@require_POST
def withdraw(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """Take back an opinion of one's own office."""
    opinion = _readable(request, opinion_id)
    refusals.told(
        request,
        lambda: actions.withdraw_opinion(accounts.person_in(request), opinion.pk),
        done=_("The opinion is withdrawn."),
    )
    return _back(opinion)


@login_required
@require_POST
def answer(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """Answer an opinion or a proposal; a refusal shows the form again with what was written."""
    opinion = _readable(request, opinion_id)
    form = answer_form(opinion, request.POST)
    if refusals.posted(
        request,
        form,
        lambda given: actions.answer_opinion(
            accounts.person_in(request), opinion.pk, **{**given, "answer": Answer(given["answer"])}
        ),
        done=_("The answer is recorded."),
    ):
        return _back(opinion)
    authority = organisations.authority_in(request)
    found = opinion.invitation.round
    context = {
        "directive": found.directive,
        "round": found,
        "card": cards_of([opinion], found, authority)[0],
        "form": form,
        "breadcrumbs": crumbs(found.directive, authority),
    }
    return render(request, "directives/consultation/answer.html", context, status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """Bring an accepted wording into the text: at once from the list, or worded anew on a page of its own."""
    opinion = _readable(request, opinion_id)
    done = _("The wording is in the text and becomes part of the next edition.")
    if request.method == "POST" and "wording" not in request.POST:
        if refusals.told(
            request, lambda: actions.apply_proposal(accounts.person_in(request), opinion.pk), done=done
        ):
            return _back(opinion)
        return redirect("directives:opinion_apply", opinion.pk)
    form = WordingForm(
        request.POST or None, initial={"wording": opinion.proposed_text, "version": opinion.version}
    )
    if refusals.posted(
        request,
        form,
        lambda given: actions.apply_proposal(accounts.person_in(request), opinion.pk, **given),
        done=done,
    ):
        return _back(opinion)
    context = {
        "opinion": opinion,
        "directive": opinion.invitation.round.directive,
        "present": queries.present_text(opinion) or "",
        "form": form,
        "breadcrumbs": crumbs(opinion.invitation.round.directive, organisations.authority_in(request)),
    }
    return render(request, "directives/consultation/apply.html", context)


def _readable(request: HttpRequest, opinion_id: int) -> Opinion:
    """Give an opinion that the person may read."""
    opinion = queries.opinion_by_id(opinion_id)
    seen = queries.opinions_seen(opinion.invitation.round, organisations.authority_in(request))
    if not seen.filter(pk=opinion_id).exists():
        raise NotFound(gettext_noop("There is no such opinion."), code="unknown-opinion")
    return opinion


def _back(opinion: Opinion) -> HttpResponse:
    found = opinion.invitation.round
    address = reverse("directives:consultation_round", args=[found.directive.public_id, found.number])
    return redirect(f"{address}#opinion-{opinion.pk}")


urlpatterns = [
    path("<slug:public_id>/consultation/<int:number>/opinion/", give_opinion, name="opinion"),
    path("<slug:public_id>/consultation/<int:number>/no-comment/", no_comment, name="no_comment"),
    path("opinions/<int:opinion_id>/withdraw/", withdraw, name="opinion_withdraw"),
    path("opinions/<int:opinion_id>/answer/", answer, name="opinion_answer"),
    path("opinions/<int:opinion_id>/apply/", apply, name="opinion_apply"),
]
