"""Carry documents and blocks between processes as JSON; nothing that could run is carried.

Source: architecture, "Processes".
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from mehvar.directives.extraction.limits import Limits
from mehvar.directives.extraction.model import BlockKind, SourceBlock
from mehvar.directives.extraction.readers.document import Document
from mehvar.directives.extraction.readers.sniffing import Format
from mehvar.kernel import errors

_ERRORS = {
    "InputError": errors.InputError,
    "LimitExceeded": errors.LimitExceeded,
    "Unavailable": errors.Unavailable,
}


def limits_to_json(limits: Limits) -> str:
    """Write limits."""
    return json.dumps(asdict(limits))


def limits_from_json(text: str) -> Limits:
    """Read limits."""
    return Limits(**json.loads(text))


def document_to_json(document: Document) -> bytes:
    """Write a document that was read."""
    blocks = [
        [
            block.kind.value,
            block.text,
            block.cells,
            block.level,
            block.page,
            block.number,
            block.table,
            block.spans,
            block.carried,
            block.is_header,
        ]
        for block in document.blocks
    ]
    facts = {
        "format": document.format.value,
        "blocks": blocks,
        "warnings": document.warnings,
        "is_recognised": document.is_recognised,
    }
    return json.dumps({"document": facts}, ensure_ascii=False).encode()


def error_to_json(error: errors.MehvarError) -> bytes:
    """Write an error that a person may see."""
    facts = {
        "type": type(error).__name__,
        "message": error.message,
        "code": error.code,
        "params": {name: str(value) for name, value in error.params.items()},
    }
    return json.dumps({"error": facts}, ensure_ascii=False).encode()


def document_from_json(content: bytes) -> Document:
    """Read what the other process wrote.

    Raises:
        InputError: The other process refused the file.
        LimitExceeded: The file costs more than allowed.
        ValueError: The content is no such JSON.
    """
    facts = json.loads(content)
    if "error" in facts:
        raise _error(facts["error"])
    found = facts["document"]
    return Document(
        Format(found["format"]),
        [_block(item) for item in found["blocks"]],
        found["warnings"],
        found["is_recognised"],
    )


def _error(facts: dict[str, Any]) -> errors.MehvarError:
    """Make the error again."""
    kind = _ERRORS.get(facts["type"], errors.InputError)
    return kind(facts["message"], code=facts["code"], **facts["params"])


def _block(item: list[Any]) -> SourceBlock:
    """Make a block again."""
    kind, text, cells, level, page, number, table, spans, carried, is_header = item
    return SourceBlock(
        BlockKind(kind),
        text,
        cells=tuple(cells),
        level=level,
        page=page,
        number=number,
        table=table,
        spans=tuple(spans),
        carried=tuple(carried),
        is_header=is_header,
    )
