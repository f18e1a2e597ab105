"""Show obstacles and product gaps as lists, what waits here, and one with its trail and the steps it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.directives.queries.days import today
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import obstacles as actions
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.data import Cause, ObstacleKind
from mehvar.programmes.forms.obstacles import GapForm, ObstacleForm
from mehvar.programmes.queries import obstacles as queries
from mehvar.programmes.queries import scope as scopes
from mehvar.programmes.queries import working_days
from mehvar.programmes.rules.escalation import LIVE, ORDER, RUNNING
from mehvar.programmes.tables import obstacle_words as words
from mehvar.programmes.tables import obstacles as tables
from mehvar.programmes.views import obstacle_steps
from mehvar.programmes.views.deliveries import axis_of
from mehvar.ui import notices
from mehvar.ui.data import AxisStep, Bar, SummaryRow, TimelineEvent
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.accounts.models import User
    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import Delivery, Obstacle, ObstacleEvent

LONG = 300


def person(request: HttpRequest) -> User:
    """Give the person who is signed in."""
    return cast("User", request.user)


@login_required
@require_safe
def obstacle_list(request: HttpRequest) -> HttpResponseBase:
    """List the obstacles that one may see, with how many there are by cause and level."""
    authority = _viewer(request)
    rows = queries.visible_obstacles(authority).filter(kind=ObstacleKind.OBSTACLE)
    table = tables.ObstacleTable(rows, request)
    shown = queries.live(rows)
    context = {
        "causes": _bars(words.CAUSES, shown, "cause"),
        "levels": _bars(words.LEVELS, shown, "level"),
        "may_raise": permissions.allows(authority, Permission.RAISE_OBSTACLE),
        "page_wide": True,
    }
    return table.respond("programmes/obstacles/list.html", context)


def _bars(labels: words.Labels, rows: QuerySet[Obstacle], field: str) -> list[Bar]:
    counts = queries.counts_by(rows, field)
    return [Bar(str(label), counts[value]) for value, label in labels if counts.get(value)]


@login_required
@require_safe
def gap_list(request: HttpRequest) -> HttpResponseBase:
    """List the products that the market lacks."""
    authority = _viewer(request)
    table = tables.GapTable(queries.gaps(queries.visible_obstacles(authority)), request)
    context = {"may_raise": permissions.allows(authority, Permission.RAISE_OBSTACLE), "page_wide": True}
    return table.respond("programmes/obstacles/gaps.html", context)


@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Show what waits here: for a decision, to be removed, to be confirmed."""
    authority = _viewer(request)
    groups = (
        (_("Waits for a decision here"), queries.waiting_for_decision(authority)),
        (_("To be removed by your body"), queries.to_handle(authority)),
        (_("Said to be gone: please confirm"), queries.to_confirm(authority)),
    )
    found = [{"title": title, "rows": _cards(rows)} for title, rows in groups]
    context = {"groups": [group for group in found if group["rows"]], "breadcrumbs": _crumbs()}
    return render(request, "programmes/obstacles/waiting.html", context)


