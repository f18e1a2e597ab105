"""Show the working calendar by which clocks run, with its source, and let the ministry correct it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import MehvarError
from mehvar.kernel.periods import Kind, Period
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import calendars as actions
from mehvar.programmes.forms.obstacles import ClosureForm
from mehvar.programmes.queries import working_days as queries
from mehvar.programmes.tables.period_words import period_name
from mehvar.ui import notices
from mehvar.ui.refusals import done, said

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from mehvar.accounts.models import User

SOURCES = (
    gettext_noop(
        "Official calendar of the country, Council of Public Culture, 1399 to 1405 (astronomical part: Institute of Geophysics, University of Tehran)"
    ),
    gettext_noop(
        "Lunar days from Mordad 1405 are marked expected until the month is announced. Friday rests by law; Thursday rests as configured here, since many executive bodies open half of it or not at all."
    ),
    gettext_noop(
        "Labour Code (2012, article 115; 2019, article 112) and the Government's yearly announcements of days off and swapped days, 2020 to 2026"
    ),
    gettext_noop(
        "Days of 2027 are marked expected until the Government announces them. Two days of rest a week since 2 October 1999 (Decision 188/1999/QĐ-TTg)."
    ),
)
"""What ``calendars/sources.csv`` says, so that it can be translated."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_page(request: HttpRequest) -> HttpResponse:
    """Show this year's days off, where they come from, and what the ministry added."""
    ministry = organisations.ministry()
    country = str(ministry.pack)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    may_set = permissions.allows(authority, Permission.MANAGE_PROGRAMMES, ministry.path)
    if request.method == "POST":
        permissions.require(authority, Permission.MANAGE_PROGRAMMES, ministry.path)
    form = ClosureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        worked = given["worked"] == "worked"
        user = cast("User", request.user)
        if done(form, lambda: actions.set_day(user, given["day"], worked=worked, reason=given["reason"])):
            notices.done(request, _("The calendar is corrected; clocks that start from now on count by it."))
            return redirect("programmes:working_days")
    year, calendar = _year(country), queries.calendar_for(country)
    context: dict[str, Any] = {
        "calendar": calendar,
        "source": _(calendar.coverage.source) if calendar.coverage else "",
        "source_note": _(calendar.coverage.note) if calendar.coverage and calendar.coverage.note else "",
        "years": [
            {"name": period_name(one.id), "days": queries.days_off_between(country, one.start, one.end)}
            for one in (year, year.next())
        ],
        "added": list(queries.added_days(country)[:200]),
        "may_set": may_set,
        "form": form,
    }
    return render(request, "programmes/obstacles/calendar.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def forget(request: HttpRequest, day: str) -> HttpResponse:
    """Take back what was set for a day."""
    ministry = organisations.ministry()
    permissions.require(organisations.authority_in(request), Permission.MANAGE_PROGRAMMES, ministry.path)
    try:
        actions.forget_day(cast("User", request.user), date.fromisoformat(day))
        notices.done(request, _("The published calendar holds again for this day."))
    except ValueError:
        notices.failed(request, _("This is not a date."))
    except MehvarError as error:
        notices.failed(request, said(error))
    return redirect("programmes:working_days")


def _year(country: str) -> Period:
    """Give the present year in the country's calendar."""
    return Period.containing(today(), Kind.YEAR, Calendar.JALALI if country == "ir" else Calendar.GREGORIAN)


urlpatterns = [
    path("working-days/", calendar_page, name="working_days"),
    path("working-days/<slug:day>/forget/", forget, name="working_day_forget"),
]
