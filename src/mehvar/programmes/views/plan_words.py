"""Name the states and steps of programmes, calls and plans for people, and give the axis on which they lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import Calendar
from mehvar.programmes.rules.lines import Writing, write_amount
from mehvar.programmes.rules.quality import Finding
from mehvar.ui import components
from mehvar.ui.data import AxisStep
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import filled

if TYPE_CHECKING:
    from django.http import HttpRequest, QueryDict

    from mehvar.accounts.models import User
    from mehvar.programmes.models import Plan, PlanCall, Programme, ProgrammeMeasure

Words = Mapping[str, tuple[str, Any]]

CURRENCIES = {"IRR": _("rial"), "VND": _("dong"), "USD": _("US dollar")}
"""Names of the currencies that calls ask for; others are shown by their code."""

PROGRAMME_STATES: Words = {
    "draft": ("draft", _("Draft")),
    "active": ("open", _("Running")),
    "finished": ("done", _("Finished")),
    "closed": ("closed", _("Closed")),
}
PLAN_STATES: Words = {
    "silent": ("missing", _("Silent")),
    "draft": ("draft", _("Being drafted")),
    "submitted": ("attention", _("Submitted")),
    "returned": ("late", _("Returned")),
    "accepted": ("done", _("Accepted")),
}
PLAN_STEPS: Words = {
    "start": ("draft", _("Begun")),
    "submit": ("attention", _("Submitted")),
    "take_back": ("draft", _("Taken back")),
    "return": ("late", _("Returned with remarks")),
    "accept": ("done", _("Accepted")),
}
PRODUCT_CLASSES: Words = {
    "none": ("neutral", ""),
    "current": ("info", _("Current products")),
    "emerging": ("attention", _("Emerging technology")),
}
TILE_STATES = {
    "silent": "missing",
    "draft": "draft",
    "submitted": "attention",
    "returned": "late",
    "accepted": "done",
}


def badge(words: Words, value: str) -> SafeString:
    """Show a value of a table of words as a badge."""
    state, label = words.get(value, ("neutral", value))
    return components.badge(state, label) if label else SafeString("")


def label(words: Words, value: str) -> str:
    """Give the word of a value."""
    return str(words.get(value, ("", value))[1])


def person(request: HttpRequest) -> User:
    """Give the person who is signed in."""
    return cast("User", request.user)


def posted(request: HttpRequest) -> QueryDict | None:
    """Give what was sent, also where it is empty; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def language() -> str:
    """Give the language of the page."""
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]


def state_of(plan: Plan) -> str:
    """Give the state in which a plan is shown: a draft that nobody opened is silent."""
    return "silent" if plan.state == "draft" and plan.started_at is None else str(plan.state)


def writing_for(call: PlanCall, request: HttpRequest | None = None) -> Writing:
    """Say how the reader of a page writes dates and amounts."""
    reader = reader_of(request) if request is not None else reader_of()
    return Writing(
        language=language(),
        calendar=Calendar(reader.calendar),
        currency=str(call.template.get("currency", "")),
        today=today(),
    )


def finding_words(found: Finding) -> str:
    """Give the sentence of a finding in the active language."""
    return filled(found.message, dict(found.params))


def axis(
    programme: Programme,
    *,
    at: str,
    measure: ProgrammeMeasure | None = None,
    plan: Plan | None = None,
    call: PlanCall | None = None,
) -> list[AxisStep]:
    """Give the thread on which an object of the programme lies; ``at`` is ``clause``, ``measure`` or ``plan``."""
    directive = measure.measure.directive if measure is not None and measure.measure is not None else None
    clause = reverse("directives:directive", args=[directive.public_id]) if directive else ""
    programme_url = reverse("programmes:programme", args=[programme.public_id])
    measure_url = (
        reverse("programmes:measure", args=[programme.public_id, measure.pk]) if measure else programme_url
    )
    plan_url = reverse("programmes:calls") + f"?programme={programme.public_id}"
    if plan is not None:
        plan_url = reverse("programmes:plan", args=[plan.public_id])
    elif call is not None:
        plan_url = reverse("programmes:call", args=[call.public_id])
    progress = reverse("programmes:deliveries") + f"?programme={programme.public_id}"
    places = [
        ("clause", gettext("Clause"), clause),
        ("measure", gettext("Measure"), measure_url),
        ("plan", gettext("Plan"), plan_url),
        ("progress", gettext("Progress"), progress),
        ("figure", gettext("Figure"), ""),
        ("report", gettext("Report"), ""),
    ]
    return [
        AxisStep(word, url, "current" if key == at else ("done" if url else "todo"))
        for key, word, url in places
    ]


def money(amount: Any, currency: str) -> str:
    """Write an amount with its currency as the reader names it."""
    return f"{write_amount(amount, language())} {CURRENCIES.get(currency, currency)}".strip()
