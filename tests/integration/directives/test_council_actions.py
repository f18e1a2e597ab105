"""Guards of council sessions and of the resolutions that come from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile

from mehvar.accounts.models import Notification
from mehvar.directives.actions import agenda, approval, council, resolutions, revision
from mehvar.directives.actions.council import Presence
from mehvar.directives.data import CouncilDecision
from mehvar.directives.models import AgendaItem, CouncilSession, Directive, LegalDuty, Resolution
from mehvar.directives.queries import council as queries
from mehvar.kernel import clock
from mehvar.kernel.calendars import parse_date
from mehvar.kernel.errors import Conflict, InputError, NotPermitted, TransitionNotAllowed
from mehvar.ledger.models import Entry
from mehvar.organisations import queries as organisations
from tests.factories.deliberation import DAY, NOON, Deliberation, deliberating_ministry, make_directive

pytestmark = pytest.mark.django_db


@dataclass
class Held:
    team: Deliberation
    directive: Directive
    session: CouncilSession
    item: AgendaItem

    def attend(self, count: int, substitutes: int = 0) -> None:
        seats = list(queries.attendance_of(self.session))
        given = {seat.pk: Presence(present=place < count) for place, seat in enumerate(seats)}
        for seat in seats[count : count + substitutes]:
            given[seat.pk] = Presence(substitute="Director")
        council.mark_attendance(self.team.officer, self.session.pk, given)

    def conclude(self, decision: CouncilDecision, conclusion: str = "Agreed.") -> None:
        council.conclude_item(
            self.team.officer, self.item.pk, discussion="", conclusion=conclusion, decision=decision
        )

    def resolve(self, due: str = "2026-06-01") -> Resolution:
        return resolutions.adopt_resolution(
            self.team.officer,
            self.session.pk,
            text="Send the questionnaire",
            owner_id=self.team.offices[0].pk,
            due=parse_date(due),
        )


@pytest.fixture
def held() -> Iterator[Held]:
    with clock.fixed(NOON):
        team = deliberating_ministry()
        directive = make_directive(team.house.ministry)
        Directive.objects.filter(pk=directive.pk).update(state="council")
        session = council.plan_session(team.officer, team.council.pk, held_on=DAY)
        agenda.build_agenda(team.officer, session.pk)
        council.begin_session(team.officer, session.pk)
        yield Held(team, directive, session, session.agenda.get())


def test_the_agenda_gathers_directives_duties_and_open_resolutions(held: Held) -> None:
    held.attend(5)
    held.resolve()
    held.conclude(CouncilDecision.POSTPONED)
    council.close_session(held.team.officer, held.session.pk)
    for days, text in ((30, "soon"), (200, "far away")):
        LegalDuty.objects.create(
            source="Act", text=text, owner=held.team.offices[1], due_on=DAY + timedelta(days=days)
        )
    LegalDuty.objects.create(
        source="Act", text="special", owner=held.team.offices[1], due_on=DAY, special_project=True
    )
    second = council.plan_session(held.team.officer, held.team.council.pk, held_on=DAY + timedelta(days=14))
    offered = queries.suggestions_for(second)
    assert second.number == 2
    assert [(item.kind, item.title) for item in offered] == [
        ("directive", held.directive.title),
        ("duty", "Act: special"),
        ("duty", "Act: soon"),
        ("resolution", "1/1: Send the questionnaire"),
    ]
    assert agenda.build_agenda(held.team.officer, second.pk) == 4
    assert queries.suggestions_for(second) == []
    assert agenda.build_agenda(held.team.officer, second.pk) == 0


def test_the_agenda_is_put_in_order_with_buttons(held: Held) -> None:
    for title in ("Second", "Third"):
        agenda.add_matter(held.team.officer, held.session.pk, title)
    third = held.session.agenda.get(title="Third")
    agenda.move_item(held.team.officer, third.pk, places=-1)
    agenda.move_item(held.team.officer, third.pk, places=-5)
    assert [item.title for item in queries.agenda_of(held.session)] == [
        "Third",
        held.directive.title,
        "Second",
    ]
    agenda.remove_item(held.team.officer, third.pk)
    assert [item.position for item in queries.agenda_of(held.session)] == [1, 2]


def test_without_quorum_nothing_is_resolved_or_decided(held: Held) -> None:
    held.attend(1, substitutes=1)
    with pytest.raises(Conflict) as refused:
        held.resolve()
    assert refused.value.code == "no-quorum"
    with pytest.raises(Conflict):
        held.conclude(CouncilDecision.PASSED)
    held.attend(2, substitutes=1)
    assert held.resolve().number == 1


def test_a_quorum_lost_after_the_fact_bars_the_closing(held: Held) -> None:
    held.attend(3)
    held.conclude(CouncilDecision.PASSED)
    held.attend(1)
    with pytest.raises(Conflict) as refused:
        council.close_session(held.team.officer, held.session.pk)
    assert refused.value.code == "no-quorum"


def test_a_directive_without_decision_bars_the_closing(held: Held) -> None:
    held.attend(5)
    with pytest.raises(Conflict) as refused:
        council.close_session(held.team.officer, held.session.pk)
    assert refused.value.code == "directive-undecided"


def test_the_council_returns_a_directive_with_its_reason(held: Held) -> None:
    held.attend(5)
    with pytest.raises(InputError):
        held.conclude(CouncilDecision.RETURNED, conclusion="")
    held.conclude(CouncilDecision.RETURNED, conclusion="Clarify the budget.")
    council.close_session(held.team.officer, held.session.pk)
    held.directive.refresh_from_db()
    assert held.directive.state == "revision"
    event = held.directive.events.last()
    assert event is not None
    assert event.reason == "Clarify the budget."
    revision.submit_for_approval(held.team.officer, held.directive.pk, note="Budget added")
    held.directive.refresh_from_db()
    assert held.directive.state == "awaiting_approval"


def test_a_closed_session_is_frozen_and_provable(held: Held) -> None:
    held.attend(5)
    held.conclude(CouncilDecision.PASSED)
    closed = council.close_session(held.team.officer, held.session.pk)
    assert closed.content_hash in Entry.objects.get(action="council.close").content
    assert queries.is_intact(closed)
    for act in (
        lambda: council.write_minutes(held.team.officer, closed.pk, "Later"),
        lambda: held.attend(2),
        lambda: agenda.add_matter(held.team.officer, closed.pk, "Later"),
        lambda: council.close_session(held.team.officer, closed.pk),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "session-over"
    closed.content["minutes"] = "Forged"
    assert not queries.is_intact(closed)


def test_only_who_runs_the_council_writes_in_it(held: Held) -> None:
    for person in (held.team.deputies[0], held.team.house.south_director):
        with pytest.raises(NotPermitted):
            council.write_minutes(person, held.session.pk, "x")
    reads = [
        queries.may_read(organisations.authority_of(person), held.session) for person in held.team.deputies
    ]
    assert reads == [True, True, True]
    assert not queries.may_read(organisations.authority_of(held.team.house.south_director), held.session)


def test_two_secretaries_do_not_overwrite_each_other(held: Held) -> None:
    version = CouncilSession.objects.get(pk=held.session.pk).version
    council.write_minutes(held.team.officer, held.session.pk, "First", version=version)
    with pytest.raises(Conflict):
        council.write_minutes(held.team.officer, held.session.pk, "Second", version=version)
    item = AgendaItem.objects.get(pk=held.item.pk)
    council.conclude_item(held.team.officer, item.pk, discussion="a", conclusion="", version=item.version)
    with pytest.raises(Conflict):
        council.conclude_item(held.team.officer, item.pk, discussion="b", conclusion="", version=item.version)


def test_members_are_invited_once(held: Held) -> None:
    second = council.plan_session(held.team.officer, held.team.council.pk, held_on=DAY)
    with pytest.raises(InputError):
        council.send_invitations(held.team.officer, second.pk)
    agenda.add_matter(held.team.officer, second.pk, "Any other business")
    assert council.send_invitations(held.team.officer, second.pk) == 5
    assert council.send_invitations(held.team.officer, second.pk) == 0


def test_a_resolution_is_followed_to_its_end(held: Held) -> None:
    held.attend(5)
    resolution = held.resolve()
    deputy, other = held.team.deputies[0], held.team.deputies[1]
    assert Notification.objects.filter(user=deputy, kind="resolution").count() == 1
    with pytest.raises(NotPermitted):
        resolutions.claim_done(other, resolution.pk, note="Not mine")
    with pytest.raises(InputError):
        resolutions.claim_done(deputy, resolution.pk, note="")
    resolutions.begin_resolution(deputy, resolution.pk)
    resolutions.claim_done(deputy, resolution.pk, note="", evidence=ContentFile(b"list", name="proof.pdf"))
    with pytest.raises(NotPermitted):
        resolutions.confirm_done(deputy, resolution.pk)
    with pytest.raises(InputError):
        resolutions.send_back(held.team.officer, resolution.pk, note=" ")
    resolutions.send_back(held.team.officer, resolution.pk, note="Two plants are missing")
    resolutions.claim_done(deputy, resolution.pk, note="All sent")
    done = resolutions.confirm_done(held.team.minister, resolution.pk)
    assert (done.state, done.completed_on) == ("done", DAY)
    assert [event.action for event in done.events.all()] == [
        "adopt", "begin", "claim", "send_back", "claim", "confirm",
    ]  # fmt: skip
    with pytest.raises(TransitionNotAllowed):
        resolutions.claim_done(deputy, resolution.pk, note="Again")


def test_more_time_keeps_the_first_date_in_either_calendar(held: Held) -> None:
    held.attend(5)
    resolution = held.resolve("1405/03/11")
    assert resolution.due_on == date(2026, 6, 1)
    with pytest.raises(InputError):
        resolutions.extend_due(held.team.officer, resolution.pk, due=parse_date("2026-05-30"), note="Sooner")
    with pytest.raises(NotPermitted):
        resolutions.extend_due(
            held.team.deputies[0], resolution.pk, due=parse_date("2026-07-01"), note="More"
        )
    later = resolutions.extend_due(
        held.team.officer, resolution.pk, due=parse_date("۱۴۰۵/۰۴/۳۱"), note="Floods"
    )
    assert (later.first_due_on, later.due_on, later.due_calendar) == (
        date(2026, 6, 1),
        date(2026, 7, 22),
        "jalali",
    )


def test_overdue_resolutions_are_listed_and_their_owners_reminded_once(held: Held) -> None:
    held.attend(5)
    held.resolve()
    authority = organisations.authority_of(held.team.officer)
    assert queries.overdue_resolutions(authority).count() == 0
    with clock.fixed(NOON + timedelta(days=60)):
        assert queries.overdue_resolutions(authority).count() == 1
        assert resolutions.remind_overdue() == 1
        assert resolutions.remind_overdue() == 0


def test_a_due_date_before_the_session_is_refused(held: Held) -> None:
    held.attend(5)
    with pytest.raises(InputError) as refused:
        held.resolve("2026-05-01")
    assert refused.value.field == "due"


def test_the_minister_approves_only_the_text_that_was_read(held: Held) -> None:
    held.attend(5)
    held.conclude(CouncilDecision.RETURNED, "Shorten it.")
    council.close_session(held.team.officer, held.session.pk)
    revision.submit_for_approval(held.team.officer, held.directive.pk)
    edition = held.directive.editions.last()
    assert edition is not None
    with pytest.raises(NotPermitted):
        approval.approve(held.team.officer, held.directive.pk, content_hash=edition.content_hash)
    with pytest.raises(Conflict) as refused:
        approval.approve(held.team.minister, held.directive.pk, content_hash="0" * 64)
    assert refused.value.code == "text-changed"
    event = approval.approve(held.team.minister, held.directive.pk, content_hash=edition.content_hash)
    assert event.content_hash == edition.content_hash
    with pytest.raises(TransitionNotAllowed):
        approval.approve(held.team.minister, held.directive.pk, content_hash=edition.content_hash)
