"""Run an own Redmine (Debian's package) on loopback with as many issues as we have deliveries, and time its issue list.

The instance is a temporary folder with a copy of the package's fresh database; nothing of the machine's own instance is touched. Its server time is
what its own ``X-Runtime`` header says, so that neither side pays for the network. It is stopped by its process.
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
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

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
PATIENCE_S = 90


def is_installed() -> bool:
    """Tell whether Redmine, its SQLite database and puma are on this machine."""
    return SHARE.is_dir() and FRESH.exists() and shutil.which("puma") is not None


def list_times(rows: int, bodies: int, queries: Mapping[str, str], runs: int) -> dict[str, list[float]]:
    """Give the server times in ms of Redmine's issue list for each query string, after two requests to warm up."""
    with _served(rows, bodies) as base:
        columns = "&".join(f"c[]={name}" for name in COLUMNS)
        found = {}
        for name, query in queries.items():
            url = f"{base}/projects/year/issues?set_filter=1&per_page=50&{columns}&{query}"
            found[name] = [_runtime(url) for _number in range(runs + 2)][2:]
        return found


def _runtime(url: str) -> float:
    with urllib.request.urlopen(url, timeout=120) as answer:  # noqa: S310 - loopback
        page = answer.read()
        if page.count(b"hascontextmenu") != 50:
            raise AssertionError(f"the peer shows {page.count(b'hascontextmenu')} rows: {url}")
        return float(answer.headers["X-Runtime"]) * 1000


@contextmanager
def _served(rows: int, bodies: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _furnish(home, rows, bodies)
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        command = ["puma", "-b", f"tcp://127.0.0.1:{port}", "-e", "production", "-t", "1:1", "config.ru"]
        environment = {
            **os.environ,
            "RAILS_ENV": "production",
            "REDMINE_INSTANCE": os.path.relpath(home, SHARE / "instances"),
        }
        with (home / "log" / "server").open("wb") as log:
            server = subprocess.Popen(command, cwd=SHARE, env=environment, stdout=log, stderr=log)
            try:
                _wait(base, server, home / "log" / "server")
                yield base
            finally:
                server.terminate()
                server.wait(timeout=20)


def _wait(base: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{base}/login", timeout=30):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"the peer did not start: {log.read_text(errors='replace')[-600:]}")


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
