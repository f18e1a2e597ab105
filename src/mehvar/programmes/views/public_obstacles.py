"""Let anybody tell what is in their way, one question a page, follow it by a tracking code, and read what was released.

No account, no cookie, no script is needed. The answers travel from page to page in a signed token with the moment of the first page; no
credential of a signed-in person is used, so there is nothing that a forged request could borrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.accounts.actions.outside import address_of, check_flood
from mehvar.directives.queries.days import today
from mehvar.kernel import outside as rules
from mehvar.kernel.errors import MehvarError, NotFound, Unavailable
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import obstacles as actions
from mehvar.programmes.actions import outside
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.actions.outside import Sender
from mehvar.programmes.data import Cause, ObstacleKind, ObstacleState
from mehvar.programmes.forms import outside as forms
from mehvar.programmes.queries import obstacles as queries
from mehvar.programmes.rules.escalation import RUNNING
from mehvar.programmes.tables import obstacle_words as words
from mehvar.ui.data import SummaryRow, TimelineEvent
from mehvar.ui.outside import TOO_MANY, UNPROCESSABLE, CodeForm, Draft, bounded, is_caught, refused
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done, said

if TYPE_CHECKING:
    from django import forms as django_forms

    from mehvar.programmes.models import Obstacle

SALT = "mehvar.outside"
PER_PAGE = 20
OK = 200
LONGEST_KEY = 9


PAGES: Mapping[str, type[django_forms.Form]] = {
    "kind": forms.KindPage,
    "what": forms.WhatPage,
    "cause": forms.CausePage,
    "gap": forms.GapPage,
    "where": forms.WherePage,
    "who": forms.WhoPage,
}
TITLES: Mapping[str, Callable[[], str]] = {
    "kind": lambda: _("What do you want to tell us?"),
    "what": lambda: _("What is in your way?"),
    "cause": lambda: _("Why is it so?"),
    "gap": lambda: _("Which product is missing?"),
    "where": lambda: _("Where?"),
    "who": lambda: _("Who are you?"),
    "check": lambda: _("Is this right?"),
}


def pages_for(answers: Mapping[str, str]) -> list[str]:
    """Give the order of the questions."""
    middle = "gap" if answers.get("kind") == ObstacleKind.PRODUCT_GAP else "cause"
    return ["kind", "what", middle, "where", "who", "check"]


@csrf_exempt
@never_cache
@bounded
@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: HttpRequest) -> HttpResponse:
    """Ask one question a page; the last page shows the answers and sends them."""
    if request.method != "POST":
        return _ask(request, Draft.new(SALT), "kind")
    draft = Draft.read(SALT, request.POST.get("token", ""))
    page = request.POST.get("page", "")
    if draft is None or page not in pages_for(draft.answers):
        return refused(request, _("Please start again"), _("This page was changed or is very old."))
    if is_caught(request.POST):
        return refused(request, _("This could not be taken"), _("Leave the field “website” empty."))
    return _went_on(request, draft, page)


def _went_on(request: HttpRequest, draft: Draft, page: str) -> HttpResponse:
    """Take a page's answers and lead to the next one, back, or to the end."""
    order = pages_for(draft.answers)
    if "back" in request.POST:
        return _ask(request, draft, order[max(order.index(page) - 1, 0)])
    if page == "check":
        return _send(request, draft)
    form = _form(page, request.POST)
    if not form.is_valid():
        return _ask(request, draft, page, form=form)
    draft.answers |= {name: str(value or "") for name, value in form.cleaned_data.items()}
    order = pages_for(draft.answers)
    place = order.index(page) if page in order else order.index("what")
    return _ask(request, draft, order[place + 1])


def _form(page: str, data: Any = None, initial: Mapping[str, str] | None = None) -> django_forms.Form:
    options: dict[str, Any] = {"initial": dict(initial or {})}
    if page == "where":
        options["provinces"] = _provinces()
    return PAGES[page](data, **options)


def _provinces() -> list[tuple[str, str]]:
    return [(str(one.pk), words.name_of(one)) for one in organisations.provinces(on=today())]