def _cards(rows: QuerySet[Obstacle]) -> list[dict[str, Any]]:
    day = today()
    return [
        {
            "row": row,
            "state": words.badge(words.STATES, words.STATE_BADGES, row.state),
            "level": words.word(words.LEVELS, row.level),
            "cause": words.word(words.CAUSES, row.cause),
            "owner": words.name_of(row.owner),
            "province": words.name_of(row.province),
            "is_late": row.state in RUNNING and row.level_due_on < day,
            "is_running": row.state in RUNNING,
        }
        for row in rows[:LONG]
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def obstacle_new(request: HttpRequest) -> HttpResponse:
    """Raise an obstacle, against a delivery where the address names one."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.RAISE_OBSTACLE)
    asked = request.GET.get("delivery", "")
    delivery = scopes.visible_delivery(authority, asked) if asked else None
    initial = {"cause": Cause.OTHER.value, **(_about(delivery) if delivery else {})}
    form = ObstacleForm(request.POST or None, **_offered(authority), initial=initial)
    if request.method == "POST" and form.is_valid():
        made = done(
            form, lambda: _raised(request, form, delivery_public_id=delivery.public_id if delivery else "")
        )
        if made is not None:
            notices.done(request, _("The obstacle is raised; the clock runs."))
            return redirect("programmes:obstacle", made.public_id)
    context = {
        "form": form,
        "delivery": delivery,
        "axis": axis_of(delivery, is_here=False) if delivery else [],
        "title": _("Raise an obstacle"),
        "breadcrumbs": _crumbs(),
    }
    return render(request, "programmes/obstacles/new.html", context, status=422 if form.errors else 200)


def _about(delivery: Delivery) -> dict[str, Any]:
    """Fill in what the delivery says already: in whose name, and the province in which it lies."""
    above = [one.pk for one in organisations.line_above(delivery.organisation.path)]
    provinces = {one.pk for one in organisations.provinces(on=today())}
    inside = [pk for pk in (delivery.organisation_id, *reversed(above)) if pk in provinces]
    return {"raised_by": str(delivery.organisation_id), "province": str(inside[0]) if inside else ""}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def gap_new(request: HttpRequest) -> HttpResponse:
    """Report a product that the market lacks."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.RAISE_OBSTACLE)
    form = GapForm(request.POST or None, **_offered(authority))
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _raised(request, form, kind=ObstacleKind.PRODUCT_GAP))
        if made is not None:
            notices.done(request, _("The product gap is in the register."))
            return redirect("programmes:obstacle", made.public_id)
    context = {"form": form, "delivery": None, "title": _("Report a product gap"), "breadcrumbs": _crumbs()}
    return render(request, "programmes/obstacles/new.html", context, status=422 if form.errors else 200)


def _offered(authority: Authority) -> dict[str, list[tuple[str, str]]]:
    """Give the bodies in whose name one raises, and the provinces."""
    held = [
        one.organisation_id
        for one in authority.held
        if permissions.allows(authority, Permission.RAISE_OBSTACLE, one.path) and one.organisation_id
    ]
    bodies = [organisations.organisation_by_id(pk) for pk in dict.fromkeys(held)]
    return {
        "bodies": [(str(body.pk), words.name_of(body)) for body in bodies],
        "provinces": [(str(one.pk), words.name_of(one)) for one in organisations.provinces(on=today())],
    }


def _raised(
    request: HttpRequest,
    form: ObstacleForm | GapForm,
    *,
    kind: ObstacleKind = ObstacleKind.OBSTACLE,
    delivery_public_id: str = "",
) -> Obstacle:
    given = form.cleaned_data
    said = Words(
        title=given["title"],
        text=given["text"],
        kind=kind,
        cause=Cause(
            given.get("cause") or (Cause.SUPPLY if kind is ObstacleKind.PRODUCT_GAP else Cause.OTHER)
        ),
        decision_needed=given.get("decision_needed", ""),
        product_need=given.get("product_need", ""),
        market_size=given.get("market_size", ""),
        could_make=given.get("could_make", ""),
        language=words.language(),
    )
    return actions.raise_obstacle(
        person(request),
        said,
        raised_by_id=int(given["raised_by"]),
        delivery_public_id=delivery_public_id,
        province_id=int(given["province"]) if given["province"] else None,
        owner_id=obstacle_steps.body_id(given["owner"], "owner"),
        decision_from_id=obstacle_steps.body_id(given.get("decision_from", ""), "decision_from"),
    )


