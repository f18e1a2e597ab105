"""Run an own Redmine (Debian's package) on loopback with as many issues as we have deliveries.

The instance is a temporary folder with a copy of the package's fresh database; nothing of the machine's own instance is touched. It is stopped by its
process.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import IO

from bench import timing

SHARE = Path("/usr/share/redmine")
FRESH = Path("/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default")
COLUMNS = (
    *(
        "subject",
        "assigned_to",
        "category",
        "due_date",
        "status",
        "priority",
        "tracker",
        "done_ratio",
        "author",
    ),
    *("start_date", "updated_on"),
)
PATIENCE_S = 120


def is_installed() -> bool:
    """Tell whether Redmine, its SQLite database and puma are on this machine."""
    return SHARE.is_dir() and FRESH.exists() and shutil.which("puma") is not None


@dataclass(frozen=True, slots=True)
class Server:
    """Hold a server that runs: its port, and its first process."""

    port: int
    process: int

    def processor_ms(self) -> float:
        """Give the processor time of the server's processes until now."""
        return timing.processor_ms(_with_children(self.process))


def list_path(sort: str, page: int) -> str:
    """Give the address of the issue list with as many columns as ours."""
    columns = "&".join(f"c[]={name}" for name in COLUMNS)
    return f"/projects/year/issues?set_filter=1&per_page=50&{columns}&sort={sort}&page={page}"


@contextmanager
def served(rows: int, bodies: int) -> Iterator[Server]:
    """Serve a fresh Redmine with so many issues by puma, with one process and one thread."""
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        _furnish(home, rows, bodies)
        command = ["puma", "-b", f"tcp://127.0.0.1:{port}", "-e", "production", "-t", "1:1", "config.ru"]
        environment = {
            **os.environ,
            "RAILS_ENV": "production",
            "REDMINE_INSTANCE": os.path.relpath(home, SHARE / "instances"),
        }
        with running(command, port, "/login", environment=environment, folder=SHARE) as server:
            yield server


def free_port() -> int:
    """Give a port of the loopback that nobody uses."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], port: int, path: str, *, environment: dict[str, str], folder: Path | None = None
) -> Iterator[Server]:
    """Start a server, wait until it answers, and stop it at the end by its process."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            _wait(f"http://localhost:{port}{path}", server, log)
            yield Server(port, server.pid)
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait(address: str, server: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=30):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.5)
    log.seek(0)
    raise RuntimeError(f"{server.args!r} did not start: {log.read().decode(errors='replace')[-600:]}")


def _with_children(process: int) -> list[int]:
    """Give a process and all that it began."""
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text().split():
            found += _with_children(int(child))
    return found


def _furnish(home: Path, rows: int, bodies: int) -> None:
    for name in ("config", "log", "tmp/cache", "files"):
        (home / name).mkdir(parents=True)
    shutil.copy(FRESH, home / "year.sqlite3")
    settings = f"production:\n  adapter: sqlite3\n  database: {home}/year.sqlite3\n  encoding: utf8\n  timeout: 20000\n"
    (home / "config" / "database.yml").write_text(settings)
    (home / "config" / "secret_key.txt").write_text("0" * 64)
    with closing(sqlite3.connect(home / "year.sqlite3")) as connection, connection:
        _fill(connection, rows, bodies)
        connection.execute("ANALYZE")


def _fill(connection: sqlite3.Connection, rows: int, bodies: int) -> None:
    now, start = "2026-10-15 09:00:00", date(2026, 1, 5)
    connection.execute(
        "INSERT INTO projects (id, name, identifier, is_public, status, lft, rgt, created_on, updated_on) VALUES (1, 'Year', 'year', 1, 1, 1, 2, ?, ?)",
        (now, now),
    )
    connection.execute("INSERT INTO projects_trackers (project_id, tracker_id) VALUES (1, 1)")
    connection.execute("INSERT INTO enabled_modules (project_id, name) VALUES (1, 'issue_tracking')")
    connection.executemany(
        "INSERT INTO users (id, login, firstname, lastname, status, type, created_on, updated_on) VALUES (?, ?, ?, 'Body', 1, 'User', ?, ?)",
        [(100 + n, f"body{n}", f"Province {n}", now, now) for n in range(bodies)],
    )
    connection.executemany(
        "INSERT INTO issue_categories (id, project_id, name) VALUES (?, 1, ?)",
        [(n + 1, f"Field {n:02d}") for n in range(30)],
    )
    connection.executemany(
        """INSERT INTO issues (id, tracker_id, project_id, subject, description, due_date, category_id, status_id, assigned_to_id, priority_id,
            author_id, created_on, updated_on, start_date, done_ratio, root_id, lft, rgt) VALUES (?, 1, 1, ?, '', ?, ?, ?, ?, 2, 1, ?, ?, ?, ?, ?, 1, 2)""",
        (
            (
                n, f"Measure {n}: open data, so that service {n % 997} works in every place",
                (start + timedelta(days=31 * (n % 16))).isoformat(), n % 30 + 1, 5 if n % 100 < 56 else 1,
                100 + n % bodies, now, now, start.isoformat(), n % 11 * 10, n,
            )
            for n in range(1, rows + 1)
        ),
    )  # fmt: skip
