"""How deliveries stood on a past day: dates granted since, work finished since and reports on later periods count for nothing then."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from mehvar.kernel import clock, errors
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import deliveries, flagships, making
from mehvar.programmes.models import Delivery, ExtensionRequest, ProgrammeMeasure
from mehvar.programmes.queries import flagships as flagship_queries
from mehvar.programmes.queries import performance
from mehvar.programmes.queries.standing import as_of
from mehvar.programmes.views.stocktake_words import red_groups
from mehvar.ui.charts.tiles import name_lines
from tests.factories.plans import calling
from tests.factories.progress import ReportingHouse, approved, opened_round, reported, reporting_house
from tests.factories.promulgation import MORNING, PROMULGATED_ON

pytestmark = pytest.mark.django_db

QUARTER_END = date(2026, 6, 30)
AFTERWARDS = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)


@pytest.fixture
def world() -> Iterator[ReportingHouse]:
    with clock.fixed(MORNING):
        made = reporting_house()
    with clock.fixed(datetime(2026, 7, 2, 6, 0, tzinfo=UTC)):
        asked = opened_round(made, due_on=date(2026, 7, 12))
        approved(made, reported(made, asked, made.north, "xx.north"), made.officer)
    with clock.fixed(AFTERWARDS):
        health, south = made.delivery("xx.health"), made.delivery("xx.south")
        health.state, health.done_on = "done", date(2026, 8, 1)
        ExtensionRequest.objects.create(
            delivery=south,
            due_before=south.due_on or QUARTER_END,
            asked_due_on=date(2026, 12, 1),
            reason="Late goods.",
            asked_at=clock.now(),
            granted=True,
            decided_at=clock.now(),
        )
        south.due_on = date(2026, 12, 1)
        deliveries.store([health, south])
        yield made


def test_a_past_day_knows_nothing_of_what_came_after(world: ReportingHouse) -> None:
    then = {one.organisation.code: one for one in as_of(Delivery.objects.all(), QUARTER_END)}
    now = {one.organisation.code: one for one in as_of(Delivery.objects.all(), AFTERWARDS.date())}
    assert PROMULGATED_ON + timedelta(30) < QUARTER_END
    assert (then["xx.health"].cell_then, now["xx.health"].cell_then) == ("open_overdue", "done_late")
    assert then["xx.south"].due_then == then["xx.south"].first_due_on
    assert now["xx.south"].due_then == date(2026, 12, 1)
    assert (then["xx.north"].approved_then, then["xx.north"].silent_then) == (40, False)
    assert (then["xx.south"].approved_then, then["xx.south"].silent_then) == (None, True)
    before = as_of(Delivery.objects.all(), date(2026, 6, 29)).get(organisation__code="xx.north")
    assert (before.approved_then, before.silent_then) == (None, True)  # the period had not ended


def test_a_report_on_a_past_quarter_counts_as_of_its_end(world: ReportingHouse) -> None:
    authority = organisations.authority_of(world.officer)
    quarter = performance.content_of(authority, performance.subject_for(authority, "", "2026-Q2"))
    assert quarter["day"] == "2026-06-30"
    assert quarter["numbers"]["done_late"]["value"] == 0
    assert quarter["numbers"]["done_in_period"]["value"] == 0
    running = performance.content_of(authority, performance.subject_for(authority, "", "2026"))
    assert running["day"] == AFTERWARDS.date().isoformat()
    assert running["numbers"]["done_late"]["value"] == 1
    assert running["numbers"]["moved"]["value"] == 1


def test_a_flagship_rests_on_one_measure() -> None:
    with clock.fixed(MORNING):
        case = calling()
        making.make_deliveries(case.directive.pk)
    measure = ProgrammeMeasure.objects.filter(programme=case.programme, measure__isnull=False)[0]
    row = flagships.draft_flagship(case.planner, title="One", mark="driver", measure_id=measure.pk)
    standing = flagship_queries.standings([row])[row.pk]
    counted = Delivery.objects.filter(measure=measure.measure)
    assert standing.cells.total == counted.count() > 0
    assert standing.verified == 0
    with pytest.raises(errors.NotFound):
        flagships.draft_flagship(case.planner, title="Two", mark="driver", measure_id=0)


def test_what_is_red_at_many_bodies_stands_once() -> None:
    rows = [{"text": text, "body": body} for text, body in (("A", "1"), ("B", "1"), ("A", "2"), ("C", "1"))]
    groups, left = red_groups(rows, most=2)
    assert [(one["text"], len(one["bodies"])) for one in groups] == [("A", 2), ("B", 1)]
    assert left == 1


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Yazd", ["Yazd"]),
        ("آذربایجان شرقی", ["آذربایجان", "شرقی"]),
        ("Thành phố Hồ Chí Minh", ["Thành phố", "Hồ Chí Minh"]),
        ("", [""]),
    ],
)
def test_a_name_takes_two_even_lines_at_most(name: str, lines: list[str]) -> None:
    assert name_lines(name) == lines
