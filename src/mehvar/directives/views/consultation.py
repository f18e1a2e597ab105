"""Show consultations: the round with its offices and opinions, the text put before them, and the forms of the round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import consultation as actions
from mehvar.directives.data import OpinionKind
from mehvar.directives.forms.consultation import AnswerForm, ExtendForm, InviteForm, OpenRoundForm, ReasonForm
from mehvar.directives.models import ConsultationRound, Directive, Opinion
from mehvar.directives.queries import consultation as queries
from mehvar.directives.queries import lifecycle as lifecycle_queries
from mehvar.directives.queries.days import today
from mehvar.directives.rules import consultation as rules
from mehvar.directives.rules import lifecycle as life
from mehvar.directives.views import words
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import notices, pages, refusals
from mehvar.ui.reader import page_language, reader_of

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class OpinionCard:
    """Show one opinion: who, on what, how it was answered, and what the reader may do with it."""

    opinion: Opinion
    office: str
    kind: Any
    answer: Any
    form: AnswerForm | None
    may_apply: bool
    may_withdraw: bool
    shows_diff: bool


def draft_for(request: HttpRequest, public_id: str) -> Directive:
    """Give a directive that the person may read in its present state.

    Raises:
        NotFound: There is none, or it is a draft that this person may not read.
    """
    directive = lifecycle_queries.directive_by_public_id(public_id)
    authority = organisations.authority_in(request)
    if not life.is_public(directive.state) and not queries.may_read_draft(authority, directive):
        raise NotFound(gettext_noop("There is no such directive."), code="unknown-directive")
    return directive


def crumbs(directive: Directive, authority: Authority, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Give the way to a page of a directive; who may not see the draft's page gets no link to it."""
    sees = life.is_public(directive.state) or queries.sees_all(authority, directive)
    url = reverse("directives:directive", args=[directive.public_id]) if sees else ""
    return [(directive.title, url), *more]


@login_required
@require_safe
def consultations(request: HttpRequest) -> HttpResponse:
    """List the rounds in which the person's offices were asked."""
    authority = organisations.authority_in(request)
    rows = [
        {
            "round": invitation.round,
            "directive": invitation.round.directive,
            "office": organisations.name_in(invitation.organisation, page_language()),
            "state": words.badge(words.OFFICE_STATES, queries.state_of(invitation).value),
            "url": reverse(
                "directives:consultation_round",
                args=[invitation.round.directive.public_id, invitation.round.number],
            ),
        }
        for invitation in queries.invitations_for(authority)[:200]
    ]
    return render(request, "directives/consultation/list.html", {"rows": rows})


