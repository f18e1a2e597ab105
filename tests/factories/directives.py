"""Make drafts, measures and what a document's reader finds, for tests of any room."""

from datetime import date
from itertools import count
from typing import Any

from mehvar.accounts.models import User
from mehvar.directives.actions import editor, measures
from mehvar.directives.extraction.model import (
    NO_DUE,
    BlockKind,
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
from mehvar.directives.models import Directive, Measure

_numbers = count(1)


def make_directive(
    actor: User, *, issuer_code: str = "xx.min", title: str = "", language: str = "en"
) -> Directive:
    """Begin a draft by hand, in the name of the small ministry."""
    return editor.create_directive(
        actor, issuer_code=issuer_code, title=title or f"Directive {next(_numbers)}", language=language
    )


def make_measure(actor: User, directive: Directive, **changes: Any) -> Measure:
    """Write a task by hand."""
    changes.setdefault("text", f"Do thing {next(_numbers)}.")
    return measures.add_measure(actor, directive.pk, **changes)


def flag(code: str = "unknown-body", field: str = "lead", **params: str) -> Flag:
    """Make a doubt of the reader."""
    return Flag(code, field, "The name “{text}” is not in the register.", params or {"text": "Ofice of X"})


def found_measure(number: str = "1", text: str = "", *, block: int = 0, **fields: Any) -> ExtractedMeasure:
    """Make one task as the reader finds it, led by the Ministry of Health unless told otherwise."""
    text = text or f"Task number {number} of the annex"
    values: dict[str, Any] = {
        "section": "I",
        "number": number,
        "text": text,
        "deliverable": "Report",
        "field": "Post",
        "bodies": (ExtractedBody("Ministry of Health", "xx.health", "Ministry of Health", Role.LEAD, 1.0),),
        "due": ExtractedDue("2026", DueKind.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
        "confidence": {"text": 1.0, "lead": 1.0, "due": 1.0},
        "flags": (),
        "spans": (SourceSpan(block, 0, len(text)),),
    }
    return ExtractedMeasure(**(values | fields))


def unknown(name: str, role: Role = Role.LEAD) -> ExtractedBody:
    """Make a body that the register does not know."""
    return ExtractedBody(name, None, name, role, 0.35)


def doubtful_measure(number: str, name: str = "Ofice of X", *, block: int = 0) -> ExtractedMeasure:
    """Make a task whose lead nobody knows."""
    return found_measure(
        number,
        block=block,
        bodies=(unknown(name),),
        confidence={"text": 1.0, "lead": 0.35},
        flags=(flag(text=name),),
    )


def extraction(*found: ExtractedMeasure, **fields: Any) -> Extraction:
    """Make what the reader finds in a whole document; blocks follow from the tasks."""
    blocks = tuple(
        SourceBlock(BlockKind.TABLE_ROW, item.text, cells=(item.number, item.text, item.deliverable))
        for item in found
    )
    values: dict[str, Any] = {
        "language": "en",
        "title": "Directive on good post",
        "number": "01/D",
        "issuer": "Ministry of Communications",
        "signed_on": date(2026, 1, 15),
        "citations": (ExtractedCitation("Resolution", "01/NQ-CP", date(2026, 1, 1), "Resolution 01/NQ-CP"),),
        "declared_counts": (DeclaredCount("Post", len(found), f"Post: {len(found)} tasks"),),
        "fields": ("Post",),
        "blocks": blocks,
        "provisions": (
            ExtractedProvision("1", "I", "Post", "", "section", 0, SourceSpan(0, 0, 0)),
            ExtractedProvision(
                "1.1", "1", "", "The post reaches every village.", "clause", 1, SourceSpan(0, 0, 0)
            ),
        ),
        "measures": found,
        "flags": (),
        "warnings": (),
        "goal": "Good post for everyone",
        "motto": "Fast and near",
    }
    return Extraction(**(values | fields))


__all__ = [
    "NO_DUE",
    "doubtful_measure",
    "extraction",
    "flag",
    "found_measure",
    "make_directive",
    "make_measure",
    "unknown",
]
