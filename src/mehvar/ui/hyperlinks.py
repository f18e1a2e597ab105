"""Decide which addresses may be linked to; plain Python, so that records can guard themselves."""

from __future__ import annotations

import re
from typing import Any

_SCHEME = re.compile(r"[\x00-\x20]*([a-zA-Z][a-zA-Z0-9+.\-\x00-\x20]*):")
_ALLOWED_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def safe_url(url: Any) -> str:
    """Return the address, or an empty string when its scheme could run code."""
    written = str(url or "").strip()
    scheme = _SCHEME.match(written)
    if scheme and re.sub(r"[\x00-\x20]", "", scheme[1]).lower() not in _ALLOWED_SCHEMES:
        return ""
    return written
