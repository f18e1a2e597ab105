"""Show a plan as a grid to fill in, save it row by row while one works, or as a whole without JavaScript.

A row that somebody else changed comes back with both versions; whatever was typed stays in its cell.
Source: design page "The look", plan entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mehvar.kernel.errors import Conflict, InputError, MehvarError, NotFound
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import plans as actions
from mehvar.programmes.actions.plans import Clash, Saved
from mehvar.programmes.forms.plans import ItemForm, cells_of, written
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries.plans import StoredItem
from mehvar.programmes.rules import quality as quality_rules
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.plans import MOST_ITEMS
from mehvar.programmes.views import plan_words as words
from mehvar.programmes.views.plans import body_of, findings_of, plan_crumbs, seen_plan
from mehvar.programmes.views.programmes import POST_TOO
from mehvar.ui import notices
from mehvar.ui.refusals import said

if TYPE_CHECKING:
    from mehvar.programmes.models import Plan

BLANK_ROWS = 3
MOST_BLANK_ROWS = 50
_PREFIX = re.compile(r"[a-z][0-9A-Za-z]{0,40}")


class Grid:
    """Hold the forms of a plan's rows, and how their reader writes."""

    def __init__(self, request: HttpRequest, plan: Plan) -> None:
        """Read what the rows need: the measures that may be served and the way of writing."""
        self.request = request
        self.plan = plan
        self.writing: Writing = words.writing_for(plan.call, request)
        self.measures = queries.measures_asked(plan)
        self.sources = [(str(row.pk), _label(row)) for row in self.measures]
        self.stands_for = {row.derived_from_id: row.pk for row in self.measures if row.derived_from_id}

    def stored_row(self, item: StoredItem) -> ItemForm:
        """Give the row of a stored item."""
        cells = written(item, self.writing)
        local = self.stands_for.get(item.content.source_id or 0)
        return self.row(f"r{item.public_id}", initial=cells | ({"source": str(local)} if local else {}))

    def shown(self, item: StoredItem) -> dict[str, Any]:
        """Give what the page shows of a stored item."""
        return {"form": self.stored_row(item), "item": item, "clash": None}

    def row(self, prefix: str, **options: Any) -> ItemForm:
        """Make a row's form."""
        return ItemForm(prefix=prefix, writing=self.writing, sources=self.sources, auto_id="id_%s", **options)

    def blank_row(self, number: int) -> ItemForm:
        """Make an empty row."""
        return self.row(f"n{number}", initial={"number": number})

    def posted(self) -> list[ItemForm]:
        """Give the rows that were sent, in their order."""
        prefixes = [one for one in self.request.POST.getlist("rows") if _PREFIX.fullmatch(one)]
        return [self.row(one, data=self.request.POST) for one in dict.fromkeys(prefixes)][: MOST_ITEMS + 50]

    def check(self, items: Iterable[StoredItem]) -> dict[str, Any]:
        """Give what the side list shows."""
        found_items = tuple(items)
        asked = queries.asked_of(self.plan, self.measures)
        found = quality_rules.quality_of(queries.by_number(found_items), asked)
        return {"quality": found, "findings": findings_of(found, found_items)}


def _label(row: Any) -> str:
    number = f"{row.measure.number} " if row.measure is not None and row.measure.number else ""
    return f"{number}{programmes.text_of(row)}"[:90]


def editable(request: HttpRequest, public_id: str) -> Plan:
    """Give a plan whose grid the person fills in."""
    plan = seen_plan(request, public_id)
    if not queries.may_file(organisations.authority_in(request), plan):
        raise NotFound("There is no such plan.", code="unknown-plan")
    return plan


