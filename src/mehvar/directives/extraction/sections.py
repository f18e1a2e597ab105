"""Keep track of the section that a row or an item stands in.

Source: design "Directives and programmes", §1 (identity = document + annex + section path + number).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class _Level:
    """Hold one open section."""

    kind: str
    number: str
    heading: str


@dataclass(slots=True)
class SectionPath:
    """Hold the open sections from the outermost to the innermost."""

    levels: list[_Level] = field(default_factory=list)
    unnumbered: int = 0

    def enter(self, kind: str, number: str, heading: str) -> None:
        """Open a section: one of the same kind is closed with all within it."""
        kinds = [level.kind for level in self.levels]
        if kind in kinds:
            del self.levels[kinds.index(kind) :]
        self.levels.append(_Level(kind, number, heading))

    def enter_unnumbered(self, heading: str) -> None:
        """Open a section that has no number: its ordinal stands for it."""
        self.unnumbered += 1
        self.enter("unnumbered", str(self.unnumbered), heading)

    def leave_to(self, kind: str) -> None:
        """Close sections of a kind with all within them."""
        kinds = [level.kind for level in self.levels]
        if kind in kinds:
            del self.levels[kinds.index(kind) :]

    @property
    def path(self) -> str:
        """Give the path: numbers joined by dots, a dotted number not repeated."""
        parts: list[str] = []
        for level in self.levels:
            if parts and level.number.startswith(parts[-1] + ".") and level.kind.startswith("decimal"):
                parts[-1] = level.number
            else:
                parts.append(level.number)
        return ".".join(parts)

    @property
    def headings(self) -> list[str]:
        """List the headings, outermost first."""
        return [level.heading for level in self.levels]
