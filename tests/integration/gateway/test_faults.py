"""What breaks, breaks alone: every answered call is in the evidence, and nobody waits for ever."""

import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httptools", reason="the gateway needs the extra [gateway]")

from cryptography.hazmat.primitives import serialization

from mehvar.exchange.data.snapshot import AccessRight, Agreement
from mehvar.exchange.rules import receipts
from mehvar.gateway.evidence import checking
from mehvar.gateway.evidence.receipts import receipt_of
from tests.integration.gateway.federation import (
    CLIENT,
    LONG_AGO,
    PREFIX,
    PROVIDER,
    QUICK,
    TOO_LATE_S,
    Client,
    Gateway,
    Provider,
    echo,
    prepare,
    running,
    snapshot,
    start_worker,
    wait_until,
    write_snapshot,
)
from tests.unit.exchange.test_stamps import Authority

Federation = tuple[Gateway, Provider]


def load(gateway: Gateway, answered: list[str], stop: threading.Event, *, method: str = "GET") -> None:
    """Ask until told to stop or cut off, noting every complete answer."""
    try:
        with gateway.client() as client:
            while not stop.is_set():
                answer = client.ask(
                    method,
                    f"{PREFIX}/parcels/{'parcels' if method == 'POST' else 'open/x'}",
                    body=b"b" if method == "POST" else b"",
                )
                if answer.status == 200 and answer.is_complete:
                    answered.append(answer.headers["x-road-request-id"])
    except OSError:
        return


def test_kill_9_under_load_loses_no_answered_call(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - a repeatable test
    provider = Provider(echo)
    provider.start()
    answered: list[str] = []
    try:
        for _ in range(5):
            gateway = start_worker(tmp_path, snapshot(provider.port))
            stop = threading.Event()
            threads = [
                threading.Thread(
                    target=load, args=(gateway, answered, stop), kwargs={"method": ("GET", "POST")[n % 2]}
                )
                for n in range(8)
            ]
            enough = len(answered) + 25
            for thread in threads:
                thread.start()
            wait_until(lambda enough=enough: len(answered) >= enough)
            time.sleep(chance.uniform(0.05, 0.4))
            gateway.kill()
            stop.set()
            for thread in threads:
                thread.join()
        gateway = start_worker(tmp_path, snapshot(provider.port))
        gateway.stop()
        gateway.kill()
    finally:
        provider.stop()
    exchanges = {leaf["request_id"] for leaf in gateway.leaves() if leaf["kind"] == "exchange"}
    requests = {leaf["request_id"] for leaf in gateway.leaves() if leaf["kind"] == "request"}
    assert len(answered) > 100
    assert set(answered) <= exchanges
    assert checking.check_folder(gateway.evidence).batches > 6
    for request_id in (*chance.sample(answered, 25), answered[-1]):
        proven = receipts.verify_receipt(receipt_of(gateway.evidence, request_id), gateway.public_key)
        assert proven.leaf["request_id"] == request_id
    forwarded = {
        line.split(b":")[1].strip().decode()
        for head, _ in provider.seen
        for line in head.split(b"\r\n")
        if head.startswith(b"POST") and line.startswith(b"X-Road-Request-Id")
    }
    assert forwarded <= requests  # whatever reached the provider and must not happen twice was on disk before


def test_a_full_disk_refuses_calls_and_recovers(tmp_path: Path) -> None:
    with running(tmp_path) as (gateway, provider), gateway.client() as client:
        assert client.ask("GET", f"{PREFIX}/parcels/open/x").status == 200
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
        assert client.ask("GET", f"{PREFIX}/parcels/open/x").error == "Server.ServerProxy.LoggingFailed"
        before = len(provider.seen)
        assert client.ask("GET", f"{PREFIX}/fast/x").error == "Server.ServerProxy.LoggingFailed"
        with gateway.client() as other:
            answer = other.ask("POST", f"{PREFIX}/parcels/parcels", body=b"b")
            assert answer.error == "Server.ServerProxy.LoggingFailed"
        assert len(provider.seen) == before  # nothing is carried that could not be proven
        resource.prlimit(
            gateway.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )
        wait_until(lambda: client.ask("GET", f"{PREFIX}/parcels/open/x").status == 200)
        gateway.stop()
        assert checking.check_folder(gateway.evidence).entries >= 3


# ---------------------------------------------------------------------- bad providers


def hang(_connection: socket.socket) -> None:
    time.sleep(30)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    raise ConnectionResetError


def stall(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 200_000)
    time.sleep(30)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")


def saying(data: bytes, *, then_close: bool = False) -> Callable[[socket.socket], None]:
    def say(connection: socket.socket) -> None:
        connection.sendall(data)
        if then_close:
            raise ConnectionAbortedError

    return say


WAYS = {
    b"hang": hang,
    b"reset": reset,
    b"stall": stall,
    b"endless-body": endless,
    b"tenfold": saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + b"x" * 100),
    b"response-splitting": saying(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    ),
    b"short": saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 10, then_close=True),
    b"shortbig": saying(
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 200_000, then_close=True
    ),
    b"garbage": saying(b"\x00\x01\x02 nonsense\r\n\r\n"),
    b"endless-head": saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000),
    b"until-close": saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 50, then_close=True),
}


