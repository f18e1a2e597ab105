"""Read the head of a request: what passes, what is dropped, what steers the call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.rules.headers import DROPPED_FROM_REQUEST, are_clean, is_message_id, nominated


class _Role(IntEnum):
    DROPPED = 0
    CLIENT = 1
    MESSAGE_ID = 2
    LENGTH = 3
    CODING = 4
    CONNECTION = 5
    EXPECT = 6
    HOST = 7
    SIGNED = 8
    ACCEPT = 9


_ROLES: dict[bytes, _Role] = dict.fromkeys(DROPPED_FROM_REQUEST, _Role.DROPPED) | {
    b"x-road-client": _Role.CLIENT,
    b"x-road-id": _Role.MESSAGE_ID,
    b"content-length": _Role.LENGTH,
    b"transfer-encoding": _Role.CODING,
    b"connection": _Role.CONNECTION,
    b"expect": _Role.EXPECT,
    b"host": _Role.HOST,
    b"signature-input": _Role.SIGNED,
    b"accept": _Role.ACCEPT,
}
_PLAIN_CONNECTION = frozenset({b"keep-alive", b"close", b"Keep-Alive", b"Close"})


@dataclass(slots=True)
class RequestHead:
    """Hold what the headers say. ``passed``: lines that go to the provider, as they are hashed."""

    passed: bytes = b""
    client: bytes | None = None
    message_id: str = ""
    host: bytes = b""
    accept: bytes = b""
    content_length: int = 0
    is_chunked: bool = False
    is_signed: bool = False
    expects_continue: bool = False

    def lines(self, client: str, message_id: str, request_id: str) -> bytes:
        """Return all header lines that are hashed and forwarded, the bus's own last."""
        default = b"" if self.accept else b"Accept:application/json\r\n"
        own = f"X-Road-Client:{client}\r\nX-Road-Id:{message_id}\r\nX-Road-Request-Id:{request_id}\r\n"
        return self.passed + default + own.encode("ascii")


class _Reader:
    """Sort headers by their role."""

    def __init__(self) -> None:
        self.head = RequestHead()
        self.connection: list[bytes] = []
        self.hosts = 0
        self.ids: list[bytes] = []

    def take(self, role: _Role, value: bytes) -> bool:
        """Note a header that steers the call; True when it is forwarded besides."""
        head = self.head
        if role is _Role.CLIENT:
            head.client = value.strip()
        elif role is _Role.MESSAGE_ID:
            self.ids.append(value.strip())
        elif role is _Role.LENGTH:
            head.content_length = int(value)
        elif role is _Role.CODING:
            head.is_chunked = True
        elif role is _Role.CONNECTION:
            self.connection.append(value)
        elif role is _Role.HOST:
            self.hosts, head.host = self.hosts + 1, value.strip()
        else:
            return self._take_other(role, value)
        return False

    def _take_other(self, role: _Role, value: bytes) -> bool:
        if role is _Role.EXPECT:
            if value.strip().lower() != b"100-continue":
                raise CallRefused(ErrorType.BAD_REQUEST, "This expectation is not supported.")
            self.head.expects_continue = True
            return False
        if role is _Role.SIGNED:
            self.head.is_signed = True
        elif role is _Role.ACCEPT:
            self.head.accept = value
        return role is not _Role.DROPPED


def read_request_head(headers: list[tuple[bytes, bytes]], *, version: str) -> RequestHead:
    """Sort the headers of a request. Of several ``X-Road-Client`` the last one counts.

    Raises:
        CallRefused: a header that steers the call is malformed or contradicts another.
    """
    reader = _Reader()
    lines: list[bytes] = []
    for name, value in headers:
        role = _ROLES.get(name.lower())
        if role is None or reader.take(role, value):
            lines.append(b"%s:%s\r\n" % (name, value))
    if reader.connection and not _PLAIN_CONNECTION.issuperset(reader.connection):
        dropped = nominated(reader.connection)
        lines = [line for line in lines if line.partition(b":")[0].lower() not in dropped]
    head = reader.head
    head.passed = b"".join(lines)
    if reader.ids:
        head.message_id = _message_id(reader.ids[-1])
    _check(head, reader.hosts, len(lines), version)
    return head


def _check(head: RequestHead, hosts: int, count: int, version: str) -> None:
    if version not in {"1.1", "1.0"}:
        raise CallRefused(ErrorType.BAD_REQUEST, "HTTP/1.1 is spoken here.")
    if hosts > 1 or (version == "1.1" and hosts == 0):
        raise CallRefused(ErrorType.BAD_REQUEST, "Exactly one Host is needed.")
    if head.is_chunked and (version == "1.0" or head.content_length):
        raise CallRefused(ErrorType.BAD_REQUEST, "The length of the body is stated in two ways.")
    if not are_clean(head.passed, count):
        raise CallRefused(ErrorType.BAD_REQUEST, "A header holds a control character.")


def _message_id(value: bytes) -> str:
    if not is_message_id(value):
        raise CallRefused(ErrorType.BAD_REQUEST, "X-Road-Id must be visible ASCII of at most 255 characters.")
    return value.decode("ascii")
