"""Start programs of our own that never outlive the one that started them, however that one ends.

The parent holds the writing end of a pipe which is the child's standard input. When the parent is gone, even by ``kill -9``,
the system closes the pipe; the child reads its end and stops itself. That holds on every system, and no process id can be
mistaken for another's.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

GRACE_S = 30.0
"""How long a process that was asked to end may go on with what it has in hand."""


_running: list[subprocess.Popen[bytes]] = []


def start(module: str, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start ``python -m MODULE ARGUMENT …`` as a child of this process; ``options`` are those of ``subprocess.Popen``."""
    for ended in [child for child in _running if child.poll() is not None]:
        _let_go(ended)
    command = [sys.executable, "-m", __name__, module, *arguments]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, **options)  # noqa: S603 - our own programs
    _running.append(child)
    return child


def stop(*children: subprocess.Popen[bytes], grace_s: float = GRACE_S) -> None:
    """Ask children to end, and make those end that do not within the grace time."""
    for child in children:
        child.terminate()
    until = time.monotonic() + grace_s
    for child in children:
        try:
            child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        _let_go(child)


def _let_go(child: subprocess.Popen[bytes]) -> None:
    """Close the pipe to a child that has ended."""
    if child in _running:
        _running.remove(child)
    if child.stdin is not None:
        child.stdin.close()


def _let_go_of_all() -> None:
    """Close a forked process's copies of the pipes: they would hide that the parent is gone."""
    while _running:
        _let_go(_running[0])


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go_of_all)


def end_with_parent() -> None:
    """End this process, which ``start`` started, when its parent is gone; nothing else reads its standard input."""
    pipe = os.dup(sys.stdin.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    _end_after(lambda: os.read(pipe, 1))


def end_with_server() -> None:
    """End this process, which ``multiprocessing`` started, when the process that started it is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        _end_after(parent.join)


def _end_after(wait: Callable[[], object]) -> None:
    """End this process after a wait: gracefully, as if it had been told to, then at once."""

    def watch() -> None:
        """Wait for the end of the other process."""
        wait()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


if __name__ == "__main__":
    end_with_parent()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
