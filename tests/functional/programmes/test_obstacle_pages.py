"""Pages of obstacles, proposals, stakeholders and recognition: their journeys, their scope, their query counts."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from mehvar.accounts.data import Role
from mehvar.kernel import clock
from mehvar.programmes.actions import escalation, obstacles, proposals, recognition, stakeholders
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.data import MeetingKind
from mehvar.programmes.models import (
    CommitteeProposal,
    Holiday,
    Obstacle,
    RecognitionEdition,
    StakeholderMeeting,
)
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS
from tests.factories.obstacles import make_committee, raised_by_north, raised_from_outside
from tests.factories.organisations import SmallMinistry, small_ministry
from tests.functional import visiting
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db

page = partial(visiting.page, "programmes")

MONDAY = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
LIST_QUERIES = {
    "obstacles": 11, "gaps": 8, "obstacles_waiting": 8, "proposals": 10, "stakeholders": 7, "commitments": 7, "recognition": 7,
    "working_days": 8,
}  # fmt: skip


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.fixed(MONDAY):
        yield


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


def path_of(name: str, *args: object) -> str:
    return reverse(f"programmes:{name}", args=args)


def send(client: Client, name: str, *args: object, **fields: object) -> str:
    response = client.post(path_of(name, *args), fields)
    assert response.status_code == 302, (name, response.status_code, errors_in(response.content.decode()))
    return str(response.headers["Location"])


def errors_in(text: str) -> str:
    found = re.search(r'class="error-summary".*?</div>', text, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", found.group(0)) if found else ""


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_an_obstacle_from_raising_to_confirmation(house: SmallMinistry, language: str) -> None:
    director = signed_in(house.people[Role.PROVINCIAL_DIRECTOR], language)
    officer = signed_in(house.people[Role.PLANNING_OFFICER], language)
    page(director, "obstacle_new")
    address = send(
        director,
        "obstacle_new",
        raised_by=house.north_ict.pk,
        title="No land",
        text="The plot is missing.",
        cause="land",
        decision_needed="Hand it over.",
        decision_from="",
        owner="xx.min.it",
        province=house.north.pk,
    )
    row = Obstacle.objects.get()
    assert address.endswith(f"/{row.public_id}/")
    assert row.owner == house.it
    assert "No land" in page(director, "obstacle", row.public_id)
    assert "No land" in page(officer, "obstacles")
    assert "No land" in page(officer, "obstacles_waiting")
    for step, fields in {
        "propose-remedy": {"remedy": "We talk.", "due_on": "2026-06-01"},
        "report-remedied": {"note": "It is ours."},
    }.items():
        page(officer, "obstacle_step", row.public_id, step)
        row.refresh_from_db()
        send(officer, "obstacle_step", row.public_id, step, version=row.version, **fields)
    assert "No land" in page(director, "obstacles_waiting")
    row.refresh_from_db()
    send(director, "obstacle_step", row.public_id, "confirm", version=row.version, note="")
    row.refresh_from_db()
    assert row.state == "closed"
    page(director, "obstacle", row.public_id)
    page(director, "obstacle_step", row.public_id, "confirm", status=404)


def test_every_step_has_a_page_and_a_stale_one_says_so(house: SmallMinistry) -> None:
    row, other = raised_by_north(house), raised_by_north(house, title="The same again")
    officer = signed_in(house.people[Role.PLANNING_OFFICER])
    for step in ("propose-remedy", "report-remedied", "hand-up", "assign", "merge", "reject", "publish"):
        assert "<form" in page(officer, "obstacle_step", row.public_id, step)
    stale = officer.post(path_of("obstacle_step", row.public_id, "reject"), {"version": 7, "note": "No."})
    assert "in the meantime" in stale.content.decode()
    send(officer, "obstacle_step", row.public_id, "assign", version=1, owner="xx.south.ict", note="Yours.")
    unknown = officer.post(
        path_of("obstacle_step", other.public_id, "assign"),
        {"version": 1, "owner": "Nobody Ltd", "note": "x"},
    )
    assert "No body is called" in unknown.content.decode()
    send(officer, "obstacle_step", other.public_id, "merge", version=1, into=row.public_id)
    assert "The same again" in page(officer, "obstacle", row.public_id)


def test_a_merged_twin_of_another_province_is_not_named(house: SmallMinistry) -> None:
    row = raised_by_north(house, title="Secret of the north")
    south = signed_in(house.south_director)
    twin = obstacles.raise_obstacle(
        house.south_director, obstacles.Words("Ours", "Ours."), raised_by_id=house.south_ict.pk
    )
    obstacles.merge(house.people[Role.PLANNING_OFFICER], twin.public_id, into=row.public_id, version=1)
    shown = page(south, "obstacle", twin.public_id)
    assert "Secret of the north" not in shown
    assert row.public_id not in shown


def test_another_province_walks_every_address_and_finds_nothing(house: SmallMinistry) -> None:
    director = house.people[Role.PROVINCIAL_DIRECTOR]
    row = raised_by_north(house, title="Secret of the north")
    committee = make_committee(house.north_ict, chair=director)
    proposal = proposals.propose(director, committee.pk, title="Secret proposal", text="Because.")
    meeting = stakeholders.record_meeting(
        director,
        house.north_ict.pk,
        held_on=date(2026, 5, 3),
        kind=MeetingKind.GOVERNOR,
        with_whom="Governor's office",
        subject="Secret meeting",
        promises=(Promise("Secret promise", "Governor's office", date(2026, 6, 1)),),
    )
    commitment = meeting.commitments.get()
    south = signed_in(house.south_director)
    for name, args in (
        ("obstacle", (row.public_id,)),
        ("obstacle_step", (row.public_id, "reject")),
        ("proposal", (proposal.public_id,)),
        ("stakeholder_meeting", (meeting.public_id,)),
        ("commitment_date", (commitment.pk,)),
        ("commitment_settle", (commitment.pk,)),
        ("public_obstacle", (row.public_id,)),
    ):
        assert "Secret" not in page(south, name, *args, status=404)
        assert south.post(path_of(name, *args), {"version": 1}).status_code in {404, 405}
    for name in ("obstacles", "gaps", "obstacles_waiting", "proposals", "stakeholders", "commitments"):
        assert "Secret" not in page(south, name)
        for extension in ("csv", "xlsx"):
            exported = south.get(path_of(name), {"export": extension})
            assert b"Secret" not in b"".join(exported) if exported.streaming else exported.content
    forged = south.post(
        path_of("obstacle_new"), {"raised_by": house.north_ict.pk, "title": "x", "text": "y", "cause": "land"}
    )
    assert forged.status_code == 422
    forged = south.post(path_of("proposal_new"), {"committee": committee.pk, "title": "x", "text": "y"})
    assert forged.status_code == 422
    against = south.get(path_of("obstacle_new"), {"delivery": "unknown"})
    assert against.status_code == 404
    anonymous = Client()
    for name, args in (
        ("obstacles", ()),
        ("obstacle", (row.public_id,)),
        ("proposals", ()),
        ("stakeholders", ()),
    ):
        assert anonymous.get(path_of(name, *args)).status_code == 302


def test_a_list_costs_the_same_however_long_it_is(
    house: SmallMinistry, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    officer = signed_in(house.people[Role.PLANNING_OFFICER])
    for number in range(12):
        raised_by_north(house, title=f"Obstacle {number}")
    committee = make_committee(house.north_ict)
    for number in range(5):
        proposals.propose(house.people[Role.PROVINCIAL_DIRECTOR], committee.pk, title=f"P {number}", text="x")
    for name, queries in LIST_QUERIES.items():
        with django_assert_num_queries(queries, info=name):
            page(officer, name)
    with django_assert_num_queries(12):
        page(officer, "obstacle", Obstacle.objects.first().public_id)  # type: ignore[union-attr]
    with django_assert_num_queries(3):
        page(Client(), "public_obstacles")


def test_filters_and_exports(house: SmallMinistry) -> None:
    raised_by_north(house)
    officer = signed_in(house.people[Role.PLANNING_OFFICER])
    assert "No land" in page(officer, "obstacles", cause="land", is_live="live", level="body")
    assert "No land" not in page(officer, "obstacles", cause="legal")
    assert "No land" in page(officer, "obstacles", q="data centre")
    exported = b"".join(officer.get(path_of("obstacles"), {"export": "csv"}))  # type: ignore[call-overload]
    assert b"No land for the data centre" in exported


def test_a_product_gap_through_its_form(house: SmallMinistry) -> None:
    director = signed_in(house.people[Role.PROVINCIAL_DIRECTOR])
    send(
        director,
        "gap_new",
        raised_by=house.north_ict.pk,
        title="Router",
        text="None.",
        product_need="Schools",
        market_size="12,000",
        could_make="Two firms",
        owner="",
        province="",
    )
    row = Obstacle.objects.get()
    assert (row.kind, row.cause, row.market_size) == ("product_gap", "supply", "12,000")
    assert "Router" in page(director, "gaps")
    assert "Router" not in page(director, "obstacles")


def test_script_in_words_is_shown_as_words(house: SmallMinistry) -> None:
    row = raised_by_north(house, title="<script>alert(1)</script>", text="<img src=x onerror=alert(1)>")
    officer = signed_in(house.people[Role.PLANNING_OFFICER])
    for shown in (
        page(officer, "obstacle", row.public_id),
        page(officer, "obstacles"),
        page(officer, "obstacles_waiting"),
    ):
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


def test_a_proposal_is_answered_and_a_late_one_climbs(house: SmallMinistry) -> None:
    director = house.people[Role.PROVINCIAL_DIRECTOR]
    committee = make_committee(house.north_ict, chair=director)
    north, officer = signed_in(director), signed_in(house.people[Role.PLANNING_OFFICER])
    page(north, "proposal_new")
    send(north, "proposal_new", committee=committee.pk, title="More fibre", text="Because.")
    row = CommitteeProposal.objects.get()
    assert row.due_on == date(2026, 5, 18)
    assert "More fibre" in page(officer, "proposals")
    refused = officer.post(
        path_of("proposal", row.public_id), {"answer": "refused", "reason": "", "version": 1}
    )
    assert refused.status_code == 422
    assert "state the reason" in refused.content.decode()
    with clock.fixed(datetime(2026, 5, 19, 6, tzinfo=UTC)):
        assert proposals.climb_late_answers() == 1
        assert proposals.climb_late_answers() == 0
    send(officer, "proposal", row.public_id, answer="partly", reason="Half of it.", version=2)
    assert "Half of it." in page(north, "proposal", row.public_id)
    again = officer.post(
        path_of("proposal", row.public_id), {"answer": "accepted", "reason": "", "version": 3}
    )
    assert again.status_code == 422


def test_a_meeting_with_its_commitments(house: SmallMinistry) -> None:
    north = signed_in(house.people[Role.PROVINCIAL_DIRECTOR])
    page(north, "stakeholder_meeting_new")
    send(
        north,
        "stakeholder_meeting_new",
        organisation=house.north_ict.pk,
        held_on="3/5/2026",
        kind="parliament",
        with_whom="Members of parliament of the north",
        subject="Fibre in villages",
        notes="",
    )
    row = StakeholderMeeting.objects.get()
    send(
        north,
        "stakeholder_meeting",
        row.public_id,
        text="A budget line",
        promised_by="Office of the members",
        due_on="1/6/2026",
    )
    one = row.commitments.get()
    page(north, "commitment_date", one.pk)
    send(north, "commitment_date", one.pk, due_on="15/6/2026", reason="The session moved.", version=1)
    shown = page(north, "stakeholder_meeting", row.public_id)
    assert "1 June 2026" in shown or "1 Jun 2026" in shown or "2026" in shown
    one.refresh_from_db()
    assert (one.first_due_on, one.due_on) == (date(2026, 6, 1), date(2026, 6, 15))
    page(north, "commitment_settle", one.pk)
    broken = north.post(path_of("commitment_settle", one.pk), {"state": "broken", "note": "", "version": 2})
    assert "say why" in broken.content.decode()
    send(north, "commitment_settle", one.pk, state="kept", note="", settled_on="", version=2)
    assert "A budget line" in page(signed_in(house.people[Role.MINISTER]), "commitments")


def test_recognition_is_published_before_and_awarded_after(house: SmallMinistry) -> None:
    officer, anybody = signed_in(house.people[Role.PLANNING_OFFICER]), Client()
    page(officer, "recognition_new")
    fields = {
        "title": "Provinces of the half year",
        "period": "2026-H1",
        "places": 1,
        "threshold": 0,
        "note": "",
        **{code.value: weight for code, weight in DEFAULT_WEIGHTS.items()},
    }
    wrong = officer.post(path_of("recognition_new"), {**fields, "plans": 99})
    assert wrong.status_code == 422
    send(officer, "recognition_new", **fields)
    row = RecognitionEdition.objects.get()
    assert anybody.get(path_of("recognition_edition", row.public_id)).status_code == 404
    page(officer, "recognition_edit", row.public_id)
    page(officer, "recognition_publish", row.public_id)
    send(officer, "recognition_publish", row.public_id, version=1)
    shown = page(anybody, "recognition_edition", row.public_id)
    assert "Verified progress · 30%" in shown
    early = officer.post(path_of("recognition_award", row.public_id), {"version": 2})
    assert "has not ended" in early.content.decode()
    with clock.fixed(datetime(2026, 7, 2, 6, tzinfo=UTC)):
        send(officer, "recognition_award", row.public_id, version=2)
    shown = page(anybody, "recognition_edition", row.public_id)
    row.refresh_from_db()
    assert row.content_hash in shown
    assert "not ranked" in shown
    assert "Provinces of the half year" in page(anybody, "recognition")
    assert signed_in(house.south_director).get(path_of("recognition_new")).status_code == 403


def test_the_ministry_corrects_the_working_calendar(house: SmallMinistry) -> None:
    officer, director = signed_in(house.people[Role.PLANNING_OFFICER]), signed_in(house.south_director)
    page(director, "working_days")
    send(officer, "working_days", day="6/5/2026", worked="off", reason="Air pollution")
    assert Holiday.objects.get().day == date(2026, 5, 6)
    assert "Air pollution" in page(director, "working_days")
    director.post(path_of("working_day_forget", "2026-05-06"))
    assert Holiday.objects.exists()
    send(officer, "working_day_forget", "2026-05-06")
    assert not Holiday.objects.exists()
    send(officer, "working_day_forget", "nonsense")


def test_what_was_released_is_public_with_its_course_and_without_names(house: SmallMinistry) -> None:
    row = raised_from_outside(province_id=house.north.pk)
    anybody, relations = Client(), signed_in(house.people[Role.PUBLIC_RELATIONS])
    assert anybody.get(path_of("public_obstacle", row.public_id)).status_code == 404
    send(
        relations,
        "obstacle_step",
        row.public_id,
        "publish",
        version=1,
        title="Permits take long",
        words="Nine months.",
    )
    with clock.fixed(datetime(2026, 5, 8, 6, tzinfo=UTC)):
        escalation.escalate_due_obstacles()
    shown = page(anybody, "public_obstacle", row.public_id)
    assert "Permits take long" in shown
    assert "climbed" in shown
    for hidden in ("A firm", "firm@example.org", "A permit takes nine months", "We wait for a permit"):
        assert hidden not in shown
    assert "Permits take long" in page(
        anybody, "public_obstacles", cause="legal", province=str(house.north.pk)
    )
    assert "Permits take long" not in page(anybody, "public_obstacles", cause="land")
    assert anybody.get(path_of("public_obstacles"), {"province": "²", "page": "x"}).status_code == 200


def test_recognition_of_nobody_is_possible_only_once(house: SmallMinistry) -> None:
    officer = house.people[Role.PLANNING_OFFICER]
    weights = {code.value: weight for code, weight in DEFAULT_WEIGHTS.items()}
    row = recognition.draft_edition(officer, title="T", period="2026-H1", weights=weights)
    recognition.publish_criteria(officer, row.public_id, version=1)
    client = signed_in(officer)
    edited = client.post(
        path_of("recognition_edit", row.public_id),
        {"title": "U", "version": 2, "period": "2026-H1", "places": 5, "threshold": 80, **weights},
    )
    assert "do not change" in edited.content.decode()
