"""Read a fact of the register once while one piece of work asks for it again and again.

Work that settles hundreds of rows in one transaction asks for the same roles and bodies at every row. While the register is *held*, each
answer is kept; outside nothing is. Who holds it changes nothing of the register, and holds it no longer than a transaction lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_HELD: ContextVar[dict[Hashable, Any] | None] = ContextVar("organisations.held", default=None)


@contextmanager
def register_held() -> Iterator[None]:
    """Keep what is read of the register until the block ends."""
    token = _HELD.set({})
    try:
        yield
    finally:
        _HELD.reset(token)


def read_once(look_up: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a query answer from what is kept, while the register is held; its arguments must be hashable."""

    @wraps(look_up)
    def answer(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        held = _HELD.get()
        if held is None:
            return look_up(*args, **kwargs)
        asked = (look_up, args, tuple(sorted(kwargs.items())))
        if asked not in held:
            held[asked] = look_up(*args, **kwargs)
        found: _T = held[asked]
        return found

    return answer
