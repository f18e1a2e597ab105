"""Compare two versions of an OpenAPI description: what breaks consumers, what only adds.

It errs on the side of warning: a change that can break a strict consumer is told as breaking.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mehvar.exchange.rules.openapi import DEEPEST, parameters_of, raw_operations, resolved
from mehvar.kernel.errors import gettext_noop

_Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """Hold one difference: whether it breaks consumers, of which operation, and a sentence with ``{place}``."""

    breaks: bool
    operation: str
    message: str
    place: str = ""


def differences(old: _Document, new: _Document) -> list[Change]:
    """Give what differs between two versions, breaking changes first."""
    before, after = _operations(old), _operations(new)
    found = [
        Change(breaks=True, operation=name, message=_M["removed"]) for name in before if name not in after
    ]
    found += [
        Change(breaks=False, operation=name, message=_M["added"]) for name in after if name not in before
    ]
    for name, one in before.items():
        if name in after:
            found += list(_compare(name, old, one, new, after[name]))
    return sorted(
        dict.fromkeys(found), key=lambda one: (not one.breaks, one.operation, one.message, one.place)
    )


_M = {
    "removed": gettext_noop("The operation is gone."),
    "added": gettext_noop("The operation is new."),
    "parameter-required": gettext_noop("The parameter {place} must now be given."),
    "parameter-added": gettext_noop("The parameter {place} may now be given."),
    "parameter-removed": gettext_noop("The parameter {place} is no longer known."),
    "type": gettext_noop("{place} has another type."),
    "values-fewer": gettext_noop("{place} takes fewer values."),
    "values-more": gettext_noop("{place} can have values that were not known before."),
    "body-required": gettext_noop("A body must now be sent."),
    "body-type-removed": gettext_noop("Bodies of the type {place} are no longer taken."),
    "property-required": gettext_noop("{place} must now be sent."),
    "property-gone": gettext_noop("{place} is no longer in the answer."),
    "property-added": gettext_noop("{place} is new in the answer."),
    "property-maybe": gettext_noop("{place} may be missing from the answer now."),
    "status-removed": gettext_noop("The answer {place} is no longer described."),
}

_Operation = tuple[dict[str, Any], list[Any]]


def _operations(document: _Document) -> dict[str, _Operation]:
    return {
        f"{method} {re.sub(r'[{][^{}/]*[}]', '{}', written)}": (operation, shared)
        for written, method, operation, shared in raw_operations(document)
    }


def _compare(
    name: str, old: _Document, before: _Operation, new: _Document, after: _Operation
) -> Iterator[Change]:
    for key, breaks, place in (
        *_parameters(old, before, new, after),
        *_bodies(old, before[0], new, after[0]),
        *_answers(old, before[0], new, after[0]),
    ):
        yield Change(breaks, name, _M[key], place)


_Found = tuple[str, bool, str]


def _parameters(old: _Document, before: _Operation, new: _Document, after: _Operation) -> Iterator[_Found]:
    was, now = parameters_of(old, *before), parameters_of(new, *after)
    was = {place: one for place, one in was.items() if place[0] != "path"}
    for place, one in now.items():
        if place[0] == "path":
            continue
        if place not in was:
            required = one.get("required") is True
            yield ("parameter-required" if required else "parameter-added", required, place[1])
            continue
        if one.get("required") is True and was[place].get("required") is not True:
            yield ("parameter-required", True, place[1])
        yield from _sent((old, was[place].get("schema")), (new, one.get("schema")), place[1], 0)
    yield from (("parameter-removed", True, place[1]) for place in was if place not in now)


def _bodies(
    old: _Document, before: Mapping[str, Any], new: _Document, after: Mapping[str, Any]
) -> Iterator[_Found]:
    was, now = resolved(old, before.get("requestBody")), resolved(new, after.get("requestBody"))
    if now.get("required") is True and was.get("required") is not True:
        yield ("body-required", True, "")
    before_types, after_types = _content(was), _content(now)
    for kind, one in before_types.items():
        if kind not in after_types:
            yield ("body-type-removed", True, kind)
        else:
            yield from _sent((old, one.get("schema")), (new, after_types[kind].get("schema")), "", 0)


def _answers(
    old: _Document, before: Mapping[str, Any], new: _Document, after: Mapping[str, Any]
) -> Iterator[_Found]:
    was, now = before.get("responses") or {}, after.get("responses") or {}
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return
    for status, answer in was.items():
        if status not in now:
            yield ("status-removed", str(status).startswith("2"), str(status))
            continue
        before_types, after_types = _content(resolved(old, answer)), _content(resolved(new, now[status]))
        for kind in before_types.keys() & after_types.keys():
            schemas = (old, before_types[kind].get("schema")), (new, after_types[kind].get("schema"))
            yield from _received(*schemas, str(status), 0)


def _content(holder: Mapping[str, Any]) -> dict[str, Any]:
    found = holder.get("content")
    return (
        {kind: one for kind, one in found.items() if isinstance(one, dict)} if isinstance(found, dict) else {}
    )


_Schema = tuple[_Document, Any]


def _sent(before: _Schema, after: _Schema, place: str, depth: int) -> Iterator[_Found]:
    """Compare what consumers send: more demanded, fewer values and other types break them."""
    was, now = resolved(*before), resolved(*after)
    if depth > DEEPEST // 4:
        return
    yield from _types(was, now, place)
    if isinstance(now.get("enum"), list) and _lost(was.get("enum"), now["enum"]):
        yield ("values-fewer", True, place)
    required = set(_names(now.get("required"))) - set(_names(was.get("required")))
    yield from (("property-required", True, _below(place, name)) for name in sorted(required))
    for name, pair in _shared(before[0], was, after[0], now):
        yield from _sent(*pair, _below(place, name), depth + 1)


def _received(before: _Schema, after: _Schema, place: str, depth: int) -> Iterator[_Found]:
    """Compare what consumers receive: what is gone or may be missing, new values and other types break them."""
    was, now = resolved(*before), resolved(*after)
    if depth > DEEPEST // 4:
        return
    yield from _types(was, now, place)
    if isinstance(was.get("enum"), list) and _lost(now.get("enum"), was["enum"]):
        yield ("values-more", True, place)
    had, has = _properties(was), _properties(now)
    yield from (("property-gone", True, _below(place, name)) for name in had if name not in has)
    yield from (("property-added", False, _below(place, name)) for name in has if name not in had)
    maybe = set(_names(was.get("required"))) - set(_names(now.get("required")))
    yield from (("property-maybe", True, _below(place, name)) for name in sorted(maybe & has.keys()))
    for name, pair in _shared(before[0], was, after[0], now):
        yield from _received(*pair, _below(place, name), depth + 1)


def _types(was: Mapping[str, Any], now: Mapping[str, Any], place: str) -> Iterator[_Found]:
    if was.get("type") and now.get("type") and was["type"] != now["type"]:
        yield ("type", True, place)


def _lost(wider: Any, values: list[Any]) -> bool:
    """Tell whether the first list has values that the second lacks; no list is every value."""
    if not isinstance(wider, list):
        return True
    return any(value not in values for value in wider)


def _shared(
    old: _Document, was: Mapping[str, Any], new: _Document, now: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[_Schema, _Schema]]]:
    had, has = _properties(was), _properties(now)
    for name in had.keys() & has.keys():
        yield name, ((old, had[name]), (new, has[name]))
    if "items" in was and "items" in now:
        yield "[]", ((old, was["items"]), (new, now["items"]))


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _names(found: Any) -> list[str]:
    return [str(name) for name in found] if isinstance(found, list) else []


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
