"""One directive goes from draft through consultation and council to the minister's approval."""

from datetime import date, timedelta

import pytest

from mehvar.directives.actions import agenda, approval, consultation, council, opinions, resolutions
from mehvar.directives.actions.council import Presence
from mehvar.directives.data import Answer, CouncilDecision, OpinionKind, OpinionTarget
from mehvar.directives.models import DirectiveVersion
from mehvar.directives.queries import council as council_queries
from mehvar.kernel import clock
from mehvar.kernel.calendars import parse_date
from mehvar.kernel.errors import TransitionNotAllowed
from mehvar.ledger.models import Entry
from tests.factories.deliberation import DAY, NOON, deliberating_ministry, make_directive

pytestmark = pytest.mark.django_db


def test_whole_thread_from_draft_to_approval() -> None:
    with clock.fixed(NOON):
        team = deliberating_ministry()
        directive = make_directive(team.house.ministry)
        measure = directive.measures.first()
        assert measure is not None
        consulted = consultation.open_round(
            team.officer, directive.pk, organisation_ids=team.office_ids, deadline_on=DAY + timedelta(days=7)
        )
        invitations = list(consulted.invitations.order_by("organisation__path"))
        proposal = opinions.submit_opinion(
            team.deputies[0],
            invitations[0].pk,
            kind=OpinionKind.PROPOSAL,
            target=OpinionTarget.MEASURE,
            target_id=measure.public_id,
            text="Six months are too short.",
            proposed_text=measure.text.replace("six", "nine"),
        )
        opinion = opinions.submit_opinion(
            team.deputies[1],
            invitations[1].pk,
            kind=OpinionKind.OPINION,
            target=OpinionTarget.WHOLE,
            text="The draft is welcome.",
        )
        opinions.declare_no_comment(team.deputies[2], invitations[2].pk)
        consultation.close_round(team.officer, consulted.pk)

        with pytest.raises(TransitionNotAllowed) as refused:
            council.put_to_council(team.officer, directive.pk)
        assert refused.value.code == "unanswered-proposals"
        assert "2 opinions and proposals" in str(refused.value)

        opinions.answer_opinion(team.officer, proposal.pk, answer=Answer.ACCEPTED, reason="Agreed.")
        opinions.answer_opinion(team.officer, opinion.pk, answer=Answer.NOTED)
        opinions.apply_proposal(team.officer, proposal.pk)
        council.put_to_council(team.officer, directive.pk, note="Nine months after the proposal of Planning")

        session = council.plan_session(team.officer, team.council.pk, held_on=DAY)
        assert agenda.build_agenda(team.officer, session.pk) == 1
        council.send_invitations(team.officer, session.pk)
        council.begin_session(team.officer, session.pk)
        seats = list(council_queries.attendance_of(session))
        council.mark_attendance(
            team.officer, session.pk, {seat.pk: Presence(present=True) for seat in seats[:3]}
        )
        item = session.agenda.get()
        council.conclude_item(
            team.officer,
            item.pk,
            discussion="Discussed.",
            conclusion="Passed on to the minister.",
            decision=CouncilDecision.PASSED,
        )
        resolution = resolutions.adopt_resolution(
            team.officer,
            session.pk,
            text="Send the maturity questionnaire to every plant.",
            owner_id=team.offices[0].pk,
            due=parse_date("1405/06/31"),
            item_id=item.pk,
        )
        closed = council.close_session(team.officer, session.pk)
        directive.refresh_from_db()
        assert directive.state == "awaiting_approval"
        assert council_queries.is_intact(closed)
        assert resolution.due_on == date(2026, 9, 22)

        edition = directive.editions.last()
        assert edition is not None
        approval.approve(team.minister, directive.pk, content_hash=edition.content_hash)
        directive.refresh_from_db()
        assert directive.state == "approved"
        editions = DirectiveVersion.objects.filter(directive=directive).order_by("number")
        assert [row.number for row in editions] == [1, 2]
        assert "nine months" in editions[1].content["measures"][0]["text"]
        proposal.refresh_from_db()
        assert proposal.applied_edition == 2
        actions = [entry.action for entry in Entry.objects.filter(subject_identifier=directive.public_id)]
        assert set(actions) >= {
            "directive.open_consultation",
            "opinion.submit",
            "opinion.answer",
            "opinion.apply",
            "directive.put_to_council",
            "directive.council_passes",
            "directive.approve",
        }
