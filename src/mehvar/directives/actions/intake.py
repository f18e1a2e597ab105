"""Turn what was read in a document into a draft directive: one transaction, rows in bulk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mehvar.directives.data import DirectiveState, ReviewState
from mehvar.directives.models import (
    Assignment,
    Citation,
    Directive,
    Field,
    ImportDocument,
    Measure,
    Provision,
    StatusEvent,
)
from mehvar.directives.rules import clauses
from mehvar.kernel import clock, identifiers, text
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.directives.extraction.model import (
        ExtractedBody,
        ExtractedDue,
        ExtractedMeasure,
        Extraction,
        Flag,
        SourceBlock,
    )

BATCH = 400
UNSETTLED: Mapping[str, Any] = {"settled": None}


def store(document: ImportDocument, extraction: Extraction) -> Directive:
    """Create the draft directive of a document with everything that was read.

    Runs in the caller's transaction. Bodies that the register does not know stay as written.
    """
    directive = _directive(document, extraction)
    fields = _fields(directive, extraction)
    provisions = _provisions(directive, extraction)
    measures = _measures(directive, extraction, fields, provisions)
    _assignments(extraction, measures)
    _citations(directive, extraction)
    return directive


def findings_of(extraction: Extraction) -> dict[str, Any]:
    """Give what concerns the whole document: counts that it declares, doubts, warnings."""
    return {
        "declared": [{"label": item.label, "count": item.count} for item in extraction.declared_counts],
        "flags": [flag_values(flag) for flag in extraction.flags],
        "warnings": list(extraction.warnings),
        "issuer": extraction.issuer,
    }


def blocks_of(extraction: Extraction) -> list[dict[str, Any]]:
    """Give the source as it was read, as plain values."""
    return [_block(block) for block in extraction.blocks]


def flag_values(flag: Flag) -> dict[str, Any]:
    """Give a doubt as it is stored with a measure."""
    return {
        "code": flag.code,
        "field": flag.field,
        "message": flag.message,
        "params": dict(flag.params),
        **UNSETTLED,
    }


def clipped(written: str, longest: int) -> str:
    """Shorten a text to what a column holds; the source block keeps the whole."""
    return written if len(written) <= longest else written[: longest - 1] + "…"


def due_values(due: ExtractedDue) -> dict[str, Any]:
    """Give the columns of a measure that state its deadline."""
    return {
        "due_raw": clipped(due.raw, 400),
        "due_kind": str(due.kind),
        "due_start": due.start,
        "due_end": due.end,
        "due_first_end": due.end,
        "due_duration": clipped(due.duration or "", 40),
        "due_anchor": clipped(due.anchor or "", 40),
        "due_recurrence": clipped(due.recurrence or "", 80),
        "due_calendar": due.calendar,
    }


def _block(block: SourceBlock) -> dict[str, Any]:
    values = {name: value for name, value in asdict(block).items() if value not in (None, (), False, "")}
    return {**values, "kind": str(block.kind), "text": block.text}


def _directive(document: ImportDocument, extraction: Extraction) -> Directive:
    register = organisations.pack_of(document.pack)
    number = clipped(extraction.number, 80)
    taken = number and Directive.objects.filter(issuer_id=document.issuer_id, number=number).exists()
    now = clock.now()
    directive = Directive.objects.create(
        issuer_id=document.issuer_id,
        pack=document.pack,
        language=extraction.language or register.language,
        calendar=register.calendar,
        title=clipped(extraction.title or _name_without_ending(document.filename), 600),
        number="" if taken else number,
        dated_on=extraction.signed_on,
        goal=extraction.goal,
        motto=clipped(extraction.motto, 300),
        declared_counts=[{"label": item.label, "count": item.count} for item in extraction.declared_counts],
        created_by=document.uploaded_by,
        created_at=now,
        changed_at=now,
    )
    StatusEvent.objects.create(
        directive=directive, action="import", target=DirectiveState.DRAFT, at=now, actor=document.uploaded_by
    )
    return directive


def _name_without_ending(filename: str) -> str:
    return re.sub(r"\.[A-Za-z0-9]{1,5}$", "", filename)


def _fields(directive: Directive, extraction: Extraction) -> dict[str, int]:
    """Create the fields of work and give their keys by name."""
    declared = {text.fold_for_search(item.label): item.count for item in extraction.declared_counts}
    names = list(dict.fromkeys(clipped(name, 600) for name in extraction.fields if name))
    rows = Field.objects.bulk_create(
        Field(
            directive=directive,
            position=position,
            name=name,
            declared_count=declared.get(text.fold_for_search(name)),
        )
        for position, name in enumerate(names, 1)
    )
    return {row.name: row.pk for row in rows}


def _provisions(directive: Directive, extraction: Extraction) -> dict[str, int]:
    """Create the tree of clauses, level by level, and give their keys by the reader's path."""
    parents = clauses.parents([item.path for item in extraction.provisions])
    eids = clauses.eids(
        [(item.path, parents[item.path], item.kind, item.number) for item in extraction.provisions]
    )
    rows: dict[str, Provision] = {}
    for position, item in enumerate(extraction.provisions, 1):
        rows.setdefault(
            item.path,
            Provision(
                directive=directive,
                position=position,
                path=clipped(item.path, 200),
                eid=clipped(eids[item.path], 200),
                kind=clipped(item.kind, 32),
                number=clipped(item.number, 40),
                heading=clipped(item.heading, 1000),
                text=clauses.without_heading(item.text, item.heading),
            ),
        )
    _create_level_by_level(rows, parents)
    return {path: row.pk for path, row in rows.items()}


