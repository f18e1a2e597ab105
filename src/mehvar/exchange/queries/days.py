"""Tell the day by which deadlines and agreements count."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from mehvar.kernel import clock


def today() -> date:
    """Give the present day in the installation's time zone."""
    return clock.today(settings.TIME_ZONE)


def day_of(moment: datetime) -> date:
    """Give the day of a moment in the installation's time zone; just before midnight UTC it is the next day in Tehran."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
