"""Tell the day by which deadlines and agreements count."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from mehvar.kernel import clock


def today() -> date:
    """Give the present day in the installation's time zone."""
    return clock.today(settings.TIME_ZONE)
