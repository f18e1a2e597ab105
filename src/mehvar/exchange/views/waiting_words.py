"""Say in words what waits for a person in the exchange, and which places there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.exchange.queries import scope, waiting
from mehvar.exchange.queries.days import today
from mehvar.exchange.tables import phrases
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.data import TaskItem
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mehvar.exchange.queries.waiting import Waits
    from mehvar.organisations.data import Authority

Place = tuple[str, str, str]


def tasks(found: Iterable[Waits]) -> list[TaskItem]:
    """Give what waits as a list of tasks, with the day and the link that does it."""
    return [_task(one) for one in found]


def _task(one: Waits) -> TaskItem:
    act, parts, url = waiting.words_of(one)
    is_late = one.until is not None and one.until < today()
    status = (
        _("until %(date)s") % {"date": reader_of().date(one.until, "short")}
        if one.until
        else _("as soon as you can")
    )
    state = "overdue" if is_late else "attention" if one.until else "open"
    return TaskItem(act, url, state, status, phrases.joined(parts))


def places(authority: Authority) -> list[tuple[str, list[Place]]]:
    """Give the places of the room in groups: the group's words, and of each place its words, what is there, its address."""
    return [
        (_("Ask and answer"), _asking()),
        (_("Calls and oversight"), _watching(authority)),
        (_("Order of the exchange"), _ordering(authority)),
    ]


def _asking() -> list[Place]:
    return [
        _place("catalogue", _("Catalogue"), _("What is offered: try it, call it, ask for access")),
        _place("requests", _("Requests for access"), _("Asked, answered, granted")),
        _place("agreements", _("Agreements"), _("On what basis data flow, and until when")),
        _place("rights", _("Who may ask what"), _("All rights as a matrix")),
        _place("topics", _("Topics"), _("Events that members tell, and who receives them")),
    ]


def _watching(authority: Authority) -> list[Place]:
    found = [
        _place("calls", _("Calls"), _("Each with its receipt")),
        _place("statistics", _("Statistics"), _("How much, for what, how well")),
        _place("gateways", _("Gateways"), _("Snapshot in force, evidence, stamps")),
    ]
    if scope.sees_all(authority):
        found += [
            _place("evidence", _("Signed evidence"), _("Whether all that was signed holds")),
            _place("snapshots", _("Routing snapshots"), _("Every published version and what changed")),
        ]
    if permissions.allows(authority, Permission.AUDIT):
        found.append(_place("inquiries", _("Inquiries"), _("Which officers may ask, and unusual volumes")))
    return found


def _ordering(authority: Authority) -> list[Place]:
    found = [
        _place("members", _("Members"), _("Who takes part, with systems and services")),
        _place("groups", _("Groups"), _("Clients that are granted rights together")),
        _place("quotas", _("Quotas"), _("How often who may call what")),
    ]
    if scope.sees_all(authority):
        found += [
            _place("applications", _("Applications of firms"), _("From outside, without an account")),
            _place("delays", _("Delays by law"), _("What citizens are told later")),
        ]
    return found


def _place(name: str, words: str, hint: str) -> Place:
    return words, hint, reverse(f"exchange:{name}")
