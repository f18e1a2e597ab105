"""Join the verbs of the exchange: those of the gateway's process, and the check of a receipt."""

import argparse
from pathlib import Path

from mehvar.exchange import commands as control
from mehvar.gateway import commands as gateway


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mehvar gateway …`` and ``mehvar exchange verify|index|deliver|testbed|publish|snapshot|authority|subject-key``."""
    gateway.register(subparsers)
    exchange = subparsers.add_parser("exchange", help="the exchange between agencies")
    verbs = exchange.add_subparsers(title="verbs", metavar="VERB", dest="exchange_verb", required=True)
    verify = verbs.add_parser("verify", help="verify a receipt offline, without a database")
    gateway.add_verify_arguments(verify)
    verify.set_defaults(run=gateway.verify, needs_django=False)
    index = verbs.add_parser("index", help="read the gateways' evidence into the database now")
    index.set_defaults(run=index_evidence)
    deliver = verbs.add_parser(
        "deliver", help="push events to their receivers until stopped, beside the worker"
    )
    deliver.set_defaults(run=deliver_events)
    testbed = verbs.add_parser("testbed", help="start a small federation on this machine and show it live")
    testbed.add_argument(
        "--folder", type=Path, metavar="FOLDER", help="where its files go (default: a new temporary folder)"
    )
    testbed.add_argument("--port", type=int, default=0, help="port of the page (default: any that is free)")
    testbed.add_argument(
        "--workers", type=int, default=2, help="processes of the gateway (default: %(default)s)"
    )
    testbed.add_argument("--rate", type=float, default=8.0, help="calls per second (default: %(default)s)")
    testbed.add_argument(
        "--language",
        choices=("fa", "vi", "en"),
        default="en",
        help="of the page (default: what the browser asks)",
    )
    testbed.add_argument("--duration", type=float, default=0.0, metavar="SECONDS", help="stop after so long")
    testbed.add_argument("--once", action="store_true", help="check that everything works, then stop")
    testbed.set_defaults(run=run_testbed, needs_django=False)
    control.add_verbs(verbs)


def index_evidence(_options: argparse.Namespace) -> int:
    """Read what is new in the evidence; return 2 while a fault is open, since something does not hold."""
    from mehvar.exchange.actions import indexing
    from mehvar.exchange.queries import calls

    print(f"{indexing.index_evidence()} calls")
    faults = list(calls.open_faults())
    for fault in faults:
        print(f"THE EVIDENCE DOES NOT HOLD: {fault.chain}, segment {fault.segment}: {fault.message}")
    return 2 if faults else 0


def deliver_events(_options: argparse.Namespace) -> int:
    """Push events until told to stop; several such processes share the work."""
    import signal
    import threading

    from mehvar.exchange.actions.events.pushing import Deliverer

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Deliverer().run(stop)
    return 0


def run_testbed(options: argparse.Namespace) -> int:
    """Run the testbed; it opens no database but a file of its own, for events on their way."""
    import os
    import tempfile

    from mehvar.config.cli import start_django

    options.folder = options.folder or Path(tempfile.mkdtemp(prefix="mehvar-testbed-"))
    home = options.folder.resolve()
    home.mkdir(parents=True, exist_ok=True)
    (home / "events.sqlite3").unlink(missing_ok=True)
    os.environ["MEHVAR_HOME"] = str(home)
    os.environ["MEHVAR_DATABASE"] = f"sqlite:///{home}/events.sqlite3"
    start_django()
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    from mehvar.config.testbed import running

    return running.run(options)
