"""Read from a request what somebody wants of a list, and apply it to the queryset."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import F, OrderBy, Q, QuerySet
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.db.models.sql.where import AND, WhereNode
from django.utils.translation import gettext as _

from mehvar.kernel import calendars, text
from mehvar.kernel.errors import MehvarError
from mehvar.ui.tables.columns import Column

if TYPE_CHECKING:
    from django.http import QueryDict

PAGE_SIZES = (25, 50, 100)
_LONGEST_SEARCH = 200
_POSITIVE = re.compile(r"0*[1-9][0-9]{0,8}")


@dataclass(slots=True)
class Asked:
    """Hold what was asked, as far as it made sense; `problems` says what did not."""

    search: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    days: dict[str, dt.date] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = 50
    problems: list[str] = field(default_factory=list)

    @property
    def is_filtered(self) -> bool:
        """Return whether anything narrows the list."""
        return bool(self.search or self.choices or self.dates)


def read(query: QueryDict, columns: Sequence[Column], *, prefix: str, default_size: int) -> Asked:
    """Return what the query string asks; unknown parameters are left alone, bad values become problems."""
    asked = Asked(search=query.get(f"{prefix}q", "").strip()[:_LONGEST_SEARCH], size=default_size)
    asked.page = _whole(query.get(f"{prefix}page", ""), 1)
    size = _whole(query.get(f"{prefix}size", ""), default_size)
    asked.size = size if size in PAGE_SIZES else default_size
    for column in columns:
        if column.filter == "choice":
            _read_choice(asked, column, query.get(prefix + column.key, ""))
        elif column.filter == "date":
            for end in ("from", "to"):
                _read_day(asked, column, end, query.get(f"{prefix}{column.key}_{end}", "").strip())
    _read_sort(asked, columns, query.get(f"{prefix}sort", ""))
    return asked


def _whole(written: str, default: int) -> int:
    """Return a positive whole number of at most nine digits, whatever digits it is written in."""
    plain = text.to_ascii_digits(written)
    return int(plain) if _POSITIVE.fullmatch(plain) else default


def _read_choice(asked: Asked, column: Column, value: str) -> None:
    """Take a choice that the column offers."""
    if not value:
        return
    if value in column.words():
        asked.choices[column.key] = value
    else:
        asked.problems.append(
            _("“%(value)s” is not one of the choices of “%(label)s”.")
            % {"value": value, "label": column.label}
        )


def _read_day(asked: Asked, column: Column, end: str, written: str) -> None:
    """Take a date in either calendar (a year below 1700 is Jalali)."""
    if not written:
        return
    key = f"{column.key}_{end}"
    asked.dates[key] = written
    try:
        asked.days[key] = calendars.parse_date(written).day
    except MehvarError:
        asked.problems.append(
            _("“%(value)s” is not a date. Write it like 1402/06/31 or 22/9/2023.") % {"value": written}
        )


def _read_sort(asked: Asked, columns: Sequence[Column], sort: str) -> None:
    """Take a column that can be sorted."""
    if any(column.sortable and column.key == sort.removeprefix("-") for column in columns):
        asked.sort = sort


def filtered(queryset: QuerySet[Any], asked: Asked, columns: Sequence[Column]) -> QuerySet[Any]:
    """Return the rows that the filters of the columns leave."""
    for column in columns:
        queryset = _filtered_by(queryset, asked, column)
    return queryset


def searched(
    queryset: QuerySet[Any], search: str, *, plain: Sequence[str], folded: Sequence[str]
) -> QuerySet[Any]:
    """Return the rows in which every word of the search is found in one of the searched paths."""
    for word in search.split():
        queryset = queryset.filter(_word_query(word, plain, folded))
    return queryset


def _filtered_by(queryset: QuerySet[Any], asked: Asked, column: Column) -> QuerySet[Any]:
    """Apply the filter of one column."""
    if column.key in asked.choices:
        value = asked.choices[column.key]
        return (
            column.filter_by(queryset, value) if column.filter_by else queryset.filter(**{column.path: value})
        )
    path = f"{column.path}__date" if column.kind == "moment" else column.path
    if day := asked.days.get(f"{column.key}_from"):
        queryset = queryset.filter(**{f"{path}__gte": day})
    if day := asked.days.get(f"{column.key}_to"):
        queryset = queryset.filter(**{f"{path}__lte": day})
    return queryset


def _word_query(word: str, plain: Sequence[str], folded: Sequence[str]) -> Q:
    """Return where a word may be found; paths of folded text are searched with the folded word."""
    query = Q()
    for path in plain:
        query |= Q(**{f"{path}__icontains": word})
    for path in folded:
        query |= Q(**{f"{path}__contains": text.fold_for_search(word)})
    return query


def _placed(path: str) -> str | OrderBy:
    """Put what is empty last where a list rises; a list that falls keeps the database's own order, which an index serves."""
    return path if path.startswith("-") else F(path).asc(nulls_last=True)


def _falling(queryset: QuerySet[Any], path: str) -> OrderBy:
    """Put what is empty last; unsaid where the list's own conditions leave nothing empty, since then an index serves PostgreSQL too."""
    return F(path).desc() if _is_bounded(queryset.query.where, path) else F(path).desc(nulls_last=True)


def _is_bounded(where: Any, path: str) -> bool:
    """Tell whether every row must compare its value with something, so that none is empty."""
    if isinstance(where, WhereNode):
        joined = where.connector == AND and not where.negated
        return joined and any(_is_bounded(child, path) for child in where.children)
    bound = isinstance(where, LessThan | LessThanOrEqual | GreaterThan | GreaterThanOrEqual | Exact)
    return bound and isinstance(where.lhs, Col) and where.lhs.target.name == path


def sorted_by(
    queryset: QuerySet[Any], sort: str, columns: Sequence[Column], default: Sequence[str]
) -> QuerySet[Any]:
    """Return the rows in order; what is empty comes last, and equal rows keep one order."""
    if not sort:
        return queryset.order_by(*map(_placed, default), "pk") if default else queryset
    column = next(column for column in columns if column.key == sort.removeprefix("-"))
    paths = column.sort_by or (column.path,)
    downwards = sort.startswith("-")
    order = [_falling(queryset, path) if downwards else F(path).asc(nulls_last=True) for path in paths]
    return queryset.order_by(*order, "-pk" if downwards else "pk")
