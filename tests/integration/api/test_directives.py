"""Programs draft directives, read them, and see only what their person may see."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mehvar.accounts.data import Role
from mehvar.directives.models import Measure
from mehvar.kernel import clock, identifiers
from mehvar.ledger.models import Entry
from tests.factories.deliberation import NOON, Deliberation, deliberating_ministry, make_directive
from tests.factories.organisations import SmallMinistry, make_organisation, make_user
from tests.factories.programs import Program, answered, problem
from tests.factories.promulgation import MORNING, assign, drafted_directive, promulgated

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(house: SmallMinistry) -> Program:
    return Program(house.people[Role.PLANNING_OFFICER])


def begun(planner: Program, **more: Any) -> dict[str, Any]:
    said = {"issuer": "xx.min", "title": "Directive on good post", "language": "en", **more}
    made: dict[str, Any] = answered(planner.post("/directives", said), 201)
    return made


def test_a_directive_is_written_by_hand(planner: Program) -> None:
    head = begun(planner, goal="Good post for everyone", acknowledge_within_days=10)
    assert (head["state"], head["goal"], head["acknowledge_within_days"]) == (
        "draft",
        "Good post for everyone",
        10,
    )
    assert head["may_edit"] is True
    address = f"/directives/{head['id']}"

    clause = {"kind": "article", "number": "1", "heading": "Scope", "text": "Every body names one officer."}
    first = answered(planner.post(f"{address}/provisions", clause), 201)
    second = answered(
        planner.post(
            f"{address}/provisions", {**clause, "kind": "clause", "parent": first["id"], "number": "a"}
        ),
        201,
    )
    assert (second["parent"], second["depth"]) == (first["id"], 1)
    edited = answered(
        planner.patch(
            f"{address}/provisions/{first['id']}", {"version": first["version"], "heading": "Reach"}
        )
    )
    assert (edited["heading"], edited["text"]) == ("Reach", clause["text"])

    task = {
        "number": "1",
        "text": "Open a post office in every district.",
        "lead": ["xx.min.it"],
        "coordinating": ["@provinces", "Ministry of Health", "Nobody Knows"],
        "due_raw": "30/6/2027",
        "outcome_indicator": "Days until a letter arrives",
    }
    measure = answered(planner.post(f"{address}/measures", task), 201)
    assert [body["code"] for body in measure["assignments"]["lead"]] == ["xx.min.it"]
    assert [(body["kind"], body["code"]) for body in measure["assignments"]["coordinating"]] == [
        ("group", "@provinces"),
        ("body", "xx.health"),
        ("name", ""),
    ]
    assert (measure["due"]["raw"], measure["due"]["end"]) == ("30/6/2027", "2027-06-30")

    changed = answered(
        planner.patch(
            f"{address}/measures/{measure['id']}",
            {"deliverable": "Report"},
            **{"If-Match": f'"{measure["version"]}"'},
        )
    )
    assert (changed["deliverable"], changed["text"]) == ("Report", task["text"])
    assert changed["assignments"] == measure["assignments"]
    stale = {"version": measure["version"], "deliverable": "Other"}
    problem(planner.patch(f"{address}/measures/{measure['id']}", stale), 409, "stale-measure")

    other = answered(planner.post(f"{address}/measures", {"text": "A second task."}), 201)
    outcomes = {"outcomes": {other["id"]: "Letters arrive sooner"}}
    assert answered(planner.put(f"{address}/outcomes", outcomes)) == {"changed": 1}
    marks = {"measures": [other["id"]], "special_project": True}
    assert answered(planner.put(f"{address}/marks", marks)) == {"changed": 1}
    assert answered(planner.get(f"{address}/measures/{other['id']}"))["special_project"] is True
    assert answered(planner.delete(f"{address}/measures/{other['id']}")) == {"changed": 1}
    assert [row["id"] for row in answered(planner.get(f"{address}/measures"))] == [measure["id"]]
    assert answered(planner.delete(f"{address}/provisions/{first['id']}")) == {"changed": 2}


def test_two_drafters_do_not_overwrite_each_other(house: SmallMinistry, planner: Program) -> None:
    head = begun(planner)
    address = f"/directives/{head['id']}"
    answered(planner.patch(address, {"version": head["version"], "motto": "Fast"}))
    problem(planner.patch(address, {"version": head["version"], "motto": "Slow"}), 409, "stale-directive")
    assert answered(planner.get(address))["motto"] == "Fast"
    problem(planner.patch(address, {"motto": "Unseen"}), 422, "version-required")


def test_the_content_has_the_hash_that_is_told(house: SmallMinistry, planner: Program) -> None:
    directive = drafted_directive(house)
    answer = planner.get(f"/directives/{directive.public_id}/content")
    assert identifiers.content_hash(answered(answer)) == answer["X-Content-Hash"]
    kept = answered(planner.post(f"/directives/{directive.public_id}/editions", {"note": "First"}), 201)
    assert kept["content_hash"] == answer["X-Content-Hash"]


def test_editions_are_compared_word_by_word(house: SmallMinistry, planner: Program) -> None:
    directive = drafted_directive(house)
    address = f"/directives/{directive.public_id}"
    answered(planner.post(f"{address}/editions", {"note": "First"}), 201)
    row = answered(planner.get(f"{address}/measures"))[0]
    change = {"version": row["version"], "text": row["text"].replace("six months", "nine months")}
    answered(planner.patch(f"{address}/measures/{row['id']}", change))
    answered(planner.post(f"{address}/editions", {"note": "More time"}), 201)
    assert [edition["note"] for edition in answered(planner.get(f"{address}/editions"))] == [
        "First",
        "More time",
    ]
    found = answered(planner.get(f"{address}/difference", old=1, new=2))
    part = found["parts"][0]
    assert (len(found["parts"]), part["key"], part["status"]) == (1, row["id"], "changed")
    words = part["texts"][0]["words"]
    assert [word["text"].strip() for word in words if word["kind"] == "removed"] == ["six"]
    assert [word["text"].strip() for word in words if word["kind"] == "added"] == ["nine"]
    problem(planner.get(f"{address}/difference", old=7), 404, "unknown-edition")


def test_measures_are_found_by_what_people_ask_for(house: SmallMinistry, planner: Program) -> None:
    directive = drafted_directive(house)
    first, second, third = directive.measures.order_by("position")
    Measure.objects.filter(pk=second.pk).update(priority="high", due_end="2027-01-31")
    Measure.objects.filter(pk=third.pk).update(special_project=True, open_flags=2, due_end="2027-03-31")

    def asked(**query: Any) -> list[str]:
        rows = answered(planner.get("/measures", **query))
        return [row["number"] for row in rows]

    assert asked() == ["3", "2", "1"]
    assert asked(body="xx.health") == ["1"]
    assert asked(body="xx.health", role="monitoring") == []
    assert asked(body="@provinces", role="lead") == ["2"]
    assert asked(q="group 2") == ["2"]
    assert asked(priority="high") == ["2"]
    assert asked(special_project="true") == ["3"]
    assert asked(flagged="true") == ["3"]
    assert asked(flagged="false") == ["2", "1"]
    assert asked(due_from="2027-02-01") == ["3"]
    assert asked(due_to="2027-02-01") == ["2"]
    assert asked(field="Industry") == ["3", "2", "1"]
    assert asked(field="Post") == []
    assert asked(directive=directive.public_id) == ["3", "2", "1"]
    in_order = answered(planner.get(f"/directives/{directive.public_id}/measures"))
    assert [row["number"] for row in in_order] == ["1", "2", "3"]
    assert first.public_id == in_order[0]["id"]


@pytest.mark.usefixtures("unhurried")
def test_lists_take_a_bounded_number_of_queries(house: SmallMinistry, planner: Program) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            answered(planner.get(path, size=200))
        return len(seen)

    drafted_directive(house)
    paths = (
        "/directives",
        "/measures",
        "/me/waiting",
        "/imports",
        "/duties",
        "/themes",
        "/sessions",
        "/resolutions",
    )
    for path in paths:
        queries(path)
    few = {path: queries(path) for path in paths}
    for number in range(12):
        directive = make_directive(house.ministry, title=f"More {number}", measures=8)
        for measure in directive.measures.all():
            assign(measure, "lead", body=house.health)
            assign(measure, "coordinating", group="@provinces")
    many = {path: queries(path) for path in paths}
    assert many == few
    assert many.pop("/me/waiting") <= 18  # it asks three rooms
    assert max(many.values()) <= 16


def test_the_life_is_told_step_by_step(house: SmallMinistry, planner: Program) -> None:
    with clock.fixed(MORNING):
        made = promulgated(house)
    steps = answered(planner.get(f"/directives/{made.directive.public_id}/events"))
    assert steps[-1]["action"] == "promulgate"
    assert steps[-1]["person"] == "planning_officer"


# Scope: a province, a stranger and an officer of another body


def other_house(house: SmallMinistry) -> tuple[Program, str]:
    """Make a neighbour ministry with a draft of its own."""
    neighbour = make_organisation("xx.other", parent=house.state, type="ministry", name_en="Other Ministry")
    planner = Program(make_user(Role.PLANNING_OFFICER, neighbour))
    head = answered(
        planner.post("/directives", {"issuer": "xx.other", "title": "Neighbour's secret", "language": "en"}),
        201,
    )
    answered(planner.post(f"/directives/{head['id']}/measures", {"text": "Neighbour's task"}), 201)
    return planner, head["id"]


READING = (
    "",
    "/content",
    "/events",
    "/editions",
    "/difference?old=1",
    "/provisions",
    "/measures",
    "/rounds",
    "/steps",
    "/gates",
    "/coverage",
    "/promulgation-preview",
)


@pytest.mark.parametrize("who", ["planner", "north", "south", "health", "auditor"])
def test_a_neighbours_draft_is_as_if_it_were_not_there(house: SmallMinistry, who: str) -> None:
    _, public_id = other_house(house)
    people = {
        "planner": house.people[Role.PLANNING_OFFICER],
        "north": house.people[Role.PROVINCIAL_DIRECTOR],
        "south": house.south_director,
        "health": house.people[Role.BODY_OFFICER],
        "auditor": house.people[Role.AUDITOR],
    }
    caller = Program(people[who])
    for path in READING:
        unknown = problem(caller.send("GET", f"/directives/{public_id}{path}"), 404, "unknown-directive")
        invented = caller.send("GET", f"/directives/never{path}").json()
        assert unknown == invented, path
    assert answered(caller.get("/directives")) == []
    assert answered(caller.get("/measures")) == []
    problem(caller.get("/measures", directive=public_id), 404, "unknown-directive")


def test_a_neighbours_draft_cannot_be_changed_either(house: SmallMinistry, planner: Program) -> None:
    _, public_id = other_house(house)
    entries = Entry.objects.count()
    address = f"/directives/{public_id}"
    measure = Measure.objects.get(directive__public_id=public_id)
    writes = (
        ("PATCH", "", {"version": 1, "title": "Mine"}),
        ("POST", "/provisions", {"text": "Mine"}),
        ("POST", "/measures", {"text": "Mine"}),
        ("PATCH", f"/measures/{measure.public_id}", {"version": 1, "text": "Mine"}),
        ("DELETE", f"/measures/{measure.public_id}", None),
        ("PUT", "/outcomes", {"outcomes": {measure.public_id: "Mine"}}),
        ("POST", "/rounds", {"offices": ["xx.min.it"], "deadline_on": "2030-01-01"}),
        ("POST", "/steps", {"step": "withdraw", "reason": "Mine"}),
        ("POST", "/approval", {"content_hash": "0" * 64}),
        ("POST", "/promulgation", {"number": "1"}),
    )
    for method, path, body in writes:
        problem(planner.send(method, address + path, body), 404, "unknown-directive")
    assert Entry.objects.count() == entries


def test_a_measure_is_not_reached_through_another_directive(house: SmallMinistry, planner: Program) -> None:
    _, public_id = other_house(house)
    stolen = Measure.objects.get(directive__public_id=public_id)
    own = begun(planner)
    address = f"/directives/{own['id']}/measures/{stolen.public_id}"
    problem(planner.get(address), 404, "unknown-measure")
    problem(planner.patch(address, {"version": 1, "text": "Mine"}), 404, "unknown-measure")
    problem(planner.delete(address), 404, "unknown-measure")


def test_an_auditor_reads_a_draft_and_changes_nothing(house: SmallMinistry, planner: Program) -> None:
    head = begun(planner)
    auditor = Program(house.people[Role.AUDITOR])
    if auditor.get(f"/directives/{head['id']}").status_code == 200:
        assert answered(auditor.get(f"/directives/{head['id']}"))["may_edit"] is False
    refused = auditor.patch(f"/directives/{head['id']}", {"version": 1, "title": "Mine"})
    assert refused.status_code in {403, 404}


# The whole way


def present(team: Deliberation, directive_id: int) -> None:
    """Hold the council's session, which has pages but no routes for writing."""
    from mehvar.directives.actions import agenda, council
    from mehvar.directives.actions.council import Presence
    from mehvar.directives.data import CouncilDecision
    from mehvar.directives.queries import council as council_queries

    session = council.plan_session(team.officer, team.council.pk, held_on=NOON.date())
    agenda.build_agenda(team.officer, session.pk)
    council.send_invitations(team.officer, session.pk)
    council.begin_session(team.officer, session.pk)
    seats = list(council_queries.attendance_of(session))
    council.mark_attendance(team.officer, session.pk, {seat.pk: Presence(present=True) for seat in seats})
    item = session.agenda.get(directive_id=directive_id)
    council.conclude_item(
        team.officer, item.pk, discussion="Discussed.", conclusion="Passed.", decision=CouncilDecision.PASSED
    )
    from mehvar.directives.actions import resolutions
    from mehvar.kernel.calendars import parse_date

    resolutions.adopt_resolution(
        team.officer,
        session.pk,
        text="Send the questionnaire.",
        owner_id=team.offices[0].pk,
        due=parse_date("2026-06-30", None),
    )
    council.close_session(team.officer, session.pk)


