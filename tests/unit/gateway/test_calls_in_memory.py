"""What is remembered from call to call never decides a call: proof, right, agreement and quota are asked each time."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

pytest.importorskip("httptools", reason="the gateway needs the extra [gateway]")

from mehvar.exchange.data.errors import CallRefused
from mehvar.exchange.data.evidence import PartKind
from mehvar.exchange.data.snapshot import AccessRight, Agreement, ClientNetwork, Quota, Snapshot
from mehvar.exchange.rules import segments
from mehvar.exchange.rules.snapshot_faults import Pace
from mehvar.exchange.rules.snapshots import decode_snapshot
from mehvar.gateway import live
from mehvar.gateway.calls import asking
from mehvar.gateway.evidence import checking, files
from mehvar.gateway.front import ClientConnection
from mehvar.gateway.heads import read_request_head
from tests.integration.gateway.federation import CLIENT, LONG_AGO, OTHER, PREFIX, snapshot, write_snapshot
from tests.unit.gateway.memory import OK, Gateway, Transport, request

SNAPSHOT = snapshot(1)
FAST = request(f"{PREFIX}/fast/parcels/1")


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    made = Gateway(tmp_path, SNAPSHOT, monkeypatch)
    yield made
    made.close()
    checking.check_folder(tmp_path / "evidence")


def outcome(gateway: Gateway, connection: ClientConnection, transport: Transport, data: bytes = FAST) -> str:
    """Ask and return the bus's error, or the status."""
    connection.data_received(data)
    gateway.answer()
    answer = transport.take() or gateway.until_written(transport)
    found = re.search(rb"X-Road-Error: ([\w.]+)", answer)
    return found[1].decode() if found else answer.split(b" ")[1].decode()


