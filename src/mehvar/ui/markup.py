"""Make HTML safely: the only place besides `icons` and `charts` where marked-safe strings are born."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from mehvar.ui.hyperlinks import safe_url


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