def consulted(team: Deliberation, planner: Program, address: str) -> None:
    """Ask three offices; one proposes, one welcomes, one has no comment; answer, apply, close."""
    deputies = [Program(deputy) for deputy in team.deputies]
    said = {
        "offices": [office.code for office in team.offices],
        "deadline_on": "2026-05-11",
        "note": "Please read.",
    }
    assert answered(planner.post(f"{address}/rounds", said), 201)["number"] == 1
    asked = [answered(deputy.get("/invitations", waiting="true")) for deputy in deputies]
    assert [row["office"] for rows in asked for row in rows] == [office.code for office in team.offices]
    ids = [rows[0]["id"] for rows in asked]
    row = answered(deputies[0].get(f"{address}/measures"))[0]
    proposal = {
        "kind": "proposal",
        "target": "measure",
        "target_id": row["id"],
        "text": "Six months are too short.",
        "proposed_text": row["text"].replace("six", "nine"),
    }
    given = answered(deputies[0].post(f"/invitations/{ids[0]}/opinions", proposal, key="once"), 201)
    again = answered(deputies[0].post(f"/invitations/{ids[0]}/opinions", proposal, key="once"), 201)
    assert again == given
    welcome = {"kind": "opinion", "target": "whole", "text": "Welcome."}
    other = answered(deputies[1].post(f"/invitations/{ids[1]}/opinions", welcome), 201)
    assert answered(deputies[2].post(f"/invitations/{ids[2]}/no-comment"))["state"] == "no_comment"

    problem(deputies[1].post(f"/invitations/{ids[0]}/opinions", welcome), 404, "unknown-invitation")
    problem(deputies[1].get(f"/opinions/{given['id']}"), 404, "unknown-opinion")
    problem(
        deputies[1].put(f"/opinions/{given['id']}/answer", {"answer": "accepted"}), 404, "unknown-opinion"
    )
    problem(deputies[0].put(f"/opinions/{given['id']}/answer", {"answer": "accepted"}), 403, "not-permitted")

    answered(planner.post(f"{address}/rounds/1/close", {}))
    hindered = planner.post(f"{address}/steps", {"step": "put_to_council"})
    problem(hindered, 409, "unanswered-proposals")
    answered(planner.put(f"/opinions/{given['id']}/answer", {"answer": "accepted", "reason": "Agreed."}))
    answered(planner.put(f"/opinions/{other['id']}/answer", {"answer": "noted"}))
    applied = answered(planner.post(f"/opinions/{given['id']}/application", {}))
    assert applied["applied_at"]
    assert answered(deputies[1].get(f"/opinions/{given['id']}"))["answer"] == "accepted"
    overview = answered(planner.get(f"{address}/rounds/1"))
    assert overview["counts"]["no_comment"] == 1
    assert overview["unanswered"] == 0


