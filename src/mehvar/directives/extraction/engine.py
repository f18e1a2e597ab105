"""Run the whole extraction: bytes in, structured measures out.

Source: issue "the house", point 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from mehvar.directives.extraction import checks, flags, front_matter, prose, provisions, tables
from mehvar.directives.extraction.dues import DueContext
from mehvar.directives.extraction.limits import DEFAULT, Limits
from mehvar.directives.extraction.model import (
    ExtractedCitation,
    ExtractedMeasure,
    Extraction,
    Flag,
    SourceBlock,
)
from mehvar.directives.extraction.readers import Document, read_document
from mehvar.directives.extraction.resolution import Resolver
from mehvar.kernel import errors
from mehvar.kernel import text as texts
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import gettext_noop
from mehvar.organisations.rules.matching import BodyRegister

Progress = Callable[[int, int], None]
"""Hears how many steps of how many are done."""

_SAMPLE_BLOCKS = 400
_STEPS = 2


def extract(
    data: bytes,
    filename: str,
    *,
    register: BodyRegister,
    limits: Limits = DEFAULT,
    on: date | None = None,
    progress: Progress | None = None,
) -> Extraction:
    """Read a directive document into provisions and measures.

    ``on`` overrides the document's own date. ``progress`` hears the steps done and their number.

    Raises:
        InputError: The file is broken, encrypted, of another kind than its name says, or in no known language.
        LimitExceeded: The file is bigger than allowed or takes too long.
    """
    tell = progress or (lambda _done, _total: None)
    tell(0, _STEPS)
    document = read_document(data, filename, limits=limits)
    tell(1, _STEPS)
    extraction = understand(document, register=register, on=on)
    tell(_STEPS, _STEPS)
    return extraction


def understand(document: Document, *, register: BodyRegister, on: date | None = None) -> Extraction:
    """Find the measures of a document that was read."""
    blocks = document.blocks
    language = _language(blocks)
    front = front_matter.read_front_matter(blocks, language)
    day = on or front.signed_on
    context = DueContext(
        language=language,
        calendar=Calendar.JALALI if language == "fa" else Calendar.GREGORIAN,
        on=day,
        anchor_kind="session" if front.date_kind == "session" else "signing",
        plan_year=front.plan_year,
    )
    resolver = Resolver(register, language, day or _latest_citation(front.citations), context)
    reading = tables.read_tables(blocks, resolver.is_body, resolver.is_due)
    gaps = checks.check_numbers(reading.drafts)
    measures = resolver.measures(reading.drafts)
    written = prose.read_prose(blocks, reading.used, resolver, has_table=bool(measures))
    measures = prose.with_monitoring(in_order([*measures, *written.measures]), written.monitoring)
    if document.is_recognised:
        measures = [
            replace(measure, flags=(*measure.flags, flags.make("ocr-digits"))) for measure in measures
        ]
    document_flags: list[Flag] = [*reading.flags, *gaps]
    document_flags += written.flags
    document_flags += checks.check_counts(front.counts, measures)
    document_flags += resolver.unregistered_flags()
    if not measures:
        document_flags.append(flags.make("no-measures"))
    return Extraction(
        language=language,
        title=front.title,
        number=front.number,
        issuer=front.issuer,
        signed_on=front.signed_on,
        citations=tuple(front.citations),
        declared_counts=tuple(front.counts),
        fields=tuple(dict.fromkeys(measure.field for measure in measures if measure.field)),
        blocks=tuple(blocks),
        provisions=provisions.tree(blocks, written.root, reading.headings, measures),
        measures=tuple(measures),
        flags=tuple(document_flags),
        warnings=tuple(document.warnings),
        goal=front.goal,
        motto=front.motto,
    )


def _latest_citation(citations: list[ExtractedCitation]) -> date | None:
    """Give the day of the latest cited document: names are read as of then when the document has no date."""
    return max((citation.date for citation in citations if citation.date is not None), default=None)


def in_order(measures: list[ExtractedMeasure]) -> list[ExtractedMeasure]:
    """Order measures as they stand in the document."""
    return sorted(measures, key=lambda measure: measure.spans[0].block if measure.spans else 0)


def _language(blocks: list[SourceBlock]) -> str:
    """Tell the document's language.

    Raises:
        InputError: The text is in no language that is known here.
    """
    step = max(1, len(blocks) // _SAMPLE_BLOCKS)
    sample = " ".join(block.text[:400] for block in blocks[::step])
    language = texts.guess_language(sample)
    if language is None or not _is_known(sample):
        raise errors.InputError(
            gettext_noop("The document's language is not known; Vietnamese, Persian and English are read."),
            code="unknown-language",
        )
    return language


def _is_known(sample: str) -> bool:
    """Tell whether letters of the three languages make up most of the text."""
    letters = [letter for letter in sample if letter.isalpha()]
    if not letters:
        return False
    ours = sum(
        letter < "\u0250"
        or "\u0600" <= letter <= "\u06ff"
        or "\u1e00" <= letter <= "\u1eff"
        or "\ufb50" <= letter <= "\ufeff"
        for letter in letters
    )
    return ours >= len(letters) * 0.6
