"""Descriptions become forms, files and calls; hostile ones become nothing worse than less."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mehvar.exchange.rules import operations, questions
from mehvar.kernel.errors import InputError, NotFound

PERSON = {
    "type": "object",
    "required": ["nationalId"],
    "properties": {
        "nationalId": {"type": "string", "pattern": "^[0-9]{10}$", "x-names": {"fa": "شماره ملی"}},
        "name": {"type": "string"},
        "homes": {"type": "array", "items": {"$ref": "#/components/schemas/Home"}},
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Civil register", "version": "1"},
    "tags": [{"name": "people"}],
    "components": {
        "schemas": {
            "Person": PERSON,
            "Home": {"properties": {"postcode": {"type": "string"}, "owner": {"$ref": "#/components/schemas/Person"}}},
        }
    },
    "paths": {
        "/people/{nationalId}": {
            "parameters": [{"name": "nationalId", "in": "path", "required": True, "schema": PERSON["properties"]["nationalId"]}],
            "get": {
                "summary": "Read a person",
                "tags": ["people"],
                "parameters": [
                    {"name": "on", "in": "query", "schema": {"type": "string", "format": "date"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50}},
                    {"name": "X-Road-Client", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {"200": {"description": "A person", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Person"}}}}},
            },
        },
        "/matches": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"properties": {"name": {"type": "string"}, "strict": {"type": "boolean"}}, "required": ["name"]}}},
                },
                "responses": {"200": {"description": "Yes or no"}},
            }
        },
    },
}  # fmt: skip


def read() -> tuple[Any, Any]:
    operation = operations.operation_of(DOCUMENT, "GET /people/{nationalId}", "fa")
    return operation, questions.asks_of(DOCUMENT, operation, "fa")


def test_an_operation_becomes_a_form_in_the_readers_language() -> None:
    operation, asks = read()
    assert [(ask.key, ask.kind, ask.is_required) for ask in asks] == [
        ("path.nationalId", "text", True),
        ("query.on", "date", False),
        ("query.limit", "integer", False),
    ]
    assert asks[0].label == "شماره ملی"
    rows = operations.schema_rows(DOCUMENT, operation.answers[0].schema)
    assert [(row.depth, row.name, row.type) for row in rows[:4]] == [
        (0, "nationalId", "string"),
        (0, "name", "string"),
        (0, "homes", "array of object"),
        (1, "postcode", "string"),
    ]
    assert operations.themes_of(DOCUMENT) == ("people",)
    assert "postcode" in operations.words_of(DOCUMENT)
    with pytest.raises(NotFound):
        operations.operation_of(DOCUMENT, "DELETE /people")


def test_values_are_checked_and_written_safely() -> None:
    operation, asks = read()
    values, faults = questions.checked(
        asks, {"path.nationalId": "۰۰۱ ۲۳۴ ۵۶۷۸", "query.limit": "۵", "query.on": ""}
    )
    assert (values, faults) == ({"path.nationalId": "0012345678", "query.limit": 5}, {})
    question = questions.question_of(operation, values)
    assert (question.method, question.target, question.body) == ("GET", "/people/0012345678?limit=5", None)
    _, faults = questions.checked(asks, {"path.nationalId": "12", "query.limit": "99", "query.on": "31/1"})
    assert {key: fault.code for key, fault in faults.items()} == {
        "path.nationalId": "bad-form",
        "query.limit": "out-of-range",
        "query.on": "not-a-date",
    }
    _, faults = questions.checked(asks, {})
    assert set(faults) == {"path.nationalId"}


@pytest.mark.parametrize("value", ["..", ".", "", "a/b", "a\\b", "a\nb"])
def test_a_value_cannot_leave_its_place_in_the_path(value: str) -> None:
    operation, _ = read()
    with pytest.raises(InputError):
        questions.question_of(operation, {"path.nationalId": value})


def test_bodies_become_fields_or_json() -> None:
    operation = operations.operation_of(DOCUMENT, "POST /matches")
    asks = questions.asks_of(DOCUMENT, operation)
    assert questions.heads_of(asks) == ["body.name", "body.strict"]
    values, faults = questions.checked(asks, {"body.name": "Ana", "body.strict": "بله"})
    assert not faults
    question = questions.question_of(operation, values)
    assert question.body == b'{"name": "Ana", "strict": true}'
    assert question.headers == {"Content-Type": "application/json"}


def test_rights_cover_operations() -> None:
    operation, _ = read()
    assert questions.is_covered(operation, "", "")
    assert questions.is_covered(operation, "GET", "/people/*")
    assert questions.is_covered(operation, "*", "/people/**")
    assert not questions.is_covered(operation, "POST", "/people/*")
    assert not questions.is_covered(operation, "GET", "/people")


def test_patterns_that_could_hang_are_left_to_the_provider() -> None:
    for pattern in ("(a+)+$", "(a|a*)*b", "(", "x" * 500):
        schema = {"type": "string", "pattern": pattern}
        document = {
            "paths": {"/a": {"get": {"parameters": [{"name": "q", "in": "query", "schema": schema}]}}}
        }
        asks = questions.asks_of(document, operations.operations_of(document)[0])
        assert asks[0].pattern == ""


def test_tangles_of_references_end() -> None:
    schemas: dict[str, Any] = {"S0": {"$ref": "#/components/schemas/S0"}}
    for level in range(1, 12):
        schemas[f"S{level}"] = {
            "properties": {f"p{n}": {"$ref": f"#/components/schemas/S{level - 1}"} for n in range(30)}
        }
    document = {"components": {"schemas": schemas}}
    top = {"$ref": "#/components/schemas/S11"}
    assert len(operations.schema_rows(document, top)) == operations.MOST_ROWS
    assert operations.example_of(document, top)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["paths", "/a", "get", "parameters", "schema", "properties", "$ref", "allOf", "in", "name", "requestBody", "content", "responses", "items", "type", "x"]),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(JSON, JSON)
def test_any_description_can_be_read(paths: Any, schema: Any) -> None:
    document = {
        "paths": {
            "/a": {
                "get": paths,
                "post": {"requestBody": {"content": {"application/json": {"schema": schema}}}},
            }
        },
        "x": schema,
    }
    for operation in operations.operations_of(document, "fa"):
        questions.asks_of(document, operation, "fa")
    operations.words_of(document)
    operations.example_of(document, schema)
