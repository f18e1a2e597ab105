"""Time what one call pays for, layer by layer, in this process and without a network."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha512
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.figures import Figure
from bench.gateway.processes import BODY, SERVICE, snapshot

if TYPE_CHECKING:
    from mehvar.gateway.upstream import Upstream

GROUP = 32
CLIENT = "QF/GOV/100/tax"
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 08:00:00 GMT\r\nContent-Type: application/json\r\n"
    b"Content-Length: 254\r\nConnection: keep-alive\r\n\r\n" + BODY
)


def layer_figures(folder: Path, *, quick: bool) -> list[Figure]:
    """Time each layer alone, then a whole call with transports in memory; medians of seven."""
    repeat = 1_000 if quick else 5_000
    figures = [_timed(name, work, repeat) for name, work in (_layers() | _group_layers(folder)).items()]
    for service in ("fast", "durable"):
        costs = asyncio.run(_in_memory(folder / f"memory-{service}", service, rounds=60 if quick else 200))
        name = f"call_in_memory_{'async' if service == 'fast' else service}"
        figures.append(Figure(name, statistics.median(costs), "us", runs=7, spread=max(costs) - min(costs)))
    return figures


def _timed(name: str, work: Callable[[], object], repeat: int) -> Figure:
    runs = []
    shared = GROUP if name.startswith("group_") else 1
    for _ in range(7):
        start = time.process_time()
        for _ in range(repeat // shared):
            work()
        runs.append((time.process_time() - start) / (repeat // shared * shared) * 1e6)
    return Figure(f"layer_{name}", statistics.median(runs), "us", runs=7, spread=max(runs) - min(runs))


def _layers() -> dict[str, Callable[[], object]]:
    import httptools

    from mehvar.exchange.rules import paths, rights
    from mehvar.gateway.answers import read_answer_head
    from mehvar.gateway.heads import read_request_head

    class Events:
        def on_header(self, name: bytes, value: bytes) -> None: ...

        def on_body(self, data: bytes) -> None: ...

    target = f"{SERVICE}/durable/x1".encode()
    raw = b"GET " + target + b" HTTP/1.1\r\nHost: b\r\nX-Road-Client: QF/GOV/100/tax\r\nAccept: */*\r\n\r\n"
    headers = [(b"Host", b"b"), (b"X-Road-Client", b"QF/GOV/100/tax"), (b"Accept", b"*/*")]
    answer_headers = [
        (b"Server", b"nginx"), (b"Date", b"Sun, 22 Nov 2026 08:00:00 GMT"), (b"Content-Type", b"application/json"),
        (b"Content-Length", b"254"), (b"Connection", b"keep-alive"),
    ]  # fmt: skip
    request, answer = httptools.HttpRequestParser(Events()), httptools.HttpResponseParser(Events())

    def parse_http() -> None:
        request.feed_data(raw)
        answer.feed_data(ANSWER)

    route, rest = rights.Routes(snapshot(1, 2)).find(paths.parse_target(target))
    signed = _signed_requests()
    return {
        "parse_http": parse_http,
        "parse_target": lambda: paths.split_plain_call(target),
        "parse_target_in_full": lambda: paths.parse_target(target),
        "parse_target_with_escapes": lambda: paths.parse_target(target + b"/%D8%A7%20b"),
        "sort_heads": lambda: (read_request_head(headers, version="1.1"), read_answer_head(answer_headers)),
        "rights": lambda: (rights.decide(route, CLIENT, "GET", rest, at=1.7e9), route.endpoint("GET", rest)),
        "hash": lambda: (sha512(raw).digest(), sha512(raw).digest(), sha512(BODY).digest()),
        **signed,
    }


def _signed_requests() -> dict[str, Callable[[], object]]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    from mehvar.exchange.rules import signatures

    parts = signatures.RequestParts("GET", "https", "gw", "/r1/x", {"x-road-client": [CLIENT]})
    names = ("@method", "@target-uri", "x-road-client")

    def verifier(private: Any) -> Callable[[], object]:
        fields = signatures.sign_request(parts, private, keyid="k", created=1, nonce="n", components=names)
        public = private.public_key()

        def verify() -> bool:
            stated = signatures.read_signature([fields["Signature-Input"]], [fields["Signature"]])
            base = signatures.signature_base(stated.text, stated.components, parts)
            return signatures.holds(stated.signature, base, public)

        return verify

    return {
        "verify_request_ed25519": verifier(ed25519.Ed25519PrivateKey.generate()),
        "verify_request_p256": verifier(ec.generate_private_key(ec.SECP256R1())),
    }


def _group_layers(folder: Path) -> dict[str, Callable[[], object]]:
    """Time evidence: per call, in groups of 32."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    from mehvar.exchange.data.evidence import FrameKind
    from mehvar.exchange.rules import leaves, merkle, segments

    shape = leaves.LeafShape(
        client=CLIENT, service="QF/GOV/300/land/durable", endpoint="* /**", agreement="a-1", purpose="tax assessment",
        mode="durable", snapshot=1,
    )  # fmt: skip

    def leaf() -> bytes:
        asked = leaves.request_member("a" * 88, None, 0)
        answered = leaves.answer_member("a" * 88, "b" * 88, 254, status=200)
        return shape.encode(
            kind="exchange", at=1, done_at=2, request_id="i" * 36, id_="j" * 36, authentication="network:127.0.0.1",
            request=asked, request_hash="c" * 88, answer=answered,
        )  # fmt: skip

    key, algorithm = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
    made, parts = leaf(), segments.encode_heads(b"h" * 200, b"h" * 250)
    tree = [merkle.leaf_hash(made)] * GROUP
    head = segments.batch_head(chain="c", number=1, previous="0" * 64, hashes_=tree, at=1, key="k")
    payload = segments.batch_payload(head, b"s" * 70, [(made, parts)] * GROUP)
    descriptor = os.open(folder / "layers", os.O_CREAT | os.O_WRONLY | os.O_DSYNC)
    return {
        "write_leaf": leaf,
        "group_merkle": lambda: merkle.root_of([merkle.leaf_hash(made) for _ in range(GROUP)]),
        "group_frame": lambda: segments.frame(
            FrameKind.BATCH, segments.batch_payload(head, b"s" * 70, [(made, parts)] * GROUP)
        ),
        "group_sign_p256": lambda: key.sign(head.signed, algorithm),
        "group_write_through": lambda: os.write(descriptor, payload),
    }


