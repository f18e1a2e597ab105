"""The description of the API is whole, true, documented, and shown without a foreign server."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from ninja.openapi.schema import OpenAPISchema

from mehvar.accounts.data import Role
from mehvar.config.api import reference
from mehvar.config.api.root import api
from mehvar.ui.api import PERMISSION
from tests.factories.organisations import PASSWORD, SmallMinistry

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(api.get_openapi_schema())


def operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, Mapping):
        yield dict(value)
        for part in value.values():
            yield from parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part)


def test_the_description_is_openapi_in_itself(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    assert schema["info"]["title"] == "Mehvar"
    assert {method for _, method, _ in operations(schema)} <= METHODS
    names = [operation["operationId"] for *_, operation in operations(schema)]
    assert len(names) == len(set(names))
    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    used = {part["$ref"] for part in parts(schema) if isinstance(part.get("$ref"), str)}
    assert used <= known


def test_no_two_shapes_of_the_description_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shapes of all rooms stand in one list: of two with one name the description would keep only one."""
    shared: set[str] = set()
    add = OpenAPISchema.add_schema_definitions

    def noting(described: OpenAPISchema, shapes: dict[str, Any]) -> None:
        known = described.schemas
        shared.update(name for name, shape in shapes.items() if known.get(name, shape) != shape)
        add(described, shapes)

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", noting)
    api.get_openapi_schema()
    assert not shared


def test_only_the_exchange_takes_signed_requests(schema: dict[str, Any]) -> None:
    for path, _, operation in operations(schema):
        schemes = {name for one in operation.get("security", ()) for name in one}
        if schemes:
            of_exchange = path.startswith("/api/v1/exchange/")
            assert schemes == {"Token", "Session", *(["SignedRequest"] if of_exchange else [])}, path


def test_every_place_of_a_path_is_a_parameter(schema: dict[str, Any]) -> None:
    for path, _, operation in operations(schema):
        places = set(re.findall(r"{(\w+)}", path))
        given = {item["name"] for item in operation.get("parameters", []) if item["in"] == "path"}
        assert places == given, path


def test_every_operation_says_what_it_does_who_may_and_how_it_fails(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        where = f"{method} {path}"
        assert operation["description"].endswith(".")
        assert operation[PERMISSION], where
        assert len(operation["tags"]) == 1, where
        for codes in ("4XX", "5XX"):
            refusal = operation["responses"][codes]["content"]
            assert refusal["application/problem+json"]["schema"]["$ref"].endswith("/Problem"), where
        assert any(code.startswith("2") for code in operation["responses"]), where
        keys = [item for item in operation.get("parameters", []) if item["name"] == "Idempotency-Key"]
        assert bool(keys) == (method != "get"), where


def test_every_list_is_paged_and_none_is_longer_than_200(schema: dict[str, Any]) -> None:
    unpaged = {"/api/v1/directives/{public_id}/steps", "/api/v1/directives/{public_id}/gates"}
    for path, method, operation in operations(schema):
        answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        if method == "get" and answer.get("schema", {}).get("type") == "array" and path not in unpaged:
            assert set(operation["responses"]["200"]["headers"]) == {"X-Total-Count", "Link"}, path
            asked = {item["name"]: item["schema"] for item in operation["parameters"]}
            assert asked["size"]["maximum"] == 200, path
            assert "page" in asked, path


def test_only_what_is_public_needs_no_token(schema: dict[str, Any]) -> None:
    public = {path for path, _, operation in operations(schema) if not operation.get("security")}
    assert public == {
        "/api/v1/promulgations",
        "/api/v1/promulgations/{code}",
        "/api/v1/promulgations/{code}/xml",
        "/api/v1/promulgations/{code}/pdf",
    }


def test_no_address_is_shared_by_two_routers() -> None:
    """Django would ask the first router only, and the other's methods would answer 405."""
    owners: dict[str, int] = {}
    for number, router in enumerate(api._get_bound_routers()):
        for path in router.path_operations:
            address = re.sub(r"{\w+}", "{}", f"{router.prefix}{path}")
            assert owners.setdefault(address, number) == number, address


def test_every_address_leads_to_its_own_operation(schema: dict[str, Any]) -> None:
    """A place that takes any word, written earlier, would swallow the longer addresses written after it."""
    for path, _, operation in operations(schema):
        found = resolve(re.sub(r"{\w+}", "1", path)).route
        assert re.sub(r"<[^>]+>", "{}", f"/{found}") == re.sub(r"{\w+}", "{}", path), operation["operationId"]


def test_the_document_describes_every_route_as_it_is(schema: dict[str, Any]) -> None:
    written = DOCUMENT.read_text()
    assert reference.MARK in written
    made = written[written.index(reference.MARK) :]
    assert made == reference.markdown(reference.routes(schema)), (
        "docs/api.md is old: run python -m mehvar.config.api"
    )
    for path, method, _ in operations(schema):
        assert f"`{method.upper()} {path}`" in made


def test_the_document_names_every_code_that_the_door_gives() -> None:
    written = DOCUMENT.read_text()
    for code in (
        "not-authenticated",
        "token-read-only",
        "not-permitted",
        "not-found",
        "method-not-allowed",
        "malformed-request",
        "invalid-request",
        "bad-characters",
        "request-too-large",
        "too-many-requests",
        "version-required",
        "version-mismatch",
        "idempotency-key-reused",
        "request-in-progress",
        "fresh-sign-in-needed",
        "second-factor-needed",
        "internal-error",
    ):
        assert f"`{code}`" in written


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "direction", "words"),
    [("fa", "rtl", "واسط"), ("vi", "ltr", "Giao diện"), ("en", "ltr", "Programming interface")],
)
def test_the_page_shows_every_route_in_a_frame_of_the_readers_language(
    schema: dict[str, Any], language: str, direction: str, words: str
) -> None:
    client = Client(headers={"Accept-Language": language})
    answer = client.get("/api/v1/docs")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert re.search(rf'<html[^>]*\bdir="{direction}"', page)
    assert words in page
    for path, method, _ in operations(schema):
        assert f'<span class="method">{method.upper()}</span> {path}</code>' in page
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son\w+=|\sstyle=", page)


@pytest.mark.django_db
def test_the_description_and_the_way_to_the_page_are_open() -> None:
    client = Client()
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Mehvar"
    assert client.get("/api/v1/")["Location"] == "/api/v1/docs"


@pytest.mark.django_db
def test_the_page_leads_who_is_signed_in_to_the_tokens() -> None:
    from tests.factories.organisations import small_ministry

    house: SmallMinistry = small_ministry()
    client = Client()
    assert "/accounts/tokens/" not in client.get("/api/v1/docs").content.decode()
    client.login(username=house.people[Role.AUDITOR].email, password=PASSWORD)
    assert "/accounts/tokens/" in client.get("/api/v1/docs").content.decode()
