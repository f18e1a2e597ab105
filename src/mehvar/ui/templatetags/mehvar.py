"""Offer the components as template tags: `{% load mehvar %}` (docs/rooms/ui.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import template
from django.core.paginator import Page
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mehvar.ui import charts, components, data, forms, icons, notices
from mehvar.ui.hyperlinks import safe_url
from mehvar.ui.paging import page_links
from mehvar.ui.reader import Reader, reader_of

if TYPE_CHECKING:
    from django.forms import BaseForm, BoundField

    from mehvar.kernel.errors import MehvarError
    from mehvar.ui.tables import Table

register = template.Library()
Context = template.Context


def _reader(context: Context) -> Reader:
    """Return who reads this page."""
    return reader_of(context.get("request"))


@register.simple_tag
def badge(state: str, label: Any) -> SafeString:
    """Show a state as shape, icon and word."""
    return components.badge(state, label)


@register.simple_tag
def icon(name: str, label: Any = "") -> SafeString:
    """Show one of our icons."""
    return icons.icon(components.known_icon(name), str(label))


@register.simple_tag
def seal(url: str, label: Any = "") -> SafeString:
    """Show the mark of the public record."""
    return components.seal(url, label)


@register.simple_tag(takes_context=True)
def fourcells(context: Context, *counts: int, missing: int = 0, size: str = "m") -> SafeString:
    """Show the four cells from counts: done on time, done late, open in time, open overdue[, missing]."""
    done, late, in_time, overdue, *rest = counts
    cells = data.FourCells(done, late, in_time, overdue, rest[0] if rest else missing)
    return components.four_cells(cells, _reader(context), size=size)


@register.simple_tag(takes_context=True)
def fourcells_of(context: Context, cells: Any, size: str = "m") -> SafeString:
    """Show the four cells of a record."""
    return components.four_cells(data.FourCells.of(cells), _reader(context), size=size)


@register.simple_tag(takes_context=True)
def progress(context: Context, done: float, total: float, label: Any = "") -> SafeString:
    """Show how much of a whole is done."""
    return components.progress(done, total, _reader(context), label=label)


@register.simple_tag
def word_diff(old: str, new: str) -> SafeString:
    """Show what changed between two texts, word by word."""
    return components.word_diff(old, new)


@register.filter
def explained(error: MehvarError) -> str:
    """Say an error of ours in the reader's language."""
    return components.explained(error)


@register.simple_tag
def bidi(text: Any) -> SafeString:
    """Isolate a text whose direction is not known."""
    return format_html("<bdi>{}</bdi>", text)


@register.simple_tag(takes_context=True)
def localdate(context: Context, value: Any, style: str = "long") -> SafeString:
    """Show a date in the reader's calendar and digits."""
    if value is None:
        return format_html("{}", "–")
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), _reader(context).date(value, style)
    )


@register.simple_tag(takes_context=True)
def localdatetime(context: Context, value: Any, style: str = "long") -> SafeString:
    """Show an instant in the reader's calendar, digits and time zone."""
    if value is None:
        return format_html("{}", "–")
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), _reader(context).moment(value, style)
    )


@register.simple_tag(takes_context=True)
def localnumber(context: Context, number: Any, decimals: int | None = None) -> str:
    """Show a number with the language's digits and separators."""
    return _reader(context).number(number, decimals=decimals)


@register.simple_tag(takes_context=True)
def percent(context: Context, share: float | None, decimals: int = 0, whole: float = 1) -> str:
    """Show a share (of ``whole``, 1 when not given) as a percentage."""
    return _reader(context).percent(None if share is None else share / whole, decimals=decimals)


@register.simple_tag(takes_context=True, name="bytes")
def file_size(context: Context, size: float) -> str:
    """Show a file size."""
    return _reader(context).bytes(size)


@register.inclusion_tag("ui/parts/axis.html")
def axis(steps: Iterable[Any]) -> dict[str, Any]:
    """Show the ribbon under a title."""
    return {"steps": data.AxisStep.each(steps)}


@register.inclusion_tag("ui/parts/timeline.html", takes_context=True)
def timeline(context: Context, events: Iterable[Any]) -> dict[str, Any]:
    """Show what happened, when and by whom."""
    return {"events": data.TimelineEvent.each(events), "request": context.get("request")}


