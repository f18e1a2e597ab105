"""Hold what crosses the ledger's door: who, on what, and an entry as it can be read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

JSON = (
    None | bool | int | float | str | date | Decimal | UUID | Sequence["JSON"] | Mapping[str, "JSON"]
)  # what kernel.identifiers.canonical_json takes; datetime is a date


class ActorKind(StrEnum):
    """Tell what kind of actor acts."""

    PERSON = "person"
    SYSTEM = "system"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Actor:
    """Name who acts. ``identifier`` goes into public leaves, ``label`` (a person's name) never does."""

    kind: str
    identifier: str
    label: str = ""

    @classmethod
    def system(cls, name: str) -> Actor:
        """Name a part of Mehvar that acts by itself (``import``, ``reminders``, ``console``)."""
        return cls(ActorKind.SYSTEM, name, name)


@dataclass(frozen=True, slots=True)
class Subject:
    """Name what was acted on: ``type`` is a lower-case noun, ``identifier`` is stable, ``label`` is for people."""

    type: str
    identifier: str
    label: str = ""


class Person(Protocol):
    """Stand for whoever reads: a signed-in user or an anonymous one."""

    @property
    def is_authenticated(self) -> Any:
        """Tell whether somebody signed in."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Hold all that one entry says, before it has a place in the chain.

    ``content_json``: canonical JSON text. ``salt``: 32 random bytes that hide the sealed part.
    """

    actor: Actor
    action: str
    subject: Subject
    content_json: str
    reason: str
    public: bool
    salt: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Hold an entry's place: sequence from 1, instant, and the leaf hash before it in hexadecimal."""

    sequence: int
    recorded_at: datetime
    previous: str


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """Hold an entry with everything that the database keeps of it."""

    deed: Deed
    sequence: int
    recorded_at: datetime
    content_hash: str
    leaf: bytes
    leaf_hash: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """Hold what a leaf says to anybody; a private one says only its place and its sealed commitment."""

    sequence: int
    recorded_at: datetime
    previous: str
    public: bool
    sealed: str
    actor: Actor | None = None
    action: str = ""
    subject: Subject | None = None
    reason: str = ""
    content_hash: str = ""
    content: Mapping[str, Any] | None = None


class FaultCode(StrEnum):
    """Say in one word how an entry fails its check."""

    UNREADABLE = "leaf-unreadable"
    GAP = "sequence-gap"
    PREVIOUS = "previous-hash-differs"
    LEAF_HASH = "leaf-hash-differs"
    CONTENT = "content-hash-differs"
    FIELDS = "fields-differ-from-leaf"
    HEAD = "head-differs"
    KNOWN = "known-head-differs"
    TILE = "tile-differs"
    BUNDLE = "entry-bundle-differs"
    CHECKPOINT = "checkpoint-differs"
    COSIGNED = "cosigned-checkpoint-differs"


@dataclass(frozen=True, slots=True)
class Fault:
    """Say what is wrong with one entry."""

    sequence: int
    code: FaultCode


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Sum a check up: entries looked at, the last leaf hash, and what is wrong (nothing: the chain holds)."""

    count: int
    head: str
    faults: tuple[Fault, ...] = ()

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class HeadRecord:
    """Name the newest entry: its sequence (0 while there is none) and its leaf hash."""

    sequence: int
    leaf_hash: str


@dataclass(frozen=True, slots=True)
class ActRecord:
    """Say that something was done: when, what, on which subject, by which person (its key; no content, no names)."""

    sequence: int
    recorded_at: datetime
    action: str
    subject_type: str
    subject_identifier: str
    subject_label: str
    actor_identifier: str


@dataclass(frozen=True, slots=True)
class LogReport:
    """Sum the check of the sealed log up: its name, entries sealed, root in hexadecimal, witnesses, what is wrong.

    ``origin`` is empty while nothing is sealed.
    """

    origin: str
    size: int
    root: str
    witnesses: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class SealRecord:
    """Say how far the log is sealed, and by whom: verifier key, size, and witnesses of the newest checkpoint."""

    key: str
    size: int
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProvenLeaf:
    """Hold one leaf with the hashes that lead to the root, and what opens its seal where it is opened.

    ``index`` from 0. ``content_json`` only where the leaf itself lacks the content. ``salt`` and ``sealed`` come together.
    """

    index: int
    leaf: bytes
    proof: tuple[bytes, ...]
    content_json: str = ""
    salt: bytes = b""
    sealed: bytes = b""


@dataclass(frozen=True, slots=True)
class ProofReport:
    """Say what a proof bundle proves: leaves of the log ``origin`` as it was at ``size`` entries, and who vouches."""

    origin: str
    size: int
    root: str
    leaves: tuple[ProvenLeaf, ...]
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """Show an entry to one reader.

    ``readable`` is False when only the leaf may be seen: then actor, action, subject, reason and content are empty.
    ``actor.label`` is empty for readers who may see public entries only. ``verified``: leaf, fields and link to the
    predecessor were recomputed and agree.
    """

    sequence: int
    recorded_at: datetime
    public: bool
    readable: bool
    verified: bool
    actor: Actor
    action: str
    subject: Subject
    reason: str
    content_json: str
    content_hash: str
    leaf_hash: str
    previous: str
    salt: str
    sealed_part: str

    @property
    def content(self) -> Any:
        """Return the content as plain JSON values, None where it may not be seen."""
        return json.loads(self.content_json) if self.content_json else None
