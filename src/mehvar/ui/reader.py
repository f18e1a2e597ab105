"""Say things in the reader's language, calendar and digits.

Source: architecture ("Time", "Language"), look ("figures").
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mehvar.kernel import calendars, text

if TYPE_CHECKING:
    from django.http import HttpRequest

Calendar = calendars.Calendar

RIGHT_TO_LEFT = frozenset({"fa", "ar", "ps", "ckb", "he", "ur"})
ISOLATE_RTL, ISOLATE_LTR, ISOLATE_ANY, POP_ISOLATE = "\u2067", "\u2066", "\u2068", "\u2069"
RIGHT_TO_LEFT_MARK = "\u200f"
_PLAIN_FIGURES = str.maketrans({"-": "\u2212"})
_FIGURES = {
    "fa": str.maketrans("0123456789,.-", "۰۱۲۳۴۵۶۷۸۹٬٫\u2212"),
    "vi": str.maketrans(",.-", ".,\u2212"),
}
_KILO = 1024
_UNITS = ("B", "KB", "MB", "GB", "TB")
_PERSIAN_UNITS = ("بایت", "کیلوبایت", "مگابایت", "گیگابایت", "ترابایت")


def page_language() -> str:
    """Give the language of the page."""
    return (get_language() or "en").split("-")[0]


@lru_cache(maxsize=8192)
def _formatted_date(day: dt.date, calendar: Calendar, language: str, style: str) -> str:
    """Return the date in words; lists repeat the same few days."""
    return calendars.format_date(day, calendar, language, style=style)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Reader:
    """Hold who reads: `language` is `fa`, `vi` or `en`."""

    language: str
    calendar: Calendar

    @property
    def direction(self) -> str:
        """Return `rtl` or `ltr`."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def is_rtl(self) -> bool:
        """Return whether the page runs from right to left."""
        return self.language in RIGHT_TO_LEFT

    def digits(self, written: object) -> str:
        """Return `written` with the digits of the language."""
        plain = str(written)
        return text.to_persian_digits(plain) if self.language == "fa" else plain

    def number(self, value: float | Decimal | None, *, decimals: int | None = None) -> str:
        """Return a grouped number; None is an en dash. Whole floats are shown without decimals."""
        if value is None:
            return "–"
        places = _places(value) if decimals is None else decimals
        return f"{value:,.{places}f}".translate(_FIGURES.get(self.language, _PLAIN_FIGURES))

    def percent(self, share: float | None, *, decimals: int = 0) -> str:
        """Return a share (0…1) as a percentage; in Persian the sign stands at the left of the number."""
        if share is None:
            return "–"
        value = self.number(share * 100, decimals=decimals)
        if self.language == "fa":
            return f"{value}{RIGHT_TO_LEFT_MARK}٪"
        return f"{value}%"

    def bytes(self, size: float) -> str:
        """Return a file size in B … TB."""
        amount, unit = float(size), 0
        while amount >= _KILO and unit < len(_UNITS) - 1:
            amount, unit = amount / _KILO, unit + 1
        units = _PERSIAN_UNITS if self.language == "fa" else _UNITS
        return f"{self.number(amount, decimals=1 if unit and amount < 10 else 0)} {units[unit]}"  # noqa: PLR2004

    def date(self, value: dt.date | dt.datetime | None, style: str = "long") -> str:
        """Return a date in the reader's calendar; style `long`, `short` or `numeric`. None is an en dash."""
        if value is None:
            return "–"
        return _formatted_date(_day(value), self.calendar, self.language, style)

    def moment(self, value: dt.datetime | None, style: str = "long") -> str:
        """Return date and time (24 hours) in the current time zone."""
        if value is None:
            return "–"
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        clock = self.digits(f"{local:%H:%M}")
        return _("%(date)s, %(time)s") % {"date": self.date(local, style), "time": clock}

    def isolate(self, words: object) -> str:
        """Return `words` between direction isolates, for SVG text and plain-text places."""
        opening = ISOLATE_RTL if self.is_rtl else ISOLATE_LTR
        return f"{opening}{words}{POP_ISOLATE}"


def _day(value: dt.date | dt.datetime) -> dt.date:
    """Return the day of a date or of an instant in the current time zone."""
    if not isinstance(value, dt.datetime):
        return value
    return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()


def _places(value: float | Decimal) -> int:
    """Return how many decimals a number needs: none when whole, else at most two."""
    if isinstance(value, int):
        return 0
    if value == int(value):
        return 0
    return 1 if round(value, 1) == round(value, 2) else 2


def for_language(language: str | None, *, calendar: str | None = None) -> Reader:
    """Return the reader of a language outside a request (documents, e-mail).

    Persian reads the Jalali calendar unless told otherwise; other languages read the Gregorian one.
    """
    short = (language or "en").split("-")[0].lower()
    if short == "fa":
        return Reader("fa", Calendar(calendar) if calendar else Calendar.JALALI)
    return Reader(short, Calendar.GREGORIAN)


def reader_of(request: HttpRequest | None = None) -> Reader:
    """Return who reads the page: the active language and the person's calendar."""
    user: Any = getattr(request, "user", None)
    calendar = getattr(user, "calendar", None) if getattr(user, "is_authenticated", False) else None
    return for_language(get_language(), calendar=calendar or None)
