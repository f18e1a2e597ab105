"""Programs keep proposals, stakeholders, recognition, stocktakes, flagships, performance reports and spreadsheets."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoCaptureOnCommitCallbacks

from mehvar.accounts.data import Role
from mehvar.kernel import clock
from mehvar.programmes.models import CommitteeProposal, Obstacle, Stocktake
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS
from tests.factories.obstacles import make_committee, raised_by_north
from tests.factories.organisations import SmallMinistry, small_ministry
from tests.factories.plans import calling
from tests.factories.programs import Program, answered, problem
from tests.factories.promulgation import MORNING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def ministry() -> SmallMinistry:
    return small_ministry()


def test_a_proposal_is_made_and_answered(ministry: SmallMinistry) -> None:
    director = ministry.people[Role.PROVINCIAL_DIRECTOR]
    make_committee(ministry.north_ict, chair=director)
    north, south = Program(director), Program(ministry.south_director)
    planner = Program(ministry.people[Role.PLANNING_OFFICER])
    committee = answered(north.get("/proposals/committees"))[0]["id"]
    said = {"committee": committee, "title": "A second line", "text": "One is not enough."}
    problem(south.post("/proposals", said), 404, "unknown-committee")
    row = answered(north.post("/proposals", said), 201)
    address = f"/proposals/{row['id']}"
    problem(south.get(address), 404, "unknown-proposal")
    problem(south.post(f"{address}/answer", {"answer": "accepted", "version": 1}), 404, "unknown-proposal")
    assert [one["id"] for one in answered(planner.get("/proposals", waiting=True))] == [row["id"]]
    assert answered(south.get("/proposals")) == []
    problem(planner.post(f"{address}/answer", {"answer": "refused", "version": 1}), 422, "no-reason")
    assert (
        answered(planner.post(f"{address}/answer", {"answer": "accepted", "version": 1}))["answer"]
        == "accepted"
    )
    problem(planner.post(f"{address}/answer", {"answer": "accepted", "version": 1}), 409, "stale")
    assert CommitteeProposal.objects.get().answer == "accepted"


def test_meetings_and_what_was_promised_are_kept(ministry: SmallMinistry) -> None:
    north, south = Program(ministry.people[Role.PROVINCIAL_DIRECTOR]), Program(ministry.south_director)
    said = {
        "body": "xx.north.ict",
        "held_on": "2026-05-01",
        "kind": "governor",
        "with_whom": "Governor's office",
        "subject": "Land",
    }
    problem(south.post("/stakeholder-meetings", said), 403, "not-permitted")
    row = answered(north.post("/stakeholder-meetings", said), 201)
    address = f"/stakeholder-meetings/{row['id']}"
    problem(south.get(address), 404, "unknown-meeting")
    problem(south.put(address, {**said, "version": 1}), 404, "unknown-meeting")
    edited = answered(north.put(address, {**said, "subject": "Land and power", "version": 1}))
    assert (edited["subject"], edited["version"]) == ("Land and power", 2)
    problem(north.put(address, {**said, "version": 1}), 409, "stale")
    promise = {"text": "Hand over the plot", "promised_by": "Governor's office", "due_on": "2026-06-01"}
    problem(south.post(f"{address}/commitments", promise), 404, "unknown-meeting")
    kept = answered(north.post(f"{address}/commitments", promise), 201)
    step = f"/commitments/{kept['id']}"
    problem(south.post(f"{step}/settlement", {"state": "kept", "version": 1}), 404, "unknown-commitment")
    moved = answered(north.post(f"{step}/date", {"due_on": "2026-07-01", "reason": "Survey", "version": 1}))
    assert (moved["due_on"], moved["first_due_on"]) == ("2026-07-01", "2026-06-01")
    assert answered(north.post(f"{step}/settlement", {"state": "kept", "version": 2}))["state"] == "kept"
    assert answered(south.get("/commitments")) == []
    assert answered(north.get(address))["commitments"][0]["state"] == "kept"


def test_recognition_is_drafted_published_and_awarded(ministry: SmallMinistry) -> None:
    awarding = Program(ministry.people[Role.MINISTER])
    north = Program(ministry.people[Role.PROVINCIAL_DIRECTOR])
    draft = {
        "title": "Best of the quarter",
        "period": "2026-Q2",
        "criteria": [{"code": code.value, "weight": weight} for code, weight in DEFAULT_WEIGHTS.items()],
    }
    problem(north.post("/recognition", draft), 403, "not-permitted")
    answered(awarding.post("/recognition", draft), 201)
    rows = answered(awarding.get("/recognition"))
    address = f"/recognition/{rows[0]['id']}"
    problem(north.get(address), 404, "unknown-recognition")
    changed = {**draft, "title": "Best of spring", "version": 1}
    edited = answered(awarding.put(address, changed))
    published = answered(awarding.post(f"{address}/publication", {"version": edited["version"]}))
    assert published["published_at"]
    assert answered(north.get(address))["results"] == []
    assert north.post(f"{address}/award", {"version": published["version"]}).status_code == 403


def test_flagships_are_kept_and_listed() -> None:
    case = calling()
    keeper = next(
        program
        for person in case.house.people.values()
        if (program := Program(person)).get("/flagships").status_code == 200
    )
    filled = {"name": "Ports", "summary": "Faster clearance", "people_feel": "Shorter queues"}
    given = {
        "title": "Ports", "mark": "driver", "programme": case.programme.public_id,
        "criteria": {"drives_others": "Roads follow", "people_feel": "Queues", "owner_and_date": "xx.min, 2026"},
        "sheet": dict.fromkeys(("fa", "vi", "en"), filled),
    }  # fmt: skip
    row = answered(keeper.post("/flagships", given), 201)
    address = f"/flagships/{row['id']}"
    problem(Program(case.north).get(address), 404, "unknown-flagship")
    answered(keeper.put(address, {**given, "title": "Ports and roads", "version": 1}))
    listed = answered(keeper.put(f"{address}/listing", {"version": 2}))
    assert listed["listed_at"]
    assert answered(Program(case.north).get("/flagships/listed"))[0]["title"] == "Ports and roads"
    answered(keeper.post(f"{address}/position", {"places": -1}))
    gone = answered(keeper.post(f"{address}/unlisting", {"version": listed["version"], "reason": "Changed"}))
    assert gone["listed_at"] is None


def test_performance_is_computed_frozen_and_traced() -> None:
    case = calling()
    planner, north = Program(case.planner), Program(case.north)
    now = answered(planner.get("/performance-reports/now", body="xx.north", period="2026"))
    due = next(one for one in now["numbers"] if one["name"] == "due")
    assert due["value"] == len(
        answered(planner.get("/performance-reports/sources/due", body="xx.north", period="2026"))
    )
    problem(north.get("/performance-reports/now", body="xx.south", period="2026"), 404, "unknown-report")
    frozen = answered(planner.post("/performance-reports", {"body": "xx.south", "period": "2026"}), 201)
    assert frozen["intact"] is True
    problem(north.get(f"/performance-reports/{frozen['id']}"), 404, "unknown-report")
    problem(north.post(f"/performance-reports/{frozen['id']}/publication"), 404, "unknown-report")
    assert answered(north.get("/performance-reports")) == []
    problem(planner.get("/performance-reports/now", period="nonsense"), 422, "not-a-period")


def test_a_stocktake_is_read_by_who_holds_it(ministry: SmallMinistry) -> None:
    Stocktake.objects.create(
        public_id="s1", title="May", organisation=ministry.ministry, language="en", held_on=MORNING.date()
    )
    minister, north = (
        Program(ministry.people[Role.MINISTER]),
        Program(ministry.people[Role.PROVINCIAL_DIRECTOR]),
    )
    assert [row["id"] for row in answered(minister.get("/stocktakes"))] == ["s1"]
    assert answered(minister.get("/stocktakes/s1"))["decisions"] == []
    for part in ("overview", "red", "obstacles", "late", "earlier"):
        assert answered(minister.get(f"/stocktakes/s1/figures/{part}"))["part"] == part
    assert north.get("/stocktakes").status_code == 403
    assert north.get("/stocktakes/s1/figures/red").status_code in {403, 404}
    refused = minister.post("/stocktakes/s1/decisions", {"text": "Hand over the plot.", "owner": "xx.north"})
    assert refused.status_code in {403, 409, 422}, "it does not run"


def test_a_spreadsheet_goes_through_the_api(
    ministry: SmallMinistry, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    north, south = Program(ministry.people[Role.PROVINCIAL_DIRECTOR]), Program(ministry.south_director)
    raised_by_north(ministry)
    columns = answered(north.get("/sheets/obstacles/columns"))
    assert {
        "key": "title",
        "head": "What is in the way",
        "needed": True,
        "shown": False,
        "choices": [],
    } in columns
    out = b"".join(north.get("/sheets/obstacles").streaming_content)
    assert b"No land for the data centre" in out
    assert b"No land" not in b"".join(south.get("/sheets/obstacles").streaming_content)
    problem(north.get("/sheets/measures", subject="nothing"), 404, "unknown-programme")
    table = (
        "What is in the way,Description,Raised by,Cause\nA,B,xx.north.ict,Budget\nC,D,xx.north.ict,Weather\n"
    )
    with django_capture_on_commit_callbacks(execute=True):
        made = answered(
            north.upload(
                "/sheet-imports", kind="obstacles", file=SimpleUploadedFile("o.csv", table.encode())
            ),
            202,
        )
    address = f"/sheet-imports/{made['id']}"
    checked = answered(north.get(address))
    assert (checked["state"], checked["created"], checked["refused"]) == ("checked", 1, 1)
    rows = answered(north.get(f"{address}/rows", result="refused"))
    assert (rows[0]["row"], rows[0]["notes"][0]["column"]) == (3, "cause")
    for path in (address, f"{address}/rows", f"{address}/table"):
        problem(south.get(path), 404, "unknown-import")
    for step in ("acceptance", "cancellation", "resumption"):
        problem(south.post(f"{address}/{step}"), 404, "unknown-import")
    with django_capture_on_commit_callbacks(execute=True):
        answered(north.post(f"{address}/acceptance"))
    assert (answered(north.get(address))["state"], Obstacle.objects.count()) == ("done", 2)
    back = b"".join(north.get(f"{address}/table", form="csv").streaming_content).decode()
    assert "Weather" in back
    problem(north.post(f"{address}/cancellation"), 409, "import-over")
    broken = SimpleUploadedFile("o.xlsx", b"PK no")
    problem(north.upload("/sheet-imports", kind="obstacles", file=broken), 422, "broken-file")
    assert answered(south.get("/sheet-imports")) == []
