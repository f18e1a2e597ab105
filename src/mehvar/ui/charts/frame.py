"""Put a drawing into a figure with title, legend and data table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mehvar.ui.components import filling
from mehvar.ui.data import Series
from mehvar.ui.markup import joined, link
from mehvar.ui.reader import Reader

Cell = Any
_NICE = (1, 2, 2.5, 5, 10)


def figure(
    drawing: SafeString,
    *,
    title: Any,
    head: Sequence[Any],
    rows: Iterable[Sequence[Cell]],
    legend: Any = "",
    css: str = "",
) -> SafeString:
    """Return the figure: caption, legend, drawing, and the same numbers as a table one can open."""
    return format_html(
        '<figure class="chart {}"><figcaption>{}</figcaption>{}{}<details><summary>{}</summary>{}</details></figure>',
        css, title, legend, drawing, _("Show as a table"), data_table(title, head, rows),
    )  # fmt: skip


def data_table(title: Any, head: Sequence[Any], rows: Iterable[Sequence[Cell]]) -> SafeString:
    """Return the numbers of a chart as a table; the first column heads its row."""
    heads = format_html_join(
        "", '<th scope="col"{}>{}</th>', ((_number_class(i), words) for i, words in enumerate(head))
    )
    body = joined(_table_row(row) for row in rows)
    return format_html(
        '<div class="table-frame" tabindex="0" role="region" aria-label="{}"><table class="table">'
        '<caption class="visually-hidden">{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        title, title, heads, body,
    )  # fmt: skip


def _table_row(row: Sequence[Cell]) -> SafeString:
    """Return one row of the data table."""
    first, *others = row
    cells = format_html_join("", '<td class="is-number">{}</td>', ((cell,) for cell in others))
    return format_html('<tr><th scope="row">{}</th>{}</tr>', first, cells)


def _number_class(index: int) -> SafeString:
    """Return the class attribute of a head: all but the first column hold numbers."""
    return format_html(' class="{}"', "is-number") if index else format_html("{}", "")


def legend(series: Iterable[Series]) -> SafeString:
    """Return the names of the colours."""
    rows = ((filling(part.state), part.label) for part in series)
    return format_html(
        '<ul class="chart-legend">{}</ul>',
        format_html_join(
            "",
            '<li><svg viewBox="0 0 14 14" aria-hidden="true"><rect {} width="14" height="14" rx="2"/></svg>{}</li>',
            rows,
        ),
    )


def row_label(label: Any, url: str) -> SafeString:
    """Return the head of a table row, a link when the thing has a page."""
    return link(url, label)


def text(words: Any, *, x: float, y: float, anchor: str, reader: Reader, css: str = "") -> SafeString:
    """Return an SVG label at `x` per cent and `y` px, isolated in the reader's direction."""
    return format_html(
        '<text x="{}%" y="{}" text-anchor="{}" class="{}">{}</text>',
        places(x),
        places(y),
        anchor,
        css,
        reader.isolate(words),
    )


def inline(x: float, *, reader: Reader) -> float:
    """Return a distance in per cent from the inline start as an SVG x."""
    return 100 - x if reader.is_rtl else x


def anchor(where: str, *, reader: Reader) -> str:
    """Return the SVG anchor of an inline `start` or `end` (drawings are laid out left to right inside)."""
    if not reader.is_rtl:
        return where
    return {"start": "end", "end": "start"}.get(where, where)


def places(number: float) -> str:
    """Return a coordinate with at most two decimals, as machines read it."""
    return f"{number:.2f}".rstrip("0").rstrip(".") or "0"


SMALLEST_SPAN = 1e-290
"""Below this a step would leave the range of floating point numbers."""


def nice_ticks(low: float, high: float, *, count: int = 4) -> list[float]:
    """Return round values from at or below `low` to at or above `high`, about `count` steps."""
    span = (high - low) or abs(high) or 1.0
    raw = span / count if span > SMALLEST_SPAN else 1.0 / count
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(nice * magnitude for nice in _NICE if nice * magnitude >= raw * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 10) for index in range(first, last + 1)]
