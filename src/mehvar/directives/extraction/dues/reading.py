"""Hold what every language's reader of deadlines shares: context, result, and the days of periods."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mehvar.directives.extraction.model import DueKind, ExtractedDue
from mehvar.kernel import calendars, errors
from mehvar.kernel import text as texts
from mehvar.kernel.calendars import Calendar

SURE, NEARLY_SURE, LIKELY, DOUBTFUL = 1.0, 0.9, 0.85, 0.5
"""Confidence of a fully understood deadline, of two with a smaller and a larger assumption, and of one to be looked at."""

_NEAR_DAYS = 45
_YEAR_MIN, _YEAR_MAX = 1300, 2200
_CENTURY = 100


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
        return NEARLY_SURE if self.plan_year is not None else 0.65

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


Reader = Callable[[re.Match[str], DueContext], list[Found]]
"""Make dues of a match."""

UNKNOWN = ExtractedDue("", DueKind.UNCLEAR)
"""A deadline of which nothing is known but that there is one."""


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


def spanning(first: ExtractedDue | None, last: ExtractedDue | None) -> ExtractedDue | None:
    """Make a range of two dues; nothing when one is missing or they stand in the wrong order."""
    if first is None or last is None or first.start is None or last.end is None or first.start > last.end:
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


def wrapped(
    match: re.Match[str], due: ExtractedDue | None, confidence: float = SURE, *doubts: str
) -> list[Found]:
    """Wrap a due that was read, or give nothing."""
    return [] if due is None else [Found(match.start(), match.end(), due, confidence, doubts)]


def unclear(match: re.Match[str], due: ExtractedDue | None = UNKNOWN) -> list[Found]:
    """Wrap a due at which somebody has to look."""
    return wrapped(match, due, DOUBTFUL, "unclear-due")


def onwards(match: re.Match[str], first: ExtractedDue | None) -> list[Found]:
    """Wrap a due that begins with another and has no end."""
    return wrapped(match, first and replace(first, kind=DueKind.OPEN_FROM, end=None))


def after_event(match: re.Match[str], anchor: str, calendar: Calendar) -> list[Found]:
    """Wrap a due that an event decides whose day is not known: "after approval of …"."""
    return unclear(match, ExtractedDue("", DueKind.RELATIVE, anchor=anchor, calendar=str(calendar)))


def stated_year(
    text: str | None, context: DueContext, *, is_named: bool = False
) -> tuple[int | None, float, tuple[str, ...]]:
    """Give the stated year (two figures are of this century), or the document's with its doubts.

    ``is_named``: the words themselves say that the document's own year is meant.
    """
    if text:
        year = int(text)
        return (year, SURE, ()) if year >= _CENTURY else (2000 + year, LIKELY, ())
    if is_named and context.year is not None:
        return context.year, NEARLY_SURE, ()
    return context.year, context.yearless_confidence, context.yearless_doubts


def span_of_years(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read a span from year ``a`` to year ``b``: "2025-2026", "1404 تا 1406"."""
    ends = (period(DueKind.YEAR, int(match[name]), None) for name in "ab")
    return wrapped(match, spanning(*ends))


