"""Measure the gateway beside nginx and HAProxy that proxy the same provider: CPU per call, delay, memory, layers.

The peers neither sign nor keep durable evidence, nor do they decide on rights: the ratios say what evidence and
rights cost, not that anything could be saved by leaving the gateway out. Load comes from wrk (254-byte JSON, 32
connections); CPU time is counted, not wall time, so that other work on the machine matters little; medians.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import Figure

if TYPE_CHECKING:
    from mehvar.exchange.data.snapshot import Snapshot

CONNECTIONS = 32
BODY = json.dumps({"parcel": "12", "owner": "x" * 220}).encode()[:254].ljust(254)
BIG_BYTES = 200 * 1024 * 1024
SERVICE = "/r1/QF/GOV/300/land"
PEERS = "the peer neither signs nor logs durably"
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Target:
    """Name what is loaded: where, and whose CPU time counts."""

    name: str
    port: int
    path: str
    pid: int


def run(*, quick: bool) -> list[Figure]:
    """Measure everything in one run."""
    missing = [name for name in ("nginx", "haproxy", "wrk") if not shutil.which(name)]
    if missing:
        raise SystemExit(f"bench gateway needs {', '.join(missing)} (Debian: nginx-light haproxy wrk)")
    seconds, rounds = (1, 3) if quick else (4, 7)
    with tempfile.TemporaryDirectory(prefix="mehvar-bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        provider = stack.enter_context(_nginx_provider(folder))
        nginx = stack.enter_context(_nginx_proxy(folder, provider))
        haproxy = stack.enter_context(_haproxy(folder, provider))
        sink = stack.enter_context(_sink())
        gateway, pid = stack.enter_context(_gateway(folder, provider, sink))
        targets = [
            Target("nginx", nginx[0], "/x", nginx[1]),
            Target("haproxy", haproxy[0], "/x", haproxy[1]),
            Target("gateway_async", gateway, f"{SERVICE}/fast/x", pid),
            Target("gateway_durable", gateway, f"{SERVICE}/durable/x", pid),
        ]
        figures = _cpu_figures(targets, seconds=seconds, rounds=rounds)
        figures += _delay_figures(gateway, folder, calls=150 if quick else 500)
        figures += _memory_figures(gateway, pid)
        figures += _crowd_figures(gateway)
        return figures + _layer_figures(quick=quick)


# ---------------------------------------------------------------------- figures


def _cpu_figures(targets: list[Target], *, seconds: int, rounds: int) -> list[Figure]:
    costs: dict[str, list[float]] = {target.name: [] for target in targets}
    rates: dict[str, list[float]] = {target.name: [] for target in targets}
    for target in targets:
        _load(target, seconds=1)
    for _ in range(rounds):
        for target in targets:
            calls, cpu_s, wall_s = _load(target, seconds=seconds)
            costs[target.name].append(cpu_s / calls * 1e6)
            rates[target.name].append(calls / wall_s)
    nginx = statistics.median(costs["nginx"])
    goals = {"gateway_async": 3.0, "gateway_durable": 5.0}
    figures = []
    for name, values in costs.items():
        value = statistics.median(values)
        goal = goals.get(name)
        figures.append(
            Figure(
                f"cpu_per_call_{name}", value, "us", f"nginx ({PEERS})", nginx, nginx / value, goal and goal * nginx,
                value <= goal * nginx if goal else None, rounds, max(values) - min(values),
            )
        )  # fmt: skip
        figures.append(Figure(f"calls_per_s_{name}", statistics.median(rates[name]), "1/s", runs=rounds))
    return figures


def _delay_figures(port: int, folder: Path, *, calls: int) -> list[Figure]:
    """Measure what durable evidence adds to one idle call, beside the disk's own fdatasync, interleaved."""
    durable, quick_, post, sync = [], [], [], []
    with (
        socket.create_connection(("127.0.0.1", port)) as connection,
        (folder / "sync").open("ab", buffering=0) as file,
    ):
        for _ in range(calls):
            quick_.append(_timed(lambda: _ask(connection, "GET", f"{SERVICE}/fast/x")))
            durable.append(_timed(lambda: _ask(connection, "GET", f"{SERVICE}/durable/x")))
            post.append(_timed(lambda: _ask(connection, "POST", f"{SERVICE}/durable/x", BODY)))
            sync.append(_timed(lambda: _written(file.fileno())))
    base, floor = statistics.median(quick_), statistics.median(sync)
    added = statistics.median(durable) - base
    twice = statistics.median(post) - base
    return [
        Figure("idle_p50_async", base, "ms", runs=calls),
        Figure("idle_p50_added_by_durable_get", added, "ms", "fdatasync p50", floor, floor / added, 1.5 * floor, added <= 1.5 * floor, calls),
        Figure("idle_p50_added_by_durable_post", twice, "ms", "fdatasync p50 (twice: before and after)", floor, floor / twice, runs=calls),
    ]  # fmt: skip


