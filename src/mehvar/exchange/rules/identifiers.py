"""Read the identifiers of clients and services.

Source: X-Road message protocol for REST, 4.1 and 4.2; identifier characters as X-Road restricts them.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote_to_bytes

from mehvar.exchange.data.identifiers import RESERVED_SERVICE_CODES, ClientId, ServiceId
from mehvar.kernel.errors import InputError, gettext_noop

MAX_PART_CHARACTERS = 255
MAX_IDENTIFIER_CHARACTERS = 2_000
_MARKS = frozenset("'()+,-.=?")


def is_identifier_part(text: str) -> bool:
    """Tell whether ``text`` may be a part: letters, digits and ``'()+,-.=?``, but not ``.`` or ``..`` alone."""
    if not 0 < len(text) <= MAX_PART_CHARACTERS or text in {".", ".."}:
        return False
    return all(_is_identifier_character(character) for character in text)


def parse_client_id(text: str) -> ClientId:
    """Read ``INSTANCE/CLASS/MEMBER[/SUBSYSTEM]``, each part percent-encoded.

    Raises:
        InputError: not three or four parts, or a part with characters that identifiers cannot have.
    """
    parts = _decoded_parts(text)
    if not 3 <= len(parts) <= 4:  # noqa: PLR2004 - with and without subsystem
        raise _invalid(text)
    return ClientId(*parts)


def parse_service_id(text: str) -> ServiceId:
    """Read ``INSTANCE/CLASS/MEMBER[/SUBSYSTEM]/SERVICE``, each part percent-encoded.

    Raises:
        InputError: not four or five parts, a part that is not an identifier, or a reserved service code.
    """
    parts = _decoded_parts(text)
    if not 4 <= len(parts) <= 5 or parts[-1] in RESERVED_SERVICE_CODES:  # noqa: PLR2004
        raise _invalid(text)
    return ServiceId(ClientId(*parts[:-1]), parts[-1])


def _is_identifier_character(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in _MARKS
    return unicodedata.category(character)[0] in "LMN"


def _decoded_parts(text: str) -> list[str]:
    if len(text) > MAX_IDENTIFIER_CHARACTERS:
        raise _invalid(text[:40] + "…")
    try:
        parts = [unquote_to_bytes(part).decode("utf-8") for part in text.split("/")]
    except UnicodeDecodeError:
        raise _invalid(text) from None
    if not all(is_identifier_part(part) for part in parts):
        raise _invalid(text)
    return parts


def _invalid(text: str) -> InputError:
    return InputError(
        gettext_noop("“{text}” is not an identifier of the exchange."), code="invalid-identifier", text=text
    )
