"""The whole HTTP API keeps what its published description says, tried by schemathesis.

The description is read from the running application over WSGI. Every operation is asked with what it allows and with what it forbids, for rows
that are there (read from the API's own lists) and rows that are not, by whoever may ask; each request is rolled back. The draws are fixed.
"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, CheckContext, GenerationMode, Response
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import ignored_auth

from mehvar.kernel import clock
from mehvar.programmes.api import ROUTERS as PROGRAMMES
from tests.factories import api_worlds
from tests.factories.programs import Program
from tests.factories.promulgation import MORNING

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]

EXAMPLES = {GenerationMode.POSITIVE: 3, GenerationMode.NEGATIVE: 2}
"""How often a write is asked; what only reads is asked once less."""
ANSWERED_AT_LEAST = {"directives": 55, "programmes": 55, "exchange": 45}
ROOT = "/api/v1"
PLACE = re.compile(r"{(\w+)}")
CLOSED = {401, 403, 404}
ANSWERED = range(200, 300)
UNREADABLE = {"invalid-request", "malformed-request"}
SEVERAL = 3
WORLDS = {
    "directives": api_worlds.house_of_directives,
    "programmes": api_worlds.programmes_under_way,
    "exchange": api_worlds.federation_at_work,
}
OF_PROGRAMMES = {prefix.split("/")[1] for prefix, _router in PROGRAMMES}
LIKELY = (
    "", "0", "-1", "1399", "2026-Q2", "2026-01-01", "9999-12-31", "2026-02-30", "%", "_", "'", "\\", "../..", "٣",
)  # fmt: skip
CODES = ("xx.min", "xx.health", "xx.north", "xx.north.ict", "xx.min.it", "@provinces")
CLIENTS = ("MEHVAR/GOV/health/clinic", "MEHVAR/GOV/min/registry")
NAMED_AFTER = {"provider": "member", "consumer": "member", "subscriber": "client"}
DJANGO = get_wsgi_application()
FIXED = settings(
    deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def group_of(path: str) -> str:
    """Name the world in which a path is asked."""
    first = path.removeprefix(ROOT).split("/")[1]
    return "exchange" if first == "exchange" else "programmes" if first in OF_PROGRAMMES else "directives"


@dataclass
class World:
    """Hold who asks, what rows there are at each path with places, and who was admitted to which operation."""

    programs: list[Program]
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    admitted: dict[str, Program] = field(default_factory=dict)
    surveyed: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    asked: int = 0

    def askers(self, label: str) -> list[Program]:
        """Give who was admitted to an operation, or everybody where nobody was and not all have been asked."""
        if label in self.surveyed:
            return [self.admitted.get(label, self.programs[0])]
        return self.programs

    def discover(self, paths: dict[str, Any]) -> None:
        """Read what rows there are from the lists that stand above every place of a path, else from a list of that name elsewhere."""
        places = sorted({path[: found.end()] for path in paths for found in PLACE.finditer(path)})
        lists = {path for path, methods in paths.items() if "get" in methods}
        elsewhere = {path.rpartition("/")[2]: path for path in sorted(lists)}
        for is_first in (True, False):
            for place in sorted(places, key=lambda one: one.count("/")):
                above, _, name = place.rpartition("/")
                if is_first or not self.rows[place]:
                    read = (
                        above
                        if above in lists or is_first
                        else elsewhere.get(above.rpartition("/")[2], above)
                    )
                    self.rows[place] = [*self._listed(read, name[1:-1])] if read in lists else []

    def _listed(self, above: str, name: str) -> Iterator[dict[str, Any]]:
        """Give the places of the first rows of a list, with those of the path above it."""
        holders = self.rows[above[: above.rindex("}") + 1]] if "{" in above else [{}]
        seen: list[dict[str, Any]] = []
        for held, program in product(holders[:SEVERAL], self.programs):
            answer = program.get(above.removeprefix(ROOT).format(**held), size=SEVERAL)
            rows = answer.json() if answer.status_code in ANSWERED else []
            for row in rows if isinstance(rows, list) else []:
                found = {**held, name: row.get(name) or row.get("id") or row.get("code") or row.get("number")}
                if found[name] and found not in seen:
                    seen.append(found)
                    yield found

    def rows_at(self, path: str) -> list[dict[str, Any]]:
        """Give what is known for the places of a path: those of its longest part of which rows are known."""
        parts = [path[: found.end()] for found in PLACE.finditer(path)]
        return next((self.rows[part] for part in reversed(parts) if self.rows[part]), [])

    def named(self, name: str) -> list[Any]:
        """Give what names the rows of a list that is called like a member of a body, such as ``programme``."""
        called = NAMED_AFTER.get(name, name)
        lists = {f"/{called}s/", f"/{called.removesuffix('y')}ies/", f"/{called}/"}
        held = [(place, rows) for place, rows in self.rows.items() if any(one in place for one in lists)]
        return [row[place[place.rindex("{") + 1 : -1]] for place, rows in held for row in rows[:SEVERAL]]


def examples_of(member: dict[str, Any]) -> list[Any]:
    """Give the examples that the description gives for a member of a body, or for its entries."""
    parts = [member, *member.get("anyOf", ()), member.get("items", {})]
    return [one for part in parts for one in part.get("examples", ()) if isinstance(one, str | int)]


def words(world: World, schema: dict[str, Any]) -> dict[str, list[Any]]:
    """Give for members of bodies, by their name, what is likely to be understood: rows that are there, or examples."""
    found: dict[str, list[Any]] = {"version": [1, 2, 3]}
    shapes = schema["components"]["schemas"].values()
    for name, member in (pair for shape in shapes for pair in shape.get("properties", {}).items()):
        examples = examples_of(member)
        local = [*CODES] if any(str(one).startswith("ir.") for one in examples) else examples
        clients = [*CLIENTS] if any(str(one).startswith("MEHVAR/") for one in examples) else []
        key = f"{name}[*]" if member.get("type") == "array" else name
        found.setdefault(key, []).extend([*local, *clients, *world.named(name.removesuffix("s"))])
    return {name: values for name, values in found.items() if values and re.fullmatch(r"\w+(\[\*\])?", name)}


def configured(world: World, schema: dict[str, Any]) -> schemathesis.Config:
    """Let members of bodies mostly name what is there, and every other text of a query make trouble."""
    known = words(world, schema)
    return schemathesis.Config.from_dict(
        {
            "dictionaries": {
                "likely": {"values": [*LIKELY, *CODES]},
                **{n: {"values": v} for n, v in known.items()},
            },
            "parameters": {f"body.{name}": {"dictionary": name, "probability": 0.8} for name in known},
            "generation": {
                "with-security-parameters": False,
                "dictionaries": {"string": {"dictionary": "likely", "probability": 0.5}},
            },
            "analysis": {"constants": {"enabled": False}},
            "checks": {"positive_data_acceptance": {"enabled": False}},
        }
    )


@contextmanager
def connection_kept() -> Iterator[None]:
    """Let no request close the test's connection, in whose transaction the world stands; Django's own client does the same."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@pytest.fixture
