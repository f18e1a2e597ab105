"""Open one HTTP connection on behalf of a person: pinned address, whole deadline, size limit, no redirects.

Used for test instances (strangers' addresses, so every resolved one must be allowed) and for the operator's own gateway.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from mehvar.exchange.data.operations import Question
from mehvar.exchange.rules.addresses import Network, is_allowed
from mehvar.kernel.errors import InputError, Unavailable, gettext_noop

CONNECT_S = 5.0
_PORTS = {"http": 80, "https": 443}
_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Reach:
    """State how far a call may go. ``is_trusted``: the address was entered by the operator, so it is not asked where it leads."""

    total_s: float = 15.0
    largest: int = 262_144
    allowed: Sequence[Network] = ()
    is_trusted: bool = False
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """Hold what came back. ``is_cut``: the body was longer than the limit."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    duration_ms: int
    is_cut: bool = False
    address: str = ""

    def header(self, name: str) -> str:
        """Return a header's value, empty without it."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def media_type(self) -> str:
        """Return the media type without parameters."""
        return self.header("Content-Type").partition(";")[0].strip().lower()


@dataclass(slots=True)
class _Deadline:
    """Shut a socket down when the time is over, however slowly its other end drips."""

    seconds: float
    connection: socket.socket | None = None
    is_over: bool = False
    _timer: threading.Timer | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        self._timer = threading.Timer(self.seconds, self._end)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, *_details: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        if self.connection is not None:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)


def call(base_url: str, question: Question, *, headers: Mapping[str, str], reach: Reach) -> Heard:
    """Make one call and return what came back, whatever its status.

    Raises:
        InputError: the address is none, or leads where it may not.
        Unavailable: nobody answers there, or not in time, or not in HTTP.
    """
    url = urlsplit(base_url)
    if url.scheme not in _PORTS or not url.hostname or url.username or url.password:
        raise InputError(gettext_noop("The address must begin with http:// or https://."), code="bad-address")
    port = url.port or _PORTS[url.scheme]
    started = time.monotonic()
    with _Deadline(reach.total_s) as deadline:
        try:
            address = _resolved(url.hostname, port, reach)
            connection = _opened(url.hostname, address, deadline, is_tls=url.scheme == "https", reach=reach)
            with contextlib.closing(connection):
                sent = {**question.headers, **headers, "Connection": "close", "Accept-Encoding": "identity"}
                path = url.path.rstrip("/") + question.target
                connection.request(question.method, path, body=question.body, headers=sent)
                status, found, body = _read(connection, reach.largest)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _failed(error, is_over=deadline.is_over) from error
    duration = round((time.monotonic() - started) * 1_000)
    return Heard(status, found, body[: reach.largest], duration, len(body) > reach.largest, address[0])


def _resolved(host: str, port: int, reach: Reach) -> tuple[str, int]:
    """Return the address to call; all that the name has must be allowed."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    if not reach.is_trusted and not all(is_allowed(one, reach.allowed) for one in addresses):
        raise InputError(
            gettext_noop("{host} leads into a network that the server does not call for others."),
            code="address-not-allowed",
            host=host,
        )
    if not addresses:
        raise OSError("no address")
    return addresses[0], port


def _opened(
    host: str, address: tuple[str, int], deadline: _Deadline, *, is_tls: bool, reach: Reach
) -> http.client.HTTPConnection:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    plain = socket.socket(family, socket.SOCK_STREAM)
    try:
        deadline.connection = plain
        plain.settimeout(min(CONNECT_S, reach.total_s))
        plain.connect(address)
        plain.settimeout(reach.total_s)
        if is_tls:
            context = ssl.create_default_context(cafile=reach.ca_file or None)
            plain = deadline.connection = context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
    connection = http.client.HTTPConnection(host, address[1], timeout=reach.total_s)
    if is_tls:
        connection.default_port = _PORTS["https"]  # so that Host has no port where none is needed
    connection.sock = plain
    return connection


def _read(
    connection: http.client.HTTPConnection, largest: int
) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Read an answer: status, headers, and at most one byte more of the body than may be kept."""
    with connection.getresponse() as response:
        body = b""
        while len(body) <= largest and (piece := response.read(min(_PIECE, largest + 1 - len(body)))):
            body += piece
        return response.status, tuple(response.getheaders()), body


def _failed(error: Exception, *, is_over: bool) -> Unavailable:
    if is_over or isinstance(error, TimeoutError):
        return Unavailable(gettext_noop("There was no whole answer in time."), code="timed-out")
    if isinstance(error, ssl.SSLError):
        return Unavailable(gettext_noop("The other side could not prove who it is (TLS)."), code="tls-failed")
    if isinstance(error, socket.gaierror):
        return Unavailable(gettext_noop("The name of the host is not known."), code="unknown-host")
    if isinstance(error, http.client.HTTPException | ValueError):
        return Unavailable(gettext_noop("What came back is no HTTP."), code="not-http")
    return Unavailable(gettext_noop("Nobody answers there."), code="unreachable")