def test_the_whole_way_from_draft_to_acknowledgement() -> None:
    with clock.fixed(NOON):
        team = deliberating_ministry()
        house = team.house
        planner, minister = Program(team.officer), Program(team.minister)
        directive = drafted_directive(house)
        address = f"/directives/{directive.public_id}"
        consulted(team, planner, address)

        answered(planner.post(f"{address}/steps", {"step": "put_to_council", "note": "Nine months"}))
        present(team, directive.pk)
        assert answered(planner.get(address))["state"] == "awaiting_approval"
        assert [item["act"] for item in answered(minister.get("/me/waiting"))] == ["Decide"]
        read = minister.get(f"{address}/content")["X-Content-Hash"]
        problem(planner.post(f"{address}/approval", {"content_hash": read}), 403, "not-permitted")
        problem(minister.post(f"{address}/approval", {"content_hash": "0" * 64}), 409, "text-changed")
        answered(minister.post(f"{address}/return", {"reason": "One more word."}))
        offered = {row["step"]: row for row in answered(planner.get(f"{address}/steps"))}
        assert offered["submit_for_approval"]["hindrances"] == []
        again = answered(planner.post(f"{address}/steps", {"step": "submit_for_approval", "note": "Again"}))
        assert again["state"] == "awaiting_approval"
        approved = answered(minister.post(f"{address}/approval", {"content_hash": read}))
        assert approved["state"] == "approved"

        assert not any(gate["open"] for gate in answered(planner.get(f"{address}/gates")))
        preview = answered(planner.get(f"{address}/promulgation-preview"))
        assert preview["bodies"] == 5
        made = answered(planner.post(f"{address}/promulgation", {"number": "2026/77"}, key="p"), 201)
        repeated = planner.post(f"{address}/promulgation", {"number": "2026/77"}, key="p")
        assert answered(repeated, 201) == made
        public(made, read)
        acknowledged(house, planner, address)
        resolved(team)


