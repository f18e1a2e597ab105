"""Take cosignatures of witnesses: third parties who saw that the log only grew."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request

from mehvar.kernel.errors import Conflict, InputError, Unavailable, gettext_noop
from mehvar.ledger.models import LogFolder, damaged, key_folder, log_folder
from mehvar.ledger.rules import notes, tiles
from mehvar.ledger.rules.checkpoints import Checkpoint, open_checkpoint

TIMEOUT_S = 20
_LONGEST_ANSWER = 100_000
_STALE = 409
_SIZE_TYPE = "text/x.tlog.size"


def trust_witness(key: str) -> notes.VerifierKey:
    """Trust a witness from now on; ``key`` is its verifier key of kind 0x04.

    Raises:
        InputError: it is no such key.
    """
    witness = notes.VerifierKey.parse(key)
    if witness.kind != notes.COSIGNATURE:
        raise InputError(gettext_noop("This is not the key of a witness."), code="broken-key")
    key_folder().trust(witness)
    return witness


def add_cosignatures(content: str) -> tuple[str, ...]:
    """Take a cosigned checkpoint of this log, or signature lines for the newest; return the witnesses' names.

    Signatures of unknown keys are left out.

    Raises:
        InputError: nothing in it is a valid cosignature of a trusted witness.
        Conflict: nothing is sealed yet, or the checkpoint is none of this log.
    """
    folder = log_folder()
    with folder.locked(wait=True):
        key, checkpoint, note = _newest(folder)
        if content.startswith("— "):
            cosigned, lines = note, notes.parse_lines(content)
        else:
            checkpoint, cosigned = open_checkpoint(content, key)
            _check_ours(folder, checkpoint, key)
            lines = cosigned.lines
        return _keep(folder, key, checkpoint, notes.Note(cosigned.text, _own(cosigned, key)), lines)


def ask_witness(url: str) -> tuple[str, ...]:
    """Send the newest checkpoint with its consistency proof to a witness and keep what it cosigns; return the names.

    Raises:
        Unavailable: the witness does not answer, or refuses.
        InputError: its answer is no valid cosignature of a trusted witness.

    Source: C2SP tlog-witness, add-checkpoint.
    """
    folder = log_folder()
    key, checkpoint, note = _newest(folder)
    own = str(notes.Note(note.text, _own(note, key)))
    answer, known_size = _post(url, _request(folder, checkpoint, 0, own))
    if known_size is not None:
        if known_size > checkpoint.size:
            raise _refused(url)
        answer, known_size = _post(url, _request(folder, checkpoint, known_size, own))
    if known_size is not None:
        raise _refused(url)
    with folder.locked(wait=True):
        return _keep(folder, key, checkpoint, notes.parse_note(own), notes.parse_lines(answer))


def _keep(
    folder: LogFolder,
    key: notes.VerifierKey,
    checkpoint: Checkpoint,
    note: notes.Note,
    lines: tuple[notes.SignatureLine, ...],
) -> tuple[str, ...]:
    """Add the valid cosignatures among ``lines`` to those kept; the lock is held."""
    known = key_folder().witnesses()
    names = notes.signers(notes.Note(note.text, lines), known)
    if not names:
        raise InputError(gettext_noop("No trusted witness signed this checkpoint."), code="no-cosignature")
    added = [line for line in lines if any(witness.made(line) for witness in known)]
    before = dict(folder.cosigned()).get(checkpoint.size)
    earlier = notes.parse_note(before).lines if before else ()
    cosigned = note.with_lines(earlier).with_lines(added)
    folder.keep_cosigned(checkpoint.size, cosigned)
    newest = folder.checkpoint(key)
    if newest and newest[0] == checkpoint:
        folder.publish(cosigned)
    return tuple(witness.name for witness in names)


def _newest(folder: LogFolder) -> tuple[notes.VerifierKey, Checkpoint, notes.Note]:
    signing = key_folder().signing_key()
    found = folder.checkpoint(signing.verifier) if signing else None
    if signing is None or found is None:
        raise Conflict(gettext_noop("Nothing is sealed yet."), code="nothing-sealed")
    return signing.verifier, *found


def _own(note: notes.Note, key: notes.VerifierKey) -> tuple[notes.SignatureLine, ...]:
    return tuple(line for line in note.lines if key.made(line))


def _check_ours(folder: LogFolder, checkpoint: Checkpoint, key: notes.VerifierKey) -> None:
    """Refuse a checkpoint with our signature that is none of this log's past: a sign of a split view."""
    newest = folder.checkpoint(key)
    size = newest[0].size if newest else 0
    if checkpoint.size > size or tiles.TiledTree(size, folder.tile).root(checkpoint.size) != checkpoint.root:
        raise damaged("checkpoint")


def _request(folder: LogFolder, checkpoint: Checkpoint, old: int, note: str) -> bytes:
    proof = tiles.TiledTree(checkpoint.size, folder.tile).consistency_proof(old)
    lines = [f"old {old}", *(base64.b64encode(item).decode() for item in proof), "", note]
    return "\n".join(lines).encode()


def _post(url: str, body: bytes) -> tuple[str, int | None]:
    """Return the answer, or the size up to which the witness knows the log already."""
    if not url.startswith(("https://", "http://")):
        raise _refused(url)
    request = urllib.request.Request(f"{url.rstrip('/')}/add-checkpoint", data=body, method="POST")  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - checked above
            return answer.read(_LONGEST_ANSWER).decode(), None
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(_LONGEST_ANSWER).decode(errors="replace").strip()
        if error.code == _STALE and error.headers.get_content_type() == _SIZE_TYPE and said.isdecimal():
            return "", int(said)
        raise _refused(url) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(url) from error


def _refused(url: str) -> Unavailable:
    return Unavailable(gettext_noop("The witness at {url} did not cosign."), code="witness-refused", url=url)
