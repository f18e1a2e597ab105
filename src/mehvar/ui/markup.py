"""Make HTML safely: the only place besides `icons` and `charts` where marked-safe strings are born."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

_SCHEME = re.compile(r"[\x00-\x20]*([a-zA-Z][a-zA-Z0-9+.\-\x00-\x20]*):")
_ALLOWED_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def safe_url(url: Any) -> str:
    """Return the address, or an empty string when its scheme could run code."""
    written = str(url or "").strip()
    scheme = _SCHEME.match(written)
    if scheme and re.sub(r"[\x00-\x20]", "", scheme[1]).lower() not in _ALLOWED_SCHEMES:
        return ""
    return written


def link(url: Any, label: Any, *, css: str = "") -> SafeString:
    """Return a link, or the bare label when there is no safe address."""
    address = safe_url(url)
    if not address:
        return conditional_escape(label)
    if css:
        return format_html('<a class="{}" href="{}">{}</a>', css, address, label)
    return format_html('<a href="{}">{}</a>', address, label)


def joined(parts: Iterable[Any]) -> SafeString:
    """Return the parts after one another, each escaped unless already safe."""
    return mark_safe("".join(conditional_escape(part) for part in parts))
