"""Adopt resolutions in a session and follow them to their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import resolutions as actions
from mehvar.directives.data import ResolutionState
from mehvar.directives.forms.council import ClaimForm, ExtendResolutionForm, NoteForm, ResolutionForm
from mehvar.directives.models import Resolution, ResolutionEvent
from mehvar.directives.queries import consultation as office_queries
from mehvar.directives.queries import council as queries
from mehvar.directives.queries.days import today
from mehvar.directives.rules import council as rules
from mehvar.directives.views import words
from mehvar.directives.views.council import crumbs, run_session, title_of
from mehvar.directives.views.council_lists import ResolutionTable
from mehvar.kernel.errors import InputError, NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.ui import notices, refusals
from mehvar.ui.data import TimelineEvent
from mehvar.ui.reader import page_language, reader_of

if TYPE_CHECKING:
    from django.forms import Form
    from django.http.response import HttpResponseBase

    from mehvar.directives.models import CouncilSession


@login_required
@require_safe
def resolutions(request: HttpRequest) -> HttpResponseBase:
    """List the resolutions that the person may read."""
    authority = organisations.authority_in(request)
    table = ResolutionTable(queries.resolutions_for(authority), request)
    context = {"overdue": queries.overdue_resolutions(authority).count(), "breadcrumbs": crumbs()}
    return table.respond("directives/council/resolutions.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest, public_id: str) -> HttpResponse:
    """Adopt a resolution in a running session."""
    found = run_session(request, public_id)
    items = [
        (str(row.pk), f"{reader_of(request).number(place)}. {row.title[:80]}")
        for place, row in enumerate(queries.agenda_of(found), 1)
    ]
    form = ResolutionForm(request.POST or None, items=items, initial={"item": request.GET.get("item", "")})
    if request.method == "POST" and form.is_valid():
        adopted = refusals.done(form, lambda: _adopted(request, found, form))
        if adopted is not None:
            notices.done(request, _("The resolution is adopted; its owner has been told."))
            return redirect("directives:session", public_id)
    context = {
        "session": found,
        "title": title_of(found),
        "form": form,
        "quorum": queries.quorum_of(found),
        "owners": _owners(found),
        "breadcrumbs": crumbs(found),
    }
    return render(request, "directives/council/adopt.html", context)


def _owners(found: CouncilSession) -> list[str]:
    """Give the names of the bodies below the committee's, offered while typing."""
    rows = organisations.search("").filter(organisations.within(found.committee.organisation.path))[:200]
    return [organisations.name_in(row, page_language()) for row in rows]


def _adopted(request: HttpRequest, found: CouncilSession, form: ResolutionForm) -> Resolution:
    given = form.cleaned_data
    try:
        owner = office_queries.office_named(given["owner"])
    except InputError as error:
        raise InputError(error.message, code=error.code, field="owner", **error.params) from error
    return actions.adopt_resolution(
        accounts.person_in(request),
        found.pk,
        text=given["text"],
        owner_id=owner.pk,
        due=given["due"],
        item_id=given["item"],
    )


@login_required
@require_safe
def resolution(request: HttpRequest, resolution_id: int) -> HttpResponse:
    """Show a resolution: what, who, by when, and every step with its evidence."""
    found = _readable(request, resolution_id)
    authority = organisations.authority_in(request)
    acts = queries.may_act_on(authority, found)
    confirms = queries.may_confirm(authority, found)
    context = {
        "resolution": found,
        "number": _number(found),
        "session_title": title_of(found.session),
        "reads_session": queries.may_read(authority, found.session),
        "owner": organisations.name_in(found.owner, page_language()),
        "state": words.badge(words.RESOLUTION_STATES, found.state),
        "is_overdue": rules.is_overdue(found.state, found.due_on, today()),
        "moved": found.first_due_on is not None and found.first_due_on != found.due_on,
        "events": [_event(event) for event in found.events.select_related("actor")],
        "steps": _steps(found, acts=acts, confirms=confirms),
        "breadcrumbs": [*crumbs(), (_("Resolutions"), reverse("directives:resolutions"))],
    }
    return render(request, "directives/council/resolution.html", context)


def _number(found: Resolution) -> str:
    reader = reader_of()
    return f"{reader.number(found.session.number)}/{reader.number(found.number)}"


def _event(event: ResolutionEvent) -> TimelineEvent:
    state, label = words.RESOLUTION_EVENTS[event.action]
    url = reverse("directives:evidence", args=[event.pk]) if event.evidence else ""
    return TimelineEvent(
        title=label,
        at=event.at,
        actor=event.actor.name if event.actor else "",
        text=event.note,
        url=url,
        state=state,
    )


