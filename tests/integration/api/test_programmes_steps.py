"""Programs take every step that the pages offer on programmes, plans, progress and obstacles, each within its person's scope."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mehvar.accounts.data import Role
from mehvar.kernel import clock
from mehvar.programmes.models import Delivery, Evidence, Obstacle
from tests.factories.obstacles import raised_by_north
from tests.factories.organisations import make_user
from tests.factories.plans import Calling, calling, fill, good_item
from tests.factories.programs import Program, answered, problem
from tests.factories.progress import ReportingHouse, opened_round, reported, reporting_house
from tests.factories.promulgation import MORNING

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 minutes"


@pytest.fixture(autouse=True)
def morning(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def made() -> Calling:
    return calling()


@pytest.fixture
def world() -> ReportingHouse:
    return reporting_house()


def test_a_programme_is_made_and_begun_by_a_program(made: Calling) -> None:
    planner, north = Program(made.planner), Program(made.north)
    new = answered(planner.post("/programmes", {"title": "Ports", "lead": "xx.min", "language": "en"}), 201)
    address = f"/programmes/{new['id']}"
    answered(planner.patch(address, {"version": 1, "purpose": "Faster clearance."}))
    problem(planner.patch(address, {"version": 1, "purpose": "Other"}), 409, "stale")
    rows = answered(
        planner.put(f"{address}/objectives", {"version": 2, "objectives": [{"text": "Clear faster"}]})
    )
    own = {"text": "Equip gates", "objective": rows[0]["id"], "body": "xx.north", "due_on": "2026-09-22"}
    measure = answered(planner.post(f"{address}/measures", own), 201)
    changed = answered(planner.patch(f"{address}/measures/{measure['id']}", {"version": 1, "weight": 2}))
    assert (changed["weight"], changed["due_on"], changed["version"]) == (2.0, "2026-09-22", 2)
    assert answered(planner.post(f"{address}/gathering", {"directive": made.directive.public_id})) == {
        "changed": 3
    }
    local = answered(planner.post(f"{address}/measures/{measure['id']}/local", {"bodies": ["xx.south"]}), 201)
    assert [one["text"] for one in local] == ["Equip gates"]
    problem(planner.delete(f"{address}/measures/{measure['id']}"), 409, "in-use")
    assert planner.delete(f"{address}/measures/{local[0]['id']}").status_code == 204
    problem(north.post(f"{address}/steps", {"step": "begin"}), 404, "unknown-programme")
    assert answered(planner.post(f"{address}/steps", {"step": "begin"}))["state"] == "active"
    assert Delivery.objects.filter(programme_measure_id=measure["id"]).exists()
    problem(north.post("/programmes", {"title": "Mine", "lead": "xx.min"}), 403, "not-permitted")
    finished = answered(planner.post(f"{address}/steps", {"step": "finish"}))
    kept = answered(
        planner.post("/programme-templates", {"programme": finished["id"], "title": "Ports"}), 201
    )
    begun = {"title": "Airports", "lead": "xx.min", "starts_on": "2026-06-01"}
    again = answered(planner.post(f"/programme-templates/{kept['id']}/programmes", begun), 201)
    assert again["state"] == "draft"
    assert answered(north.get("/programme-templates"))[0]["title"] == "Ports"


def test_a_call_is_run_and_a_plan_reviewed_by_programs(made: Calling) -> None:
    planner, north, south = Program(made.planner), Program(made.north), Program(made.south)
    new = {
        "programme": made.programme.public_id, "title": "Second call", "deadline_on": "2026-07-01",
        "bodies": ["xx.north"], "currency": "IRR", "required": ["date"], "prefill": False,
    }  # fmt: skip
    call = answered(planner.post("/calls", new), 201)
    assert (call["required"], call["currency"]) == (["date"], "IRR")
    problem(north.post("/calls", new), 403, "not-permitted")
    address = f"/calls/{call['id']}"
    problem(south.get(address), 404, "unknown-call")
    assert answered(planner.post(f"{address}/bodies", {"bodies": ["xx.south"]})) == {"changed": 1}
    later = {"deadline_on": "2026-08-01", "version": answered(planner.get(address))["version"]}
    extended = answered(planner.post(f"{address}/extension", later))
    assert (extended["deadline_on"], extended["first_deadline_on"]) == ("2026-08-01", "2026-07-01")
    plan = next(row for row in answered(north.get("/plans")) if row["title"] == "Second call")
    plan_address = f"/plans/{plan['id']}"
    written = answered(
        north.put(f"{plan_address}/items", {"items": [{"text": "Equip gates", "due_raw": "۱۴۰۵/۰۶/۳۱"}]})
    )
    item = written["items"][0]
    assert (item["due_on"], item["due_raw"], item["due_calendar"]) == ("2026-09-22", "۱۴۰۵/۰۶/۳۱", "jalali")
    kept = {**{name: item[name] for name in ("id", "version", "number", "text", "due_on")}, "target": "12"}
    written = answered(north.put(f"{plan_address}/items", {"items": [kept]}))
    assert written["items"][0]["due_raw"] == "۱۴۰۵/۰۶/۳۱", "what was written stays"
    wrong = {"items": [{"text": "x", "due_on": "2026-01-01", "due_raw": "2026-02-01"}]}
    problem(north.put(f"{plan_address}/items", wrong), 422, "dates-differ")
    answered(north.post(f"{plan_address}/submission", {"content_hash": written["content_hash"]}))
    answered(north.delete(f"{plan_address}/submission"))
    answered(north.post(f"{plan_address}/submission", {"content_hash": written["content_hash"]}))
    said = {"text": "Name the gates.", "item": item["id"]}
    problem(south.post(f"{plan_address}/remarks", said), 404, "unknown-plan")
    remark = answered(planner.post(f"{plan_address}/remarks", said), 201)
    answered(planner.post(f"{plan_address}/return", {"reason": "See the remark."}))
    settled = answered(north.post(f"{plan_address}/remarks/{remark['id']}/settlement"))
    assert settled["settled_at"]
    whole = answered(north.get(plan_address))
    answered(north.post(f"{plan_address}/submission", {"content_hash": whole["content_hash"]}))
    problem(north.post(f"{plan_address}/acceptance", {}), 403, "not-permitted")
    assert answered(planner.post(f"{plan_address}/acceptance", {}))["state"] == "accepted"
    closing = {"version": answered(planner.get(address))["version"], "reason": "All that was wanted came."}
    assert answered(planner.post(f"{address}/closure", closing))["closed_at"]


def test_a_round_runs_from_opening_to_closing_by_programs(world: ReportingHouse) -> None:
    officer, north, south = Program(world.officer), Program(world.north), Program(world.south)
    new = {"period": "2026-Q2", "due_on": "2026-05-20", "directive": world.directive.public_id}
    problem(north.post("/rounds", new), 403, "not-permitted")
    problem(officer.post("/rounds", {**new, "directive": None}), 422, "one-subject")
    asked = answered(officer.post("/rounds", new), 201)
    assert len(answered(officer.get(f"/rounds/{asked['id']}/bodies"))) == 4
    own = answered(north.get(f"/rounds/{asked['id']}/bodies"))
    assert {row["body"]["code"] for row in own} == {"xx.north", "xx.north.ict"}
    request = next(row["request"] for row in own if row["body"]["code"] == "xx.north")
    delivery = world.delivery("xx.north").public_id
    given = {"delivery": delivery, "file": SimpleUploadedFile("minutes.pdf", PDF)}
    file = answered(north.upload(f"/report-requests/{request}/evidence", **given), 201)
    stolen = {"delivery": delivery, "file": SimpleUploadedFile("x.pdf", PDF)}
    problem(south.upload(f"/report-requests/{request}/evidence", **stolen), 404, "unknown-request")
    entry = {"delivery": delivery, "version": 1, "claimed": 40, "done": "Two plants."}
    sent = answered(north.post(f"/report-requests/{request}/reports", {"entries": [entry], "submit": True}))
    assert sent[0]["state"] == "claimed"
    waiting = answered(officer.get("/reports"))
    report = f"/reports/{waiting[0]['id']}"
    assert waiting[0]["evidence"][0]["sha256"] == file["sha256"]
    download = officer.get(f"{report}/evidence/{file['id']}")
    assert b"".join(download.streaming_content) == PDF
    for stranger in (south, Program(None)):
        assert stranger.get(report).status_code in {401, 404}
        assert stranger.get(f"{report}/evidence/{file['id']}").status_code in {401, 404}
    problem(south.post(f"{report}/acceptance", {"version": 2}), 404, "unknown-report")
    returned = answered(officer.post(f"{report}/return", {"version": 2, "reason": "Which plants?"}))
    assert returned["return_reason"] == "Which plants?"
    again = {**entry, "version": returned["version"], "done": "Plants 1 and 2."}
    answered(north.post(f"/report-requests/{request}/reports", {"entries": [again], "submit": True}))
    version = answered(officer.get(report))["version"]
    accepted = answered(
        officer.post(f"{report}/acceptance", {"version": version, "percent": 30, "reason": "One."})
    )
    approved = answered(officer.post(f"{report}/approval", {"version": accepted["version"]}))
    assert (approved["claimed"], approved["accepted"], approved["approved"]) == (40, 30, 30)
    current = answered(officer.get(f"/rounds/{asked['id']}"))
    more = answered(
        officer.post(
            f"/rounds/{asked['id']}/extension",
            {"version": current["version"], "due_on": "2026-05-30", "reason": "Holidays"},
        )
    )
    closed = answered(officer.post(f"/rounds/{asked['id']}/closure", {"version": more["version"]}))
    assert closed["closed_at"]
    assert Evidence.objects.count() == 1


def test_a_draft_report_is_seen_by_its_body_only(world: ReportingHouse) -> None:
    opened_round(world)
    north = Program(world.north)
    request = next(
        row for row in answered(north.get("/report-requests")) if row["body"]["code"] == "xx.north"
    )
    entry = {"delivery": world.delivery("xx.north").public_id, "claimed": 10}
    answered(north.post(f"/report-requests/{request['id']}/reports", {"entries": [entry]}))
    from mehvar.programmes.models import ProgressReport

    report = f"/reports/{ProgressReport.objects.get().pk}"
    assert answered(north.get(report))["claimed"] == 10
    problem(Program(world.officer).get(report), 404, "unknown-report")


def test_time_completion_and_confidence_go_through_programs(world: ReportingHouse) -> None:
    officer, north, south = Program(world.officer), Program(world.north), Program(world.south)
    asked = opened_round(world)
    reported(world, asked, world.north, "xx.north")
    delivery = f"/deliveries/{world.delivery('xx.north').public_id}"
    due = answered(north.get(delivery))["due_on"]
    later = {"due_on": "2026-12-01", "reason": "The plot came late."}
    problem(south.post(f"{delivery}/extensions", later), 404, "unknown-delivery")
    extension = answered(north.post(f"{delivery}/extensions", later), 201)
    assert [row["id"] for row in answered(officer.get("/extensions"))] == [extension["id"]]
    assert answered(south.get("/extensions")) == []
    problem(
        south.post(f"/extensions/{extension['id']}/decision", {"granted": True, "version": 1}), 404, "unknown"
    )
    granted = answered(
        officer.post(f"/extensions/{extension['id']}/decision", {"granted": True, "version": 1})
    )
    assert granted["granted"] is True
    moved = answered(north.get(delivery))
    assert (moved["due_on"], moved["first_due_on"]) == ("2026-12-01", due)
    judged = answered(
        officer.post(f"{delivery}/confidence", {"confidence": "amber", "reason": "Late start."}), 201
    )
    assert (judged["confidence"], judged["reason"]) == ("amber", "Late start.")
    problem(south.get(f"{delivery}/confidence"), 404, "unknown-delivery")
    claim = answered(
        north.post(f"{delivery}/completions", {"claimed_on": "2026-05-04", "note": "All equipped."}), 201
    )
    assert answered(north.get("/completions")) == []
    verdict = {"verified": True, "version": claim["version"]}
    problem(north.post(f"/completions/{claim['id']}/verification", verdict), 403, "not-another-body")
    assert south.post(f"/completions/{claim['id']}/verification", verdict).status_code in {403, 404}
    appointed = answered(
        officer.put(
            f"/completions/{claim['id']}/verifier", {"body": "xx.inspect", "version": claim["version"]}
        )
    )
    assert appointed["verifier"]["code"] == "xx.inspect"
    inspector = Program(make_user(Role.PLANNING_OFFICER, world.house.state))
    assert inspector.get("/completions").status_code == 200
    assert answered(north.get(f"{delivery}/completions"))[0]["verified"] is None


def test_an_obstacle_lives_through_programs(made: Calling) -> None:
    director = made.house.people[Role.PROVINCIAL_DIRECTOR]
    row = raised_by_north(made.house)
    north, south, officer = Program(director), Program(made.south), Program(made.planner)
    address = f"/obstacles/{row.public_id}"

    def step(who: Program, name: str, status: int = 200, **body: Any) -> Any:
        version = Obstacle.objects.get(pk=row.pk).version
        answer = who.post(f"{address}/{name}", {"version": version, **body})
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    for name, body in (
        ("remedy", {"remedy": "x", "due_on": "2026-05-20"}), ("hand-up", {"reason": "x"}), ("rejection", {"reason": "x"}),
        ("assignment", {"owner": "xx.south", "reason": "x"}), ("confirmation", {}), ("withdrawal", {"reason": "x"}),
        ("decision", {"decision": "x", "due_on": "2026-05-20"}), ("remedied", {"reason": "x"}),
        ("return", {"reason": "x"}), ("objection", {"reason": "x"}), ("merger", {"into": "x"}),
    ):  # fmt: skip
        assert step(south, name, 404, **body)["code"] == "unknown-obstacle", name
    words = {"version": 1, "title": "No plot", "text": "It is not handed over.", "cause": "land"}
    assert answered(north.put(f"{address}/words", words))["title"] == "No plot"
    problem(south.put(f"{address}/words", words), 404, "unknown-obstacle")
    step(north, "remedy", remedy="Hand it over.", due_on="2026-05-20")
    gone = step(north, "remedied", reason="Handed over.")
    assert gone["state"] == "remedied"
    assert step(north, "return", reason="Only half of it.")["state"] == "open"
    assert step(north, "hand-up", reason="We cannot decide.")["level"] in {"committee", "deputy"}
    step(officer, "assignment", owner="xx.north", reason="Theirs.")
    step(officer, "rejection", reason="No ground.")
    assert step(north, "objection", reason="There is.")["state"] == "open"
    released = {
        "version": Obstacle.objects.get(pk=row.pk).version,
        "title": "Land",
        "text": "A plot is missing.",
    }
    answered(officer.put(f"{address}/publication", released))
    version = Obstacle.objects.get(pk=row.pk).version
    answered(officer.send("DELETE", f"{address}/publication", **{"If-Match": f'"{version}"'}))
    ended = step(north, "withdrawal", reason="Solved by itself.")
    actions = [one["action"] for one in ended["steps"]]
    assert actions[:3] == ["raise", "revise", "propose_remedy"]
    assert actions[-1] == "withdraw"


def test_the_lead_sees_every_plan_over_the_api(made: Calling) -> None:
    fill(made.north, made.north_plan, good_item(1))
    whole = answered(Program(made.planner).get(f"/plans/{made.north_plan.public_id}"))
    assert whole["items"][0]["due_raw"] == "22/9/2026"