def _crowd_figures(port: int) -> list[Figure]:
    target = Target("crowd", port, f"{SERVICE}/durable/x", 0)
    output = _wrk(target, seconds=2, connections=1000)
    errors = sum(int(number) for number in re.findall(r"(?:connect|read|write|timeout) (\d+)", output))
    errors += sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", output))
    return [Figure("errors_with_1000_connections", errors, "calls", goal=0, reached=errors == 0)]


def _memory_figures(port: int, pid: int) -> list[Figure]:
    """Send 200 MB up and have 200 MB sent down, and look at the highest resident memory."""
    before = _memory_mb(pid, "VmRSS")
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"POST {SERVICE}/sink/x HTTP/1.1\r\nHost: b\r\nX-Road-Client: QF/GOV/100/tax\r\nContent-Length: {BIG_BYTES}\r\n\r\n"
        connection.sendall(head.encode())
        piece = b"x" * 1_048_576
        for _ in range(BIG_BYTES // len(piece)):
            connection.sendall(piece)
        _read_answer(connection)
        up = _memory_mb(pid, "VmHWM")
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        _ask(connection, "GET", f"{SERVICE}/durable/big")
        down = _memory_mb(pid, "VmHWM")
    return [
        Figure("memory_200_mb_up", up, "MB", "resident before", before, before / up, 64.0, up <= 64),
        Figure("memory_200_mb_down", down, "MB", "resident before", before, before / down, 64.0, down <= 64),
    ]


def _layer_figures(*, quick: bool) -> list[Figure]:
    """Time each layer alone, in this process: what one call pays for."""
    repeat = 2_000 if quick else 10_000
    figures = []
    for name, work in _layers().items():
        runs = []
        for _ in range(5):
            start = time.process_time()
            for _ in range(repeat):
                work()
            runs.append((time.process_time() - start) / repeat * 1e6)
        figures.append(
            Figure(f"layer_{name}", statistics.median(runs), "us", runs=5, spread=max(runs) - min(runs))
        )
    return figures


def _layers() -> dict[str, Callable[[], object]]:
    from hashlib import sha512

    import httptools
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    from mehvar.exchange.data.evidence import LeafKind
    from mehvar.exchange.rules import leaves, merkle, paths, rights, segments, signatures
    from mehvar.gateway.heads import read_request_head

    path = f"{SERVICE}/durable/x".encode()
    raw = b"GET " + path + b" HTTP/1.1\r\nHost: b\r\nX-Road-Client: QF/GOV/100/tax\r\nAccept: */*\r\n\r\n"
    headers = [(b"Host", b"b"), (b"X-Road-Client", b"QF/GOV/100/tax"), (b"Accept", b"*/*")]
    routes = rights.Routes(_snapshot(1, 2))
    target = paths.parse_target(path)
    route, rest = routes.find(target)
    asked, answered = (
        leaves.request_member("a" * 88, None, 0),
        leaves.answer_member("a" * 88, "b" * 88, 254, status=200),
    )
    facts = leaves.LeafFacts(
        LeafKind.EXCHANGE, 1, 2, "i" * 36, "j" * 36, "QF/GOV/100/tax", "network:127.0.0.1", route.text, "GET /**", "a-1",
        "tax assessment", "durable", 1, asked, "c" * 88, answered,
    )  # fmt: skip
    leaf = leaves.encode_leaf(facts)
    key, edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    algorithm = ec.ECDSA(hashes.SHA256())
    parts = signatures.RequestParts("GET", "https", "gw", "/r1/x", {"x-road-client": ["QF/GOV/100/tax"]})
    names = ("@method", "@target-uri", "x-road-client")
    signed = {
        kind: signatures.sign_request(parts, private, keyid="k", created=1, nonce="n", components=names)
        for kind, private in (("ed25519", edwards), ("p256", key))
    }

    class Events:
        def on_header(self, name: bytes, value: bytes) -> None: ...

    def verify(kind: str, public: signatures.PublicKey) -> bool:
        fields = signed[kind]
        stated = signatures.read_signature([fields["Signature-Input"]], [fields["Signature"]])
        return signatures.holds(
            stated.signature, signatures.signature_base(stated.text, stated.components, parts), public
        )

    return {
        "parse_http": lambda: httptools.HttpRequestParser(Events()).feed_data(raw),
        "parse_target": lambda: paths.parse_target(path),
        "parse_target_with_escapes": lambda: paths.parse_target(path + b"/%D8%A7%20b"),
        "sort_headers": lambda: read_request_head(headers, version="1.1"),
        "rights": lambda: rights.decide(routes.find(target)[0], "QF/GOV/100/tax", "GET", rest, at=1.7e9),
        "hash_head_and_body": lambda: (sha512(raw).digest(), sha512(BODY).digest()),
        "write_leaf": lambda: leaves.encode_leaf(facts),
        "merkle_100_leaves_per_leaf_x100": lambda: merkle.root_of([merkle.leaf_hash(leaf)] * 100),
        "sign_batch_p256": lambda: key.sign(leaf, algorithm),
        "encode_batch_of_32": lambda: segments.batch_payload(
            segments.batch_head(
                chain="c", number=1, previous="0" * 64, hashes_=[b"h" * 32] * 32, at=1, key="k"
            ),
            b"s" * 70,
            [(leaf, b"")] * 32,
        ),
        "verify_request_ed25519": lambda: verify("ed25519", edwards.public_key()),
        "verify_request_p256": lambda: verify("p256", key.public_key()),
    }


# ---------------------------------------------------------------------- load


def _load(target: Target, *, seconds: int) -> tuple[int, float, float]:
    """Load one target and return calls answered, CPU seconds of the target, wall seconds."""
    before, start = _cpu_s(target.pid), time.monotonic()
    output = _wrk(target, seconds=seconds, connections=CONNECTIONS)
    used, wall = _cpu_s(target.pid) - before, time.monotonic() - start
    match = re.search(r"(\d+) requests in", output)
    if match is None or "Non-2xx" in output:
        raise RuntimeError(f"{target.name} did not answer: {output}")
    return int(match[1]), used, wall


def _wrk(target: Target, *, seconds: int, connections: int) -> str:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-H", "X-Road-Client: QF/GOV/100/tax", f"http://127.0.0.1:{target.port}{target.path}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _cpu_s(pid: int) -> float:
    """Return user and system seconds of a process and its children."""
    total = 0.0
    for number in (pid, *_children(pid)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / _TICK
    return total


def _children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _memory_mb(pid: int, name: str) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) / 1024  # type: ignore[index]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _written(descriptor: int) -> None:
    os.write(descriptor, b"x" * 1_500)
    os.fdatasync(descriptor)


def _ask(connection: socket.socket, method: str, path: str, body: bytes = b"") -> int:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: b\r\nX-Road-Client: QF/GOV/100/tax\r\n{length}\r\n"
    connection.sendall(head.encode() + body)
    return _read_answer(connection)


def _read_answer(connection: socket.socket) -> int:
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
def _process(command: list[str], port: int) -> Iterator[int]:
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
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
        child.wait(20)


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
def _nginx_provider(folder: Path) -> Iterator[int]:
    port, big = _free_port(), folder / "big"
    with big.open("wb") as file:
        file.truncate(BIG_BYTES)
    answer = BODY.decode().replace('"', '\\"')
    server = (
        f"access_log off; keepalive_requests 1000000000; server {{ listen 127.0.0.1:{port} backlog=4096;"
        f' location / {{ default_type application/json; return 200 "{answer}"; }}'
        f" location = /big {{ alias {big}; }} }}"
    )
    with _process(_nginx_config(folder, "provider", server), port):
        yield port


@contextlib.contextmanager
def _nginx_proxy(folder: Path, provider: int) -> Iterator[tuple[int, int]]:
    port = _free_port()
    server = (
        f"access_log {folder}/access.log; keepalive_requests 1000000000; upstream provider {{ server 127.0.0.1:{provider};"
        f" keepalive 64; keepalive_requests 1000000000; }} server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ proxy_pass http://provider;"
        ' proxy_http_version 1.1; proxy_set_header Connection ""; } }'
    )
    with _process(_nginx_config(folder, "peer", server), port) as pid:
        yield port, pid


@contextlib.contextmanager
def _haproxy(folder: Path, provider: int) -> Iterator[tuple[int, int]]:
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
def _sink() -> Iterator[int]:
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


def _snapshot(port: int, sink: int) -> Snapshot:
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
def _gateway(folder: Path, provider: int, sink: int) -> Iterator[tuple[int, int]]:
    from mehvar.exchange.rules.snapshots import encode_snapshot
    from mehvar.gateway.evidence.files import create_signing_key

    port, own = _free_port(), folder / "gateway"
    own.mkdir()
    (own / "snapshot.json").write_bytes(encode_snapshot(_snapshot(provider, sink)))
    create_signing_key(own / "key.pem")
    settings = {
        "snapshot": "snapshot.json",
        "evidence": "evidence",
        "signing_key": "key.pem",
        "name": "bench",
    }
    (own / "gateway.json").write_text(json.dumps({**settings, "listeners": [{"port": port}]}))
    command = [sys.executable, "-m", "mehvar.gateway", str(own / "gateway.json"), "0", str(own / "shared")]
    with _process(command, port) as pid:
        yield port, pid