def misbehave(connection: socket.socket, head: bytes, body: bytes) -> None:
    way = WAYS.get(head.split(b" ")[1].rpartition(b"/")[2])
    if way is None:
        echo(connection, head, body)
    else:
        way(connection)


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    with running(tmp_path_factory.mktemp("troubled"), misbehave, changes={"timeouts": QUICK}) as pair:
        yield pair


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", "NetworkError"), ("short", "NetworkError"), ("garbage", "ServiceFailed.InvalidAnswer"),
        ("endless-head", "ServiceFailed.InvalidAnswer"), ("hang", "ServiceFailed.TimedOut"),
    ],
)  # fmt: skip
def test_a_provider_that_breaks_gives_an_error_with_evidence(
    troubled: Federation, kind: str, error: str
) -> None:
    gateway, _ = troubled
    with gateway.client() as client:
        answer = client.ask("GET", f"{PREFIX}/limited/{kind}")
        assert (answer.status, answer.error) == (500, f"Server.ServerProxy.{error}")
        assert client.ask("GET", f"{PREFIX}/limited/fine").status == 200
    leaf = next(leaf for leaf in gateway.leaves() if leaf["request_id"] == answer.json["detail"])
    assert (leaf["kind"], leaf["error"]) == ("exchange", answer.error)


@pytest.mark.parametrize("kind", ["tenfold", "response-splitting"])
def test_bytes_beyond_the_promised_length_reach_nobody(troubled: Federation, kind: str) -> None:
    with troubled[0].client() as client:
        first = client.ask("GET", f"{PREFIX}/limited/{kind}")
        assert first.body in {b"x" * 10, b"ok"}
        for _ in range(3):
            assert client.ask("GET", f"{PREFIX}/limited/fine").json["target"] == "/fine"


@pytest.mark.parametrize("kind", ["shortbig", "stall"])
def test_an_answer_that_breaks_off_never_looks_complete(troubled: Federation, kind: str) -> None:
    with troubled[0].client() as client:
        answer = client.ask("GET", f"{PREFIX}/parcels/open/{kind}")
    assert not answer.is_complete
    assert len(answer.body) < 1_000_000


def test_an_answer_without_end_is_cut_at_its_limit(troubled: Federation) -> None:
    gateway, _ = troubled
    with gateway.client() as client:
        answer = client.ask("GET", f"{PREFIX}/limited/endless-body")
    assert not answer.is_complete
    assert len(answer.body) < 400_000
    wait_until(
        lambda: any(
            leaf["error"] == "Server.ServerProxy.ServiceFailed.AnswerTooLarge" for leaf in gateway.leaves()
        )
    )


def test_an_answer_that_ends_with_the_connection_is_framed(troubled: Federation) -> None:
    with troubled[0].client() as client:
        answer = client.ask("GET", f"{PREFIX}/limited/until-close")
    assert (answer.body, answer.headers["content-length"]) == (b"x" * 50, "50")


def test_a_provider_that_keeps_failing_is_left_alone(tmp_path: Path) -> None:
    with running(tmp_path, misbehave) as (gateway, provider), gateway.client() as client:
        errors = [client.ask("GET", f"{PREFIX}/fast/reset").error for _ in range(7)]
        assert errors[0] == "Server.ServerProxy.NetworkError"
        assert errors[-1] == "Server.ServerProxy.ServiceFailed.CircuitOpen"
        before = len(provider.seen)
        assert (
            client.ask("GET", f"{PREFIX}/fast/fine").error == "Server.ServerProxy.ServiceFailed.CircuitOpen"
        )
        assert len(provider.seen) == before
        assert (
            client.ask("GET", f"{PREFIX}/limited/fine").status == 200
        )  # another service of the same provider


