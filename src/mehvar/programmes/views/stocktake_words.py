"""Put a stocktake's figures into words of the reader's language, for the wall and for the minutes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mehvar.organisations import queries as organisations
from mehvar.programmes.rules.stocktakes import MeetingStep, RedCause
from mehvar.programmes.tables import obstacle_words
from mehvar.programmes.tables.period_words import period_name
from mehvar.ui.data import FourCells

if TYPE_CHECKING:
    from mehvar.ui.reader import Reader

STEP_WORDS = {
    MeetingStep.OVERVIEW: gettext_lazy("Overview"),
    MeetingStep.FIELDS: gettext_lazy("By field"),
    MeetingStep.PROVINCES: gettext_lazy("By province"),
    MeetingStep.RED: gettext_lazy("Red list"),
    MeetingStep.OBSTACLES: gettext_lazy("Waiting for a decision"),
    MeetingStep.LATE: gettext_lazy("Late reports"),
    MeetingStep.EARLIER: gettext_lazy("Earlier decisions"),
}
RESOLUTIONS = {
    "open": ("open", gettext_lazy("Open")),
    "in_progress": ("open", gettext_lazy("In progress")),
    "claimed": ("attention", gettext_lazy("Reported as done")),
    "done": ("done", gettext_lazy("Done")),
    "dropped": ("closed", gettext_lazy("Dropped")),
}


def cells_of(found: Mapping[str, int]) -> FourCells:
    """Give four cells of kept figures."""
    return FourCells(**found)


def day_of(written: str | None) -> date | None:
    """Give the day of kept figures."""
    return date.fromisoformat(written) if written else None


def name_of(body: Mapping[str, Any], language: str) -> str:
    """Name a body of kept figures."""
    return organisations.name_in(body, language)


def why_red(why: Mapping[str, Any], reader: Reader) -> str:
    """Say in one sentence why a delivery is red."""
    parts = [_cause(why, reader)]
    if why["silent"]:
        parts.append(_("nothing was reported"))
    elif why["approved"] is not None and why["cause"] != RedCause.BEHIND:
        parts.append(_("%(approved)s verified") % {"approved": reader.percent(why["approved"] / 100)})
    if why["moved"]:
        parts.append(_("the first date has passed too"))
    if why["rosy"]:
        parts.append(_("the body itself calls it green"))
    return (_(", ").join(parts)) + "."


def _cause(why: Mapping[str, Any], reader: Reader) -> str:
    days = int(why["days"])
    if why["cause"] == RedCause.OVERDUE:
        text = ngettext("Overdue by %(days)s day", "Overdue by %(days)s days", days)
        return text % {"days": reader.number(days)}
    if why["cause"] == RedCause.CLAIMED_LATE:
        text = ngettext("Said to be done %(days)s day late", "Said to be done %(days)s days late", days)
        return text % {"days": reader.number(days)}
    return _("%(approved)s verified where %(expected)s should be reached") % {
        "approved": reader.percent((why["approved"] or 0) / 100),
        "expected": reader.percent((why["expected"] or 0) / 100),
    }


def red_rows(found: Mapping[str, Any], reader: Reader) -> list[dict[str, Any]]:
    """Give the red list with its sentences."""
    return [
        {
            "text": one["text"],
            "url": reverse("programmes:delivery", args=[one["id"]]),
            "body": name_of(one["body"], reader.language),
            "field": one["field"],
            "due": day_of(one["due_on"]),
            "why": why_red(one["why"], reader),
            "rosy": one["why"]["rosy"],
        }
        for one in found["rows"]
    ]


def red_groups(rows: list[dict[str, Any]], *, most: int) -> tuple[list[dict[str, Any]], int]:
    """Join what is red at several bodies for one measure, in the order of the list; give the first ones and how many rows are left."""
    groups: dict[str, dict[str, Any]] = {}
    for one in rows:
        groups.setdefault(one["text"], {**one, "bodies": []})["bodies"].append(one)
    shown = list(groups.values())[:most]
    return shown, len(rows) - sum(len(group["bodies"]) for group in shown)


def obstacle_rows(found: Mapping[str, Any], reader: Reader) -> list[dict[str, Any]]:
    """Give the obstacles that wait, with their words."""
    levels, causes = dict(obstacle_words.LEVELS), dict(obstacle_words.CAUSES)
    return [
        {
            "title": one["title"],
            "url": _obstacle_page(one["id"]),
            "body": name_of(one["body"], reader.language),
            "level": str(levels.get(one["level"], one["level"])),
            "cause": str(causes.get(one["cause"], one["cause"])),
            "needed": one["needed"],
            "due": day_of(one["due_on"]),
        }
        for one in found["rows"]
    ]


def _obstacle_page(public_id: str) -> str:
    try:
        return reverse("programmes:obstacle", args=[public_id])
    except NoReverseMatch:
        return ""


def late_rows(found: Mapping[str, Any], reader: Reader) -> list[dict[str, Any]]:
    """Give the reports that are late."""
    return [
        {
            "body": name_of(one["body"], reader.language),
            "url": reverse("programmes:round", args=[one["round"]]),
            "period": period_name(one["period"], reader),
            "due": day_of(one["due_on"]),
            "climbs": one["climbs"],
        }
        for one in found["rows"]
    ]


def decision_rows(found: list[dict[str, Any]], reader: Reader) -> list[dict[str, Any]]:
    """Give decisions with their owners, dates and what became of them."""
    rows = []
    for one in found:
        state, word = RESOLUTIONS.get(one["state"], ("neutral", one["state"]))
        rows.append(
            {
                "number": one["number"],
                "text": one["text"],
                "url": reverse("directives:resolution", args=[one["key"]]),
                "owner": name_of(one["owner"], reader.language),
                "due": day_of(one["due_on"]),
                "held": day_of(one.get("held_on")),
                "state": state,
                "word": str(word),
            }
        )
    return rows


def field_word(name: str) -> str:
    """Name a field."""
    return name or _("Without a field")
