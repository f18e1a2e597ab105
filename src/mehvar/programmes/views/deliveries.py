"""Show deliveries as a list, and one with its axis, figures, history, evidence and the acts it offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import Conflict, MehvarError, NotFound, NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import completion, confidence, extensions
from mehvar.programmes.forms import progress as forms
from mehvar.programmes.queries import audience, scope
from mehvar.programmes.queries import cells as cell_queries
from mehvar.programmes.queries import deliveries as queries
from mehvar.programmes.queries import obstacles as obstacle_queries
from mehvar.programmes.queries import progress as progress_queries
from mehvar.programmes.queries.narrowing import asked_of
from mehvar.programmes.rules import progress as rules
from mehvar.programmes.tables import deliveries as tables
from mehvar.programmes.tables import obstacle_words as words
from mehvar.programmes.tables.period_words import period_name
from mehvar.programmes.views.refusal_words import said
from mehvar.ui import notices
from mehvar.ui.components import badge
from mehvar.ui.data import AxisStep, Point
from mehvar.ui.reader import Reader, reader_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import Delivery


SHORT_NUMBER = 4


def with_columns(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Add what the lists of deliveries show: the cell and the computed colour of today."""
    day = today()
    return rows.annotate(cell=cell_queries.cell_on(day), computed=queries.rating_on(day))


@login_required
def delivery_list(request: HttpRequest) -> HttpResponseBase:
    """List the deliveries that one may see."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    asked = asked_of(authority, request.GET)
    table = tables.DeliveryTable(with_columns(asked.apply(scope.visible_deliveries(authority))), request)
    context = {"about": asked.label, "being_made": asked.being_made, "page_wide": True}
    return table.respond("programmes/deliveries/list.html", context)


@login_required
def delivery_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one delivery."""
    delivery = scope.visible_delivery(organisations.authority_in(request), public_id)
    return _page(request, delivery)


def _page(
    request: HttpRequest, delivery: Delivery, *, refused: BaseForm | None = None, at: str = ""
) -> HttpResponse:
    """Show the page; a refused form stands again where it was, with what was typed."""
    authority, reader = organisations.authority_in(request), reader_of(request)
    history = progress_queries.history_of(delivery)
    offered = _offers(authority, delivery)
    if refused is not None:
        offered[at] = refused
    context = {
        "delivery": delivery,
        "body": organisations.name_in(delivery.organisation, tables.language()),
        "issuer": organisations.name_in(delivery.issuer, tables.language()),
        "state": tables.STATE_WORDS[delivery.state],
        "axis": axis_of(delivery),
        "cell": _cell_badge(delivery),
        "actions": _actions(authority, delivery),
        "obstacles": _obstacles(authority, delivery),
        "computed": _rating_badge(queries.rating_of(delivery)),
        "self_rated": _rating_badge(delivery.self_rating),
        "confidence_badge": _rating_badge(delivery.confidence),
        "expected": queries.expected_of(delivery),
        "milestones": queries.milestones_of(delivery),
        "history": [_told(row, reader) for row in history],
        "points": _points(history, reader) if len(history) > 1 else [],
        "reports": [
            {
                "row": row,
                "period": period_name(row.round.period, reader),
                "badge": badge(tables.REPORT_BADGES[row.state], dict(tables.REPORT_WORDS)[row.state]),
            }
            for row in progress_queries.reports_on(delivery)
        ],
        "extensions": progress_queries.extensions_of(delivery),
        "claims": progress_queries.claims_of(delivery),
        "judgements": [
            {"row": row, "badge": _rating_badge(row.confidence)}
            for row in progress_queries.judgements_of(delivery)
        ],
        "offered": offered,
        "breadcrumbs": [(_("Deliveries"), reverse("programmes:deliveries"))],
    }
    return render(request, "programmes/deliveries/delivery.html", context, status=422 if refused else 200)


def _actions(authority: Authority, delivery: Delivery) -> dict[str, str]:
    """Give the addresses of what the person may begin from here: the report that waits, an obstacle against this delivery."""
    found: dict[str, str] = {}
    asked = progress_queries.request_on(authority, delivery) if delivery.state == "open" else None
    if asked is not None:
        where = reverse("programmes:report_entry", args=[asked.round.public_id, delivery.organisation.code])
        found["report"] = f"{where}#d{delivery.pk}"
    if delivery.state != "discontinued" and permissions.allows(authority, Permission.RAISE_OBSTACLE):
        found["obstacle"] = reverse("programmes:obstacle_new") + f"?delivery={delivery.public_id}"
    return found


def _obstacles(authority: Authority, delivery: Delivery) -> list[dict[str, Any]]:
    return [
        {"row": row, "badge": words.badge(words.STATES, words.STATE_BADGES, row.state)}
        for row in obstacle_queries.obstacles_of_delivery(authority, delivery.pk)
    ]


