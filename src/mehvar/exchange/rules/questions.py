"""Turn an operation into what must be asked of a person, check what is given, and make the call ready.

The same rules serve the try-out, the inquiry page and files of inquiries, so that a row of a file is checked exactly as a form is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from mehvar.exchange.data.operations import Ask, Operation, Parameter, Question
from mehvar.exchange.rules import operations, patterns, rights
from mehvar.kernel.calendars import parse_date
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.kernel.text import to_ascii_digits

LONGEST_VALUE = 1_000
LONGEST_JSON = 100_000
MOST_BODY_FIELDS = 40
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_KEPT_HEADERS = re.compile(
    r"(?i)(x-road-.*|host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|"
    r"expect|proxy-.*|signature|signature-input|authorization|cookie|accept-encoding)"
)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PLACE = re.compile(r"\{([^{}]+)\}")
_YES, _NO = (
    frozenset({"true", "1", "yes", "on", "بله", "có"}),
    frozenset({"false", "0", "no", "off", "خیر", "không"}),
)


def asks_of(document: Mapping[str, Any], operation: Operation, language: str = "") -> tuple[Ask, ...]:
    """Return what must be asked, in the order of the description; headers that belong to the bus are left out."""
    asks = [
        _ask(f"{one.place}.{one.name}", one.label, one.schema, one.description, is_required=one.is_required)
        for one in operation.parameters
        if _is_askable(one)
    ]
    return (*asks, *_body_asks(document, operation, language))


def checked(asks: tuple[Ask, ...], given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, InputError]]:
    """Return typed values by key, and a fault by key for what cannot be taken; empty optional ones are left out."""
    values: dict[str, Any] = {}
    faults: dict[str, InputError] = {}
    for ask in asks:
        text = str(given.get(ask.key) if given.get(ask.key) is not None else "").strip()
        try:
            if text or ask.is_required:
                values[ask.key] = _value(ask, text)
        except InputError as fault:
            faults[ask.key] = fault
    return values, faults


def question_of(operation: Operation, values: Mapping[str, Any]) -> Question:
    """Make a call ready out of checked values.

    Raises:
        InputError: a value cannot stand in an address, or one that the path needs is missing.
    """
    path = _PLACE.sub(lambda match: _path_part(match[1], values), operation.path)
    query = [(key[6:], _plain(value)) for key, value in values.items() if key.startswith("query.")]
    headers = {key[7:]: _plain(value) for key, value in values.items() if key.startswith("header.")}
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable():
            raise InputError(
                gettext_noop("A header takes plain letters only."), code="bad-header", field=f"header.{name}"
            )
    body = _body(operation, values)
    if body is not None and operation.body is not None:
        headers["Content-Type"] = operation.body.media_type or "application/json"
    target = f"{path}?{urlencode(query)}" if query else path
    return Question(operation.method, target, headers, body)


def is_covered(operation: Operation, method: str, pattern: str) -> bool:
    """Tell whether a right on ``method`` and ``pattern`` (both empty: the whole service) covers an operation."""
    if not pattern:
        return True
    sample = _PLACE.sub("x", operation.path)
    return method in {"*", operation.method} and rights.path_pattern(pattern).fullmatch(sample) is not None


def heads_of(asks: tuple[Ask, ...]) -> list[str]:
    """Return the column heads of a file of questions, which are the keys."""
    return [ask.key for ask in asks]


def _is_askable(one: Parameter) -> bool:
    return one.place != "header" or bool(
        _HEADER.fullmatch(one.name) and not _KEPT_HEADERS.fullmatch(one.name)
    )


def _body_asks(document: Mapping[str, Any], operation: Operation, language: str) -> list[Ask]:
    body = operation.body
    if body is None:
        return []
    schema = operations.resolved(document, body.schema)
    rows = operations.schema_rows(document, schema, language)
    flat = (
        rows
        and all(row.depth == 0 and row.type in _SCALARS for row in rows)
        and len(rows) <= MOST_BODY_FIELDS
    )
    if not flat or "json" not in body.media_type:
        example = operations.pretty(body.example) if body.example is not None else ""
        return [
            Ask(
                "body",
                body.media_type,
                "json" if "json" in body.media_type else "text",
                body.is_required,
                body.description[:300],
                longest=LONGEST_JSON,
                example=example,
            )
        ]
    properties = schema.get("properties", {})
    return [
        _ask(
            f"body.{row.name}",
            row.label or row.name,
            operations.resolved(document, properties.get(row.name)),
            row.description,
            is_required=row.is_required,
        )
        for row in rows
    ]


def _ask(key: str, label: str, schema: Mapping[str, Any], hint: str, *, is_required: bool) -> Ask:
    kind = operations.type_of(schema).split(" | ", maxsplit=1)[0]
    choices = (
        tuple(str(value) for value in schema.get("enum", ())[:200])
        if isinstance(schema.get("enum"), list)
        else ()
    )
    if choices:
        kind = "choice"
    elif kind == "string":
        kind = "date" if schema.get("format") == "date" else "text"
    elif kind not in {"integer", "number", "boolean"}:
        kind = "text"
    example = schema.get("example")
    return Ask(
        key, label or key.partition(".")[2], kind, is_required, hint[:300], choices, _pattern(schema.get("pattern")),
        _number(schema.get("minimum")), _number(schema.get("maximum")), int(_number(schema.get("minLength")) or 0),
        int(_number(schema.get("maxLength")) or 0), "" if example is None else str(example)[:100],
    )  # fmt: skip


def _pattern(stated: Any) -> str:
    """Return a pattern that can be checked here in bounded time; others are left to the provider."""
    return stated if isinstance(stated, str) and patterns.is_bounded(stated) else ""


def _number(stated: Any) -> float | None:
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not math.isfinite(stated):
        return None
    return stated


def _value(ask: Ask, text: str) -> Any:
    if not text:
        raise InputError(gettext_noop("Please fill this in."), code="empty", field=ask.key)
    if len(text) > (ask.longest or LONGEST_VALUE) or "\x00" in text:
        raise InputError(
            gettext_noop("This is longer than {limit} characters."),
            code="too-long",
            field=ask.key,
            limit=ask.longest or LONGEST_VALUE,
        )
    if ask.kind in {"integer", "number"}:
        return _within(ask, _parsed_number(ask, to_ascii_digits(text)))
    if ask.kind == "boolean":
        return _parsed_boolean(ask, text)
    if ask.kind == "date":
        return _parsed_date(ask, to_ascii_digits(text))
    if ask.kind == "json":
        return _parsed_json(ask, text)
    if ask.kind == "choice" and text not in ask.choices:
        raise InputError(
            gettext_noop("“{value}” is none of the values offered."),
            code="bad-choice",
            field=ask.key,
            value=text[:60],
        )
    return _fitting(ask, text)


def _fitting(ask: Ask, text: str) -> str:
    if "".join(to_ascii_digits(text).split()).isdigit():
        text = "".join(to_ascii_digits(text).split())
    if ask.pattern and not patterns.fits(ask.pattern, text):
        raise InputError(
            gettext_noop("This does not have the expected form."), code="bad-form", field=ask.key
        )
    if len(text) < ask.shortest:
        raise InputError(
            gettext_noop("At least {limit} characters are needed."),
            code="too-short",
            field=ask.key,
            limit=ask.shortest,
        )
    return text


def _parsed_number(ask: Ask, text: str) -> float:
    try:
        number: float = int(text) if ask.kind == "integer" else float(text)
    except ValueError:
        raise InputError(gettext_noop("Please write a number."), code="not-a-number", field=ask.key) from None
    if not math.isfinite(number):
        raise InputError(gettext_noop("Please write a number."), code="not-a-number", field=ask.key)
    return number


def _within(ask: Ask, number: float) -> float:
    if (ask.minimum is not None and number < ask.minimum) or (
        ask.maximum is not None and number > ask.maximum
    ):
        raise InputError(
            gettext_noop("This number is outside of what is allowed."), code="out-of-range", field=ask.key
        )
    return number


def _parsed_boolean(ask: Ask, text: str) -> bool:
    folded = text.casefold()
    if folded in _YES | _NO:
        return folded in _YES
    raise InputError(gettext_noop("Please write true or false."), code="not-a-boolean", field=ask.key)


def _parsed_date(ask: Ask, text: str) -> str:
    """Read a day in either calendar; what is sent is Gregorian, as ISO 8601 has it."""
    try:
        return parse_date(text).day.isoformat()
    except InputError:
        raise InputError(
            gettext_noop("Please write the day as 2026-01-31 or 1404/11/11."),
            code="not-a-date",
            field=ask.key,
        ) from None


def _parsed_json(ask: Ask, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(gettext_noop("This is not JSON."), code="not-json", field=ask.key) from None


def _path_part(name: str, values: Mapping[str, Any]) -> str:
    value = _plain(values.get(f"path.{name}", ""))
    if not value or value in {".", ".."} or "/" in value or "\\" in value or not value.isprintable():
        raise InputError(
            gettext_noop("This cannot stand in an address."), code="bad-path-value", field=f"path.{name}"
        )
    return quote(value, safe="")


def _body(operation: Operation, values: Mapping[str, Any]) -> bytes | None:
    if "body" in values:
        whole = values["body"]
        is_json = operation.body is not None and "json" in operation.body.media_type
        return json.dumps(whole, ensure_ascii=False).encode() if is_json else str(whole).encode()
    members = {key[5:]: value for key, value in values.items() if key.startswith("body.")}
    if not members:
        return b"{}" if operation.body is not None and operation.body.is_required else None
    return json.dumps(members, ensure_ascii=False).encode()


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