def test_calls_are_answered_while_a_large_snapshot_is_read(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls go on between begin and end of reading, on what is in force; what is new counts afterwards."""
    rights = [AccessRight(f"client:{CLIENT}", f"{PREFIX[4:]}/fast", "a-1", "GET", f"/{n}") for n in range(5_000)]  # fmt: skip
    write_snapshot(tmp_path, replace(SNAPSHOT, version=2, rights=tuple(rights)))
    states: list[str] = []

    def read(data: bytes, pace: Pace) -> Snapshot:
        states.append("begun")
        found = decode_snapshot(data, pace)
        states.append("read")
        return found

    monkeypatch.setattr(live, "decode_snapshot", read)
    connection, transport = gateway.client()
    reload = gateway.loop.create_task(gateway.worker.keeper.reload())
    answered = []
    while not reload.done():
        gateway.loop.run_until_complete(asyncio.sleep(0))
        when = [*states]
        assert reload.done() or outcome(gateway, connection, transport) == "200"
        answered.append(when == states == ["begun"])
    assert states == ["begun", "read"]
    assert sum(answered) > 5
    assert gateway.worker.keeper.live.snapshot.version == 2
    assert outcome(gateway, connection, transport) == "Server.ServerProxy.AccessDenied"
    assert outcome(gateway, connection, transport, request(f"{PREFIX}/fast/4999")) == "200"


def test_a_right_that_is_taken_back_ends_with_the_next_snapshot_on_the_same_connection(
    gateway: Gateway,
) -> None:
    connection, transport = gateway.client()
    assert [outcome(gateway, connection, transport) for _ in range(3)] == ["200"] * 3
    gateway.swap(replace(SNAPSHOT, version=2, rights=()))
    assert outcome(gateway, connection, transport) == "Server.ServerProxy.AccessDenied"
    gateway.swap(replace(SNAPSHOT, version=3, networks=(ClientNetwork(OTHER, "127.0.0.0/8"),)))
    assert outcome(gateway, connection, transport) == "Server.ClientProxy.AuthenticationFailed"
    gateway.swap(replace(SNAPSHOT, version=4, members=SNAPSHOT.members[1:]))
    assert outcome(gateway, connection, transport) == "Server.ClientProxy.UnknownMember"
    gateway.swap(replace(SNAPSHOT, version=5))
    assert outcome(gateway, connection, transport) == "200"


def test_an_agreement_ends_at_its_instant_not_with_a_snapshot(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = LONG_AGO + timedelta(days=10)
    gateway.swap(replace(SNAPSHOT, agreements=(Agreement("a-1", "Land Act", "tax", LONG_AGO, until),)))
    connection, transport = gateway.client()
    instants = {-1: "200", 0: "Server.ServerProxy.AccessDenied.NoValidAgreement", -2: "200"}
    for seconds, expected in instants.items():
        at = int((until.timestamp() + seconds) * 1e9)
        monkeypatch.setattr(asking.time, "time_ns", lambda at=at: at)
        assert outcome(gateway, connection, transport) == expected


def test_a_clock_that_jumps_disturbs_no_call_and_no_chain(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    connection, transport = gateway.client()
    now = time.time_ns()
    for hours in (0, 5, -5, 24 * 400, 0):
        monkeypatch.setattr(asking.time, "time_ns", lambda at=now + hours * 3_600_000_000_000: at)
        assert outcome(gateway, connection, transport, request(f"{PREFIX}/parcels/open/x")) == "200"
        assert connection.current is None
    with files.mapped(files.segment_paths(tmp_path / "evidence")[0]) as data:
        key = files.public_key_of(tmp_path / "evidence", data)
        batches = [*segments.read_batches(data, key)]
    stated = [json.loads(entry.leaf)["at"] for batch in batches for entry in batch.entries]
    assert [batch.head.at for batch in batches] == sorted(batch.head.at for batch in batches)
    assert stated[2] < stated[0] < stated[1]  # a leaf says what the clock said; the chain keeps its order


def test_a_quota_counts_calls_whose_way_is_known(gateway: Gateway) -> None:
    gateway.swap(replace(SNAPSHOT, version=2, quotas=(Quota(CLIENT, "*", 0.01, 3),)))
    connection, transport = gateway.client()
    outcomes = [outcome(gateway, connection, transport) for _ in range(5)]
    assert outcomes == ["200"] * 3 + ["Client.QuotaExceeded"] * 2


def test_a_gateway_grants_its_part_of_a_quota_and_a_change_of_parts_fills_no_bucket(gateway: Gateway) -> None:
    quotas = (Quota(CLIENT, "*", 0.01, 7),)
    gateway.swap(replace(SNAPSHOT, version=2, quotas=quotas, gateways=2))
    connection, transport = gateway.client()
    outcomes = [outcome(gateway, connection, transport) for _ in range(5)]
    assert outcomes == ["200"] * 3 + ["Client.QuotaExceeded"] * 2
    gateway.swap(replace(SNAPSHOT, version=3, quotas=quotas, gateways=1))
    assert outcome(gateway, connection, transport) == "Client.QuotaExceeded"


def test_rights_are_decided_on_each_path_of_a_known_way(gateway: Gateway) -> None:
    connection, transport = gateway.client()

    def asked(path: str, method: str = "GET") -> str:
        data = request(f"{PREFIX}/parcels{path}", method=method).replace(CLIENT.encode(), OTHER.encode())
        return outcome(gateway, connection, transport, data)

    denied = "Server.ServerProxy.AccessDenied"
    assert [asked("/open/x"), asked("/parcels/7"), asked("/parcels"), asked("/open/x", "DELETE")] == [
        "200", "200", denied, denied,
    ]  # fmt: skip
    assert asked("/open/..%2fparcels") == "Client.InvalidPath"
    assert asked("/open/%2e%2e/parcels") == "Client.InvalidPath"
    assert asked("/open/x?y=1") == "200"


def test_the_provider_is_sent_the_same_whether_the_way_is_known_or_not(gateway: Gateway) -> None:
    sent = []
    for _ in range(2):
        connection, _ = gateway.client()
        for data in (
            FAST,
            FAST,
            request(f"{PREFIX}/fast/a%20b?c=d&e"),
            request(f"{PREFIX}/kept", headers="Accept: a/b\r\n"),
        ):
            connection.data_received(data)
            sent += gateway.answer()
    stripped = [re.sub(rb"X-Road-(Request-)?Id:[^\r]*\r\n", b"", head) for head in sent]
    assert stripped[:4] == stripped[4:]
    assert stripped[0] == stripped[1]
    assert stripped[2].startswith(b"GET /a%20b?c=d&e HTTP/1.1\r\n")
    assert stripped[3].startswith(b"GET /base HTTP/1.1\r\n")
    assert b"Accept:application/json\r\n" in stripped[0]
    assert b"Accept:a/b\r\n" in stripped[3]


# ---------------------------------------------------------------------- bytes

names = st.sampled_from(
    [b"Host", b"host", b"X-Road-Client", b"x-road-client", b"X-Road-Id", b"Connection", b"Accept", b"Content-Length",
     b"Transfer-Encoding", b"Expect", b"X-Own", b"Upgrade", b"TE", b"Keep-Alive", b"X-Road-Request-Id"]
) | st.from_regex(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}", fullmatch=True)  # fmt: skip
values = st.sampled_from(
    [
        b"gw",
        CLIENT.encode(),
        b"close",
        b"keep-alive, X-Own",
        b"chunked",
        b"0",
        b"3",
        b"100-continue",
        b"",
        b"a\tb",
    ]
) | st.from_regex(rb"[ -~\x80-\xff]{0,12}", fullmatch=True)
lines = st.lists(st.tuples(names, values), max_size=6)


@given(
    st.lists(st.tuples(names, st.binary(max_size=8) | values), max_size=8),
    st.sampled_from(["1.1", "1.0", "2.0"]),
)
def test_any_headers_give_clean_lines_or_a_refusal(headers: list[tuple[bytes, bytes]], version: str) -> None:
    try:
        head = read_request_head(headers, version=version)
    except (CallRefused, ValueError):
        return  # ValueError: a length that is no number; llhttp lets none through
    passed = head.passed.split(b"\r\n")
    assert passed.pop() == b""
    assert not any(set(line) & {*range(9), *range(10, 32), 127} for line in passed)
    sent = [name.lower() for name, _ in headers]
    for line in passed:
        name = line.partition(b":")[0].lower()
        assert name in sent
        assert name not in {
            b"host",
            b"connection",
            b"transfer-encoding",
            b"content-length",
            b"x-road-client",
            b"te",
        }


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with pytest.MonkeyPatch.context() as patch:
        made = Gateway(tmp_path_factory.mktemp("parser"), SNAPSHOT, patch)
        patch.setattr(made.worker.ids, "next", lambda: "one-id")
        patch.setattr(asking.time, "time_ns", lambda: 1_700_000_000_000_000_000)
        yield made
        made.close()


def conversation(gateway: Gateway, pieces: list[bytes]) -> tuple[bytes, list[bytes], bool]:
    """Send pieces over a new connection; return what came back, what the provider saw, and whether it closed."""
    connection, transport = gateway.client()
    seen: list[bytes] = []
    for piece in pieces:
        if not transport.is_closed:
            connection.data_received(piece)
            while asked := gateway.answer():
                seen += asked
    closed = transport.is_closed
    connection.connection_lost(None)
    return transport.take(), seen, closed


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"GET", b"POST", b"DELETE", b"HEAD", b"CONNECT", b"get", b"G@T"]),
            st.sampled_from(
                [b"/listClients", f"{PREFIX}/fast/x".encode(), f"{PREFIX}/fast/%2e%2e/x".encode(), b"*", b"/"]
            )
            | st.binary(max_size=10),
            lines,
            st.sampled_from([b"\r\n", b"\n", b"\r\r\n"]),
            st.sampled_from([b"", b"abc", b"3\r\nabc\r\n0\r\n\r\n", b"0\r\n\r\n"]),
        ),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.integers(1, 60), max_size=8),
)
@example(
    [
        (b"GET", f"{PREFIX}/fast/x".encode(), [], b"\r\n", b""),
        (b"POST", f"{PREFIX}/fast/x".encode(), [(b"Content-Length", b"3")], b"\r\n", b"abc"),
        (
            b"POST",
            f"{PREFIX}/fast/x".encode(),
            [(b"Transfer-Encoding", b"chunked")],
            b"\r\n",
            b"3\r\nabc\r\n0\r\n\r\n",
        ),
    ],
    [1, 5, 40, 60, 60, 60],
)
def test_how_bytes_are_cut_changes_nothing_and_nothing_breaks(
    parser: Gateway,
    messages: list[tuple[bytes, bytes, list[tuple[bytes, bytes]], bytes, bytes]],
    cuts: list[int],
) -> None:
    data = b""
    for method, target, headers, end, body in messages:
        data += (
            method
            + b" "
            + target
            + b" HTTP/1.1"
            + end
            + b"Host: gw"
            + end
            + b"X-Road-Client: "
            + CLIENT.encode()
            + end
        )
        data += b"".join([name + b": " + value + end for name, value in headers]) + end + body
    pieces, place = [], 0
    for cut in cuts:
        pieces.append(data[place : place + cut])
        place += cut
    pieces = [piece for piece in [*pieces, data[place:]] if piece]
    whole = conversation(parser, [data])
    assert conversation(parser, pieces) == whole
    assert whole == conversation(parser, [data])
    for head in whole[1]:  # one request each: no head within what was forwarded
        assert head.count(b" HTTP/1.1\r\n") == 1
        assert head.count(b"X-Road-Request-Id:") == 1


def test_pipelined_and_cut_requests_reach_the_provider_one_by_one(parser: Gateway) -> None:
    data = FAST + request(f"{PREFIX}/fast/y", method="POST", headers="Content-Length: 3\r\n") + b"abc" + FAST
    answers, seen, closed = conversation(parser, [data[at : at + 7] for at in range(0, len(data), 7)])
    assert [head.split(b" ")[:2] for head in seen] == [
        [b"GET", b"/parcels/1"], [b"POST", b"/y"], [b"GET", b"/parcels/1"],
    ]  # fmt: skip
    assert seen[1].endswith(b"\r\n\r\nabc")
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert not closed


def test_both_heads_are_parts_like_any() -> None:
    kept = {PartKind.REQUEST_HEAD: b"asked" * 50, PartKind.ANSWER_HEAD: b"answered"}
    assert segments.encode_heads(*kept.values()) == segments.encode_parts(kept)


def test_an_answer_with_the_same_head_as_before_is_read_the_same(gateway: Gateway) -> None:
    connection, transport = gateway.client()
    answers = []
    for data in (OK, OK, OK.replace(b"json", b"text"), OK):
        connection.data_received(FAST)
        gateway.answer(data)
        answers.append(re.sub(rb"X-Road-(Request-)?(Id|Hash):[^\r]*\r\n", b"", transport.take()))
    assert answers[0] == answers[1] == answers[3] != answers[2]
    assert b"application/text" in answers[2]