def _offers(authority: Authority, delivery: Delivery) -> dict[str, BaseForm]:
    """Give the forms of what the person may do with the delivery now."""
    place = progress_queries.place_of(delivery)
    inherited = organisations.predecessors_within(authority, Permission.REPORT_PROGRESS, on=today())
    is_own = rules.may_report(authority, place, frozenset(inherited))
    decides = permissions.allows(authority, Permission.APPROVE_REPORT, place.issuer_path)
    waiting = delivery.extensions.filter(granted=None).first()
    claim = delivery.claims.filter(verified=None).first()
    found: dict[str, BaseForm] = {}
    if is_own and delivery.state == "open":
        found["claim"] = forms.ClaimForm(initial={"claimed_on": today()})
        if delivery.due_on and waiting is None:
            found["extension"] = forms.ExtensionForm()
    if waiting is not None and decides and waiting.asked_by_id != authority.user_id:
        found["decision"] = forms.DecisionForm(
            initial={"version": waiting.version, "due_on": waiting.asked_due_on}
        )
    if claim is not None and rules.may_verify(
        authority, place, claimed_by=claim.claimed_by_id, verifier_id=claim.verifier_id
    ):
        found["verdict"] = forms.VerdictForm(initial={"version": claim.version})
    if claim is not None and permissions.allows(authority, Permission.MANAGE_PROGRAMMES, place.issuer_path):
        found["verifier"] = forms.VerifierForm(initial={"version": claim.version})
    if scope.scope_of(authority, Permission.JUDGE_CONFIDENCE).holds(delivery) and delivery.state != "done":
        found["confidence"] = forms.ConfidenceForm()
    return found


def axis_of(delivery: Delivery, *, is_here: bool = True) -> list[AxisStep]:
    """Give the thread on which a delivery lies: clause, measure, plan, progress, figure, report.

    The figure is the four cells in which it counts, the report its body's performance report; ``is_here`` is false on a page that
    only belongs to the delivery, so that the way to it is a link.
    """
    measure, directive = delivery.measure, delivery.directive
    clause = measure_url = number = ""
    if directive is not None and measure is not None:
        clause = reverse("directives:directive", args=[directive.public_id])
        measure_url = reverse("directives:measure", args=[directive.public_id, measure.public_id])
        number = measure.provision.number if measure.provision else measure.number
    plan = delivery.plan_item.plan.public_id if delivery.plan_item else ""
    reader, body = reader_of(), urlencode({"body": delivery.organisation.code})
    is_short = 0 < len(number) <= SHORT_NUMBER  # "Clause 12", but a note to a clause stands by its own name
    verified = "" if delivery.approved is None else reader.percent(delivery.approved / 100)
    progress = reverse("programmes:delivery", args=[delivery.public_id])
    return [
        AxisStep(
            _("Clause %(number)s") % {"number": reader.digits(number)} if is_short else _("Clause"),
            clause,
            "done" if clause else "todo",
            "" if is_short else reader.digits(number),
        ),
        AxisStep(_("Measure"), measure_url, "done" if measure_url else "todo"),
        AxisStep(
            _("Plan"), reverse("programmes:plan", args=[plan]) if plan else "", "done" if plan else "todo"
        ),
        AxisStep(_("Progress"), progress, "current" if is_here else "done"),
        AxisStep(
            _("Figure"),
            f"{reverse('programmes:status_bodies')}?{body}",
            "done" if delivery.approved is not None else "todo",
            verified,
        ),
        AxisStep(
            _("Report"),
            f"{reverse('programmes:performance')}?{body}",
            "done" if delivery.state == "done" else "todo",
        ),
    ]


def _cell_badge(delivery: Delivery) -> str:
    cell = str(queries.cell_of_delivery(delivery) or "")
    return badge(tables.CELL_BADGES[cell], dict(tables.CELL_WORDS).get(cell, _("Discontinued")))


def _rating_badge(rating: str) -> str:
    return badge(tables.RATING_BADGES[str(rating)], dict(tables.RATING_WORDS)[str(rating)])


def _told(row: Any, reader: Reader) -> dict[str, Any]:
    return {
        "row": row,
        "period": period_name(row.period, reader),
        "cell": badge(tables.CELL_BADGES[row.cell], dict(tables.CELL_WORDS).get(row.cell, _("Discontinued"))),
        "computed": _rating_badge(row.computed),
        "confidence": _rating_badge(row.confidence),
    }


def _points(history: list[Any], reader: Reader) -> list[Point]:
    return [Point(period_name(row.period, reader), row.approved) for row in history]


def _acted(
    request: HttpRequest,
    public_id: str,
    form: BaseForm,
    act: Callable[[Delivery, dict[str, Any]], object],
    *,
    at: str,
    done: str,
) -> HttpResponse:
    """Do what a form on the page asks; show the page again with the refusal otherwise."""
    authority = organisations.authority_in(request)
    delivery = scope.visible_delivery(authority, public_id)
    is_offered = at in _offers(authority, delivery)
    if form.is_valid():
        try:
            act(delivery, form.cleaned_data)
        except (NotFound, NotPermitted):
            raise
        except MehvarError as error:
            form.add_error(error.field if error.field in form.fields else None, said(error))
            is_offered = is_offered or isinstance(error, Conflict)
        else:
            notices.done(request, done)
            return redirect("programmes:delivery", public_id)
    if not is_offered:
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    return _page(request, delivery, refused=form, at=at)


