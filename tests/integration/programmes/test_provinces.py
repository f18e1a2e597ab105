"""Proposals that must be answered, commitments that are followed up, recognition from verified figures."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification, User
from mehvar.directives.models import Measure
from mehvar.kernel import clock, identifiers
from mehvar.kernel.errors import Conflict, InputError, NotFound, NotPermitted
from mehvar.ledger.models import Entry
from mehvar.organisations.models import Committee
from mehvar.programmes.actions import making, obstacles, proposals, recognition, stakeholders
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.data import CommitmentState, MeetingKind, ProposalAnswer
from mehvar.programmes.models import (
    Commitment,
    CommitteeProposal,
    Delivery,
    Plan,
    PlanCall,
    Programme,
    ProgressReport,
    ReportingRound,
    StatusRecord,
)
from mehvar.programmes.queries import recognition as recognition_queries
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS
from tests.factories.obstacles import make_committee, make_deputy
from tests.factories.organisations import SmallMinistry, small_ministry
from tests.factories.promulgation import MORNING, PROMULGATED_ON, promulgated

pytestmark = pytest.mark.django_db

WEIGHTS = {code.value: weight for code, weight in DEFAULT_WEIGHTS.items()}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def director(house: SmallMinistry) -> User:
    return house.people[Role.PROVINCIAL_DIRECTOR]


@pytest.fixture
def committee(house: SmallMinistry, director: User) -> Committee:
    return make_committee(house.north_ict, chair=director)


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, 0, tzinfo=UTC)


def told(user: User, kind: str) -> int:
    return Notification.objects.filter(user=user, kind=kind).count()


def proposed(director: User, committee: Committee) -> CommitteeProposal:
    return proposals.propose(director, committee.pk, title="More fibre", text="Villages wait.")


def test_a_late_answer_climbs_to_deputies_and_then_to_the_minister(
    house: SmallMinistry, director: User, committee: Committee
) -> None:
    deputy, minister = make_deputy(house), house.people[Role.MINISTER]
    row = proposed(director, committee)
    assert told(house.people[Role.PLANNING_OFFICER], "proposal") == 1
    with pytest.raises(NotPermitted):
        proposals.answer(minister, row.public_id, given=ProposalAnswer.ACCEPTED, reason="", version=1)
    with clock.fixed(on(date(2026, 5, 15))):
        assert (proposals.remind_answers(), proposals.remind_answers()) == (1, 0)
    with clock.fixed(on(date(2026, 5, 19))):
        assert (proposals.climb_late_answers(), proposals.climb_late_answers()) == (1, 0)
    row.refresh_from_db()
    assert (row.level, row.level_due_on, row.due_on) == ("deputies", date(2026, 5, 21), date(2026, 5, 18))
    assert told(deputy, "proposal") == 1
    with clock.fixed(on(date(2026, 6, 30))):
        assert (proposals.climb_late_answers(), proposals.climb_late_answers()) == (1, 0)
        row.refresh_from_db()
        assert row.level == "minister"
        assert told(minister, "proposal") == 1
        answered = proposals.answer(
            minister, row.public_id, given=ProposalAnswer.ACCEPTED, reason="", version=row.version
        )
    assert answered.answer == ProposalAnswer.ACCEPTED
    assert told(director, "proposal") == 1
    assert Entry.objects.filter(action__startswith="proposal.").count() == 4


def test_downtime_climbs_two_levels_in_one_run(director: User, committee: Committee) -> None:
    row = proposed(director, committee)
    with clock.fixed(on(date(2026, 6, 30))):
        assert proposals.climb_late_answers() == 1
    row.refresh_from_db()
    assert (row.level, row.level_due_on) == ("minister", date(2026, 5, 26))


def test_two_officers_do_not_answer_twice(house: SmallMinistry, director: User, committee: Committee) -> None:
    officer = house.people[Role.PLANNING_OFFICER]
    row = proposed(director, committee)
    with pytest.raises(InputError):
        proposals.answer(officer, row.public_id, given=ProposalAnswer.REFUSED, reason=" ", version=1)
    proposals.answer(officer, row.public_id, given=ProposalAnswer.REFUSED, reason="No money.", version=1)
    for version in (1, 2):
        with pytest.raises(Conflict):
            proposals.answer(
                officer, row.public_id, given=ProposalAnswer.ACCEPTED, reason="", version=version
            )


def test_proposals_come_from_ones_own_provincial_committee(
    house: SmallMinistry, director: User, committee: Committee
) -> None:
    with pytest.raises(NotPermitted):
        proposals.propose(house.south_director, committee.pk, title="x", text="y")
    Committee.objects.filter(pk=committee.pk).update(kind="working_group")
    with pytest.raises(InputError):
        proposed(director, committee)


def met(director: User, house: SmallMinistry) -> Commitment:
    meeting = stakeholders.record_meeting(
        director,
        house.north_ict.pk,
        held_on=date(2026, 5, 3),
        kind=MeetingKind.PARLIAMENT,
        with_whom="Members of parliament of the north",
        subject="Fibre in villages",
        promises=(Promise("A budget line", "Office of the members", date(2026, 5, 14)),),
    )
    return meeting.commitments.get()


def test_a_commitment_is_followed_up_and_keeps_its_first_date(house: SmallMinistry, director: User) -> None:
    one = met(director, house)
    with clock.fixed(on(date(2026, 5, 12))):
        assert stakeholders.remind_commitments() == 0
    with clock.fixed(on(date(2026, 5, 13))):
        assert (stakeholders.remind_commitments(), stakeholders.remind_commitments()) == (1, 0)
    with clock.fixed(on(date(2026, 5, 15))):
        assert (stakeholders.remind_commitments(), stakeholders.remind_commitments()) == (1, 0)
    assert told(director, "commitment") == 2
    one.refresh_from_db()
    moved = stakeholders.move_date(
        director, one.pk, due_on=date(2026, 6, 1), reason="Session moved.", version=one.version
    )
    assert (moved.first_due_on, moved.due_on) == (date(2026, 5, 14), date(2026, 6, 1))
    with clock.fixed(on(date(2026, 6, 3))):
        kept = stakeholders.settle(
            director, one.pk, state=CommitmentState.KEPT, note="", version=moved.version
        )
        assert stakeholders.remind_commitments() == 0
    assert [event.action for event in kept.events.all()] == ["made", "moved", "kept"]
    with pytest.raises(Conflict):
        stakeholders.settle(director, one.pk, state=CommitmentState.BROKEN, note="x", version=kept.version)


def test_nobody_keeps_another_provinces_commitments(house: SmallMinistry, director: User) -> None:
    one = met(director, house)
    with pytest.raises(NotFound):
        stakeholders.settle(house.south_director, one.pk, state=CommitmentState.KEPT, note="", version=1)
    with pytest.raises(NotPermitted):
        stakeholders.settle(
            house.people[Role.MINISTER], one.pk, state=CommitmentState.KEPT, note="", version=1
        )
    with pytest.raises(InputError):
        stakeholders.record_meeting(
            director,
            house.north_ict.pk,
            held_on=date(2026, 5, 5),
            kind=MeetingKind.GOVERNOR,
            with_whom="Governor",
            subject="Tomorrow",
        )


def reported_quarter(house: SmallMinistry) -> None:
    """Close a round on deliveries of both provinces: the north is on course, the south reported late and is behind."""
    made = promulgated(house)
    for position, measure in enumerate(Measure.objects.order_by("position"), 1):
        Measure.objects.filter(pk=measure.pk).update(due_end=PROMULGATED_ON + timedelta(100 * position))
    making.make_deliveries(made.directive_id)
    officer = house.people[Role.PLANNING_OFFICER]
    asked = ReportingRound.objects.create(
        public_id=identifiers.new_public_id("q"),
        directive_id=made.directive_id,
        issuer=house.ministry,
        period="2026-Q2",
        opens_on=date(2026, 6, 20),
        due_on=date(2026, 6, 28),
        created_at=clock.now(),
        closed_at=clock.now(),
    )
    facts = {
        "xx.north": (50, 50, False, True),
        "xx.north.ict": (50, 50, False, True),
        "xx.south": (50, 20, True, True),
    }
    for row in Delivery.objects.select_related("organisation"):
        expected, approved, late, given = facts.get(row.organisation.code, (50, 0, False, False))
        StatusRecord.objects.create(
            delivery=row,
            period="2026-Q2",
            cell="open_in_time" if given else "missing",
            expected=expected,
            approved=approved,
            computed="green",
            confidence="unknown",
            recorded_at=clock.now(),
        )
        if given:
            ProgressReport.objects.create(
                round=asked,
                delivery=row,
                state="approved",
                approved=approved,
                late=late,
                submitted_by=officer,
            )
    programme = Programme.objects.create(
        public_id="g1", title="P", organisation=house.ministry, language="en", created_at=clock.now()
    )
    call = PlanCall.objects.create(
        public_id="c1",
        programme=programme,
        title="C",
        deadline_on=date(2026, 6, 1),
        first_deadline_on=date(2026, 6, 1),
        opened_at=clock.now(),
    )
    Plan.objects.create(public_id="l1", call=call, organisation=house.north_ict, state="accepted", quality=90)
    Plan.objects.create(public_id="l2", call=call, organisation=house.south_ict, state="draft", quality=100)


def removed_in_time(house: SmallMinistry, director: User) -> None:
    row = obstacles.raise_obstacle(director, obstacles.Words("A", "B"), raised_by_id=house.north_ict.pk)
    row = obstacles.report_remedied(director, row.public_id, note="Gone.", version=row.version)
    obstacles.confirm(director, row.public_id, version=row.version)
    late = obstacles.raise_obstacle(
        house.south_director, obstacles.Words("A", "B"), raised_by_id=house.south_ict.pk
    )
    obstacles.hand_up(house.south_director, late.public_id, reason="Not ours.", version=late.version)


def test_recognition_counts_only_what_was_verified_and_freezes_it(
    house: SmallMinistry, director: User
) -> None:
    officer = house.people[Role.PLANNING_OFFICER]
    reported_quarter(house)
    removed_in_time(house, director)
    row = recognition.draft_edition(officer, title="Half year", period="2026-H1", weights=WEIGHTS, places=1)
    with clock.fixed(on(date(2026, 7, 2))), pytest.raises(InputError):
        recognition.publish_criteria(officer, row.public_id, version=1)
    row = recognition.publish_criteria(officer, row.public_id, version=1)
    with clock.fixed(on(date(2026, 7, 2))):
        row = recognition.award(officer, row.public_id, version=row.version)
        with pytest.raises(Conflict):
            recognition.award(officer, row.public_id, version=row.version)
    north, south = recognition_queries.results_of(row)
    assert {code: figure["percent"] for code, figure in north["figures"].items()} == {
        "completeness": 100.0, "timeliness": 100.0, "progress": 100.0, "obstacles": 100.0, "plans": 90.0,
    }  # fmt: skip
    assert {code: figure["percent"] for code, figure in south["figures"].items()} == {
        "completeness": 100.0, "timeliness": 0.0, "progress": 70.0, "obstacles": 0.0, "plans": 0.0,
    }  # fmt: skip
    assert [(one["rank"], one["score"], one["awarded"]) for one in (north, south)] == [
        (1, 98.5, True),
        (2, 46.0, False),
    ]
    entry = Entry.objects.get(action="recognition.award")
    assert entry.public
    content = json.loads(entry.content)
    assert content.pop("hash") == row.content_hash == identifiers.content_hash(content)
    assert entry.sequence == row.ledger_sequence
    ProgressReport.objects.update(state="returned")
    assert recognition_queries.results_of(row)[0]["score"] == 98.5


def test_what_was_not_reviewed_or_not_closed_does_not_count(house: SmallMinistry) -> None:
    officer = house.people[Role.PLANNING_OFFICER]
    reported_quarter(house)
    row = recognition.draft_edition(officer, title="Half year", period="2026-H1", weights=WEIGHTS, places=1)
    ProgressReport.objects.update(state="claimed")
    assert [one.rank for one in recognition.preview(row)] == [None, None]
    ProgressReport.objects.update(state="approved")
    assert {one.rank for one in recognition.preview(row)} == {1, 2}
    ReportingRound.objects.update(closed_at=None)
    assert [one.rank for one in recognition.preview(row)] == [None, None]
    other = recognition.draft_edition(officer, title="Next", period="2026-H2", weights=WEIGHTS)
    assert [one.score for one in recognition.preview(other)] == [None, None]
