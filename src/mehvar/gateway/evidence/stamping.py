"""Have checkpoints stamped by an RFC 3161 authority; traffic never waits for it.

A checkpoint lies in ``stamps/`` as ``.checkpoint`` until its ``.token`` lies beside it. When the authority is down,
checkpoints queue there, across restarts, and are stamped later.
"""

from __future__ import annotations

import asyncio
import logging
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from mehvar.exchange.rules import stamps
from mehvar.kernel.errors import MehvarError

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
MAX_ANSWER_BYTES = 1 << 20
_log = logging.getLogger(__name__)


class Stamper:
    """Stamp the checkpoints of one chain, oldest first."""

    def __init__(self, folder: Path, chain: str, url: str, *, timeout_s: float) -> None:
        """Name the authority; with an empty ``url`` nothing is stamped."""
        self._folder, self._chain, self._url, self._timeout_s = folder / "stamps", chain, url, timeout_s
        self.waiting = 0
        self.last_fault = ""

    async def run(self) -> None:
        """Stamp for ever, pausing longer after each failure."""
        pause = FIRST_PAUSE_S
        while self._url:
            try:
                await asyncio.to_thread(self.stamp_waiting)
                pause, self.last_fault = FIRST_PAUSE_S, ""
            except (OSError, MehvarError, ValueError) as error:
                self.last_fault = str(error)
                _log.warning("%d checkpoints wait for a time stamp: %s", self.waiting, error)
                pause = min(LONGEST_PAUSE_S, pause * 2)
            await asyncio.sleep(pause)

    def stamp_waiting(self) -> int:
        """Stamp all that waits and return how many were stamped.

        Raises:
            OSError, MehvarError: the authority cannot be reached or refused; the rest waits.
        """
        waiting = waiting_checkpoints(self._folder, self._chain)
        self.waiting = len(waiting)
        for path in waiting:
            token = ask_for_stamp(self._url, path.read_bytes(), timeout_s=self._timeout_s)
            partial = path.with_suffix(".partial")
            partial.write_bytes(token)
            partial.replace(path.with_suffix(".token"))
            self.waiting -= 1
        return len(waiting)


def waiting_checkpoints(folder: Path, chain: str) -> list[Path]:
    """Return the checkpoints of a chain that have no time stamp yet, oldest first."""
    found = sorted(folder.glob(f"{chain}-*.checkpoint"))
    return [path for path in found if not path.with_suffix(".token").exists()]


def ask_for_stamp(url: str, message: bytes, *, timeout_s: float) -> bytes:
    """Return the token of the authority at ``url`` for ``message``.

    Raises:
        OSError: it cannot be reached.
        MehvarError: it refused or answered something else.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("a time-stamp authority has an http or https address")
    query = stamps.stamp_request(message)
    request = urllib.request.Request(url, data=query, headers={"Content-Type": "application/timestamp-query"})  # noqa: S310 - scheme checked
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
        return stamps.token_of(answer.read(MAX_ANSWER_BYTES), query)
