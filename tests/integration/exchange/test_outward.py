"""The server calls test instances, and nothing else, for others."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from mehvar.exchange.actions import outward
from mehvar.exchange.actions.outward import Reach
from mehvar.exchange.data.operations import Question
from mehvar.exchange.rules.addresses import is_allowed, networks_of
from mehvar.kernel.errors import InputError, Unavailable

LOOPBACK = networks_of(["127.0.0.0/8"])
OPEN = Reach(60.0, 1_000, LOOPBACK)
ASK = Question("GET", "/people/1?x=%20", {"X-Extra": "1"})


@contextlib.contextmanager
def server(answer: bytes, *, drip_s: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """Answer every connection with these bytes, one by one when they drip."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    seen.append(connection.recv(65_536))
                    for piece in [answer[i : i + 1] for i in range(len(answer))] if drip_s else [answer]:
                        connection.sendall(piece)
                        time.sleep(drip_s)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/base/", seen
    finally:
        listener.close()


def test_what_comes_back_is_given_as_it_is_and_redirects_are_not_followed() -> None:
    answer = (
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/secret\r\nContent-Length: 2\r\nX-A: b\r\n\r\nno"
    )
    with server(answer) as (url, seen):
        heard = outward.call(url, ASK, headers={"Accept": "a/b"}, reach=OPEN)
    assert (heard.status, heard.body, heard.header("x-a"), heard.is_cut) == (302, b"no", "b", False)
    assert len(seen) == 1
    head = seen[0].decode()
    assert head.startswith("GET /base/people/1?x=%20 HTTP/1.1\r\n")
    assert "Accept-Encoding: identity" in head
    assert "X-Extra: 1" in head


def test_a_long_answer_is_cut() -> None:
    with server(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 50_000) as (url, _):
        heard = outward.call(url, ASK, headers={}, reach=OPEN)
    assert (len(heard.body), heard.is_cut) == (1_000, True)


def test_an_answer_that_drips_ends_with_the_deadline() -> None:
    started = time.monotonic()
    with (
        server(b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 3_000, drip_s=0.05) as (url, _),
        pytest.raises(Unavailable) as refused,
    ):
        outward.call(url, ASK, headers={}, reach=Reach(0.5, 1_000, LOOPBACK))
    assert refused.value.code == "timed-out"
    assert time.monotonic() - started < 60, "all of it would take longer than two minutes"


def test_what_is_no_http_is_said_so() -> None:
    with server(b"SSH-2.0-OpenSSH\r\n") as (url, _), pytest.raises(Unavailable) as refused:
        outward.call(url, ASK, headers={}, reach=OPEN)
    assert refused.value.code == "not-http"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/", "http://localhost:8000/", "http://[::1]:8000/", "http://2130706433/", "http://0x7f000001/",
        "http://127.1/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://192.168.1.1/",
        "http://172.16.5.5/", "http://100.64.0.1/", "http://0.0.0.0/", "http://[fe80::1]/", "http://[fd00::1]/", "http://224.0.0.1/",
        "file:///etc/passwd", "gopher://127.0.0.1/", "http://user:word@example.org/", "//example.org", "",
    ],
)  # fmt: skip
def test_private_places_and_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(InputError):
        outward.call(url, ASK, headers={}, reach=Reach(1.0, 100))


def test_a_name_with_one_private_address_is_refused_and_the_pinned_one_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [
        [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", 80))],
        [(2, 1, 6, "", ("127.0.0.1", 1))],
        [(2, 1, 6, "", ("10.9.9.9", 80))],
    ]
    asked: list[str] = []

    def resolve(host: str, *_args: object, **_options: object) -> object:
        asked.append(host)
        return answers[len(asked) - 1]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(InputError):
        outward.call("http://two-faced.example/", ASK, headers={}, reach=Reach(1.0, 100))
    with pytest.raises(Unavailable):
        outward.call("http://rebinding.example/", ASK, headers={}, reach=OPEN)
    assert asked == ["two-faced.example", "rebinding.example"]


def test_allowed_networks_open_just_themselves() -> None:
    allowed = networks_of(["10.20.0.0/16", " fd00:1::/64"])
    assert is_allowed("10.20.3.4", allowed)
    assert is_allowed("::ffff:10.20.3.4", allowed)
    assert is_allowed("fd00:1::5", allowed)
    assert not is_allowed("10.21.0.1", allowed)
    assert is_allowed("8.8.8.8")
    assert not is_allowed("not an address")
