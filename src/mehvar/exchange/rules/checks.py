"""Check what people say about members, services and agreements, before it is kept."""

from __future__ import annotations

import ipaddress
import math
from datetime import date
from urllib.parse import urlsplit

from mehvar.exchange.data.control import ServiceTerms
from mehvar.exchange.data.identifiers import RESERVED_SERVICE_CODES
from mehvar.exchange.data.snapshot import EvidenceMode
from mehvar.exchange.rules.identifiers import is_identifier_part
from mehvar.exchange.rules.paths import is_plain_pattern
from mehvar.kernel.errors import InputError, LimitExceeded
from mehvar.kernel.text import display_form

LONGEST_CODE = 60
LONGEST_LINE = 300
LONGEST_TEXT = 2_000
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "*")
LONGEST_TIMEOUT_S = 3_600.0
MOST_CONNECTIONS = 10_000
MOST_CALLS_PER_S = 1_000_000.0
LARGEST_KEPT_BODY = 1 << 20
LARGEST_LIMIT = 1 << 50
LONGEST_LOSS_MS = 60_000
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Days beyond have no first or last instant in every zone: one would keep all snapshots from being published."""
LARGEST_DOCUMENT = 10 * 2**20

_BEGINNINGS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}


def code(text: str, *, field: str = "code", reserved: frozenset[str] = frozenset()) -> str:
    """Give a code as it is kept.

    Raises:
        InputError: It is empty, too long, has signs that identifiers cannot have, or is reserved.
    """
    clean = text.strip()
    if not is_identifier_part(clean) or len(clean) > LONGEST_CODE:
        raise InputError(
            "A code has letters, digits and the signs ' ( ) + , - . = ?, at most {limit}.",
            code="bad-code",
            field=field,
            limit=LONGEST_CODE,
        )
    if clean in reserved:
        raise InputError("The code {value} is reserved.", code="reserved-code", field=field, value=clean)
    return clean


def service_code(text: str) -> str:
    """Give a service's code.

    Raises:
        InputError: It cannot be one, or the protocol reserves it.
    """
    return code(text, reserved=RESERVED_SERVICE_CODES)


def words(text: str, *, field: str, limit: int = LONGEST_TEXT, required: bool = True) -> str:
    """Give words as they are kept.

    Raises:
        InputError: Nothing is written where something is needed, or too much.
    """
    clean = "\n".join(display_form(line) for line in text.replace("\r\n", "\n").split("\n")).strip()
    if required and not clean:
        raise InputError("Please write this down.", code="empty", field=field)
    if len(clean) > limit:
        raise InputError("This is longer than {limit} characters.", code="too-long", field=field, limit=limit)
    return clean


def dates(valid_from: date, valid_until: date | None, *, field: str = "valid_until") -> None:
    """Refuse a last day before the first.

    Raises:
        InputError: The dates are out of order, or of no time in which anybody agrees on something.
    """
    if any(day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR for day in (valid_from, valid_until)):
        raise InputError("This is not a date.", code="bad-date", field=field)
    if valid_until is not None and valid_until < valid_from:
        raise InputError("The last day lies before the first.", code="bad-dates", field=field)


def base_url(text: str, *, field: str = "base_url", required: bool = True) -> str:
    """Give a service's base address.

    Raises:
        InputError: It is not one of http or https with a host and without query, fragment or user.
    """
    clean = text.strip().rstrip("/")
    if not clean and not required:
        return ""
    if len(clean) > 500 or not _is_base(clean):  # noqa: PLR2004 - the column's width
        raise InputError(
            "Give an address with http or https and a host, without query: https://registry.example/api",
            code="bad-address",
            field=field,
        )
    return clean


def _is_base(text: str) -> bool:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return False
    plain = not (url.query or url.fragment or url.username or url.password) and text.isascii()
    path_fits = not url.path or (is_plain_pattern(url.path) and "*" not in url.path)
    return url.scheme in {"http", "https"} and bool(url.hostname) and plain and path_fits and port != 0


def endpoint(method: str, path: str) -> tuple[str, str]:
    """Give method and path of an endpoint as they are kept.

    Raises:
        InputError: The method is unknown, or the path can never match.
    """
    verb = method.strip().upper()
    if verb not in METHODS:
        raise InputError("{value} is not a method.", code="bad-method", field="method", value=method)
    if len(path) > 500 or not is_plain_pattern(path):  # noqa: PLR2004 - the column's width
        raise InputError(
            "A path begins with / and names parts; * stands for one part, ** for any rest.",
            code="bad-path",
            field="path",
        )
    return verb, path


def subject_place(text: str) -> str:
    """Give where the person's identifier stands.

    Raises:
        InputError: It is neither ``query:NAME``, ``header:NAME`` nor ``path:N``.
    """
    clean = text.strip()
    kind, _, name = clean.partition(":")
    fits = {
        "": not name,
        "query": bool(name),
        "header": bool(name) and name.isascii(),
        "path": name.isdecimal() and name.isascii() and 0 < int(name) < 100,  # noqa: PLR2004
    }
    if not fits.get(kind, False) or len(clean) > 100:  # noqa: PLR2004 - the column's width
        raise InputError(
            "Write query:NAME, header:NAME or path:N (the N-th part of the path, from 1).",
            code="bad-subject-place",
            field="subject",
        )
    return clean


def network(text: str) -> str:
    """Give a network in its normal form.

    Raises:
        InputError: It is no network (CIDR), or as wide as everything.
    """
    try:
        found = ipaddress.ip_network(text.strip())
    except ValueError:
        raise InputError(
            "Write a network such as 10.20.0.0/16.", code="bad-network", field="network"
        ) from None
    if found.prefixlen == 0:
        raise InputError("A network may not be the whole world.", code="network-too-wide", field="network")
    return str(found)


def document(data: bytes) -> str:
    """Give the ending of a signed document, told by its first bytes and not by any name.

    Raises:
        LimitExceeded: It is too large.
        InputError: It is empty, or neither PDF nor picture.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise LimitExceeded(
            "A file holds at most {limit} MB.",
            code="file-too-large",
            field="file",
            limit=LARGEST_DOCUMENT // 2**20,
        )
    for ending, beginning in _BEGINNINGS.items():
        if data.startswith(beginning):
            return ending
    raise InputError(
        "The document must be a PDF, or a picture (PNG or JPEG) of the signed paper.",
        code="bad-kind",
        field="file",
    )


