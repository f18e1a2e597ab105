"""Put inquiries into the navigation, and tell the ledger the names of what is recorded about calls and inquiries."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.queries import inquiries as queries
from mehvar.exchange.queries import scope
from mehvar.kernel.errors import NotFound
from mehvar.ledger.rules import naming, visibility
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import navigation
from mehvar.ui.data import NavigationItem

if TYPE_CHECKING:
    from django.http import HttpRequest

    from mehvar.accounts.models import User
    from mehvar.ledger.data import Person, Subject

ACTIONS = {
    "evidence.fault": _("Find a fault of the evidence"),
    "evidence.pass": _("Go on behind a fault of the evidence"),
    "inquiry.authorise": _("Authorise an officer to inquire"),
    "inquiry.end-authorisation": _("Take an authorisation to inquire back"),
    "inquiry.ask": _("Ask about somebody or something"),
    "inquiry.take-file": _("Take a file of questions"),
    "inquiry.start-file": _("Ask a file of questions"),
    "inquiry.cancel-file": _("Drop a file of questions"),
    "inquiry.flag": _("Flag an unusual volume of questions"),
    "inquiry.settle-flag": _("Look at an unusual volume of questions"),
    "subject.issue-code": _("Give a citizen a code"),
    "subject.look": _("Open the list of who asked about a person"),
    "subject.delay": _("Enter a delay by law"),
    "subject.end-delay": _("End a delay by law"),
}


def inquiries_item(request: HttpRequest) -> NavigationItem | None:
    """Lead officers, and those who authorise them, to inquiries."""
    if not request.user.is_authenticated:
        return None
    authority = organisations.authority_in(request)
    if not (queries.inquires(authority) or queries.authorises(authority)):
        return None
    return NavigationItem(
        label=gettext("Inquiries"),
        url=reverse("exchange:inquiries"),
        icon="search",
        prefix="/exchange/inquiries/",
    )


def register() -> None:
    """Register place, names, addresses and readers; called once when the room is ready."""
    navigation.register(inquiries_item, order=41)
    naming.register_actions(ACTIONS)
    naming.register_subject(
        "inquiry", label=_("Inquiry"), address=lambda key: reverse("exchange:inquiry", args=[key])
    )
    naming.register_subject(
        "inquiry-file",
        label=_("File of questions"),
        address=lambda key: reverse("exchange:inquiry_file", args=[key]),
    )
    for subject, label, page in (
        ("inquiry-authorisation", _("Authorisation to inquire"), "exchange:authorisations"),
        ("inquiry-flag", _("Unusual volume"), "exchange:unusual"),
        ("evidence-chain", _("Chain of evidence"), "exchange:evidence"),
    ):
        naming.register_subject(subject, label=label, address=_page(page))
    naming.register_subject("subject-code", label=_("Code from a counter"))
    naming.register_subject("subject-lookup", label=_("Look at a person's list"))
    for subject in (*_READ, "evidence-chain"):
        visibility.register_reader(subject, may_read)


def _page(name: str) -> naming.Address:
    return lambda _key: reverse(name)


_READ = {
    "inquiry": queries.own_inquiry,
    "inquiry-file": queries.own_batch,
    "inquiry-authorisation": queries.visible_authorisation,
}


def may_read(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on something: auditors and operators, else who may see it."""
    authority = organisations.authority_of(cast("User", person))
    if subject.type == "evidence-chain":
        return scope.sees_all(authority)
    if permissions.allows(authority, Permission.AUDIT):
        return True
    try:
        _READ[subject.type](authority, subject.identifier)
    except NotFound:
        return False
    return True
