"""Draw a country as squares, one per province, roughly where they lie; east stays east in every language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from mehvar.ui.charts import frame
from mehvar.ui.components import cell_counts, cell_labels, filling
from mehvar.ui.data import FourCells, Tile
from mehvar.ui.hyperlinks import safe_url
from mehvar.ui.markup import joined
from mehvar.ui.reader import Reader

STEP, SIDE = 52, 48
LETTER, WIDEST = 0.58, 44.0
"""A letter's mean width in parts of its size, and the widest line that a square takes, in its units."""
SIZES = (13.0, 11.5, 10.0, 9.0)
MANY_COLUMNS = 7


def tile_map(tiles: Sequence[Tile], *, title: Any, reader: Reader) -> SafeString:
    """Return the map; a tile shows its name on one or two lines with a value, or its own four cells as areas.

    Tiles with a `url` are links. The table beneath names every province in full.
    """
    if not tiles:
        return frame.figure(mark_safe(""), title=title, head=(_("Name"), _("Value")), rows=(), css="tilemap")
    west, north = min(tile.x for tile in tiles), min(tile.y for tile in tiles)
    width = (max(tile.x for tile in tiles) - west + 1) * STEP
    height = (max(tile.y for tile in tiles) - north + 1) * STEP
    drawn = joined(_tile(tile, west, north, reader) for tile in tiles)
    svg = format_html(
        '<svg viewBox="0 0 {} {}" direction="ltr" role="group" aria-label="{}">{}</svg>',
        width,
        height,
        title,
        drawn,
    )
    head, rows = _table(tiles, reader)
    css = "tilemap is-wide" if width > MANY_COLUMNS * STEP else "tilemap"
    return frame.figure(svg, title=title, head=head, rows=rows, css=css)


def name_lines(name: str) -> list[str]:
    """Break a name into one or two lines, as even as its words allow; a name of one short word stays whole."""
    words = name.split()
    if len(words) < 2 or len(name) <= SIZES[0] // 2:  # noqa: PLR2004 - two lines need two words
        return [name]
    breaks = [(" ".join(words[:place]), " ".join(words[place:])) for place in range(1, len(words))]
    return list(min(breaks, key=lambda pair: max(map(len, pair))))


def _named(name: str, x: int, y: float, css: str, *, room: float = 28.0) -> SafeString:
    """Write a name into a square, its last line ending ``room`` units under ``y`` at most, as large as it fits."""
    lines = name_lines(name)
    longest = max(map(len, lines))
    fitting = [size for size in SIZES[2 * (len(lines) - 1) :] if longest * size * LETTER <= WIDEST]
    size = fitting[0] if fitting else SIZES[-1]
    first = y + (room - size * len(lines)) / 2 + size * 0.85
    written = []
    for place, line in enumerate(lines):
        squeeze = (
            format_html(' textLength="{}" lengthAdjust="spacingAndGlyphs"', WIDEST)
            if len(line) * size * LETTER > WIDEST
            else ""
        )
        written.append(
            format_html(
                '<text x="{}" y="{}" text-anchor="middle" class="{} tile-size-{}"{}>{}</text>',
                x + SIDE / 2,
                frame.places(first + place * size * 1.1),
                css,
                SIZES.index(size),
                squeeze,
                line,
            )
        )
    return joined(written)


def _tile(tile: Tile, west: int, north: int, reader: Reader) -> SafeString:
    """Return one square, a link when the province has a page."""
    x, y = (tile.x - west) * STEP + 2, (tile.y - north) * STEP + 2
    words = _spoken(tile, reader)
    inside = _cells(tile, x, y) if tile.cells else _plain(tile, x, y, reader)
    address = safe_url(tile.url)
    if not address:
        return format_html('<g role="img" aria-label="{}"><title>{}</title>{}</g>', words, words, inside)
    return format_html('<a href="{}" aria-label="{}"><title>{}</title>{}</a>', address, words, words, inside)


def _plain(tile: Tile, x: int, y: int, reader: Reader) -> SafeString:
    """Return a square in its state's colour with code and value."""
    parts = [
        format_html(
            '<rect class="tile f-{0}" {1} x="{2}" y="{3}" width="{4}" height="{4}" rx="4"/>',
            tile.state,
            _hatch(tile.state),
            x,
            y,
            SIDE,
        )
    ]
    if tile.state == "missing":
        parts.append(
            format_html(
                '<rect class="tile-plate" x="{}" y="{}" width="44" height="32" rx="3"/>', x + 2, y + 8
            )
        )
    if tile.value is None:
        return joined([*parts, _named(tile.code, x, y + 10, f"tile-code on-{tile.state}")])
    value = _words(reader.number(tile.value), x, y + 43, f"tile-value on-{tile.state}")
    return joined([*parts, _named(tile.code, x, y + 3, f"tile-code on-{tile.state}"), value])


def _hatch(state: str) -> SafeString:
    """Return the fill of what has not been reported."""
    return filling(state) if state == "missing" else mark_safe("")


def _cells(tile: Tile, x: int, y: int) -> SafeString:
    """Return a square made of four cells under the province's code: the share of each as area."""
    cells = tile.cells or FourCells()
    counts = cell_counts(cells)
    parts = [
        format_html(
            '<rect class="tile tile-ground" x="{0}" y="{1}" width="{2}" height="{2}" rx="4"/>', x, y, SIDE
        )
    ]
    parts.append(_named(tile.code, x, y + 1, "tile-code", room=22.0))
    parts += _strip(counts, cells.total, x + 4, y + 25)
    return joined(parts)


def _strip(counts: dict[str, int], total: int, x: float, y: float) -> list[SafeString]:
    """Return the 2 × 2 areas in the lower part of a tile."""
    wide, tall, parts = SIDE - 8.0, 20.0, []
    for pair in (("done", "late"), ("open", "overdue"), ("missing",)):
        count = sum(counts[name] for name in pair)
        width, top = (wide * count / total if total else 0.0), y
        for name in pair:
            height = tall * counts[name] / count if count else 0.0
            if height:
                sizes = map(frame.places, (x, top, width, height))
                parts.append(
                    format_html('<rect {} x="{}" y="{}" width="{}" height="{}"/>', filling(name), *sizes)
                )
            top += height
        x += width
    return parts


def _words(words: Any, x: float, y: float, css: str) -> SafeString:
    """Return a word in the middle of a tile."""
    return format_html(
        '<text x="{}" y="{}" text-anchor="middle" class="{}">{}</text>', x + SIDE / 2, y, css, words
    )


def _spoken(tile: Tile, reader: Reader) -> str:
    """Return a tile in words."""
    if tile.cells:
        labels, counts = cell_labels(), cell_counts(tile.cells)
        return f"{tile.label}: " + ", ".join(
            f"{labels[name]} {reader.number(counts[name])}" for name in labels
        )
    return (
        f"{tile.label}: {reader.number(tile.value)}"
        if tile.value is not None
        else f"{tile.label}: {_('Not reported')}"
    )


def _table(tiles: Sequence[Tile], reader: Reader) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    """Return head and rows of the table beneath."""
    if any(tile.cells for tile in tiles):
        return (_("Name"), *cell_labels().values()), [
            (
                frame.row_label(t.label, t.url),
                *(reader.number(n) for n in cell_counts(t.cells or FourCells()).values()),
            )
            for t in tiles
        ]
    return (_("Name"), _("Value")), [(frame.row_label(t.label, t.url), reader.number(t.value)) for t in tiles]
