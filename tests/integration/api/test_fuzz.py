"""Whatever is asked of any operation, the API answers or refuses: it never fails.

Questions and bodies are drawn from the API's own description: each operation is asked with what its schema allows, with one field
spoilt, and with plain nonsense, for rows that are there and rows that are not, by four people of different rights.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mehvar.accounts.data import Role
from mehvar.config.api import throttle
from mehvar.config.api.root import api
from mehvar.exchange.actions import applications
from tests.factories.exchange import federation, file_in, granted, submitted
from tests.factories.plans import running_programme
from tests.factories.programs import Program
from tests.factories.promulgation import drafted_directive

pytestmark = pytest.mark.django_db

SCHEMA = api.get_openapi_schema()
SHAPES = SCHEMA["components"]["schemas"]
GROUPS = ("directives", "exchange", "programmes", "else")
EXAMPLES = 3
DEEPEST = 4
ENDLESS = 10**9
FAILED = 500
REFUSED = 400
PLACE = re.compile(r"{(\w+)}")
LIKELY = [
    "", "0", "1", "-1", "2", "200", "201", "99999999999999999999", "true", "null", "xx.min", "xx.health", "@provinces", "draft",
    "lead", "open", "2026-01-01", "9999-12-31", "0001-01-01", "2026-02-30", "2026-05-04T09:00:00Z", "1e9", "%", "_", "'", "\\", "\x00",
    "MEHVAR/GOV/health/clinic", "MEHVAR/GOV/min/registry/parcels", "https://x.example", "../..", "٣",
]  # fmt: skip
texts = st.one_of(st.sampled_from(LIKELY), st.text(max_size=30))
nonsense = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


@dataclass(frozen=True)
class Operation:
    """Hold one operation: its method, its path below ``/api/v1``, its description."""

    method: str
    path: str
    told: dict[str, Any]

    @property
    def group(self) -> str:
        """Name the room that the operation is of, by its path."""
        first = self.path.split("/")[1]
        if first in GROUPS:
            return first
        return "programmes" if self.told["operationId"].startswith("programme") else "else"

    def parameters(self, place: str) -> dict[str, Any]:
        """Give the parameters in the path or in the query with their schemas."""
        return {one["name"]: one["schema"] for one in self.told.get("parameters", []) if one["in"] == place}

    @property
    def bodies(self) -> dict[str, Any]:
        """Give the schemas of the body by its media type."""
        found = (self.told.get("requestBody") or {}).get("content", {})
        return {kind: one.get("schema", {}) for kind, one in found.items()}


OPERATIONS = [
    Operation(method.upper(), path.removeprefix("/api/v1"), told)
    for path, methods in SCHEMA["paths"].items()
    for method, told in methods.items()
]


def words_of(schema: dict[str, Any], near: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    """Draw a string that a schema allows, preferably one that names a row."""
    if schema.get("format") == "date":
        return st.dates().map(str)
    if schema.get("format") == "date-time":
        return st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
    return st.one_of(st.sampled_from(near), texts) if near else texts


def number_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Draw a number that a schema allows, mostly a small one."""
    least, most = int(schema.get("minimum", -1)), int(min(schema.get("maximum", 2**31), 2**62))
    return st.one_of(st.integers(max(least, 0), max(least, min(most, 5))), st.sampled_from((least, most)))


def values_of(schema: dict[str, Any], near: tuple[str, ...], depth: int = 0) -> st.SearchStrategy[Any]:
    """Draw what a schema allows."""
    if "$ref" in schema:
        return values_of(SHAPES[schema["$ref"].rpartition("/")[2]], near, depth)
    if depth > DEEPEST:
        return st.none()
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return st.one_of([values_of(one, near, depth + 1) for one in schema[choice]])
    return _plain(schema, near, depth)


def _plain(schema: dict[str, Any], near: tuple[str, ...], depth: int) -> st.SearchStrategy[Any]:
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        fields = {name: values_of(one, near, depth + 1) for name, one in schema["properties"].items()}
        needed = {name: one for name, one in fields.items() if name in schema.get("required", ())}
        return st.fixed_dictionaries(needed, optional={n: s for n, s in fields.items() if n not in needed})
    if kind == "array":
        return st.lists(values_of(schema.get("items", {}), near, depth + 1), max_size=3)
    simple = {"boolean": st.booleans(), "null": st.none(), "string": words_of(schema, near)}
    if kind in {"integer", "number"}:
        return number_of(schema)
    return simple.get(str(kind), nonsense)


@st.composite
def spoilt(draw: st.DrawFn, good: st.SearchStrategy[Any]) -> Any:
    """Draw what is allowed, with one field replaced, or nonsense."""
    body = draw(good)
    if not isinstance(body, dict) or not body:
        return draw(nonsense)
    return {**body, draw(st.sampled_from(sorted(body))): draw(nonsense)}


