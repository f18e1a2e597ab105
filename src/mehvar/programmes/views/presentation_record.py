"""Tell the ledger the names of what is recorded about stocktakes, flagships and performance reports, and who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.ledger.rules import naming, visibility
from mehvar.organisations import queries as organisations
from mehvar.programmes.queries import flagships, performance, stocktakes

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.ledger.data import Person, Subject

ACTIONS = {
    "stocktake.plan": _("Plan a stocktake"),
    "stocktake.begin": _("Begin the stocktake"),
    "stocktake.end": _("End the stocktake"),
    "stocktake.cancel": _("Cancel the stocktake"),
    "flagship.draft": _("Draft an identity sheet"),
    "flagship.change": _("Change an identity sheet"),
    "flagship.list": _("List a flagship project"),
    "flagship.unlist": _("Take off the public list"),
    "flagship.move": _("Move in the list"),
    "flagship.present": _("Present officially"),
    "performance.freeze": _("Freeze a performance report"),
    "performance.publish": _("Publish a performance report"),
}


def register() -> None:
    """Register names, addresses and readers; called once when the room is ready."""
    naming.register_actions(ACTIONS)
    naming.register_subject(
        "stocktake",
        label=_("Stocktake"),
        address=lambda identifier: reverse("programmes:stocktake", args=[identifier]),
    )
    naming.register_subject(
        "flagship",
        label=_("Flagship project"),
        address=lambda identifier: reverse("programmes:flagship", args=[identifier]),
    )
    naming.register_subject(
        "performance-report",
        label=_("Performance report"),
        address=lambda identifier: reverse("programmes:performance_report", args=[identifier]),
    )
    visibility.register_reader("stocktake", may_read_stocktake)
    visibility.register_reader("flagship", may_read_flagship)
    visibility.register_reader("performance-report", may_read_report)


def may_read_stocktake(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on a stocktake: who holds it."""
    authority = organisations.authority_of(cast("User", person))
    return stocktakes.stocktakes_for(authority).filter(public_id=subject.identifier).exists()


def may_read_flagship(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on a flagship: who keeps the register."""
    authority = organisations.authority_of(cast("User", person))
    return flagships.kept_by(authority).filter(public_id=subject.identifier).exists()


def may_read_report(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on a report: who may see the body."""
    authority = organisations.authority_of(cast("User", person))
    return performance.reports_for(authority).filter(public_id=subject.identifier).exists()
