"""Several processes let obstacles climb at once, and several copies of one form arrive at once: nothing happens twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connection, connections

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, MehvarError
from mehvar.programmes.actions import escalation, obstacles, proposals
from mehvar.programmes.data import Level
from mehvar.programmes.models import CommitteeProposal, Obstacle, ObstacleEvent
from tests.factories.obstacles import make_committee, raised_by_north, raised_from_outside
from tests.factories.organisations import small_ministry

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
LATER = datetime(2026, 5, 8, 6, 0, tzinfo=UTC)
WORKERS = 4


def at_once(act: Callable[[], object]) -> list[object]:
    """Run an act in several threads, each with a connection of its own; give results, refusals as they are."""

    def run(_number: int) -> object:
        try:
            with clock.fixed(LATER):
                return act()
        except MehvarError as error:
            return error
        finally:
            connections.close_all()

    if connection.vendor == "sqlite":
        return [run_here(act) for _number in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


def run_here(act: Callable[[], object]) -> object:
    """Run an act in this thread: a database in memory has one connection only."""
    try:
        with clock.fixed(LATER):
            return act()
    except MehvarError as error:
        return error


def test_every_obstacle_climbs_once() -> None:
    with clock.fixed(MONDAY):
        house = small_ministry()
        director = house.people[Role.PROVINCIAL_DIRECTOR]
        committee = make_committee(house.north_ict, chair=director)
        for number in range(5):
            raised_by_north(house, title=f"Obstacle {number}")
        proposals.propose(director, committee.pk, title="P", text="x")
        CommitteeProposal.objects.update(level_due_on=date(2026, 5, 7))
    assert sum(int(str(count)) for count in at_once(escalation.escalate_due_obstacles)) == 5
    assert set(Obstacle.objects.values_list("level", flat=True)) == {Level.COMMITTEE}
    assert ObstacleEvent.objects.filter(action="climb").count() == 5
    assert Notification.objects.filter(user=director, kind="obstacle").count() == 10
    assert sum(int(str(count)) for count in at_once(proposals.climb_late_answers)) == 1


def test_one_of_two_people_wins_and_the_other_is_told() -> None:
    with clock.fixed(MONDAY):
        house = small_ministry()
        row = raised_by_north(house)
    officer = house.people[Role.PLANNING_OFFICER]
    found = at_once(lambda: obstacles.reject(officer, row.public_id, reason="No.", version=1))
    assert sum(isinstance(one, Conflict) for one in found) == WORKERS - 1
    assert ObstacleEvent.objects.filter(action="reject").count() == 1


def test_a_form_that_arrives_several_times_is_kept_once() -> None:
    with clock.fixed(MONDAY):
        small_ministry()
    found = at_once(lambda: raised_from_outside(key="the same"))
    assert sum(isinstance(one, Conflict) for one in found) == WORKERS - 1
    assert Obstacle.objects.count() == 1
