"""Give things one canonical byte form, one hash and one public identifier."""

from __future__ import annotations

import hashlib
import json
import math
import secrets
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from mehvar.kernel import clock
from mehvar.kernel.errors import InputError, gettext_noop

LARGEST_INTEGER = 2**53 - 1
_quoted = json.encoder.encode_basestring  # escapes exactly what RFC 8785 §3.2.2.2 names
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LAST_ISSUED: list[int] = [0, 0]
_ISSUING = threading.Lock()


def canonical_json(obj: object) -> bytes:
    """Return the one canonical JSON form of ``obj``, UTF-8, after RFC 8785 (JCS).

    Besides JSON's own kinds it takes tuples (as arrays), enumerations (as their value), dates and aware instants
    (ISO 8601; instants in UTC with microseconds and ``Z``), decimals and UUIDs (as strings).

    Raises:
        InputError: a number that JSON cannot carry exactly (NaN, infinity, an integer beyond 2^53 - 1 that no
            double is written as), or text that
            is not valid Unicode (a lone surrogate).
        TypeError: an object of another kind, or a key that is not a string.

    Source: RFC 8785.
    """
    try:
        return _written(obj).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(gettext_noop("The text contains a broken character."), code="broken-text") from error


def content_hash(obj: object) -> str:
    """Return the SHA-256 of the canonical form of ``obj`` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical_json(obj)).hexdigest()


def new_public_id(prefix: str = "") -> str:
    """Return a new identifier, 26 characters [0-9a-hjkmnp-tv-z] that sort by time, after ``prefix-`` if one is given.

    48 bits are milliseconds since 1970, 80 bits chance; within one millisecond and process the order still holds.
    """
    with _ISSUING:
        moment = int(clock.now().timestamp() * 1000)
        chance = _LAST_ISSUED[1] + 1 if moment == _LAST_ISSUED[0] else secrets.randbits(79)
        _LAST_ISSUED[:] = [moment, chance]
    number = (moment << 80) | chance
    letters = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
    return f"{prefix}-{letters}" if prefix else letters


def _written(obj: object) -> str:
    if isinstance(obj, Enum):
        obj = obj.value
    if isinstance(obj, str):
        return _quoted(obj)
    if obj is None or isinstance(obj, int | float):
        return _written_number(obj)
    if isinstance(obj, Mapping):
        return _written_mapping(obj)
    if isinstance(obj, list | tuple):
        return "[" + ",".join([_written(item) for item in obj]) + "]"
    return _quoted(_scalar_text(obj))


def _written_mapping(obj: Mapping[object, object]) -> str:
    if not all(isinstance(key, str) for key in obj):
        raise TypeError("canonical JSON takes only strings as keys")
    plain = {str(key.value if isinstance(key, Enum) else key): value for key, value in obj.items()}
    ordered = sorted(plain, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join([_quoted(key) + ":" + _written(plain[key]) for key in ordered]) + "}"


def _written_number(number: float | None) -> str:
    if number is None:
        return "null"
    if isinstance(number, bool):
        return "true" if number else "false"
    return _written_integer(number) if isinstance(number, int) else _written_float(number)


def _written_integer(number: int) -> str:
    if abs(number) > LARGEST_INTEGER and not _is_written_double(number):
        raise InputError(
            gettext_noop("The number {number} is too large to be recorded exactly."),
            code="number-too-large",
            number=number,
        )
    return str(int(number))


def _is_written_double(number: int) -> bool:
    """Tell whether the digits are those that a double of this size is written with, so that JSON keeps them."""
    try:
        return _written_float(float(number)) == str(number)
    except OverflowError:
        return False


def _written_float(number: float) -> str:
    """Write a double as ECMAScript does (RFC 8785 §3.2.2.3); Python's repr gives the same shortest digits."""
    if not math.isfinite(number):
        raise InputError(
            gettext_noop("A figure that is not a number cannot be recorded."), code="not-a-number"
        )
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    digits, exponent = _shortest_digits(abs(number))
    return sign + _placed(digits, exponent)


def _shortest_digits(number: float) -> tuple[str, int]:
    """Return (d, n) so that number = 0.d x 10^n, d without zeros at either end."""
    mantissa, _, power = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + (int(power) if power else 0)
    digits = whole + fraction
    leading = len(digits) - len(digits.lstrip("0"))
    return digits.strip("0"), point - leading


def _placed(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:  # noqa: PLR2004 - ECMAScript Number::toString, step 6
        return digits + "0" * (point - count)
    if 0 < point <= 21:  # noqa: PLR2004 - step 7
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:  # noqa: PLR2004 - step 8
        return "0." + "0" * -point + digits
    mantissa = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _scalar_text(obj: object) -> str:
    if isinstance(obj, datetime):
        if obj.tzinfo is None:
            raise TypeError("a naive instant has no canonical form")
        return obj.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(obj, date):
        return obj.isoformat()
    if isinstance(obj, Decimal | UUID):
        return str(obj)
    raise TypeError(f"{type(obj).__name__} has no canonical JSON form")
