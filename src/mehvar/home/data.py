"""Name what a search finds, and what crosses the room's door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a search finds, in the order in which it is shown."""

    DIRECTIVE = "directive"
    MEASURE = "measure"
    PROGRAMME = "programme"
    PLAN = "plan"
    OBSTACLE = "obstacle"
    FLAGSHIP = "flagship"
    PROPOSAL = "proposal"
    MEETING = "meeting"
    SERVICE = "service"
    AGREEMENT = "agreement"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold a stretch of a text, and whether the search words are in it."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class IndexRow:
    """Hold one thing as the index keeps it.

    ``source`` is the recorded subject with which it changes (``directive:…``); ``reference`` and ``parent`` name its page;
    ``body_id`` is the body whose name is shown beside it.
    """

    kind: Kind
    object_id: int
    source: str
    reference: str
    title: str
    folded: str
    parent: str = ""
    detail: str = ""
    body_id: int | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """Hold one day of a calendar feed: a lasting key, what is to be done, on what, the page's whole address, and the day."""

    key: str
    act: str
    title: str
    url: str
    day: date


@dataclass(frozen=True, slots=True)
class Change:
    """Say what was done on something that the reader may see, last when, and how many acts there were."""

    act: str
    kind: str
    title: str
    path: str
    at: datetime
    more: int
