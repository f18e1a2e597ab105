"""Draw lines: a chart with axis words, and a word-sized sparkline."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mehvar.ui.charts import frame
from mehvar.ui.data import Point
from mehvar.ui.markup import joined
from mehvar.ui.reader import Reader

TOP, HEIGHT, BOTTOM = 12, 200, 28
GUTTER = 10.0  # per cent at the inline start for the scale's words
MOST_WORDS = 7
Place = tuple[float, float]


def line(points: Sequence[Point], *, title: Any, reader: Reader, unit: Any = "") -> SafeString:
    """Return a line over equal steps; None is a gap. The scale holds zero unless all values are far from it."""
    ticks = frame.nice_ticks(*_bounds([point.value for point in points]))
    places = _places([point.value for point in points], ticks[0], ticks[-1], reader)
    drawn = joined([*_grid(ticks, reader), _paths(places), *_dots(places), *_words(points, reader)])
    svg = format_html(
        '<svg width="100%" height="{}" direction="ltr" role="img" aria-label="{}">{}</svg>',
        TOP + HEIGHT + BOTTOM,
        title,
        drawn,
    )
    rows = [(reader.digits(point.label), reader.number(point.value)) for point in points]
    return frame.figure(svg, title=title, head=(_("When"), unit or _("Value")), rows=rows, css="lines")


def sparkline(values: Sequence[float | None], *, label: Any, reader: Reader) -> SafeString:
    """Return a word-sized line whose last value is marked."""
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    span, steps = (high - low) or 1.0, max(len(values) - 1, 1)
    places = [
        None if v is None else (_along(i / steps * 92 + 4, reader), 21 - (v - low) / span * 18)
        for i, v in enumerate(values)
    ]
    last = places[-1] if places else None
    dot = (
        format_html('<circle class="line-dot" cx="{}" cy="{}" r="3"/>', *map(frame.places, last))
        if last
        else ""
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 100 24" direction="ltr" role="img" aria-label="{}">{}{}</svg>',
        label,
        _polylines(places),
        dot,
    )


def _bounds(values: Sequence[float | None]) -> tuple[float, float]:
    """Return what the scale must hold."""
    known = [value for value in values if value is not None] or [0.0, 1.0]
    low, high = min(known), max(known)
    far_from_zero = low > 0 and (high - low) < low / 2
    return (low if far_from_zero else min(low, 0.0)), (high if high != low or not far_from_zero else high + 1)


def _along(x: float, reader: Reader) -> float:
    """Return an x that runs in the reader's direction."""
    return frame.inline(x, reader=reader)


def _places(values: Sequence[float | None], low: float, high: float, reader: Reader) -> list[Place | None]:
    """Return the points as (per cent, px)."""
    steps, span = max(len(values) - 1, 1), (high - low) or 1.0
    width = 100 - GUTTER - 2
    return [
        None
        if value is None
        else (_along(GUTTER + index / steps * width, reader), TOP + HEIGHT * (1 - (value - low) / span))
        for index, value in enumerate(values)
    ]


def _grid(ticks: Sequence[float], reader: Reader) -> list[SafeString]:
    """Return the scale's lines and words."""
    span = (ticks[-1] - ticks[0]) or 1.0
    parts = []
    for tick in ticks:
        y = TOP + HEIGHT * (1 - (tick - ticks[0]) / span)
        first, second = sorted((_along(GUTTER, reader), _along(100, reader)))
        css = "zero-line" if tick == 0 else "grid-line"
        parts.append(
            format_html(
                '<line class="{}" x1="{}%" x2="{}%" y1="{}" y2="{}"/>',
                css,
                first,
                second,
                frame.places(y),
                frame.places(y),
            )
        )
        where = frame.anchor("end", reader=reader)
        parts.append(
            frame.text(
                reader.number(tick),
                x=_along(GUTTER - 1, reader),
                y=y + 4,
                anchor=where,
                reader=reader,
                css="tick-words",
            )
        )
    return parts


def _paths(places: Sequence[Place | None]) -> SafeString:
    """Return the line in a box of its own, stretched to the width while the stroke keeps its weight."""
    return format_html(
        '<svg x="0" y="0" width="100%" height="{0}" viewBox="0 0 100 {0}" preserveAspectRatio="none">{1}</svg>',
        TOP + HEIGHT + BOTTOM, _polylines(places),
    )  # fmt: skip


def _polylines(places: Sequence[Place | None]) -> SafeString:
    """Return one polyline per run without gaps."""
    runs = (list(run) for known, run in groupby(places, key=lambda place: place is not None) if known)
    drawn = (" ".join(f"{frame.places(p[0])},{frame.places(p[1])}" for p in run if p) for run in runs)
    return joined(
        format_html('<polyline class="line-path" vector-effect="non-scaling-stroke" points="{}"/>', one)
        for one in drawn
    )


def _dots(places: Sequence[Place | None]) -> list[SafeString]:
    """Return a mark per value."""
    return [
        format_html(
            '<circle class="line-dot" cx="{}%" cy="{}" r="4"/>',
            frame.places(place[0]),
            frame.places(place[1]),
        )
        for place in places
        if place
    ]


def _words(points: Sequence[Point], reader: Reader) -> list[SafeString]:
    """Return the words along the bottom: the first, the last, and as many between as fit."""
    steps = max(len(points) - 1, 1)
    every = max(1, -(-len(points) // MOST_WORDS))
    y = TOP + HEIGHT + BOTTOM - 6
    shown = [index for index in range(len(points)) if index % every == 0]
    return [
        frame.text(
            reader.digits(points[index].label),
            x=_along(GUTTER + index / steps * (100 - GUTTER - 2), reader),
            y=y,
            anchor=_word_anchor(index, steps, reader),
            reader=reader,
            css="tick-words",
        )
        for index in shown
    ]


def _word_anchor(index: int, steps: int, reader: Reader) -> str:
    """Return where a word hangs: the outer ones inwards."""
    if index == steps:
        return frame.anchor("end", reader=reader)
    return "middle" if index else frame.anchor("start", reader=reader)
