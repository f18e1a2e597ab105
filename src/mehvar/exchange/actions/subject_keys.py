"""Keep the versions of the key under which persons are tokens in the evidence: make a new one, forget an old one.

The key is a file of the operator's, never a row. Gateways hold a copy and make tokens with its newest version; the control plane looks for
a person under every version in the file.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from mehvar.exchange.actions import publication, record
from mehvar.exchange.rules import checks, subjects
from mehvar.exchange.rules.subjects import SHORTEST_KEY, SubjectKeys
from mehvar.kernel.errors import Conflict, gettext_noop
from mehvar.ledger.data import Subject

if TYPE_CHECKING:
    from mehvar.accounts.models import User

SUBJECT = Subject("exchange-subject-key", "subject-key", "*")
NEW_MODE = 0o600


def key_file() -> Path:
    """Give where the file of the versions belongs."""
    return Path(settings.MEHVAR_EXCHANGE_SUBJECT_KEY_FILE)


def present() -> SubjectKeys | None:
    """Give the versions, None where the operator put no key in place.

    Raises:
        InputError: the file cannot be used.
    """
    path = key_file()
    return subjects.read_keys(path.read_bytes()) if path.is_file() else None


def rotate(actor: User | None) -> int:
    """Make a new version, the first where there is none; give its number. New tokens are made with it, on record publicly.

    Raises:
        NotPermitted, InputError: the person does not operate the exchange, or the file cannot be used.
    """
    record.demand_operator(actor)
    with _alone(), transaction.atomic():
        held, key = present(), os.urandom(SHORTEST_KEY)
        keys = held.rotated(key) if held else SubjectKeys(((1, key),))
        _note(actor, "rotate", keys.newest, key)
        _write(keys)
    return keys.newest


def retire(actor: User | None, number: int, *, reason: str) -> None:
    """Forget an older version, once no evidence under it is kept: nobody is found under it any more.

    Raises:
        NotPermitted, InputError: the person does not operate the exchange, there is no such older version, or no reason.
        Conflict: there is no key.
    """
    record.demand_operator(actor)
    why = checks.words(reason, field="reason")
    with _alone(), transaction.atomic():
        held = present()
        if held is None:
            raise Conflict(gettext_noop("There is no key for persons' tokens."), code="no-subject-key")
        keys = held.without(number)
        _note(actor, "retire", number, dict(held.versions)[number], reason=why)
        _write(keys)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time change the file."""
    path = key_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / f".{path.name}.lock").open("a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def _write(keys: SubjectKeys) -> None:
    path = key_file()
    mode = path.stat().st_mode & 0o777 if path.exists() else NEW_MODE
    publication.replace_file(path, subjects.written(keys), mode=mode)


def _note(actor: User | None, action: str, number: int, key: bytes, *, reason: str = "") -> None:
    content = {"version": number, "fingerprint": subjects.fingerprint(key)}
    record.note(actor, f"exchange.subject-key.{action}", SUBJECT, content, reason=reason, public=True)
