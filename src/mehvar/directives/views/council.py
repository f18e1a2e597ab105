"""Show council sessions and take what happens in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import agenda
from mehvar.directives.actions import council as actions
from mehvar.directives.actions.council import Presence
from mehvar.directives.data import CouncilDecision, SessionState
from mehvar.directives.forms.consultation import ReasonForm
from mehvar.directives.forms.council import (
    ChangeSessionForm,
    ItemForm,
    MatterForm,
    MinutesForm,
    SessionForm,
)
from mehvar.directives.models import AgendaItem, CouncilSession
from mehvar.directives.queries import council as queries
from mehvar.directives.views import council_lists as tables
from mehvar.directives.views import words
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import notices, pages, refusals
from mehvar.ui.reader import page_language, reader_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.forms import Form
    from django.http.response import HttpResponseBase

    from mehvar.organisations.data import Authority


def readable_session(request: HttpRequest, public_id: str) -> CouncilSession:
    """Give a session that the person may read.

    Raises:
        NotFound: There is none, or not for this person.
    """
    session = queries.session_by_public_id(public_id)
    if not queries.may_read(organisations.authority_in(request), session):
        raise NotFound(gettext_noop("There is no such session."), code="unknown-session")
    return session


def run_session(request: HttpRequest, public_id: str) -> CouncilSession:
    """Give a session to somebody who may run it.

    Raises:
        NotFound: There is none, or not for this person.
        NotPermitted: The person may read but not run it.
    """
    session = readable_session(request, public_id)
    permissions.require(
        organisations.authority_in(request), Permission.MANAGE_COUNCIL, session.committee.organisation.path
    )
    return session


def crumbs(session: CouncilSession | None = None) -> list[tuple[str, str]]:
    """Give the way to a council page."""
    way = [(_("Councils"), reverse("directives:council"))]
    if session is not None:
        way.append((title_of(session), reverse("directives:session", args=[session.public_id])))
    return way


def title_of(session: CouncilSession) -> str:
    """Name a session."""
    return _("%(committee)s, session %(number)s") % {
        "committee": session.committee.name,
        "number": reader_of().number(session.number),
    }


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponseBase:
    """List the sessions that the person may read."""
    authority = organisations.authority_in(request)
    table = tables.SessionTable(queries.sessions_for(authority), request)
    context = {
        "may_plan": permissions.allows(authority, Permission.MANAGE_COUNCIL),
        "overdue": queries.overdue_resolutions(authority).count(),
    }
    return table.respond("directives/council/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan the next session of a committee."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.MANAGE_COUNCIL)
    committees = [(str(row.pk), row.name) for row in queries.committees_run_by(authority)]
    form = SessionForm(request.POST or None, committees=committees, initial={"language": page_language()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        planned = refusals.done(
            form,
            lambda: actions.plan_session(
                accounts.person_in(request),
                given["committee"],
                held_on=given["held_on"].day,
                calendar=given["held_on"].calendar.value,
                starts_at=given["starts_at"],
                place=given["place"],
                language=given["language"],
            ),
        )
        if planned is not None:
            notices.done(request, _("The session is planned. Now build its agenda."))
            return redirect("directives:agenda", planned.public_id)
    return render(
        request,
        "directives/council/plan.html",
        {"form": form, "has_committees": bool(committees), "breadcrumbs": crumbs()},
    )


@login_required
@require_safe
def session(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a session: agenda, who sits in it, quorum, resolutions, minutes."""
    found = readable_session(request, public_id)
    authority = organisations.authority_in(request)
    runs = queries.may_run(authority, found) and found.state in {
        SessionState.PLANNED,
        SessionState.IN_SESSION,
    }
    seats = list(queries.attendance_of(found))
    context = {
        "session": found,
        "title": title_of(found),
        "state": words.badge(words.SESSION_STATES, found.state),
        "runs": runs,
        "items": [item_row(item, authority) for item in queries.agenda_of(found)],
        "seats": [seat_row(seat) for seat in seats],
        "quorum": queries.quorum_among(seats, found.quorum_percent),
        "resolutions": [resolution_row(row) for row in queries.resolutions_of(found)],
        "is_planned": found.state == SessionState.PLANNED,
        "is_held": found.state == SessionState.IN_SESSION,
        "is_closed": found.state == SessionState.CLOSED,
        "is_intact": queries.is_intact(found),
        "breadcrumbs": crumbs(),
    }
    return render(request, "directives/council/session.html", context)


def item_row(item: AgendaItem, authority: Authority) -> dict[str, Any]:
    """Show one matter of an agenda with the page of what it is about."""
    return {
        "item": item,
        "url": _page_of_matter(item, authority),
        "kind": _kind_of_matter(item),
        "decision": words.badge(words.DECISIONS, item.decision) if item.decision else "",
    }