class World:
    """Hold what there is to be asked for, and who asks."""

    def __init__(self) -> None:
        """Make a federation with a right, a request and a firm's application, a programme and a draft."""
        made = federation()
        right, asked = granted(made), submitted(made)
        firm = applications.Words("Lotus", "4711", "ask", "A. Person", "a@lotus.example")
        applied, _ = applications.apply_from_outside(
            firm, address="192.0.2.1", submission_key="k", seconds=30
        )
        draft, programme = drafted_directive(made.house), running_programme(made.house)
        people = made.house.people
        askers = (
            made.operator,
            made.provider_engineer,
            people[Role.PLANNING_OFFICER],
            people[Role.ADMINISTRATOR],
        )
        self.programs = [Program(one) for one in askers]
        self.there: dict[str, tuple[str, ...]] = {
            "/directives/": (draft.public_id,),
            "/programmes/": (programme.public_id,),
            "/exchange/members/": (made.provider.public_id, made.consumer.public_id),
            "/exchange/services/": (made.service.public_id,),
            "/exchange/catalogue/": (made.service.public_id,),
            "/exchange/agreements/": (right.agreement.public_id,),
            "/exchange/rights/": (right.public_id,),
            "/exchange/requests/": (asked.public_id,),
            "/exchange/applications/": (applied.public_id,),
        }
        self.codes = ("registry", "clinic", "xx.min", "@ministries")
        self.near = (*(name for names in self.there.values() for name in names), *self.codes)

    def places(self, operation: Operation) -> st.SearchStrategy[dict[str, str]]:
        """Draw the places of a path: mostly what is there."""
        drawn: dict[str, st.SearchStrategy[str]] = {}
        for name, schema in operation.parameters("path").items():
            there = self.there.get(operation.path.split("{", maxsplit=1)[0], ("1",))
            known = there if name == "public_id" else self.codes if name == "code" else ("1", "2", "3")
            if "enum" in schema:
                known = tuple(schema["enum"])
            drawn[name] = st.one_of(st.sampled_from(known), st.sampled_from(known), texts)
        return st.fixed_dictionaries(drawn)


@pytest.fixture
def world(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(throttle, "SIGNED_IN_PER_MINUTE", ENDLESS)
    file_in(tmp_path, monkeypatch)
    return World()


def text_of(value: Any) -> str:
    """Write a value as it stands in a query or in a form."""
    return str(value).encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def send(world: World, operation: Operation, drawn: dict[str, Any]) -> Any:
    path = PLACE.sub(lambda place: quote(text_of(drawn["places"][place[1]]) or "-", safe=""), operation.path)
    program, body = world.programs[drawn["who"]], drawn["body"]
    if operation.method == "GET":
        return program.get(path, **{name: text_of(value) for name, value in drawn["query"].items()})
    if "multipart/form-data" in operation.bodies and isinstance(body, dict):
        fields = {text_of(name): text_of(value) for name, value in body.items()}
        return program.upload(path, **{**fields, "file": SimpleUploadedFile("a.pdf", drawn["file"])})
    return program.send(operation.method, path, body)


def check(answer: Any, asked: object) -> None:
    assert answer.status_code < FAILED, (asked, answer.content)
    if answer.status_code >= REFUSED:
        assert answer["Content-Type"] == "application/problem+json", asked


def questions(world: World, operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    query = {name: values_of(one, world.near) for name, one in operation.parameters("query").items()}
    shape = next(iter(operation.bodies.values()), None)
    good = values_of(shape, world.near) if shape else st.none()
    return st.fixed_dictionaries(
        {
            "who": st.integers(0, len(world.programs) - 1),
            "places": world.places(operation),
            "query": st.one_of(
                st.fixed_dictionaries({}, optional=query),
                st.fixed_dictionaries({}, optional=dict.fromkeys(query, texts)),
            ),
            "body": st.one_of(good, spoilt(good), nonsense) if shape else st.none(),
            "file": st.sampled_from((b"", b"%PDF-1.7\n", b"PK\x03\x04", b"a,b\n1,2\n")),
        }
    )


def ask(world: World, operation: Operation) -> None:
    """Ask an operation a few times."""

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(drawn=questions(world, operation))
    def run(drawn: dict[str, Any]) -> None:
        check(send(world, operation, drawn), (operation.method, operation.path, drawn))

    run()


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_asked_makes_an_operation_fail(world: World, group: str) -> None:
    asked = [one for one in OPERATIONS if one.group == group]
    assert asked
    for operation in sorted(asked, key=lambda one: one.method != "GET"):
        ask(world, operation)
