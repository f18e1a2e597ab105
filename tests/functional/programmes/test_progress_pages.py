"""The journey of progress through its pages: asked, reported, reviewed, claimed, verified, counted; in each language, within one's scope."""

import re
from collections.abc import Iterator
from datetime import date
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.kernel import clock
from mehvar.programmes.actions import confidence, evidence, extensions, rounds
from mehvar.programmes.models import Delivery, Evidence, ProgressReport, ReportingRound, RoundRequest
from tests.factories.progress import ReportingHouse, approved, opened_round, reported, reporting_house
from tests.factories.promulgation import MORNING, PROMULGATED_ON
from tests.functional import visiting
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db

page = partial(visiting.page, "programmes")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def world() -> ReportingHouse:
    return reporting_house()


def send(client: Client, name: str, *args: object, status: int = 302, **fields: object) -> str:
    response = client.post(reverse(f"programmes:{name}", args=args), fields)
    text = response.content.decode()
    assert response.status_code == status, (
        name,
        response.status_code,
        re.sub(r"<[^>]+>|\s+", " ", text)[:1500],
    )
    return text


def line(delivery: Delivery, **fields: object) -> dict[str, object]:
    return {f"d{delivery.pk}-{key}": value for key, value in fields.items()}


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_from_the_question_to_the_verified_answer(world: ReportingHouse, language: str) -> None:
    officer, north = signed_in(world.officer, language), signed_in(world.north, language)
    about = f"directive:{world.directive.pk}"
    assert about in page(officer, "round_new")
    send(officer, "round_new", about=about, period="2026-Q2", due_on="2026-05-01", status=422)
    send(officer, "round_new", about=about, period="۲۰۲۶-q2", due_on="1405/02/24")
    asked = ReportingRound.objects.get()
    assert asked.due_on.isoformat() == "2026-05-14"
    assert reverse("programmes:report_entry", args=[asked.public_id, "xx.north"]) in page(north, "rounds")
    delivery = world.delivery("xx.north")
    here = (asked.public_id, "xx.north")
    page(north, "report_entry", *here)
    words = line(
        delivery, version=0, claimed="۴۰", self_rating="green", done_text="Two plants.", next_text="Eight."
    )
    send(north, "report_entry", *here, act="save", **words)
    assert ProgressReport.objects.get().state == "draft"
    words = line(
        delivery, version=1, claimed="45", self_rating="green", done_text="Two plants.", next_text="Eight.",
        file=SimpleUploadedFile("virus.exe", b"MZ"),
    )  # fmt: skip
    refused = send(north, "report_entry", *here, act="save", status=422, **words)
    assert ProgressReport.objects.get().claimed == 45  # the words are kept, only the file is not
    assert f'name="d{delivery.pk}-version" value="2"' in refused  # so that saving again is no clash
    words = line(
        delivery, version=2, claimed="45", self_rating="green", done_text="Two plants.", next_text="Eight.",
        file=SimpleUploadedFile("minutes.pdf", b"%PDF-1.7 x"),
    )  # fmt: skip
    send(north, "report_entry", *here, act="submit", **words)
    assert Evidence.objects.get().filename == "minutes.pdf"
    report = ProgressReport.objects.get()
    assert (report.state, report.claimed, report.late) == ("claimed", 45, False)
    assert "Two plants." in page(officer, "report", report.pk)
    assert "Two plants." in page(north, "report", report.pk)
    review = page(officer, "review")
    assert f"{report.pk}:{report.version}" in review
    send(
        officer, "report", report.pk, act="accept", version=report.version, figure="30", reason="", status=422
    )
    send(
        officer,
        "report",
        report.pk,
        act="accept",
        version=report.version,
        figure="30",
        reason="One is not proven.",
    )
    assert page(officer, "review", step="approve")
    send(officer, "review_many", step="approve", report=f"{report.pk}:{report.version + 1}")
    delivery.refresh_from_db()
    assert (delivery.claimed, delivery.accepted, delivery.approved) == (45, 30, 30)
    send(north, "ask_extension", delivery.public_id, due_on="2026-12-01", reason="Equipment is late.")
    send(officer, "decide_extension", delivery.public_id, act="grant", version=1, due_on="", reason="")
    send(officer, "round_close", asked.public_id, version=1)
    shown = page(north, "delivery", delivery.public_id)
    assert "minutes.pdf" in shown
    named = {"en": "Second quarter of 2026", "vi": "Quý II năm 2026", "fa": "سه‌ماههٔ دوم ۲۰۲۶"}
    assert named[language] in shown
    assert "2026-Q2" not in shown
    send(north, "claim", delivery.public_id, claimed_on="2026-05-04", note="All assessed.")
    send(
        world_judge(world, language), "judge", delivery.public_id, confidence="green", reason="They deliver."
    )
    send(officer, "verify", delivery.public_id, act="refuse", version=1, verdict="", status=422)
    send(officer, "verify", delivery.public_id, act="confirm", version=1, verdict="Seen on site.")
    delivery.refresh_from_db()
    assert delivery.state == "done"
    for name in (
        "status",
        "status_bodies",
        "status_provinces",
        "status_heat",
        "red",
        "rosy",
        "late",
        "deliveries",
    ):
        assert page(officer, name)
        assert page(north, name)


