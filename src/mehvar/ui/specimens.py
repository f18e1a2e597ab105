"""Make up the specimens that the style guide shows; nothing here is data of the platform."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mehvar.ui import tables
from mehvar.ui.components import BADGE_STATES
from mehvar.ui.data import (
    AxisStep,
    Bar,
    FourCells,
    Point,
    Series,
    StackedBar,
    SummaryRow,
    TaskItem,
    Tile,
    TimelineEvent,
)
from mehvar.ui.icons import ICONS

if TYPE_CHECKING:
    from django.http import HttpRequest

_NOON = dt.datetime(2020, 5, 10, 9, 30, tzinfo=dt.UTC)
DIFFERENCES = (
    (
        "وزارت ارتباطات برنامه‌های جهش تولید را ظرف مدت شش ماه تهیه می‌کند.",
        "وزارت ارتباطات برنامه‌های جهش تولید را ظرف مدت سه ماه تهیه و ابلاغ می‌کند.",
    ),
    (
        "Bộ Thông tin và Truyền thông chủ trì, hoàn thành trong quý II năm 2020.",
        "Bộ Thông tin và Truyền thông chủ trì, phối hợp với Bộ Công Thương, hoàn thành trong quý III năm 2020.",
    ),
    (
        "The province files its plan within two months.",
        "The province files its operational plan within one month.",
    ),
)


ACTS = (
    ("add", gettext_lazy("Add")),
    ("change", gettext_lazy("Change")),
    ("delete", gettext_lazy("Delete")),
    ("view", gettext_lazy("See")),
)
ACT_STATES = {"add": "done", "change": "attention", "delete": "overdue", "view": "info"}


class RightsTable(tables.Table):
    """List the rights that Django knows: real rows to try filter, order, paging and export on."""

    name = "rights"
    caption = gettext_lazy("Rights of the administration")
    columns = (
        tables.Column("name", gettext_lazy("Name"), kind="link", link=lambda row: f"#right-{row['id']}", sortable=True, filter="search"),
        tables.Column("codename", gettext_lazy("Code"), sortable=True, filter="search"),
        tables.Column("room", gettext_lazy("Room"), source="content_type__app_label", sortable=True),
        tables.Column(
            "act", gettext_lazy("Act"), kind="badge", value=lambda row: row["codename"].split("_")[0], choices=ACTS, states=ACT_STATES,
            filter="choice", filter_by=lambda rows, act: rows.filter(codename__startswith=f"{act}_"),
        ),
        tables.Column("id", gettext_lazy("No."), kind="number", sortable=True),
    )  # fmt: skip
    default_sort = "id"
    page_size = 25


class SpecimenForm(forms.Form):
    """Show every kind of control."""

    title = forms.CharField(
        label=gettext_lazy("Title"), help_text=gettext_lazy("As it will stand on the public page.")
    )
    due_on = forms.CharField(
        label=gettext_lazy("Due date"),
        required=False,
        help_text=gettext_lazy("For example 31 6 1402 or 22 9 2023."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("plan", gettext_lazy("Plan")), ("report", gettext_lazy("Report"))],
        widget=forms.RadioSelect,
    )
    body = forms.ChoiceField(
        label=gettext_lazy("Lead body"),
        choices=[("", "—"), ("a", gettext_lazy("Planning deputy"))],
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    public = forms.BooleanField(label=gettext_lazy("Put on public record"), required=False)


def specimens(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the style guide."""
    wrong = SpecimenForm({"title": "", "kind": ""}, prefix="wrong", auto_id="wrong_%s")
    wrong.is_valid()
    return {
        "breadcrumbs": [(_("Start"), "/"), (_("Style guide"), "")],
        "badges": list(zip(BADGE_STATES, _badge_words(), strict=True)),
        "icon_names": sorted(ICONS),
        "cells": FourCells(14068, 1983, 5640, 223, 312),
        "cells_small": [(name, cells) for name, cells in zip(_provinces(), _small_cells(), strict=False)],
        "form": SpecimenForm(auto_id="right_%s"),
        "wrong_form": wrong,
        "page_specimen": Paginator(range(4210), 50).page(_page_number(request)),
        "differences": DIFFERENCES,
        "moment": _NOON,
        "day": _NOON.date(),
        "swatches": ("done", "late", "open", "overdue", "attention", "missing", "action", "ink"),
        **_threads(),
        **_charts(),
    }


