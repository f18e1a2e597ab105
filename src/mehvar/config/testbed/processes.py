"""Start and stop the testbed's programs: providers and the gateway. Only what was started here is ever stopped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from mehvar.kernel import children
from mehvar.kernel.errors import Unavailable, gettext_noop

HOST = "127.0.0.1"
STOP_S = 15.0
START_S = 60.0
_WORKER = "mehvar_gateway_process_id{worker="


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


class Program:
    """Hold one program: how it is started, where it logs, whether it runs."""

    def __init__(self, name: str, arguments: list[str], log: Path) -> None:
        """Prepare; `start` runs it."""
        self.name, self._arguments, self._log = name, arguments, log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Tell whether it runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it in a session of its own, so that an interrupt of the terminal reaches the testbed alone."""
        if self.is_running:
            return
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self.process = children.start(*self._arguments, stdout=log, stderr=log, start_new_session=True)

    def stop(self) -> None:
        """Ask it to end, and make it end when it does not."""
        if self.process is not None:
            children.stop(self.process, grace_s=STOP_S)


class GatewayProgram(Program):
    """Run the real gateway, ``mehvar gateway run``, with several processes."""

    def __init__(self, settings: Path, log: Path, status_port: int, workers: int) -> None:
        """Prepare to run with a settings file."""
        super().__init__("gateway", ["mehvar.config.cli", "gateway", "run", str(settings)], log)
        self._status_port, self.workers = status_port, workers

    def wait_until_ready(self) -> None:
        """Wait until all its processes carry calls.

        Raises:
            Unavailable: it ended, or does not come up.
        """
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.is_running:
            if self.health().get("workers_alive") == self.workers:
                return
            time.sleep(0.05)
        raise Unavailable(gettext_noop("The gateway did not start; see {log}."), log=str(self._log))

    def health(self) -> dict[str, object]:
        """Return its own account of itself, empty when it gives none."""
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self._fetch("/health"))
            return found if isinstance(found, dict) else {}
        return {}

    def worker_ids(self) -> list[int]:
        """Return the process ids of its workers, checked to be its own children."""
        text = ""
        with contextlib.suppress(OSError):
            text = self._fetch("/metrics").decode()
        stated = [int(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(_WORKER)]
        return [process_id for process_id in stated if self._is_own(process_id)]

    def _fetch(self, path: str) -> bytes:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self._status_port}{path}", timeout=2) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as answer:
            return answer.read()

    def _is_own(self, process_id: int) -> bool:
        try:
            fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return False
        return self.process is not None and int(fields[1]) == self.process.pid


def publish(path: Path, data: bytes) -> None:
    """Put a file in place at once."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.replace(path)


def tail(log: Path, lines: int = 5) -> str:
    """Return the last lines of a log."""
    file: IO[str]
    with contextlib.suppress(OSError), log.open(errors="replace") as file:
        return "".join(file.readlines()[-lines:])
    return ""


def kill(process_id: int) -> None:
    """Kill one process without warning, as a crash would."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGKILL)
