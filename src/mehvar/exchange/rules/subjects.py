"""Find the person asked about in a call, and turn the identifier into a keyed token.

The token is HMAC-SHA-256 of the folded identifier under a key that only gateways and the control plane hold: evidence
never shows who was asked about, and "who asked about me" can still be answered.

Source: exchange-and-ledger §5, "who asked about me".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from mehvar.kernel import text


def subject_token(key: bytes, identifier: str) -> str:
    """Return the token of a person's identifier, 64 hexadecimal digits; spelling of digits and spaces do not matter."""
    folded = "".join(text.to_ascii_digits(identifier).split()).casefold()
    return hmac.new(key, folded.encode(), hashlib.sha256).hexdigest()


def stated_subject(place: str, *, path: str, query: str | None, headers: Mapping[str, str]) -> str | None:
    """Return the identifier that stands at ``place`` (``query:NAME``, ``header:NAME``, ``path:N``), None if absent.

    Of a query parameter given several times the last one counts. ``headers``: lower-case names.
    """
    kind, _, name = place.partition(":")
    if kind == "query":
        return dict(parse_qsl(query or "")).get(name)
    if kind == "header":
        return headers.get(name.lower())
    parts = path.split("/")
    number = int(name) if name.isdecimal() else 0
    return unquote(parts[number]) if 0 < number < len(parts) else None
