"""Write and read checkpoints: the signed statement of the log's size and root.

Source: C2SP tlog-checkpoint.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.ledger.rules import merkle, notes

_FIXED_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Hold the log's name (``origin``), number of entries (``size``), root, and extension lines if any."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text.

    Raises:
        InputError: it is none, to the byte.
    """
    lines = text.split("\n")
    if len(lines) <= _FIXED_LINES or lines.pop() or not all(lines):
        raise _no_checkpoint()
    try:
        root = base64.b64decode(lines[2], validate=True)
        checkpoint = Checkpoint(lines[0], int(lines[1]), root, tuple(lines[_FIXED_LINES:]))
    except (binascii.Error, ValueError) as error:
        raise _no_checkpoint() from error
    if checkpoint.text != text or checkpoint.size < 0 or len(root) != merkle.HASH_BYTES:
        raise _no_checkpoint()
    return checkpoint


def open_checkpoint(content: str, key: notes.VerifierKey) -> tuple[Checkpoint, notes.Note]:
    """Read a signed checkpoint and check the log's own signature.

    Raises:
        InputError: it is no checkpoint of this log, or not signed by ``key``.
    """
    note = notes.parse_note(content)
    if not notes.signers(note, [key]):
        raise InputError(
            gettext_noop("The checkpoint is not signed by the key of “{name}”."),
            code="unsigned-checkpoint",
            name=key.name,
        )
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != key.name:
        raise _no_checkpoint()
    return checkpoint, note


def _no_checkpoint() -> InputError:
    return InputError(gettext_noop("This is not a checkpoint of the log."), code="broken-checkpoint")
