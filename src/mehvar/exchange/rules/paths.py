"""Bring a request's path to the one form on which rights are decided and which is forwarded.

Every part is decoded exactly once and written anew, so the provider receives precisely what was decided on. Whatever
two programs could read differently is refused instead of repaired: dot segments in any spelling, encoded slashes and
backslashes, what is still encoded after decoding, empty parts, controls, bytes that are not UTF-8 (overlong forms
among them), and characters that compatibility folding would turn into a slash or a dot segment.

Source: exchange-and-ledger §1, "normalise before deciding, forward what was decided on"; RFC 3986.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from mehvar.exchange.data.errors import CallRefused, ErrorType

MAX_TARGET_BYTES = 8_192
PROTOCOL_VERSION = "r1"

_PLAIN = re.compile(rb"(?:/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)+/?")
_PLAIN_CALL = re.compile(
    rb"(/r1(?:/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*){5})((?:/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)*/?)(?:\?([!\"$-~]*))?"
)
_RAW = re.compile(rb"[!$&'()*+,;=:@A-Za-z0-9._~/%-]+")  # pchar of RFC 3986, slash and percent
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE_LEFT = re.compile(r"%[0-9A-Fa-f]{2}")
_QUERY = re.compile(rb"[!-~]*")
_FORBIDDEN = re.compile(r"[/\\\x00-\x1f\x7f]")
_PART_SAFE = "!$&'()*+,;=:@-._~"


@dataclass(frozen=True, slots=True)
class Target:
    """Hold a request target in its normal form.

    ``parts``: the decoded parts of the path, a last empty one for a closing slash. ``path``: the normal form of all
    of it. ``query``: as it was sent, without ``?``, or None.
    """

    parts: tuple[str, ...]
    path: str
    query: str | None

    def rest(self, count: int) -> str:
        """Return the normal form of the path after the first ``count`` parts, empty when nothing follows."""
        place = -1
        for _ in range(count + 1):
            place = self.path.find("/", place + 1)
            if place < 0:
                return ""
        return self.path[place:]


def parse_target(raw: bytes) -> Target:
    """Read a request target (``/r1/…?query``) as it stands in the request line.

    Raises:
        CallRefused: it is too long, not in origin form, or can be read in more than one way.
    """
    if len(raw) > MAX_TARGET_BYTES:
        raise CallRefused(ErrorType.BAD_REQUEST, f"The address is longer than {MAX_TARGET_BYTES} bytes.")
    if not raw.startswith(b"/"):
        raise CallRefused(
            ErrorType.BAD_REQUEST, "An address begins with a slash; this is no proxy for other hosts."
        )
    path, mark, query = raw.partition(b"?")
    text = _query_text(query) if mark else None
    if _PLAIN.fullmatch(path):
        plain = path.decode("ascii")
        return Target(tuple(plain.split("/")[1:]), plain, text)
    parts = normal_parts(path)
    return Target(parts, "/" + "/".join([quote(part, safe=_PART_SAFE) for part in parts]), text)


def split_plain_call(raw: bytes) -> tuple[bytes, bytes, bytes | None] | None:
    """Cut a target that needs no decoding: ``/r1/`` with five identifiers, the path behind, the query.

    None for every other target, which `parse_target` then reads. What is cut here stands for itself: `parse_target`
    gives the same path and query to the byte (tests/unit/exchange/test_paths.py).
    """
    if len(raw) > MAX_TARGET_BYTES:
        return None
    found = _PLAIN_CALL.fullmatch(raw)
    return found.groups() if found is not None else None  # type: ignore[return-value]


def normal_parts(path: bytes) -> tuple[str, ...]:
    """Return the decoded parts of an absolute path.

    Raises:
        CallRefused: the path can be read in more than one way.
    """
    if not path.startswith(b"/") or not _RAW.fullmatch(path) or _BAD_ESCAPE.search(path):
        raise _ambiguous("It holds characters or escapes that an address cannot have.")
    raw_parts = path.split(b"/")[1:]
    last = len(raw_parts) - 1
    return tuple([_decoded(part, is_last=number == last) for number, part in enumerate(raw_parts)])


def is_plain_pattern(path: str) -> bool:
    """Tell whether an endpoint's path is in normal form, wildcards apart, so that it can ever match."""
    if path in {"", "**"}:
        return path == "**"
    try:
        parts = normal_parts(path.encode("utf-8"))
    except (CallRefused, UnicodeEncodeError):
        return False
    return path == "/" + "/".join([quote(part, safe=_PART_SAFE) for part in parts])


def _decoded(raw: bytes, *, is_last: bool) -> str:
    try:
        part = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise _ambiguous("It is not UTF-8.") from None
    if _FORBIDDEN.search(part) or _ESCAPE_LEFT.search(part):
        raise _ambiguous("It holds an encoded slash, backslash, control, or is encoded twice.")
    if part.partition(";")[0] in {"", ".", ".."} and not (is_last and not part):
        raise _ambiguous("It holds an empty part or a step to another folder.")
    if not part.isascii():
        _check_folded(part)
    return part


def _check_folded(part: str) -> None:
    folded = unicodedata.normalize("NFKC", part)
    if _FORBIDDEN.search(folded) or folded.partition(";")[0].strip() in {"", ".", ".."}:
        raise _ambiguous("It holds letters that look like a step to another folder.")
    if any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in "\u200c\u200d"
        for character in part
    ):
        raise _ambiguous("It holds invisible characters.")


def _query_text(query: bytes) -> str:
    if not _QUERY.fullmatch(query) or b"#" in query:
        raise _ambiguous("Its query holds characters that must be percent-encoded.")
    return query.decode("ascii")


def _ambiguous(reason: str) -> CallRefused:
    return CallRefused(
        ErrorType.INVALID_PATH,
        f"The path is refused, because it could be read in more than one way. {reason}",
    )