@register.inclusion_tag("ui/parts/empty_state.html")
def empty_state(
    title: Any, text: Any = "", url: str = "", label: Any = "", icon: str = "inbox"
) -> dict[str, Any]:
    """Show what will be here and the one button that starts it."""
    return {"empty": data.EmptyState(title, text, url, label, icon)}


@register.inclusion_tag("ui/parts/summary_list.html", takes_context=True)
def summary_list(context: Context, rows: Iterable[Any]) -> dict[str, Any]:
    """Show facts as label and value; plain words are isolated, numbers written in the reader's digits."""
    reader = _reader(context)
    return {"rows": [(row, components.fact(row.value, reader)) for row in data.SummaryRow.each(rows)]}


@register.inclusion_tag("ui/parts/task_list.html")
def task_list(items: Iterable[Any]) -> dict[str, Any]:
    """Show what is to be done, with a state each."""
    return {"items": data.TaskItem.each(items)}


@register.inclusion_tag("ui/parts/error_summary.html")
def error_summary(form: BaseForm | Iterable[BaseForm]) -> dict[str, Any]:
    """Show a form's errors on top, each a link to its field."""
    return {"errors": forms.errors_of(form)}


@register.simple_tag
def field(bound_field: BoundField) -> SafeString:
    """Show a field with label, hint, error and control."""
    return forms.render_field(bound_field)


@register.simple_tag
def form_fields(form: BaseForm) -> SafeString:
    """Show all fields of a form, the hidden ones too."""
    return forms.render_fields(form)


@register.inclusion_tag("ui/parts/breadcrumbs.html")
def breadcrumbs(items: Iterable[Any]) -> dict[str, Any]:
    """Show the way to this page; items are (label, url) or records with these."""
    crumbs = [
        (item["label"], item.get("url", "")) if isinstance(item, Mapping) else tuple(item) for item in items
    ]
    return {"crumbs": [(label, safe_url(url)) for label, url in crumbs]}


@register.inclusion_tag("ui/parts/messages.html", takes_context=True)
def messages_area(context: Context) -> dict[str, Any]:
    """Show what was done or went wrong, with undo where possible."""
    request = context.get("request")
    shown = notices.shown(request) if request is not None and hasattr(request, "_messages") else []
    return {"notices": shown, "csrf_token": context.get("csrf_token", "")}


@register.inclusion_tag("ui/parts/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], parameter: str = "page") -> dict[str, Any]:
    """Show the way to other pages of a list."""
    return {"links": page_links(page, context.get("request"), parameter, _reader(context))}


@register.simple_tag
def table(table: Table) -> SafeString:
    """Show a list with its filters, paging and exports."""
    return table.render()


@register.simple_tag(takes_context=True)
def chart_bars(context: Context, bars: Iterable[Any], title: Any, unit: Any = "") -> SafeString:
    """Show bars with their data table."""
    return charts.bars(data.Bar.each(bars), title=title, unit=unit, reader=_reader(context))


@register.simple_tag(takes_context=True)
def chart_stacked(context: Context, bars: Iterable[Any], series: Iterable[Any], title: Any) -> SafeString:
    """Show stacked bars with their data table."""
    rows, parts = data.StackedBar.each(bars), data.Series.each(series)
    return charts.stacked(rows, parts, title=title, reader=_reader(context))


@register.simple_tag(takes_context=True)
def chart_line(context: Context, points: Iterable[Any], title: Any, unit: Any = "") -> SafeString:
    """Show a line with its data table."""
    return charts.line(data.Point.each(points), title=title, unit=unit, reader=_reader(context))


@register.simple_tag(takes_context=True)
def sparkline(context: Context, values: Iterable[float | None], label: Any) -> SafeString:
    """Show a word-sized line."""
    return charts.sparkline(tuple(values), label=label, reader=_reader(context))


@register.simple_tag(takes_context=True)
def tile_map(context: Context, tiles: Iterable[Any], title: Any) -> SafeString:
    """Show a country as squares."""
    return charts.tile_map(data.Tile.each(tiles), title=title, reader=_reader(context))
