"""Choose the reader by what the file is, not by what its name says, and refuse what cannot be read.

Source: issue "the house", point 8 (bad input).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mehvar.directives.extraction.limits import DEFAULT, Limits, check_file_size
from mehvar.directives.extraction.model import SourceBlock
from mehvar.directives.extraction.readers.sniffing import Format, decoded, sniff
from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop


@dataclass(slots=True)
class Document:
    """Hold a document's blocks, its format and what the reader had to say."""

    format: Format
    blocks: list[SourceBlock]
    warnings: list[str] = field(default_factory=list)
    is_recognised: bool = False


def read_document(data: bytes, filename: str, *, limits: Limits = DEFAULT) -> Document:
    """Read a file into blocks.

    Raises:
        InputError: The file is empty, broken, encrypted, holds macros, or is another kind than its name says.
        LimitExceeded: The file is bigger than allowed.
    """
    check_file_size(len(data), limits)
    kind = sniff(data, filename)
    document = _read(kind, data, limits)
    if not document.blocks:
        raise errors.InputError(gettext_noop("The file holds no text."), code="no-text")
    return document


def _read(kind: Format, data: bytes, limits: Limits) -> Document:
    """Give the file to its reader; readers are imported when needed."""
    if kind is Format.DOCX:
        from mehvar.directives.extraction.readers import word

        found = word.read(data, limits)
    elif kind is Format.PDF:
        from mehvar.directives.extraction.readers import pdf

        return pdf.read_document(data, limits)
    elif kind is Format.HTML:
        from mehvar.directives.extraction.readers import web

        found = web.read(data, limits)
    elif kind is Format.AKOMA_NTOSO:
        from mehvar.directives.extraction.readers import akoma

        found = akoma.read(data, limits)
    elif kind is Format.MARKDOWN:
        from mehvar.directives.extraction.readers import markdown

        found = markdown.read(decoded(data), limits)
    else:
        from mehvar.directives.extraction.readers import plain

        found = plain.read(decoded(data), limits)
    return Document(kind, found.blocks, found.warnings)
