"""Read a country's working calendar as published, with the closures and worked days that the ministry added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mehvar.organisations import queries as organisations
from mehvar.programmes.models import Holiday
from mehvar.programmes.rules import working_days as rules

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from mehvar.organisations.models import Organisation
    from mehvar.programmes.rules.working_days import WorkingCalendar


@organisations.read_once
def calendar_for(country: str) -> WorkingCalendar:
    """Give a country's working calendar with what the ministry added; one query."""
    added = list(Holiday.objects.filter(country=country).values_list("day", "worked"))
    return rules.calendar_for(country).with_days(
        off=[day for day, worked in added if not worked], worked=[day for day, worked in added if worked]
    )


def calendar_of(body: Organisation) -> WorkingCalendar:
    """Give the working calendar by which a body's clocks run: that of its country."""
    return calendar_for(body.pack)


def added_days(country: str) -> QuerySet[Holiday, Any]:
    """Give the days that the ministry added, the latest first."""
    return Holiday.objects.filter(country=country).order_by("-day")


def days_off_between(country: str, first: date, last: date) -> list[rules.DayRow]:
    """Give the published days of a span with their names, in order."""
    return [row for row in rules.days_of(country) if first <= row.day <= last]
