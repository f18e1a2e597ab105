"""Sign, write, read and check notes: text with signature lines, as C2SP ``signed-note`` defines it.

Two kinds of Ed25519 signatures: a log's own (0x01) over the text, and a witness's cosignature (0x04) with its time.

Source: C2SP signed-note, tlog-cosignature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mehvar.kernel.errors import InputError, gettext_noop

LOG_SIGNATURE, COSIGNATURE = 0x01, 0x04
MOST_SIGNATURES = 100
LONGEST_NOTE = 1_000_000
_KEY_BYTES, _SIGNATURE_BYTES, _ID_BYTES, _TIME_BYTES = 32, 64, 4, 8
_DASH = "— "
_PRIVATE = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Hold one signature line: who signed, the key's four-byte identifier, the bytes that follow it."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """Return the line without its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}"

    @property
    def signed_at(self) -> datetime | None:
        """Return a cosignature's time, None where it has none or an impossible one."""
        if len(self.signature) != _TIME_BYTES + _SIGNATURE_BYTES:
            return None
        try:
            return datetime.fromtimestamp(int.from_bytes(self.signature[:_TIME_BYTES], "big"), UTC)
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True, slots=True)
class Note:
    """Hold a note: ``text`` with its final newline, and its signature lines."""

    text: str
    lines: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        """Return the note as it is stored and served."""
        return f"{self.text}\n" + "".join(f"{line}\n" for line in self.lines)

    def with_lines(self, lines: Iterable[SignatureLine]) -> Note:
        """Return the note with further signatures; a newer one of the same key takes the older one's place."""
        kept = {(line.name, line.key_id): line for line in (*self.lines, *lines)}
        return Note(self.text, tuple(kept.values()))


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Hold a public key with its name and the kind of signature it makes."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that name the key in signature lines."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[
            :_ID_BYTES
        ]

    def __str__(self) -> str:
        """Return the key as people pass it on: ``name+identifier+base64``."""
        material = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a key as ``str`` writes it.

        Raises:
            InputError: it is no such key, or its identifier is not its own.
        """
        name, key_id, kind, public = _key_parts(text.strip())
        key = cls(name, kind, public)
        if key.key_id.hex() != key_id:
            raise _no_key()
        try:
            Ed25519PublicKey.from_public_bytes(public)
        except ValueError as error:
            raise _no_key() from error
        return key

    def made(self, line: SignatureLine) -> bool:
        """Tell whether the line claims to be of this key."""
        return (line.name, line.key_id) == (self.name, self.key_id)

    def verifies(self, line: SignatureLine, text: str) -> bool:
        """Tell whether the line is this key's valid signature of ``text``."""
        stamp, signature = b"", line.signature
        if self.kind == COSIGNATURE:
            stamp, signature = signature[:_TIME_BYTES], signature[_TIME_BYTES:]
            if len(stamp) != _TIME_BYTES or stamp[0] & 0x80:
                return False
        message = cosigned_message(text, int.from_bytes(stamp, "big")) if stamp else text.encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return self.made(line)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Hold a log's private key."""

    name: str
    seed: bytes

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """Make a new key.

        Raises:
            InputError: the name is empty, or has a space or a plus sign in it.
        """
        if not _is_name(name):
            raise _no_key()
        return cls(name, secrets.token_bytes(_KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read a key as ``encoded`` writes it.

        Raises:
            InputError: it is no such key.
        """
        if not text.startswith(_PRIVATE):
            raise _no_key()
        name, key_id, kind, seed = _key_parts(text.strip().removeprefix(_PRIVATE))
        key = cls(name, seed)
        if kind != LOG_SIGNATURE or key.verifier.key_id.hex() != key_id:
            raise _no_key()
        return key

    def encoded(self) -> str:
        """Return the key as it is kept in its file."""
        material = base64.b64encode(bytes([LOG_SIGNATURE]) + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{material}"

    @property
    def verifier(self) -> VerifierKey:
        """Return the public half."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifierKey(self.name, LOG_SIGNATURE, public)

    def sign(self, text: str) -> Note:
        """Return ``text`` as a note with this key's signature."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return Note(text, (SignatureLine(self.name, self.verifier.key_id, signature),))


def cosigned_message(text: str, seconds: int) -> bytes:
    """Return what a witness signs: a header, its time (seconds since 1970) and the checkpoint's text."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def parse_note(content: str) -> Note:
    """Read a note; nothing is verified yet.

    Raises:
        InputError: it is not a note, has control characters, or more than 100 signatures.
    """
    text, gap, signatures = content.rpartition("\n\n")
    if not gap or len(content) > LONGEST_NOTE or any(letter < " " and letter != "\n" for letter in content):
        raise _no_note()
    return Note(text + "\n", parse_lines(signatures))


def parse_lines(content: str) -> tuple[SignatureLine, ...]:
    """Read signature lines, each ended by a newline.

    Raises:
        InputError: a line is none, or there are none or more than 100.
    """
    lines = content.split("\n")
    if lines.pop() or not 0 < len(lines) <= MOST_SIGNATURES:
        raise _no_note()
    return tuple(_parse_line(line) for line in lines)


def signers(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return which of ``keys`` signed the note; signatures of unknown keys do not matter.

    Raises:
        InputError: a line that claims to be of a known key is not its signature.
    """
    found = []
    for key in keys:
        claimed = [line for line in note.lines if key.made(line)]
        if not all(key.verifies(line, note.text) for line in claimed):
            raise InputError(
                gettext_noop("The signature of “{name}” is wrong."), code="wrong-signature", name=key.name
            )
        if claimed:
            found.append(key)
    return tuple(found)


def _parse_line(line: str) -> SignatureLine:
    name, _space, encoded = line.removeprefix(_DASH).partition(" ")
    content = _bytes_of(encoded)
    if not line.startswith(_DASH) or not _is_name(name) or content is None or len(content) <= _ID_BYTES:
        raise _no_note()
    return SignatureLine(name, content[:_ID_BYTES], content[_ID_BYTES:])


def _key_parts(text: str) -> tuple[str, str, int, bytes]:
    name, _plus, rest = text.partition("+")
    key_id, _plus, encoded = rest.partition("+")
    material = _bytes_of(encoded)
    right = _is_name(name) and material is not None and len(material) == 1 + _KEY_BYTES
    if material is None or not right or material[0] not in (LOG_SIGNATURE, COSIGNATURE):
        raise _no_key()
    return name, key_id, material[0], material[1:]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() or letter < " " for letter in name)


def _bytes_of(encoded: str) -> bytes | None:
    """Return what standard base64 text says, None for any other writing of it."""
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if base64.b64encode(content).decode() == encoded else None


def _no_note() -> InputError:
    return InputError(gettext_noop("This is not a signed note."), code="broken-note")


def _no_key() -> InputError:
    return InputError(gettext_noop("This is not a key for signed notes."), code="broken-key")
