"""Tell the ledger the names of what is recorded about progress, and who may read it: who may see the delivery or the round."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.ledger.rules import naming, visibility
from mehvar.organisations import queries as organisations
from mehvar.programmes.queries import progress, scope

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.ledger.data import Person, Subject

ACTIONS = {
    "directive.deliveries": _("Make deliveries"),
    "status.recompute": _("Compute colours and counts anew"),
    "round.open": _("Ask for reports"),
    "round.extend": _("Give more time to report"),
    "round.close": _("Close the period"),
    "round.chase": _("Remind of a late report"),
    "report.submit": _("Report progress"),
    "report.accept": _("Accept a report"),
    "report.approve": _("Approve a report"),
    "report.return": _("Return a report"),
    "report.attach": _("Attach evidence"),
    "report.detach": _("Remove evidence"),
    "delivery.ask_extension": _("Ask for more time"),
    "delivery.grant_extension": _("Grant more time"),
    "delivery.refuse_extension": _("Refuse more time"),
    "delivery.claim": _("Claim completion"),
    "delivery.appoint_verifier": _("Appoint who verifies"),
    "delivery.verify": _("Verify completion"),
    "delivery.refuse": _("Refuse completion"),
    "delivery.judge": _("Judge delivery confidence"),
}


def register() -> None:
    """Register names, addresses and readers; called once when the room is ready."""
    naming.register_actions(ACTIONS)
    naming.register_subject(
        "delivery",
        label=_("Delivery"),
        address=lambda identifier: reverse("programmes:delivery", args=[identifier]),
    )
    naming.register_subject(
        "reporting-round",
        label=_("Reporting round"),
        address=lambda identifier: reverse("programmes:round", args=[identifier]),
    )
    visibility.register_reader("delivery", may_read_delivery)
    visibility.register_reader("reporting-round", may_read_round)


def may_read_delivery(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on a delivery: who may see it."""
    authority = organisations.authority_of(cast("User", person))
    return scope.visible_deliveries(authority).filter(public_id=subject.identifier).exists()


def may_read_round(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on a round: who watches over the body that asks, since they name all bodies."""
    authority = organisations.authority_of(cast("User", person))
    rows = (
        progress.visible_rounds(authority)
        .filter(public_id=subject.identifier)
        .values_list("issuer_id", flat=True)
    )
    issuer = rows.first()
    return issuer is not None and scope.scope_of(authority).holds_issuer(issuer)
