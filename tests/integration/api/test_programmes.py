"""Programs read programmes, plans, progress, obstacles and cells, file plans and report, each within its person's scope."""

from collections.abc import Iterator

import pytest

from mehvar.accounts.data import Role
from mehvar.config.api import throttle
from mehvar.kernel import clock
from mehvar.programmes.models import Obstacle, Plan, ProgressReport
from tests.factories.obstacles import raised_by_north
from tests.factories.plans import Calling, calling
from tests.factories.programs import Program, answered, problem
from tests.factories.progress import ReportingHouse, opened_round, reporting_house
from tests.factories.promulgation import MORNING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def made() -> Calling:
    return calling()


@pytest.fixture
def world() -> ReportingHouse:
    return reporting_house()


def item_for(source: int) -> dict[str, object]:
    return {
        "text": "Assess twenty plants.",
        "source": source,
        "owner": "Planning office",
        "starts_on": "2026-05-10",
        "due_on": "2026-05-30",
        "indicator": "Plants assessed",
        "target": "20",
        "milestones": [{"title": "First ten", "due_on": "2026-05-20"}],
        "budget": [{"title": "Surveys", "amount": "1200.50", "currency": "IRR", "source": "Own"}],
    }


def test_a_programme_is_read_with_what_it_gathers(made: Calling) -> None:
    planner = Program(made.planner)
    rows = answered(planner.get("/programmes"))
    assert [row["id"] for row in rows] == [made.programme.public_id]
    whole = answered(planner.get(f"/programmes/{made.programme.public_id}"))
    assert len(whole["measures"]) == 3
    assert whole["lead"]["code"] == "xx.min"
    assert answered(Program(made.north).get("/programmes"))[0]["id"] == made.programme.public_id


def test_a_plan_is_written_and_filed_by_a_program(made: Calling) -> None:
    north = Program(made.north)
    address = f"/plans/{made.north_plan.public_id}"
    sources = [
        row["id"] for row in answered(north.get(f"/programmes/{made.programme.public_id}"))["measures"]
    ]
    items = [item_for(source) for source in sources]
    written = answered(north.put(f"{address}/items", {"items": items}))
    assert written["items"][0]["budget"][0]["amount"] == "1200.50"
    first = written["items"][0]
    stale = {**item_for(sources[0]), "id": first["id"], "version": first["version"] + 1, "text": "Other"}
    problem(north.put(f"{address}/items", {"items": [stale]}), 409, "stale-item")
    problem(north.post(f"{address}/submission", {"content_hash": "0" * 64}), 409, "plan-changed")
    filed = answered(north.post(f"{address}/submission", {"content_hash": written["content_hash"]}))
    assert filed["state"] == "submitted"
    assert Plan.objects.get(pk=made.north_plan.pk).state == "submitted"


def test_progress_is_reported_by_a_program(world: ReportingHouse) -> None:
    opened_round(world)
    north = Program(world.north)
    request = next(
        row for row in answered(north.get("/report-requests")) if row["body"]["code"] == "xx.north"
    )
    asked = answered(north.get(f"/report-requests/{request['id']}/deliveries"))
    assert [row["body"]["code"] for row in asked] == ["xx.north"]
    entry = {
        "delivery": asked[0]["id"],
        "claimed": 40,
        "self_rating": "green",
        "done": "Two plants.",
        "next": "Eight.",
    }
    made = answered(
        north.post(f"/report-requests/{request['id']}/reports", {"entries": [entry], "submit": True})
    )
    assert (made[0]["state"], made[0]["claimed"]) == ("claimed", 40)
    again = north.post(
        f"/report-requests/{request['id']}/reports", {"entries": [{**entry, "claimed": 50}], "submit": True}
    )
    problem(again, 409, "stale-report")
    whole = answered(north.get(f"/deliveries/{asked[0]['id']}"))
    assert [row["claimed"] for row in whole["reports"]] == [40]
    assert ProgressReport.objects.get().submitted_by == world.north


def test_cells_count_what_the_person_sees(world: ReportingHouse) -> None:
    def total(program: Program, **asked: str) -> int:
        rows = answered(program.get("/cells", **asked))
        names = ("done_on_time", "done_late", "open_in_time", "open_overdue", "missing")
        return sum(row[name] for row in rows for name in names)

    officer, north = Program(world.officer), Program(world.north)
    assert {total(officer, by=by) for by in ("all", "body", "field")} == {4}
    assert total(officer, by="province") == 3, "one body is in no province"
    assert total(north) == 2
    assert total(north, by="body", body="xx.south") == 0
    assert {row["code"] for row in answered(north.get("/cells", by="body"))} == {"xx.north", "xx.north.ict"}


def test_an_obstacle_is_raised_and_read(made: Calling) -> None:
    north = Program(made.north)
    said = {"raised_by": "xx.north", "title": "No land", "text": "The plot is taken.", "cause": "land"}
    row = answered(north.post("/obstacles", said), 201)
    assert (row["state"], row["cause"], row["steps"][0]["action"]) == ("open", "land", "raise")
    assert answered(north.get(f"/obstacles/{row['id']}"))["text"] == "The plot is taken."
    problem(north.post("/obstacles", {**said, "raised_by": "xx.south"}), 403, "not-permitted")
    assert Obstacle.objects.count() == 1


def test_another_province_is_as_if_it_were_not_there(made: Calling) -> None:
    row = raised_by_north(made.house)
    south = Program(made.south)
    problem(south.get(f"/plans/{made.north_plan.public_id}"), 404, "unknown-plan")
    problem(south.put(f"/plans/{made.north_plan.public_id}/items", {"items": []}), 404, "unknown-plan")
    submission = south.post(f"/plans/{made.north_plan.public_id}/submission", {"content_hash": "0" * 64})
    problem(submission, 404, "unknown-plan")
    problem(south.get(f"/obstacles/{row.public_id}"), 404, "unknown-obstacle")
    assert [one["body"]["code"] for one in answered(south.get("/plans"))] == ["xx.south"]
    assert answered(south.get("/obstacles")) == []


def test_another_provinces_reports_are_as_if_they_were_not_there(world: ReportingHouse) -> None:
    opened_round(world)
    south = Program(world.south)
    delivery = world.delivery("xx.north")
    problem(south.get(f"/deliveries/{delivery.public_id}"), 404, "unknown-delivery")
    request = next(row for row in answered(Program(world.north).get("/report-requests")))
    problem(south.get(f"/report-requests/{request['id']}/deliveries"), 404, "unknown-request")
    entry = {"delivery": delivery.public_id, "claimed": 10}
    problem(
        south.post(f"/report-requests/{request['id']}/reports", {"entries": [entry]}), 404, "unknown-request"
    )
    assert {row["body"]["code"] for row in answered(south.get("/deliveries"))} == {"xx.south"}


def test_reading_costs_a_bounded_number_of_queries(
    world: ReportingHouse, django_assert_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        throttle.time, "time", lambda: 1_777_000_000.0
    )  # no new minute of counting in between
    officer = Program(world.house.people[Role.PLANNING_OFFICER])
    for address, queries in {
        "/deliveries": 8,  # with the one that counts the caller's first request
        "/programmes": 6,
        "/plans": 6,
        "/obstacles": 6,
        "/cells?by=body": 8,
        "/report-requests": 2,
    }.items():
        with django_assert_num_queries(queries):  # type: ignore[operator]
            assert officer.get(address).status_code == 200
