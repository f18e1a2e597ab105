"""Serve everything that a first user needs from one command: pages, background work, reminders."""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time

SCHEDULE_S = 60


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mehvar serve`` and ``mehvar worker``."""
    serve = subparsers.add_parser("serve", help="serve pages, background work and reminders")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=int, default=8000, help="port (default: %(default)s)")
    serve.add_argument("--workers", type=int, default=2, help="web processes (default: %(default)s)")
    serve.add_argument("--no-worker", action="store_true", help="leave background work to `mehvar worker`")
    serve.set_defaults(run=serve_pages)
    worker = subparsers.add_parser("worker", help="do background work and send reminders")
    worker.set_defaults(run=work)


def serve_pages(options: argparse.Namespace) -> int:
    """Bring tables and static files up to date, then serve until interrupted; return 0."""
    from django.core.management import call_command
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    worker = None if options.no_worker else start_worker()
    print(f"Mehvar is at http://{options.host}:{options.port}/  (Ctrl+C stops it)", flush=True)
    try:
        Granian(
            "mehvar.config.wsgi:application",
            address=options.host,
            port=options.port,
            interface=Interfaces.WSGI,
            workers=options.workers,
            blocking_threads=4,
            log_access=False,
            log_level=LogLevels.warning,
        ).serve()
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait(timeout=20)
    return 0


def start_worker() -> "subprocess.Popen[bytes]":
    """Start ``mehvar worker`` as a child process."""
    return subprocess.Popen([sys.executable, "-m", "mehvar.config.cli", "worker"])


def work(_options: argparse.Namespace) -> int:
    """Run queued tasks and, once a minute, what is due: reminders and e-mail; return 0 when told to stop."""
    tasks = subprocess.Popen(
        [sys.executable, "-m", "mehvar.config.cli", "manage", "db_worker", "--verbosity", "0"]
    )
    stopping = False
    pushing, pusher = start_pushing()

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    parent = os.getppid()
    next_run = time.monotonic()
    try:
        while not stopping and tasks.poll() is None and os.getppid() == parent:
            if time.monotonic() >= next_run:
                run_schedule()
                next_run = time.monotonic() + SCHEDULE_S
            time.sleep(1)
    finally:
        tasks.terminate()
        pushing.set()
        tasks.wait(timeout=30)
        pusher.join(timeout=30)
    return 0


def start_pushing() -> "tuple[threading.Event, threading.Thread]":
    """Push the exchange's events beside all else; what tells it to stop, and its thread."""
    from mehvar.exchange.actions.events.pushing import Deliverer

    stop = threading.Event()
    thread = threading.Thread(target=Deliverer().run, args=(stop,), name="pushing", daemon=True)
    thread.start()
    return stop, thread


def run_schedule() -> None:
    """Do what is due now; a failure is logged and tried again at the next run."""
    import logging

    from django.db import close_old_connections

    from mehvar.config import schedule

    close_old_connections()
    for job in schedule.JOBS:
        try:
            job()
        except Exception:
            logging.getLogger(__name__).exception("scheduled job %s failed", job.__name__)
