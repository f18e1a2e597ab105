"""Collect what waits for one person in the life of programmes, each with the page where it is done.

Plans, reports, extensions, completion claims, obstacles, proposals and commitments, each by the query that its own page asks, so that
nobody is told of what the page would refuse.
Source: S0.6; issue "programmes", point 10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from mehvar.directives.queries.days import today
from mehvar.directives.queries.waiting import MOST_OF_A_KIND
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import CommitmentState, ObstacleState, PlanState
from mehvar.programmes.queries import obstacles, plans, progress, provinces
from mehvar.programmes.queries.deliveries import UNDONE
from mehvar.programmes.queries.scope import reportable
from mehvar.programmes.rules import progress as progress_rules
from mehvar.ui.data import WaitingItem
from mehvar.ui.periods import period_name
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Organisation
    from mehvar.programmes.models import CompletionClaim, Delivery, Obstacle, ProgressReport

MOST_COUNTED = 1_000
"""How many waiting reports are counted for the home page."""
COMMITMENTS_AHEAD = timedelta(days=30)
"""A commitment waits for who keeps it when it is due within this time."""


def waiting_for(authority: Authority) -> list[WaitingItem]:
    """Return what waits for a person in programmes, unsorted; a bounded number of queries, none that grows with the rows."""
    if not authority.held:
        return []
    kinds = (
        _plans,
        _reviews,
        _reports,
        _reports_to_judge,
        _extensions,
        _claims,
        _obstacles,
        _proposals,
        _commitments,
    )
    return [item for kind in kinds for item in kind(authority)]


def _plans(authority: Authority) -> Iterator[WaitingItem]:
    for row in plans.waiting_plans(authority)[:MOST_OF_A_KIND]:
        act = _("Mend the plan and file it again") if row.state == PlanState.RETURNED else _("File the plan")
        path = reverse("programmes:plan", args=[row.public_id])
        yield WaitingItem(act, row.call.title, path, row.call.deadline_on, "plan")


def _reviews(authority: Authority) -> Iterator[WaitingItem]:
    for row in plans.plans_to_review(authority)[:MOST_OF_A_KIND]:
        title = f"{row.call.title} · {_name(row.organisation)}"
        yield WaitingItem(
            _("Review the plan"), title, reverse("programmes:plan", args=[row.public_id]), None, "plan-review"
        )


def _reports(authority: Authority) -> Iterator[WaitingItem]:
    for row in progress.waiting_requests(authority)[:MOST_OF_A_KIND]:
        about = row.round.directive or row.round.programme
        title = f"{about} · {period_name(row.round.period)} · {_name(row.organisation)}"
        path = reverse("programmes:report_entry", args=[row.round.public_id, row.organisation.code])
        yield WaitingItem(_("Report progress"), title, path, row.round.due_on, "report")


def _reports_to_judge(authority: Authority) -> Iterator[WaitingItem]:
    for step, words in (("accept", _("Accept reports")), ("approve", _("Approve reports"))):
        path = f"{reverse('programmes:review')}?step={step}"
        for period, number in _by_period(progress.to_review(authority, step)):
            title = ngettext("{number} report for {period}", "{number} reports for {period}", number)
            named = title.format(number=_most(number), period=period_name(period))
            yield WaitingItem(words, named, path, None, f"report-{step}")


def _by_period(rows: QuerySet[ProgressReport]) -> list[tuple[str, int]]:
    """Count the oldest waiting reports by period: beyond a thousand nobody reads a number, and counting a nation's would take long."""
    found = Counter(rows.values_list("round__period", flat=True)[:MOST_COUNTED])
    return sorted(found.items())[:MOST_OF_A_KIND]


def _most(number: int) -> str:
    """Write a number that was counted to the end, or to where counting ends."""
    return reader_of().number(number) + ("+" if number == MOST_COUNTED else "")


