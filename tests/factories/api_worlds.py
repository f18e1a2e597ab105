"""Make three worlds full of rows for whoever asks the whole HTTP API: the house with directives, programmes, the exchange.

Each gives the people who ask. What rows there are is read from the API's own lists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification, User
from mehvar.directives import extraction as reader
from mehvar.exchange.actions import applications
from mehvar.exchange.actions.events import subscriptions, topics
from mehvar.exchange.actions.events.subscriptions import Wish
from mehvar.exchange.rules import cloudevents
from mehvar.kernel import clock
from mehvar.programmes.actions import calls
from mehvar.programmes.models import Plan
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS
from tests.factories import directives as make
from tests.factories import events
from tests.factories.deliberation import deliberating_ministry
from tests.factories.exchange import file_in, submitted
from tests.factories.inquiries import desk
from tests.factories.obstacles import make_committee, raised_by_north
from tests.factories.plans import fill, good_item, running_programme
from tests.factories.programs import Program, answered
from tests.factories.progress import approved, opened_round, reported
from tests.factories.promulgation import PROMULGATED_ON, drafted_directive, promulgated
from tests.factories.stocktakes import begun, minister_room, planned

SHEET = "What is in the way,Description,Raised by,Cause\nA,B,xx.north.ict,Budget\nC,D,xx.north.ict,Weather\n"


def house_of_directives(_folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[User]:
    """Make a ministry that deliberates one directive, has promulgated another and reads a document in."""
    found = make.extraction(make.found_measure("1"), make.doubtful_measure("2"))
    monkeypatch.setattr(reader, "extract_isolated", lambda *_args, **_options: found, raising=False)
    team = deliberating_ministry()
    promulgated(team.house)
    people = team.house.people
    planner, deputy = Program(team.officer), Program(team.deputies[0])
    address = f"/directives/{drafted_directive(team.house).public_id}"
    answered(planner.post(f"{address}/editions", {"note": "First"}), 201)
    said = {
        "offices": [one.code for one in team.offices],
        "deadline_on": "2026-05-11",
        "note": "Please read.",
    }
    answered(planner.post(f"{address}/rounds", said), 201)
    asked = answered(deputy.get("/invitations", waiting="true"))[0]
    opinion = {"kind": "opinion", "target": "whole", "text": "Well said."}
    answered(deputy.post(f"/invitations/{asked['id']}/opinions", opinion), 201)
    document = SimpleUploadedFile("a.docx", b"a document")
    answered(planner.upload("/imports", issuer="xx.min", file=document), 201)
    theme = answered(planner.post("/themes", {"period": "1399", "title": "جهش تولید", "language": "fa"}), 201)
    duty = {
        "source": "Plan",
        "article": "67",
        "text": "Open the data.",
        "owner": "xx.min",
        "due_on": "2020-01-01",
    }
    answered(planner.post("/duties", {**duty, "theme": theme["id"]}), 201)
    Notification.objects.create(
        user=team.officer,
        kind="test",
        key="one",
        message_id="An opinion came.",
        path="/",
        created_at=clock.now(),
    )
    return [
        team.officer,
        team.minister,
        people[Role.ADMINISTRATOR],
        team.deputies[0],
        people[Role.BODY_OFFICER],
    ]


def programmes_under_way(_folder: Path, _monkeypatch: pytest.MonkeyPatch) -> list[User]:
    """Make a programme with plans, reports, obstacles, promises, a stocktake and frozen figures."""
    room = minister_room()
    world, house = room.world, room.world.house
    asked = opened_round(world)
    approved(world, reported(world, asked, world.north, "xx.north"), world.officer)
    reported(world, asked, world.health, "xx.health")
    begun(room, planned(room, PROMULGATED_ON))
    raised_by_north(house)
    make_committee(house.north_ict, chair=house.people[Role.PROVINCIAL_DIRECTOR])
    programme = running_programme(house)
    bodies = [house.north.pk, house.south.pk]
    calls.open_call(
        world.officer, programme.pk, title="Plans", deadline_on=PROMULGATED_ON.replace(month=6), organisation_ids=bodies,
        guidance="", currency="IRR",
    )  # fmt: skip
    fill(world.north, Plan.objects.get(organisation=house.north), good_item(1), good_item(2))
    by_programs(house.people, world.officer, programme.public_id)
    return [
        world.officer, house.people[Role.MINISTER], house.people[Role.PROVINCIAL_DIRECTOR], world.north, world.health,
        world.auditor, house.people[Role.ADMINISTRATOR],
    ]  # fmt: skip


def by_programs(people: Mapping[Role, User], officer: User, programme: str) -> None:
    """Make, over the API, the rows that are simplest made so."""
    planner, minister, north = (
        Program(one) for one in (officer, people[Role.MINISTER], people[Role.PROVINCIAL_DIRECTOR])
    )
    committee = answered(north.get("/proposals/committees"))[0]["id"]
    answered(north.post("/proposals", {"committee": committee, "title": "A line", "text": "One more."}), 201)
    meeting = {
        "body": "xx.north.ict", "held_on": "2026-05-01", "kind": "governor", "with_whom": "Governor", "subject": "Land",
    }  # fmt: skip
    met = answered(north.post("/stakeholder-meetings", meeting), 201)
    promise = {"text": "Hand over the plot", "promised_by": "Governor", "due_on": "2026-06-01"}
    answered(north.post(f"/stakeholder-meetings/{met['id']}/commitments", promise), 201)
    weights = [{"code": code.value, "weight": weight} for code, weight in DEFAULT_WEIGHTS.items()]
    answered(minister.post("/recognition", {"title": "Best", "period": "2026-Q2", "criteria": weights}), 201)
    answered(planner.post("/performance-reports", {"body": "xx.south", "period": "2026"}), 201)
    own = answered(planner.post("/programmes", {"title": "Ports", "lead": "xx.min", "language": "en"}), 201)
    task = {"text": "Equip gates", "body": "xx.north", "due_on": "2026-09-22"}
    answered(planner.post(f"/programmes/{own['id']}/measures", task), 201)
    for step in ("begin", "finish"):
        answered(planner.post(f"/programmes/{own['id']}/steps", {"step": step}))
    answered(planner.post("/programme-templates", {"programme": own["id"], "title": "Ports"}), 201)
    words = {"name": "Ports", "summary": "Faster clearance", "people_feel": "Shorter queues"}
    flagship = {
        "title": "Ports", "mark": "driver", "programme": programme,
        "criteria": {"drives_others": "Roads follow", "people_feel": "Queues", "owner_and_date": "xx.min, 2026"},
        "sheet": dict.fromkeys(("fa", "vi", "en"), words),
    }  # fmt: skip
    answered(planner.post("/flagships", flagship), 201)
    table = SimpleUploadedFile("o.csv", SHEET.encode())
    answered(north.upload("/sheet-imports", kind="obstacles", file=table), 202)


def federation_at_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[User]:
    """Make an exchange with a right, a request, a firm's application, a topic with events, a subscriber and an inquiry officer."""
    file_in(folder, monkeypatch)
    at = desk(folder, monkeypatch)
    made = at.made
    submitted(made)
    firm = applications.Words("Lotus", "4711", "ask", "A. Person", "a@lotus.example")
    applications.apply_from_outside(firm, address="192.0.2.1", submission_key="k", seconds=30)
    topic = events.topic(made)
    subscriptions.subscribe(made.consumer_engineer, topic.public_id, subsystem_id=made.clinic.pk, wish=Wish())
    told: Any = [cloudevents.from_json(json.dumps(events.sold(number))) for number in (1, 2)]
    topics.publish(made.provider_engineer, topic.public_id, told)
    people = made.house.people
    return [
        made.operator, made.provider_engineer, made.consumer_engineer, at.officer, at.director, people[Role.AUDITOR],
    ]  # fmt: skip
