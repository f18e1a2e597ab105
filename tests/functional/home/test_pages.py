"""The home page for everyone and for each role: reachable in three languages, and in a bounded number of queries."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.kernel import clock
from tests.factories.progress import ReportingHouse, reporting_house
from tests.factories.promulgation import MORNING
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db

QUERIES_PUBLIC, QUERIES_SEARCH = 1, 5
QUERIES_HOME = {
    Role.MINISTER: 26, Role.DEPUTY: 27, Role.PLANNING_OFFICER: 29, Role.PROVINCIAL_DIRECTOR: 30, Role.BODY_OFFICER: 26,
    Role.PUBLIC_RELATIONS: 16, Role.AUDITOR: 16, Role.ADMINISTRATOR: 10, Role.EXCHANGE_OPERATOR: 16, Role.SYSTEM_ENGINEER: 18,
    Role.INQUIRY_OFFICER: 10,
}  # fmt: skip
"""What the home page of each role asks, whatever waits for it."""


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def world() -> ReportingHouse:
    return reporting_house()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "What the ministry promised"),
        ("fa", "وزارتخانه چه تعهد کرده است"),
        ("vi", "Bộ đã cam kết điều gì"),
    ],
)
def test_everyone_sees_what_was_promulgated(
    world: ReportingHouse, language: str, words: str, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(QUERIES_PUBLIC):  # type: ignore[operator]
        response = Client(HTTP_ACCEPT_LANGUAGE=language).get(reverse("home:index"))
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert world.directive.title in page
    assert reverse("directives:check_document") in page


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_a_home(world: ReportingHouse, role: Role, django_assert_num_queries: Any) -> None:
    client = signed_in(world.house.people[role])
    with django_assert_num_queries(QUERIES_HOME[role]):
        response = client.get(reverse("home:index"))
    assert response.status_code == 200
    assert world.directive.title in response.content.decode()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Acknowledge"), ("fa", "در انتظار شما"), ("vi", "Việc chờ ông/bà")]
)
def test_a_province_finds_what_waits_for_it(world: ReportingHouse, language: str, words: str) -> None:
    page = signed_in(world.north, language).get(reverse("home:index")).content.decode()
    assert words in page
    assert reverse("directives:inbox") in page


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_search_answers_everyone(
    world: ReportingHouse, language: str, django_assert_num_queries: object
) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    with django_assert_num_queries(QUERIES_SEARCH):  # type: ignore[operator]
        response = client.get(reverse("home:search"), {"q": world.directive.title.upper()})
    page = response.content.decode()
    assert response.status_code == 200
    assert reverse("directives:public", args=["x"])[:-2].rsplit("/", 1)[0] in page
