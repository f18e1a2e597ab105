"""Judge what comes from outside without an account: plain words, sizes, pace, tracking codes.

Source: S4.4 (barriers for everyone who wants to act for people must go).
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
import unicodedata

from mehvar.kernel import errors, wording
from mehvar.kernel.errors import gettext_noop
from mehvar.kernel.text import to_ascii_digits

LARGEST_BODY = 64 * 1024
"""Bytes that a posted public page may have; its fields together need less than half."""

SHORTEST_FILL_S = 6
LONGEST_FILL_S = 4 * 3600
MOST_PER_ADDRESS, ADDRESS_WINDOW_S = 5, 3600
MOST_LOOK_UPS, LOOK_UP_WINDOW_S = 20, 900
MOST_LINKS = 3
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP, _GROUPS = 4, 4
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_TAG = re.compile(r"<\s*/?\s*[a-zA-Z!?]|&#|javascript:", re.IGNORECASE)
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


def new_tracking_code() -> str:
    """Draw a tracking code of 80 random bits, in four groups that can be read out on the telephone."""
    drawn = "".join(secrets.choice(_ALPHABET) for _place in range(_GROUP * _GROUPS))
    return "-".join(drawn[start : start + _GROUP] for start in range(0, len(drawn), _GROUP))


def hash_of_code(code: str) -> str:
    """Give the hash under which a code is kept, however it was typed: case, spaces, dashes, other digits, look-alikes."""
    plain = to_ascii_digits(unicodedata.normalize("NFKC", code)).upper().translate(_LOOKALIKES)
    return hashlib.sha256("".join(sign for sign in plain if sign in _ALPHABET).encode()).hexdigest()


def network_of(address: str, *, bits: int = 64) -> str:
    """Give what is counted as one connection: an IPv4 address, or an IPv6 network of so many bits; of 64, one household has at least."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), bits), strict=False))


def plain_words(value: str, *, field: str, limit: int, required: bool = True, one_line: bool = False) -> str:
    """Give the words as they are kept: normalised, without control signs.

    Raises:
        InputError: Nothing is written, too much, HTML, or more links than a description needs.
    """
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = "".join(sign for sign in lines if sign == "\n" or _is_printable(sign))
    words = unicodedata.normalize("NFC", " ".join(cleaned.split()) if one_line else cleaned.strip())
    check = wording.written if required else wording.within
    check(words, field=field, limit=limit)
    if _TAG.search(words):
        raise errors.InputError(
            gettext_noop("Please write plain words, without HTML."), code="html", field=field
        )
    if len(_LINK.findall(words)) > MOST_LINKS:
        raise errors.InputError(
            gettext_noop("Please give {limit} links at most."),
            code="too-many-links",
            field=field,
            limit=MOST_LINKS,
        )
    return words


def _is_printable(sign: str) -> bool:
    """Tell whether a sign may be kept: no control signs, no signs that turn the direction of what follows."""
    return unicodedata.category(sign) not in {"Cc", "Cs", "Co"} and sign not in "\u202a\u202b\u202d\u202e"


def check_fill_time(seconds: float) -> None:
    """Refuse a form that was filled in faster than people write, or begun too long ago.

    Raises:
        InputError: It was too fast or too slow.
    """
    if seconds < SHORTEST_FILL_S:
        raise errors.InputError(
            gettext_noop("This was sent very quickly. Please check your words and send them again."),
            code="too-fast",
        )
    if seconds > LONGEST_FILL_S:
        raise errors.InputError(gettext_noop("You began long ago. Please start again."), code="too-slow")
