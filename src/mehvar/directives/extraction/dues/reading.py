"""Hold what every language's reader of deadlines shares: context, result, and the days of periods."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mehvar.directives.extraction.model import DueKind, ExtractedDue
from mehvar.kernel import calendars, errors
from mehvar.kernel import text as texts
from mehvar.kernel.calendars import Calendar

SURE, LIKELY, DOUBTFUL = 1.0, 0.85, 0.5
"""Confidence of a fully understood deadline, of one with a small assumption, and of one to be looked at."""

_NEAR_DAYS = 45
_YEAR_MIN, _YEAR_MAX = 1300, 2200


@dataclass(frozen=True, slots=True)
class DueContext:
    """Hold what a deadline is read against: language, calendar, the document's date and what that date is."""

    language: str = "vi"
    calendar: Calendar = Calendar.GREGORIAN
    on: date | None = None
    anchor_kind: str = "signing"
    plan_year: int | None = None

    @property
    def yearless_confidence(self) -> float:
        """Tell how sure a deadline without a year is: the title may name the year of the plan."""
        return 0.9 if self.plan_year is not None else 0.65

    @property
    def yearless_doubts(self) -> tuple[str, ...]:
        """List the doubts of a deadline without a year."""
        return () if self.plan_year is not None else ("yearless-date",)

    @property
    def year(self) -> int | None:
        """Give the year that the title plans, else the document's, in its own calendar."""
        if self.plan_year is not None:
            return self.plan_year
        return None if self.on is None else calendars.to_parts(self.on, self.calendar)[0]


@dataclass(frozen=True, slots=True)
class DueReading:
    """Hold a deadline, how sure it is, and the codes of its doubts."""

    due: ExtractedDue
    confidence: float = SURE
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what one pattern found: the span in the folded text, the deadline, how sure."""

    start: int
    end: int
    due: ExtractedDue
    confidence: float = SURE
    doubts: tuple[str, ...] = ()


Finder = Callable[[str, DueContext], list[Found]]


def folded(text: str) -> str:
    """Fold a deadline's text for patterns: ASCII digits, case, one kind of dash, single spaces."""
    plain = texts.fold_for_match(texts.to_ascii_digits(text))
    plain = re.sub(r"[–—−‐]", "-", plain)
    return re.sub(r"\s+", " ", plain).strip()


def period(
    kind: DueKind, year: int, part: int | None, *, calendar: Calendar | None = None
) -> ExtractedDue | None:
    """Make a due of a year, half, quarter or month; nothing for impossible numbers."""
    if not _YEAR_MIN <= year <= _YEAR_MAX:
        return None
    chosen = calendar or calendars.calendar_of_year(year)
    limits = {DueKind.HALF: 2, DueKind.QUARTER: 4, DueKind.MONTH: 12}
    if kind in limits and not 1 <= (part or 0) <= limits[kind]:
        return None
    bounds = {
        DueKind.YEAR: lambda: calendars.year_bounds(year, chosen),
        DueKind.HALF: lambda: calendars.half_bounds(year, part or 1, chosen),
        DueKind.QUARTER: lambda: calendars.quarter_bounds(year, part or 1, chosen),
        DueKind.MONTH: lambda: calendars.month_bounds(year, part or 1, chosen),
    }[kind]()
    return ExtractedDue("", kind, bounds[0], bounds[1], calendar=str(chosen))


def single_day(year: int, month: int, day: int) -> ExtractedDue | None:
    """Make a due of one day; nothing for an impossible date."""
    chosen = calendars.calendar_of_year(year)
    try:
        stated = calendars.from_parts(year, month, day, calendar=chosen)
    except (errors.InputError, ValueError):
        return None
    return ExtractedDue("", DueKind.DAY, stated, stated, calendar=str(chosen))


def spanning(first: ExtractedDue, last: ExtractedDue) -> ExtractedDue | None:
    """Make a range of two dues; nothing when they stand in the wrong order."""
    if first.start is None or last.end is None or first.start > last.end:
        return None
    return replace(last, kind=DueKind.RANGE, start=first.start, end=last.end)


def relative(count: int, unit: str, anchor: str | None, context: DueContext) -> ExtractedDue:
    """Make a due of a duration after an anchor; its day is known when the document's date is.

    ``unit`` is D, W, M or Y. Months are counted in the document's calendar and clamped.
    """
    duration = f"P{count}{unit}"
    end: date | None = None
    anchored = anchor in {None, "promulgation", "signing", "session", "effective"}
    if context.on is not None and anchored:
        end = _moved(context.on, count, unit, context.calendar)
    return ExtractedDue(
        "",
        DueKind.RELATIVE,
        None,
        end,
        duration=duration,
        anchor=anchor or (context.anchor_kind if context.on else "promulgation"),
        calendar=str(context.calendar),
    )


def _moved(day: date, count: int, unit: str, calendar: Calendar) -> date | None:
    """Move a day by a duration; nothing beyond the calendar."""
    try:
        if unit in {"M", "Y"}:
            return calendars.add_months(day, count * (12 if unit == "Y" else 1), calendar)
        return calendars.add_days(day, count * (7 if unit == "W" else 1))
    except (errors.MehvarError, ValueError, OverflowError):
        return None


def recurring(kind: DueKind, recurrence: str | None, context: DueContext) -> ExtractedDue:
    """Make a recurring due."""
    return ExtractedDue("", kind, recurrence=recurrence, calendar=str(context.calendar))


def open_from(first: ExtractedDue) -> ExtractedDue:
    """Make a due that begins on a day and has no end."""
    return replace(first, kind=DueKind.OPEN_FROM, end=None)


