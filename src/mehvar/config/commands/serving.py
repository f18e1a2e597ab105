"""Serve everything that a first user needs from one command: pages, background work, reminders."""

import argparse
import signal
import socket
import sys
import threading
import time

from mehvar.kernel import children

SCHEDULE_S = 60
PROGRAM = "mehvar.config.cli"


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
    """Bring tables and static files up to date, then serve until interrupted; return 0, or 1 where another server has the port."""
    if not is_free(options.host, options.port):
        print(
            f"Port {options.port} is in use: stop what serves there, or choose another by --port.",
            file=sys.stderr,
        )
        return 1
    from django.core.management import call_command
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    worker = None if options.no_worker else children.start(PROGRAM, "worker")
    print(f"Mehvar is at http://{options.host}:{options.port}/  (Ctrl+C stops it)", flush=True)
    try:
        Granian(
            "mehvar.config.served:application",
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
            children.stop(worker)
    return 0


def is_free(host: str, port: int) -> bool:
    """Tell whether nobody listens at an address; two servers at one would answer by turns, each from its own data."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError:
        return False
    return True


def work(_options: argparse.Namespace) -> int:
    """Run queued tasks and, once a minute, what is due: reminders and e-mail; return 0 when told to stop."""
    tasks = children.start(PROGRAM, "manage", "db_worker", "--verbosity", "0")
    stopping = False
    pushing, pusher = start_pushing()

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    next_run = time.monotonic()
    try:
        while not stopping and tasks.poll() is None:
            if time.monotonic() >= next_run:
                run_schedule()
                next_run = time.monotonic() + SCHEDULE_S
            time.sleep(1)
    finally:
        pushing.set()
        children.stop(tasks)
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