def _page_of_matter(item: AgendaItem, authority: Authority) -> str:
    if item.directive is not None:
        sees = permissions.allows(authority, Permission.VIEW_DRAFTS, item.directive.issuer.path)
        name = "directives:directive" if sees else "directives:editions"
        return reverse(name, args=[item.directive.public_id])
    if item.earlier_resolution is not None:
        return reverse("directives:resolution", args=[item.earlier_resolution.pk])
    return ""


def _kind_of_matter(item: AgendaItem) -> str:
    if item.directive_id:
        return _("Directive")
    if item.duty_id:
        return _("Legal duty")
    return _("Earlier resolution") if item.earlier_resolution_id else _("Other matter")


def seat_row(seat: Any) -> dict[str, Any]:
    """Show one seat."""
    return {
        "seat": seat,
        "name": queries.seat_name(seat.member, page_language()),
        "capacity": words.CAPACITIES.get(seat.member.capacity, seat.member.capacity),
    }


def resolution_row(row: Any) -> dict[str, Any]:
    """Show one resolution."""
    return {
        "resolution": row,
        "owner": organisations.name_in(row.owner, page_language()),
        "state": words.badge(words.RESOLUTION_STATES, row.state),
        "url": reverse("directives:resolution", args=[row.pk]),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def build_agenda(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose from what waits, add own matters, and put the agenda in order."""
    found = run_session(request, public_id)
    form = MatterForm(request.POST if "title" in request.POST else None)
    if request.method == "POST" and _agenda_changed(request, found, form):
        return redirect("directives:agenda", public_id)
    authority = organisations.authority_in(request)
    context = {
        "session": found,
        "title": title_of(found),
        "form": form,
        "items": [item_row(item, authority) for item in queries.agenda_of(found)],
        "suggestions": queries.suggestions_for(found),
        "kinds": {
            "directive": _("Directive"),
            "duty": _("Legal duty"),
            "resolution": _("Earlier resolution"),
        },
        "breadcrumbs": crumbs(found),
    }
    return render(request, "directives/council/agenda.html", context)


def _agenda_changed(request: HttpRequest, found: CouncilSession, form: MatterForm) -> bool:
    """Add what was chosen or written; a refusal is shown on the page."""
    if "title" in request.POST:
        title = request.POST["title"]
        if not form.is_valid():
            return False
        added = refusals.done(form, lambda: agenda.add_matter(accounts.person_in(request), found.pk, title))
        return added is not None
    chosen = request.POST.getlist("chosen")
    refusals.told(request, lambda: agenda.build_agenda(accounts.person_in(request), found.pk, chosen=chosen))
    return True


@login_required
@require_POST
def move_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Move a matter up or down."""
    found = _session_of(request, item_id)
    places = -1 if request.POST.get("way") == "up" else 1
    refusals.told(request, lambda: agenda.move_item(accounts.person_in(request), item_id, places=places))
    return redirect("directives:agenda", found.public_id)


@login_required
@require_POST
def remove_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take a matter off the agenda."""
    found = _session_of(request, item_id)
    refusals.told(request, lambda: agenda.remove_item(accounts.person_in(request), item_id))
    return redirect("directives:agenda", found.public_id)


def _session_of(request: HttpRequest, item_id: int) -> CouncilSession:
    """Give the session of a matter to somebody who may run it."""
    return run_session(request, queries.item_by_id(item_id).session.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Write what was said on a matter and what was concluded."""
    matter = queries.item_by_id(item_id)
    found = run_session(request, matter.session.public_id)
    form = ItemForm(
        request.POST or None,
        on_directive=matter.directive_id is not None,
        initial={
            "discussion": matter.discussion,
            "conclusion": matter.conclusion,
            "decision": matter.decision,
            "version": matter.version,
        },
    )

    def conclude(given: dict[str, Any]) -> AgendaItem:
        decision = CouncilDecision(given["decision"]) if given["decision"] else None
        return actions.conclude_item(accounts.person_in(request), item_id, **{**given, "decision": decision})

    if refusals.posted(request, form, conclude, done=_("Written down.")):
        return redirect("directives:session", found.public_id)
    context = {
        "session": found,
        "item": matter,
        "form": form,
        "quorum": queries.quorum_of(found),
        "breadcrumbs": crumbs(found),
    }
    return render(request, "directives/council/item.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: HttpRequest, public_id: str) -> HttpResponse:
    """Note who is present and who sent a substitute."""
    found = run_session(request, public_id)
    seats = list(queries.attendance_of(found))
    if request.method == "POST":
        given = {
            seat.pk: Presence(
                present=f"present-{seat.pk}" in request.POST,
                substitute=request.POST.get(f"substitute-{seat.pk}", ""),
            )
            for seat in seats
        }
        version = request.POST.get("version", "")
        quorum = refusals.told(
            request,
            lambda: actions.mark_attendance(
                accounts.person_in(request),
                found.pk,
                given,
                chaired_by=request.POST.get("chaired_by", ""),
                version=int(version) if version.isdecimal() else None,
            ),
        )
        if quorum is not None:
            text = _("There is a quorum.") if quorum.met else _("There is no quorum.")
            notices.done(request, text)
            return redirect("directives:session", public_id)
    context = {
        "session": found,
        "title": title_of(found),
        "seats": [seat_row(seat) for seat in seats],
        "quorum": queries.quorum_among(seats, found.quorum_percent),
        "breadcrumbs": crumbs(found),
    }
    return render(request, "directives/council/attendance.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change when and where a session is held."""
    found = run_session(request, public_id)
    initial = {
        "held_on": reader_of(request).date(found.held_on, "numeric"),
        "starts_at": found.starts_at,
        "place": found.place,
        "version": found.version,
    }
    form = ChangeSessionForm(request.POST or None, initial=initial)
    return _asked(
        request,
        found,
        form,
        lambda given: actions.change_session(
            accounts.person_in(request), found.pk, **{**given, "held_on": given["held_on"].day}
        ),
        title=_("Change the session"),
        action=_("Save"),
        done=_("The session is changed."),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def minutes(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write the general part of the minutes."""
    found = run_session(request, public_id)
    form = MinutesForm(request.POST or None, initial={"minutes": found.minutes, "version": found.version})
    return _asked(
        request,
        found,
        form,
        lambda given: actions.write_minutes(
            accounts.person_in(request), found.pk, given["minutes"], version=given["version"]
        ),
        title=_("Minutes"),
        action=_("Save"),
        done=_("Written down."),
    )


@login_required
@require_POST
def invite(request: HttpRequest, public_id: str) -> HttpResponse:
    """Invite the members with the agenda."""
    found = run_session(request, public_id)
    refusals.told(
        request,
        lambda: actions.send_invitations(accounts.person_in(request), found.pk),
        done=_("The members are invited."),
    )
    return redirect("directives:session", public_id)


@login_required
@require_POST
def begin(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin the session."""
    found = run_session(request, public_id)
    if refusals.told(request, lambda: actions.begin_session(accounts.person_in(request), found.pk)):
        return redirect("directives:attendance", public_id)
    return redirect("directives:session", public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Cancel a planned session."""
    found = run_session(request, public_id)
    form = ReasonForm(request.POST or None, initial={"version": found.version})
    return _asked(
        request,
        found,
        form,
        lambda given: actions.cancel_session(accounts.person_in(request), found.pk, **given),
        title=_("Cancel the session"),
        action=_("Cancel the session"),
        done=_("The session is cancelled."),
        consequences=[_("Its matters can be put on another agenda.")],
        danger=True,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close the session."""
    found = run_session(request, public_id)
    form = ReasonForm(request.POST or None, initial={"version": found.version})
    del form.fields["reason"]
    quorum = queries.quorum_of(found)
    return _asked(
        request,
        found,
        form,
        lambda given: actions.close_session(accounts.person_in(request), found.pk, version=given["version"]),
        title=_("Close the session"),
        action=_("Close the session"),
        done=_("The session is closed and its minutes are frozen."),
        consequences=[
            _("There is a quorum.") if quorum.met else _("There is no quorum."),
            _(
                "Agenda, attendance, conclusions, resolutions and minutes are frozen; their fingerprint goes on record."
            ),
            _("The directives move as the session decided."),
        ],
    )


def _asked(
    request: HttpRequest,
    found: CouncilSession,
    form: Form,
    act: Callable[[dict[str, Any]], object],
    *,
    title: str,
    action: str,
    done: str,
    consequences: Sequence[str] = (),
    danger: bool = False,
) -> HttpResponse:
    """Ask for what an act on a session needs; do it and go back to the session."""
    if refusals.posted(request, form, act, done=done):
        return redirect("directives:session", found.public_id)
    return pages.confirm(
        request,
        title=title,
        text=title_of(found),
        consequences=consequences,
        action=action,
        cancel_url=reverse("directives:session", args=[found.public_id]),
        danger=danger,
        form=form,
    )


urlpatterns = [
    path("council/", sessions, name="council"),
    path("council/plan/", plan, name="session_plan"),
    path("council/items/<int:item_id>/", item, name="agenda_item"),
    path("council/items/<int:item_id>/move/", move_item, name="agenda_move"),
    path("council/items/<int:item_id>/remove/", remove_item, name="agenda_remove"),
    path("council/<slug:public_id>/", session, name="session"),
    path("council/<slug:public_id>/agenda/", build_agenda, name="agenda"),
    path("council/<slug:public_id>/attendance/", attendance, name="attendance"),
    path("council/<slug:public_id>/change/", change, name="session_change"),
    path("council/<slug:public_id>/minutes/", minutes, name="minutes"),
    path("council/<slug:public_id>/invite/", invite, name="session_invite"),
    path("council/<slug:public_id>/begin/", begin, name="session_begin"),
    path("council/<slug:public_id>/cancel/", cancel, name="session_cancel"),
    path("council/<slug:public_id>/close/", close, name="session_close"),
]
