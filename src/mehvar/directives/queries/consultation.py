"""Read consultation rounds: who was asked, who answered, and what each reader may see of it.

Source: S0.9.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet

from mehvar.accounts.data import Role
from mehvar.directives.data import DirectiveState, OpinionTarget
from mehvar.directives.models import (
    AgendaItem,
    ConsultationRound,
    Directive,
    DirectiveVersion,
    Invitation,
    Opinion,
)
from mehvar.directives.queries.days import today
from mehvar.directives.rules import consultation as rules
from mehvar.directives.rules.consultation import OfficeState, Standing
from mehvar.kernel.errors import InputError, NotFound, gettext_noop
from mehvar.kernel.text import fold_for_search
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import Authority
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.reader import page_language

if TYPE_CHECKING:
    from mehvar.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """Show how one invited office stands in a round."""

    invitation_id: int
    organisation_id: int
    name: str
    state: OfficeState
    responded_at: datetime | None
    opinions: int
    proposals: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Show a whole round: offices, and counts by state."""

    offices: tuple[OfficeRow, ...]
    counts: dict[str, int]
    opinions: int
    unanswered: int


def round_of(directive_id: int, number: int) -> ConsultationRound:
    """Give one round of a directive, with the directive and its issuer.

    Raises:
        NotFound: There is no such round.
    """
    found = (
        ConsultationRound.objects.select_related("directive__issuer")
        .filter(directive_id=directive_id, number=number)
        .first()
    )
    if found is None:
        raise NotFound(gettext_noop("There is no such consultation round."), code="unknown-round")
    return found


def rounds_of(directive_id: int) -> QuerySet[ConsultationRound]:
    """Give the rounds of a directive, first first."""
    return ConsultationRound.objects.filter(directive_id=directive_id).order_by("number")


def latest_round(directive_id: int) -> ConsultationRound | None:
    """Give the last round of a directive, if there was any."""
    return rounds_of(directive_id).select_related("directive__issuer").last()


def edition_of(consultation: ConsultationRound) -> DirectiveVersion:
    """Give the frozen edition that the round is about."""
    return DirectiveVersion.objects.get(directive_id=consultation.directive_id, number=consultation.edition)


def invitations_for(authority: Authority) -> QuerySet[Invitation]:
    """Give the invitations of the offices that a person speaks for, open rounds first, newest first."""
    return (
        Invitation.objects.filter(organisation_id__in=rules.offices_spoken_for(authority))
        .select_related("round__directive", "organisation")
        .order_by("round__closed_at", "round__deadline_on", "pk")
    )


def waiting_invitations(authority: Authority) -> QuerySet[Invitation]:
    """Give the invitations in open rounds that a person's offices have not answered."""
    return invitations_for(authority).filter(
        responded_at__isnull=True,
        round__closed_at__isnull=True,
        round__directive__state=DirectiveState.CONSULTATION,
    )


def state_of(invitation: Invitation) -> OfficeState:
    """Tell how one invited office stands."""
    consultation = invitation.round
    return rules.office_state(
        _standing_of(invitation),
        deadline=consultation.deadline_on,
        today=today(),
        closed=consultation.closed_at is not None,
    )


def own_invitations(consultation: ConsultationRound, authority: Authority) -> list[Invitation]:
    """Give the invitations of one round that a person may answer."""
    offices = rules.offices_spoken_for(authority)
    return list(consultation.invitations.filter(organisation_id__in=offices).select_related("organisation"))


def sees_all(authority: Authority, directive: Directive) -> bool:
    """Tell whether a person sees every opinion at any time: who may view drafts of the issuer."""
    return permissions.allows(authority, Permission.VIEW_DRAFTS, directive.issuer.path)


def may_read_draft(authority: Authority, directive: Directive) -> bool:
    """Tell whether a person may read a directive that is not promulgated.

    Those who view drafts of the issuer, those whose office was invited to a consultation on it, and the members of a
    committee that has it on an agenda.
    """
    if sees_all(authority, directive):
        return True
    offices = rules.offices_spoken_for(authority)
    if Invitation.objects.filter(round__directive_id=directive.pk, organisation_id__in=offices).exists():
        return True
    return _is_on_an_agenda_of(authority, directive)


def _is_on_an_agenda_of(authority: Authority, directive: Directive) -> bool:
    members = AgendaItem.objects.filter(directive_id=directive.pk, session__invited_at__isnull=False)
    ours = members.filter(
        session__committee__members__organisation_id__in=rules.offices_spoken_for(authority)
    )
    if (
        authority.user_id is not None
        and members.filter(session__committee__members__user_id=authority.user_id).exists()
    ):
        return True
    return ours.exists()


def overview(consultation: ConsultationRound, *, language: str) -> Overview:
    """Give the matrix of offices and states of a round; two queries."""
    invitations = list(
        consultation.invitations.select_related("organisation", "round").order_by("organisation__path")
    )
    opinions: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in _standing(consultation.pk).values("invitation_id", "kind", "late", "answer"):
        opinions[row["invitation_id"]].append(row)
    offices = tuple(_office(item, opinions[item.pk], language) for item in invitations)
    return Overview(
        offices=offices,
        counts={state.value: 0 for state in OfficeState} | Counter(office.state.value for office in offices),
        opinions=sum(office.opinions + office.proposals for office in offices),
        unanswered=sum(office.unanswered for office in offices),
    )


def states_in(consultation: ConsultationRound) -> list[OfficeState]:
    """Give how each invited office stands."""
    return [office.state for office in overview(consultation, language="en").offices]


def _standing_of(invitation: Invitation) -> Standing:
    responded_on = (
        invitation.responded_at and invitation.responded_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    )
    return Standing(
        responded=responded_on is not None,
        no_comment=invitation.no_comment,
        late=responded_on is not None
        and rules.is_late(deadline=invitation.round.deadline_on, today=responded_on),
    )