def public(made: dict[str, Any], read: str) -> None:
    """Everyone reads what was promulgated, without a token."""
    everyone = Program(None)
    rows = answered(everyone.get("/promulgations"))
    assert [row["number"] for row in rows] == ["2026/77"]
    whole = answered(everyone.get(f"/promulgations/{made['code']}"))
    assert identifiers.content_hash(whole["content"]) == made["content_hash"] != read
    xml = everyone.get(f"/promulgations/{made['code']}/xml")
    assert xml["Content-Type"].startswith("application/akn+xml")
    import hashlib

    assert hashlib.sha256(xml.content).hexdigest() == made["xml_sha256"]
    pdf = everyone.get(f"/promulgations/{made['code']}/pdf")
    assert hashlib.sha256(b"".join(pdf.streaming_content)).hexdigest() == made["pdf_sha256"]
    assert answered(everyone.get("/promulgations", q="smart", issuer="xx"))
    assert answered(everyone.get("/promulgations", promulgated_from="2026-05-05")) == []
    problem(everyone.get("/promulgations/nothing"), 404, "unknown-document")
    problem(everyone.get("/directives"), 401, "not-authenticated")


def acknowledged(house: SmallMinistry, planner: Program, address: str) -> None:
    """The Ministry of Health acknowledges; a province neither sees nor answers its row."""
    health = Program(house.people[Role.BODY_OFFICER])
    north = Program(house.people[Role.PROVINCIAL_DIRECTOR])
    row = answered(health.get("/acknowledgements", waiting="true"))[0]
    assert (row["body"]["code"], row["standing"]) == ("xx.health", "waiting")
    assert {task["body"] for task in answered(health.get("/assignments"))} == {"xx.health"}
    assert {task["body"] for task in answered(north.get("/assignments"))} == {"xx.north.ict"}
    address_of_row = f"/acknowledgements/{row['id']}/acknowledge"
    problem(north.post(address_of_row), 404, "unknown-acknowledgement")
    done = answered(health.post(address_of_row, {"note": "Received."}))
    assert (done["standing"], done["note"]) == ("on_time", "Received.")
    entries = Entry.objects.count()
    answered(health.post(address_of_row, {"note": "Received."}))
    assert Entry.objects.count() == entries
    coverage = answered(planner.get(f"{address}/coverage"))
    assert (coverage["on_time"], coverage["waiting"]) == (1, 4)
    late = answered(planner.get(f"{address}/coverage", standing="on_time"))
    assert [body["body"] for body in late["bodies"]] == ["xx.health"]
    seen = answered(north.get(f"{address}/coverage"))["bodies"]
    assert {body["body"] for body in seen} <= {"xx.north.ict"}


def resolved(team: Deliberation) -> None:
    """The office that owes a resolution reports it; the council's secretary confirms."""
    owner, officer = Program(team.deputies[0]), Program(team.officer)
    session = answered(officer.get("/sessions"))[0]
    whole = answered(officer.get(f"/sessions/{session['id']}"))
    assert (whole["state"], whole["has_quorum"], len(whole["resolutions"])) == ("closed", True, 1)
    address = f"/resolutions/{whole['resolutions'][0]['id']}"
    problem(Program(team.house.south_director).get(address), 404, "unknown-resolution")
    problem(owner.post(f"{address}/confirm", {"note": "Done"}), 403, "not-permitted")
    answered(owner.post(f"{address}/begin", {"note": "Begun"}))
    claimed = answered(owner.post(f"{address}/claim", {"note": "Sent to all plants."}))
    assert claimed["state"] == "claimed"
    problem(owner.post(f"{address}/confirm", {"note": "Mine"}), 403, "not-permitted")
    confirmed = answered(officer.post(f"{address}/confirm", {"note": "Seen"}))
    assert (confirmed["state"], confirmed["completed_on"]) == ("done", "2026-05-04")
    assert json.dumps(confirmed)
