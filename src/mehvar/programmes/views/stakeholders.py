"""Show meetings with governors, members of parliament and others, and follow up what was promised in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import stakeholders as actions
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.data import CommitmentState, MeetingKind
from mehvar.programmes.forms.provinces import MeetingForm, MoveDateForm, PromiseForm, SettleForm
from mehvar.programmes.queries import provinces as queries
from mehvar.programmes.tables import obstacle_words as words
from mehvar.programmes.tables.provinces import CommitmentTable, MeetingTable
from mehvar.ui import notices, pages
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.accounts.models import User
    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import Commitment, StakeholderMeeting


@login_required
@require_safe
def meeting_list(request: HttpRequest) -> HttpResponseBase:
    """List the meetings that one may see."""
    authority = _viewer(request)
    table = MeetingTable(queries.visible_meetings(authority), request)
    context = {"may_record": permissions.allows(authority, Permission.MANAGE_STAKEHOLDERS), "page_wide": True}
    return table.respond("programmes/provinces/meetings.html", context)


@login_required
@require_safe
def commitment_list(request: HttpRequest) -> HttpResponseBase:
    """List what was promised, the open ones that are due first in front."""
    table = CommitmentTable(queries.visible_commitments(_viewer(request)), request)
    return table.respond(
        "programmes/provinces/commitments.html", {"page_wide": True, "breadcrumbs": _crumbs()}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_new(request: HttpRequest) -> HttpResponse:
    """Write down a meeting."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.MANAGE_STAKEHOLDERS)
    bodies = [(str(body.pk), words.name_of(body)) for body in queries.bodies_with_stakeholders(authority)]
    form = MeetingForm(request.POST or None, bodies=bodies, initial={"held_on": today()})
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _recorded(request, form))
        if made is not None:
            notices.done(request, _("The meeting is written down. Add what was promised."))
            return redirect("programmes:stakeholder_meeting", made.public_id)
    context = {"form": form, "breadcrumbs": _crumbs()}
    return render(
        request, "programmes/provinces/meeting_new.html", context, status=422 if form.errors else 200
    )


def _recorded(request: HttpRequest, form: MeetingForm) -> StakeholderMeeting:
    given = form.cleaned_data
    return actions.record_meeting(
        _person(request),
        int(given["organisation"]),
        held_on=given["held_on"],
        kind=MeetingKind(given["kind"]),
        with_whom=given["with_whom"],
        subject=given["subject"],
        notes=given["notes"],
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a meeting with its commitments, and add one."""
    authority = _viewer(request)
    row = queries.visible_meeting(authority, public_id)
    may_keep = permissions.allows(authority, Permission.MANAGE_STAKEHOLDERS, row.organisation.path)
    if request.method == "POST":
        permissions.require(authority, Permission.MANAGE_STAKEHOLDERS, row.organisation.path)
    form = PromiseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        promise = Promise(**form.cleaned_data)
        if done(form, lambda: actions.add_commitment(_person(request), public_id, promise)) is not None:
            notices.done(request, _("The commitment is kept and will be followed up."))
            return redirect("programmes:stakeholder_meeting", public_id)
    context = {
        "row": row,
        "body": words.name_of(row.organisation),
        "kind": words.word(words.MEETING_KINDS, row.kind),
        "cards": [_card(one, may_keep=may_keep) for one in queries.commitments_of(row)],
        "form": form if may_keep else None,
        "breadcrumbs": _crumbs(),
    }
    return render(request, "programmes/provinces/meeting.html", context, status=422 if form.errors else 200)


def _card(one: Commitment, *, may_keep: bool) -> dict[str, Any]:
    is_open = one.state == CommitmentState.OPEN
    return {
        "row": one,
        "state": words.badge(words.COMMITMENT_STATES, words.COMMITMENT_BADGES, one.state),
        "is_late": is_open and one.due_on is not None and one.due_on < today(),
        "has_moved": one.first_due_on != one.due_on,
        "events": [
            {"title": words.COMMITMENT_STEPS.get(event.action, event.action), "row": event}
            for event in one.events.all()
        ],
        "may_keep": may_keep and is_open,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move_date(request: HttpRequest, commitment_id: int) -> HttpResponse:
    """Give a commitment a new date."""
    row = _commitment(request, commitment_id)
    form = MoveDateForm(request.POST or None, initial={"version": row.version, "due_on": row.due_on})
    if request.method == "POST" and form.is_valid():
        moved = done(form, lambda: actions.move_date(_person(request), commitment_id, **form.cleaned_data))
        if moved is not None:
            notices.done(request, _("The date has moved; the first one stays visible."))
            return redirect("programmes:stakeholder_meeting", row.meeting.public_id)
    return _asked(request, row, form, _("Move the date"), _("Move the date"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, commitment_id: int) -> HttpResponse:
    """Say what became of a commitment."""
    row = _commitment(request, commitment_id)
    form = SettleForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        settled = done(
            form,
            lambda: actions.settle(
                _person(request),
                commitment_id,
                state=CommitmentState(given["state"]),
                note=given["note"],
                version=given["version"],
                settled_on=given["settled_on"],
            ),
        )
        if settled is not None:
            notices.done(request, _("Saved."))
            return redirect("programmes:stakeholder_meeting", row.meeting.public_id)
    return _asked(request, row, form, _("What became of it"), _("Save"))


def _commitment(request: HttpRequest, commitment_id: int) -> Commitment:
    """Give a commitment that the person keeps.

    Raises:
        NotFound: There is none, or not for this person.
    """
    authority = _viewer(request)
    row = queries.visible_commitments(authority).filter(pk=commitment_id).first()
    if row is None or not permissions.allows(
        authority, Permission.MANAGE_STAKEHOLDERS, row.meeting.organisation.path
    ):
        raise NotFound(gettext_noop("There is no such commitment."), code="unknown-commitment")
    return row


def _asked(request: HttpRequest, row: Commitment, form: Any, title: str, action: str) -> HttpResponse:
    meeting = reverse("programmes:stakeholder_meeting", args=[row.meeting.public_id])
    return pages.confirm(
        request,
        title=title,
        text=row.text,
        action=action,
        cancel_url=meeting,
        form=form,
        breadcrumbs=[*_crumbs(), (row.meeting.subject, meeting)],
    )


def _viewer(request: HttpRequest) -> Authority:
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    return authority


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)


def _crumbs() -> list[tuple[Any, str]]:
    return [(_("Stakeholders"), reverse("programmes:stakeholders"))]


urlpatterns = [
    path("stakeholders/", meeting_list, name="stakeholders"),
    path("stakeholders/new/", meeting_new, name="stakeholder_meeting_new"),
    path("stakeholders/commitments/", commitment_list, name="commitments"),
    path("stakeholders/commitments/<int:commitment_id>/date/", move_date, name="commitment_date"),
    path("stakeholders/commitments/<int:commitment_id>/settle/", settle, name="commitment_settle"),
    path("stakeholders/<slug:public_id>/", meeting_page, name="stakeholder_meeting"),
]
