"""What strangers write costs bounded time, and nothing in it leads where it should not."""

import json
import time

import pytest

from mehvar.exchange.rules import addresses, cloudevents, openapi, patterns, schemas
from mehvar.kernel.errors import InputError, LimitExceeded

STRUCTURED = {"content-type": "application/cloudevents+json"}


@pytest.mark.parametrize(
    "pattern",
    [
        "(a|a)*b", "(([a-z])+.)+[A-Z]", r"\d*\d*\d*\d*x", "(a?){40}b", "a?" * 40, "(a|a)" * 40, r"(a+)\1", "(?=a)b",
        "((a*)?(a*)?)?b", "(?:a*)*", "([a]]|a)*b", "(", "a{99999999999}",
    ],
)  # fmt: skip
def test_patterns_that_may_take_for_ever_are_not_tried(pattern: str) -> None:
    assert not patterns.is_bounded(pattern)
    assert patterns.fits(pattern, "a" * 1_000 + "!")


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("^[0-9]{10}$", "0012345678", "001234567"),
        (r"^\d{5}-?\d{5}$", "12345-67890", "12345--67890"),
        ("^(IR|VN)[0-9]+$", "IR7", "US7"),
        (".*a.*", "bab", "bbb"),
    ],
)
def test_usual_patterns_are_tried(pattern: str, good: str, bad: str) -> None:
    assert patterns.is_bounded(pattern)
    assert patterns.fits(pattern, good)
    assert not patterns.fits(pattern, bad)


@pytest.mark.parametrize("pattern", [".*.*b", ".*?.*?b", "^.*.*.*b"])
def test_the_dearest_patterns_that_are_tried_end_soon(pattern: str) -> None:
    assert patterns.is_bounded(pattern)
    began = time.process_time()
    assert not patterns.fits(pattern, "c" * patterns.LONGEST_TEXT)
    assert time.process_time() - began < 1


def test_a_yaml_document_is_measured_before_it_is_built() -> None:
    began = time.process_time()
    for text in (b"openapi: 3.1.0\nx:\n" + b"- a\n" * 500_000, b"a: " + b"[" * 200_000):
        with pytest.raises(LimitExceeded):
            openapi.read_document(text)
    with pytest.raises(InputError, match="anchors"):
        openapi.read_document(b"a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n")
    assert time.process_time() - began < 10


@pytest.mark.parametrize("place", ['"x": "\\u0000"', '"\\u0000": 1', '"paths": {"/a\\u0000": {"get": {}}}'])
def test_what_no_database_holds_is_no_description(place: str) -> None:
    text = f'{{"openapi": "3.1.0", "paths": {{"/a": {{"get": {{}}}}}}, {place}}}'
    with pytest.raises(InputError):
        openapi.read_document(text.encode())


@pytest.mark.parametrize("data", [r'"\ud800"', r'{"\udfff": 1}', "[" * 100_000 + "]" * 100_000])
def test_half_characters_and_depth_are_no_event(data: str) -> None:
    body = f'{{"specversion": "1.0", "id": "1", "source": "/a", "type": "t", "data": {data}}}'
    with pytest.raises(InputError):
        cloudevents.read_http(STRUCTURED, body.encode())


def test_a_schema_leads_neither_in_circles_nor_to_endless_work() -> None:
    with pytest.raises(InputError, match="circle"):
        schemas.check_data({"$ref": "#"}, b"1")
    twice = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    doubling = {"$defs": {**twice, "d40": {"type": "integer"}}, "$ref": "#/$defs/d0"}
    schemas.check_schema(doubling)
    began = time.process_time()
    with pytest.raises(InputError, match="circle"):
        schemas.check_data(doubling, b"1")
    assert time.process_time() - began < 30
    for pattern in ({"pattern": "(a|a)*b"}, {"properties": {"x": {"patternProperties": {"(a|a)*b": {}}}}}):
        with pytest.raises(InputError, match="too long"):
            schemas.check_schema(pattern)
    named = {"patternProperties": {"a.*b": {"type": "integer"}}}
    schemas.check_schema(named)
    with pytest.raises(InputError, match="too long"):
        schemas.check_data(named, json.dumps({"a" * 5_000: 1}).encode())
    with pytest.raises(InputError, match="does not match"):
        schemas.check_data({"pattern": "^[0-9]+$"}, b'"x"')
    with pytest.raises(InputError):
        schemas.check_data({"type": "object"}, b"[" * 200_000)


@pytest.mark.parametrize(
    "address",
    [
        "fec0::1", "::127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::",
        "fe80::1%eth0", "0.0.0.1", "100.64.0.1", "198.18.0.1", "255.255.255.255",
    ],
)  # fmt: skip
def test_no_spelling_of_a_local_address_is_called(address: str) -> None:
    assert not addresses.is_allowed(address)
