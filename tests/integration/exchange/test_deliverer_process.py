"""The real thing: a server takes an event over the API, `mehvar worker` pushes it; kill -9 loses nothing, another machine goes on."""

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.db import connection

from mehvar.exchange.actions.events import subscriptions
from mehvar.exchange.actions.events.subscriptions import Wish
from mehvar.exchange.data.events import Delivering
from tests.factories import events as make
from tests.factories.events import Machine
from tests.factories.exchange import agreed, federation, file_in
from tests.integration.processes import TOO_LATE_S, answers, environment, free_port, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Inbox:
    """Receive pushes; one that tells of ``hangs_at`` gets no answer until ``go_on``."""

    hangs_at: str = "P2"
    go_on: threading.Event = field(default_factory=threading.Event)
    seen: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    held = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parcel = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["parcel"]
            held.seen.append((parcel, self.headers["Mehvar-Attempt"]))
            if parcel == held.hangs_at:
                held.go_on.wait(TOO_LATE_S)
            with contextlib.suppress(OSError):
                self.send_response(204)
                self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield held
    held.go_on.set()
    server.shutdown()
    server.server_close()


def lapse_leases(folder: Path) -> None:
    """Let the time pass until what is in hand comes free."""
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    change = "UPDATE exchange_eventdelivery SET due_at = %s WHERE state = 'in-hand'"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(change, [moment])
        return
    with contextlib.closing(sqlite3.connect(folder / "mehvar.sqlite3", timeout=20)) as file, file:
        file.execute(change.replace("%s", "?"), ["2020-01-01 00:00:00"])


def settled(folder: Path) -> int:
    """Count the deliveries that the database knows as done."""
    question = "SELECT COUNT(*) FROM exchange_eventdelivery WHERE state = 'done'"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(question)
            return int(cursor.fetchone()[0])
    with contextlib.closing(sqlite3.connect(folder / "mehvar.sqlite3", timeout=20)) as file:
        return int(file.execute(question).fetchone()[0])


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and all that it started, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def publish(machine: Machine, port: int, topic: str, number: int) -> int:
    """Publish over HTTP, as the registry's machine."""
    path, body = f"/api/v1/exchange/topics/{topic}/events", json.dumps(make.sold(number)).encode()
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {**machine.headers("POST", path, body), "Host": "testserver", "Content-Type": "application/cloudevents+json"}  # fmt: skip
    link.request("POST", path, body, headers)
    status = link.getresponse().status
    link.close()
    return status


def test_a_killed_worker_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inbox: Inbox) -> None:
    file_in(tmp_path, monkeypatch)
    made = federation()
    agreed(made)
    topic, machine = make.topic(made).public_id, Machine(made.registry)
    wish = Wish(Delivering.PUSH, f"http://127.0.0.1:{inbox.port}/inbox")
    subscriptions.subscribe(made.consumer_engineer, topic, subsystem_id=made.clinic.pk, wish=wish)
    port = free_port()
    settings = environment(tmp_path, MEHVAR_EXCHANGE_PUSH_NETWORKS="127.0.0.0/8")
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    program = [sys.executable, "-m", "mehvar.config.cli"]
    running = [
        subprocess.Popen(command, env=settings, start_new_session=True)  # noqa: S603
        for command in ([*web, "mehvar.config.wsgi:application"], [*program, "worker"])
    ]
    try:
        wait_for(lambda: answers(port))
        assert [publish(machine, port, topic, number) for number in (1, 2)] == [201, 201]
        wait_for(lambda: sorted(parcel for parcel, _ in inbox.seen) == ["P1", "P2"])
        wait_for(lambda: settled(tmp_path) == 1)  # the first; one that nobody noted would rightly come again
        kill(running[1])  # with the second in hand
        inbox.hangs_at = ""
        inbox.go_on.set()
        assert publish(machine, port, topic, 3) == 201
        lapse_leases(tmp_path)
        other = [*program, "exchange", "deliver"]
        running.append(subprocess.Popen(other, env=settings, start_new_session=True))  # noqa: S603
        wait_for(lambda: {parcel for parcel, _ in inbox.seen[2:]} == {"P2", "P3"})
        assert sorted(inbox.seen) == [("P1", "1"), ("P2", "1"), ("P2", "2"), ("P3", "1")]
    finally:
        for process in running:
            kill(process)
