"""Write what the gateway sends to clients itself: errors, metadata, heads."""

from __future__ import annotations

import http
import json
import os
import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from mehvar.exchange.data.errors import CallRefused
from mehvar.exchange.rules.headers import DROPPED_FROM_ANSWER, nominated

_REASON = re.compile(rb"[ !-~]{0,100}")
_UUID_FORM = b"xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx "
_UUID_PLACES = [place for place, sign in enumerate(_UUID_FORM) if sign == ord("x")]
_VARIANT_PLACE = 19
_VARIANTS = bytes.maketrans(b"0123456789abcdef", b"89ab" * 4)
_PLAIN_CONNECTION = frozenset({b"keep-alive", b"close"})
_MAX_SPELLINGS = 2_048
_spellings: dict[
    bytes, bytes
] = {}  # a header's name as it is spelt: its lower-case name if dropped, else empty
_DEFAULT_PORTS = {True: 443, False: 80}


class IdSource:
    """Make random UUIDs (version 4), many from one read of the system's source."""

    def __init__(self) -> None:
        """Begin empty."""
        self._stock: list[str] = []

    def next(self) -> str:
        """Return a new one."""
        if not self._stock:
            self._stock = _uuids(256)
        return self._stock.pop()


def _uuids(count: int) -> list[str]:
    """Lay random hexadecimal digits into as many copies of the form, one column after the other."""
    digits, width = os.urandom(16 * count).hex().encode("ascii"), len(_UUID_FORM)
    text = bytearray(_UUID_FORM * count)
    for column, place in enumerate(_UUID_PLACES):
        text[place::width] = digits[column::32]
    text[_VARIANT_PLACE::width] = text[_VARIANT_PLACE::width].translate(_VARIANTS)
    return text.decode("ascii").split()


def error_answer(refusal: CallRefused, *, request_id: str, accepts: bytes) -> tuple[bytes, bytes]:
    """Return head (without the closing lines) and body of an error of the bus.

    Source: X-Road message protocol for REST, 4.6.
    """
    members = {"type": refusal.error.value, "message": refusal.message, "detail": request_id}
    if b"xml" in accepts and b"json" not in accepts:
        inner = "".join([f"<{name}>{escape(text)}</{name}>" for name, text in members.items()])
        body, kind = f"<error>{inner}</error>".encode(), "application/xml"
    else:
        body, kind = json.dumps(members, ensure_ascii=False).encode(), "application/json"
    again = f"Retry-After: {refusal.retry_after_s}\r\n" if refusal.retry_after_s else ""
    status = refusal.error.status
    head = (
        f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\nContent-Type: {kind};charset=utf-8\r\n"
        f"X-Road-Error: {refusal.error}\r\nX-Road-Request-Id: {request_id}\r\n{again}Content-Length: {len(body)}\r\n"
    )
    return head.encode("ascii"), body


def metadata_head(length: int, message_id: str, request_id: str) -> bytes:
    """Return the head of a metadata answer, without the closing lines."""
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\nX-Road-Id: {message_id}\r\n"
        f"X-Road-Request-Id: {request_id}\r\nContent-Length: {length}\r\n"
    ).encode("ascii")


def read_answer_head(headers: list[tuple[bytes, bytes]]) -> tuple[bytes, int | None, bool]:
    """Return a provider's header lines that pass to the client, the length stated, and whether chunks come."""
    lines: list[bytes] = []
    connection: list[bytes] = []
    length, is_chunked = None, False
    for name, value in headers:
        dropped = _spellings.get(name)
        if dropped is None:
            dropped = _dropped(name)
        if not dropped:
            lines += (name, b":", value, b"\r\n")
        elif dropped == b"content-length":
            length = int(value)
        elif dropped == b"connection":
            connection.append(value)
        elif dropped == b"transfer-encoding":
            is_chunked = True
    if connection and not _PLAIN_CONNECTION.issuperset(connection):
        named = nominated(connection)
        lines = [piece for number, piece in enumerate(lines) if lines[number // 4 * 4].lower() not in named]
    return b"".join(lines), length, is_chunked


def _dropped(name: bytes) -> bytes:
    """Return the lower-case name of a header that does not pass, else nothing; spellings are remembered."""
    lowered = name.lower()
    dropped = lowered if lowered in DROPPED_FROM_ANSWER else b""
    if len(_spellings) < _MAX_SPELLINGS:
        _spellings[name] = dropped
    return dropped


@lru_cache(maxsize=1024)
def status_line(status: int, reason: bytes) -> bytes:
    """Return the status line; a reason phrase that could break lines is left out."""
    return b"HTTP/1.1 %d %s\r\n" % (status, reason if _REASON.fullmatch(reason) else b"")


def query_value(query: str | None, name: str) -> str:
    """Return a query parameter, empty when it is absent; given twice, the first counts."""
    for key, value in parse_qsl(query or ""):
        if key == name:
            return value
    return ""


@lru_cache(maxsize=4096)
def path_of(base_url: str) -> str:
    """Return the path of a provider's base address, without a closing slash."""
    return urlsplit(base_url).path.rstrip("/")


def split_url(url: str) -> tuple[str, str]:
    """Return base address and request target of a URL."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{parts.scheme}://{parts.netloc}", target


@lru_cache(maxsize=4096)
def host_header(host: str, port: int, *, is_tls: bool) -> bytes:
    """Return the value of ``Host`` for a provider."""
    name = f"[{host}]" if ":" in host else host
    return (name if port == _DEFAULT_PORTS[is_tls] else f"{name}:{port}").encode(
        "idna" if not host.isascii() else "ascii"
    )
