"""Hold what a description (OpenAPI) says about a service's operations, ready to be shown and asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """Describe one parameter. ``place``: path, query or header."""

    name: str
    place: str
    is_required: bool
    schema: Mapping[str, Any]
    label: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """Describe a body: of a request, or of an answer with its ``status``."""

    media_type: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    is_required: bool = False
    description: str = ""
    status: str = ""
    example: Any = None


@dataclass(frozen=True, slots=True)
class Operation:
    """Describe one operation; ``id`` is ``METHOD /path/{name}``."""

    method: str
    path: str
    summary: str = ""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Payload | None = None
    answers: tuple[Payload, ...] = ()
    themes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return by what the operation is named."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class SchemaRow:
    """Say one member of a payload. ``limits``: what values it takes, as written in the description."""

    depth: int
    name: str
    type: str
    is_required: bool = False
    label: str = ""
    description: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Say one thing that must be asked of a person before an operation can be called.

    ``key``: ``path.NAME``, ``query.NAME``, ``header.NAME``, ``body.NAME``, or ``body`` for a whole JSON text. ``kind``: text, integer,
    number, boolean, choice, date, json.
    """

    key: str
    label: str
    kind: str = "text"
    is_required: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    shortest: int = 0
    longest: int = 0
    example: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Hold a call made ready. ``target``: path and query behind the service, written safely; ``body`` None for none."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
