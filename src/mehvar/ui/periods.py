"""Name a period as people do: "Spring" is said by nobody in an office, "first quarter of 1399" by everybody.

Where the period belongs to the other calendar than the reader's, its days stand behind it in the reader's own.
Source: S1.3 (periods of both calendars); design page, "The look".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from mehvar.kernel import calendars
from mehvar.kernel.errors import InputError
from mehvar.kernel.periods import Kind, Period
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from mehvar.ui.reader import Reader


def period_name(written: str, reader: Reader | None = None) -> str:
    """Name a period in the reader's language, calendar and digits; what is no period is given back as it is."""
    reader = reader or reader_of()
    try:
        period = Period.parse(written)
    except InputError:
        return written
    name = _named(period, reader)
    if period.calendar == reader.calendar:
        return name
    first, last = reader.date(period.start, "short"), reader.date(period.end, "short")
    return _("%(period)s (%(first)s to %(last)s)") % {"period": name, "first": first, "last": last}


def _named(period: Period, reader: Reader) -> str:
    year = reader.digits(f"{period.year:04d}")
    if period.kind is Kind.MONTH:
        month = calendars.month_name(period.ordinal, period.calendar, reader.language)
        return _("%(month)s %(year)s") % {"month": month, "year": year}
    return _words()[period.kind, period.ordinal] % {"year": year}


def _words() -> dict[tuple[Kind, int], str]:
    return {
        (Kind.YEAR, 1): _("Year %(year)s"),
        (Kind.HALF, 1): _("First half of %(year)s"),
        (Kind.HALF, 2): _("Second half of %(year)s"),
        (Kind.QUARTER, 1): _("First quarter of %(year)s"),
        (Kind.QUARTER, 2): _("Second quarter of %(year)s"),
        (Kind.QUARTER, 3): _("Third quarter of %(year)s"),
        (Kind.QUARTER, 4): _("Fourth quarter of %(year)s"),
    }
