"""Read the event loop's clock once for each thing that happens, not at every step of handling it."""

from __future__ import annotations

import asyncio


class LoopClock:
    """Hold the instant of the last thing that happened. Whatever the loop calls first sets ``now``; the sweep too.

    So ``now`` is never older than the last sweep, a quarter of a second: near enough for time-outs.
    """

    __slots__ = ("now", "read")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin now."""
        self.read = loop.time
        self.now = loop.time()
