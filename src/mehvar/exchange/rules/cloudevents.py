"""Read and write CloudEvents 1.0: JSON format, and the binary, structured and batched modes of the HTTP binding.

Strict where the specification says MUST: names, types, times, addresses, control characters; ``data`` and ``data_base64``
exclude one another.

Source: CloudEvents 1.0.2, JSON event format 1.0.2, HTTP protocol binding 1.0.2.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from mehvar.exchange.data.events import MAX_BATCH, MAX_EVENT_BYTES, SPEC_VERSION, Attribute, Event
from mehvar.kernel.errors import InputError, LimitExceeded, gettext_noop

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
JSON = "application/json"
MAX_ATTRIBUTE_CHARS = 2_000
MAX_NAME_CHARS = 40
_NAME = re.compile(r"[a-z0-9]+")
_MEDIA = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_JSON_MEDIA = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?json(?:\s*;.*)?", re.IGNORECASE)
_OWN = frozenset({"id", "source", "type", "specversion", "subject", "time", "datacontenttype", "dataschema"})
_LARGEST = 2**31


def read_http(headers: Mapping[str, str], body: bytes) -> list[Event]:
    """Read the events of an HTTP message in any of the three modes; header names in any case.

    Raises:
        InputError: it is no CloudEvent, or not a valid one; ``field`` names the attribute.
        LimitExceeded: an event is larger than 256 KiB, or a batch has more than 1,000.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    media = lowered.get("content-type", "").partition(";")[0].strip().lower()
    if media == BATCHED:
        return _batch(body)
    if media == STRUCTURED:
        return [from_json(body)]
    if media.startswith("application/cloudevents"):
        raise _wrong("content-type", gettext_noop("Only the JSON format of CloudEvents is understood."))
    if "ce-specversion" not in lowered and "ce-id" not in lowered:
        raise _wrong(
            "content-type",
            gettext_noop(
                "This is no CloudEvent: send application/cloudevents+json, or the headers ce-id, ce-source, ce-type, ce-specversion."
            ),
        )
    return [_binary(lowered, body)]


def from_json(data: bytes | str) -> Event:
    """Read one event in the JSON format.

    Raises:
        InputError, LimitExceeded: as `read_http`.
    """
    if len(data) > MAX_EVENT_BYTES:
        raise _too_large()
    return _event(_parsed(data))


def members_of(event: Event) -> dict[str, Any]:
    """Return the members of an event's JSON format."""
    members: dict[str, Any] = {"specversion": SPEC_VERSION, **_attributes(event)}
    if event.data is not None:
        if _JSON_MEDIA.fullmatch(event.content_type or JSON):
            members["data"] = json.loads(event.data)
        elif event.content_type.startswith("text/") and _is_text(event.data):
            members["data"] = event.data.decode()
        else:
            members["data_base64"] = base64.b64encode(event.data).decode()
    return members


def without_payload(event: Event) -> Event:
    """Return what names an event, without what it says; subject and extensions go too, since they may name persons."""
    return replace(event, data=None, subject="", extensions={})


def to_json(event: Event) -> bytes:
    """Return an event in the JSON format."""
    return json.dumps(members_of(event), ensure_ascii=False, separators=(",", ":")).encode()


def to_http(event: Event, *, structured: bool = False) -> tuple[dict[str, str], bytes]:
    """Return headers and body that carry an event, in binary or structured mode."""
    if structured:
        return {"Content-Type": f"{STRUCTURED}; charset=utf-8"}, to_json(event)
    headers = {"ce-specversion": SPEC_VERSION}
    for name, value in _attributes(event).items():
        if name != "datacontenttype":
            headers[f"ce-{name}"] = _header_value(value)
    if event.data is not None:
        headers["Content-Type"] = event.content_type or JSON
    return headers, event.data or b""


def _batch(body: bytes) -> list[Event]:
    found = _parsed(body)
    if not isinstance(found, list):
        raise _wrong("", gettext_noop("A batch is a JSON list of events."))
    if len(found) > MAX_BATCH:
        raise LimitExceeded(
            gettext_noop("A batch has at most {limit} events."), code="batch-too-large", limit=MAX_BATCH
        )
    return [_event(one) for one in found]


def _binary(headers: Mapping[str, str], body: bytes) -> Event:
    if len(body) > MAX_EVENT_BYTES:
        raise _too_large()
    members: dict[str, Any] = {
        name[3:]: _unquoted(value) for name, value in headers.items() if name.startswith("ce-")
    }
    if "datacontenttype" in members:
        raise _wrong("datacontenttype", gettext_noop("In binary mode the header is Content-Type."))
    if headers.get("content-type"):
        members["datacontenttype"] = headers["content-type"]
    data = body if body or "datacontenttype" in members else None
    if data is not None and _JSON_MEDIA.fullmatch(members.get("datacontenttype") or JSON):
        _parsed(data)
    return _checked(members, data)