@login_required
@require_safe
def obstacle_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one obstacle: who has it until when, what was promised, the whole trail, and what one may do."""
    authority = organisations.authority_in(request)
    row = queries.visible_obstacle(authority, public_id)
    rights = queries.rights_on(authority, row)
    steps = queries.steps_of(row)
    offers = obstacle_steps.offers(row, rights)
    seen = queries.visible_obstacles(authority)
    context = {
        "row": row,
        "state": words.badge(words.STATES, words.STATE_BADGES, row.state),
        "is_running": row.state in RUNNING,
        "is_late": row.state in RUNNING and row.level_due_on < today(),
        "axis": axis_of(row.delivery, is_here=False) if row.delivery else [],
        "levels": _levels(row, steps),
        "facts": _facts(request, row, sees_sender=rights.handles or rights.decides),
        "events": [_event(one) for one in reversed(steps)],
        "main": next((offer for offer in offers if offer.is_main), None),
        "offers": offers,
        "merged": list(seen.filter(merged_into=row).values("public_id", "title")),
        "joined": seen.filter(pk=row.merged_into_id).first() if row.merged_into_id else None,
        "is_known": working_days.calendar_of(row.level_holder).is_known(row.level_due_on),
        "breadcrumbs": _crumbs(),
    }
    return render(request, "programmes/obstacles/obstacle.html", context)


def _levels(row: Obstacle, steps: list[ObstacleEvent]) -> list[AxisStep]:
    """Show the levels as a ribbon: where it was, where it is, what comes next."""
    reached = {step.level for step in steps}
    return [
        AxisStep(
            words.word(words.LEVELS, level),
            "#trail",
            state="current"
            if level == row.level and row.state in LIVE
            else "done"
            if level in reached
            else "todo",
            note=reader_of().date(row.level_due_on, "short")
            if level == row.level and row.state in RUNNING
            else "",
        )
        for level in ORDER
    ]


def _facts(request: HttpRequest, row: Obstacle, *, sees_sender: bool) -> list[SummaryRow]:
    reader = reader_of(request)
    first = row.first_remedy_due_on
    promised = reader.date(row.remedy_due_on) if row.remedy_due_on else ""
    if first and first != row.remedy_due_on:
        promised = _("%(date)s (first: %(first)s)") % {"date": promised, "first": reader.date(first)}
    pairs = [
        (_("Cause"), words.word(words.CAUSES, row.cause)),
        (_("Which decision is needed"), row.decision_needed),
        (_("From whom"), words.name_of(row.decision_from)),
        (_("Who needs it, and what for"), row.product_need),
        (_("How much is needed"), row.market_size),
        (_("Who could make it"), row.could_make),
        (_("Who must remove it"), words.name_of(row.owner)),
        (_("Province"), words.name_of(row.province)),
        (_("Raised by"), words.name_of(row.raised_by) or _("From outside")),
        (
            _("Sender"),
            " · ".join(filter(None, (row.outside_name, row.outside_contact))) if sees_sender else "",
        ),
        (_("Raised on"), reader.moment(row.raised_at)),
        (_("Decision"), row.decision),
        (_("Remedy"), row.remedy if row.remedy != row.decision else ""),
        (_("To be removed by"), promised),
    ]
    return [SummaryRow(label, value) for label, value in pairs if value]


def _event(one: ObstacleEvent) -> TimelineEvent:
    holder = words.name_of(one.holder)
    until = (
        _("%(body)s, until %(date)s") % {"body": holder, "date": reader_of().date(one.due_on, "short")}
        if one.due_on
        else holder
    )
    return TimelineEvent(
        title=words.word(words.STEPS, one.action),
        at=one.effective_on if one.action == "climb" else one.at,
        actor=one.actor.name if one.actor else "",
        text=" · ".join(filter(None, (one.note, f"{words.word(words.LEVELS, one.level)}: {until}"))),
        state=words.STEP_BADGES.get(one.action, "neutral"),
    )


def _viewer(request: HttpRequest) -> Authority:
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    return authority


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Obstacles"), reverse("programmes:obstacles"))]


urlpatterns = [
    path("obstacles/", obstacle_list, name="obstacles"),
    path("obstacles/waiting/", waiting, name="obstacles_waiting"),
    path("obstacles/new/", obstacle_new, name="obstacle_new"),
    path("obstacles/gaps/", gap_list, name="gaps"),
    path("obstacles/gaps/new/", gap_new, name="gap_new"),
    path("obstacles/<slug:public_id>/", obstacle_page, name="obstacle"),
    path("obstacles/<slug:public_id>/<slug:step>/", obstacle_steps.take, name="obstacle_step"),
]
