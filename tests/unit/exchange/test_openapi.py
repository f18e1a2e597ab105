"""Descriptions are read within limits, operations found with the person's place, and breaking changes told."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.exchange.rules import compatibility, openapi
from mehvar.kernel.errors import InputError, LimitExceeded, MehvarError

YAML = b"""
openapi: 3.0.3
info: {title: Land parcels, version: "1.2"}
paths:
  /parcels/{nationalId}:
    parameters:
      - {name: nationalId, in: path, required: true, schema: {type: string}}
    get:
      summary: Parcels of a person
      parameters:
        - {name: kind, in: query, schema: {type: string, enum: [house, field]}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Parcel"}
  /lots:
    post:
      parameters:
        - {name: X-Person, in: header, x-mehvar-subject: true}
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {a: {type: string}}}
      responses: {"201": {description: made}}
components:
  schemas:
    Parcel:
      type: object
      required: [number]
      properties: {number: {type: string}, area: {type: number}, kind: {type: string, enum: [a]}}
"""


def test_operations_are_found_with_where_the_person_stands() -> None:
    document = openapi.read_document(YAML)
    assert openapi.title_of(document) == ("Land parcels", "1.2")
    assert [(one.method, one.path, one.subject) for one in openapi.operations_of(document)] == [
        ("POST", "/lots", "header:X-Person"),
        ("GET", "/parcels/*", "path:2"),
    ]
    assert openapi.read_document(json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-openapi"),
        (b"{", "description-unreadable"),
        (b"a: [1", "description-unreadable"),
        (b"\xff\xfe", "description-unreadable"),
        (b"a: &x [1]\nb: *x", "description-unreadable"),
        (b"!!python/object/apply:os.system ['id']", "description-unreadable"),
        (b'{"openapi": "2.0"}', "not-openapi"),
        (b'{"openapi": "3.0.0", "paths": {}}', "no-operation"),
        (b'{"openapi": "3.0.0", "paths": {"x": {"get": {}}}}', "bad-path"),
        (b'{"openapi": "3.0.0", "paths": {"/x": {"$ref": "https://other.example/x"}}}', "outside-reference"),
    ],
)
def test_what_cannot_be_taken_is_named(content: bytes, code: str) -> None:
    with pytest.raises(InputError) as refusal:
        openapi.read_document(content)
    assert refusal.value.code == code


def test_limits_hold() -> None:
    with pytest.raises(LimitExceeded):
        openapi.read_document(b" " * (openapi.LARGEST_DOCUMENT + 1))
    deep = b'{"openapi": "3.0.0", "x": ' + b"[" * 100 + b"]" * 100 + b"}"
    with pytest.raises(LimitExceeded):
        openapi.read_document(deep)


def test_references_in_circles_end() -> None:
    circle = {"$ref": "#/components/schemas/A"}
    document = openapi.read_document(YAML)
    document["components"]["schemas"]["A"] = circle
    assert openapi.resolved(document, circle) == {}
    tree = {"type": "object", "properties": {"below": {"$ref": "#/components/schemas/Tree"}}}
    document["components"]["schemas"]["Tree"] = tree
    document["components"]["schemas"]["Parcel"] = tree
    assert compatibility.differences(document, json.loads(json.dumps(document))) == []


def changed(**edits: str) -> list[tuple[bool, str, str]]:
    text = YAML.decode()
    for before, after in edits.items():
        assert PIECES[before] in text
        text = text.replace(PIECES[before], after)
    old, new = openapi.read_document(YAML), openapi.read_document(text.encode())
    return [
        (one.breaks, one.message.split(" ", 1)[1], one.place) for one in compatibility.differences(old, new)
    ]


PIECES = {
    "kind": "{name: kind, in: query, schema: {type: string, enum: [house, field]}}",
    "area": "area: {type: number}",
    "required": "required: [number]",
    "body": "properties: {a: {type: string}}",
    "lots": "/lots:",
    "answer_kind": "kind: {type: string, enum: [a]}",
}


def test_what_breaks_consumers_and_what_does_not() -> None:
    assert changed(kind="{name: kind, in: query, required: true, schema: {type: string, enum: [house]}}") == [
        (True, "parameter {place} must now be given.", "kind"),
        (True, "takes fewer values.", "kind"),
    ]
    assert changed(area="area: {type: string}") == [(True, "has another type.", "200.area")]
    assert changed(area="size: {type: number}") == [
        (True, "is no longer in the answer.", "200.area"),
        (False, "is new in the answer.", "200.size"),
    ]
    assert changed(required="required: []") == [(True, "may be missing from the answer now.", "200.number")]
    assert changed(body="required: [a], properties: {a: {type: string}}") == [
        (True, "must now be sent.", "a")
    ]
    assert changed(lots="/others:") == [(True, "operation is gone.", ""), (False, "operation is new.", "")]
    assert changed(answer_kind="kind: {type: string, enum: [a, b]}") == [
        (True, "can have values that were not known before.", "200.kind")
    ]


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_a_refusal(content: bytes) -> None:
    with contextlib.suppress(MehvarError):
        openapi.read_document(b"openapi: 3.1.0\n" + content)
