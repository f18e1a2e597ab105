"""Write tables of four cells: one row to a body or field, and the heat of bodies by fields. In Python, since there are thousands of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from mehvar.programmes.tables.deliveries import CELL_WORDS
from mehvar.ui.components import four_cells
from mehvar.ui.data import FourCells
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from mehvar.ui.reader import Reader

COUNTS = ("done_on_time", "done_late", "open_in_time", "open_overdue", "missing", "total")
HOT, WARM = 0.4, 0.15


@dataclass(frozen=True, slots=True)
class CellRow:
    """Hold one row: what it is about, where its list is, and its cells."""

    label: str
    url: str
    cells: FourCells
    page: str = ""
    """Where the label leads, if elsewhere than the list."""


def cells_table(rows: Sequence[CellRow], *, caption: str, head: str, reader: Reader) -> SafeString:
    """Write a table with the small block and the numbers of each row; numbers link to the list in that cell."""
    words = [*(str(word) for _key, word in CELL_WORDS), _("Total")]
    heads = "".join(f'<th scope="col" class="is-number">{escape(word)}</th>' for word in words)
    body = "".join(_cells_row(row, reader) for row in rows)
    return _framed(
        f'<thead><tr><th scope="col">{escape(head)}</th><th scope="col" class="is-cells">'
        f'<span class="visually-hidden">{escape(_("Four cells"))}</span></th>{heads}</tr></thead><tbody>{body}</tbody>',
        caption,
        "table cells-table",
    )


def _cells_row(row: CellRow, reader: Reader) -> str:
    numbers = "".join(f'<td class="is-number">{_number(row, name, reader)}</td>' for name in COUNTS)
    return (
        f'<tr><th scope="row">{_label(row)}</th>'
        f'<td class="is-cells">{four_cells(row.cells, reader, size="s")}</td>{numbers}</tr>\n'
    )


def _label(row: CellRow) -> str:
    words, page = f"<bdi>{escape(row.label)}</bdi>", row.page or row.url
    return f'<a href="{escape(page)}">{words}</a>' if page else words


def _number(row: CellRow, name: str, reader: Reader) -> str:
    count = getattr(row.cells, name)
    written = reader.number(count)
    if not count or name == "total" or not row.url:
        return written
    return f'<a href="{escape(_in_cell(row.url, name))}">{written}</a>'


def _in_cell(url: str, cell: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}cell={cell}"


def heat_table(
    rows: Sequence[CellRow],
    columns: Sequence[str],
    cells: Mapping[tuple[str, str], FourCells],
    *,
    caption: str,
    reader: Reader,
) -> SafeString:
    """Write bodies by fields: overdue of all in each place, the redder the larger its share; hatched where most kept silent."""
    heads = "".join(
        f'<th scope="col"><bdi>{escape(name or _("Without a field"))}</bdi></th>' for name in columns
    )
    number = _remembered(reader)
    body = "".join(
        f'<tr><th scope="row">{_label(row)}</th>'
        + "".join(_heat(cells.get((row.url, name)), number) for name in columns)
        + "</tr>\n"
        for row in rows
    )
    corner = f'<th scope="col">{escape(_("Body"))}</th>'
    return _framed(f"<thead><tr>{corner}{heads}</tr></thead><tbody>{body}</tbody>", caption, "table heat")


def heat_legend() -> list[tuple[str, str]]:
    """Give the classes of the heat with their words, the coolest first."""
    reader = reader_of()
    warm, hot = reader.percent(WARM), reader.percent(HOT)
    return [
        ("h0", _("none overdue")),
        ("h1", _("less than %(share)s") % {"share": warm}),
        ("h2", _("from %(share)s") % {"share": warm}),
        ("h3", _("from %(share)s") % {"share": hot}),
        ("hm", _("mostly not reported")),
    ]


def _remembered(reader: Reader) -> Mapping[int, str]:
    class Written(dict[int, str]):
        def __missing__(self, value: int) -> str:
            self[value] = reader.number(value)
            return self[value]

    return Written()


def _heat(cells: FourCells | None, number: Mapping[int, str]) -> str:
    if cells is None or not cells.total:
        return "<td></td>"
    return f'<td class="{heat_of(cells)}">{number[cells.open_overdue]}/{number[cells.total]}</td>'


def heat_of(cells: FourCells) -> str:
    """Give the class by which a place is coloured."""
    share = cells.open_overdue / cells.total
    if share == 0:
        return "hm" if cells.missing * 2 > cells.total else "h0"
    if share >= HOT:
        return "h3"
    return "h2" if share >= WARM else "h1"


def _framed(inner: str, caption: str, css: str) -> SafeString:
    spoken = escape(caption)
    return mark_safe(  # every part is escaped above
        f'<div class="table-frame" tabindex="0" role="region" aria-label="{spoken}">'
        f'<table class="{css}"><caption class="visually-hidden">{spoken}</caption>{inner}</table></div>'
    )
