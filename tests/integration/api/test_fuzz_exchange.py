"""Whatever a program sends to the exchange's routes, made from their own OpenAPI schemas or against them, no route fails.

It stands in for schemathesis, which is not among the dependencies: bodies and parameters are drawn from the published document, most of
them as it says, some not, and the places of an address mostly name things that are there.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mehvar.accounts.models import User
from mehvar.config.api import throttle
from mehvar.config.api.root import api
from mehvar.exchange.actions.events import subscriptions, topics
from mehvar.exchange.data.control import AgreementTerms
from tests.factories.exchange import agreement_actions, file_in, submitted
from tests.factories.inquiries import Desk, desk
from tests.factories.programs import Program

pytestmark = pytest.mark.django_db
DOCUMENT = api.get_openapi_schema()
ROUTES = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if path.startswith("/api/v1/exchange/")
]
ODD = [
    "", "0", "-1", "99999999999999999999", "null", "%2e%2e", "\u202e", "é" * 50, "'", "a\x00", "9999-12-31", "0001-01-01",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "MEHVAR/GOV/health/clinic", "-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----",
    "http://127.0.0.1:9", "10.0.0.0/8", "GET", "/**", "path:2",
]  # fmt: skip
odd = st.one_of(
    st.sampled_from(ODD),
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
)


def drawn(schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Draw values that a schema describes, now and then odd ones."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    options = schema.get("anyOf") or schema.get("allOf") or schema.get("oneOf")
    if options:
        fitting = st.one_of([drawn(one, depth) for one in options])
    elif "enum" in schema or "const" in schema:
        fitting = st.sampled_from(schema.get("enum") or [schema["const"]])
    elif schema.get("type") == "object":
        members = {name: drawn(one, depth + 1) for name, one in schema.get("properties", {}).items()}
        needed = {name: members.pop(name) for name in schema.get("required", []) if name in members}
        return st.fixed_dictionaries(needed, optional=members)
    elif schema.get("type") == "array":
        fitting = st.lists(drawn(schema.get("items", {}), depth + 1), max_size=3)
    else:
        fitting = scalar(schema)
    return st.integers(0, 9).flatmap(lambda luck: fitting if luck else odd)


def scalar(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Draw a plain value."""
    kind = schema.get("type")
    if kind == "integer":
        return st.integers(schema.get("minimum", -(2**70)), schema.get("maximum", 2**70))
    if kind == "number":
        return st.floats(allow_nan=False, min_value=schema.get("minimum"), max_value=schema.get("maximum"))
    if kind == "boolean":
        return st.booleans()
    if kind == "string" and schema.get("format") == "date":
        return st.dates().map(date.isoformat)
    if kind == "string" and schema.get("format") == "date-time":
        return st.one_of(st.datetimes().map(lambda at: f"{at.isoformat()}Z"), st.sampled_from(ODD))
    examples = [str(one) for one in schema.get("examples", [])]
    texts = st.text(
        max_size=min(schema.get("maxLength", 30), 30), min_size=min(schema.get("minLength", 0), 5)
    )
    return st.one_of(texts, st.sampled_from([*examples, *ODD]))


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, dict[str, list[str]]]:
    """Make one of everything, and say how it is named in addresses."""
    file_in(tmp_path, monkeypatch)
    monkeypatch.setattr(throttle, "SIGNED_IN_PER_MINUTE", 10**9)
    office = desk(tmp_path, monkeypatch)
    made = office.made
    topic = topics.open_topic(
        made.provider_engineer, made.registry.pk, code="news", title="News", is_public=True
    )
    subscription = subscriptions.subscribe(
        made.consumer_engineer, topic.public_id, subsystem_id=made.clinic.pk, wish=subscriptions.Wish()
    )
    proposed = agreement_actions.propose(
        made.consumer_engineer, provider=made.provider.public_id, consumer=made.consumer.public_id,
        terms=AgreementTerms("A", "B", "C", date(2020, 1, 1), None),
    )  # fmt: skip
    names = {
        "members": [made.provider.public_id, made.consumer.public_id], "services": [made.service.public_id],
        "agreements": [proposed.public_id], "rights": [office.right.public_id], "keys": [office.key_id],
        "requests": [submitted(made).public_id], "topics": [topic.public_id], "code": ["registry", "clinic"],
        "subscriptions": [subscription.public_id], "catalogue": [made.service.public_id],
    }  # fmt: skip
    return office, names


def check(answer: Any, asked: object) -> None:
    """Demand an answer or a refusal that says why."""
    assert answer.status_code < 500, (asked, answer.content)
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json", asked


def address(path: str, places: dict[str, list[str]], draw: Any) -> str:
    """Fill the places of a path, mostly with what is there."""
    room = path.removeprefix("/api/v1/exchange/").split("/")[0]

    def fill(place: re.Match[str]) -> str:
        known = places.get(room if place[1] == "public_id" else place[1], ["1"])
        return quote(draw(st.one_of(st.sampled_from([*known] * 4), st.sampled_from(ODD[1:]))), safe="")

    return re.sub(r"{(\w+)}", fill, path.removeprefix("/api/v1"))


@pytest.mark.parametrize("who", ["operator", "provider_engineer", "consumer_engineer", "officer"])
def test_no_request_makes_a_route_of_the_exchange_fail(
    there: tuple[Desk, dict[str, list[str]]], who: str
) -> None:
    office, places = there
    person: User = office.officer if who == "officer" else getattr(office.made, who)
    program = Program(person)

    @settings(
        max_examples=200,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        method, path, operation = data.draw(st.sampled_from(ROUTES))
        where = address(path, places, data.draw)
        given_parameters = {
            one["name"]: drawn(one["schema"])
            for one in operation.get("parameters", [])
            if one["in"] == "query"
        }
        query = data.draw(st.fixed_dictionaries({}, optional=given_parameters))
        plain = {
            name: str(value)
            for name, value in query.items()
            if value is not None and str(value).isprintable()
        }
        if method == "GET":
            check(program.get(where, **plain), (where, plain))
            return
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {"type": "object"})
        body = data.draw(drawn(schema) if schema else odd)
        check(program.send(method, where, body), (method, where, body))

    run()


def test_everything_of_the_exchange_stands_in_the_document() -> None:
    assert len(ROUTES) > 60
