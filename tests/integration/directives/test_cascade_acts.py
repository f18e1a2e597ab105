"""Acknowledgement, reminders and succession: once, for the right people, nothing rewritten."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from mehvar.accounts.actions import send_due_mail
from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification
from mehvar.directives.actions import aftermath, cascade
from mehvar.directives.actions import promulgation as promulgating
from mehvar.directives.models import Acknowledgement, AssignedBody, Directive, Promulgation, Reminder
from mehvar.directives.queries import cascade as queries
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, NotFound, NotPermitted, TransitionNotAllowed
from mehvar.ledger.models import Entry
from mehvar.organisations import queries as organisations
from mehvar.organisations.models import Succession
from tests.factories.organisations import SmallMinistry, make_organisation, make_user, small_ministry
from tests.factories.promulgation import (
    MORNING,
    PROMULGATED_ON,
    approved_directive,
    officers_of_provinces,
    promulgated,
)

pytestmark = pytest.mark.django_db
DUE = PROMULGATED_ON + timedelta(days=7)


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def made(house: SmallMinistry) -> Promulgation:
    officers_of_provinces(house)
    return promulgated(house)


def asked(body: Any) -> Acknowledgement:
    return Acknowledgement.objects.get(organisation=body)


def test_an_acknowledgement_goes_on_record_once(house: SmallMinistry, made: Promulgation) -> None:
    officer = house.people[Role.BODY_OFFICER]
    first = cascade.acknowledge(officer, asked(house.health).pk, note="We begin.")
    with clock.fixed(MORNING + timedelta(days=1)):
        second = cascade.acknowledge(officer, asked(house.health).pk, note="Again.")
    assert second.acknowledged_at == first.acknowledged_at == MORNING
    assert second.note == "We begin."
    (entry,) = Entry.objects.filter(action="directive.acknowledged")
    assert not entry.public


def test_nobody_acknowledges_for_others(house: SmallMinistry, made: Promulgation) -> None:
    for person in (
        house.people[Role.PLANNING_OFFICER],
        house.people[Role.BODY_OFFICER],
        house.south_director,
    ):
        with pytest.raises(NotFound):
            cascade.acknowledge(person, asked(house.north).pk)
    both = [asked(house.health).pk, asked(house.north).pk]
    with pytest.raises(NotFound):
        cascade.acknowledge_many(house.people[Role.BODY_OFFICER], both)
    assert Acknowledgement.objects.filter(acknowledged_at__isnull=False).count() == 0


def test_a_note_has_a_limit_and_something_must_be_chosen(house: SmallMinistry, made: Promulgation) -> None:
    officer = house.people[Role.BODY_OFFICER]
    with pytest.raises(InputError) as refused:
        cascade.acknowledge(officer, asked(house.health).pk, note="x" * 4001)
    assert refused.value.field == "note"
    with pytest.raises(InputError):
        cascade.acknowledge_many(officer, [])


def reminded_on(day: date) -> int:
    return cascade.send_reminders(day)


def test_each_step_is_sent_once_and_silence_climbs(house: SmallMinistry, made: Promulgation) -> None:
    cascade.acknowledge(house.people[Role.BODY_OFFICER], asked(house.health).pk)
    counts = {days: reminded_on(DUE + timedelta(days)) for days in (-3, -2, -1, 0, 1, 2, 3, 4, 90)}
    assert counts == {-3: 0, -2: 4, -1: 0, 0: 4, 1: 4, 2: 0, 3: 4, 4: 0, 90: 0}
    north = Notification.objects.filter(user__name="north officer", kind="acknowledgement-reminder")
    assert north.count() == 4
    escalated = Notification.objects.filter(kind="acknowledgement-escalated")
    assert house.people[Role.PLANNING_OFFICER].pk in set(escalated.values_list("user_id", flat=True))
    assert {row.params["count"] for row in escalated} == {4}
    assert not Notification.objects.filter(
        user=house.people[Role.BODY_OFFICER], kind="acknowledgement-reminder"
    ).exists()
    assert Entry.objects.filter(action="directive.reminded").count() == 4


def test_steps_that_passed_while_nothing_ran_are_caught_up_by_one(
    house: SmallMinistry, made: Promulgation
) -> None:
    assert reminded_on(DUE + timedelta(days=5)) == 5
    assert Reminder.objects.filter(acknowledgement=asked(house.north)).count() == 4
    told = Notification.objects.filter(user__name="north officer", kind="acknowledgement-reminder")
    assert told.count() == 1
    assert reminded_on(DUE + timedelta(days=6)) == 0


def test_reminders_reach_people_by_mail_in_their_language(house: SmallMinistry, made: Promulgation) -> None:
    send_due_mail()
    mail.outbox.clear()
    Notification.objects.update(emailed_at=MORNING - timedelta(days=3))
    reminded_on(DUE)
    send_due_mail()
    health = house.people[Role.BODY_OFFICER]
    (letter,) = [letter for letter in mail.outbox if letter.to == [health.email]]
    assert "2026/001" in letter.body
    assert "/directives/inbox/" in letter.body


def test_nobody_is_reminded_of_what_is_not_in_force(house: SmallMinistry, made: Promulgation) -> None:
    aftermath.withdraw_directive(house.people[Role.MINISTER], made.directive_id, reason="Replaced by law.")
    assert reminded_on(DUE + timedelta(days=3)) == 0
    with pytest.raises(Conflict):
        cascade.acknowledge(house.people[Role.BODY_OFFICER], asked(house.health).pk)
    assert list(queries.to_acknowledge(organisations.authority_of(house.people[Role.BODY_OFFICER]))) == []


def test_reminding_by_hand_stays_in_scope_and_once_a_day(house: SmallMinistry, made: Promulgation) -> None:
    planner = house.people[Role.PLANNING_OFFICER]
    with pytest.raises(NotPermitted):
        cascade.remind_now(house.people[Role.BODY_OFFICER], made.directive_id)
    assert cascade.remind_now(house.people[Role.PROVINCIAL_DIRECTOR], made.directive_id) == 1
    assert cascade.remind_now(planner, made.directive_id) == 4
    assert cascade.remind_now(planner, made.directive_id) == 0
    with clock.fixed(MORNING + timedelta(days=1)):
        assert cascade.remind_now(planner, made.directive_id) == 5
    entry = Entry.objects.filter(action="directive.reminded").order_by("sequence").first()
    assert entry is not None


def succeed(old: Any, new: Any, on: date) -> None:
    Succession.objects.create(predecessor=old, successor=new, kind="merged", on=on)


def test_the_successor_sees_and_answers_and_the_row_stays(house: SmallMinistry, made: Promulgation) -> None:
    between = make_organisation("xx.health2", parent=house.state, type="ministry", name_en="Health and Care")
    last = make_organisation("xx.health3", parent=house.state, type="ministry", name_en="Wellbeing")
    heir = make_user(Role.BODY_OFFICER, last)
    authority = organisations.authority_of(heir)
    before = list(AssignedBody.objects.order_by("pk").values())
    assert list(queries.to_acknowledge(authority)) == []

    succeed(house.health, between, PROMULGATED_ON + timedelta(days=1))
    succeed(between, last, PROMULGATED_ON + timedelta(days=2))
    assert list(queries.to_acknowledge(authority)) == []
    with clock.fixed(MORNING + timedelta(days=2)):
        (row,) = queries.to_acknowledge(authority)
        assert row.organisation == house.health
        assert set(queries.assignments_for(authority).values_list("organisation__code", flat=True)) == {
            "xx.health"
        }
        assert heir.pk in cascade.acting_for([house.health.pk])
        cascade.acknowledge(heir, row.pk, note="For the former ministry.")
    row.refresh_from_db()
    assert (row.organisation, row.acknowledged_by) == (house.health, heir)
    assert list(AssignedBody.objects.order_by("pk").values()) == before


def test_a_circle_of_successions_does_not_hang(house: SmallMinistry, made: Promulgation) -> None:
    succeed(house.north, house.south, PROMULGATED_ON)
    succeed(house.south, house.north, PROMULGATED_ON)
    south = organisations.authority_of(house.south_director)
    assert list(queries.to_acknowledge(south)) == []
    people = cascade.acting_for([house.north.pk])
    assert len(people) == 2


def test_who_watches_over_the_issuer_sees_every_body_and_others_their_own(
    house: SmallMinistry, made: Promulgation
) -> None:
    directive = Directive.objects.get(pk=made.directive_id)

    def bodies(person: Any) -> set[str]:
        rows = queries.covered(directive, organisations.authority_of(person))
        return set(rows.values_list("organisation__code", flat=True))

    assert len(bodies(house.people[Role.PLANNING_OFFICER])) == 5
    assert bodies(house.people[Role.PROVINCIAL_DIRECTOR]) == {"xx.north.ict"}
    assert bodies(house.south_director) == set()


def test_mail_reaches_the_nearest_officer_above_a_body_without_one(house: SmallMinistry) -> None:
    above = make_user(Role.PROVINCIAL_DIRECTOR, house.south)
    deep = make_organisation("xx.south.office", parent=house.south)
    assert cascade.acting_for([deep.pk]) == {above.pk}
    assert cascade.acting_for([house.south_ict.pk]) == {house.south_director.pk}
    assert cascade.acting_for([house.health.pk]) == {house.people[Role.BODY_OFFICER].pk}


def test_what_became_of_a_directive(house: SmallMinistry, made: Promulgation) -> None:
    planner = house.people[Role.PLANNING_OFFICER]
    newer = promulgated(house, number="2026/002")
    aftermath.amend_directive(planner, made.directive_id, by_id=newer.directive_id)
    assert Directive.objects.get(pk=made.directive_id).state == "amended"
    for other in (made.directive_id, 10**6):
        with pytest.raises(InputError) as refused:
            aftermath.supersede_directive(planner, made.directive_id, by_id=other)
        assert refused.value.field == "by"
    aftermath.supersede_directive(planner, made.directive_id, by_id=newer.directive_id)
    directive = Directive.objects.get(pk=made.directive_id)
    assert directive.state == "superseded"
    with pytest.raises(TransitionNotAllowed):
        aftermath.withdraw_directive(planner, directive.pk, reason="Too late.")
    with pytest.raises(NotPermitted):
        aftermath.withdraw_directive(house.people[Role.BODY_OFFICER], newer.directive_id, reason="No.")
    public = Entry.objects.filter(public=True, subject_identifier=directive.public_id)
    assert {"directive.amend", "directive.supersede", "directive.promulgate", "directive.published"} <= {
        entry.action for entry in public
    }
    told = Notification.objects.filter(kind="directive-superseded", user__name="north officer")
    assert told.get().params["by"] == "2026/002"


def test_a_new_directive_takes_the_place_of_the_one_it_names(
    house: SmallMinistry, made: Promulgation
) -> None:
    directive = approved_directive(house, title="Second edition")
    older = Directive.objects.get(pk=made.directive_id)
    Directive.objects.filter(pk=directive.pk).update(supersedes=older, state="revision")
    from tests.factories.promulgation import approve

    directive.refresh_from_db()
    newer = promulgating.promulgate_directive(
        house.people[Role.MINISTER], approve(directive).pk, number="2026/002"
    )
    older.refresh_from_db()
    assert older.state == "superseded"
    assert older.modifications.get().by_id == newer.directive_id


@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time: see the step's own lock")
@pytest.mark.django_db(transaction=True)
def test_two_processes_remind_once(house: SmallMinistry, made: Promulgation) -> None:
    from multiprocessing.pool import ThreadPool

    from django.db import connections

    def remind(_number: int) -> int:
        try:
            with clock.fixed(MORNING):
                return cascade.send_reminders(DUE)
        finally:
            connections.close_all()

    with ThreadPool(4) as pool:
        assert sum(pool.map(remind, range(4))) == 5
    assert Reminder.objects.filter(step="due").count() == 5


def test_a_second_process_that_read_before_the_first_wrote_sends_nothing(
    house: SmallMinistry, made: Promulgation, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = cascade._locked
    inside = {"count": 0}

    def while_the_other_runs(rows: Any) -> Any:
        inside["count"] += 1
        if inside["count"] == 1:
            assert cascade.send_reminders(DUE) == 5
        return locked(rows)

    monkeypatch.setattr(cascade, "_locked", while_the_other_runs)
    assert cascade.send_reminders(DUE) == 0
    assert Reminder.objects.filter(step="due").count() == 5
