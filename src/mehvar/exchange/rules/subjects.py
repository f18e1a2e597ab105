"""Find the person asked about in a call, and turn the identifier into a keyed token.

The token is HMAC-SHA-256 of the folded identifier under a key that only gateways and the control plane hold: evidence
never shows who was asked about, and "who asked about me" can still be answered.

The key has versions. The newest makes tokens; a person is looked for under each. Their file begins with a line that names its format;
then one line for each version, oldest first: number and key (hexadecimal). A file without that line is one key as it stands, version 1.

Source: exchange-and-ledger §5, "who asked about me".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from mehvar.kernel import text
from mehvar.kernel.errors import InputError, gettext_noop

_FORMAT = b"mehvar subject keys 1\n"
SHORTEST_KEY = 32
"""Bytes."""


@dataclass(frozen=True, slots=True)
class SubjectKeys:
    """Hold the versions of the key, at least one, the oldest first: number and key."""

    versions: tuple[tuple[int, bytes], ...]

    @property
    def newest(self) -> int:
        """Give the number of the version that makes tokens."""
        return self.versions[-1][0]

    def token(self, identifier: str) -> str:
        """Give the token that stands for an identifier from now on."""
        return subject_token(self.versions[-1][1], identifier)

    def tokens(self, identifier: str) -> tuple[str, ...]:
        """Give all tokens that may stand for an identifier, the newest first."""
        return tuple([subject_token(key, identifier) for _number, key in reversed(self.versions)])

    def rotated(self, key: bytes) -> SubjectKeys:
        """Give the versions with a new one."""
        return SubjectKeys((*self.versions, (self.newest + 1, key)))

    def without(self, number: int) -> SubjectKeys:
        """Give the versions without an older one.

        Raises:
            InputError: there is no such version, or it is the newest.
        """
        if number == self.newest or number not in dict(self.versions):
            raise InputError(
                gettext_noop("There is no older version {number} of the key."),
                code="no-older-version",
                field="version",
                number=number,
            )
        return SubjectKeys(tuple(one for one in self.versions if one[0] != number))


def read_keys(content: bytes) -> SubjectKeys:
    """Read the file of the versions.

    Raises:
        InputError: it is none, or a key is shorter than 32 bytes.
    """
    found: tuple[tuple[int, bytes], ...] = ((1, content),)
    if content.startswith(_FORMAT):
        try:
            lines = [line.split() for line in content.decode("ascii").splitlines()[1:]]
            found = tuple((int(number), bytes.fromhex(key)) for number, key in lines)
        except ValueError:
            found = ()
    numbers = [number for number, _key in found]
    is_whole = bool(found) and numbers == sorted(set(numbers)) and numbers[0] > 0
    if not is_whole or min(len(key) for _number, key in found) < SHORTEST_KEY:
        raise InputError(
            gettext_noop("The file of the key for persons' tokens cannot be used."), code="bad-subject-keys"
        )
    return SubjectKeys(found)


def written(keys: SubjectKeys) -> bytes:
    """Give the file of the versions."""
    return _FORMAT + b"".join([f"{number} {key.hex()}\n".encode() for number, key in keys.versions])


def fingerprint(key: bytes) -> str:
    """Give by what a version is known without being told: sixteen hexadecimal digits."""
    return hmac.new(key, b"mehvar subject key", hashlib.sha256).hexdigest()[:16]


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
