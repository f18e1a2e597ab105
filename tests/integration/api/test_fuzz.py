"""Whatever is asked, the API answers or refuses: it never fails."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mehvar.accounts.data import Role
from mehvar.config.api import throttle
from mehvar.config.api.root import api
from mehvar.directives.models import Directive
from tests.factories.organisations import SmallMinistry
from tests.factories.programs import Program
from tests.factories.promulgation import drafted_directive

pytestmark = pytest.mark.django_db

READS = [
    (path.removeprefix("/api/v1"), operation)
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method, operation in methods.items()
    if method == "get"
]
WRITES = [
    (method.upper(), path.removeprefix("/api/v1"))
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method in methods
    if method != "get"
]
LIKELY = [
    "",
    "0",
    "1",
    "-1",
    "2",
    "200",
    "201",
    "99999999999999999999",
    "true",
    "null",
    "xx.min",
    "@provinces",
]
LIKELY += [
    "draft",
    "lead",
    "open",
    "2026-01-01",
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    "1e9",
    "%",
    "_",
    "'",
    "\\",
]
texts = st.one_of(st.sampled_from(LIKELY), st.text(max_size=30))
names = st.sampled_from(
    sorted({item["name"] for _, operation in READS for item in operation.get("parameters", [])})
)
some_places = st.lists(st.one_of(st.just(""), texts), min_size=3, max_size=3)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
fields = st.sampled_from(
    [
        "code",
        "type",
        "parent",
        "names",
        "title",
        "issuer",
        "language",
        "version",
        "text",
        "on",
        "rows",
        "lead",
    ]
)
once = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture
def program(house: SmallMinistry, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setattr(throttle, "SIGNED_IN_PER_MINUTE", 10**9)
    drafted_directive(house)
    return Program(house.people[Role.ADMINISTRATOR])


def address(path: str, places: list[str]) -> str:
    """Fill the places of a path; a place that was not drawn names a row that is there."""
    directive = Directive.objects.get()
    there = {
        "public_id": directive.public_id,
        "measure_id": first(directive.measures),
        "provision_id": first(directive.provisions),
        "code": "@ministries" if "groups" in path else "xx.min",
    }
    drawn = iter(places)
    return re.sub(r"{(\w+)}", lambda place: quote(next(drawn) or there.get(place[1], "1"), safe=""), path)


def first(rows: Any) -> str:
    """Name the first row, if the questions before have left one."""
    return str(rows.order_by("pk").values_list("public_id", flat=True).first() or "none")


def check(answer: Any, asked: object) -> None:
    assert answer.status_code < 500, (asked, answer.content)
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json", asked


@pytest.mark.parametrize(("path", "operation"), READS, ids=[path for path, _ in READS])
def test_no_question_makes_a_reading_route_fail(
    program: Program, path: str, operation: dict[str, Any]
) -> None:
    own = [item["name"] for item in operation.get("parameters", []) if item["in"] == "query"]
    asked = st.dictionaries(st.sampled_from(own) if own else names, texts, max_size=4)

    @settings(once, max_examples=8)
    @given(query=asked, places=some_places)
    def run(query: dict[str, str], places: list[str]) -> None:
        encodable = {
            name: value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            for name, value in query.items()
        }
        check(program.get(address(path, places), **encodable), (path, query, places))

    run()


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PLANNING_OFFICER])
def test_no_body_makes_a_writing_route_fail(house: SmallMinistry, program: Program, role: Role) -> None:
    writer = Program(house.people[role])

    @settings(once, max_examples=100)
    @given(
        route=st.sampled_from(WRITES),
        body=st.one_of(st.dictionaries(fields, values, max_size=5), values),
        places=some_places,
    )
    def run(route: tuple[str, str], body: Any, places: list[str]) -> None:
        method, path = route
        check(writer.send(method, address(path, places), body), (route, body, places))

    run()