def _create_level_by_level(rows: Mapping[str, Provision], parents: Mapping[str, str | None]) -> None:
    """Create parents before their children, a level at a time."""
    waiting = dict(rows)
    made: dict[str | None, int] = {None: -1}
    while waiting:
        level = [path for path in waiting if parents[path] in made]
        for path in level:
            row, parent = waiting.pop(path), parents[path]
            row.parent = rows[parent] if parent is not None else None
            row.depth = made[parent] + 1
        made |= {path: rows[path].depth for path in level}
        Provision.objects.bulk_create([rows[path] for path in level], batch_size=BATCH)


def _measures(
    directive: Directive, extraction: Extraction, fields: Mapping[str, int], provisions: Mapping[str, int]
) -> list[Measure]:
    rows = [
        Measure(
            directive=directive,
            public_id=identifiers.new_public_id(),
            provision_id=provisions.get(item.provision) if item.provision else None,
            field_id=fields.get(clipped(item.field, 600)),
            position=position,
            **_measure_values(item),
        )
        for position, item in enumerate(extraction.measures, 1)
    ]
    return Measure.objects.bulk_create(rows, batch_size=BATCH)


def _measure_values(item: ExtractedMeasure) -> dict[str, Any]:
    return {
        "section": clipped(item.section, 400),
        "number": clipped(item.number, 40),
        "text": item.text,
        "deliverable": item.deliverable,
        "confidence": {name: round(value, 3) for name, value in item.confidence.items()},
        "lowest_confidence": round(item.least_confidence, 3),
        "flags": [flag_values(flag) for flag in item.flags],
        "open_flags": len(item.flags),
        "review_state": ReviewState.PENDING,
        "source_spans": [[span.block, span.start, span.end] for span in item.spans],
        **due_values(item.due),
    }


def _assignments(extraction: Extraction, measures: list[Measure]) -> None:
    codes = {body.code for item in extraction.measures for body in item.bodies if body.code}
    known = organisations.ids_of(codes)
    rows = [
        _assignment(measure, body, position, known)
        for measure, item in zip(measures, extraction.measures, strict=True)
        for position, body in enumerate(item.bodies)
        if body.text or body.name or body.code
    ]
    _mark_principal(rows)
    Assignment.objects.bulk_create(rows, batch_size=BATCH)


def _assignment(measure: Measure, body: ExtractedBody, position: int, known: Mapping[str, int]) -> Assignment:
    is_group = bool(body.code and body.code.startswith("@"))
    organisation_id = None if is_group or not body.code else known.get(body.code)
    return Assignment(
        measure=measure,
        role=str(body.role),
        organisation_id=organisation_id,
        group_code=(body.code or "") if is_group else "",
        raw_name="" if is_group or organisation_id else clipped(body.text or body.name, 400),
        position=position,
        inherited=body.inherited,
        confidence=round(body.confidence, 3),
    )


def _mark_principal(rows: list[Assignment]) -> None:
    """Let the first lead of each measure answer first."""
    seen: set[int] = set()
    for row in rows:
        if row.role == "lead" and row.measure_id not in seen:
            row.principal = True
            seen.add(row.measure_id)


def _citations(directive: Directive, extraction: Extraction) -> None:
    Citation.objects.bulk_create(
        Citation(
            directive=directive,
            position=position,
            raw=clipped(item.text, 600),
            kind=clipped(item.type, 80),
            number=clipped(item.number, 80),
            dated_on=item.date,
        )
        for position, item in enumerate(extraction.citations)
    )
