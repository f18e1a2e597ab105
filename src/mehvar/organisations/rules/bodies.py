"""Decide what a body may look like, without a database: codes, attributes, order of dates, moves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from mehvar.kernel import errors, text
from mehvar.organisations.data import AttributeValue

CODE = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
LONGEST_CODE = 80
LONGEST_NAME = 300
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")


def checked_code(code: str) -> str:
    """Clean a body's code.

    Raises:
        InputError: It is not of small Latin letters, digits, and single dots, hyphens or underscores between them.
    """
    clean = text.to_ascii_digits(code).strip()
    if not CODE.fullmatch(clean) or len(clean) > LONGEST_CODE:
        raise errors.InputError(
            "A code has small Latin letters and digits, with single dots or hyphens between them.",
            code="bad-code",
            field="code",
        )
    return clean


def checked_name(name: str, *, field: str = "text") -> str:
    """Clean a body's name.

    Raises:
        InputError: It is empty or too long.
    """
    clean = text.display_form(name).strip()
    if not text.fold_for_match(clean) or len(clean) > LONGEST_NAME:
        raise errors.InputError(
            "A name has 1 to {longest} characters.", code="bad-name", field=field, longest=LONGEST_NAME
        )
    return clean


def check_dates(start: date | None, end: date | None, *, field: str = "valid_to") -> None:
    """Refuse an end that does not follow its beginning.

    Raises:
        InputError: The dates are out of order.
    """
    if start is not None and end is not None and end <= start:
        raise errors.InputError("The last day must follow the first.", code="bad-dates", field=field)


def attributes_from(written: str) -> dict[str, AttributeValue]:
    """Read attributes written as ``industrial=yes; region=north``; yes, no and whole numbers are typed.

    Raises:
        InputError: A part is not of the form ``key=value``.
    """
    found: dict[str, AttributeValue] = {}
    for part in filter(None, (piece.strip() for piece in re.split(r"[;\n]", written))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not _ATTRIBUTE.fullmatch(key):
            raise errors.InputError(
                "“{part}” is not of the form key=value.", code="bad-attribute", field="attributes", part=part
            )
        found[key] = _typed(value)
    return found


def _typed(value: str) -> AttributeValue:
    """Type an attribute's value."""
    if value.lower() in {"yes", "no"}:
        return value.lower() == "yes"
    return int(value) if _NUMBER.fullmatch(value) else value


def attributes_to(attributes: Mapping[str, AttributeValue]) -> str:
    """Write attributes the way ``attributes_from`` reads them."""
    return "; ".join(f"{key}={_written(value)}" for key, value in sorted(attributes.items()))


def _written(value: AttributeValue) -> str:
    """Write an attribute's value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def check_move(path: str, new_parent_path: str) -> None:
    """Refuse to move a body below itself.

    Raises:
        InputError: The new parent is the body or stands below it.
    """
    if new_parent_path.startswith(path):
        raise errors.InputError("A body cannot stand below itself.", code="move-into-itself", field="parent")