@login_required
@require_http_methods(POST_TOO)
def plan_grid(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the grid; take it as a whole when it is sent."""
    plan = editable(request, public_id)
    if not queries.may_edit(organisations.authority_in(request), plan):
        notices.note(request, _("The plan cannot be changed now."))
        return redirect("programmes:plan", public_id)
    grid = Grid(request, plan)
    if request.method == "POST":
        return _take_all(grid)
    items = queries.items_of(plan.pk)
    return _page(grid, items, [grid.shown(item) for item in items])


def _take_all(grid: Grid) -> HttpResponse:
    """Save all rows that can be read; show the others again with what is wrong."""
    forms = grid.posted()
    good = [form for form in forms if form.is_valid()]
    wrong = [form for form in forms if not form.is_valid()]
    try:
        saved = actions.save_items(words.person(grid.request), grid.plan.pk, [form.edit() for form in good])
    except (InputError, Conflict) as error:
        notices.failed(grid.request, said(error))
        return _again(grid, forms, (), 422)
    if wrong or saved.clashes:
        if saved.changed or saved.fresh:
            notices.note(grid.request, _("The other rows are saved."))
        return _again(grid, forms, saved.clashes, 409 if saved.clashes else 422, saved)
    notices.done(grid.request, _("Saved."))
    return redirect("programmes:plan_grid", grid.plan.public_id)


def _again(
    grid: Grid,
    forms: Sequence[ItemForm],
    clashes: Iterable[Clash],
    status: int,
    saved: Saved | None = None,
) -> HttpResponse:
    """Show the rows as they were sent: nothing that was typed is lost; saved ones as they are stored now."""
    grid.plan.refresh_from_db(fields=["version", "state"])
    items = queries.items_of(grid.plan.pk)
    by_id = {item.public_id: item for item in items}
    clash_of = {clash.edit.public_id: clash for clash in clashes}
    fresh = dict(saved.fresh) if saved else {}
    rows, shown = [], set()
    for form in forms:
        row = _row_again(grid, form, by_id, clash_of, fresh)
        if row is not None:
            rows.append(row)
            shown.add(row["item"].public_id if row["item"] else "")
    rows += [{"form": grid.stored_row(item), "item": item} for item in items if item.public_id not in shown]
    return _page(grid, items, rows, status=status)


def _row_again(
    grid: Grid,
    form: ItemForm,
    by_id: dict[str, StoredItem],
    clash_of: dict[str, Clash],
    fresh: dict[int, str],
) -> dict[str, Any] | None:
    sent_id = str(form["public_id"].value() or "")
    item = by_id.get(sent_id or fresh.get(form.shown_number, ""))
    if sent_id in clash_of:
        return {
            "form": _with_theirs(grid, form, clash_of[sent_id]),
            "item": item,
            "clash": _both(grid, clash_of[sent_id]),
        }
    if form.is_valid() and (item is None or item.content == form.content()):
        return grid.shown(item) if item else None
    return {"form": form, "item": item, "clash": None}


def _with_theirs(grid: Grid, form: ItemForm, clash: Clash) -> ItemForm:
    """Give the row with what was typed and the version to which it now answers; saving again is a decision."""
    data = grid.request.POST.copy()
    data[f"{form.prefix}-version"] = str(clash.theirs.version if clash.theirs else 0)
    if clash.theirs is None:
        data[f"{form.prefix}-public_id"] = ""
    again = grid.row(str(form.prefix), data=data)
    again.is_valid()
    return again


def _both(grid: Grid, clash: Clash) -> dict[str, Any]:
    """Give the cells in which the two versions differ."""
    if clash.theirs is None:
        return {"gone": True, "cells": []}
    mine, theirs = cells_of(clash.edit.content, grid.writing), cells_of(clash.theirs.content, grid.writing)
    labels = {name: field.label for name, field in ItemForm.base_fields.items()}
    named = dict(grid.sources)
    return {
        "gone": False,
        "cells": [
            {
                "label": labels[name],
                "theirs": named.get(theirs[name], theirs[name]) if name == "source" else theirs[name],
                "mine": named.get(mine[name], mine[name]) if name == "source" else mine[name],
            }
            for name in ItemForm.CELLS
            if mine[name] != theirs[name]
        ],
    }


def _page(
    grid: Grid, items: Sequence[StoredItem], rows: list[dict[str, Any]], *, status: int = 200
) -> HttpResponse:
    """Show the grid with its empty rows and the side list."""
    plan, request = grid.plan, grid.request
    numbers = [item.number for item in items] + [row["form"].shown_number for row in rows]
    first = max(numbers, default=0) + 1
    wanted = request.GET.get("blank", "")
    blank = min(int(wanted), MOST_BLANK_ROWS) if wanted.isdigit() else BLANK_ROWS
    rows = rows + [{"form": grid.blank_row(first + n), "item": None, "clash": None} for n in range(blank)]
    context = {
        "plan": plan,
        "call": plan.call,
        "body": body_of(plan),
        "rows": rows,
        "heads": [ItemForm.base_fields[name].label for name in ItemForm.CELLS],
        "state": words.badge(words.PLAN_STATES, words.state_of(plan)),
        "row_url": reverse("programmes:plan_row", args=[plan.public_id]),
        "remarks": [row for row in queries.remarks_of(plan.pk) if row.settled_at is None],
        "axis": words.axis(plan.call.programme, at="plan", plan=plan),
        "breadcrumbs": [*plan_crumbs(plan, organisations.authority_in(request)), _own_crumb(plan)],
        "page_wide": True,
        **grid.check(items),
    }
    return render(request, "programmes/plans/grid.html", context, status=status)


def _own_crumb(plan: Plan) -> tuple[str, str]:
    return body_of(plan), reverse("programmes:plan", args=[plan.public_id])


@login_required
@require_POST
def plan_row(request: HttpRequest, public_id: str) -> HttpResponse:
    """Save one row while its person works on; answer with the row's mark and the side list only, so that no cell loses focus."""
    plan = editable(request, public_id)
    grid = Grid(request, plan)
    forms = grid.posted()[:1]
    if not forms:
        raise NotFound("There is no such row.", code="unknown-row")
    form, saved, problem = forms[0], None, ""
    if form.is_valid():
        try:
            saved = actions.save_items(words.person(request), plan.pk, [form.edit()])
        except NotFound:
            raise
        except MehvarError as error:
            problem = said(error)
    return _mark(grid, form, saved, problem)


def _mark(grid: Grid, form: ItemForm, saved: Saved | None, problem: str) -> HttpResponse:
    items = queries.items_of(grid.plan.pk)
    sent_id = str(form["public_id"].value() or "")
    fresh = next(iter(saved.fresh.values()), "") if saved else ""
    item = next((one for one in items if one.public_id == (sent_id or fresh)), None)
    clash = saved.clashes[0] if saved and saved.clashes else None
    number = item.number if item else form.shown_number
    context = {
        "prefix": form.prefix,
        "number": number,
        "public_id": "" if clash and clash.theirs is None else (item.public_id if item else sent_id),
        "version": clash.theirs.version
        if clash and clash.theirs
        else (item.version if item and saved else _sent(form)),
        "state": _state(saved, clash, problem, form),
        "problems": [problem] if problem else [line for lines in form.errors.values() for line in lines],
        "clash": _both(grid, clash) if clash else None,
        "appended": {"form": grid.blank_row(number + BLANK_ROWS), "item": None, "clash": None}
        if fresh
        else None,
        "row_url": reverse("programmes:plan_row", args=[grid.plan.public_id]),
        "plan": grid.plan,
        **grid.check(items),
    }
    return render(grid.request, "programmes/plans/row_mark.html", context)


def _sent(form: ItemForm) -> Any:
    return form["version"].value() or ""


def _state(saved: Saved | None, clash: Clash | None, problem: str, form: ItemForm) -> str:
    if clash:
        return "clash"
    if problem or form.errors:
        return "wrong"
    return "saved" if saved else ""


urlpatterns = [
    path("plans/<slug:public_id>/grid/", plan_grid, name="plan_grid"),
    path("plans/<slug:public_id>/row/", plan_row, name="plan_row"),
]
