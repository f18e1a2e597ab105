"""Check events against the JSON Schema of their type; nothing is ever fetched.

Source: JSON Schema 2020-12 (other drafts by ``$schema``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import Any

from mehvar.exchange.rules import patterns
from mehvar.kernel.errors import InputError, gettext_noop

MAX_SCHEMA_BYTES = 65_536
MOST_REFERENCES = 50_000
"""References that are followed for one event, at most."""

_LEADING = ("$ref", "$dynamicRef", "$recursiveRef")
_FOLLOWED: ContextVar[list[int]] = ContextVar("followed")


class _EndlessError(Exception):
    """Say that a schema leads to too much."""


def check_schema(schema: Mapping[str, Any]) -> None:
    """Refuse what is no JSON Schema, is too large, or refers to somewhere else.

    Raises:
        InputError: it is or does.
    """
    from jsonschema import exceptions, validators

    text = json.dumps(schema)
    if len(text) > MAX_SCHEMA_BYTES:
        raise _wrong("it is larger than 64 KiB")
    if any(not reference.startswith("#") for reference in _references(schema)):
        raise _wrong("it refers to another document")
    unbounded = [one for one in _patterns(schema) if not patterns.is_bounded(one)]
    if unbounded:
        raise _wrong(f"its pattern {unbounded[0][:100]} may take too long")
    try:
        validators.validator_for(schema).check_schema(schema)
    except exceptions.SchemaError as error:
        raise _wrong(error.message[:200]) from error


def check_data(schema: Mapping[str, Any], data: bytes | None) -> None:
    """Refuse data that do not fit a schema.

    Raises:
        InputError: they do not; the message says where and why.
    """
    try:
        content = json.loads(data or b"null")
    except (ValueError, RecursionError):
        content = None
    if _names_patterns(schema) and any(len(name) > patterns.LONGEST_TEXT for name in _names(content)):
        raise _wrong("names are too long for its patterns")
    _FOLLOWED.set([0])
    try:
        error = next(iter(_validator(json.dumps(schema)).iter_errors(content)), None)
    except (RecursionError, _EndlessError) as endless:
        raise _wrong("its references lead in a circle, or to too much") from endless
    if error is not None:
        place = "/".join([str(part) for part in error.absolute_path])
        raise InputError(
            gettext_noop("The data do not fit the schema of this type at “{place}”: {reason}"),
            code="data-not-fitting",
            field="data",
            place=place or "/",
            reason=error.message[:200],
        )


@lru_cache(maxsize=256)
def _validator(text: str) -> Any:
    from jsonschema import validators
    from referencing import Registry

    schema = json.loads(text)
    kind = validators.validator_for(schema)
    follow = {name: partial(_follow, kind.VALIDATORS[name]) for name in _LEADING if name in kind.VALIDATORS}
    bounded = validators.extend(kind, {"pattern": _fits, **follow})
    return bounded(schema, registry=Registry())


def _fits(_validator: Any, pattern: str, content: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import exceptions

    if isinstance(content, str) and not patterns.fits(pattern, content):
        yield exceptions.ValidationError(f"{content[:100]!r} does not match {pattern!r}")


def _follow(
    keyword: Callable[..., Iterable[Any] | None], validator: Any, target: str, content: Any, schema: Any
) -> Iterator[Any]:
    """Follow a reference, so many for one event at most: references that lead to each other twice never end."""
    followed = _FOLLOWED.get()
    followed[0] += 1
    if followed[0] > MOST_REFERENCES:
        raise _EndlessError
    yield from keyword(validator, target, content, schema) or ()


def _patterns(schema: Any) -> list[str]:
    """Give every pattern of a schema."""
    stated = [item["pattern"] for item in _objects(schema) if isinstance(item.get("pattern"), str)]
    return stated + _names_patterns(schema)


def _names_patterns(schema: Any) -> list[str]:
    stated = [item.get("patternProperties") for item in _objects(schema)]
    return [str(name) for names in stated if isinstance(names, Mapping) for name in names]


def _names(content: Any) -> list[str]:
    return [name for item in _objects(content) for name in item]


def _objects(content: Any) -> Iterator[Mapping[str, Any]]:
    """Give every object of a JSON value, however deep it is."""
    waiting = [content]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _references(schema: Any) -> list[str]:
    return [str(item[name]) for item in _objects(schema) for name in ("$ref", "$dynamicRef") if name in item]


def _wrong(reason: str) -> InputError:
    return InputError(
        gettext_noop("This cannot be the JSON Schema of a type: {reason}"),
        code="bad-schema",
        field="schema",
        reason=reason,
    )