def quota(calls_per_s: float, burst: int) -> None:
    """Refuse limits that mean nothing.

    Raises:
        InputError: They are not positive, or beyond reason.
    """
    if not math.isfinite(calls_per_s) or not 0 < calls_per_s <= MOST_CALLS_PER_S:
        raise InputError("Give a positive number of calls.", code="bad-quota", field="calls_per_s")
    if not 0 < burst <= MOST_CALLS_PER_S:
        raise InputError("Give a positive number of calls.", code="bad-quota", field="burst")


def terms(given: ServiceTerms) -> None:
    """Refuse limits of a service that mean nothing.

    Raises:
        InputError: A time, a size or the mode is out of range.
    """
    if given.mode not in set(EvidenceMode):
        raise InputError(
            "{value} is not a mode of evidence.", code="bad-mode", field="mode", value=given.mode
        )
    for name in ("connect_timeout_s", "answer_timeout_s", "idle_timeout_s", "total_timeout_s"):
        _within(getattr(given, name), 0.01, LONGEST_TIMEOUT_S, name)
    _within(given.loss_window_ms, 1, LONGEST_LOSS_MS, "loss_window_ms")
    _within(given.max_connections, 1, MOST_CONNECTIONS, "max_connections")
    _within(given.kept_body_bytes, 0, LARGEST_KEPT_BODY, "kept_body_bytes")
    for name in ("max_request_bytes", "max_answer_bytes"):
        _within(getattr(given, name), 0, LARGEST_LIMIT, name)


def _within(value: float, least: float, most: float, field: str) -> None:
    if not math.isfinite(value) or not least <= value <= most:
        raise InputError(
            "Give a number from {least} to {most}.", code="out-of-range", field=field, least=least, most=most
        )