def wrapped(
    start: int, end: int, due: ExtractedDue | None, confidence: float = SURE, *doubts: str
) -> list[Found]:
    """Wrap a due that was read, or give nothing."""
    return [] if due is None else [Found(start, end, due, confidence, doubts)]


def stated_year(text: str | None, context: DueContext) -> tuple[int | None, float, tuple[str, ...]]:
    """Give the stated year, or the document's with its doubts."""
    if text:
        return int(text), SURE, ()
    return context.year, context.yearless_confidence, context.yearless_doubts


def span_of_years(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read a span from year ``a`` to year ``b``: "2025-2026", "1404 تا 1406"."""
    first = period(DueKind.YEAR, int(match["a"]), None)
    last = period(DueKind.YEAR, int(match["b"]), None)
    return wrapped(match.start(), match.end(), spanning(first, last) if first and last else None)


def onwards_from_year(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read a year ``y`` and what follows: "from 2025", "از سال 1404 به بعد"."""
    first = period(DueKind.YEAR, int(match["y"]), None)
    return wrapped(match.start(), match.end(), open_from(first) if first else None)


@dataclass(frozen=True, slots=True)
class Counting:
    """Hold how a language counts time: its numbers, its units (D, W, M or Y), its word for a quarter, and its events.

    ``event`` names what a duration counts from (None for nothing stated), and tells whether that is sure.
    """

    number: Callable[[str], int]
    units: Mapping[str, str]
    quarter: str
    event: Callable[[str], tuple[str | None, bool]]
    rhythm_confidence: float = SURE

    def duration(self, match: re.Match[str]) -> tuple[int, str]:
        """Read how many days, weeks, months or years; a quarter is three months."""
        count = self.number(match["count"]) if match["count"] else 1
        return count * (3 if match["unit"] == self.quarter else 1), self.units[match["unit"]]

    def within(self, match: re.Match[str], context: DueContext) -> list[Found]:
        """Read a duration after an event: "within six months of promulgation"; working days have no sure end."""
        count, unit = self.duration(match)
        anchor, sure = self.event(match["anchor"] or "")
        due = relative(count, unit, anchor, context)
        if match["working"]:
            return [Found(match.start(), match.end(), replace(due, end=None), DOUBTFUL, ("unclear-due",))]
        confidence, doubts = (0.9, ()) if sure else (DOUBTFUL, ("unclear-due",))
        return [Found(match.start(), match.end(), due, confidence, doubts)]

    def every(self, match: re.Match[str], context: DueContext) -> list[Found]:
        """Read a rhythm: "every three months"."""
        count, unit = self.duration(match)
        months = {"M": count, "Y": count * 12}.get(unit, 0)
        kind = _RHYTHMS.get(months, DueKind.RECURRING)
        return [
            Found(
                match.start(),
                match.end(),
                recurring(kind, f"P{count}{unit}", context),
                self.rhythm_confidence,
            )
        ]


_RHYTHMS = {1: DueKind.RECURRING_MONTHLY, 3: DueKind.RECURRING_QUARTERLY, 12: DueKind.RECURRING_YEARLY}


Reader = Callable[[re.Match[str], DueContext], list[Found]]
"""Make dues of a match."""


def scan(text: str, context: DueContext, patterns: tuple[tuple[re.Pattern[str], Reader], ...]) -> list[Found]:
    """Apply patterns in order to a folded text; what one has taken is not read again."""
    found: list[Found] = []
    taken = bytearray(len(text))
    for pattern, reader in patterns:
        for match in pattern.finditer(text):
            if match.start() == match.end() or any(taken[match.start() : match.end()]):
                continue
            readings = reader(match, context)
            if readings:
                taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
                found += readings
    return sorted((_settled(item, context) for item in found), key=lambda item: item.start)


def _settled(item: Found, context: DueContext) -> Found:
    """Trust the document's year where the day that it gives still lies ahead, though not when the year is ending."""
    end = item.due.end
    if item.doubts != ("yearless-date",) or end is None or context.on is None or end < context.on:
        return item
    if (end - context.on).days < _NEAR_DAYS and item.due.kind is DueKind.YEAR:
        return item
    return replace(item, confidence=max(item.confidence, 0.8), doubts=())


def recurrence(kind: DueKind, name: str | None, confidence: float = SURE) -> Reader:
    """Make a reader of a recurring deadline."""

    def read(match: re.Match[str], context: DueContext) -> list[Found]:
        """Read the recurring deadline."""
        return [Found(match.start(), match.end(), recurring(kind, name, context), confidence)]

    return read


def roman_or_digit(text: str) -> int:
    """Read a quarter or half number written in Roman or Arabic figures."""
    figures = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
    return figures.get(text) or int(text)


def choose(raw: str, found: list[Found], rest: str, context: DueContext) -> DueReading:
    """Choose among what patterns found in a cell; what is left unread lowers the confidence."""
    if not found:
        return DueReading(
            ExtractedDue(raw, DueKind.UNCLEAR, calendar=str(context.calendar)), DOUBTFUL, ("unclear-due",)
        )
    doubts: tuple[str, ...] = ()
    best = found[-1] if len(found) > 1 else found[0]
    confidence = best.confidence
    if len({(item.due.kind, item.due.end, item.due.start) for item in found}) > 1:
        best = max(found, key=lambda item: (item.due.end or date.min, item.start))
        doubts = ("several-dates",)
        confidence = DOUBTFUL
    if rest:
        confidence = min(confidence, DOUBTFUL)
        doubts = (*doubts, "unclear-due")
    return DueReading(replace(best.due, raw=raw), confidence, tuple(dict.fromkeys((*best.doubts, *doubts))))
