"""Hold the key with which persons asked about become tokens, and take a new version of it while calls go on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from mehvar.exchange.rules import subjects
from mehvar.kernel.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from mehvar.exchange.rules.subjects import SubjectKeys

POLL_S = 0.5
_log = logging.getLogger(__name__)


class SubjectKeeper:
    """Read the file of the key's versions at the start and whenever it changes; a faulty one is refused and the present one stays."""

    def __init__(self, path: Path | None) -> None:
        """Read it for the first time; without a path persons are no tokens.

        Raises:
            InputError: the file cannot be used.
            OSError: it cannot be read.
        """
        self._path, self._content = path, b""
        self.keys: SubjectKeys | None = None
        if path is not None:
            self._content = path.read_bytes()
            self.keys = subjects.read_keys(self._content)

    @property
    def version(self) -> int:
        """Give the version that makes tokens, 0 without a key."""
        return self.keys.newest if self.keys else 0

    def reload(self) -> None:
        """Read the file, and take it when it differs and can be used."""
        if self._path is None:
            return
        try:
            content = self._path.read_bytes()
            if content == self._content:
                return
            self._content = content
            self.keys = subjects.read_keys(content)
        except (OSError, InputError) as error:
            _log.error("the key for persons' tokens is refused, the present one stays: %s", error)
            return
        _log.info("version %d of the key for persons' tokens is in force", self.version)

    async def watch(self) -> None:
        """Look for a changed file for ever."""
        while self._path is not None:
            await asyncio.sleep(POLL_S)
            self.reload()
