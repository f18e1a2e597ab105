"""Give processes of their own what the test's database holds, and wait for what they do."""

import contextlib
import os
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection

TOO_LATE_S = 90


def database(folder: Path) -> str:
    """Give the database to the processes: PostgreSQL as it is, SQLite in memory as a copy in a file."""
    if connection.vendor == "postgresql":
        known = connection.settings_dict
        return (
            f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
        )
    with contextlib.closing(sqlite3.connect(folder / "mehvar.sqlite3")) as file:
        connection.connection.backup(file)
    return f"sqlite:///{folder}/mehvar.sqlite3"


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Give the settings of processes that work on the test's database and in a folder."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "mehvar.config.settings",
        "MEHVAR_DATABASE": database(folder),
        "MEHVAR_HOME": str(folder),
        "MEHVAR_ALLOWED_HOSTS": "testserver",
        **settings,
    }


def free_port() -> int:
    """Give a port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def wait_for(what: Callable[[], object]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + TOO_LATE_S
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)