def _page_number(request: HttpRequest) -> int:
    """Return the specimen's page from the query, 7 when it says nothing sensible."""
    asked = request.GET.get("page", "")
    return min(max(int(asked), 1), 85) if asked.isdecimal() else 7


def _threads() -> dict[str, Any]:
    """Return the specimens of axis, timeline, facts and tasks."""
    return {
        "steps": [
            AxisStep(_("Clause"), "#axis", "done", _("Article 4")),
            AxisStep(_("Measure"), "#axis", "done", _("Promulgated")),
            AxisStep(_("Plan"), "#axis", "current", _("In review")),
            AxisStep(_("Progress"), "#axis"),
            AxisStep(_("Figure"), "#axis"),
            AxisStep(_("Report"), "#axis"),
        ],
        "events": [
            TimelineEvent(_("Promulgated"), _NOON, _("Minister"), state="done", url="#timeline"),
            TimelineEvent(
                _("Deadline moved"),
                dt.date(2020, 4, 28),
                _("Planning deputy"),
                _("First date kept: the governor asked for a month."),
                state="attention",
            ),
            TimelineEvent(_("Draft written"), dt.date(2020, 4, 2), _("Planning officer"), state="draft"),
        ],
        "facts": [
            SummaryRow(_("Number"), "01/CT-BTTTT"),
            SummaryRow(_("Lead body"), _("Planning deputy"), "#summary", _("Change")),
            SummaryRow(_("Measures"), 183),
        ],
        "tasks": [
            TaskItem(
                _("Answer all proposals"),
                "#tasks",
                "overdue",
                _("3 left"),
                _("Each proposal needs an answer with a reason."),
            ),
            TaskItem(_("Settle the flags of the import"), "#tasks", "done", _("Done")),
            TaskItem(_("Name an outcome for each measure"), "#tasks", "open", _("12 left")),
        ],
    }


def _badge_words() -> list[str]:
    """Return a word per badge state, in their order."""
    return [
        _("Done on time"), _("Done late"), _("Open in time"), _("Open overdue"), _("Needs attention"),
        _("Not reported"), _("Draft"), _("In review"), _("Withdrawn"), _("Closed"),
    ]  # fmt: skip


def _provinces() -> tuple[str, ...]:
    """Return names in several scripts, as lists really hold them."""
    return ("مازندران", "آذربایجان شرقی", "Thừa Thiên Huế", "Khánh Hòa")


def _small_cells() -> tuple[FourCells, ...]:
    """Return one block per province."""
    return (FourCells(40, 3, 12, 1), FourCells(12, 9, 20, 14), FourCells(33, 0, 4, 0, 8), FourCells())


def _charts() -> dict[str, Any]:
    """Return the specimens of charts."""
    fields = (
        _("Post"),
        _("Telecommunications"),
        _("Information technology"),
        _("Network security"),
        _("ICT industry"),
    )
    series = [
        Series(_("Done on time"), "done"),
        Series(_("Done late"), "late"),
        Series(_("Open in time"), "open"),
        Series(_("Open overdue"), "overdue"),
        Series(_("Not reported"), "missing"),
    ]
    parts = ((5, 1, 2, 0, 0), (18, 6, 12, 4, 0), (7, 2, 5, 1, 1), (20, 3, 9, 2, 5), (9, 4, 6, 1, 0))
    return {
        "bars": [Bar(label, value) for label, value in zip(fields, (8, 40, 16, 39, 20), strict=True)],
        "series": series,
        "stack": [StackedBar(label, values) for label, values in zip(fields, parts, strict=True)],
        "points": [
            Point(str(index + 1), value)
            for index, value in enumerate((12, 19, 27, None, 41, 46, 58, 61, 75, 88))
        ],
        "spark": [3, 5, 4, 8, 9, 12, 11, 15],
        "tiles": _tiles(),
    }


def _tiles() -> list[Tile]:
    """Return a small made-up country: coloured tiles, and one with its own four cells."""
    states = ("done", "open", "late", "overdue", "missing", "attention", "info")
    tiles = [
        Tile(
            f"{row}{column}",
            _("Province %(n)s") % {"n": f"{row}{column}"},
            column,
            row,
            value=(row * 7 + column * 3) % 23 or None,
            state=states[(row * 3 + column) % 7],
            url="#tiles",
        )
        for row in range(4)
        for column in range(1 + row % 2, 7)
    ]
    return [
        *tiles,
        Tile("IR", _("Province with four cells"), 7, 1, cells=FourCells(12, 3, 8, 4, 2), url="#tiles"),
    ]
