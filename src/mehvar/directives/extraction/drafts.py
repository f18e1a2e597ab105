"""Hold tasks while they are read, before bodies and deadlines are resolved."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from mehvar.directives.extraction.columns import Column
from mehvar.directives.extraction.model import Flag, SourceSpan
from mehvar.directives.extraction.numbering import RowNumber


@dataclass(slots=True)
class TaskDraft:
    """Hold one task of a table: its cells by kind of column."""

    section: str
    number: RowNumber | None
    cells: dict[Column, str]
    spans: list[SourceSpan]
    table: int
    field: str = ""
    confidence: float = 1.0
    has_lead_column: bool = True
    has_due_column: bool = True
    flags: list[Flag] = dataclasses.field(default_factory=list)

    @property
    def number_text(self) -> str:
        """Give the number as text; a dash is none."""
        return "" if self.number is None or self.number.kind == "dash" else self.number.text

    def flag(self, item: Flag) -> None:
        """Add a flag once."""
        if all(present.code != item.code or present.params != item.params for present in self.flags):
            self.flags.append(item)
