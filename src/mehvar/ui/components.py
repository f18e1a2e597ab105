"""Build the small components: badge, four cells, seal, progress, word difference.

State is never colour alone: every component carries a shape, a word and an icon (look, "Colour").
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mehvar.kernel.errors import MehvarError
from mehvar.ui.data import FourCells
from mehvar.ui.diff import word_diff as difference
from mehvar.ui.hyperlinks import safe_url
from mehvar.ui.icons import ICONS, icon
from mehvar.ui.markup import joined
from mehvar.ui.reader import Reader

BADGE_STATES = (
    "done",
    "late",
    "open",
    "overdue",
    "attention",
    "missing",
    "draft",
    "info",
    "neutral",
    "closed",
)
CELL_ORDER = ("done", "late", "open", "overdue")
_SMALL = 16
_ICONS_OF_STATES = {"open": "clock"}


def badge(state: str, label: Any) -> SafeString:
    """Return a state as shape, icon and word; an unknown state is shown as neutral."""
    known = state if state in BADGE_STATES else "neutral"
    return _badge(known, conditional_escape(label))


@lru_cache(maxsize=1024)
def _badge(state: str, label: str) -> SafeString:
    """Return the markup of a badge; lists repeat the same few."""
    drawing = icon(_ICONS_OF_STATES.get(state, state))
    return format_html(
        '<span class="badge badge-{}">{}<bdi>{}</bdi></span>', state, drawing, mark_safe(label)
    )


def seal(url: Any, label: Any) -> SafeString:
    """Return the round mark of what is on public record; it opens the page that says what this proves."""
    words = label or _("On public record")
    address = safe_url(url)
    if not address:
        return format_html('<span class="seal">{}<span>{}</span></span>', icon("seal"), words)
    return format_html('<a class="seal" href="{}">{}<span>{}</span></a>', address, icon("seal"), words)


def cell_labels() -> dict[str, str]:
    """Return the words of the four cells and of the missing, in their fixed order."""
    return dict(_cell_labels(get_language()))


@lru_cache(maxsize=8)
def _cell_labels(_language: str | None) -> Mapping[str, str]:
    """Return the words of the active language; long lists ask for them in every row."""
    return {
        "done": _("Done on time"),
        "late": _("Done late"),
        "open": _("Open in time"),
        "overdue": _("Open overdue"),
        "missing": _("Not reported"),
    }


def cell_counts(cells: FourCells) -> dict[str, int]:
    """Return the counts by cell, in the fixed order."""
    return {
        "done": cells.done_on_time,
        "late": cells.done_late,
        "open": cells.open_in_time,
        "overdue": cells.open_overdue,
        "missing": cells.missing,
    }


def four_cells_text(cells: FourCells, reader: Reader) -> str:
    """Return the block in words, total first."""
    total, number = _("%(n)s in total") % {"n": reader.number(cells.total)}, reader.number
    words = [f"{label}: {number(count)}" for label, count in _labelled(cells)]
    return "; ".join([total, *words])


def _labelled(cells: FourCells) -> list[tuple[str, int]]:
    """Return (word, count) of the cells to speak of: all four, and the missing where there are any."""
    pairs = list(zip(_cell_labels(get_language()).values(), cell_counts(cells).values(), strict=True))
    return pairs if cells.missing else pairs[:-1]


def four_cells(cells: FourCells, reader: Reader, *, size: str = "m") -> SafeString:
    """Return the 2 × 2 block: `s` is 16 px of areas beside a name, `m` and `l` show the numbers."""
    if size == "s":
        return _four_cells_small(cells, reader)
    labels, counts = cell_labels(), cell_counts(cells)
    rows = [(name, name, reader.number(counts[name]), labels[name]) for name in CELL_ORDER]
    body = format_html_join("", '<div class="cell cell-{} f-{}"><dd>{}</dd><dt>{}</dt></div>', rows)
    missing = _missing_cell(labels["missing"], counts["missing"], reader)
    total = format_html(
        '<div class="cell-total"><dt>{}</dt><dd>{}</dd></div>', _("Total"), reader.number(cells.total)
    )
    css = "fourcells fourcells-l" if size == "l" else "fourcells fourcells-m"
    return format_html('<dl class="{}">{}{}{}</dl>', css, body, missing, total)


def _missing_cell(label: str, count: int, reader: Reader) -> SafeString:
    """Return the hatched strip of what was not reported; nothing when all was."""
    if not count:
        return mark_safe("")
    number = reader.number(count)
    return format_html('<div class="cell cell-missing"><dd>{}</dd><dt>{}</dt></div>', number, label)


def filling(state: str) -> SafeString:
    """Return the SVG attribute that fills a shape with a state's colour; the missing is hatched, never plain."""
    return _FILLINGS.get(state) or format_html('class="f-{}"', state)


