"""Keep a gateway's processes running: start, restart, pass signals on, stop gracefully."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from mehvar.gateway.data import GatewaySettings
from mehvar.kernel import children
from mehvar.kernel.errors import Conflict, gettext_noop

if TYPE_CHECKING:
    import subprocess

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_S = 30.0
_log = logging.getLogger(__name__)


class Supervisor:
    """Start one process per slot and start it again when it dies, later each time."""

    def __init__(self, settings: GatewaySettings, settings_path: Path) -> None:
        """Take the evidence folder for this gateway alone.

        Raises:
            Conflict: another gateway writes there.
        """
        self._settings, self._path = settings, settings_path
        settings.evidence.mkdir(parents=True, exist_ok=True)
        self._lock = (settings.evidence / f"{settings.name}.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(
                gettext_noop("Another gateway writes evidence there."), code="gateway-runs"
            ) from error
        self._memory = settings.evidence / f"{settings.name}.shared"
        self._memory.unlink(missing_ok=True)
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._started: dict[int, float] = {}
        self._pause: dict[int, float] = {}
        self._due: dict[int, float] = {}
        self._is_stopping = False

    def run(self) -> int:
        """Run until SIGTERM or SIGINT."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGHUP, self._reload)
        for slot in range(self._settings.workers):
            self._start(slot)
        while not self._is_stopping:
            self._look_after()
            time.sleep(0.1)
        return self._wait_for_end()

    def _start(self, slot: int) -> None:
        arguments = str(self._path), str(slot), str(self._memory)
        self._children[slot] = children.start("mehvar.gateway", *arguments)
        self._started[slot] = time.monotonic()

    def _look_after(self) -> None:
        now = time.monotonic()
        for slot, child in [*self._children.items()]:
            if child.poll() is None:
                continue
            del self._children[slot]
            steady = now - self._started[slot] > STEADY_S
            pause = (
                FIRST_PAUSE_S
                if steady
                else min(LONGEST_PAUSE_S, 2 * self._pause.get(slot, FIRST_PAUSE_S / 2))
            )
            self._pause[slot], self._due[slot] = pause, now + pause
            _log.error("worker %d ended with %s; it starts again in %.1f s", slot, child.returncode, pause)
        for slot in [slot for slot, due in self._due.items() if due <= now]:
            del self._due[slot]
            self._start(slot)

    def _wait_for_end(self) -> int:
        children.stop(*self._children.values(), grace_s=self._settings.grace_s + 15)
        self._memory.unlink(missing_ok=True)
        return 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        for child in self._children.values():
            os.kill(child.pid, signal.SIGHUP)
