"""Say in words what waits for a person in the exchange, and which places there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.exchange.queries import scope
from mehvar.exchange.queries.days import today
from mehvar.ui.data import TaskItem
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mehvar.exchange.queries.waiting import Waits
    from mehvar.organisations.data import Authority


def tasks(found: Iterable[Waits]) -> list[TaskItem]:
    """Give what waits as a list of tasks, with the day and the link that does it."""
    return [_task(one) for one in found]


def _task(one: Waits) -> TaskItem:
    label, hint, url = _words(one.kind, one.row)
    is_late = one.until is not None and one.until < today()
    status = _("until %(date)s") % {"date": reader_of().date(one.until, "short")} if one.until else _("open")
    return TaskItem(label, url, "overdue" if is_late else "attention" if one.until else "open", status, hint)


def _words(kind: str, row: Any) -> tuple[str, str, str]:
    if kind in {"answer", "finish"}:
        label = _("Answer a request for access") if kind == "answer" else _("Finish your request for access")
        return (
            label,
            f"{row.subsystem} → {row.service.title}",
            reverse("exchange:request", args=[row.public_id]),
        )
    if kind in {"agree", "ending"}:
        label = _("Answer a proposed agreement") if kind == "agree" else _("An agreement ends")
        return label, row.title, reverse("exchange:agreement", args=[row.public_id])
    if kind == "member":
        return _("Decide on a membership"), str(row), reverse("exchange:member", args=[row.public_id])
    if kind == "application":
        return (
            _("Decide on a firm's application"),
            row.name,
            reverse("exchange:application", args=[row.public_id]),
        )
    label = _("A key runs out") if kind == "key" else _("A certificate runs out")
    holder = row.subsystem or row.member
    return label, f"{row.label} · {holder}", _holder_page(row)


def _holder_page(row: Any) -> str:
    if row.subsystem is None:
        return reverse("exchange:member", args=[row.member.public_id])
    return reverse("exchange:subsystem", args=[row.subsystem.member.public_id, row.subsystem.code])


def places(authority: Authority) -> list[tuple[str, str, str]]:
    """Give the places of the room: words, what is there, address."""
    found = [
        (
            _("Catalogue"),
            _("What is offered: try it, call it, ask for access"),
            reverse("exchange:catalogue"),
        ),
        (_("Calls"), _("Each with its receipt"), reverse("exchange:calls")),
        (_("Statistics"), _("How much, for what, how well"), reverse("exchange:statistics")),
        (_("Members"), _("Who takes part, with systems and services"), reverse("exchange:members")),
        (_("Requests for access"), _("Asked, answered, granted"), reverse("exchange:requests")),
        (_("Agreements"), _("On what basis data flow, and until when"), reverse("exchange:agreements")),
        (_("Who may ask what"), _("All rights as a matrix"), reverse("exchange:rights")),
        (_("Groups"), _("Clients that are granted rights together"), reverse("exchange:groups")),
        (_("Quotas"), _("How often who may call what"), reverse("exchange:quotas")),
        (_("Topics"), _("Events that members tell, and who receives them"), reverse("exchange:topics")),
        (_("Gateways"), _("Snapshot in force, evidence, stamps"), reverse("exchange:gateways")),
        (
            _("Routing snapshots"),
            _("Every published version and what changed"),
            reverse("exchange:snapshots"),
        ),
    ]
    if scope.sees_all(authority):
        applications = (
            _("Applications of firms"),
            _("From outside, without an account"),
            reverse("exchange:applications"),
        )
        evidence = (
            _("Signed evidence"),
            _("Whether all that was signed holds"),
            reverse("exchange:evidence"),
        )
        delays = (_("Delays by law"), _("What citizens are told later"), reverse("exchange:delays"))
        found += [applications, evidence, delays]
    return found
