"""Programs keep the register of themes and legal duties, each within its person's scope."""

import pytest

from mehvar.accounts.data import Role
from tests.factories.organisations import SmallMinistry, make_organisation, make_user
from tests.factories.programs import Program, answered, problem

pytestmark = pytest.mark.django_db

DUTY = {
    "source": "Sixth Development Plan",
    "article": "67",
    "text": "Open the data.",
    "owner": "xx.min",
    "due_on": "2020-01-01",
}


@pytest.fixture
def planner(house: SmallMinistry) -> Program:
    return Program(house.people[Role.PLANNING_OFFICER])


def test_a_theme_is_entered_once(planner: Program) -> None:
    said = {"period": "1399", "title": "جهش تولید", "language": "fa"}
    made = answered(planner.post("/themes", said), 201)
    assert answered(planner.get("/themes")) == [made]
    problem(planner.post("/themes", said), 422, "theme-known")
    assert planner.post("/themes", {**said, "period": "soon"}).status_code == 422


def test_a_duty_is_entered_changed_and_fulfilled(planner: Program) -> None:
    theme = answered(planner.post("/themes", {"period": "1399", "title": "جهش تولید", "language": "fa"}), 201)
    made = answered(planner.post("/duties", {**DUTY, "theme": theme["id"]}), 201)
    assert (made["status"], made["theme"], made["owner"]["code"]) == ("overdue", theme["id"], "xx.min")
    address = f"/duties/{made['id']}"
    changed = answered(
        planner.patch(address, {"version": made["version"], "special_project": True, "theme": None})
    )
    assert (changed["special_project"], changed["theme"], changed["text"]) == (True, None, "Open the data.")
    problem(planner.patch(address, {"version": made["version"], "text": "Other"}), 409, "stale-duty")
    done = answered(
        planner.put(f"{address}/fulfilment", {"fulfilled_on": "2020-02-01", "version": changed["version"]})
    )
    assert (done["status"], done["fulfilled_on"]) == ("fulfilled", "2020-02-01")
    assert [row["id"] for row in answered(planner.get("/duties", status="fulfilled"))] == [made["id"]]
    assert answered(planner.get("/duties", status="overdue")) == []
    undone = answered(
        planner.put(f"{address}/fulfilment", {"fulfilled_on": None, "version": done["version"]})
    )
    assert undone["status"] == "overdue"


def test_a_neighbours_duty_is_as_if_it_were_not_there(house: SmallMinistry, planner: Program) -> None:
    other = make_organisation("xx.other", parent=house.state, type="ministry", name_en="Other Ministry")
    neighbour = Program(make_user(Role.PLANNING_OFFICER, other))
    made = answered(neighbour.post("/duties", {**DUTY, "owner": "xx.other"}), 201)
    assert answered(planner.get("/duties")) == []
    for answer in (
        planner.get(f"/duties/{made['id']}"),
        planner.patch(f"/duties/{made['id']}", {"version": 1, "text": "Mine"}),
        planner.put(f"/duties/{made['id']}/fulfilment", {"version": 1, "fulfilled_on": None}),
    ):
        problem(answer, 404, "unknown-duty")
    problem(planner.post("/duties", {**DUTY, "owner": "xx.other"}), 403, "not-permitted")
