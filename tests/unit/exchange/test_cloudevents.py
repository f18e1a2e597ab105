"""CloudEvents to the letter: what is valid comes back as it went, what is not is refused and the attribute named."""

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.exchange.data.events import Event, Verdict
from mehvar.exchange.rules import cloudevents, retries, schemas
from mehvar.kernel.errors import InputError, LimitExceeded

GOOD: dict[str, Any] = {"specversion": "1.0", "id": "1", "source": "/a", "type": "t"}
TEXT = st.text('aZ9 é%"+/قطعه日😀', min_size=1, max_size=12)
ATTRIBUTES = st.one_of(TEXT, st.integers(-(2**31), 2**31 - 1), st.booleans())
NAMES = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20).filter(
    lambda name: (
        name not in {*GOOD, "subject", "time", "datacontenttype", "dataschema", "data", "data_base64"}
    )
)
EVENTS = st.builds(
    Event,
    id=TEXT,
    source=st.sampled_from(["/a", "urn:qf:land", "https://example.org/x?y=1"]),
    type=TEXT,
    subject=st.one_of(st.just(""), TEXT),
    time=st.sampled_from(["", "2026-04-01T12:00:00Z", "2026-04-01T12:00:00.123+03:30"]),
    data=st.one_of(st.none(), st.binary(max_size=40)),
    content_type=st.just("application/octet-stream"),
    extensions=st.dictionaries(NAMES, TEXT, max_size=3),
)


@given(EVENTS, st.booleans())
def test_an_event_survives_http_in_both_modes(event: Event, structured: bool) -> None:  # noqa: FBT001 - drawn
    headers, body = cloudevents.to_http(event, structured=structured)
    assert all(value.isascii() and value.isprintable() for value in headers.values())
    (back,) = cloudevents.read_http(headers, body)
    if event.data is None and not structured:
        assert (back.id, back.source, back.subject, back.extensions) == (
            event.id,
            event.source,
            event.subject,
            event.extensions,
        )
    else:
        assert back == event


@given(st.dictionaries(NAMES, ATTRIBUTES, max_size=3))
def test_types_of_extensions_survive_the_json_format(extensions: dict[str, Any]) -> None:
    event = Event("1", "/a", "t", extensions=extensions)
    assert cloudevents.from_json(cloudevents.to_json(event)) == event


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"specversion": "0.3"}, "specversion"), ({"id": ""}, "id"), ({"id": 5}, "id"), ({"id": None}, "id"),
        ({"source": "a b"}, "source"), ({"type": "a\nb"}, "type"), ({"time": "yesterday"}, "time"),
        ({"time": "2026-13-01T00:00:00Z"}, "time"), ({"subject": ""}, "subject"), ({"dataschema": "/relative"}, "dataschema"),
        ({"datacontenttype": "json"}, "datacontenttype"), ({"Big": 1}, "Big"), ({"a_b": 1}, "a_b"), ({"x": 1.5}, "x"),
        ({"x": 2**31}, "x"), ({"x": {"y": 1}}, "x"), ({"data": 1, "data_base64": "AA=="}, "data"), ({"data_base64": "*"}, "data_base64"),
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused(members: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        cloudevents.from_json(json.dumps({**GOOD, **members}))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"{}"), ({"Content-Type": "application/json"}, b"{}"), ({"Content-Type": "application/cloudevents+avro"}, b""),
        ({"Content-Type": "application/cloudevents-batch+json"}, b"{}"), ({"Content-Type": "application/cloudevents+json"}, b"[" * 5_000),
        ({"ce-id": "1", "ce-source": "/a", "ce-type": "t", "ce-specversion": "1.0", "Content-Type": "application/json"}, b"{"),
        ({"ce-id": "%FF", "ce-source": "/a", "ce-type": "t", "ce-specversion": "1.0"}, b""),
        ({"ce-id": "1", "ce-source": "/a", "ce-type": "t", "ce-specversion": "1.0", "ce-datacontenttype": "a/b"}, b""),
        ({"Content-Type": "application/cloudevents+json"}, b'{"id": NaN}'),
    ],
)  # fmt: skip
def test_messages_that_carry_no_event_are_refused(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(InputError):
        cloudevents.read_http(headers, body)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        cloudevents.from_json(json.dumps({**GOOD, "data": "x" * 262_144}))
    batch = json.dumps([GOOD] * 1_001).encode()
    with pytest.raises(LimitExceeded):
        cloudevents.read_http({"Content-Type": "application/cloudevents-batch+json"}, batch)


def test_pauses_grow_and_are_spread() -> None:
    assert [retries.pause_s(attempt, lambda: 1.0) for attempt in (1, 2, 3, 20)] == [2, 4, 8, 3_600]
    assert retries.pause_s(3, lambda: 0.0) == 4
    for status, attempt, verdict in (
        (204, 1, Verdict.DONE),
        (302, 1, Verdict.RETRY),
        (500, 11, Verdict.RETRY),
        (500, 12, Verdict.DEAD),
        (410, 1, Verdict.DEAD),
        (0, 1, Verdict.RETRY),
    ):
        assert (
            retries.settlement_of("r", status, attempt=attempt, attempts=12, draw=lambda: 0.5).verdict
            is verdict
        )
    asked = retries.settlement_of("r", 429, attempt=1, attempts=12, draw=lambda: 0.5, retry_after_s=90)
    assert asked.after_s == 90
    assert retries.retry_after_s("Wed, 01 Apr 2026 12:01:00 GMT", 1775044800) == 60
    assert retries.retry_after_s("soon", 0) == 0


def test_schemas_refer_to_nothing_outside() -> None:
    schemas.check_schema({"$defs": {"a": {"type": "string"}}, "$ref": "#/$defs/a"})
    for bad in (
        {"$ref": "http://example.org/s.json"},
        {"type": "nonsense"},
        {"properties": {"a": {"$ref": "file:///etc/passwd"}}},
    ):
        with pytest.raises(InputError):
            schemas.check_schema(bad)
    with pytest.raises(InputError) as wrong:
        schemas.check_data({"properties": {"a": {"type": "integer"}}}, b'{"a": "x"}')
    assert wrong.value.params["place"] == "a"
