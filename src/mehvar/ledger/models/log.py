"""Keep the sealed log as files that any web server can give out: tiles, entry bundles, checkpoints; and its key.

A file appears whole or not at all: it is written beside its place, then renamed. Tiles and bundles are on the disk
before the checkpoint that counts on them is. Beyond the checkpoint nothing is promised: what a broken-off sealing left
there is written again.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from mehvar.kernel.errors import Conflict, gettext_noop
from mehvar.ledger.rules import notes, tiles
from mehvar.ledger.rules.checkpoints import Checkpoint, open_checkpoint

CHECKPOINT = "checkpoint"
_COSIGNED = "cosigned"
_FOLDER_MODE, _FILE_MODE = 0o755, 0o644
_SECRET_FOLDER_MODE, _SECRET_MODE = 0o700, 0o600
_MARK = ".new-"


class LogFolder:
    """Read and write the files of one log."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, which need not exist yet."""
        self.folder = folder
        self._unsettled: set[Path] = set()

    def read(self, address: str) -> bytes:
        """Return a file's bytes.

        Raises:
            Conflict: the log lacks the file.
        """
        try:
            return (self.folder / address).read_bytes()
        except OSError as error:
            raise damaged(address) from error

    def tile(self, level: int | str, index: int, width: int) -> bytes:
        """Return a tile's bytes; of a partial one that is gone meanwhile, the beginning of the full one.

        Raises:
            Conflict: the log lacks the tile.
        """
        try:
            return (self.folder / tiles.address(level, index, width)).read_bytes()
        except OSError:
            full = self.read(tiles.address(level, index))
        if level == tiles.ENTRIES:
            return tiles.bundle(tiles.unbundle(full)[:width])
        return full[: width * 32]

    def checkpoint(self, key: notes.VerifierKey) -> tuple[Checkpoint, notes.Note] | None:
        """Return the newest checkpoint, its signature checked; None before the first.

        Raises:
            InputError: it is broken or of another key.
        """
        path = self.folder / CHECKPOINT
        return open_checkpoint(path.read_text(), key) if path.exists() else None

    def cosigned(self) -> list[tuple[int, str]]:
        """Return the checkpoints that witnesses cosigned, as sizes and notes, oldest first."""
        folder = self.folder / _COSIGNED
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        sizes = sorted(int(name) for name in names if name.isascii() and name.isdecimal())
        return [(size, (folder / str(size)).read_text()) for size in sizes]

    def write(self, address: str, content: bytes) -> None:
        """Put a file in its place, whole; it is on the disk only after ``settle``."""
        path = self.folder / address
        _make_folder(path.parent, self.folder.parent, _FOLDER_MODE)
        _replace(path, content, _FILE_MODE)
        self._unsettled.add(path)

    def settle(self) -> None:
        """Wait until everything written is on the disk, with the folders that name it."""
        folders: set[Path] = set()
        for path in self._unsettled:
            _sync(path)
            folders.update(parent for parent in path.parents if parent.is_relative_to(self.folder.parent))
        for folder in folders:
            _sync(folder)
        self._unsettled.clear()

    def publish(self, note: notes.Note) -> None:
        """Put a checkpoint in place after all that it counts on."""
        self.settle()
        self.write(CHECKPOINT, str(note).encode())
        self.settle()

    def keep_cosigned(self, size: int, note: notes.Note) -> None:
        """Keep a checkpoint that witnesses cosigned."""
        self.write(f"{_COSIGNED}/{size}", str(note).encode())
        self.settle()

    def drop_partials(self, addresses: list[str]) -> None:
        """Remove the partial forms of tiles and bundles that are full now."""
        for address in addresses:
            shutil.rmtree(self.folder / f"{address}.p", ignore_errors=True)

    @contextmanager
    def locked(self, *, wait: bool) -> Iterator[bool]:
        """Be the only one who writes; gives False when somebody else does and ``wait`` is not said."""
        _make_folder(self.folder, self.folder.parent, _FOLDER_MODE)
        with (self.folder / ".lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True


class KeyFolder:
    """Keep the log's private key and the public keys of the witnesses that are trusted."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, which need not exist yet."""
        self._key = folder / "ledger"
        self._witnesses = folder / "ledger-witnesses"

    def signing_key(self) -> notes.SigningKey | None:
        """Return the private key, None before the first run."""
        return notes.SigningKey.parse(self._key.read_text()) if self._key.exists() else None

    def make_signing_key(self, name: str) -> notes.SigningKey:
        """Return the private key, made now and readable by the owner only where there is none."""
        if not self._key.exists():
            _make_folder(self._key.parent, self._key.parent.parent, _SECRET_FOLDER_MODE)
            fresh = self._key.with_name(f"{_MARK}{secrets.token_hex(8)}")
            _replace(fresh, f"{notes.SigningKey.generate(name).encoded()}\n".encode(), _SECRET_MODE)
            _sync(fresh)
            with suppress(FileExistsError):
                os.link(fresh, self._key)
            fresh.unlink()
            _sync(self._key.parent)
        return notes.SigningKey.parse(self._key.read_text())

    def witnesses(self) -> tuple[notes.VerifierKey, ...]:
        """Return the keys of trusted witnesses."""
        lines = self._witnesses.read_text().splitlines() if self._witnesses.exists() else []
        return tuple(notes.VerifierKey.parse(line) for line in lines if line.strip())

    def trust(self, key: notes.VerifierKey) -> None:
        """Add a witness's key."""
        keys = dict.fromkeys([*self.witnesses(), key])
        _make_folder(self._witnesses.parent, self._witnesses.parent.parent, _SECRET_FOLDER_MODE)
        _replace(self._witnesses, "".join(f"{known}\n" for known in keys).encode(), _FILE_MODE)
        _sync(self._witnesses)


def log_folder() -> LogFolder:
    """Return the files of this installation's log (``MEHVAR_HOME/log``)."""
    return LogFolder(Path(settings.MEHVAR_HOME) / "log")


def key_folder() -> KeyFolder:
    """Return the keys of this installation's log (``MEHVAR_HOME/keys``)."""
    return KeyFolder(Path(settings.MEHVAR_HOME) / "keys")


def damaged(what: str) -> Conflict:
    """Make the error that says that the sealed log misses or contradicts something."""
    return Conflict(
        gettext_noop("The sealed log is damaged at “{what}”. Tell the auditor."),
        code="log-damaged",
        what=what,
    )


def _make_folder(folder: Path, top: Path, mode: int) -> None:
    """Make ``folder`` with its parents below ``top``."""
    if folder.is_dir():
        return
    if folder != top:
        _make_folder(folder.parent, top, mode)
    folder.mkdir(mode=mode, parents=True, exist_ok=True)


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write beside ``path``, then rename."""
    fresh = path.with_name(f"{_MARK}{path.name.removeprefix(_MARK)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
    fresh.replace(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
