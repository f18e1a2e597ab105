"""Read a snapshot's canonical JSON value by value, with one flat reader per kind of record.

Reading takes many small steps instead of a large one, so that a gateway can carry calls in between.
"""

from __future__ import annotations

import codecs
import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from typing import Any, NoReturn

from mehvar.exchange.data.snapshot import Snapshot
from mehvar.exchange.rules.snapshot_faults import Pace, paced

Reader = Callable[[Any], Any]
_WINDOW = 65_536  # bytes
_SURROGATE = re.compile(r"(?<!\\)(?:\\\\)*\\u[dD]")


def read_snapshot(content: bytes | memoryview, pace: Pace) -> Snapshot:
    """Build a snapshot of canonical JSON, refusing unknown and missing members and other types.

    Raises:
        ValueError: it is no canonical JSON, or a value is not possible.
        TypeError: a member is unknown or missing, or of another type.
    """
    walk, last = _Walk(content), ""
    found: dict[str, Any] = {}
    for name in walk.names():
        if name not in _READERS or name <= last:
            raise TypeError(f"the snapshot's member {name!r} is unknown, or not in its place")
        reader, is_list = _READERS[name]
        found[name] = (
            tuple([reader(item) for item in paced(walk.items(), pace)]) if is_list else reader(walk.value())
        )
        last = name
    return Snapshot(**found)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


class _Walk:
    """Walk through one JSON object without white space. Its text is decoded a window at a time."""

    def __init__(self, content: bytes | memoryview) -> None:
        self._content, self._read = memoryview(content), 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text, self._at = "", 0

    def value(self) -> Any:
        """Read the value here; when it goes beyond the window, with a window twice as large."""
        size = _WINDOW
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                if not self._extend(size):
                    raise
            else:
                if end < len(self._text) or not self._extend(size):
                    self._at = end
                    return found
            size *= 2

    def _extend(self, size: int) -> bool:
        """Drop what is read from the window, and add to it; False at the content's end."""
        piece = self._content[self._read : self._read + size]
        self._read += len(piece)
        is_last = self._read == len(self._content)
        self._text = self._text[self._at :] + self._decoder.decode(piece, is_last)
        self._at = 0
        if "\\u" in self._text and _SURROGATE.search(self._text):
            raise ValueError("a character is escaped that canonical JSON never escapes")
        return len(piece) > 0

    def _mark(self) -> str:
        """Return the character here, and step over it."""
        if self._at == len(self._text):
            self._extend(_WINDOW)
        mark = self._text[self._at : self._at + 1]
        self._at += 1
        return mark

    def names(self) -> Iterator[str]:
        """Give the names of the object's members; after each its value must be read."""
        self._demand("{")
        while True:
            name = self.value()
            if not isinstance(name, str):
                raise TypeError("a member needs a name")
            self._demand(":")
            yield name
            if not self._goes_on("}"):
                break
        if self._mark():
            raise ValueError("something follows the snapshot")

    def items(self) -> Iterator[Any]:
        """Give the values of the list here, one by one."""
        self._demand("[")
        if self._mark() == "]":
            return
        self._at -= 1
        while True:
            yield self.value()
            if not self._goes_on("]"):
                return

    def _goes_on(self, end: str) -> bool:
        mark = self._mark()
        if mark not in {",", end}:
            raise ValueError(f"neither a comma nor {end} but {mark!r}")
        return mark == ","

    def _demand(self, wanted: str) -> None:
        if self._mark() != wanted:
            raise ValueError(f"{wanted} is missing")


def _reader(hint: Any) -> Reader:
    """Make the reader of one type."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        return _list_reader(_reader(typing.get_args(hint)[0]))
    if origin is types.UnionType:
        return _optional_reader(_reader(typing.get_args(hint)[0]))
    if dataclasses.is_dataclass(hint):
        return _record_reader(typing.cast("type[Any]", hint))
    if hint is datetime:
        return _instant
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return _number if hint is float else _exact_reader(hint)


def _list_reader(item: Reader) -> Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise TypeError(f"expected a list, got {value!r}")
        return tuple([item(one) for one in value])

    return read


def _optional_reader(inner: Reader) -> Reader:
    return lambda value: None if value is None else inner(value)


def _exact_reader(kind: type[Any]) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, got {value!r}")
        return value

    return read


def _record_reader(kind: type[Any]) -> Reader:
    hints = typing.get_type_hints(kind)
    if set(hints.values()) == {str}:
        return _texts_reader(kind, frozenset(hints))
    readers = {name: _reader(hint) for name, hint in hints.items()}

    def read(content: Any) -> Any:
        _demand_members(kind, content, readers.keys())
        return kind(**{name: readers[name](value) for name, value in content.items()})

    return read


def _texts_reader(kind: type[Any], names: frozenset[str]) -> Reader:
    """Make the reader of a record of texts only."""

    def read(content: Any) -> Any:
        _demand_members(kind, content, names)
        if not {*map(type, content.values())} <= {str}:
            raise TypeError(f"{kind.__name__} has a member that is no text")
        return kind(**content)

    return read


def _demand_members(kind: type[Any], content: Any, names: typing.AbstractSet[str]) -> None:
    if type(content) is not dict:
        raise TypeError(f"{kind.__name__} must be an object")
    if not content.keys() <= names:
        raise TypeError(f"{kind.__name__} has unknown members {sorted(content.keys() - names)}")


def _number(value: Any) -> float:
    if type(value) is not float and type(value) is not int:
        raise TypeError(f"expected a number, got {value!r}")
    return float(value)


def _instant(value: Any) -> datetime:
    instant = datetime.fromisoformat(str(value))
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant


def _top(hint: Any) -> tuple[Reader, bool]:
    is_list = typing.get_origin(hint) is tuple
    return _reader(typing.get_args(hint)[0] if is_list else hint), is_list


_READERS = {name: _top(hint) for name, hint in typing.get_type_hints(Snapshot).items()}