def onwards_from_year(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read a year ``y`` and what follows: "from 2025", "از سال 1404 به بعد"."""
    return onwards(match, period(DueKind.YEAR, int(match["y"]), None))


def day_in_figures(match: re.Match[str], _context: DueContext) -> list[Found]:
    """Read year ``y``, month ``m`` and day ``d``: "2025-06-30", "1404/06/31"."""
    return wrapped(match, single_day(int(match["y"]), int(match["m"]), int(match["d"])))


def day_in_words(months: Mapping[str, int]) -> Reader:
    """Make a reader of a day whose month has a name: "30 June 2025", "31 شهریور 1404"."""

    def read(match: re.Match[str], context: DueContext) -> list[Found]:
        """Read the day; nothing without any year."""
        year, confidence, doubts = stated_year(match["y"], context)
        if year is None:
            return []
        return wrapped(match, single_day(year, months[match["month"]], int(match["d"])), confidence, *doubts)

    return read


def part_of_year(
    kind: DueKind,
    part: Callable[[re.Match[str]], int] | None = None,
    *,
    this_year: str = "",
    unknown: ExtractedDue | None = UNKNOWN,
) -> Reader:
    """Make a reader of a year ``y``, or of the half, quarter or month of it that ``part`` tells.

    ``this_year``: words that say that the document's own year is meant; ``unknown``: what is read without any year.
    """

    def read(match: re.Match[str], context: DueContext) -> list[Found]:
        """Read the period."""
        is_named = bool(this_year) and re.search(this_year, match.group()) is not None
        year, confidence, doubts = stated_year(match.groupdict().get("y"), context, is_named=is_named)
        if year is None:
            return unclear(match, unknown)
        return wrapped(match, period(kind, year, part and part(match)), confidence, *doubts)

    return read


def one_of(words: Iterable[str]) -> str:
    """Make a pattern of words, the longer ones first."""
    return "|".join(sorted(words, key=len, reverse=True))


def event_in(text: str, events: Sequence[tuple[str, str]]) -> tuple[str | None, bool]:
    """Name the first event whose words stand in a text, and tell whether that is sure; None where nothing is stated."""
    if not text.strip():
        return None, True
    found = next((anchor for words, anchor in events if re.search(words, text)), None)
    return (found, True) if found else ("other", False)


@dataclass(frozen=True, slots=True)
class Counting:
    """Hold how a language counts time: number words, units (D, W, M or Y), its word for a quarter, and its events.

    ``event`` names what a duration counts from (None for nothing stated), and tells whether that is sure.
    """

    numbers: Mapping[str, int]
    units: Mapping[str, str]
    quarter: str
    event: Callable[[str], tuple[str | None, bool]]
    rhythm_confidence: float = SURE

    def number(self, text: str) -> int:
        """Read a count in figures or words, however the words are spaced."""
        if text.isdigit():
            return int(text)
        letters = text.replace(" ", "")
        return next(value for words, value in self.numbers.items() if words.replace(" ", "") == letters)

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
            return unclear(match, replace(due, end=None))
        return wrapped(match, due, NEARLY_SURE) if sure else unclear(match, due)

    def every(self, match: re.Match[str], context: DueContext) -> list[Found]:
        """Read a rhythm: "every three months"."""
        count, unit = self.duration(match)
        months = {"M": count, "Y": count * 12}.get(unit, 0)
        kind = _RHYTHMS.get(months, DueKind.RECURRING)
        return wrapped(match, recurring(kind, f"P{count}{unit}", context), self.rhythm_confidence)


_RHYTHMS = {1: DueKind.RECURRING_MONTHLY, 3: DueKind.RECURRING_QUARTERLY, 12: DueKind.RECURRING_YEARLY}


@dataclass(frozen=True, slots=True)
class Language:
    """Hold how a language writes deadlines.

    ``patterns``: shapes with their readers, the more telling ones first; ``fillers``: words around a deadline that do
    not change it.
    """

    patterns: tuple[tuple[re.Pattern[str], Reader], ...]
    fillers: re.Pattern[str]

    def find(self, text: str, context: DueContext) -> list[Found]:
        """Find every deadline in a folded text, in order, none overlapping another."""
        found: list[Found] = []
        taken = bytearray(len(text))
        for pattern, reader in self.patterns:
            for match in pattern.finditer(text):
                if match.start() == match.end() or any(taken[match.start() : match.end()]):
                    continue
                readings = reader(match, context)
                if readings:
                    taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
                    found += readings
        return sorted((_settled(item, context) for item in found), key=lambda item: item.start)


def compiled(*shapes: tuple[str, Reader]) -> tuple[tuple[re.Pattern[str], Reader], ...]:
    """Compile the shapes of a language."""
    return tuple((re.compile(shape), reader) for shape, reader in shapes)


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
        return wrapped(match, recurring(kind, name, context), confidence)

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
