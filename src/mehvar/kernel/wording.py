"""Hold what people write to its limits."""

from __future__ import annotations

from mehvar.kernel.errors import InputError, gettext_noop


def written(text: str, *, field: str, limit: int) -> str:
    """Give a text that must be there, as it is.

    Raises:
        InputError: Nothing is written, or too much.
    """
    if not text.strip():
        raise InputError(gettext_noop("Please write this down."), code="empty", field=field)
    return within(text, field=field, limit=limit)


def within(text: str, *, field: str, limit: int) -> str:
    """Give a text that may be empty, as it is.

    Raises:
        InputError: Too much is written.
    """
    if len(text) > limit:
        raise InputError(
            gettext_noop("This is longer than {limit} characters."), code="too-long", field=field, limit=limit
        )
    return text
