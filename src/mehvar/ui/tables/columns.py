"""Define what a column holds and how its cells are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from html import escape
from typing import Any, Literal

from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.utils.safestring import SafeString

from mehvar.ui.components import badge
from mehvar.ui.data import Words
from mehvar.ui.hyperlinks import safe_url
from mehvar.ui.reader import Reader

Row = Mapping[str, Any]
Kind = Literal["text", "number", "date", "moment", "badge", "link"]
Filter = Literal["", "search", "choice", "date"]
Choices = Sequence[tuple[Any, Words]]
Writer = Callable[[Row], str]
_NOTHING = '<span class="quiet">–</span>'


@dataclass(frozen=True, slots=True)
class Column:
    """Say one column.

    `source` is the ORM path or expression behind `key` (the key itself when not given). `value` computes the cell from
    the row; `markup` writes its HTML (it must escape). A badge shows the word of `choices` in the state of `states`.
    A `hidden` column is not shown and not exported but can be filtered; one that is not `listed` is only exported. `filter_by(queryset, value)` replaces the plain
    comparison of a choice filter.
    """

    key: str
    label: Words
    kind: Kind = "text"
    _: KW_ONLY
    source: str | Combinable | None = None
    sortable: bool = False
    sort_by: tuple[str, ...] = ()
    filter: Filter = ""
    filter_by: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None
    choices: Choices | Callable[[], Choices] = ()
    states: Mapping[Any, str] = field(default_factory=dict)
    link: Callable[[Row], str] | None = None
    value: Callable[[Row], Any] | None = None
    markup: Callable[[Row, Reader], Any] | None = None
    decimals: int | None = None
    date_style: str = "numeric"
    hidden: bool = False
    listed: bool = True
    exported: bool = True

    @property
    def is_computed(self) -> bool:
        """Return whether nothing is fetched for the column."""
        return self.source is None and (self.value is not None or self.markup is not None)

    @property
    def path(self) -> str:
        """Return the ORM path to filter and sort by; expressions are annotated under the key."""
        return self.source if isinstance(self.source, str) else self.key

    @property
    def annotation(self) -> Combinable | None:
        """Return what must be annotated under the key, if anything."""
        if isinstance(self.source, str):
            return F(self.source) if self.source != self.key else None
        return self.source

    def words(self) -> dict[str, Words]:
        """Return the word of every choice by its value as text."""
        found = self.choices() if callable(self.choices) else self.choices
        return {str(value): word for value, word in found}

    def content(self, row: Row) -> Any:
        """Return what the cell holds, not yet written."""
        return self.value(row) if self.value else row.get(self.key)


def cell_writer(column: Column, reader: Reader) -> Writer:
    """Return the function that writes a column's whole `<td>`; all that does not depend on the row is done once."""
    label = escape(str(column.label))
    opening = f'<td class="is-{column.kind}" data-label="{label}">'
    empty = f'<td class="is-{column.kind} is-empty" data-label="{label}">{_NOTHING}</td>'
    inner = _inner_writer(column, reader)

    def write(row: Row) -> str:
        words = inner(row)
        return empty if words == _NOTHING else f"{opening}{words}</td>"

    return write


def _inner_writer(column: Column, reader: Reader) -> Writer:
    """Return the function that writes what stands in the cell."""
    if column.markup is not None:
        markup = column.markup
        return lambda row: _escaped(markup(row, reader))
    plain = _plain_writer(column, reader)
    if column.link is None:
        return plain
    link = column.link
    return lambda row: _linked(link(row), plain(row))


def _linked(url: str, inner: str) -> str:
    """Return the cell's content as a link, where there is a safe address."""
    address = safe_url(url)
    return f'<a href="{escape(address)}">{inner}</a>' if address else inner


def _plain_writer(column: Column, reader: Reader) -> Writer:
    """Return the writer of a kind."""
    content = column.content
    if column.kind == "badge":
        return _badge_writer(column)
    if column.kind == "number":
        decimals = column.decimals
        return lambda row: _written(content(row), lambda value: reader.number(value, decimals=decimals))
    if column.kind == "date":
        style = column.date_style
        return lambda row: _written(content(row), lambda value: reader.date(value, style))
    if column.kind == "moment":
        style = column.date_style
        return lambda row: _written(content(row), lambda value: reader.moment(value, style))
    return _word_writer(column)


def _word_writer(column: Column) -> Writer:
    """Return the writer of names and texts; values with a word show it."""
    content, words = column.content, column.words()

    def write(row: Row) -> str:
        value = content(row)
        if value is None or value == "":
            return _NOTHING
        word = words.get(str(value), value) if words else value
        return f"<bdi>{_escaped(word)}</bdi>"

    return write


def _written(value: Any, write: Callable[[Any], str]) -> str:
    """Return a number or date in the reader's manner; nothing is a dash."""
    return _NOTHING if value is None else write(value)


def _badge_writer(column: Column) -> Writer:
    """Return the writer of a state column; each badge is made once."""
    content, words, states = column.content, column.words(), {str(k): v for k, v in column.states.items()}
    made: dict[Any, str] = {None: _NOTHING, "": _NOTHING}

    def write(row: Row) -> str:
        value = content(row)
        if value not in made:
            made[value] = badge(states.get(str(value), "neutral"), words.get(str(value), value))
        return made[value]

    return write


def _escaped(value: Any) -> str:
    """Return a value as HTML; `conditional_escape` without its detour for lazy words."""
    return value if isinstance(value, SafeString) else escape(str(value))


def exported_value(
    column: Column, row: Row, reader: Reader, words: Mapping[str, Words]
) -> str | int | float | dt.date:
    """Return a cell for a file: numbers as numbers, dates as dates (as Jalali text for who reads that calendar)."""
    value = column.content(row)
    if value is None:
        return ""
    if words and str(value) in words:
        return str(words[str(value)])
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, dt.date | dt.datetime):
        return _exported_date(value, reader)
    if isinstance(value, int | float):
        return value
    return float(value) if column.kind == "number" else str(value)


def _exported_date(value: dt.date | dt.datetime, reader: Reader) -> str | dt.date:
    """Return a date as the reader's calendar has it, in ASCII digits, so that spreadsheets can sort it."""
    from mehvar.kernel.text import to_ascii_digits

    if reader.calendar.value == "jalali":
        clock = f" {value:%H:%M}" if isinstance(value, dt.datetime) else ""
        return to_ascii_digits(reader.date(value, "numeric")) + clock
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
