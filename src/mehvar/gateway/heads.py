"""Read the head of a request: what passes, what is dropped, what steers the call."""

from __future__ import annotations

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.rules.headers import DROPPED_FROM_REQUEST, are_clean, is_message_id, nominated

_STEERING = frozenset(
    {
        b"x-road-id", b"content-length", b"transfer-encoding", b"connection", b"expect",
        b"signature-input", b"accept",
    }
)  # fmt: skip
_FORWARDED_TOO = frozenset({b"signature-input", b"accept"})
_SPECIAL = DROPPED_FROM_REQUEST | _STEERING
_PLAIN_CONNECTION = frozenset({b"keep-alive", b"close", b"Keep-Alive", b"Close"})
_MAX_SPELLINGS = 2_048
_spellings: dict[
    bytes, bytes
] = {}  # a header's name as it is spelt: its lower-case name if special, else empty


class RequestHead:
    """Hold what the headers say. ``passed``: lines that go to the provider, as they are hashed."""

    __slots__ = (
        "accept",
        "client",
        "content_length",
        "expects_continue",
        "host",
        "is_chunked",
        "is_signed",
        "message_id",
        "passed",
    )

    def __init__(self) -> None:
        """Begin with a head that says nothing."""
        self.passed = self.host = self.accept = b""
        self.client: bytes | None = None
        self.message_id = ""
        self.content_length = 0
        self.is_chunked = self.is_signed = self.expects_continue = False

    def lines(self, client: str, message_id: str, request_id: str) -> bytes:
        """Return all header lines that are hashed and forwarded, the bus's own last."""
        default = "" if self.accept else "Accept:application/json\r\n"
        own = (
            f"{default}X-Road-Client:{client}\r\nX-Road-Id:{message_id}\r\nX-Road-Request-Id:{request_id}\r\n"
        )
        return self.passed + own.encode("ascii")


def read_request_head(headers: list[tuple[bytes, bytes]], *, version: str) -> RequestHead:
    """Sort the headers of a request. Of several ``X-Road-Client`` the last one counts.

    Raises:
        CallRefused: a header that steers the call is malformed or contradicts another.
    """
    head = RequestHead()
    steering: dict[bytes, list[bytes]] = {}
    lines: list[bytes] = []
    hosts = 0
    for name, value in headers:
        special = _spellings.get(name)
        if special is None:
            special = _special(name)
        if not special:
            lines += (name, b":", value, b"\r\n")
        elif special == b"host":
            hosts, head.host = hosts + 1, value
        elif special == b"x-road-client":
            head.client = value
        elif special in _STEERING:
            steering.setdefault(special, []).append(value)
            if special in _FORWARDED_TOO:
                lines += (name, b":", value, b"\r\n")
    if steering:
        _steer(head, steering)
        lines = _without_nominated(lines, steering.get(b"connection", []))
    head.passed = b"".join(lines)
    _check(head, hosts, len(lines) // 4, version)
    return head


def _special(name: bytes) -> bytes:
    """Return the lower-case name of a header that does not simply pass, else nothing; spellings are remembered."""
    lowered = name.lower()
    special = lowered if lowered in _SPECIAL else b""
    if len(_spellings) < _MAX_SPELLINGS:
        _spellings[name] = special
    return special


def _without_nominated(lines: list[bytes], connection: list[bytes]) -> list[bytes]:
    """Drop what ``Connection`` names; ``lines`` holds name, colon, value and line end of every header."""
    if _PLAIN_CONNECTION.issuperset(connection):
        return lines
    dropped = nominated(connection)
    return [piece for number, piece in enumerate(lines) if lines[number // 4 * 4].lower() not in dropped]


def _steer(head: RequestHead, steering: dict[bytes, list[bytes]]) -> None:
    for name, values in steering.items():
        value = values[-1].strip()
        if name == b"accept":
            head.accept = value
        elif name == b"content-length":
            head.content_length = int(value)
        elif name == b"transfer-encoding":
            head.is_chunked = _is_chunked(value)
        elif name == b"x-road-id":
            head.message_id = _message_id(value)
        elif name == b"signature-input":
            head.is_signed = True
        elif name == b"expect":
            head.expects_continue = _expected(value)


def _is_chunked(value: bytes) -> bool:
    if value.lower() != b"chunked":
        raise CallRefused(ErrorType.BAD_REQUEST, "This transfer coding is not supported.")
    return True


def _expected(value: bytes) -> bool:
    if value.lower() != b"100-continue":
        raise CallRefused(ErrorType.BAD_REQUEST, "This expectation is not supported.")
    return True


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
