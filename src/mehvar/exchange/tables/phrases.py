"""Say in words what protocol, evidence and record say in codes: errors, proofs, places, acts; unknown codes are shown as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.data.errors import ErrorType
from mehvar.ledger import queries as ledger
from mehvar.ui.reader import ISOLATE_ANY, ISOLATE_LTR, POP_ISOLATE, reader_of

ERRORS: Mapping[str, Any] = {
    ErrorType.BAD_REQUEST: _("The request is not well-formed"),
    ErrorType.INVALID_PATH: _("The address of the call is not valid"),
    ErrorType.INVALID_CLIENT: _("The name of the client is not valid"),
    ErrorType.MISSING_CLIENT: _("The client did not say who it is"),
    ErrorType.REQUEST_TOO_LARGE: _("The request is too large"),
    ErrorType.QUOTA_EXCEEDED: _("The quota is used up"),
    ErrorType.DIGEST_MISMATCH: _("The body does not match its digest"),
    ErrorType.UNKNOWN_MEMBER: _("The client is not known"),
    ErrorType.AUTHENTICATION_FAILED: _("The client did not prove who it is"),
    ErrorType.REPLAYED: _("The signed request was sent before"),
    ErrorType.REPLAY_MEMORY_FULL: _("Too many signed requests at once"),
    ErrorType.OVERLOADED: _("The gateway is overloaded"),
    ErrorType.STOPPING: _("The gateway is being stopped"),
    ErrorType.UNKNOWN_SERVICE: _("The service is not known"),
    ErrorType.SERVICE_DISABLED: _("The service is disabled"),
    ErrorType.ACCESS_DENIED: _("The client has no right to call it"),
    ErrorType.NO_AGREEMENT: _("No agreement is valid"),
    ErrorType.NETWORK_ERROR: _("The provider could not be reached"),
    ErrorType.SERVICE_FAILED: _("The provider failed"),
    ErrorType.TIMED_OUT: _("The provider did not answer in time"),
    ErrorType.INVALID_ANSWER: _("The answer of the provider is not valid"),
    ErrorType.ANSWER_TOO_LARGE: _("The answer of the provider is too large"),
    ErrorType.CIRCUIT_OPEN: _("The provider failed repeatedly and is given a pause"),
    ErrorType.LOGGING_FAILED: _("The evidence could not be written"),
    ErrorType.INTERNAL: _("The gateway failed"),
    ErrorType.CLIENT_GONE: _("The client broke off the connection"),
}
DELIVERIES: Mapping[str, Any] = {
    "never acknowledged": _("The receiver fetched it again and again and never acknowledged it"),
    "refused by the receiver": _("The receiver refused it"),
}
FAULTS: Sequence[tuple[str, Any]] = (
    (r"evidence that was read is no longer here", _("Evidence that was read is no longer here")),
    (r"the segment's header cannot be read", _("The head of the segment cannot be read")),
    (r"the segment's key is not known", _("The key of the segment is not known")),
    (r"the segment's key is not the one that its name says", _("The key of the segment is not the one that its name says")),
    (r"this is not an evidence segment", _("This is not a segment of evidence")),
    (r"a batch cannot be read: .*", _("A batch cannot be read")),
    (r"the signature of batch (\d+) does not hold", _("The signature of batch %(number)s does not hold")),
    (r"the leaves of batch (\d+) are not those signed", _("The entries of batch %(number)s are not those that were signed")),
    (r"batch (\d+) does not follow the one before", _("Batch %(number)s does not follow the one before")),
    (r"the segment does not follow the one before", _("The segment does not follow the one before")),
    (r"the last frame is incomplete", _("The last entry is incomplete")),
    (r"a frame's length or checksum is wrong", _("Length or checksum of an entry is wrong")),
    (r"the segment's header is of another chain", _("The head of the segment is of another chain")),
    (r"it is signed with a key that is not known", _("It is signed with a key that is not known")),
    (r"the segment does not follow what was read before", _("The segment does not follow what was read before")),
    (r"what was read before is no longer what stands here", _("What was read before is no longer what stands here")),
    (r"segment (\d+) with \d+ batches was dropped before it was read", _("Segment %(number)s was dropped before it was read")),
    (r"segment (\d+) is missing", _("Segment %(number)s is missing")),
    (r"a frame of unknown kind \S+", _("There is an entry of an unknown kind")),
)  # fmt: skip
"""What evidence may suffer from, as its reader says it, and in words."""
PLACES: Mapping[str, Any] = {
    "path": _("in the path"),
    "query": _("in the query"),
    "header": _("in a header"),
    "cookie": _("in a cookie"),
}
OCCASIONS: Mapping[str, Any] = {
    "scheduled check": _("Scheduled check"),
    "mehvar exchange publish": _("Published from the server's console"),
}
"""What leads to a snapshot without being an act on record."""
FINGERPRINT = 16
_ANSWERED = re.compile(r"HTTP (\d{3})")
_FORBIDDEN = re.compile(r"(\S+) leads into a network that the server does not call for others\.")


def code(text: str) -> str:
    """Give a code between isolates, so that it stays in one piece within words of either direction."""
    return f"{ISOLATE_LTR}{text}{POP_ISOLATE}"


def title(text: str) -> str:
    """Give a title between isolates: its own first letter decides on its direction."""
    return f"{ISOLATE_ANY}{text}{POP_ISOLATE}"


def joined(parts: Sequence[Any]) -> str:
    """Give what is there of several words, each isolated, with a dot between."""
    return " · ".join(title(str(part)) for part in parts if part)


def error(text: str) -> str:
    """Give an error of a call or of a delivery in words."""
    if text in ERRORS or text in DELIVERIES:
        return str(ERRORS.get(text) or DELIVERIES[text])
    answered, forbidden = _ANSWERED.fullmatch(text), _FORBIDDEN.fullmatch(text)
    if answered:
        return gettext("The other side answered with status %(status)s") % {
            "status": reader_of().digits(answered[1])
        }
    if forbidden:
        said = gettext("{host} leads into a network that the server does not call for others.")
        return said.format(host=code(forbidden[1]))
    return gettext(text) if text else ""


def fault(text: str) -> str:
    """Give a fault of the evidence in words."""
    for pattern, words in FAULTS:
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            return str(words) % {"number": reader_of().digits(found[1])} if found.groups() else str(words)
    return text


def error_shown(text: str) -> SafeString | str:
    """Show an error in words, with its code small beside them where it has one."""
    if text not in ERRORS:
        return error(text)
    return format_html('{} <code class="quiet small" dir="ltr">{}</code>', error(text), text)


def proof(text: str) -> str:
    """Say how a client proved who it is (``signature:KEY``, ``mutual-tls:HASH``, ``network:ADDRESS``)."""
    kind, _colon, name = text.partition(":")
    said = {
        "signature": _("Signed request, key %(name)s"),
        "mutual-tls": _("Mutual TLS, certificate %(name)s"),
        "network": _("Its network, %(name)s"),
    }.get(kind)
    shortened = f"{name[:FINGERPRINT]}…" if kind == "mutual-tls" else name
    return str(said) % {"name": code(shortened)} if said else text


def identifier_place(text: str) -> str:
    """Say where the identifier of a person stands (``path:2``, ``query:NAME``, ``header:NAME``), nothing for nowhere."""
    kind, _colon, name = text.partition(":")
    if kind == "path":
        return gettext("identifier of the person: part %(number)s of the path") % {
            "number": reader_of().digits(name)
        }
    said = {
        "query": _("identifier of the person: query parameter %(name)s"),
        "header": _("identifier of the person: header %(name)s"),
    }.get(kind)
    return str(said) % {"name": code(name)} if said else text


def acts(reason: str) -> list[tuple[str, str]]:
    """Give the acts that led to a snapshot: the words of each, and of what (an identifier, empty without one)."""
    return [_act(part) for part in reason.split("; ") if part]


def acts_in_short(reason: str) -> str:
    """Give the acts that led to a snapshot in one line, each kind once with how often."""
    counts: dict[str, int] = {}
    for words, _what in acts(reason):
        counts[words] = counts.get(words, 0) + 1
    number = reader_of().number
    return " · ".join(f"{words} ({number(count)})" if count > 1 else words for words, count in counts.items())


def _act(part: str) -> tuple[str, str]:
    name, _space, what = part.partition(" ")
    if name.startswith("exchange."):
        return ledger.action_label(name), what
    return str(OCCASIONS.get(part, part)), ""
