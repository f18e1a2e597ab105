"""Define the one hierarchy of errors that people may meet.

A view shows such an error beside its field, the API as RFC 9457 problem details, the command line as one line and
exit code 2. ``message`` is English source text with ``{name}`` places, so that the edges can translate it first and
fill in ``params`` afterwards.

Source: conventions, "Errors".
"""

from __future__ import annotations

from typing import ClassVar


def gettext_noop(message: str) -> str:
    """Return ``message`` as it is; the name makes Django's ``makemessages`` collect it for translators."""
    return message


class MehvarError(Exception):
    """State what failed, for a person.

    ``message``: English text, translatable, with ``{name}`` places. ``code``: stable kebab-case name of the failure.
    ``status``: HTTP status of the class. ``field``: name of the input at fault, or None. ``params``: values for the places.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal-error"

    def __init__(
        self, message: str, *, code: str | None = None, field: str | None = None, **params: object
    ) -> None:
        """Keep the parts apart; nothing is formatted before somebody asks for the text."""
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.params: dict[str, object] = params

    def __str__(self) -> str:
        """Return the English message with its places filled."""
        return self.formatted(self.message)

    def formatted(self, message: str) -> str:
        """Fill the places of ``message`` (a translation of ``self.message``); an unfit translation stays as it is."""
        if not self.params:
            return message
        try:
            return message.format(**self.params)
        except (KeyError, IndexError, ValueError, AttributeError):
            return message


class InputError(MehvarError):
    """Refuse what somebody gave: malformed, out of range or contradictory."""

    status = 422
    default_code = "invalid-input"


class NotPermitted(MehvarError):  # noqa: N818 - the field says "not permitted", and an "Error" suffix adds nothing
    """Refuse an act to somebody who has not the right."""

    status = 403
    default_code = "not-permitted"


class NotFound(MehvarError):  # noqa: N818
    """Say that the thing asked for does not exist, or not for the one who asks."""

    status = 404
    default_code = "not-found"


class Conflict(MehvarError):  # noqa: N818
    """Refuse a change made upon a version that is no longer the present one."""

    status = 409
    default_code = "conflict"


class TransitionNotAllowed(Conflict):
    """Refuse a step that the life cycle does not have in the present state."""

    default_code = "transition-not-allowed"


class LimitExceeded(MehvarError):  # noqa: N818
    """Refuse input that is larger or longer than the stated limit."""

    status = 413
    default_code = "limit-exceeded"


class Unavailable(MehvarError):  # noqa: N818
    """Say that something this needs cannot be reached now; trying later may help."""

    status = 503
    default_code = "unavailable"
