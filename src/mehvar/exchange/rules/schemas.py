"""Check events against the JSON Schema of their type; nothing is ever fetched.

Source: JSON Schema 2020-12 (other drafts by ``$schema``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mehvar.kernel.errors import InputError, gettext_noop

MAX_SCHEMA_BYTES = 65_536


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
    except ValueError:
        content = None
    error = next(iter(_validator(json.dumps(schema)).iter_errors(content)), None)
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
    return validators.validator_for(schema)(schema, registry=Registry())


def _references(schema: Any) -> list[str]:
    found: list[str] = []
    waiting = [schema]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            found += [str(item[name]) for name in ("$ref", "$dynamicRef") if name in item]
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return found


def _wrong(reason: str) -> InputError:
    return InputError(
        gettext_noop("This cannot be the JSON Schema of a type: {reason}"),
        code="bad-schema",
        field="schema",
        reason=reason,
    )
