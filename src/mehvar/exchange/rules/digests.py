"""Hash requests and answers as X-Road does.

The *head* is: method, CRLF, path with query, CRLF, then every forwarded header as ``name:value`` CRLF, in the order
sent (an answer's begins with its status). The gateway forwards exactly the header lines that it hashed. The request
hash is base64(SHA-512(SHA-512(head) || SHA-512(body))), or base64(SHA-512(head)) when there is no body.

Source: X-Road message protocol for REST, 4.3.
"""

from __future__ import annotations

import binascii
import hashlib


def request_head(method: bytes, target: bytes, header_lines: bytes) -> bytes:
    """Return the bytes that are hashed as "headers" of a request; ``target``: the path asked for, query included."""
    return b"%s\r\n%s\r\n%s" % (method, target, header_lines)


def answer_head(status: int, header_lines: bytes) -> bytes:
    """Return the bytes that are hashed as the head of an answer."""
    return b"%d\r\n%s" % (status, header_lines)


def request_hash(head_sha512: bytes, body_sha512: bytes | None) -> str:
    """Return the value of ``X-Road-Request-Hash`` from the digests of head and body (None: no body)."""
    if body_sha512 is None:
        return encoded(head_sha512)
    return encoded(hashlib.sha512(head_sha512 + body_sha512).digest())


def encoded(digest: bytes) -> str:
    """Return a digest in base64."""
    return binascii.b2a_base64(digest, newline=False).decode("ascii")