def _event(members: object) -> Event:
    if not isinstance(members, dict):
        raise _wrong("", gettext_noop("An event is a JSON object."))
    attributes = {name: value for name, value in members.items() if value is not None}
    content, encoded = attributes.pop("data", None), attributes.pop("data_base64", None)
    if encoded is None:
        return _checked(attributes, _data(content, str(attributes.get("datacontenttype") or JSON)))
    if content is not None:
        raise _wrong("data", gettext_noop("An event has data or data_base64, not both."))
    try:
        return _checked(attributes, base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise _wrong("data_base64", gettext_noop("This is not base64.")) from error


def _data(content: object, media: str) -> bytes | None:
    if content is None:
        return None
    if isinstance(content, str) and not _JSON_MEDIA.fullmatch(media):
        return content.encode()
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _checked(members: Mapping[str, Any], data: bytes | None) -> Event:
    for name, value in members.items():
        _check_attribute(name, value)
    if members.get("specversion") != SPEC_VERSION:
        raise _wrong("specversion", gettext_noop("Only CloudEvents 1.0 are understood."))
    for name in ("id", "source", "type"):
        if not isinstance(members.get(name), str) or not members[name]:
            raise _wrong(name, gettext_noop("An event needs this attribute, as a text."))
    for name in _OWN & set(members):
        if not isinstance(members[name], str) or not members[name]:
            raise _wrong(name, gettext_noop("This attribute is a text and not empty."))
    _check_forms(members)
    return Event(
        members["id"],
        members["source"],
        members["type"],
        data,
        members.get("datacontenttype", ""),
        members.get("subject", ""),
        members.get("time", ""),
        members.get("dataschema", ""),
        {name: value for name, value in members.items() if name not in _OWN},
    )


def _check_attribute(name: str, value: object) -> None:
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME_CHARS:
        raise _wrong(
            name[:MAX_NAME_CHARS],
            gettext_noop("Names of attributes are lower-case letters a to z and digits."),
        )
    if isinstance(value, str):
        if _FORBIDDEN.search(value) or len(value) > MAX_ATTRIBUTE_CHARS:
            raise _wrong(name, gettext_noop("This attribute is too long or holds control characters."))
    elif isinstance(value, int):
        if not isinstance(value, bool) and not -_LARGEST <= value < _LARGEST:
            raise _wrong(name, gettext_noop("Whole numbers have 32 bits."))
    else:
        raise _wrong(name, gettext_noop("Attributes are texts, whole numbers, true or false."))


def _check_forms(members: Mapping[str, Any]) -> None:
    time = members.get("time")
    if time is not None and not _is_time(time):
        raise _wrong("time", gettext_noop("Times are written like 2026-04-01T12:00:00Z."))
    if not _is_address(members["source"]):
        raise _wrong("source", gettext_noop("The source is an address (URI reference)."))
    schema = members.get("dataschema")
    if schema is not None and not (_is_address(schema) and urlsplit(schema).scheme):
        raise _wrong("dataschema", gettext_noop("The schema's address is absolute."))
    media = members.get("datacontenttype")
    if media is not None and not _MEDIA.fullmatch(media):
        raise _wrong("datacontenttype", gettext_noop("This is no media type."))


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return not re.search(r'[\s<>"{}|\\^`]', text)


def _attributes(event: Event) -> dict[str, Attribute]:
    stated: dict[str, Attribute] = {
        "id": event.id, "source": event.source, "type": event.type, "subject": event.subject, "time": event.time,
        "datacontenttype": event.content_type, "dataschema": event.data_schema,
    }  # fmt: skip
    return {name: value for name, value in stated.items() if value != ""} | dict(event.extensions)


def _header_value(value: Attribute) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "".join(
        [letter if "!" <= letter <= "~" and letter not in '"%' else quote(letter, safe="") for letter in text]
    )


def _unquoted(value: str) -> str:
    text = value.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise _wrong("", gettext_noop("A header holds percent signs that are no UTF-8.")) from error


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parsed(data: bytes | str) -> Any:
    try:
        found = json.loads(data, parse_constant=_refuse_constant)
        json.dumps(found, ensure_ascii=False).encode()  # half characters are no text
    except (ValueError, RecursionError) as error:
        raise _wrong("data", gettext_noop("This is not JSON.")) from error
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _too_large() -> LimitExceeded:
    return LimitExceeded(
        gettext_noop("An event has at most {limit} bytes."), code="event-too-large", limit=MAX_EVENT_BYTES
    )


def _wrong(name: str, message: str) -> InputError:
    return InputError(message, code="bad-event", field=name or None)
