"""Say in the reader's language what the reader of documents doubts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext


class FlagWords(NamedTuple):
    """Show one doubt: its code, the field it concerns, the sentence, and who settled it."""

    code: str
    field: str
    sentence: str
    settled_by: str


def flag_words(flag: Mapping[str, Any]) -> FlagWords:
    """Give a stored flag as it is shown; its message is English source text with places."""
    message = gettext(flag["message"]) if flag.get("message") else str(flag.get("code", ""))
    try:
        sentence = message.format(**flag.get("params", {}))
    except (KeyError, IndexError, ValueError):
        sentence = message
    settled = flag.get("settled") or {}
    return FlagWords(
        str(flag.get("code", "")), str(flag.get("field", "")), sentence, str(settled.get("name", ""))
    )
