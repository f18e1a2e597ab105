"""Guards of the consultation: who speaks, when, once; who answers; what comes into the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification
from mehvar.directives.actions import consultation, council, lifecycle, opinions, revision
from mehvar.directives.data import Answer, OpinionKind, OpinionTarget
from mehvar.directives.models import (
    ConsultationRound,
    Directive,
    DirectiveVersion,
    Invitation,
    Measure,
    Opinion,
)
from mehvar.directives.queries import consultation as queries
from mehvar.directives.queries import revision as revision_queries
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, NotPermitted, TransitionNotAllowed
from mehvar.ledger.models import Entry
from mehvar.organisations import queries as organisations
from tests.factories.deliberation import DAY, NOON, Deliberation, deliberating_ministry, make_directive
from tests.factories.organisations import make_user

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


@dataclass
class Consulted:
    team: Deliberation
    directive: Directive
    round: ConsultationRound
    invitations: list[Invitation]
    measures: list[Measure]

    def propose(self, place: int = 0, wording: str = "", measure: int = 0, key: str = "") -> Opinion:
        return opinions.submit_opinion(
            self.team.deputies[place],
            self.invitations[place].pk,
            kind=OpinionKind.PROPOSAL,
            target=OpinionTarget.MEASURE,
            target_id=self.measures[measure].public_id,
            text="Reason",
            proposed_text=wording,
            submission_key=key,
        )

    def state(self, place: int) -> str:
        return str(
            queries.overview(ConsultationRound.objects.get(pk=self.round.pk), language="en")
            .offices[place]
            .state
        )


@pytest.fixture
def case() -> Iterator[Consulted]:
    with clock.fixed(NOON):
        team = deliberating_ministry()
        directive = make_directive(team.house.ministry)
        consulted = consultation.open_round(
            team.officer, directive.pk, organisation_ids=team.office_ids, deadline_on=DAY + WEEK
        )
        yield Consulted(
            team,
            directive,
            consulted,
            list(consulted.invitations.order_by("organisation__path")),
            list(directive.measures.order_by("position")),
        )


def test_opening_freezes_an_edition_and_tells_each_office(case: Consulted) -> None:
    case.directive.refresh_from_db()
    assert case.directive.state == "consultation"
    assert DirectiveVersion.objects.get(directive=case.directive).number == case.round.edition == 1
    told = set(Notification.objects.filter(kind="consultation").values_list("user_id", flat=True))
    assert told == {deputy.pk for deputy in case.team.deputies}
    entry = Entry.objects.get(action="directive.open_consultation")
    assert '"round":1' in entry.content


def test_only_the_invited_office_speaks_in_its_name(case: Consulted) -> None:
    for person in (
        case.team.deputies[1],
        case.team.minister,
        case.team.officer,
        case.team.house.south_director,
    ):
        with pytest.raises(NotPermitted):
            opinions.declare_no_comment(person, case.invitations[0].pk)
    assert case.state(0) == "waiting"


def test_a_late_opinion_is_taken_and_marked(case: Consulted) -> None:
    case.propose(0)
    with clock.fixed(NOON + WEEK + timedelta(days=1)):
        late = case.propose(1)
        assert late.late
        assert [case.state(place) for place in range(3)] == ["answered", "late", "silent"]
        with pytest.raises(Conflict) as refused:
            opinions.withdraw_opinion(case.team.deputies[1], late.pk)
    assert refused.value.code == "deadline-passed"


def test_sending_twice_stores_once(case: Consulted) -> None:
    first, second = case.propose(key="s-1"), case.propose(key="s-1")
    assert first.pk == second.pk
    assert Opinion.objects.count() == 1
    assert Entry.objects.filter(action="opinion.submit").count() == 1
    assert case.propose(key="s-2").pk != first.pk


def test_withdrawing_opens_the_place_again(case: Consulted) -> None:
    opinion = case.propose()
    opinions.withdraw_opinion(case.team.deputies[0], opinion.pk)
    assert case.state(0) == "waiting"
    with pytest.raises(Conflict):
        opinions.answer_opinion(case.team.officer, opinion.pk, answer=Answer.ACCEPTED)
    opinions.declare_no_comment(case.team.deputies[0], case.invitations[0].pk)
    assert case.state(0) == "no_comment"
    case.propose()
    assert case.state(0) == "answered"


def test_no_comment_and_opinions_exclude_each_other(case: Consulted) -> None:
    case.propose()
    with pytest.raises(Conflict) as refused:
        opinions.declare_no_comment(case.team.deputies[0], case.invitations[0].pk)
    assert refused.value.code == "opinions-standing"


def test_two_people_answering_one_proposal_conflict(case: Consulted) -> None:
    opinion = case.propose()
    colleague = make_user(Role.PLANNING_OFFICER, case.team.house.ministry)
    opinions.answer_opinion(case.team.officer, opinion.pk, answer=Answer.ACCEPTED, version=opinion.version)
    with pytest.raises(Conflict) as refused:
        opinions.answer_opinion(
            colleague, opinion.pk, answer=Answer.REFUSED, reason="No.", version=opinion.version
        )
    assert refused.value.code == "stale-opinion"
    opinion.refresh_from_db()
    assert (opinion.answer, opinion.answered_by_id) == ("accepted", case.team.officer.pk)


def test_deputies_do_not_answer(case: Consulted) -> None:
    opinion = case.propose()
    with pytest.raises(NotPermitted):
        opinions.answer_opinion(case.team.deputies[0], opinion.pk, answer=Answer.ACCEPTED)


def test_an_office_sees_its_own_until_the_round_closes(case: Consulted) -> None:
    case.propose(0)
    case.propose(1)
    authority = organisations.authority_of(case.team.deputies[2])
    first = organisations.authority_of(case.team.deputies[0])
    stranger = organisations.authority_of(case.team.house.south_director)
    assert queries.opinions_seen(case.round, authority).count() == 0
    assert queries.opinions_seen(case.round, first).count() == 1
    closed = consultation.close_round(case.team.officer, case.round.pk, reason="Urgent")
    assert queries.opinions_seen(closed, authority).count() == 2
    assert queries.opinions_seen(closed, stranger).count() == 0


def test_closing_early_needs_a_reason_and_ends_the_round(case: Consulted) -> None:
    with pytest.raises(InputError) as refused:
        consultation.close_round(case.team.officer, case.round.pk)
    assert refused.value.params["count"] == 3
    consultation.close_round(case.team.officer, case.round.pk, reason="Urgent")
    with pytest.raises(Conflict):
        case.propose()
    with pytest.raises(Conflict):
        consultation.extend_deadline(case.team.officer, case.round.pk, deadline_on=DAY + 2 * WEEK)


def test_the_way_on_is_barred_until_all_is_answered(case: Consulted) -> None:
    first, second = case.propose(0), case.propose(1)
    with pytest.raises(TransitionNotAllowed) as still_open:
        council.put_to_council(case.team.officer, case.directive.pk)
    assert still_open.value.code == "round-open"
    consultation.close_round(case.team.officer, case.round.pk, reason="Urgent")
    opinions.answer_opinion(case.team.officer, first.pk, answer=Answer.ACCEPTED)
    for step in (Step.PUT_TO_COUNCIL, Step.START_REVISION):
        with pytest.raises(TransitionNotAllowed) as refused:
            lifecycle.advance(case.team.officer, case.directive.pk, step)
        assert refused.value.code == "unanswered-proposals"
        assert refused.value.params["count"] == 1
    opinions.answer_opinion(case.team.officer, second.pk, answer=Answer.REFUSED, reason="Against the law.")
    revision.start_revision(case.team.officer, case.directive.pk)
    case.directive.refresh_from_db()
    assert case.directive.state == "revision"


def test_an_accepted_wording_comes_into_the_text_once(case: Consulted) -> None:
    opinion = case.propose(wording="Assess every plant within nine months.")
    with pytest.raises(Conflict) as early:
        opinions.apply_proposal(case.team.officer, opinion.pk)
    assert early.value.code == "not-accepted"
    opinions.answer_opinion(case.team.officer, opinion.pk, answer=Answer.ACCEPTED)
    opinions.apply_proposal(case.team.officer, opinion.pk)
    case.measures[0].refresh_from_db()
    assert case.measures[0].text == "Assess every plant within nine months."
    with pytest.raises(Conflict) as again:
        opinions.apply_proposal(case.team.officer, opinion.pk)
    assert again.value.code == "already-applied"
    with pytest.raises(Conflict) as refused:
        opinions.answer_opinion(
            case.team.officer, opinion.pk, answer=Answer.REFUSED, reason="Second thoughts"
        )
    assert refused.value.code == "wording-applied"


def test_a_second_wording_of_the_same_measure_must_be_worded_by_hand(case: Consulted) -> None:
    first = case.propose(0, wording="Within nine months.")
    second = case.propose(1, wording="Within twelve months.")
    for opinion in (first, second):
        opinions.answer_opinion(case.team.officer, opinion.pk, answer=Answer.PARTLY, reason="Merged.")
    opinions.apply_proposal(case.team.officer, first.pk)
    with pytest.raises(Conflict) as refused:
        opinions.apply_proposal(case.team.officer, second.pk)
    assert refused.value.code == "text-changed"
    opinions.apply_proposal(case.team.officer, second.pk, wording="Within ten months.")
    case.measures[0].refresh_from_db()
    assert case.measures[0].text == "Within ten months."


def test_a_new_edition_names_the_proposals_that_caused_it_and_a_second_round_follows(case: Consulted) -> None:
    opinion = case.propose(wording="Within nine months.")
    consultation.close_round(case.team.officer, case.round.pk, reason="Urgent")
    opinions.answer_opinion(case.team.officer, opinion.pk, answer=Answer.ACCEPTED)
    opinions.apply_proposal(case.team.officer, opinion.pk)
    revision.start_revision(case.team.officer, case.directive.pk)
    assert revision_queries.is_ahead(case.directive.pk)
    again = consultation.open_round(
        case.team.officer,
        case.directive.pk,
        organisation_ids=case.team.office_ids[:1],
        deadline_on=DAY + WEEK,
        note="Nine months",
    )
    assert (again.number, again.edition) == (2, 2)
    found = revision_queries.difference(case.directive.pk, 1, 2)
    assert [part.key for part in found.only_changes()] == [case.measures[0].public_id]
    causes = revision_queries.causes_between(case.directive.pk, 1, 2)
    assert [cause.pk for cause in causes[case.measures[0].public_id]] == [opinion.pk]
    assert revision_queries.edition(case.directive.pk, 2).note == "Nine months"


def test_the_deadline_moves_only_forward_and_everyone_is_told(case: Consulted) -> None:
    with pytest.raises(InputError):
        consultation.extend_deadline(case.team.officer, case.round.pk, deadline_on=DAY + WEEK)
    extended = consultation.extend_deadline(case.team.officer, case.round.pk, deadline_on=DAY + 2 * WEEK)
    assert extended.first_deadline_on == DAY + WEEK
    assert Notification.objects.filter(key__contains="extended").count() == 3


def test_reminders_reach_silent_offices_once_a_day(case: Consulted) -> None:
    case.propose(0)
    assert consultation.remind(case.team.officer, case.round.pk) == 2
    assert consultation.remind(case.team.officer, case.round.pk) == 0
    assert consultation.remind_due_rounds() == 0
    with clock.fixed(NOON + WEEK - timedelta(days=1)):
        assert consultation.remind_due_rounds() == 2
        assert consultation.remind_due_rounds() == 0


def test_a_measure_of_another_directive_is_no_target(case: Consulted) -> None:
    other = make_directive(case.team.house.ministry, title="Another")
    with pytest.raises(InputError) as refused:
        opinions.submit_opinion(
            case.team.deputies[0],
            case.invitations[0].pk,
            kind=OpinionKind.OPINION,
            target=OpinionTarget.MEASURE,
            target_id=other.measures.all()[0].public_id,
            text="x",
        )
    assert refused.value.code == "unknown-target"


def test_an_empty_directive_is_not_consulted() -> None:
    with clock.fixed(NOON):
        team = deliberating_ministry()
        directive = make_directive(team.house.ministry, measures=0)
        directive.provisions.all().delete()
        with pytest.raises(TransitionNotAllowed) as refused:
            consultation.open_round(
                team.officer, directive.pk, organisation_ids=team.office_ids, deadline_on=DAY + WEEK
            )
    assert refused.value.code == "empty-directive"
    assert not ConsultationRound.objects.exists()


def test_a_stale_page_opens_no_round() -> None:
    with clock.fixed(NOON):
        team = deliberating_ministry()
        directive = make_directive(team.house.ministry)
        Directive.objects.filter(pk=directive.pk).update(version=directive.version + 1)
        with pytest.raises(Conflict):
            consultation.open_round(
                team.officer,
                directive.pk,
                organisation_ids=team.office_ids,
                deadline_on=DAY + WEEK,
                version=directive.version,
            )
