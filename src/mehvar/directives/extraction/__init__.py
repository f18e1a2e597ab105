"""Turn a directive document into structured measures: one pure package, without Django.

``extract`` works in this process; ``extract_isolated`` works in a process of its own with limits of time and memory,
for files that strangers send.

Source: issue "the house", point 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mehvar.directives.extraction.limits import DEFAULT, WALL_RATIO, Limits
from mehvar.directives.extraction.model import (
    DeclaredCount,
    DueKind,
    ExtractedBody,
    ExtractedCitation,
    ExtractedDue,
    ExtractedMeasure,
    ExtractedProvision,
    Extraction,
    Flag,
    Role,
    SourceBlock,
    SourceSpan,
)

if TYPE_CHECKING:
    from mehvar.directives.extraction.engine import extract as extract
    from mehvar.directives.extraction.isolation import extract_isolated as extract_isolated

__all__ = [
    "DEFAULT",
    "WALL_RATIO",
    "DeclaredCount",
    "DueKind",
    "ExtractedBody",
    "ExtractedCitation",
    "ExtractedDue",
    "ExtractedMeasure",
    "ExtractedProvision",
    "Extraction",
    "Flag",
    "Limits",
    "Role",
    "SourceBlock",
    "SourceSpan",
    "extract",
    "extract_isolated",
]


def __getattr__(name: str) -> Any:
    """Import the engine only when it is used."""
    if name == "extract":
        from mehvar.directives.extraction.engine import extract

        return extract
    if name == "extract_isolated":
        from mehvar.directives.extraction.isolation import extract_isolated

        return extract_isolated
    raise AttributeError(name)
