"""Carry news upwards: a lower room publishes a named event, upper rooms subscribe.

A room with a database publishes from ``transaction.on_commit``, so that nobody hears of what was rolled back. Names
are ``room.what-happened`` (``directives.promulgated``); facts are plain values (identifiers, not model objects).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Handler = Callable[..., Any]

_HANDLERS: dict[str, list[Handler]] = defaultdict(list)


def subscribe(name: str, handler: Handler) -> None:
    """Call ``handler(**facts)`` at each event ``name``; subscribing the same handler again changes nothing."""
    if handler not in _HANDLERS[name]:
        _HANDLERS[name].append(handler)


def unsubscribe(name: str, handler: Handler) -> None:
    """Stop calling ``handler`` at event ``name``."""
    if handler in _HANDLERS[name]:
        _HANDLERS[name].remove(handler)


@contextmanager
def subscribed(name: str, handler: Handler) -> Iterator[None]:
    """Subscribe ``handler`` within the block only."""
    subscribe(name, handler)
    try:
        yield
    finally:
        unsubscribe(name, handler)


def publish(name: str, **facts: object) -> None:
    """Tell every subscriber of ``name``, in the order of subscription; all are told even when one fails.

    Raises:
        ExceptionGroup: after all were told, with what failed.
    """
    failures: list[Exception] = []
    for handler in tuple(_HANDLERS.get(name, ())):
        try:
            handler(**facts)
        except Exception as error:  # noqa: BLE001 - the others must hear the news all the same
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"subscribers of {name} failed", failures)
