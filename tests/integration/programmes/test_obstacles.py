"""An obstacle's life: raised, climbing on its clock over two countries' holidays, remedied, confirmed by who raised it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification, User
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, NotFound, NotPermitted, TransitionNotAllowed
from mehvar.ledger.models import Entry
from mehvar.organisations import queries as organisations
from mehvar.organisations.models import Organisation
from mehvar.programmes.actions import calendars, escalation, obstacles
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.data import Level, ObstacleKind, ObstacleState
from mehvar.programmes.models import Obstacle
from mehvar.programmes.queries import obstacles as queries
from tests.factories.obstacles import make_committee, make_deputy, raised_by_north, raised_from_outside
from tests.factories.organisations import SmallMinistry, make_user, small_ministry

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.fixed(MONDAY):
        yield


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def director(house: SmallMinistry) -> User:
    return house.people[Role.PROVINCIAL_DIRECTOR]


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, 0, tzinfo=UTC)


def fresh(row: Obstacle) -> Obstacle:
    return Obstacle.objects.get(pk=row.pk)


def seen(user: User) -> set[str]:
    return set(
        queries.visible_obstacles(organisations.authority_of(user)).values_list("public_id", flat=True)
    )


def told(user: User) -> int:
    return Notification.objects.filter(user=user, kind="obstacle").count()


def test_a_raised_obstacle_has_three_working_days_at_its_owner(house: SmallMinistry, director: User) -> None:
    row = raised_by_north(house)
    assert (row.level, row.owner, row.level_due_on, row.province) == (
        Level.BODY, house.north_ict, date(2026, 5, 7), house.north,
    )  # fmt: skip
    assert row.issuer == house.ministry
    assert [event.action for event in queries.steps_of(row)] == ["raise"]
    assert Entry.objects.filter(action="obstacle.raise").count() == 1
    assert told(director) == 1


def test_the_clock_climbs_level_by_level_with_a_full_trail(house: SmallMinistry, director: User) -> None:
    deputy, committee = make_deputy(house), make_committee(house.north_ict, chair=director)
    row = raised_by_north(house)
    steps = [
        (date(2026, 5, 8), Level.COMMITTEE, date(2026, 5, 12), house.north_ict),
        (date(2026, 5, 13), Level.DEPUTY, date(2026, 5, 15), house.ministry),
        (date(2026, 5, 16), Level.COUNCIL, date(2026, 5, 20), house.ministry),
    ]
    for day, level, due_on, holder in steps:
        with clock.fixed(on(day - timedelta(days=1))):
            assert escalation.escalate_due_obstacles() == 0
        with clock.fixed(on(day)):
            assert escalation.escalate_due_obstacles() == 1
            assert escalation.escalate_due_obstacles() == 0
        found = fresh(row)
        assert (found.level, found.level_due_on, found.level_holder) == (level, due_on, holder)
    assert fresh(row).committee == committee
    trail = [(event.action, event.level, event.effective_on) for event in queries.steps_of(row)]
    assert trail[1:] == [
        ("climb", "committee", date(2026, 5, 8)),
        ("climb", "deputy", date(2026, 5, 13)),
        ("climb", "council", date(2026, 5, 16)),
    ]
    assert told(deputy) == 1
    assert told(house.people[Role.MINISTER]) == 1
    with clock.fixed(on(date(2026, 7, 1))):
        assert escalation.escalate_due_obstacles() == 0
    assert Entry.objects.filter(action="obstacle.climb").count() == 3


def test_downtime_is_caught_up_as_if_nothing_had_stood_still(house: SmallMinistry, director: User) -> None:
    make_committee(house.north_ict, chair=director)
    row = raised_by_north(house)
    with clock.fixed(on(date(2026, 5, 18))):
        assert escalation.escalate_due_obstacles() == 1
    found = fresh(row)
    assert (found.level, found.level_due_on) == (Level.COUNCIL, date(2026, 5, 20))
    assert [event.effective_on for event in queries.steps_of(row)][1:] == [
        date(2026, 5, 8), date(2026, 5, 13), date(2026, 5, 16),
    ]  # fmt: skip
    assert Entry.objects.filter(action="obstacle.climb").count() == 1


def test_without_a_committee_its_level_is_left_out(house: SmallMinistry) -> None:
    row = raised_by_north(house)
    with clock.fixed(on(date(2026, 5, 8))):
        escalation.escalate_due_obstacles()
    assert fresh(row).level == Level.DEPUTY


@pytest.mark.parametrize(
    ("country", "raised_on", "due_on"),
    [
        ("ir", date(2022, 3, 16), date(2022, 3, 27)),
        ("vn", date(2020, 1, 22), date(2020, 2, 3)),
        ("vn", date(2026, 2, 12), date(2026, 2, 24)),
    ],
)
def test_the_clock_rests_over_nowruz_and_tet(
    house: SmallMinistry, country: str, raised_on: date, due_on: date
) -> None:
    Organisation.objects.update(pack=country)
    with clock.fixed(on(raised_on)):
        row = raised_by_north(house)
    assert row.level_due_on == due_on
    with clock.fixed(on(due_on)):
        assert escalation.escalate_due_obstacles() == 0
    with clock.fixed(on(due_on + timedelta(days=1))):
        assert escalation.escalate_due_obstacles() == 1


def test_a_closure_that_the_ministry_adds_lengthens_the_next_clock(house: SmallMinistry) -> None:
    officer = house.people[Role.PLANNING_OFFICER]
    calendars.set_day(officer, date(2026, 5, 6), worked=False, reason="Air pollution")
    calendars.set_day(officer, date(2026, 5, 9), worked=True, reason="Worked instead")
    assert raised_by_north(house).level_due_on == date(2026, 5, 8)
    calendars.forget_day(officer, date(2026, 5, 6))
    assert raised_by_north(house).level_due_on == date(2026, 5, 7)
    with pytest.raises(NotPermitted):
        calendars.set_day(house.south_director, date(2026, 5, 7), worked=False, reason="No")


def test_a_reminder_one_working_day_before_comes_once(house: SmallMinistry, director: User) -> None:
    row = raised_by_north(house)
    with clock.fixed(on(date(2026, 5, 5))):
        assert escalation.remind_holders() == 0
    with clock.fixed(on(date(2026, 5, 6))):
        assert escalation.remind_holders() == 1
        assert escalation.remind_holders() == 0
    assert (
        Notification.objects.filter(user=director, key=f"obstacle-{row.pk}-last-day-2026-05-07").count() == 1
    )


def test_a_remedy_is_confirmed_by_who_raised_it(house: SmallMinistry, director: User) -> None:
    officer = house.people[Role.PLANNING_OFFICER]
    row = raised_by_north(house, owner_id=house.it.pk)
    row = obstacles.propose_remedy(
        officer, row.public_id, remedy="We talk to the city.", due_on=date(2026, 6, 1), version=row.version
    )
    assert (row.state, row.level_due_on) == (ObstacleState.IN_REMEDY, date(2026, 6, 1))
    with clock.fixed(on(date(2026, 5, 29))):
        assert escalation.escalate_due_obstacles() == 0
    row = obstacles.report_remedied(officer, row.public_id, note="The plot is ours.", version=row.version)
    with pytest.raises(NotPermitted):
        obstacles.confirm(officer_without_raising(house), row.public_id, version=row.version)
    row = obstacles.send_back(
        director, row.public_id, reason="The fence is still there.", version=row.version
    )
    assert (row.state, row.level_due_on) == (ObstacleState.OPEN, date(2026, 5, 7))
    row = obstacles.report_remedied(officer, row.public_id, note="The fence is gone.", version=row.version)
    row = obstacles.confirm(director, row.public_id, version=row.version)
    assert row.state == ObstacleState.CLOSED
    assert [event.action for event in queries.steps_of(row)] == [
        "raise", "propose_remedy", "report_remedied", "send_back", "report_remedied", "confirm",
    ]  # fmt: skip


def officer_without_raising(house: SmallMinistry) -> User:
    """Give somebody who sees the obstacle but does not speak for the north."""
    return house.people[Role.MINISTER]


def test_a_remedy_that_does_not_come_climbs(house: SmallMinistry, director: User) -> None:
    row = raised_by_north(house)
    row = obstacles.propose_remedy(
        director, row.public_id, remedy="Soon.", due_on=date(2026, 5, 20), version=row.version
    )
    with clock.fixed(on(date(2026, 5, 21))):
        assert escalation.escalate_due_obstacles() == 1
    found = fresh(row)
    assert (found.state, found.level, found.first_remedy_due_on) == (
        ObstacleState.OPEN, Level.DEPUTY, date(2026, 5, 20),
    )  # fmt: skip


def test_the_council_sees_a_broken_promise_again(house: SmallMinistry) -> None:
    row = raised_by_north(house)
    with clock.fixed(on(date(2026, 5, 18))):
        escalation.escalate_due_obstacles()
        row = fresh(row)
        assert row.level == Level.COUNCIL
        minister = house.people[Role.MINISTER]
        row = obstacles.decide(
            minister,
            row.public_id,
            decision="Buy the plot.",
            due_on=date(2026, 6, 1),
            version=row.version,
            owner_id=house.it.pk,
        )
        assert (row.decision, row.owner) == ("Buy the plot.", house.it)
    with clock.fixed(on(date(2026, 6, 2))):
        assert escalation.escalate_due_obstacles() == 1
        assert escalation.escalate_due_obstacles() == 0
    assert (fresh(row).state, fresh(row).level, fresh(row).level_due_on) == (
        ObstacleState.OPEN, Level.COUNCIL, date(2026, 6, 4),
    )  # fmt: skip


def test_who_decides_depends_on_the_level(house: SmallMinistry, director: User) -> None:
    deputy = make_deputy(house)
    make_committee(house.north_ict, chair=director)
    row = raised_by_north(house)
    authority = organisations.authority_of

    def waits(user: User) -> bool:
        return queries.waiting_for_decision(authority(user)).filter(pk=row.pk).exists()

    people = {
        "director": director,
        "deputy": deputy,
        "minister": house.people[Role.MINISTER],
        "south": house.south_director,
    }
    assert {name for name, user in people.items() if waits(user)} == set()
    obstacles.hand_up(director, row.public_id, reason="Not ours.", version=1)
    assert {name for name, user in people.items() if waits(user)} == {"director"}
    obstacles.hand_up(director, row.public_id, reason="Not ours either.", version=2)
    assert {name for name, user in people.items() if waits(user)} == {"deputy", "minister"}
    with pytest.raises(NotPermitted):
        obstacles.decide(director, row.public_id, decision="Mine.", due_on=date(2026, 6, 1), version=3)
    with clock.fixed(on(date(2026, 5, 8))):
        escalation.escalate_due_obstacles()
    assert {name for name, user in people.items() if waits(user)} == {"deputy", "minister"}
    assert queries.waiting_for_decision(organisation=house.ministry).count() == 1
    assert queries.waiting_for_decision(organisation=house.health).count() == 0
    with pytest.raises(Conflict):
        obstacles.hand_up(house.people[Role.MINISTER], row.public_id, reason="?", version=fresh(row).version)


def test_a_deputy_who_was_named_gets_it(house: SmallMinistry) -> None:
    row = raised_by_north(house, decision_from_id=house.it.pk)
    with clock.fixed(on(date(2026, 5, 8))):
        escalation.escalate_due_obstacles()
    assert fresh(row).level_holder == house.it


def test_a_rejection_can_be_objected_to_and_then_climbs(house: SmallMinistry, director: User) -> None:
    officer = house.people[Role.PLANNING_OFFICER]
    row = raised_by_north(house)
    with pytest.raises(InputError):
        obstacles.reject(officer, row.public_id, reason=" ", version=1)
    row = obstacles.reject(officer, row.public_id, reason="No obstacle.", version=1)
    with pytest.raises(TransitionNotAllowed):
        obstacles.confirm(director, row.public_id, version=row.version)
    row = obstacles.object_to_rejection(director, row.public_id, reason="It is.", version=row.version)
    assert (row.state, row.level, row.closed_at) == (ObstacleState.OPEN, Level.DEPUTY, None)


def test_duplicates_are_merged_and_close_together(house: SmallMinistry, director: User) -> None:
    officer = house.people[Role.PLANNING_OFFICER]
    main, twin = raised_by_north(house), raised_from_outside(province_id=house.north.pk)
    twin = obstacles.merge(officer, twin.public_id, into=main.public_id, version=twin.version)
    assert (twin.state, twin.merged_into) == (ObstacleState.MERGED, main)
    with clock.fixed(on(date(2026, 5, 20))):
        assert escalation.escalate_due_obstacles() == 1
    with pytest.raises(TransitionNotAllowed):
        obstacles.merge(officer, twin.public_id, into=main.public_id, version=twin.version)
    other = raised_by_north(house)
    with pytest.raises(InputError):
        obstacles.merge(officer, other.public_id, into=other.public_id, version=other.version)
    with pytest.raises(NotPermitted):
        obstacles.merge(director, other.public_id, into=main.public_id, version=other.version)


def test_two_people_at_once_are_told(house: SmallMinistry, director: User) -> None:
    row = raised_by_north(house)
    obstacles.propose_remedy(director, row.public_id, remedy="One.", due_on=date(2026, 6, 1), version=1)
    with pytest.raises(Conflict):
        obstacles.propose_remedy(
            house.people[Role.PLANNING_OFFICER],
            row.public_id,
            remedy="Two.",
            due_on=date(2026, 6, 1),
            version=1,
        )
    assert fresh(row).remedy == "One."


def test_another_province_sees_and_does_nothing(house: SmallMinistry) -> None:
    row, south = raised_by_north(house), house.south_director
    assert seen(south) == set()
    assert seen(house.people[Role.PLANNING_OFFICER]) == {row.public_id}
    for act in (
        lambda: obstacles.propose_remedy(
            south, row.public_id, remedy="x", due_on=date(2026, 6, 1), version=1
        ),
        lambda: obstacles.reject(south, row.public_id, reason="x", version=1),
        lambda: obstacles.publish(south, row.public_id, title="x", words="x", version=1),
        lambda: obstacles.withdraw(south, row.public_id, reason="x", version=1),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotPermitted):
        obstacles.raise_obstacle(south, Words("x", "y"), raised_by_id=house.north_ict.pk)


def test_a_deputy_sees_what_climbed_and_nothing_else(house: SmallMinistry) -> None:
    deputy = make_user(Role.DEPUTY, house.planning)
    row = raised_by_north(house)
    assert seen(deputy) == set()
    with clock.fixed(on(date(2026, 5, 8))):
        escalation.escalate_due_obstacles()
    assert seen(deputy) == {row.public_id}


def test_from_outside_the_ministry_assigns_and_the_firm_confirms(house: SmallMinistry) -> None:
    officer = house.people[Role.PLANNING_OFFICER]
    row = raised_from_outside(province_id=house.south.pk)
    assert (row.owner, row.level_holder, row.raised_by) == (house.ministry, house.ministry, None)
    assert seen(house.south_director) == set()
    with pytest.raises(Conflict):
        raised_from_outside("EEEE-FFFF-0000-1111")
    row = obstacles.assign(
        officer, row.public_id, owner_id=house.south_ict.pk, reason="Yours.", version=row.version
    )
    assert seen(house.south_director) == {row.public_id}
    row = obstacles.report_remedied(house.south_director, row.public_id, note="Granted.", version=row.version)
    assert queries.obstacle_by_code("aaaa bbbb cccc dddd").pk == row.pk
    row = obstacles.confirm(None, row.public_id, version=row.version)
    assert row.state == ObstacleState.CLOSED
    with pytest.raises(NotFound):
        queries.obstacle_by_code("")


def test_nobody_confirms_by_code_what_a_body_raised(house: SmallMinistry, director: User) -> None:
    row = raised_by_north(house)
    row = obstacles.report_remedied(director, row.public_id, note="Gone.", version=row.version)
    with pytest.raises(NotPermitted):
        obstacles.confirm(None, row.public_id, version=row.version)


def test_nothing_is_public_before_an_officer_releases_his_own_words(house: SmallMinistry) -> None:
    row = raised_from_outside()
    assert not queries.published_obstacles().exists()
    relations = house.people[Role.PUBLIC_RELATIONS]
    row = obstacles.publish(
        relations, row.public_id, title="Permits take long", words="A firm waited.", version=row.version
    )
    entry = Entry.objects.get(action="obstacle.publish")
    assert entry.public
    assert "firm@example.org" not in str(entry.content)
    assert queries.published_obstacle(row.public_id).public_title == "Permits take long"
    obstacles.unpublish(relations, row.public_id, version=row.version)
    assert not queries.published_obstacles().exists()


def test_product_gaps_are_a_list_of_their_own(house: SmallMinistry, director: User) -> None:
    raised_by_north(house)
    gap = obstacles.raise_obstacle(
        director,
        Words(
            title="A home router for mountain villages",
            text="None on the market.",
            kind=ObstacleKind.PRODUCT_GAP,
            product_need="Schools",
            market_size="12,000 a year",
            could_make="Two firms in the park",
        ),
        raised_by_id=house.north_ict.pk,
    )
    rows = queries.visible_obstacles(organisations.authority_of(director))
    assert [row.pk for row in queries.gaps(rows)] == [gap.pk]
    assert queries.counts_by(rows, "cause") == {"land": 1, "other": 1}
    assert queries.counts_by(rows, "level") == {"body": 2}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"text": ""}, "text"),
        ({"text": "x" * 10_001}, "text"),
    ],
)
def test_words_are_needed_and_bounded(house: SmallMinistry, fields: dict[str, str], field: str) -> None:
    with pytest.raises(InputError) as refused:
        raised_by_north(house, **fields)
    assert refused.value.field == field
    assert not Obstacle.objects.exists()


def test_remedies_have_a_day_within_a_year(house: SmallMinistry, director: User) -> None:
    row = raised_by_north(house)
    for day in (None, date(2026, 5, 3), date(2028, 1, 1)):
        with pytest.raises(InputError):
            obstacles.propose_remedy(director, row.public_id, remedy="x", due_on=day, version=1)
