"""Make the names that every province or department has by the same pattern ("UBND tỉnh {name}")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from mehvar.organisations.data.register import Name, NameKind
from mehvar.organisations.rules.packs.rows import BadCellError, Row, Span

_ALWAYS: Span = (None, None)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Hold how names are made of the names of a body: forms with the place ``{name}``."""

    suffix: str
    forms: tuple[str, ...]
    kind: NameKind
    language: str
    from_kinds: frozenset[str]
    span: Span

    @classmethod
    def of(cls, row: Row) -> Self:
        """Read a pattern from its row."""
        forms = tuple(form.strip() for form in row.required("text").split("|"))
        wrong = [form for form in forms if form.count("{name}") != 1]
        if wrong:
            raise BadCellError(f"text: {wrong[0]!r} must hold {{name}} once")
        from_kinds = frozenset(row.words("from_kinds") or ("official",))
        return cls(
            row["suffix"],
            forms,
            row.choice("kind", NameKind),
            row.required("language"),
            from_kinds,
            row.span(),
        )

    def names(self, sources: Iterable[Name]) -> list[Name]:
        """Make the names, valid while both the pattern and the name they are made of are."""
        return [
            Name(form.replace("{name}", source.text), self.language, self.kind, *span)
            for source in sources
            if source.language == self.language and source.kind in self.from_kinds
            for span in (narrowed((source.valid_from, source.valid_to), self.span),)
            for form in self.forms
        ]


def narrowed(one: Span, other: Span) -> Span:
    """Give the days that two spans share."""
    if _ALWAYS in {one, other}:
        return other if one == _ALWAYS else one
    starts = [day for day in (one[0], other[0]) if day]
    ends = [day for day in (one[1], other[1]) if day]
    return max(starts, default=None), min(ends, default=None)
