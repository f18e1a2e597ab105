"""Deliveries come of promulgation; tallies count them; scope keeps provinces apart."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import QuerySet

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.models import Measure
from mehvar.kernel import clock
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import deliveries, making, tallies
from mehvar.programmes.models import CellTally, Delivery
from mehvar.programmes.queries import cells, scope
from mehvar.programmes.queries.cells import Narrowing
from mehvar.ui.data import FourCells
from tests.factories.organisations import SmallMinistry, small_ministry
from tests.factories.promulgation import MORNING, PROMULGATED_ON, officers_of_provinces, promulgated

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


def dated_directive(house: SmallMinistry) -> int:
    """Promulgate the three measures (health; both provinces; north's department), due after 30, 60 and 90 days."""
    made = promulgated(house)
    for position, measure in enumerate(Measure.objects.order_by("position"), 1):
        Measure.objects.filter(pk=measure.pk).update(due_end=PROMULGATED_ON + timedelta(30 * position))
    making.make_deliveries(made.directive_id)
    return made.directive_id


def seen(user: User) -> set[str]:
    rows: QuerySet[Delivery] = scope.visible_deliveries(organisations.authority_of(user))
    return set(rows.values_list("organisation__code", flat=True))


def test_promulgation_makes_deliveries_once(
    house: SmallMinistry, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        made = promulgated(house)
    rows = Delivery.objects.filter(directive_id=made.directive_id)
    assert sorted(rows.values_list("organisation__code", flat=True)) == [
        "xx.health", "xx.north", "xx.north.ict", "xx.south",
    ]  # fmt: skip
    assert making.make_deliveries(made.directive_id) == 0
    assert rows.count() == 4
    assert set(rows.values_list("starts_on", "field_name", "issuer__code", "state")) == {
        (PROMULGATED_ON, "Industry", "xx.min", "open")
    }


def test_deadline_counted_from_promulgation_becomes_a_day(house: SmallMinistry) -> None:
    made = promulgated(house)
    Measure.objects.update(due_kind="relative", due_duration="P6M", due_anchor="promulgation")
    making.make_deliveries(made.directive_id)
    assert set(Delivery.objects.values_list("due_on", "first_due_on")) == {
        (date(2026, 11, 4), date(2026, 11, 4))
    }


def test_nobody_sees_another_province(house: SmallMinistry) -> None:
    dated_directive(house)
    north, south = officers_of_provinces(house)
    everybody = {"xx.health", "xx.north", "xx.north.ict", "xx.south"}
    assert seen(house.people[Role.PLANNING_OFFICER]) == everybody
    assert seen(house.people[Role.MINISTER]) == everybody
    assert seen(north) == {"xx.north", "xx.north.ict"}
    assert seen(south) == {"xx.south"}
    assert seen(house.people[Role.PROVINCIAL_DIRECTOR]) == {"xx.north.ict"}
    assert seen(house.people[Role.BODY_OFFICER]) == {"xx.health"}
    assert seen(house.people[Role.ADMINISTRATOR]) == set()
    authority = organisations.authority_of(south)
    assert [row.body["code"] for row in cells.cells_by_body(authority)] == ["xx.south"]
    assert {row.body["code"]: row.cells.total for row in cells.cells_by_province(authority)} == {
        "xx.north": 0, "xx.south": 1,
    }  # fmt: skip


def test_tallies_follow_changes_and_days(house: SmallMinistry) -> None:
    dated_directive(house)
    authority = organisations.authority_of(house.people[Role.MINISTER])
    assert cells.cells_total(authority) == FourCells(missing=4)
    health = Delivery.objects.get(organisation__code="xx.health")
    health.state, health.done_on, health.silent = "done", PROMULGATED_ON, False
    north = Delivery.objects.get(organisation__code="xx.north")
    north.silent = False
    deliveries.store([health, north])
    assert cells.cells_total(authority) == FourCells(done_on_time=1, open_in_time=1, missing=2)
    later = PROMULGATED_ON + timedelta(61)
    moved = FourCells(done_on_time=1, open_overdue=2, missing=1)
    assert cells.cells_total(authority, day=later) == moved
    assert cells.cells_total(authority, Narrowing(directive_id=health.directive_id), day=later) == moved
    with clock.fixed(datetime(2026, 7, 4, 6, 0, tzinfo=UTC)):
        before = list(CellTally.objects.order_by("pk").values())
        assert cells.cells_total(authority) == moved
        assert list(CellTally.objects.order_by("pk").values()) == before  # reading writes nothing
        assert tallies.turn_day() == 2
        assert cells.cells_total(authority) == moved
        assert tallies.turn_day() == 0
    assert cells.cells_total(authority) == FourCells(
        done_on_time=1, open_in_time=1, missing=2
    )  # back in time
    tallies.rebuild_tallies()
    assert cells.cells_total(authority) == FourCells(done_on_time=1, open_in_time=1, missing=2)


def test_cells_by_field_body_and_province_agree(house: SmallMinistry) -> None:
    directive_id = dated_directive(house)
    authority = organisations.authority_of(house.people[Role.MINISTER])
    for narrowing in (Narrowing(), Narrowing(directive_id=directive_id)):
        by_body = cells.cells_by_body(authority, narrowing)
        assert {row.body["code"]: row.cells.total for row in by_body} == {
            "xx.health": 1, "xx.north": 1, "xx.north.ict": 1, "xx.south": 1,
        }  # fmt: skip
        assert [(row.field_name, row.cells.total) for row in cells.cells_by_field(authority, narrowing)] == [
            ("Industry", 4)
        ]
        assert [row.cells.total for row in cells.cells_by_province(authority, narrowing)] == [2, 1]
        assert len(cells.cells_by_body_and_field(authority, narrowing)) == 4
    north = Narrowing(path=house.north.path)
    assert cells.cells_total(authority, north).total == 2


def test_counting_costs_few_queries(house: SmallMinistry, django_assert_num_queries: object) -> None:
    dated_directive(house)
    authority = organisations.authority_of(house.people[Role.MINISTER])
    with django_assert_num_queries(5):  # type: ignore[operator]
        cells.cells_by_body(authority)  # scope 2, day, tallies, names
    with django_assert_num_queries(4):  # type: ignore[operator]
        cells.cells_by_field(authority)