@login_required
@require_POST
def ask_extension(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for a later date."""

    def act(delivery: Delivery, asked: dict[str, Any]) -> object:
        return extensions.request_extension(
            request.user,  # type: ignore[arg-type]
            delivery.pk,
            due_on=asked["due_on"],
            reason=asked["reason"],
        )

    form = forms.ExtensionForm(request.POST)
    return _acted(request, public_id, form, act, at="extension", done=_("Your request was sent."))


@login_required
@require_POST
def decide_extension(request: HttpRequest, public_id: str) -> HttpResponse:
    """Grant or refuse a later date."""
    granted = request.POST.get("act") == "grant"

    def act(delivery: Delivery, asked: dict[str, Any]) -> object:
        waiting = delivery.extensions.filter(granted=None).first()
        if waiting is None:
            raise NotFound("There is no such request for more time.", code="unknown-extension")
        return extensions.decide_extension(
            request.user,  # type: ignore[arg-type]
            waiting.pk,
            version=asked["version"],
            granted=granted,
            due_on=asked["due_on"] if granted else None,
            reason=asked["reason"],
        )

    form = forms.DecisionForm(request.POST)
    done = (
        _("More time was granted; the first date stays on record.")
        if granted
        else _("More time was refused.")
    )
    return _acted(request, public_id, form, act, at="decision", done=done)


@login_required
@require_POST
def claim(request: HttpRequest, public_id: str) -> HttpResponse:
    """Claim completion."""

    def act(delivery: Delivery, asked: dict[str, Any]) -> object:
        return completion.claim_completion(
            request.user,  # type: ignore[arg-type]
            delivery.pk,
            claimed_on=asked["claimed_on"],
            note=asked["note"],
        )

    done = _("Completion is claimed; another body will verify it.")
    return _acted(request, public_id, forms.ClaimForm(request.POST), act, at="claim", done=done)


def _open_claim(delivery: Delivery) -> Any:
    found = delivery.claims.filter(verified=None).first()
    if found is None:
        raise NotFound("There is no such claim.", code="unknown-claim")
    return found


@login_required
@require_POST
def verify(request: HttpRequest, public_id: str) -> HttpResponse:
    """Confirm or refuse a claimed completion."""
    confirmed = request.POST.get("act") == "confirm"

    def act(delivery: Delivery, asked: dict[str, Any]) -> object:
        return completion.verify_completion(
            request.user,  # type: ignore[arg-type]
            _open_claim(delivery).pk,
            version=asked["version"],
            verified=confirmed,
            verdict=asked["verdict"],
        )

    done = _("Completion is verified.") if confirmed else _("The delivery is open again.")
    return _acted(request, public_id, forms.VerdictForm(request.POST), act, at="verdict", done=done)


@login_required
@require_POST
def appoint(request: HttpRequest, public_id: str) -> HttpResponse:
    """Appoint the body that verifies a claim."""

    def act(delivery: Delivery, asked: dict[str, Any]) -> object:
        body = audience.body_named(asked["verifier"], delivery.organisation.pack, today())
        return completion.appoint_verifier(
            request.user,  # type: ignore[arg-type]
            _open_claim(delivery).pk,
            body.pk,
            version=asked["version"],
        )

    done = _("The body that verifies was appointed.")
    return _acted(request, public_id, forms.VerifierForm(request.POST), act, at="verifier", done=done)


@login_required
@require_POST
def judge(request: HttpRequest, public_id: str) -> HttpResponse:
    """Judge delivery confidence."""

    def act(delivery: Delivery, asked: dict[str, Any]) -> object:
        return confidence.judge_confidence(
            request.user,  # type: ignore[arg-type]
            delivery.pk,
            confidence=asked["confidence"],
            reason=asked["reason"],
        )

    done = _("Your judgement is on record.")
    return _acted(request, public_id, forms.ConfidenceForm(request.POST), act, at="confidence", done=done)


urlpatterns = [
    path("deliveries/", delivery_list, name="deliveries"),
    path("deliveries/<slug:public_id>/", delivery_page, name="delivery"),
    path("deliveries/<slug:public_id>/extension/", ask_extension, name="ask_extension"),
    path("deliveries/<slug:public_id>/extension/decision/", decide_extension, name="decide_extension"),
    path("deliveries/<slug:public_id>/claim/", claim, name="claim"),
    path("deliveries/<slug:public_id>/verification/", verify, name="verify"),
    path("deliveries/<slug:public_id>/verifier/", appoint, name="appoint_verifier"),
    path("deliveries/<slug:public_id>/confidence/", judge, name="judge"),
]