def _ask(
    request: HttpRequest,
    draft: Draft,
    page: str,
    *,
    form: django_forms.Form | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    order = pages_for(draft.answers)
    is_check = page == "check"
    context = {
        "title": TITLES[page](),
        "page": page,
        "number": order.index(page) + 1,
        "count": len(order),
        "token": draft.token(),
        "form": form or (None if is_check else _form(page, initial=draft.answers)),
        "answers": _answers(draft.answers) if is_check else [],
        "is_check": is_check,
        "is_first": page == order[0],
        "error": error,
    }
    if form is not None and form.errors:
        status = UNPROCESSABLE
    return render(request, "programmes/outside/question.html", context, status=status)


def _answers(given: Mapping[str, str]) -> list[SummaryRow]:
    province = dict(_provinces()).get(given.get("province", ""), "")
    pairs = [
        (_("In one sentence"), given.get("title", "")),
        (_("What happens"), given.get("text", "")),
        (_("Cause"), words.word(words.CAUSES, given.get("cause", ""))),
        (_("What would help"), given.get("decision_needed", "")),
        (_("Who needs it, and what for"), given.get("product_need", "")),
        (_("How much is needed"), given.get("market_size", "")),
        (_("Who could make it"), given.get("could_make", "")),
        (_("Province"), province),
        (_("Firm or name"), given.get("name", "")),
        (_("How to reach you"), " · ".join(filter(None, (given.get("contact", ""), given.get("email", ""))))),
    ]
    return [SummaryRow(label, value) for label, value in pairs if value]


def _send(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Send the answers, once; the code is shown on this page and never again."""
    for page in pages_for(draft.answers)[:-1]:
        form = _form(page, draft.answers)
        if not form.is_valid():
            return _ask(request, draft, page, form=form)
    given = draft.answers
    try:
        _row, code = outside.tell_obstacle(
            _words(given),
            Sender(
                given.get("name", ""), given.get("contact", ""), given.get("email", ""), address_of(request)
            ),
            submission_key=draft.key,
            seconds=draft.age_s,
            province_id=int(given["province"]) if given.get("province") else None,
        )
    except MehvarError as error:
        status = TOO_MANY if isinstance(error, Unavailable) else error.status
        return _ask(request, draft, "check", error=said(error), status=status)
    context = {
        "code": code,
        "track_url": reverse("programmes:outside_track"),
        "is_mailed": bool(given.get("email")),
    }
    return render(request, "programmes/outside/sent.html", context)


def _words(given: Mapping[str, str]) -> Words:
    is_gap = given["kind"] == ObstacleKind.PRODUCT_GAP
    return Words(
        title=given["title"],
        text=given["text"],
        kind=ObstacleKind(given["kind"]),
        cause=Cause.SUPPLY if is_gap else Cause(given["cause"]),
        decision_needed="" if is_gap else given.get("decision_needed", ""),
        product_need=given.get("product_need", "") if is_gap else "",
        market_size=given.get("market_size", "") if is_gap else "",
        could_make=given.get("could_make", "") if is_gap else "",
        language=words.language(),
    )


@csrf_exempt
@never_cache
@bounded
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for a tracking code and show what became of it; who holds the code confirms, sends back, objects or takes back."""
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _code_page(request, form)
    try:
        check_flood(address_of(request), "track", most=rules.MOST_LOOK_UPS, window_s=rules.LOOK_UP_WINDOW_S)
        row = queries.obstacle_by_code(form.cleaned_data["code"])
    except NotFound:
        form.add_error("code", _("We know no such code. Please compare it sign by sign."))
        return _code_page(request, form, status=404)
    except Unavailable as error:
        form.add_error(None, said(error))
        return _code_page(request, form, status=TOO_MANY)
    return _followed(request, row, form.cleaned_data["code"])


def _code_page(request: HttpRequest, form: CodeForm, *, status: int = OK) -> HttpResponse:
    if form.errors and status == OK:
        status = UNPROCESSABLE
    return render(request, "programmes/outside/track.html", {"form": form}, status=status)


ACTS: Mapping[str, tuple[ObstacleState, ...]] = {
    "confirm": (ObstacleState.REMEDIED,),
    "send-back": (ObstacleState.REMEDIED,),
    "object": (ObstacleState.REJECTED,),
    "withdraw": (ObstacleState.OPEN, ObstacleState.IN_REMEDY, ObstacleState.REMEDIED),
}


def _followed(request: HttpRequest, row: Obstacle, code: str) -> HttpResponse:
    act = request.POST.get("act", "")
    form = forms.WordForm(request.POST if act in ACTS else None)
    if act in ACTS and form.is_valid():
        version = int(request.POST.get("version", "0") if request.POST.get("version", "").isdecimal() else 0)
        if done(form, lambda: _act(row, act, form.cleaned_data["reason"], version)) is not None:
            row = queries.obstacle_by_code(code)
            form = forms.WordForm()
    main = row.merged_into or row
    context = {
        "row": row,
        "code": code,
        "form": form,
        "sentence": sentence(main),
        "state": words.badge(words.STATES, words.STATE_BADGES, main.state),
        "acts": [name for name, states in ACTS.items() if row.state in states],
        "events": public_events(main),
        "is_joined": main.pk != row.pk,
    }
    return render(
        request, "programmes/outside/status.html", context, status=UNPROCESSABLE if form.errors else 200
    )


def _act(row: Obstacle, act: str, reason: str, version: int) -> Obstacle:
    if act == "confirm":
        return actions.confirm(None, row.public_id, version=version, note=reason)
    taken = {
        "send-back": actions.send_back,
        "object": actions.object_to_rejection,
        "withdraw": actions.withdraw,
    }[act]
    return taken(None, row.public_id, reason=reason, version=version)


def sentence(row: Obstacle) -> str:
    """Say in plain words how an obstacle stands."""
    until = reader_of().date(row.level_due_on)
    body = words.name_of(row.level_holder)
    if row.state == ObstacleState.IN_REMEDY:
        return _("%(body)s promised to remove it by %(date)s.") % {
            "body": words.name_of(row.owner),
            "date": until,
        }
    if row.state in RUNNING:
        return _(
            "It is with %(body)s until %(date)s. If it is not removed by then, it climbs to the next level."
        ) % {
            "body": body,
            "date": until,
        }
    return {
        ObstacleState.REMEDIED.value: _(
            "The office says that it is gone. Whoever raised it is asked to confirm."
        ),
        ObstacleState.CLOSED.value: _("It is gone; whoever raised it confirmed it."),
        ObstacleState.REJECTED.value: _("It was not accepted as an obstacle."),
        ObstacleState.MERGED.value: _("It was joined with another of the same kind."),
        ObstacleState.WITHDRAWN.value: _("Whoever raised it took it back."),
    }[row.state]


SHOWN_STEPS = {
    "raise", "assign", "climb", "hand_up", "decide", "propose_remedy", "report_remedied", "confirm", "send_back",
    "reject", "object", "withdraw",
}  # fmt: skip


def public_events(row: Obstacle) -> list[TimelineEvent]:
    """Give the steps without the words of officials and without anybody's name."""
    return [
        TimelineEvent(
            title=words.word(words.STEPS, one.action),
            at=one.effective_on,
            text=words.word(words.LEVELS, one.level),
            state=words.STEP_BADGES.get(one.action, "neutral"),
        )
        for one in reversed(queries.steps_of(row))
        if one.action in SHOWN_STEPS
    ]


@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """Show everybody what was released, by cause and province."""
    rows = queries.published_obstacles()
    cause = request.GET.get("cause", "")
    if cause in dict(words.CAUSES):
        rows = rows.filter(cause=cause)
    province = request.GET.get("province", "")
    if province.isdecimal() and len(province) <= LONGEST_KEY:
        rows = rows.filter(province_id=int(province))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "cards": [
            {
                "row": row,
                "state": words.badge(words.STATES, words.STATE_BADGES, row.state),
                "cause": words.word(words.CAUSES, row.cause),
                "province": words.name_of(row.province),
            }
            for row in page
        ],
        "causes": [(value, label, value == cause) for value, label in words.CAUSES],
        "provinces": [(value, label, value == province) for value, label in _provinces()],
        "query": {"cause": cause, "province": province},
    }
    return render(request, "programmes/outside/list.html", context)


@require_safe
def public_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show everybody one released obstacle and what became of it."""
    row = queries.published_obstacle(public_id)
    context = {
        "row": row,
        "state": words.badge(words.STATES, words.STATE_BADGES, row.state),
        "sentence": sentence(row),
        "facts": [
            SummaryRow(label, value)
            for label, value in (
                (_("Cause"), words.word(words.CAUSES, row.cause)),
                (_("Province"), words.name_of(row.province)),
                (_("Who must remove it"), words.name_of(row.owner)),
            )
            if value
        ],
        "events": public_events(row),
    }
    return render(request, "programmes/outside/published.html", context)


urlpatterns = [
    path("public/obstacles/", public_list, name="public_obstacles"),
    path("public/obstacles/tell/", tell, name="outside_tell"),
    path("public/obstacles/track/", track, name="outside_track"),
    path("public/obstacles/<slug:public_id>/", public_page, name="public_obstacle"),
]
