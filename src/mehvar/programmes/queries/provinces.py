"""Read provincial committees with their proposals, and meetings with stakeholders and what was promised in them.

A province sees its own; the ministry, to which proposals go, sees all.
Source: S1.2, S1.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import CommitteeKind
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import CommitmentState, ProposalLevel
from mehvar.programmes.models import Commitment, CommitteeProposal, StakeholderMeeting
from mehvar.programmes.queries.scope import scope_of

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Committee, Organisation


def proposals() -> QuerySet[CommitteeProposal]:
    """Give all proposals with committee and addressee."""
    return CommitteeProposal.objects.select_related("committee__organisation", "addressee")


def visible_proposals(authority: Authority) -> QuerySet[CommitteeProposal]:
    """Give the proposals that a person may see: of the committees in reach, and those to a ministry in reach."""
    scope = scope_of(authority, Permission.VIEW_PROGRESS)
    if scope.everything:
        return proposals()
    return proposals().filter(
        Q(addressee_id__in=scope.body_ids) | Q(committee__organisation_id__in=scope.delivering_ids)
    )


def visible_proposal(authority: Authority, public_id: str) -> CommitteeProposal:
    """Give one proposal.

    Raises:
        NotFound: There is none, or not for this person.
    """
    rows = visible_proposals(authority).select_related("submitted_by", "answered_by")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such proposal."), code="unknown-proposal")
    return found


def answers(authority: Authority, row: CommitteeProposal) -> bool:
    """Tell whether a person answers a proposal: the officers always, who decides at the ministry once it has climbed."""
    path = row.addressee.path
    if permissions.allows(authority, Permission.ANSWER_PROPOSAL, path):
        return True
    return row.level != ProposalLevel.OFFICERS and permissions.allows(
        authority, Permission.DECIDE_OBSTACLE, path
    )


def proposals_to_answer(authority: Authority) -> QuerySet[CommitteeProposal]:
    """Give the proposals that wait for this person's answer, the most urgent first."""
    officers = permissions.paths_with(authority, Permission.ANSWER_PROPOSAL)
    deciders = permissions.paths_with(authority, Permission.DECIDE_OBSTACLE)
    climbed = ~Q(level=ProposalLevel.OFFICERS) & _within("addressee__path", deciders)
    return (
        proposals()
        .filter(_within("addressee__path", officers) | climbed, answer="")
        .order_by("level_due_on", "pk")
    )


def _within(field: str, paths: tuple[str, ...]) -> Q:
    condition = Q(pk__in=())
    for path in paths:
        if not path:
            return Q()
        condition |= organisations.within(path, path_field=field)
    return condition


def committees_for(authority: Authority) -> list[Committee]:
    """Give the provincial committees in whose name a person may propose."""
    found: dict[int, Committee] = {}
    for path in permissions.paths_with(authority, Permission.PROPOSE):
        rows = organisations.committees_below(path, on=today()).filter(kind=CommitteeKind.PROVINCIAL)
        found |= {row.pk: row for row in rows}
    return list(found.values())


def visible_committees(authority: Authority) -> QuerySet[Committee]:
    """Give the provincial committees that a person may see; a ministry sees those of its country."""
    rows = organisations.committees_below("", on=today()).filter(kind=CommitteeKind.PROVINCIAL)
    if permissions.allows(authority, Permission.VIEW_PROGRESS, organisations.ministry().path):
        return rows
    return organisations.scoped(rows, authority, Permission.VIEW_PROGRESS, "organisation__path")


def visible_meetings(authority: Authority) -> QuerySet[StakeholderMeeting]:
    """Give the meetings that a person may see: of the bodies in reach; the ministry's officers see all of the country."""
    rows = StakeholderMeeting.objects.select_related("organisation").annotate(
        open_commitments=Count("commitments", filter=Q(commitments__state=CommitmentState.OPEN))
    )
    ministry = organisations.ministry()
    if permissions.allows(authority, Permission.VIEW_PROGRESS, ministry.path):
        return rows.filter(organisation__pack=ministry.pack)
    return organisations.scoped(rows, authority, Permission.VIEW_PROGRESS, "organisation__path")


def visible_meeting(authority: Authority, public_id: str) -> StakeholderMeeting:
    """Give one meeting.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found = visible_meetings(authority).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such meeting."), code="unknown-meeting")
    return found


def commitments() -> QuerySet[Commitment]:
    """Give all commitments with meeting and body."""
    return Commitment.objects.select_related("meeting__organisation")


def visible_commitments(authority: Authority) -> QuerySet[Commitment]:
    """Give the commitments of the meetings that a person may see."""
    return commitments().filter(meeting__in=visible_meetings(authority).order_by().values("pk"))


def commitments_of(meeting: StakeholderMeeting) -> list[Commitment]:
    """Give a meeting's commitments with their steps; two queries."""
    return list(meeting.commitments.prefetch_related("events").order_by("pk"))


def bodies_with_stakeholders(authority: Authority) -> list[Organisation]:
    """Give the bodies for which a person keeps meetings: those at which the role is held."""
    return [
        organisations.organisation_by_id(held.organisation_id)
        for held in authority.held
        if permissions.allows(authority, Permission.MANAGE_STAKEHOLDERS, held.path) and held.organisation_id
    ]
