"""Read a person's calendar feed and write the calendar it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from mehvar.directives.queries.days import today
from mehvar.home.models import CalendarFeed
from mehvar.home.queries import waiting
from mehvar.home.rules import icalendar
from mehvar.kernel import clock
from mehvar.organisations import queries as organisations
from mehvar.ui.reader import for_language

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def feed_of(user_id: int) -> CalendarFeed | None:
    """Return the person's living feed."""
    return CalendarFeed.objects.filter(user_id=user_id, revoked_at__isnull=True).first()


def calendar_for(user: User) -> str:
    """Write the person's deadlines as a calendar, in the person's language, with the days in the person's own calendar as words."""
    language = user.language or settings.LANGUAGE_CODE
    authority = organisations.authority_of(user)
    with translation.override(language):
        deadlines = waiting.deadlines_of(authority, today())
        reader = for_language(language, calendar=user.calendar or None)
        said = {one.day: _("Due on {date}").format(date=reader.date(one.day)) for one in deadlines}
        return icalendar.calendar_of(
            deadlines,
            name=_("Mehvar: my deadlines"),
            host=urlsplit(settings.MEHVAR_BASE_URL).hostname or "mehvar",
            now=clock.now(),
            said=said,
        )