def world_judge(world: ReportingHouse, language: str) -> Client:
    return signed_in(world.house.people[Role.MINISTER], language)


def test_two_people_editing_one_report_lose_nothing(world: ReportingHouse) -> None:
    asked = opened_round(world)
    first, second, delivery = signed_in(world.north), signed_in(world.north), world.delivery("xx.north")
    here = (asked.public_id, "xx.north")
    mine = line(
        delivery, version=0, claimed="10", self_rating="unknown", done_text="First words", next_text=""
    )
    theirs = line(
        delivery, version=0, claimed="20", self_rating="unknown", done_text="Second words", next_text=""
    )
    send(first, "report_entry", *here, act="save", **mine)
    text = send(second, "report_entry", *here, act="save", status=422, **theirs)
    assert "First words" in text  # what the other person wrote
    assert "Second words" in text  # what was typed
    assert ProgressReport.objects.get().done_text == "First words"
    send(second, "report_entry", *here, act="save", **{**theirs, f"d{delivery.pk}-version": 1})
    assert ProgressReport.objects.get().done_text == "Second words"


def test_a_closed_period_takes_nothing(world: ReportingHouse) -> None:
    asked = opened_round(world)
    rounds.close_round(world.officer, asked.pk, version=1)
    north, delivery = signed_in(world.north), world.delivery("xx.north")
    here = (asked.public_id, "xx.north")
    shown = page(north, "report_entry", *here)
    assert "Not reported" in shown
    assert f"d{delivery.pk}-claimed" not in shown  # nothing can be typed that would not be taken
    late = line(delivery, version=0, claimed="10", done_text="Late words")
    text = send(north, "report_entry", *here, act="submit", status=422, **late)
    assert "Late words" in text  # what was typed is not lost
    assert "This period is closed" in text
    assert not ProgressReport.objects.exists()
    send(north, "evidence_add", *here, delivery=delivery.pk, file=SimpleUploadedFile("a.pdf", b"%PDF-1.7 x"))
    assert not Evidence.objects.exists()


def furnished(world: ReportingHouse) -> tuple[ReportingRound, ProgressReport, Evidence]:
    """Give the north a report with a file, a request for more time and a judgement."""
    asked = opened_round(world)
    report = approved(world, reported(world, asked, world.north, "xx.north"), world.officer)
    delivery = world.delivery("xx.north")
    extensions.request_extension(
        world.north, delivery.pk, due_on=PROMULGATED_ON.replace(year=2027), reason="Later."
    )
    confidence.judge_confidence(world.officer, delivery.pk, confidence="amber", reason="Budget.")
    other = world.delivery("xx.north.ict")
    file = evidence.attach_evidence(
        world.house.people[Role.PROVINCIAL_DIRECTOR],
        world.request(asked, "xx.north.ict").pk,
        other.pk,
        filename="plan.pdf",
        data=b"%PDF-1.7 x",
    )
    return asked, report, file


