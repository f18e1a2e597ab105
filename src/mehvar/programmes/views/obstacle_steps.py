"""Offer and take the steps of an obstacle's life, each on a page of its own that says what will happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import InputError, NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import obstacles as actions
from mehvar.programmes.data import ObstacleState, ObstacleStep
from mehvar.programmes.forms import obstacles as forms
from mehvar.programmes.queries import audience
from mehvar.programmes.queries import obstacles as queries
from mehvar.programmes.rules.escalation import LIFE
from mehvar.programmes.tables.obstacle_words import name_of
from mehvar.ui import notices, pages
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from mehvar.accounts.models import User
    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import Obstacle
    from mehvar.programmes.queries.obstacles import Rights

Act = Callable[["User", "Obstacle", Mapping[str, Any]], "Obstacle"]
MOST_SIMILAR = 40


@dataclass(frozen=True, slots=True)
class Offer:
    """Hold a step that a person may take: its address, its button, whether it is the main one."""

    label: Any
    url: str
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class StepPage:
    """Say how a step is asked for and taken."""

    label: Any
    form: type[forms.StepForm]
    act: Act
    may: Callable[[Rights], bool]
    consequences: tuple[Any, ...] = ()
    danger: bool = False
    is_main: bool = False


def body_id(written: str, field: str) -> int | None:
    """Give the body that somebody wrote by name or code; None where nothing was written.

    Raises:
        InputError: No body is called so, or several are.
    """
    if not written.strip():
        return None
    pack = str(organisations.ministry().pack)
    try:
        return int(audience.body_named(written, pack, today()).pk)
    except InputError as error:
        raise InputError(error.message, code=error.code, field=field, **error.params) from error


def _works(rights: Rights) -> bool:
    return rights.handles or rights.decides


def _noted(act: Callable[..., Obstacle]) -> Act:
    return lambda user, row, given: act(user, row.public_id, reason=given["note"], version=given["version"])


def _assigned(user: User, row: Obstacle, given: Mapping[str, Any]) -> Obstacle:
    owner = body_id(given["owner"], "owner") or row.owner_id
    return actions.assign(user, row.public_id, owner_id=owner, reason=given["note"], version=given["version"])


def _remedied(user: User, row: Obstacle, given: Mapping[str, Any]) -> Obstacle:
    return actions.propose_remedy(
        user, row.public_id, remedy=given["remedy"], due_on=given["due_on"], version=given["version"]
    )


def _decided(user: User, row: Obstacle, given: Mapping[str, Any]) -> Obstacle:
    return actions.decide(
        user,
        row.public_id,
        decision=given["decision"],
        due_on=given["due_on"],
        version=given["version"],
        owner_id=body_id(given["owner"], "owner"),
    )


def _said_gone(user: User, row: Obstacle, given: Mapping[str, Any]) -> Obstacle:
    return actions.report_remedied(user, row.public_id, note=given["note"], version=given["version"])


def _confirmed(user: User, row: Obstacle, given: Mapping[str, Any]) -> Obstacle:
    return actions.confirm(user, row.public_id, version=given["version"], note=given["note"])


def _merged(user: User, row: Obstacle, given: Mapping[str, Any]) -> Obstacle:
    return actions.merge(user, row.public_id, into=given["into"], version=given["version"])


def _published(user: User, row: Obstacle, given: Mapping[str, Any]) -> Obstacle:
    return actions.publish(
        user, row.public_id, title=given["title"], words=given["words"], version=given["version"]
    )


def _unpublished(user: User, row: Obstacle, given: Mapping[str, Any]) -> Obstacle:
    return actions.unpublish(user, row.public_id, version=given["version"])


_T = ObstacleStep
PAGES: Mapping[ObstacleStep, StepPage] = {
    _T.CONFIRM: StepPage(
        _("It is gone"),
        forms.ConfirmForm,
        _confirmed,
        lambda rights: rights.raised,
        (_("The obstacle is closed."), _("Who removed it is told.")),
        is_main=True,
    ),
    _T.SEND_BACK: StepPage(
        _("It is still there"),
        forms.NoteForm,
        _noted(actions.send_back),
        lambda rights: rights.raised,
        (_("The clock of its level starts anew."), _("What was said before stays in the trail.")),
    ),
    _T.DECIDE: StepPage(
        _("Decide"),
        forms.DecideForm,
        _decided,
        lambda rights: rights.decides,
        (_("Who carries it out is told, with the date."), _("If it is not gone by then, it climbs.")),
        is_main=True,
    ),
    _T.PROPOSE_REMEDY: StepPage(
        _("Propose a remedy"),
        forms.RemedyForm,
        _remedied,
        _works,
        (_("The clock then ends with the day you give."), _("The first day stays visible.")),
        is_main=True,
    ),
    _T.REPORT_REMEDIED: StepPage(
        _("Say that it is gone"),
        forms.DoneForm,
        _said_gone,
        _works,
        (_("Who raised it is asked to confirm it, or sends it back."),),
    ),
    _T.HAND_UP: StepPage(
        _("Hand it up"),
        forms.NoteForm,
        _noted(actions.hand_up),
        _works,
        (_("The next level has it at once, for three working days."),),
    ),
    _T.ASSIGN: StepPage(
        _("Assign it"),
        forms.AssignForm,
        _assigned,
        lambda rights: rights.handles,
        (_("The body has three working days from today, and is told."),),
    ),
    _T.MERGE: StepPage(
        _("Join a duplicate"),
        forms.MergeForm,
        _merged,
        lambda rights: rights.steers,
        (_("Both stay readable, one clock runs."), _("Who raised it is told.")),
    ),
    _T.REJECT: StepPage(
        _("Reject it"),
        forms.NoteForm,
        _noted(actions.reject),
        _works,
        (_("Who raised it is told and may object; then the next level looks at it."),),
        danger=True,
    ),
    _T.OBJECT: StepPage(
        _("Object"),
        forms.NoteForm,
        _noted(actions.object_to_rejection),
        lambda rights: rights.raised,
        (_("The next level looks at it, for three working days."),),
        is_main=True,
    ),
    _T.WITHDRAW: StepPage(
        _("Take it back"),
        forms.NoteForm,
        _noted(actions.withdraw),
        lambda rights: rights.raised,
        (_("It stays readable; no clock runs any more."),),
        danger=True,
    ),
    _T.PUBLISH: StepPage(
        _("Release to the public"),
        forms.PublishForm,
        _published,
        lambda rights: rights.publishes,
        (
            _("Everybody can read your words and what becomes of it."),
            _("What was sent in, and who sent it, stays hidden."),
        ),
    ),
    _T.UNPUBLISH: StepPage(
        _("Take it off the public page"), forms.StepForm, _unpublished, lambda rights: rights.publishes
    ),
}


def offers(row: Obstacle, rights: Rights) -> list[Offer]:
    """Give the steps that the state and the person's roles allow, the main ones first."""
    return [
        Offer(
            page.label, reverse("programmes:obstacle_step", args=[row.public_id, _slug(step)]), page.is_main
        )
        for step, page in PAGES.items()
        if _fits(row, step) and page.may(rights)
    ]