@login_required
@require_safe
def latest(request: HttpRequest, public_id: str) -> HttpResponse:
    """Lead to the last round of a directive, or to the page that opens the first."""
    directive = draft_for(request, public_id)
    found = queries.latest_round(directive.pk)
    if found is not None:
        return redirect("directives:consultation_round", public_id, found.number)
    return redirect("directives:consultation_open", public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_round(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask whom to consult until when, and open the round."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.OPEN_CONSULTATION, directive.issuer.path)
    offered = queries.offices_offered(directive)
    form = OpenRoundForm(
        request.POST or None,
        offices=[(str(pk), name) for pk, name in offered],
        initial={"version": directive.version},
    )
    if request.method == "POST" and form.is_valid():
        opened = refusals.done(form, lambda: _opened(request, directive, form))
        if opened is not None:
            notices.done(request, _("The consultation is open; the offices have been told."))
            return redirect("directives:consultation_round", public_id, opened.number)
    context = {
        "directive": directive,
        "form": form,
        "hindrances": hindrance_lines(life.Step.OPEN_CONSULTATION, directive),
        "breadcrumbs": crumbs(directive, authority),
    }
    return render(request, "directives/consultation/open.html", context)


def _opened(request: HttpRequest, directive: Directive, form: OpenRoundForm) -> ConsultationRound:
    deadline = form.cleaned_data["deadline"]
    return actions.open_round(
        accounts.person_in(request),
        directive.pk,
        organisation_ids=_chosen(form),
        deadline_on=deadline.day,
        deadline_raw=deadline.raw,
        note=form.cleaned_data["note"],
        version=form.cleaned_data["version"],
    )


def _chosen(form: OpenRoundForm | InviteForm) -> list[int]:
    """Give the chosen offices and those written by name or code."""
    written = [line.strip() for line in form.cleaned_data["others"].splitlines() if line.strip()]
    return [int(pk) for pk in form.cleaned_data["offices"]] + [
        queries.office_named(line).pk for line in written
    ]


def hindrance_lines(step: life.Step, directive: Directive) -> list[str]:
    """Say what must be done before a step."""
    from mehvar.kernel.errors import Conflict

    return [
        refusals.said(Conflict(found.message, count=found.count))
        for found in life.hindrances(step, lifecycle_queries.situation_of(directive.pk))
    ]


@login_required
@require_safe
def consultation_round(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Show a round: to drafters the offices and every opinion, to an office its own until the round closes."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    found = queries.round_of(directive.pk, number)
    sees_all = queries.sees_all(authority, directive)
    opinions = list(queries.opinions_seen(found, authority))
    own = queries.own_invitations(found, authority)
    runs = permissions.allows(authority, Permission.OPEN_CONSULTATION, directive.issuer.path)
    overview = queries.overview(found, language=page_language())
    context = {
        "directive": directive,
        "round": found,
        "is_open": found.closed_at is None and directive.state == "consultation",
        "is_late": rules.is_late(deadline=found.deadline_on, today=today()),
        "sees_all": sees_all,
        "shows_offices": sees_all or found.closed_at is not None,
        "runs": runs,
        "overview": overview,
        "offices": [
            {"row": row, "badge": words.badge(words.OFFICE_STATES, row.state.value)}
            for row in overview.offices
        ],
        "counts": [
            (words.badge(words.OFFICE_STATES, state), count)
            for state, count in overview.counts.items()
            if count
        ],
        "own": own,
        "own_answered": any(invitation.responded_at for invitation in own),
        "own_no_comment": any(invitation.no_comment for invitation in own),
        "cards": cards_of(opinions, found, authority),
        "rounds": list(queries.rounds_of(directive.pk).values_list("number", flat=True)),
        "next_steps": next_steps(directive, authority) if runs else [],
        "breadcrumbs": crumbs(directive, authority),
    }
    return render(request, "directives/consultation/round.html", context)


def next_steps(directive: Directive, authority: Authority) -> list[dict[str, Any]]:
    """Give the steps out of the present state, each with what still hinders it."""
    return [
        {
            "label": words.STEPS[step.action],
            "url": reverse("directives:step", args=[directive.public_id, step.action]),
            "hindrances": hindrance_lines(life.Step(step.action), directive),
        }
        for step in life.steps_for(authority, directive.state, directive.issuer.path)
        if step.action in {life.Step.PUT_TO_COUNCIL, life.Step.START_REVISION}
    ]


def cards_of(
    opinions: Iterable[Opinion], found: ConsultationRound, authority: Authority
) -> list[OpinionCard]:
    """Build the card of each opinion, with the forms that this person may use."""
    directive = found.directive
    answers = permissions.allows(authority, Permission.ANSWER_OPINION, directive.issuer.path)
    drafts = permissions.allows(authority, Permission.DRAFT_DIRECTIVE, directive.issuer.path)
    offices = rules.offices_spoken_for(authority)
    in_time = not rules.is_late(deadline=found.deadline_on, today=today())
    return [
        OpinionCard(
            opinion=opinion,
            office=organisations.name_in(opinion.invitation.organisation, page_language()),
            kind=words.badge(words.OPINION_KINDS, opinion.kind),
            answer=words.badge(words.ANSWERS, opinion.answer),
            form=answer_form(opinion) if answers and directive.state == "consultation" else None,
            may_apply=drafts and queries.is_applicable(opinion, directive.state),
            may_withdraw=found.closed_at is None
            and in_time
            and not opinion.answer
            and opinion.invitation.organisation_id in offices,
            shows_diff=bool(opinion.proposed_text),
        )
        for opinion in opinions
    ]


def answer_form(opinion: Opinion, data: Any = None) -> AnswerForm:
    """Build the form that answers an opinion; its control ids are the opinion's own."""
    return AnswerForm(
        data,
        kind=OpinionKind(opinion.kind),
        auto_id=f"id_{opinion.pk}_%s",
        initial={
            "answer": opinion.answer,
            "reason": opinion.answer_reason,
            "version": opinion.version,
        },
    )


@login_required
@require_safe
def document(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Show the frozen text of a round, with a link at every clause and measure to speak on it."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    found = queries.round_of(directive.pk, number)
    counts = queries.counts_by_target(queries.opinions_seen(found, authority))
    content = queries.edition_of(found).content
    speaks = bool(queries.own_invitations(found, authority))
    context = {
        "directive": directive,
        "round": found,
        "head": content["directive"],
        "whole_count": counts.get("whole", 0),
        "provisions": [{**part, "count": counts.get(part["id"], 0)} for part in content["provisions"]],
        "fields": _measures_by_field(content, counts),
        "speaks": speaks and found.closed_at is None and directive.state == "consultation",
        "breadcrumbs": crumbs(
            directive,
            authority,
            (
                _("Consultation %(number)s") % {"number": reader_of(request).number(number)},
                reverse("directives:consultation_round", args=[public_id, number]),
            ),
        ),
    }
    return render(request, "directives/consultation/document.html", context)


def _measures_by_field(content: Any, counts: dict[str, int]) -> list[dict[str, Any]]:
    from mehvar.directives.rules.content import measures_by_field, names_in

    return [
        {
            "name": name,
            "measures": [
                {**measure, "count": counts.get(measure["id"], 0), "lead": names_in(measure, "lead")}
                for measure in measures
            ],
        }
        for name, measures in measures_by_field(content)
        if measures
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Give the offices more time."""
    found = _run_round(request, public_id, number)
    form = ExtendForm(request.POST or None, initial={"version": found.version})

    def extend_to(given: dict[str, Any]) -> ConsultationRound:
        return actions.extend_deadline(
            accounts.person_in(request),
            found.pk,
            deadline_on=given["deadline"].day,
            deadline_raw=given["deadline"].raw,
            reason=given["reason"],
            version=given["version"],
        )

    if refusals.posted(
        request, form, extend_to, done=_("The deadline is extended; the offices have been told.")
    ):
        return redirect("directives:consultation_round", public_id, number)
    return pages.confirm(
        request,
        title=_("Extend the deadline"),
        text=_("The present deadline is %(date)s.") % {"date": reader_of(request).date(found.deadline_on)},
        consequences=[
            _("The first deadline stays visible."),
            _("Every invited office is told."),
        ],
        action=_("Extend"),
        cancel_url=reverse("directives:consultation_round", args=[public_id, number]),
        form=form,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Ask further offices."""
    found = _run_round(request, public_id, number)
    asked = set(found.invitations.values_list("organisation_id", flat=True))
    offered = [(str(pk), name) for pk, name in queries.offices_offered(found.directive) if pk not in asked]
    form = InviteForm(request.POST or None, offices=offered)
    if refusals.posted(
        request,
        form,
        lambda _given: actions.invite(accounts.person_in(request), found.pk, _chosen(form)),
        done=_("Further offices have been asked."),
    ):
        return redirect("directives:consultation_round", public_id, number)
    return pages.confirm(
        request,
        title=_("Ask further offices"),
        action=_("Ask"),
        cancel_url=reverse("directives:consultation_round", args=[public_id, number]),
        form=form,
    )


@login_required
@require_POST
def remind(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Remind the offices that have not answered."""
    found = _run_round(request, public_id, number)
    told = refusals.told(request, lambda: actions.remind(accounts.person_in(request), found.pk))
    if told is not None:
        text = ngettext("%(n)s person was reminded.", "%(n)s people were reminded.", told)
        shown = text % {"n": reader_of(request).number(told)}
        notices.done(request, shown if told else _("Everybody was reminded today already."))
    return redirect("directives:consultation_round", public_id, number)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Close the round."""
    found = _run_round(request, public_id, number)
    form = ReasonForm(request.POST or None, initial={"version": found.version})
    if refusals.posted(
        request,
        form,
        lambda given: actions.close_round(accounts.person_in(request), found.pk, **given),
        done=_("The consultation is closed."),
    ):
        return redirect("directives:consultation_round", public_id, number)
    return pages.confirm(
        request,
        title=_("Close the consultation"),
        consequences=[
            _("No further opinions are taken."),
            _("Every invited office can read all opinions and their answers."),
        ],
        action=_("Close the consultation"),
        cancel_url=reverse("directives:consultation_round", args=[public_id, number]),
        form=form,
    )


def _run_round(request: HttpRequest, public_id: str, number: int) -> ConsultationRound:
    """Give a round to somebody who may run it."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.OPEN_CONSULTATION, directive.issuer.path)
    return queries.round_of(directive.pk, number)


def office_name(office: Organisation) -> str:
    """Name an office in the language of the page."""
    return organisations.name_in(office, page_language())


urlpatterns = [
    path("consultations/", consultations, name="consultations"),
    path("<slug:public_id>/consultation/", latest, name="consultation"),
    path("<slug:public_id>/consultation/open/", open_round, name="consultation_open"),
    path("<slug:public_id>/consultation/<int:number>/", consultation_round, name="consultation_round"),
    path("<slug:public_id>/consultation/<int:number>/text/", document, name="consultation_text"),
    path("<slug:public_id>/consultation/<int:number>/extend/", extend, name="consultation_extend"),
    path("<slug:public_id>/consultation/<int:number>/invite/", invite, name="consultation_invite"),
    path("<slug:public_id>/consultation/<int:number>/remind/", remind, name="consultation_remind"),
    path("<slug:public_id>/consultation/<int:number>/close/", close, name="consultation_close"),
]
