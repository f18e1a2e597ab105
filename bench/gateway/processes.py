"""Start what is measured: a provider, its proxies, the gateway; load them and read what they used."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mehvar.exchange.data.snapshot import Snapshot

CONNECTIONS = 32
BODY = json.dumps({"parcel": "12", "owner": "x" * 220}).encode()[:254].ljust(254)
BIG_BYTES = 200 * 1024 * 1024
SERVICE = "/r1/QF/GOV/300/land"
_TICK = os.sysconf("SC_CLK_TCK")
# every call asks for another path, as real clients do: nothing can profit from a target seen before
_PATHS = """
local made, n = {}, 0
init = function() for i = 1, 4096 do made[i] = wrk.format(nil, wrk.path .. i) end end
request = function() n = n % 4096 + 1; return made[n] end
"""


@dataclass(frozen=True)
class Target:
    """Name what is loaded: where, and whose CPU time counts."""

    name: str
    port: int
    path: str
    pids: tuple[int, ...]


def load(target: Target, *, seconds: int, connections: int = CONNECTIONS) -> tuple[int, float, float]:
    """Load one target and return calls answered, CPU seconds of the target, wall seconds."""
    before, start = _used_s(target), time.monotonic()
    output = wrk(target, seconds=seconds, connections=connections)
    used, wall = _used_s(target) - before, time.monotonic() - start
    match = re.search(r"(\d+) requests in", output)
    if match is None or "Non-2xx" in output:
        raise RuntimeError(f"{target.name} did not answer: {output}")
    return int(match[1]), used, wall


def wrk(target: Target, *, seconds: int, connections: int) -> str:
    """Run the load and return what it reports."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-H", "X-Road-Client: QF/GOV/100/tax", f"http://127.0.0.1:{target.port}{target.path}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_PATHS)
        script.flush()
        return subprocess.run(
            [*command, "-s", script.name], capture_output=True, text=True, check=True
        ).stdout


def _used_s(target: Target) -> float:
    return sum([cpu_s(pid) for pid in target.pids])


