"""Hold a list: its definition, what was asked of it, its rows, and its markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property as django_cached_property
from django.utils.safestring import SafeString, mark_safe

from mehvar.ui.data import EmptyState, Words
from mehvar.ui.paging import page_links, with_query
from mehvar.ui.reader import Reader, reader_of
from mehvar.ui.tables import asking, controls, export
from mehvar.ui.tables.columns import Column, Row, cell_writer

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator

COUNT_LIMIT = 100_000
_CHUNK = 2000


class _BoundedPaginator(_Paginator):
    """Count no further than `limit`, so that a huge list costs no more than a large one; `counted` are the same rows in no order."""

    limit = COUNT_LIMIT
    counted: QuerySet[Any]

    @django_cached_property
    def count(self) -> int:
        """Return how many rows there are, `limit` at most."""
        return self.counted.order_by().values("pk")[: self.limit].count()


class Table:
    """Define a list by subclassing; make one per request with `Table(queryset, request)`.

    `search` and `search_folded` are ORM paths searched besides the columns with `filter="search"`; the folded ones hold
    text made by `kernel.text.fold_for_search`, so that people find what they mean.
    """

    name: ClassVar[str] = "list"
    caption: ClassVar[Words] = ""
    columns: ClassVar[Sequence[Column]] = ()
    extra_fields: ClassVar[Sequence[str]] = ()
    search: ClassVar[Sequence[str]] = ()
    search_folded: ClassVar[Sequence[str]] = ()
    default_sort: ClassVar[str | Sequence[str]] = ()
    page_size: ClassVar[int] = 50
    count_limit: ClassVar[int] = COUNT_LIMIT
    empty: ClassVar[EmptyState | None] = None
    exports: ClassVar[bool] = True

    def __init__(self, queryset: QuerySet[Any], request: HttpRequest, *, prefix: str = "") -> None:
        """Read what the request asks of the list; nothing is fetched yet."""
        self.request = request
        self.reader: Reader = reader_of(request)
        self.prefix = f"{prefix}-" if prefix else ""
        self.element_id = f"list-{prefix or self.name}"
        self.asked = asking.read(request.GET, self.columns, prefix=self.prefix, default_size=self.page_size)
        self._all = queryset

    @property
    def shown(self) -> list[Column]:
        """Return the columns one sees."""
        return [column for column in self.columns if column.listed and not column.hidden]

    @cached_property
    def queryset(self) -> QuerySet[Any]:
        """Return the matching rows in order, as model rows."""
        found = self.searched(self.filtered)
        default = (self.default_sort,) if isinstance(self.default_sort, str) else tuple(self.default_sort)
        return asking.sorted_by(found, self.asked.sort, self.columns, default)

    @cached_property
    def filtered(self) -> QuerySet[Any]:
        """Return the rows that the filters of the columns leave, before the search and in no order."""
        annotations = {c.key: c.annotation for c in self.columns if c.annotation is not None}
        found = self._all.annotate(**annotations) if annotations else self._all
        return asking.filtered(found, self.asked, self.columns)

    def searched(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows in which every word of the search is found; a list with an index of its own overrides it."""
        plain = [*self.search, *(column.path for column in self.columns if column.filter == "search")]
        return asking.searched(rows, self.asked.search, plain=plain, folded=self.search_folded)

    @cached_property
    def counted(self) -> QuerySet[Any]:
        """Return the matching rows as they are counted; a list that finds them faster in no order overrides it."""
        return self.queryset

    @cached_property
    def values(self) -> QuerySet[Any]:
        """Return the matching rows as mappings of just the fields that are shown."""
        keys = [
            column.key
            for column in self.columns
            if not column.is_computed and not (column.hidden and column.filter_by)
        ]
        return self.queryset.values(*dict.fromkeys([*keys, *self.extra_fields]))

    @cached_property
    def page(self) -> Page[Row]:
        """Return the asked page, the last one when there are not so many."""
        paginator = _BoundedPaginator(self.values, self.asked.size)
        paginator.limit, paginator.counted = self.count_limit, self.counted
        return paginator.get_page(self.asked.page)

    @cached_property
    def rows(self) -> list[Row]:
        """Return the rows of the page."""
        return list(self.page.object_list)

    def respond(self, template: str, context: Mapping[str, Any] | None = None) -> HttpResponseBase:
        """Answer the request: the file asked for, only the list for htmx, or the whole page with `table` in its context."""
        if self.exports and self.request.GET.get(f"{self.prefix}export") in export.FORMATS:
            return self.export(self.request.GET[f"{self.prefix}export"])
        if self.request.headers.get("HX-Target") == self.element_id:
            response = render(self.request, "ui/parts/table_only.html", {"table": self})
        else:
            response = render(self.request, template, {**(context or {}), "table": self})
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
        return response

    def export(self, extension: str) -> HttpResponseBase:
        """Return all matching rows as a file, `csv` or `xlsx`."""
        columns = [column for column in self.columns if column.exported and not column.hidden]
        rows: Iterable[Row] = self.values.iterator(chunk_size=_CHUNK)
        write = export.as_xlsx if extension == "xlsx" else export.as_csv
        return write(columns, rows, self.reader, name=self.name)

    def render(self) -> SafeString:
        """Return the list with filters, table and paging."""
        return render_to_string("ui/parts/table.html", self._facts())

    def body(self) -> SafeString:
        """Return the `<tr>`s of the page; written in Python, since a template costs ten times as much."""
        writers = [cell_writer(column, self.reader) for column in self.shown]
        return mark_safe(
            "".join(f"<tr>{''.join([write(row) for write in writers])}</tr>\n" for row in self.rows)
        )

    def url(self, **changes: Any) -> str:
        """Return the query string of this list with parameters changed (None removes one)."""
        return with_query(self.request, **{self.prefix + key: value for key, value in changes.items()})

    def _facts(self) -> dict[str, Any]:
        """Return the context of the list's template."""
        page = self.page
        return {
            "table": self,
            "element_id": self.element_id,
            "path": self.request.path,
            "heads": controls.heads(self),
            "controls": controls.controls(self),
            "kept": controls.kept(self),
            "sizes": [
                (size, self.reader.number(size), size == self.asked.size) for size in asking.PAGE_SIZES
            ],
            "size_name": f"{self.prefix}size",
            "body": self.body(),
            "has_rows": bool(self.rows),
            "links": page_links(page, self.request, f"{self.prefix}page", self.reader),
            "is_bounded": page.paginator.count >= self.count_limit,
            "is_filtered": self.asked.is_filtered,
            "clear_url": controls.clear_url(self),
            "csv_url": self.url(export="csv", page=None),
            "xlsx_url": self.url(export="xlsx", page=None),
            "empty": self.empty,
        }
