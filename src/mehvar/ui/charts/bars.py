"""Draw bars and stacked bars: the label above its bar, so that long names keep whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mehvar.ui.charts import frame
from mehvar.ui.components import filling
from mehvar.ui.data import Bar, Series, StackedBar
from mehvar.ui.markup import joined
from mehvar.ui.reader import Reader

ROW, BAR, BASELINE = 44, 16, 16
LONGEST = 88.0  # per cent: room for the value beside the longest bar


def bars(items: Sequence[Bar], *, title: Any, reader: Reader, unit: Any = "") -> SafeString:
    """Return bars from zero; negative values are drawn from zero backwards."""
    low = min([0.0, *(item.value for item in items)])
    high = max([0.0, *(item.value for item in items)])
    span = (high - low) or 1.0
    drawn = joined(_bar(item, row, low=low, span=span, reader=reader) for row, item in enumerate(items))
    rows = [(frame.row_label(item.label, item.url), reader.number(item.value)) for item in items]
    head = (_("Name"), unit or _("Value"))
    return frame.figure(_svg(drawn, len(items), title), title=title, head=head, rows=rows, css="bars")


def stacked(
    items: Sequence[StackedBar], series: Sequence[Series], *, title: Any, reader: Reader
) -> SafeString:
    """Return bars made of parts, in the order of `series`, on one scale.

    Raises:
        ValueError: a bar has not one value per series.
    """
    longest = max((sum(item.values) for item in items), default=0) or 1.0
    drawn = joined(
        _stack(item, series, row, longest=longest, reader=reader) for row, item in enumerate(items)
    )
    rows = [_stack_row(item, reader) for item in items]
    head = (_("Name"), *(part.label for part in series), _("Total"))
    svg = _svg(drawn, len(items), title)
    return frame.figure(svg, title=title, head=head, rows=rows, legend=frame.legend(series), css="bars")


def _svg(drawn: SafeString, rows: int, title: Any) -> SafeString:
    """Return the drawing of all rows."""
    return format_html(
        '<svg width="100%" height="{}" direction="ltr" role="img" aria-label="{}">{}</svg>',
        max(rows, 1) * ROW,
        title,
        drawn,
    )


def _bar(item: Bar, row: int, *, low: float, span: float, reader: Reader) -> SafeString:
    """Return one labelled bar with its value at its end."""
    start = (min(item.value, 0.0) - low) / span * LONGEST
    width = abs(item.value) / span * LONGEST
    value = _value(reader.number(item.value), start + width, row, reader)
    return joined([_label(item.label, row, reader), _rect(item.state, start, width, row, reader), value])


def _stack(
    item: StackedBar, series: Sequence[Series], row: int, *, longest: float, reader: Reader
) -> SafeString:
    """Return one labelled bar of parts with its total at its end."""
    parts, start = [_label(item.label, row, reader)], 0.0
    for value, part in zip(item.values, series, strict=True):
        width = value / longest * LONGEST
        if value:
            parts.append(_rect(part.state, start, width, row, reader))
        start += width
    return joined([*parts, _value(reader.number(sum(item.values)), start, row, reader)])


def _stack_row(item: StackedBar, reader: Reader) -> tuple[Any, ...]:
    """Return a bar's numbers for the table."""
    total = reader.number(sum(item.values))
    return (frame.row_label(item.label, item.url), *(reader.number(value) for value in item.values), total)


def _label(label: Any, row: int, reader: Reader) -> SafeString:
    """Return the name above a bar."""
    where = frame.anchor("start", reader=reader)
    return frame.text(
        label, x=frame.inline(0, reader=reader), y=row * ROW + BASELINE, anchor=where, reader=reader
    )


def _value(words: str, end: float, row: int, reader: Reader) -> SafeString:
    """Return the number beside a bar's end."""
    x, y = frame.inline(end + 1, reader=reader), row * ROW + BASELINE + 6 + BAR - 3
    return frame.text(words, x=x, y=y, anchor=frame.anchor("start", reader=reader), reader=reader)


def _rect(state: str, start: float, width: float, row: int, reader: Reader) -> SafeString:
    """Return a bar from `start` of `width`, both in per cent from the inline start."""
    x = 100 - start - width if reader.is_rtl else start
    return format_html(
        '<rect {} x="{}%" y="{}" width="{}%" height="{}"/>',
        filling(state), frame.places(x), row * ROW + BASELINE + 6, frame.places(width), BAR,
    )  # fmt: skip
