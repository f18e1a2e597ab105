"""Decide which headers pass, which are dropped and which the gateway writes itself.

Source: X-Road message protocol for REST, 4.3 ("Filtered headers", "Specially handled headers"); RFC 9110 §7.6.1.
"""

from __future__ import annotations

import re

HOP_BY_HOP = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
        b"trailer", b"transfer-encoding", b"upgrade",
    }
)  # fmt: skip
DROPPED_FROM_REQUEST = HOP_BY_HOP | {
    b"host", b"user-agent", b"server", b"content-length", b"expect", b"x-road-request-hash", b"x-road-request-id",
    b"x-road-error", b"x-road-service", b"x-road-client", b"x-road-id",
}  # fmt: skip
DROPPED_FROM_ANSWER = HOP_BY_HOP | {
    b"host", b"user-agent", b"server", b"content-length", b"x-road-request-hash", b"x-road-request-id",
    b"x-road-error", b"x-road-service", b"x-road-client", b"x-road-id",
}  # fmt: skip
MAX_HEAD_BYTES = 32_768
MAX_HEADERS = 100

_ALLOWED = bytes([code for code in range(256) if (code >= 0x20 and code != 0x7F) or code == 0x09])  # noqa: PLR2004
_MESSAGE_ID = re.compile(rb"[!-~]{1,255}")


def nominated(values: list[bytes]) -> frozenset[bytes]:
    """Return the headers that ``Connection`` names; those of the protocol itself cannot be named away."""
    names = {name.strip().lower() for value in values for name in value.split(b",")}
    return frozenset(name for name in names if name and not name.startswith(b"x-road-"))


def are_clean(lines: bytes, count: int) -> bool:
    """Tell whether header lines hold no control and exactly ``count`` line ends (no folded or smuggled line)."""
    return lines.translate(None, _ALLOWED) == b"\r\n" * count


def is_message_id(value: bytes) -> bool:
    """Tell whether a client's ``X-Road-Id`` can be echoed: visible ASCII, at most 255 characters."""
    return _MESSAGE_ID.fullmatch(value) is not None