def cpu_s(pid: int) -> float:
    """Return user and system seconds of a process and its children."""
    total = 0.0
    for number in (pid, *_children(pid)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / _TICK
    return total


def _children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory_mb(pid: int, name: str) -> float:
    """Return one of a process's memory figures, in megabytes."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) / 1024  # type: ignore[index]


def written(descriptor: int) -> None:
    """Write as much as the evidence of one call and wait for the disk."""
    os.write(descriptor, b"x" * 1_500)
    os.fdatasync(descriptor)


def ask(connection: socket.socket, method: str, path: str, body: bytes = b"") -> int:
    """Ask once over a kept connection and return how many bytes the answer's body had."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: b\r\nX-Road-Client: QF/GOV/100/tax\r\n{length}\r\n"
    connection.sendall(head.encode() + body)
    return read_answer(connection)


def read_answer(connection: socket.socket) -> int:
    """Read one answer with a stated length to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536) or b"\r\n\r\n"
    head, _, rest = data.partition(b"\r\n\r\n")
    if b" 200 " not in head[:16]:
        raise RuntimeError(head.decode("latin-1") + rest.decode("latin-1"))
    length = int(re.search(rb"(?i)content-length: ?(\d+)", head)[1])  # type: ignore[index]
    left = length - len(rest)
    while left > 0:
        left -= len(connection.recv(1_048_576)) or left
    return length


# ---------------------------------------------------------------------- what is measured


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def _process(command: list[str], port: int, *, ready: bool = False) -> Iterator[int]:
    """Run a program until it listens, and stop it at the end; ``ready``: it says so itself on its output."""
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE if ready else subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        if child.stdout is not None and not child.stdout.readline().startswith(b"ready"):
            raise RuntimeError(f"{command[0]} does not start")
        until = time.monotonic() + 15
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if time.monotonic() > until or child.poll() is not None:
                raise RuntimeError(f"{command[0]} does not listen")
            time.sleep(0.05)
        yield child.pid
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(30)
        if child.stdout is not None:
            child.stdout.close()


def _nginx_config(folder: Path, name: str, server: str) -> list[str]:
    own = folder / name
    own.mkdir()
    temporary = " ".join(
        f"{kind}_temp_path {own}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""  # else its worker cannot read our temporary folder
    (own / "nginx.conf").write_text(
        f"{user}daemon off; worker_processes 1; pid {own}/pid; error_log {own}/error;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{ {temporary} client_max_body_size 1g; {server} }}\n"
    )
    return ["nginx", "-p", str(own), "-c", str(own / "nginx.conf")]


@contextlib.contextmanager
def nginx_provider(folder: Path) -> Iterator[int]:
    """Run the provider that everything asks."""
    port, big = _free_port(), folder / "big"
    with big.open("wb") as file:
        file.truncate(BIG_BYTES)
    answer = BODY.decode().replace('"', '\\"')
    server = (
        f"access_log off; keepalive_requests 1000000000; server {{ listen 127.0.0.1:{port} backlog=4096;"
        f' location / {{ default_type application/json; return 200 "{answer}"; }}'
        f" location /big {{ alias {big}; }} }}"
    )
    with _process(_nginx_config(folder, "provider", server), port):
        yield port


@contextlib.contextmanager
def nginx_proxy(folder: Path, provider: int) -> Iterator[tuple[int, int]]:
    """Run nginx as a proxy with kept connections and an access log."""
    port = _free_port()
    server = (
        f"access_log {folder}/access.log; keepalive_requests 1000000000; upstream provider {{ server 127.0.0.1:{provider};"
        f" keepalive 64; keepalive_requests 1000000000; }} server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ proxy_pass http://provider;"
        ' proxy_http_version 1.1; proxy_set_header Connection ""; } }'
    )
    with _process(_nginx_config(folder, "peer", server), port) as pid:
        yield port, pid


@contextlib.contextmanager
def haproxy(folder: Path, provider: int) -> Iterator[tuple[int, int]]:
    """Run HAProxy as a proxy with kept connections and a log."""
    port, log = _free_port(), folder / "haproxy.log"
    config = folder / "haproxy.cfg"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sink:
        sink.bind(str(log))
        config.write_text(
            f"global\n nbthread 1\n log {log} local0\ndefaults\n mode http\n log global\n option httplog\n timeout connect 5s\n"
            " timeout client 60s\n timeout server 60s\n http-reuse always\n"
            f"frontend f\n bind 127.0.0.1:{port} backlog 4096\n default_backend b\nbackend b\n server s 127.0.0.1:{provider}\n"
        )
        with _process(["haproxy", "-db", "-f", str(config)], port) as pid:
            yield port, pid


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """Take uploads to their end (nginx would answer before) and answer one after the other."""

    def serve(connection: socket.socket) -> None:
        with connection:
            stream = connection.makefile("rb", buffering=1_048_576)
            while line := stream.readline():
                length = 0
                while line.strip():
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                    line = stream.readline()
                while length:
                    length -= len(stream.read(min(length, 1_048_576)))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 254\r\n\r\n" + BODY)

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield int(listener.getsockname()[1])


def snapshot(port: int, sink: int) -> Snapshot:
    """Return a federation of two members with a durable, an async and an uploading service."""
    from mehvar.exchange.data import snapshot as data

    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    base = data.Service("durable", f"http://127.0.0.1:{port}", endpoints=(data.Endpoint("*", "/**"),))
    services = (
        base,
        replace(base, code="fast", mode=data.EvidenceMode.ASYNC, loss_window_ms=200),
        replace(base, code="sink", base_url=f"http://127.0.0.1:{sink}"),
    )
    return data.Snapshot(
        "QF",
        1,
        long_ago,
        members=(
            data.Member("GOV", "100", "Tax Office", (data.Subsystem("tax"),)),
            data.Member("GOV", "300", "Land Office", (data.Subsystem("land", services),)),
        ),
        agreements=(data.Agreement("a-1", "Land Act", "tax assessment", long_ago),),
        rights=tuple(
            [
                data.AccessRight("client:QF/GOV/100/tax", f"QF/GOV/300/land/{item.code}", "a-1", "*", "/**")
                for item in services
            ]
        ),
        networks=(data.ClientNetwork("QF/GOV/100/tax", "127.0.0.0/8"),),
    )


@contextlib.contextmanager
def gateway(
    folder: Path, provider: int, sink_port: int, *, processes: int = 1, cores: Sequence[str] = ()
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Run one or more processes of the gateway on one port; ``cores``: where each of them may run (taskset)."""
    from mehvar.exchange.rules.snapshots import encode_snapshot
    from mehvar.gateway.evidence.files import create_signing_key

    port, own = _free_port(), folder / "gateway"
    own.mkdir(parents=True)
    (own / "snapshot.json").write_bytes(encode_snapshot(snapshot(provider, sink_port)))
    create_signing_key(own / "key.pem")
    settings = {
        "snapshot": "snapshot.json",
        "evidence": "evidence",
        "signing_key": "key.pem",
        "name": "bench",
    }
    (own / "gateway.json").write_text(json.dumps({**settings, "listeners": [{"port": port}]}))
    with contextlib.ExitStack() as stack:
        pids = []
        for slot in range(processes):
            pinned = ["taskset", "-c", cores[slot]] if cores else []
            command = [
                sys.executable,
                "-m",
                "mehvar.gateway",
                str(own / "gateway.json"),
                str(slot),
                str(own / "shared"),
            ]
            pids.append(stack.enter_context(_process([*pinned, *command], port, ready=True)))
        yield port, tuple(pids)
