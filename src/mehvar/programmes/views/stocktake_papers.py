"""Give the minutes of a stocktake as PDF, in the language that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mehvar.organisations import queries as organisations
from mehvar.programmes.queries import stocktakes as queries
from mehvar.programmes.rules.stocktakes import StocktakeState
from mehvar.programmes.views import stocktake_words as words
from mehvar.ui import pdf
from mehvar.ui.components import cell_labels
from mehvar.ui.reader import Reader, for_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import Stocktake
    from mehvar.ui.data import FourCells

LANGUAGES = queries.LANGUAGES
NAMED = 4
"""Up to so many bodies of one measure are named in the minutes; the frozen figures hold all of them."""


def minutes_pdf(authority: Authority, row: Stocktake, *, language: str) -> bytes:
    """Make the minutes as PDF; a stocktake that has not ended gives a draft, and says so."""
    return pdf.render_pdf("stocktake.typ", minutes_data(authority, row, language=language), language=language)


def minutes_data(authority: Authority, row: Stocktake, *, language: str) -> dict[str, Any]:
    """Give everything that the minutes print, in words of the language."""
    reader = for_language(language)
    with translation.override(language):
        found = {part: queries.figures(authority, row, part) for part in queries.PARTS}
        ended = row.state == StocktakeState.ENDED
        decided = row.figures["decisions"] if ended else queries.decisions(row)
        return {
            "title": row.title,
            "kind": _("Minutes of the stocktake"),
            "note": row.title if ended else _("Draft, not yet ended"),
            "facts": _facts(row, reader),
            "cells": cell_words(words.cells_of(found["overview"]["cells"]), reader),
            "sections": [
                _decisions(decided, reader),
                _counted(_("By field"), _("Field"), _fields(found["fields"]), reader),
                _counted(_("By province"), _("Province"), _provinces(found["provinces"], reader), reader),
                _red(found["red"], reader),
                _obstacles(found["obstacles"], reader),
                _late(found["late"], reader),
                _earlier(found["earlier"], reader),
            ],
            "attendance": _attendance(row, reader),
            "signatures": [_("Chair"), _("Secretary")],
            "fingerprint": [_("Fingerprint of the figures (SHA-256)"), row.content_hash] if ended else None,
        }


def cell_words(cells: FourCells, reader: Reader) -> dict[str, str]:
    """Give four cells as a document prints them."""
    return {
        "done": reader.number(cells.done_on_time),
        "late": reader.number(cells.done_late),
        "open": reader.number(cells.open_in_time),
        "overdue": reader.number(cells.open_overdue),
        "missing": reader.number(cells.missing),
        "total": reader.number(cells.total),
    }


def cells_columns(head: str) -> list[dict[str, Any]]:
    """Give the columns of a table of four cells."""
    labels = cell_labels()
    counts = [labels[key] for key in ("done", "late", "open", "overdue", "missing")]
    return [
        {"label": head, "width": "1fr"},
        *({"label": label, "width": "52pt", "number": True} for label in (*counts, _("Total"))),
    ]


def cells_row(label: str, cells: FourCells, reader: Reader) -> list[str]:
    """Give one row of a table of four cells."""
    found = cell_words(cells, reader)
    return [label, *(found[key] for key in ("done", "late", "open", "overdue", "missing", "total"))]


def _facts(row: Stocktake, reader: Reader) -> list[list[str]]:
    """Give the head of the minutes: as frozen at the end, else as it stands."""
    known = row.figures.get("meeting") or queries.meeting_facts(row)
    facts = [
        [_("Body"), organisations.name_in(known["body"], reader.language)],
        [_("Date"), reader.date(row.held_on)],
    ]
    if "committee" in known:
        session = f"{known['committee']} · {reader.number(known['number'])}"
        facts += [[_("Session"), session], [_("Chaired by"), known["chaired_by"] or "–"]]
    facts.append([_("About"), known["about"] or _("Everything")])
    if row.started_at:
        facts.append([_("Begun"), reader.moment(row.started_at)])
    if row.ended_at:
        facts.append([_("Ended"), reader.moment(row.ended_at)])
    return facts


def _attendance(row: Stocktake, reader: Reader) -> dict[str, Any]:
    """Give who was in the room: as frozen at the end, else as it stands."""
    seats = row.figures["attendance"] if "attendance" in row.figures else queries.attendance(row)
    return {
        "title": _("Attendance"),
        "columns": [{"label": _("Seat"), "width": "1fr"}, {"label": _("Attendance"), "width": "150pt"}],
        "rows": [
            [
                seat["name"][reader.language],
                seat["substitute"] or (_("present") if seat["present"] else _("absent")),
            ]
            for seat in seats
        ],
        "empty": "",
    }


def _section(
    title: str, columns: list[dict[str, Any]], rows: list[list[str]], *, empty: str = ""
) -> dict[str, Any]:
    return {"title": title, "columns": columns, "rows": rows, "empty": empty}


def _counted(title: str, head: str, rows: Iterable[tuple[str, FourCells]], reader: Reader) -> dict[str, Any]:
    listed = [cells_row(label, cells, reader) for label, cells in rows if cells.total]
    return _section(title, cells_columns(head), listed, empty=_("Nothing to count yet"))


def _fields(found: list[Mapping[str, Any]]) -> list[tuple[str, FourCells]]:
    return [(words.field_word(one["field"]), words.cells_of(one["cells"])) for one in found]


def _provinces(found: list[Mapping[str, Any]], reader: Reader) -> list[tuple[str, FourCells]]:
    return [(words.name_of(one["body"], reader.language), words.cells_of(one["cells"])) for one in found]


def _titled(title: str, found: Mapping[str, Any], reader: Reader) -> str:
    return f"{title} ({reader.number(found['count'])})"


def _red(found: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """Give the red list, each measure once with the bodies at which it is red."""
    columns = [
        {"label": _("Measure"), "width": "2fr"},
        {"label": _("Body"), "width": "1fr"},
        {"label": _("Due"), "width": "62pt"},
        {"label": _("Why"), "width": "1.4fr"},
    ]
    groups, _left = words.red_groups(words.red_rows(found, reader), most=queries.LONGEST_LIST)
    rows = [
        [one["text"], _bodies_of(one, reader), reader.date(one["due"], "short"), one["why"]] for one in groups
    ]
    return _section(_titled(_("Red list"), found, reader), columns, rows, empty=_("Nothing is red"))


def _bodies_of(group: Mapping[str, Any], reader: Reader) -> str:
    names = [one["body"] for one in group["bodies"]]
    if len(names) <= NAMED:
        return _(", ").join(names)
    number = len(names)
    return ngettext("%(shown)s body", "%(shown)s bodies", number) % {"shown": reader.number(number)}


def _obstacles(found: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    columns = [
        {"label": _("Obstacle"), "width": "1.4fr"},
        {"label": _("Body"), "width": "1fr"},
        {"label": _("Decision needed"), "width": "1.6fr"},
        {"label": _("Due"), "width": "62pt"},
    ]
    rows = [
        [one["title"], one["body"], one["needed"], reader.date(one["due"], "short")]
        for one in words.obstacle_rows(found, reader)
    ]
    title = _titled(_("Obstacles waiting for a decision"), found, reader)
    return _section(title, columns, rows, empty=_("Nothing waits for a decision"))


def _late(found: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    columns = [
        {"label": _("Body"), "width": "2fr"},
        {"label": _("Period"), "width": "80pt"},
        {"label": _("Report due"), "width": "80pt"},
    ]
    rows = [
        [one["body"], one["period"], reader.date(one["due"], "short")]
        for one in words.late_rows(found, reader)
    ]
    return _section(_titled(_("Late reports"), found, reader), columns, rows, empty=_("No report is late"))


def _earlier(found: list[dict[str, Any]], reader: Reader) -> dict[str, Any]:
    columns = [*_decision_columns(), {"label": _("What became of it"), "width": "90pt"}]
    rows = [[*_decision(one, reader), one["word"]] for one in words.decision_rows(found, reader)]
    return _section(_("Earlier decisions"), columns, rows, empty=_("There was no decision before"))


def _decisions(found: list[dict[str, Any]], reader: Reader) -> dict[str, Any]:
    rows = [_decision(one, reader) for one in words.decision_rows(found, reader)]
    return _section(_("Decisions"), _decision_columns(), rows, empty=_("No decision was taken"))


def _decision_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("No."), "width": "28pt", "number": True},
        {"label": _("Decision"), "width": "2fr"},
        {"label": _("Owner"), "width": "1fr"},
        {"label": _("Until"), "width": "70pt"},
    ]


def _decision(one: dict[str, Any], reader: Reader) -> list[str]:
    return [
        reader.number(one["number"]),
        one["text"],
        one["owner"],
        reader.date(one["due"], "short"),
    ]