_STEPS: tuple[tuple[str, str, Any], ...] = (
    ("begin", "acts", lambda: _("Work has begun")),
    ("claim", "acts", lambda: _("Report as done")),
    ("confirm", "confirms", lambda: _("Confirm")),
    ("send_back", "confirms", lambda: _("Send back")),
    ("extend", "confirms", lambda: _("Give more time")),
    ("drop", "confirms", lambda: _("Drop")),
)


def _steps(found: Resolution, *, acts: bool, confirms: bool) -> list[dict[str, Any]]:
    """Give the steps that the state and the person's roles allow."""
    may = {"acts": acts, "confirms": confirms}
    return [
        {"label": label(), "url": reverse("directives:resolution_step", args=[found.pk, name])}
        for name, who, label in _STEPS
        if may[who] and _is_possible(found, name)
    ]


def _is_possible(found: Resolution, name: str) -> bool:
    if name == "extend":
        return found.state in {ResolutionState.OPEN, ResolutionState.IN_PROGRESS}
    return rules.RESOLUTION_LIFE.allows(found.state, name)


_Act = Callable[[HttpRequest, Resolution, "Form"], Resolution]


def _plain(act: Callable[..., Resolution]) -> _Act:
    def take(request: HttpRequest, found: Resolution, form: Form) -> Resolution:
        given = form.cleaned_data
        return act(accounts.person_in(request), found.pk, note=given["note"], version=given["version"])

    return take


def _claim(request: HttpRequest, found: Resolution, form: Form) -> Resolution:
    given = form.cleaned_data
    return actions.claim_done(
        accounts.person_in(request),
        found.pk,
        note=given["note"],
        evidence=given["evidence"],
        version=given["version"],
    )


def _extend(request: HttpRequest, found: Resolution, form: Form) -> Resolution:
    given = form.cleaned_data
    return actions.extend_due(
        accounts.person_in(request), found.pk, due=given["due"], note=given["note"], version=given["version"]
    )


_ACTS: dict[str, tuple[type[NoteForm], _Act]] = {
    "begin": (NoteForm, _plain(actions.begin_resolution)),
    "claim": (ClaimForm, _claim),
    "confirm": (NoteForm, _plain(actions.confirm_done)),
    "send_back": (NoteForm, _plain(actions.send_back)),
    "extend": (ExtendResolutionForm, _extend),
    "drop": (NoteForm, _plain(actions.drop_resolution)),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_step(request: HttpRequest, resolution_id: int, step: str) -> HttpResponse:
    """Take one step of a resolution's life."""
    if step not in _ACTS:
        raise NotFound(gettext_noop("There is no such step."), code="unknown-step")
    found = _readable(request, resolution_id)
    kind, act = _ACTS[step]
    form = kind(request.POST or None, request.FILES or None, initial={"version": found.version})
    if refusals.posted(request, form, lambda _given: act(request, found, form), done=_("Recorded.")):
        return redirect("directives:resolution", resolution_id)
    label = next(label for name, _who, label in _STEPS if name == step)()
    context = {
        "resolution": found,
        "number": _number(found),
        "form": form,
        "label": label,
        "breadcrumbs": [*crumbs(), (_("Resolutions"), reverse("directives:resolutions"))],
    }
    return render(request, "directives/council/resolution_step.html", context)


@login_required
@require_safe
def evidence(request: HttpRequest, event_id: int) -> FileResponse:
    """Give the file that proves a step, as a download."""
    event = ResolutionEvent.objects.filter(pk=event_id).exclude(evidence="").first()
    if event is None:
        raise NotFound(gettext_noop("There is no such file."), code="unknown-evidence")
    _readable(request, event.resolution_id)
    name = str(event.evidence.name).rpartition("/")[2]
    return FileResponse(event.evidence.open("rb"), as_attachment=True, filename=name)


def _readable(request: HttpRequest, resolution_id: int) -> Resolution:
    """Give a resolution that the person may read.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found = queries.resolution_by_id(resolution_id)
    authority = organisations.authority_in(request)
    if not queries.resolutions_for(authority).filter(pk=resolution_id).exists():
        raise NotFound(gettext_noop("There is no such resolution."), code="unknown-resolution")
    return found


urlpatterns = [
    path("council/resolutions/", resolutions, name="resolutions"),
    path("council/resolutions/<int:resolution_id>/", resolution, name="resolution"),
    path("council/resolutions/<int:resolution_id>/<slug:step>/", take_step, name="resolution_step"),
    path("council/evidence/<int:event_id>/", evidence, name="evidence"),
    path("council/<slug:public_id>/resolve/", adopt, name="resolve"),
]