def test_an_officer_of_the_south_walking_every_address_of_the_north_gets_nothing(
    world: ReportingHouse,
) -> None:
    asked, report, file = furnished(world)
    south, officer, delivery = signed_in(world.south), signed_in(world.officer), world.delivery("xx.north")
    own = world.delivery("xx.south")
    here = (asked.public_id, "xx.north")
    walks: list[tuple[str, tuple[object, ...], bool]] = [
        ("delivery", (delivery.public_id,), True),
        ("report", (report.pk,), True),
        ("evidence", (file.pk,), True),
        ("report_entry", here, False),
        ("round_extend", (asked.public_id,), True),
        ("round_close", (asked.public_id,), True),
    ]
    for name, args, officer_may in walks:
        assert south.get(reverse(f"programmes:{name}", args=args)).status_code in {403, 404}, name
        if officer_may:
            assert officer.get(reverse(f"programmes:{name}", args=args)).status_code == 200, name
    for name, args in [
        *((name, (delivery.public_id,)) for name in ("ask_extension", "decide_extension", "claim", "verify", "appoint_verifier", "judge")),
        ("report_entry", here),
        ("evidence_add", here),
        ("evidence_remove", (*here, file.pk)),
        ("report", (report.pk,)),
    ]:  # fmt: skip
        assert south.post(reverse(f"programmes:{name}", args=args), {"version": 1}).status_code in {
            403,
            404,
        }, name
    for name in (
        "deliveries",
        "status",
        "status_bodies",
        "status_provinces",
        "status_heat",
        "red",
        "rosy",
        "late",
        "rounds",
    ):
        for query in ({}, {"body": "xx.north"}, {"directive": world.directive.public_id}, {"export": "csv"}):
            response = south.get(reverse(f"programmes:{name}"), query)
            shown = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
            assert delivery.public_id.encode() not in shown, (name, query)
            assert (
                b"North" not in re.sub(rb"<option.*?</option>", b"", shown) or name == "status_provinces"
            ), name
    seen = page(south, "round", asked.public_id)
    assert "North" not in seen
    assert "South" in seen
    assert own.public_id in page(south, "deliveries")
    assert south.get(reverse("programmes:review")).status_code == 403
    history = south.get(reverse("ledger:history", args=["delivery", delivery.public_id])).content.decode()
    assert "Budget." not in history
    assert (
        signed_in(world.house.people[Role.ADMINISTRATOR]).get(reverse("programmes:status")).status_code == 403
    )
    assert Client().get(reverse("programmes:status")).status_code == 302


PAGES = {
    "status": 10, "status_bodies": 11, "status_provinces": 12, "status_heat": 11, "red": 9, "rosy": 9, "late": 9,
    "deliveries": 10, "rounds": 9, "review": 8, "delivery": 18, "round": 10, "report": 10, "report_entry": 18,
}  # fmt: skip
"""The queries of each page; sign-in, scope and what the navigation counts included; the same at national size."""


@pytest.mark.parametrize("name", PAGES)
def test_pages_cost_few_queries(world: ReportingHouse, name: str, django_assert_num_queries: object) -> None:
    asked, report, _file = furnished(world)
    person = world.north if name == "report_entry" else world.officer
    args = {
        "delivery": (world.delivery("xx.north").public_id,),
        "round": (asked.public_id,),
        "report": (report.pk,),
        "report_entry": (asked.public_id, "xx.north"),
    }.get(name, ())
    client = signed_in(person)
    with django_assert_num_queries(PAGES[name]):  # type: ignore[operator]
        page(client, name, *args)


def test_late_reports_are_narrowed_to_a_directive_and_a_body(world: ReportingHouse) -> None:
    asked, _report, _file = furnished(world)
    RoundRequest.objects.filter(round=asked).update(submitted_at=None)
    ReportingRound.objects.filter(pk=asked.pk).update(due_on=date(2026, 1, 2))
    officer = signed_in(world.officer)
    address = reverse("programmes:late")
    assert "North" in officer.get(address).content.decode()
    about = {"directive": world.directive.public_id}
    assert "North" in officer.get(address, about).content.decode()
    rows = officer.get(address, {**about, "body": "xx.south"}).content.decode().split("<tbody")[1]
    assert "North" not in rows
    ReportingRound.objects.filter(pk=asked.pk).update(directive=None)
    assert "<td" not in officer.get(address, about).content.decode()