# ---------------------------------------------------------------------- a whole call, transports in memory


class MemoryTransport:
    """Stand for a connection; what is written goes to ``taken``."""

    def __init__(self, taken: Callable[[bytes], object]) -> None:
        """Begin open."""
        self.write = taken

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Say that the caller is this machine."""
        return ("127.0.0.1", 1) if name == "peername" else default

    def is_closing(self) -> bool:
        """Stay open."""
        return False

    def pause_reading(self) -> None:
        """Hold nothing back."""

    def resume_reading(self) -> None:
        """Hold nothing back."""

    def close(self) -> None:
        """Stay open."""

    def abort(self) -> None:
        """Stay open."""


async def _in_memory(folder: Path, service: str, *, rounds: int) -> list[float]:
    """Return the CPU microseconds of a call, seven times: real protocols, log and disk; no sockets, no provider."""
    from mehvar.exchange.rules.paths import parse_target
    from mehvar.gateway.front import ClientConnection
    from mehvar.gateway.upstream import Upstream

    worker = _worker(folder)
    live = worker.keeper.live
    plan = worker.plan(live, live.routes.find(parse_target(f"{SERVICE}/{service}/x".encode()))[0])
    asked: list[Upstream] = []
    answers, all_answered = [0, 0], asyncio.Event()

    def answered(_data: bytes) -> None:
        answers[0] += 1
        if answers[0] >= answers[1]:
            all_answered.set()

    connections = []
    for _ in range(GROUP):
        upstream = Upstream(plan.pool)
        upstream.connection_made(MemoryTransport(partial(_note, asked, upstream)))  # type: ignore[arg-type]
        upstream.is_reusable = True
        plan.pool.give_back(upstream)
        connection = ClientConnection(worker, scheme="http")
        connection.connection_made(MemoryTransport(answered))  # type: ignore[arg-type]
        connections.append(connection)
    heads = [
        f"GET {SERVICE}/{service}/x{number} HTTP/1.1\r\nHost: b\r\nX-Road-Client: {CLIENT}\r\n\r\n".encode()
        for number in range(GROUP)
    ]

    async def round_of_calls() -> None:
        all_answered.clear()
        answers[1] += GROUP
        for connection, head in zip(connections, heads, strict=True):
            connection.data_received(head)
        while asked:
            asked.pop().data_received(ANSWER)
        await all_answered.wait()
        await asyncio.sleep(0)

    costs = []
    for _ in range(7):
        start = time.process_time()
        for _ in range(rounds):
            await round_of_calls()
        costs.append((time.process_time() - start) / (rounds * GROUP) * 1e6)
    await worker.log.close()
    return costs


def _note(asked: list[Upstream], own: Upstream, _data: bytes) -> None:
    asked.append(own)


def _worker(folder: Path) -> Any:
    from mehvar.exchange.rules.snapshots import encode_snapshot
    from mehvar.gateway.data import read_settings
    from mehvar.gateway.evidence.files import create_signing_key
    from mehvar.gateway.shared import SharedMemory
    from mehvar.gateway.worker import Worker

    folder.mkdir()
    (folder / "snapshot.json").write_bytes(encode_snapshot(snapshot(1, 2)))
    create_signing_key(folder / "key.pem")
    settings = {
        "snapshot": "snapshot.json",
        "evidence": "evidence",
        "signing_key": "key.pem",
        "name": "memory",
    }
    (folder / "gateway.json").write_text(json.dumps(settings))
    return Worker(read_settings(folder / "gateway.json"), 0, SharedMemory(folder / "shared"))
