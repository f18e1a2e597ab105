"""The inbox of a body: directives to acknowledge, those acknowledged, and the list of what must be done."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import cascade as actions
from mehvar.directives.forms.cascade import AcknowledgeForm
from mehvar.directives.models import Acknowledgement, Directive
from mehvar.directives.queries import cascade as queries
from mehvar.directives.queries.days import today
from mehvar.directives.rules.cascade import standing_of
from mehvar.directives.views.cascade_tables import STANDING_BADGES, STANDINGS, AssignmentTable
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import components, notices, refusals
from mehvar.ui.reader import page_language, reader_of

if TYPE_CHECKING:
    from datetime import date

    from mehvar.organisations.data import Authority

MOST_WAITING = 400
MOST_DONE = 50


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what waits for the acknowledgement of the person's bodies, and what was acknowledged."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_ASSIGNMENTS)
    waiting = list(queries.to_acknowledge(authority)[:MOST_WAITING])
    return _inbox(request, authority, [_card(group, authority) for group in _by_directive(waiting)])


def _inbox(
    request: HttpRequest, authority: Authority, cards: list[dict[str, Any]], *, status: int = 200
) -> HttpResponse:
    done = (
        queries.acknowledgements_for(authority)
        .filter(acknowledged_at__isnull=False)
        .select_related("acknowledged_by")
        .order_by("-acknowledged_at")[:MOST_DONE]
    )
    context = {
        "cards": cards,
        "errors": [card["form"] for card in cards if card["form"].errors],
        "done": [_done_row(row) for row in done],
        "directives": queries.directives_with_assignments(authority)[:MOST_DONE],
        "may_acknowledge": permissions.allows(authority, Permission.ACKNOWLEDGE_ASSIGNMENT),
    }
    return render(request, "directives/cascade/inbox.html", context, status=status)


def _by_directive(rows: Iterable[Acknowledgement]) -> list[list[Acknowledgement]]:
    ordered = sorted(rows, key=lambda row: (row.directive_id, row.organisation.path))
    groups = [list(group) for _pk, group in groupby(ordered, key=lambda row: row.directive_id)]
    return sorted(groups, key=lambda group: min(row.due_on for row in group))


def _card(rows: list[Acknowledgement], authority: Authority, data: Any = None) -> dict[str, Any]:
    """Show one directive with the bodies for which it waits."""
    directive, day = rows[0].directive, today()
    due_on = min(row.due_on for row in rows)
    cited = [citation.raw for citation in directive.citations.all() if citation.to_disseminate]
    bodies = [(row.pk, _body(row, authority)) for row in rows]
    return {
        "directive": directive,
        "bodies": [name for _key, name in bodies],
        "due_on": due_on,
        "standing": _standing(due_on, None, day),
        "days": _days_words((due_on - day).days),
        "cited": cited,
        "form": AcknowledgeForm(
            data,
            bodies=bodies,
            must_disseminate=bool(cited),
            prefix=directive.public_id,
            auto_id=f"id_{directive.public_id}_%s",
        ),
    }


def _body(row: Acknowledgement, authority: Authority) -> str:
    """Name a body; one whose duties passed to the person's body says so."""
    name = organisations.name_in(row.organisation, page_language())
    own = permissions.allows(authority, Permission.ACKNOWLEDGE_ASSIGNMENT, row.organisation.path)
    return name if own else _("%(body)s (its duties passed to you)") % {"body": name}


def _standing(due_on: date, done_on: date | None, day: date) -> Any:
    standing = standing_of(due_on=due_on, acknowledged_on=done_on, today=day).value
    return components.badge(STANDING_BADGES[standing], str(dict(STANDINGS)[standing]))


def _days_words(days: int) -> str:
    number = reader_of().number(abs(days))
    if days == 0:
        return _("due today")
    if days > 0:
        return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": number}
    return ngettext("%(n)s day late", "%(n)s days late", -days) % {"n": number}


def _done_row(row: Acknowledgement) -> dict[str, Any]:
    from django.utils import timezone

    assert row.acknowledged_at is not None  # noqa: S101 - narrows the type
    done_on = timezone.localdate(row.acknowledged_at)
    return {
        "directive": row.directive,
        "body": organisations.name_in(row.organisation, page_language()),
        "at": row.acknowledged_at,
        "by": row.acknowledged_by.name if row.acknowledged_by else "",
        "note": row.note,
        "standing": _standing(row.due_on, done_on, today()),
    }


@login_required
@require_http_methods(["POST"])
def acknowledge(request: HttpRequest, public_id: str) -> HttpResponse:
    """Acknowledge a directive for the chosen bodies; what is wrong stands beside the field, in the inbox."""
    authority = organisations.authority_in(request)
    waiting = list(queries.to_acknowledge(authority)[:MOST_WAITING])
    groups = _by_directive(waiting)
    mine = next((group for group in groups if group[0].directive.public_id == public_id), None)
    if mine is None:
        return _nothing_waits(request, authority, public_id)
    card = _card(mine, authority, request.POST)
    form = card["form"]
    if form.is_valid():
        given = form.cleaned_data
        rows = refusals.done(
            form,
            lambda: actions.acknowledge_many(
                accounts.person_in(request),
                given["chosen"],
                disseminated=given.get("disseminated", False),
                note=given["note"],
            ),
        )
        if rows is not None:
            notices.done(request, _acknowledged_words(len(rows)))
            return redirect("directives:inbox")
    others = [_card(group, authority) for group in groups if group is not mine]
    return _inbox(request, authority, [card, *others], status=422)


def _nothing_waits(request: HttpRequest, authority: Authority, public_id: str) -> HttpResponse:
    """Answer a second click kindly; who has nothing to do with the directive learns nothing."""
    known = queries.answerable_by(authority).filter(directive__public_id=public_id)
    if not known.exists():
        raise NotFound("There is no such request.", code="unknown-acknowledgement")
    notices.note(request, _("Nothing is left to acknowledge there."))
    return redirect("directives:inbox")


def _acknowledged_words(count: int) -> str:
    words = ngettext("Acknowledged for %(n)s body.", "Acknowledged for %(n)s bodies.", count)
    return words % {"n": reader_of().number(count)}


@login_required
@require_safe
def assignments(request: HttpRequest) -> HttpResponseBase:
    """List what the person's bodies must do, over all directives in force or those of one."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_ASSIGNMENTS)
    rows = queries.own_assignments(authority)
    wanted = request.GET.get("directive", "")[:40]
    chosen = Directive.objects.filter(public_id=wanted).first() if wanted else None
    if chosen is not None:
        rows = queries.assignments_for(authority, directive_id=chosen.pk)
    table = AssignmentTable(
        rows.annotate(folded_body=organisations.folded_name("organisation_id", page_language())), request
    )
    context = {
        "chosen": chosen,
        "directives": queries.directives_with_assignments(authority)[:MOST_DONE],
        "page_wide": True,
        "breadcrumbs": [(_("Inbox"), reverse("directives:inbox"))],
    }
    return table.respond("directives/cascade/assignments.html", context)


urlpatterns = [
    path("inbox/", inbox, name="inbox"),
    path("inbox/assignments/", assignments, name="assignments"),
    path("inbox/<slug:public_id>/acknowledge/", acknowledge, name="acknowledge"),
]
