"""Work out the links of a paged list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator

if TYPE_CHECKING:
    from django.http import HttpRequest

    from mehvar.ui.reader import Reader


@dataclass(frozen=True, slots=True)
class PageLink:
    """Hold one page number as the reader sees it; an empty url is a gap or the current page."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Hold the whole paging bar."""

    first: str
    last: str
    total: str
    previous_url: str
    next_url: str
    pages: tuple[PageLink, ...]


def with_query(request: HttpRequest | None, **changes: Any) -> str:
    """Return the query string of the request with parameters set, or removed where None."""
    query: dict[str, Any] = dict(request.GET.lists()) if request is not None else {}
    query.update(changes)
    return "?" + urlencode({key: value for key, value in query.items() if value is not None}, doseq=True)


def page_links(page: Page[Any], request: HttpRequest | None, parameter: str, reader: Reader) -> PageLinks:
    """Return the paging bar of a page."""

    def url(number: int) -> str:
        return with_query(request, **{parameter: None if number == 1 else number})

    paginator: Paginator[Any] = page.paginator
    pages = tuple(
        _link(number, page.number, url, reader)
        for number in paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    )
    return PageLinks(
        first=reader.number(page.start_index()),
        last=reader.number(page.end_index()),
        total=reader.number(paginator.count),
        previous_url=url(page.number - 1) if page.has_previous() else "",
        next_url=url(page.number + 1) if page.has_next() else "",
        pages=pages if paginator.num_pages > 1 else (),
    )


def _link(number: int | str, current: int, url: Any, reader: Reader) -> PageLink:
    """Return one number of the bar, or the gap between numbers."""
    if not isinstance(number, int):
        return PageLink("…", "")
    is_current = number == current
    return PageLink(reader.number(number), "" if is_current else url(number), is_current)
