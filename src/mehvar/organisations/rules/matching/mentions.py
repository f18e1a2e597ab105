"""Hold what is read from a list of bodies: mentions, doubts, confidences.

Source: design "Directives and programmes", §3 (groups stay symbolic).
"""

from __future__ import annotations

from dataclasses import dataclass, field

ELIDED, WELL_FORMED, DESCRIPTIVE, QUALIFIED, UNKNOWN = 0.88, 0.75, 0.72, 0.6, 0.35
"""Confidence of a name whose head is elided, of an unregistered but well-formed one, of a description, of a group
with a restricting clause, and of anything else."""

CORE_GROUPS = frozenset({"@ministries", "@sectors", "@localities", "@districts"})
"""Groups that are printed by their code; any other group is called by the words of the text.

Source: issue "the house", point 8.
"""


@dataclass(frozen=True, slots=True)
class BodyMention:
    """Hold one body or group read from a text: code (none if unregistered), official name, words as written."""

    text: str
    code: str | None
    name: str
    confidence: float
    start: int
    end: int
    is_former: bool = False

    @property
    def is_group(self) -> bool:
        """Tell whether a symbolic group is meant."""
        return self.code is not None and self.code.startswith("@")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Hold one thing that a person should look at: a stable code and the words concerned."""

    code: str
    text: str


@dataclass(slots=True)
class BodyList:
    """Hold the bodies read from a text, in order and once each, with every doubt."""

    mentions: list[BodyMention] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    end: int = 0

    @property
    def names(self) -> list[str]:
        """List the names in order."""
        return [mention.name for mention in self.mentions]

    @property
    def confidence(self) -> float:
        """Give the lowest confidence, 1 for an empty list."""
        return min((mention.confidence for mention in self.mentions), default=1.0)