def test_a_provider_that_is_away_is_told_from_one_that_fails(tmp_path: Path) -> None:
    with running(tmp_path) as (gateway, provider), gateway.client() as client:
        provider.stop()
        answer = client.ask("GET", f"{PREFIX}/parcels/open/x")
        assert answer.error == "Server.ServerProxy.NetworkError"
        assert "cannot be reached" in answer.json["message"]


def test_a_slow_client_holds_the_provider_back_not_the_memory(tmp_path: Path) -> None:
    with running(tmp_path) as (gateway, _), gateway.client() as slow, gateway.client() as other:
        slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        before = memory_kb(gateway)
        slow.send(
            f"GET {PREFIX}/parcels/open/size/100000000 HTTP/1.1\r\nHost: gw\r\nX-Road-Client: {CLIENT}\r\n\r\n".encode()
        )
        time.sleep(0.7)
        assert other.ask("GET", f"{PREFIX}/fast/x").status == 200
        assert memory_kb(gateway) - before < 20_000
        assert len(slow.answer().body) == 100_000_000
        assert memory_kb(gateway) - before < 30_000


def memory_kb(gateway: Gateway) -> int:
    lines = Path(f"/proc/{gateway.process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def test_a_client_that_leaves_is_in_the_evidence(troubled: Federation) -> None:
    gateway, provider = troubled
    before = len(provider.seen)
    with gateway.client() as client:
        client.send(
            f"GET {PREFIX}/limited/hang HTTP/1.1\r\nHost: gw\r\nX-Road-Client: {CLIENT}\r\n\r\n".encode()
        )
        wait_until(lambda: len(provider.seen) > before)
    wait_until(lambda: any(leaf["error"] == "Client.Disconnected" for leaf in gateway.leaves()))


# ---------------------------------------------------------------------- change while running


def newest(gateway: Gateway) -> int:
    return max((leaf["snapshot"] for leaf in gateway.leaves()), default=0)


def is_in_force(gateway: Gateway, client: Client, version: int) -> bool:
    return client.ask("GET", f"{PREFIX}/fast/x").is_complete and newest(gateway) == version


def said(gateway: Gateway) -> str:
    return (gateway.folder / "gateway.log").read_text()


def test_a_new_snapshot_comes_into_force_without_dropping_a_call(tmp_path: Path) -> None:
    with running(tmp_path) as (gateway, provider):
        stop, failures, counts = threading.Event(), [], []

        def ask() -> None:
            with gateway.client() as client:
                while not stop.is_set():
                    answer = client.ask("GET", f"{PREFIX}/fast/x")
                    counts.append(1)
                    if answer.status != 200:
                        failures.append(answer)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        with gateway.client() as client:
            for version in range(2, 7):
                write_snapshot(tmp_path, snapshot(provider.port, version=version))
                gateway.process.send_signal(signal.SIGHUP)
                wait_until(lambda version=version: is_in_force(gateway, client, version))
        many = [AccessRight(f"client:{CLIENT}", f"{PROVIDER}/fast", "a-1", "GET", f"/{n}") for n in range(10_000)]  # fmt: skip
        large = snapshot(provider.port, version=7)
        write_snapshot(tmp_path, replace(large, rights=(*large.rights, *many)))
        with gateway.client() as client:
            wait_until(lambda: is_in_force(gateway, client, 7))
        write_snapshot(tmp_path, snapshot(provider.port, version=3))
        wait_until(lambda: "version 3 is not newer than 7" in said(gateway))
        (tmp_path / "broken").write_bytes(b"{}")
        (tmp_path / "broken").replace(tmp_path / "snapshot.json")
        wait_until(lambda: "no routing snapshot" in said(gateway))
        wait_until(lambda: len(counts) > 100)
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures
        assert newest(gateway) == 7
        ended = Agreement("a-1", "Land Act", "tax", LONG_AGO, LONG_AGO + timedelta(days=1))
        write_snapshot(
            tmp_path, snapshot(provider.port, version=9, agreements=(ended, snapshot(1).agreements[1]))
        )
        with gateway.client() as client:
            wait_until(
                lambda: (
                    client.ask("GET", f"{PREFIX}/fast/x").error
                    == "Server.ServerProxy.AccessDenied.NoValidAgreement"
                )
            )


def test_stopping_lets_running_calls_end(tmp_path: Path) -> None:
    may_answer = threading.Event()

    def slowly(connection: socket.socket, head: bytes, body: bytes) -> None:
        may_answer.wait(TOO_LATE_S)
        echo(connection, head, body)

    with (
        running(tmp_path, slowly, grace_s=TOO_LATE_S) as (gateway, provider),
        gateway.client() as client,
        gateway.client() as idle,
    ):
        client.send(
            f"GET {PREFIX}/parcels/open/x HTTP/1.1\r\nHost: gw\r\nX-Road-Client: {CLIENT}\r\n\r\n".encode()
        )
        wait_until(lambda: bool(provider.seen))
        gateway.process.send_signal(signal.SIGTERM)
        assert idle.socket.recv(1) == b"", "it is stopping"
        may_answer.set()
        answer = client.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert gateway.process.wait(TOO_LATE_S) == 0
        with pytest.raises(ConnectionRefusedError):
            gateway.client()
        assert gateway.leaves()[-1]["request_id"] == answer.headers["x-road-request-id"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def fetched(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=TOO_LATE_S) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with connection.makefile("rb") as stream:
            return stream.read().partition(b"\r\n\r\n")[2]


def test_several_processes_share_a_port_and_are_restarted(tmp_path: Path) -> None:
    provider, port, status = Provider(echo), free_port(), free_port()
    provider.start()
    prepare(tmp_path, snapshot(provider.port), workers=2, status_port=status, listeners=[{"port": port}])
    command = [
        sys.executable,
        "-c",
        "import sys, argparse; from mehvar.gateway import commands; from pathlib import Path; sys.exit(commands.run_gateway(argparse.Namespace(settings=Path(sys.argv[1]))))",
    ]
    log = (tmp_path / "supervisor.log").open("wb")
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*command, str(tmp_path / "gateway.json")], stdout=log, stderr=log, env=dict(os.environ)
    )
    log.close()

    def pids() -> set[int]:
        """Give the processes' ids, those that are told."""
        try:
            lines = fetched(status, "/metrics").decode().splitlines()
        except OSError:
            return set()
        found = [line.rpartition(" ")[2] for line in lines if line.startswith("mehvar_gateway_process_id")]
        return {int(number) for number in found} - {0}

    def health() -> dict[str, Any]:
        try:
            return dict(json.loads(fetched(status, "/health") or b"{}"))
        except (OSError, ValueError):
            return {}

    try:
        wait_until(lambda: health().get("workers_alive") == 2 and len(pids()) == 2)
        gateway = Gateway(tmp_path, process, port)

        def ask(_number: int) -> int:
            with gateway.client() as client:
                return client.ask("GET", f"{PREFIX}/parcels/open/x").status

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(ask, range(60))) == {200}
        chains = {batch.head.chain for batch in gateway.batches()}
        assert chains == {"gw-0", "gw-1"}
        victim = min(pids())
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(pids() - {victim}) == 2 and health().get("workers_alive") == 2)
        assert ask(0) == 200
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(TOO_LATE_S) == 0
        provider.stop()
    assert checking.check_folder(tmp_path / "evidence").entries >= 61