def _extensions(authority: Authority) -> Iterator[WaitingItem]:
    for row in progress.open_extensions(authority)[:MOST_OF_A_KIND]:
        path = reverse("programmes:delivery", args=[row.delivery.public_id])
        yield WaitingItem(_("Decide on more time"), _on(row.delivery), path, row.due_before, "extension")


def _claims(authority: Authority) -> Iterator[WaitingItem]:
    for row in progress.open_claims(authority)[:MOST_OF_A_KIND]:
        if _verifies(authority, row):
            path = reverse("programmes:delivery", args=[row.delivery.public_id])
            yield WaitingItem(_("Verify completion"), _on(row.delivery), path, row.delivery.due_on, "claim")


def _verifies(authority: Authority, row: CompletionClaim) -> bool:
    place = progress_rules.Place(
        body_id=row.delivery.organisation_id,
        body_path=row.delivery.organisation.path,
        issuer_path=row.delivery.issuer.path,
    )
    return progress_rules.may_verify(
        authority, place, claimed_by=row.claimed_by_id, verifier_id=row.verifier_id
    )


def _obstacles(authority: Authority) -> Iterator[WaitingItem]:
    yield from _clocks(
        _("Decide on the obstacle"), obstacles.waiting_for_decision(authority), "obstacle-decision"
    )
    yield from _clocks(_("Remove the obstacle"), obstacles.to_handle(authority), "obstacle")
    for row in obstacles.to_confirm(authority).select_related(None)[:MOST_OF_A_KIND]:
        path = reverse("programmes:obstacle", args=[row.public_id])
        yield WaitingItem(_("Say whether it is gone"), row.title, path, None, "obstacle-confirmation")


def _clocks(act: str, rows: QuerySet[Obstacle], kind: str) -> Iterator[WaitingItem]:
    # Joins that nobody reads cost PostgreSQL a long plan.
    for row in rows.select_related(None)[:MOST_OF_A_KIND]:
        promised = row.state == ObstacleState.IN_REMEDY and row.remedy_due_on
        path = reverse("programmes:obstacle", args=[row.public_id])
        yield WaitingItem(act, row.title, path, promised or row.level_due_on, kind)


def _proposals(authority: Authority) -> Iterator[WaitingItem]:
    for row in provinces.proposals_to_answer(authority).select_related(None)[:MOST_OF_A_KIND]:
        path = reverse("programmes:proposal", args=[row.public_id])
        yield WaitingItem(_("Answer the proposal"), row.title, path, row.level_due_on, "proposal")


def _commitments(authority: Authority) -> Iterator[WaitingItem]:
    held = Q(pk__in=())
    for top in permissions.paths_with(authority, Permission.MANAGE_STAKEHOLDERS):
        held |= organisations.within(top, path_field="meeting__organisation__path")
    rows = provinces.commitments().filter(
        held, state=CommitmentState.OPEN, due_on__lte=today() + COMMITMENTS_AHEAD
    )
    rows = rows.select_related(None).select_related("meeting")
    for row in rows.order_by("due_on", "pk")[:MOST_OF_A_KIND]:
        path = reverse("programmes:stakeholder_meeting", args=[row.meeting.public_id])
        yield WaitingItem(_("Follow up the commitment"), row.text[:200], path, row.due_on, "commitment")


def own_deadlines(authority: Authority, since: date) -> Iterator[WaitingItem]:
    """Give what the person's own bodies have to deliver from a day on, the soonest first; for a calendar."""
    rows = reportable(authority).filter(
        organisation_id__in=authority.organisation_ids, state__in=UNDONE, due_on__gte=since
    )
    for row in rows.select_related("organisation").order_by("due_on", "pk")[: MOST_OF_A_KIND * 4]:
        path = reverse("programmes:delivery", args=[row.public_id])
        yield WaitingItem(_("Deliver"), _on(row), path, row.due_on, "delivery")


def _on(delivery: Delivery) -> str:
    return f"{delivery.text[:200]} · {_name(delivery.organisation)}"


def _name(body: Organisation) -> str:
    return organisations.name_in(body, (get_language() or "en").split("-")[0])