def _office(invitation: Invitation, opinions: list[Mapping[str, Any]], language: str) -> OfficeRow:
    return OfficeRow(
        invitation_id=invitation.pk,
        organisation_id=invitation.organisation_id,
        name=organisations.name_in(invitation.organisation, language),
        state=state_of(invitation),
        responded_at=invitation.responded_at,
        opinions=sum(1 for row in opinions if row["kind"] == "opinion"),
        proposals=sum(1 for row in opinions if row["kind"] == "proposal"),
        unanswered=sum(1 for row in opinions if not row["answer"]),
    )


def _standing(round_id: int) -> QuerySet[Opinion]:
    return Opinion.objects.filter(invitation__round_id=round_id, withdrawn_at__isnull=True)


def opinions_seen(consultation: ConsultationRound, authority: Authority) -> QuerySet[Opinion]:
    """Give the opinions of a round that a person may read, in the order of the text they speak of.

    Who views the issuer's drafts sees all; an invited office sees its own until the round is closed, then all;
    others see none.
    """
    opinions = (
        _standing(consultation.pk)
        .select_related("invitation__organisation", "provision", "measure", "author", "answered_by")
        .order_by(
            F("provision__position").asc(nulls_first=True),
            F("measure__position").asc(nulls_first=True),
            "submitted_at",
            "pk",
        )
    )
    if sees_all(authority, consultation.directive):
        return opinions
    offices = rules.offices_spoken_for(authority)
    if not consultation.invitations.filter(organisation_id__in=offices).exists():
        return opinions.none()
    if consultation.closed_at is not None:
        return opinions
    return opinions.filter(invitation__organisation_id__in=offices)


def opinion_by_id(opinion_id: int) -> Opinion:
    """Give an opinion with its round, directive, issuer and target.

    Raises:
        NotFound: There is none.
    """
    found = (
        Opinion.objects.select_related(
            "invitation__organisation", "invitation__round__directive__issuer", "provision", "measure"
        )
        .filter(pk=opinion_id)
        .first()
    )
    if found is None:
        raise NotFound(gettext_noop("There is no such opinion."), code="unknown-opinion")
    return found


def counts_by_target(opinions: Iterable[Opinion]) -> dict[str, int]:
    """Count opinions by the public id of the provision or measure they speak of (``whole`` for the whole)."""
    counts: Counter[str] = Counter()
    for opinion in opinions:
        counts[target_id(opinion)] += 1
    return dict(counts)


def target_id(opinion: Opinion) -> str:
    """Give the public id of what the opinion speaks of, ``whole`` for the whole, empty for what has gone."""
    if opinion.target == OpinionTarget.MEASURE:
        return opinion.measure.public_id if opinion.measure else ""
    if opinion.target == OpinionTarget.PROVISION:
        return opinion.provision.public_id if opinion.provision else ""
    return OpinionTarget.WHOLE.value


def present_text(opinion: Opinion) -> str | None:
    """Give the present text of what the opinion speaks of, None for the whole and for what has gone."""
    if opinion.target == OpinionTarget.MEASURE and opinion.measure and opinion.measure.removed_at is None:
        return opinion.measure.text
    if opinion.target == OpinionTarget.PROVISION and opinion.provision:
        return opinion.provision.text
    return None


def offices_below(path: str) -> dict[int, str]:
    """Give the offices at or below a body at which somebody is a deputy today: number to code, in the tree's order."""
    rows = (
        organisations.search("")
        .filter(
            organisations.within(path),
            organisations.valid_on(today(), prefix="positions__"),
            positions__role=Role.DEPUTY.value,
            positions__user__is_active=True,
        )
        .distinct()
        .values_list("pk", "code")
    )
    return dict(rows)


def offices_offered(directive: Directive) -> list[tuple[int, str]]:
    """Give the offices that are offered for a consultation, in the tree's order, with their names.

    They are the offices of deputies at or below the issuer, without the issuer itself, and the offices that sit in its
    councils.
    """
    path = directive.issuer.path
    wanted = set(offices_below(path)) | set(council_offices(path))
    rows = organisations.search("").filter(pk__in=wanted - {directive.issuer_id})
    language = page_language()
    return [(row.pk, organisations.name_in(row, language)) for row in rows]


def council_offices(path: str) -> list[int]:
    """Give the offices that sit today in the committees of a body."""
    rows = organisations.committees_below(path, on=today()).filter(
        organisations.valid_on(today(), prefix="members__"), organisation__path=path
    )
    found = rows.order_by().values_list("members__organisation_id", flat=True).distinct()
    return [pk for pk in found if pk is not None]


def office_named(written: str) -> Organisation:
    """Give the body that bears a code or exactly a name.

    Raises:
        InputError: No body, or more than one, bears it.
    """
    found = list(organisations.search(written, on=today())[:20])
    exact = [row for row in found if fold_for_search(written) in _names_of(row) or row.code == written]
    chosen = exact or found
    if len(chosen) != 1:
        raise InputError(
            gettext_noop("“{name}” is not the name of exactly one body."),
            code="unknown-office",
            field="others",
            name=written,
        )
    return chosen[0]


def _names_of(row: Organisation) -> set[str]:
    return {fold_for_search(name) for name in (row.name_fa, row.name_vi, row.name_en) if name}


def is_applicable(opinion: Opinion, state: str) -> bool:
    """Tell whether an opinion's wording can be brought into the text now."""
    return (
        opinion.answer in rules.APPLICABLE
        and opinion.applied_at is None
        and bool(opinion.proposed_text)
        and state in {DirectiveState.CONSULTATION, DirectiveState.REVISION}
    )