def world(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    unhurried: None,
) -> Iterator[World]:
    settings.MEDIA_ROOT = tmp_path
    settings.MEHVAR_EXCHANGE_EVENT_KEY_FILE = tmp_path / "event_key.pem"
    with clock.fixed(MORNING):
        people = WORLDS[request.param](tmp_path, monkeypatch)
        yield World([Program(person) for person in people])


def served(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer over WSGI as the server does, which closes every answer and so its files."""
    with connection_kept(), closing(DJANGO(environ, start_response)) as answer:
        return [b"".join(answer)]


def what_it_allows_is_read(_ctx: CheckContext, response: Response, case: Case) -> None:
    """Refuse that a request is called unreadable though the description allows it; rules of our own may say more than a schema can."""
    allowed = case.meta is not None and case.meta.generation.mode.is_positive
    if not allowed or response.status_code not in {400, 422}:
        return
    problem = response.json()
    beyond = [one for one in problem.get("errors", [problem]) if "Value error" not in one.get("message", "")]
    assert problem["code"] not in UNREADABLE or not beyond, (
        f"what the description allows is refused: {beyond}"
    )


def placed(case: Case, row: dict[str, Any]) -> None:
    """Let the places of a path name a row that is there, unless they were spoilt on purpose."""
    if row and not (case.meta and case.meta.is_negative_at(ParameterLocation.PATH)):
        names = {name: row[name] for name in case.path_parameters if name in row}
        case.path_parameters = {**case.path_parameters, **names}


def filled(case: Case) -> None:
    """Let no part of a form be empty: the client that is asked through loses the end of an empty part."""
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        case.body = {name: value or "-" for name, value in case.body.items()}


def ask(world: World, case: Case) -> None:
    """Ask as one person after the other until one is admitted, and look at the answers."""
    label = case.operation.label
    for program in world.askers(label):
        with transaction.atomic():
            world.asked += 1
            response = case.call(headers=program.headers)
            known = [ignored_auth] if label in world.answered else []
            case.validate_response(
                response,
                headers=program.headers,
                additional_checks=[what_it_allows_is_read],
                excluded_checks=known,
            )
            transaction.set_rollback(True)
        if response.status_code in ANSWERED:
            world.answered.add(label)
        if response.status_code not in CLOSED:
            world.admitted[label] = program
            break
    world.surveyed.add(label)


def try_operation(world: World, operation: APIOperation, mode: GenerationMode) -> None:
    """Ask an operation a few times with what it allows, or with what it forbids."""
    rows = st.sampled_from([*world.rows_at(operation.path), {}])

    examples = EXAMPLES[mode] - (operation.method == "get")

    @settings(FIXED, max_examples=examples)
    @given(case=operation.as_strategy(generation_mode=mode), row=rows)
    def run(case: Case, row: dict[str, Any]) -> None:
        placed(case, row)
        filled(case)
        ask(world, case)

    run()


def can_be_spoilt(operation: APIOperation) -> bool:
    """Tell whether a request can break the description: text without bounds in the path alone cannot."""
    told = operation.definition.raw
    items = told.get("parameters", ())
    bounded = [{"pattern", "enum", "maxLength", "minimum"} & set(item["schema"]) for item in items]
    return "requestBody" in told or any(bounded) or any(item["in"] == "query" for item in items)


def broken_by(world: World, operation: APIOperation) -> Iterator[str]:
    """Ask one operation, and say what is wrong with its answers or with its description."""
    modes = [GenerationMode.POSITIVE] + [GenerationMode.NEGATIVE] * can_be_spoilt(operation)
    for mode in modes:
        try:
            try_operation(world, operation, mode)
        except BaseExceptionGroup as found:
            yield f"{operation.label}, {mode.value}: {found}"
    if operation.definition.raw.get("security"):
        refused = Program(None).send(
            operation.method.upper(), PLACE.sub("1", operation.path).removeprefix(ROOT)
        )
        if refused.status_code != HTTPStatus.UNAUTHORIZED:
            yield f"{operation.label}: answers {refused.status_code} to who shows no token"


@pytest.mark.parametrize("world", WORLDS, indirect=True)
def test_every_operation_keeps_its_description(world: World, request: pytest.FixtureRequest) -> None:
    group = request.node.callspec.params["world"]
    told = Program(None).get("/openapi.json").json()
    world.discover({path: methods for path, methods in told["paths"].items() if group_of(path) == group})
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", served, config=configured(world, told))
    found = [one.ok() for one in schema.get_all_operations()]
    operations = [one for one in found if group_of(one.path) == group]
    broken = [words for operation in operations for words in broken_by(world, operation)]
    assert not broken, "\n\n".join(broken)
    assert len(found) == sum(len(methods) for methods in told["paths"].values())
    assert len(world.answered) >= ANSWERED_AT_LEAST[group], sorted(
        one.label for one in operations if one.label not in world.answered
    )
