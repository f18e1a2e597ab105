"""What waits for a person is what the person's own pages let them do; nobody hears of another province."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.home.queries import changes, waiting
from mehvar.kernel import clock
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import extensions
from tests.factories.exchange import federation, submitted
from tests.factories.obstacles import raised_by_north
from tests.factories.organisations import PASSWORD
from tests.factories.plans import calling
from tests.factories.progress import ReportingHouse, opened_round, reported, reporting_house
from tests.factories.promulgation import MORNING, PROMULGATED_ON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def world() -> ReportingHouse:
    return reporting_house()


def kinds(user: User) -> dict[str, str]:
    return {item.kind: item.path for item in waiting.waiting_for(organisations.authority_of(user))}


def test_a_report_waits_first_for_the_body_then_for_who_accepts_it(world: ReportingHouse) -> None:
    asked = opened_round(world)
    entry = reverse("programmes:report_entry", args=[asked.public_id, "xx.north"])
    assert kinds(world.north)["report"] == entry
    assert entry not in kinds(world.south).values()
    assert "report-accept" not in kinds(world.officer)
    reported(world, asked, world.north, "xx.north")
    assert entry not in kinds(world.north).values()
    assert kinds(world.officer)["report-accept"].startswith(reverse("programmes:review"))
    assert "report-accept" not in kinds(world.south)


def test_an_extension_waits_for_who_asked_for_the_delivery(world: ReportingHouse) -> None:
    delivery = world.delivery("xx.north")
    assert delivery.due_on is not None
    extensions.request_extension(
        world.north, delivery.pk, due_on=delivery.due_on + timedelta(30), reason="Late."
    )
    page = reverse("programmes:delivery", args=[delivery.public_id])
    assert kinds(world.officer)["extension"] == page
    assert "extension" not in kinds(world.north)
    assert "extension" not in kinds(world.south)


def test_plans_wait_for_those_who_are_called(django_assert_num_queries: object) -> None:
    made = calling()
    assert kinds(made.north)["plan"] == reverse("programmes:plan", args=[made.north_plan.public_id])
    assert kinds(made.south)["plan"] == reverse("programmes:plan", args=[made.south_plan.public_id])
    assert "plan" not in kinds(made.planner)
    with django_assert_num_queries(18):  # type: ignore[operator]
        kinds(made.north)


def test_an_obstacle_waits_for_its_own_province() -> None:
    made = calling()
    row = raised_by_north(made.house)
    page = reverse("programmes:obstacle", args=[row.public_id])
    assert page in kinds(made.north).values() or page in kinds(made.planner).values()
    assert page not in kinds(made.south).values()


def test_what_is_due_first_stands_first(world: ReportingHouse) -> None:
    opened_round(world)
    days = [item.due_on for item in waiting.waiting_for(organisations.authority_of(world.north))]
    dated = [day for day in days if day is not None]
    assert dated == sorted(dated)
    assert days[: len(dated)] == dated


def test_changes_are_those_of_others_on_what_one_may_see() -> None:
    made = calling()
    row = raised_by_north(made.house)
    since = MORNING - timedelta(days=1)
    seen = {
        user.pk: {change.title for change in changes.changes_since(organisations.authority_of(user), since)}
        for user in (made.planner, made.north, made.south)
    }
    assert row.title in seen[made.planner.pk]
    assert row.title not in seen[made.south.pk]
    assert made.programme.title not in seen[made.planner.pk], "one's own acts are no news"
    assert made.programme.title in seen[made.south.pk]
    assert changes.changes_since(organisations.authority_of(made.planner), MORNING + timedelta(days=1)) == []


def test_the_cells_at_home_are_those_of_the_persons_body(world: ReportingHouse) -> None:
    north = waiting.standings(organisations.authority_of(world.north), "en")
    assert [(row.code, row.cells.total) for row in north] == [("xx.north", 2)]
    minister = waiting.standings(organisations.authority_of(world.house.people[Role.MINISTER]), "en")
    assert (minister[0].code, minister[0].cells.total) == ("", 4)


def feed_of(user: User) -> tuple[Client, str]:
    client = Client()
    assert client.login(username=user.email, password=PASSWORD)
    page = client.post(reverse("home:calendar"))
    assert page["Cache-Control"] == "no-store"
    return client, str(page.context["address"]).removeprefix("http://testserver")


@pytest.mark.parametrize(
    ("language", "calendar", "words"),
    [("fa", "jalali", "۱۴۰۵"), ("vi", "gregorian", "2026"), ("en", "gregorian", "2026")],
)
def test_a_calendar_program_reads_the_deadlines_in_the_persons_words(
    world: ReportingHouse, language: str, calendar: str, words: str, django_assert_num_queries: object
) -> None:
    User.objects.filter(pk=world.north.pk).update(language=language, calendar=calendar)
    asked = opened_round(world, due_on=PROMULGATED_ON + timedelta(10))
    _client, address = feed_of(world.north)
    with django_assert_num_queries(23):  # type: ignore[operator]
        response = Client().get(address)
    text = response.content.decode().replace("\r\n ", "")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"DTSTART;VALUE=DATE:{asked.due_on:%Y%m%d}" in text
    assert reverse("programmes:report_entry", args=[asked.public_id, "xx.north"]) in text
    assert words in text
    assert "xx.south" not in text
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))


def test_a_revoked_or_wrong_address_opens_nothing(world: ReportingHouse) -> None:
    client, first = feed_of(world.north)
    assert Client().get(first).status_code == 200
    second = str(client.post(reverse("home:calendar")).context["address"]).removeprefix("http://testserver")
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    client.post(reverse("home:calendar_revoke"))
    assert Client().get(second).status_code == 404
    assert Client().get(reverse("home:calendar_feed", args=["x" * 43])).status_code == 404


def test_a_person_who_left_has_no_feed(world: ReportingHouse) -> None:
    _client, address = feed_of(world.north)
    User.objects.filter(pk=world.north.pk).update(is_active=False)
    assert Client().get(address).status_code == 404


def test_requests_for_access_wait_for_the_engineers_of_the_provider() -> None:
    made = federation()
    asked = submitted(made)
    page = reverse("exchange:request", args=[asked.public_id])
    assert kinds(made.provider_engineer) == {"exchange-answer": page}
    assert kinds(made.consumer_engineer) == {}
    due = waiting.deadlines_of(organisations.authority_of(made.provider_engineer), clock.today())
    assert [(one.act, one.day) for one in due] == [("Answer a request for access", asked.due_on)]
    home = Client()
    home.force_login(made.provider_engineer, backend="django.contrib.auth.backends.ModelBackend")
    assert page in home.get(reverse("home:index")).content.decode()


def test_the_api_tells_the_same_as_the_page(world: ReportingHouse) -> None:
    opened_round(world)
    client = Client()
    client.force_login(world.north, backend="django.contrib.auth.backends.ModelBackend")
    told = client.get("/api/v1/me/waiting").json()
    assert {one["kind"] for one in told} == set(kinds(world.north)) >= {"report"}
