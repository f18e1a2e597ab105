"""Tell people what happened, with an undo button where the act can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages

from mehvar.ui.hyperlinks import safe_url

if TYPE_CHECKING:
    from django.http import HttpRequest

_UNDO = "undo="
_STATES = {messages.SUCCESS: "done", messages.ERROR: "overdue", messages.WARNING: "attention"}


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold what the shell shows of one message."""

    state: str
    text: Any
    undo_url: str = ""
    urgent: bool = False


def done(request: HttpRequest, text: Any, *, undo_url: str = "") -> None:
    """Say that an act was done; `undo_url` takes a POST that reverses it."""
    messages.success(request, text, extra_tags=f"{_UNDO}{undo_url}" if undo_url else "")


def failed(request: HttpRequest, text: Any) -> None:
    """Say that something did not happen, what was kept and what to do."""
    messages.error(request, text)


def note(request: HttpRequest, text: Any) -> None:
    """Say something worth knowing."""
    messages.info(request, text)


def warned(request: HttpRequest, text: Any) -> None:
    """Say something that needs attention."""
    messages.warning(request, text)


def shown(request: HttpRequest) -> list[Notice]:
    """Return the waiting messages and mark them as read."""
    return [_notice(message) for message in messages.get_messages(request)]


def _notice(message: Any) -> Notice:
    """Return a message as the shell shows it."""
    tags = message.extra_tags or ""
    undo_url = safe_url(tags.removeprefix(_UNDO)) if tags.startswith(_UNDO) else ""
    state = _STATES.get(message.level, "info")
    return Notice(state, message.message, undo_url, urgent=message.level >= messages.WARNING)
