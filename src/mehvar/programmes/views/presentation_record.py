"""Tell the ledger the names of what is recorded about stocktakes, flagships and performance reports, and who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.ledger.rules import naming, visibility
from mehvar.organisations import queries as organisations
from mehvar.programmes.queries import stocktakes

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.ledger.data import Person, Subject

ACTIONS = {
    "stocktake.plan": _("Plan a stocktake"),
    "stocktake.begin": _("Begin the stocktake"),
    "stocktake.end": _("End the stocktake"),
    "stocktake.cancel": _("Cancel the stocktake"),
}


def register() -> None:
    """Register names, addresses and readers; called once when the room is ready."""
    naming.register_actions(ACTIONS)
    naming.register_subject(
        "stocktake",
        label=_("Stocktake"),
        address=lambda identifier: reverse("programmes:stocktake", args=[identifier]),
    )
    visibility.register_reader("stocktake", may_read_stocktake)


def may_read_stocktake(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on a stocktake: who holds it."""
    authority = organisations.authority_of(cast("User", person))
    return stocktakes.stocktakes_for(authority).filter(public_id=subject.identifier).exists()