_FILLINGS: dict[str, SafeString] = {
    **{name: mark_safe(f'class="f-{name}"') for name in CELL_ORDER},
    "missing": mark_safe('fill="url(#hatch)"'),
}


def _four_cells_small(cells: FourCells, reader: Reader) -> SafeString:
    """Return the block as a drawing whose areas follow the counts, with its words for those who listen.

    Written without `format_html`, five times as fast: all parts are numbers and words of our own, escaped here.
    """
    drawing = "".join(
        f'<rect {_FILLINGS[name]} x="{x}" y="{y}" width="{width}" height="{height}"/>'
        for name, x, y, width, height in _areas(cells)
    )
    words = html.escape(four_cells_text(cells, reader))
    return mark_safe(
        '<svg class="cells-s" viewBox="0 0 16 16" width="16" height="16" role="img" '
        f'aria-label="{words}"><title>{words}</title>{drawing}</svg>'
    )


def _areas(cells: FourCells) -> list[tuple[str, float, float, float, float]]:
    """Return the rectangles (state, x, y, width, height): columns done | open | missing, rows in time / not."""
    if not cells.total:
        return [("missing", 0, 0, _SMALL, _SMALL)]
    columns = (
        (("done", cells.done_on_time), ("late", cells.done_late)),
        (("open", cells.open_in_time), ("overdue", cells.open_overdue)),
        (("missing", cells.missing),),
    )
    areas, x = [], 0.0
    for column in columns:
        count = sum(part for _name, part in column)
        width = _SMALL * count / cells.total
        areas += _column_areas(column, count, x, width)
        x += width
    return areas


def _column_areas(
    column: tuple[tuple[str, int], ...], count: int, x: float, width: float
) -> list[tuple[str, float, float, float, float]]:
    """Return the rectangles of one column, top first."""
    areas, y = [], 0.0
    for name, part in column:
        height = _SMALL * part / count if count else 0
        if height:
            areas.append((name, round(x, 2), round(y, 2), round(width, 2), round(height, 2)))
        y += height
    return areas


def progress(done: float, total: float, reader: Reader, *, label: Any = "") -> SafeString:
    """Return a bar with its words: "12 of 40"."""
    share = min(1.0, max(0.0, done / total)) if total else 0.0
    words = _("%(done)s of %(total)s") % {"done": reader.number(done), "total": reader.number(total)}
    name = label or _("Progress")
    return format_html(
        '<span class="progress"><progress value="{}" max="1" aria-label="{}"></progress>'
        '<span class="progress-words">{}</span></span>',
        f"{share:.4f}", name, words,
    )  # fmt: skip


def fact(value: Any, reader: Reader) -> SafeString:
    """Return the value of a fact: marked-up values as they are, numbers in the reader's digits, words isolated."""
    if value is None or value == "":
        return mark_safe("–")
    if hasattr(value, "__html__"):
        return conditional_escape(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return conditional_escape(reader.number(value))
    return format_html("<bdi>{}</bdi>", value)


def explained(error: MehvarError) -> str:
    """Return an error of ours in the active language, its places filled."""
    return error.formatted(_(error.message))


_DIFF_TAGS = {"same": "{}", "added": "<ins><bdi>{}</bdi></ins>", "removed": "<del><bdi>{}</bdi></del>"}


def word_diff(old: str, new: str) -> SafeString:
    """Return the difference of two texts as running text with `<ins>` and `<del>`, spoken as such."""
    pieces = difference(old, new)
    body = joined(format_html(_DIFF_TAGS[piece.kind], piece.text) for piece in pieces)
    return format_html('<div class="worddiff" dir="auto">{}</div>', body)


def known_icon(name: str) -> str:
    """Return the name when it is one of ours, else the neutral dot's."""
    return name if name in ICONS else "neutral"