# ---------------------------------------------------------------------- time stamps


def stamping_server(authority: Authority, port: int) -> HTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_stamps_queue_while_the_authority_is_down_and_traffic_flows(tmp_path: Path) -> None:
    authority, port = Authority(), free_port()
    with (
        running(tmp_path, stamp_url=f"http://127.0.0.1:{port}/", checkpoint_s=0.2) as (gateway, _),
        gateway.client() as client,
    ):
        answers = []
        for number in range(1, 4):
            answers.append(client.ask("GET", f"{PREFIX}/parcels/open/x"))
            wait_until(
                lambda number=number: len([*(gateway.evidence / "stamps").glob("*.checkpoint")]) >= number
            )
        assert [answer.status for answer in answers] == [200] * 3
        assert not [*(gateway.evidence / "stamps").glob("*.token")]
        server = stamping_server(authority, port)
        try:
            wait_until(lambda: len([*(gateway.evidence / "stamps").glob("*.token")]) >= 3)
        finally:
            server.shutdown()
            server.server_close()
        receipt = receipt_of(gateway.evidence, answers[0].headers["x-road-request-id"])
        proven = receipts.verify_receipt(
            receipt, gateway.public_key, stamp_authorities=[authority.certificate]
        )
        assert proven.stamped_at is not None
        assert authority.certificate.public_bytes(serialization.Encoding.PEM)
