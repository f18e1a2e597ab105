"""Programs read and change the register as the pages do."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mehvar.accounts.data import Role
from mehvar.organisations import actions
from mehvar.organisations.data import CommitteeKind
from mehvar.organisations.models import Organisation, OrganisationName, Succession
from tests.factories.organisations import SmallMinistry, make_organisation, make_user
from tests.factories.programs import Program, answered, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(house: SmallMinistry) -> Program:
    return Program(house.people[Role.ADMINISTRATOR])


def codes(answer: Any) -> list[str]:
    return [row["code"] for row in answered(answer)]


def test_the_list_is_searched_as_people_write(program: Program) -> None:
    assert codes(program.get("/organisations", q="bo truyen thong")) == ["xx.min"]
    assert codes(program.get("/organisations", q="وزارت ارتباطات")) == ["xx.min"]
    assert codes(program.get("/organisations", q="وزارت إرتباطات")) == ["xx.min"]
    assert codes(program.get("/organisations", q="nobody bears this")) == []


def test_the_list_is_filtered_by_kind_place_and_day(house: SmallMinistry, program: Program) -> None:
    assert codes(program.get("/organisations", type="province")) == ["xx.north", "xx.south"]
    assert codes(program.get("/organisations", parent="xx.min")) == ["xx.min.planning", "xx.min.it"]
    assert codes(program.get("/organisations/xx.min/children")) == ["xx.min.planning", "xx.min.it"]
    Organisation.objects.filter(pk=house.south.pk).update(valid_to=date(2025, 7, 1))
    assert codes(program.get("/organisations", type="province", on="2025-06-30")) == ["xx.north", "xx.south"]
    assert codes(program.get("/organisations", type="province", on="2025-07-01")) == ["xx.north"]
    assert codes(program.get("/organisations", pack="yy")) == []
    problem(program.get("/organisations", parent="xx.none"), 404, "unknown-organisation")


def test_pages_together_are_the_whole_list_in_order(program: Program) -> None:
    whole = codes(program.get("/organisations"))
    pages = [program.get("/organisations", page=number, size=4) for number in (1, 2, 3, 4)]
    assert [code for page in pages for code in codes(page)] == whole
    assert {page["X-Total-Count"] for page in pages} == {str(len(whole))}
    assert 'rel="next"' in pages[0]["Link"]
    assert "page=2&size=4" in pages[0]["Link"]
    assert 'rel="next"' not in pages[2]["Link"]
    assert 'rel="prev"' in pages[2]["Link"]
    problem(program.get("/organisations", size=201), 422, "invalid-request")
    problem(program.get("/organisations", page=0), 422, "invalid-request")


@pytest.mark.usefixtures("unhurried")
def test_a_list_of_many_bodies_takes_as_few_queries_as_one_of_few(
    house: SmallMinistry, program: Program
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            answered(program.get("/organisations", size=200))
        return len(seen)

    queries()
    few = queries()
    for number in range(60):
        make_organisation(f"xx.min.it.{number}", parent=house.it)
    assert queries() == few
    assert few <= 5


def test_one_body_is_shown_with_names_and_successions(house: SmallMinistry, program: Program) -> None:
    Succession.objects.create(
        predecessor=house.health, successor=house.ministry, on=date(2025, 3, 1), kind="merged"
    )
    answer = program.get("/organisations/xx.min")
    shown = answered(answer)
    assert shown["names"] == {
        "fa": "وزارت ارتباطات",
        "vi": "Bộ Truyền thông",
        "en": "Ministry of Communications",
    }
    assert shown["parent"] == "xx"
    assert {name["language"] for name in shown["all_names"]} == {"fa", "vi", "en"}
    assert shown["successions"][0]["predecessor"] == "xx.health"
    assert answer["ETag"] == f'"{shown["version"]}"'


def test_a_body_is_entered_named_renamed_and_moved(house: SmallMinistry, program: Program) -> None:
    made = answered(
        program.post(
            "/organisations",
            {
                "code": "xx.min.data",
                "type": "department",
                "parent": "xx.min",
                "names": {"en": "Data Office", "vi": "Cục Dữ liệu"},
                "attributes": {"remote": True},
            },
        ),
        201,
    )
    assert (made["parent"], made["attributes"]) == ("xx.min", {"remote": True})
    named = answered(
        program.post(
            "/organisations/xx.min.data/names",
            {"version": made["version"], "text": "DO", "language": "en", "kind": "abbreviation"},
        ),
        201,
    )
    assert codes(program.get("/organisations", q="DO")).count("xx.min.data") == 1
    renamed = answered(
        program.post(
            "/organisations/xx.min.data/renamings",
            {"names": {"en": "Data Authority"}, "on": "2024-01-01"},
            **{"If-Match": f'"{named["version"]}"'},
        )
    )
    assert renamed["names"] == {"fa": "", "vi": "Cục Dữ liệu", "en": "Data Authority"}
    old = [name for name in renamed["all_names"] if name["text"] == "Data Office"]
    assert old[0]["valid_to"] == "2024-01-01"
    moved = answered(
        program.post(
            "/organisations/xx.min.data/moves", {"version": renamed["version"], "parent": "xx.min.it"}
        )
    )
    assert moved["parent"] == "xx.min.it"


def test_who_was_slower_is_told_so_and_overwrites_nothing(house: SmallMinistry, program: Program) -> None:
    seen = answered(program.get("/organisations/xx.min.it"))["version"]
    first = {"version": seen, "email": "first@example.org"}
    answered(program.patch("/organisations/xx.min.it", first))
    problem(
        program.patch("/organisations/xx.min.it", {"version": seen, "email": "second@example.org"}),
        409,
        "stale",
    )
    assert Organisation.objects.get(pk=house.it.pk).email == "first@example.org"


def test_an_edit_must_say_which_version_was_read(program: Program) -> None:
    problem(program.patch("/organisations/xx.min.it", {"email": "a@example.org"}), 422, "version-required")
    for header in ("abc", '"x"', '"1", "2"'):
        wrong = program.patch("/organisations/xx.min.it", {"email": "a@b.org"}, **{"If-Match": header})
        problem(wrong, 422, "version-mismatch")
    both = program.patch(
        "/organisations/xx.min.it", {"version": 1, "email": "a@b.org"}, **{"If-Match": '"2"'}
    )
    problem(both, 422, "version-mismatch")


def test_what_is_left_out_of_an_edit_stays_and_an_end_can_be_taken_back(
    house: SmallMinistry, program: Program
) -> None:
    first = answered(
        program.patch(
            "/organisations/xx.min.it", {"version": 1, "email": "it@example.org", "valid_to": "2030-01-01"}
        )
    )
    second = answered(
        program.patch("/organisations/xx.min.it", {"version": first["version"], "valid_to": None})
    )
    assert (second["email"], second["valid_to"], second["type"]) == ("it@example.org", None, "department")


def test_a_merger_ends_bodies_and_says_who_answers_for_them(house: SmallMinistry, program: Program) -> None:
    said = {"predecessors": ["xx.health"], "successor": "xx.min", "on": "2025-03-01", "kind": "merged"}
    problem(program.post("/successions", said), 403, "not-permitted")
    program = Program(make_user(Role.ADMINISTRATOR, house.state))
    made = answered(program.post("/successions", said), 201)
    assert made == [
        {"predecessor": "xx.health", "successor": "xx.min", "on": "2025-03-01", "kind": "merged", "note": ""}
    ]
    assert answered(program.get("/organisations/xx.health"))["valid_to"] == "2025-03-01"
    problem(program.post("/successions", {**said, "predecessors": ["xx.none"]}), 404, "unknown-organisation")


def test_a_group_has_the_members_of_the_day(house: SmallMinistry, program: Program) -> None:
    assert [group["code"] for group in answered(program.get("/groups"))] == ["@ministries", "@provinces"]
    Organisation.objects.filter(pk=house.health.pk).update(valid_to=date(2025, 3, 1))
    from mehvar.organisations.models import Register, new_stamp

    Register.objects.update(stamp=new_stamp())
    assert codes(program.get("/groups/@ministries/members", on="2025-02-28")) == ["xx.min", "xx.health"]
    assert codes(program.get("/groups/@ministries/members", on="2025-03-01")) == ["xx.min"]
    problem(program.get("/groups/@nobody/members"), 404, "unknown-group")


def test_committees_are_read_and_established(house: SmallMinistry, program: Program) -> None:
    planner = Program(house.people[Role.PLANNING_OFFICER])
    said = {
        "organisation": "xx.min",
        "kind": CommitteeKind.COUNCIL,
        "name": "Council of Deputies",
        "mandate": "Considers programmes.",
        "established_on": "2020-01-01",
    }
    made = answered(planner.post("/committees", said), 201)
    assert [row["id"] for row in answered(program.get("/committees", below="xx.min"))] == [made["id"]]
    assert answered(program.get("/committees", below="xx.health")) == []
    assert answered(program.get("/committees", on="2019-12-31")) == []
    from mehvar.organisations.data import Capacity

    actions.seat_member(
        house.people[Role.PLANNING_OFFICER],
        made["id"],
        capacity=Capacity.CHAIR,
        user_id=house.people[Role.MINISTER].pk,
        office="Minister",
        valid_from=date(2020, 1, 1),
    )
    seats = answered(program.get(f"/committees/{made['id']}/members", on="2021-01-01"))
    assert [(seat["capacity"], seat["person"]) for seat in seats] == [("chair", "minister")]
    problem(program.get("/committees/999999/members"), 404, "unknown-committee")


def test_names_are_kept_whole_in_three_scripts(program: Program) -> None:
    said = {"version": 1, "text": "سازمان فناوری اطلاعات", "language": "fa", "kind": "official"}
    answered(program.post("/organisations/xx.min.it/names", said), 201)
    assert OrganisationName.objects.filter(text="سازمان فناوری اطلاعات").exists()
    assert codes(program.get("/organisations", q="سازمان فناوري اطلاعات")) == ["xx.min.it"]