def _slug(step: ObstacleStep) -> str:
    return step.value.replace("_", "-")


def _fits(row: Obstacle, step: ObstacleStep) -> bool:
    """Tell whether the obstacle's state has the step."""
    if step is _T.PUBLISH:
        return row.state not in {ObstacleState.MERGED, ObstacleState.WITHDRAWN}
    if step is _T.UNPUBLISH:
        return row.published
    return LIFE.allows(row.state, step)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Ask for what a step needs, and take it."""
    authority = organisations.authority_in(request)
    row = queries.visible_obstacle(authority, public_id)
    page = _page(row, step, authority)
    form = _form(page, row, authority, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user = cast("User", request.user)
        if done(form, lambda: page.act(user, row, form.cleaned_data)) is not None:
            notices.done(request, gettext("Saved."))
            return redirect("programmes:obstacle", public_id)
    return pages.confirm(
        request,
        title=page.label,
        text=row.title,
        consequences=page.consequences,
        action=page.label,
        cancel_url=reverse("programmes:obstacle", args=[public_id]),
        danger=page.danger,
        form=form,
        breadcrumbs=[
            (gettext("Obstacles"), reverse("programmes:obstacles")),
            (row.title, reverse("programmes:obstacle", args=[public_id])),
        ],
    )


def _page(row: Obstacle, step: str, authority: Authority) -> StepPage:
    """Give the page of a step that this person may take now.

    Raises:
        NotFound: There is no such step, or not here and now.
    """
    rights = queries.rights_on(authority, row)
    for known, page in PAGES.items():
        if _slug(known) == step and page.may(rights) and _fits(row, known):
            return page
    raise NotFound(gettext_noop("This step is not possible here and now."), code="no-step")


def _form(page: StepPage, row: Obstacle, authority: Authority, data: Any) -> forms.StepForm:
    initial: dict[str, Any] = {"version": row.version}
    if page.form is forms.MergeForm:
        return forms.MergeForm(data, offered=_offered(row, authority), initial=initial)
    if page.form is forms.PublishForm:
        initial |= {"title": row.public_title or row.title, "words": row.public_text}
    if page.form is forms.RemedyForm:
        initial |= {"remedy": row.remedy, "due_on": row.remedy_due_on}
    return page.form(data, initial=initial)


def _offered(row: Obstacle, authority: Authority) -> list[tuple[str, str]]:
    rows = queries.similar(row, authority).select_related("owner")[:MOST_SIMILAR]
    return [
        (one.public_id, gettext("%(title)s (%(body)s)") % {"title": one.title, "body": name_of(one.owner)})
        for one in rows
    ]
