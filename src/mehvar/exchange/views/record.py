"""Put the exchange into the navigation, and tell the ledger the names of what is recorded here and who may read it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.models import Member
from mehvar.exchange.queries import events, names, scope, waiting
from mehvar.exchange.tables import words
from mehvar.kernel.errors import NotFound
from mehvar.ledger.rules import naming, visibility
from mehvar.organisations import queries as organisations
from mehvar.ui import navigation
from mehvar.ui.data import NavigationItem

if TYPE_CHECKING:
    from django.http import HttpRequest

    from mehvar.accounts.models import User
    from mehvar.ledger.data import Person, Subject

ACTIONS = {
    "exchange.member.apply": _("Apply for membership"),
    "exchange.member.approve": _("Approve a member"),
    "exchange.member.refuse": _("Refuse a membership"),
    "exchange.member.suspend": _("Suspend a member"),
    "exchange.member.resume": _("Let a member take part again"),
    "exchange.member.leave": _("Leave the exchange"),
    "exchange.member.change": _("Change a member's contact"),
    "exchange.application.apply": _("Apply from outside"),
    "exchange.application.approve": _("Approve a firm's application"),
    "exchange.application.refuse": _("Refuse a firm's application"),
    "exchange.subsystem.open": _("Open a subsystem"),
    "exchange.subsystem.change": _("Change a subsystem"),
    "exchange.subsystem.close": _("Close a subsystem"),
    "exchange.service.draft": _("Draft a service"),
    "exchange.service.change": _("Change a service"),
    "exchange.service.publish": _("Publish a service"),
    "exchange.service.disable": _("Disable a service"),
    "exchange.service.retire": _("Retire a service"),
    "exchange.endpoint.add": _("Add an endpoint"),
    "exchange.endpoint.change": _("Change an endpoint"),
    "exchange.endpoint.remove": _("Remove an endpoint"),
    "exchange.description.upload": _("Upload a description"),
    "exchange.agreement.propose": _("Propose an agreement"),
    "exchange.agreement.accept": _("Accept an agreement"),
    "exchange.agreement.agree": _("Agree by granting a request"),
    "exchange.agreement.extend": _("Extend an agreement"),
    "exchange.agreement.end": _("End an agreement"),
    "exchange.right.grant": _("Grant a right"),
    "exchange.right.revoke": _("Revoke a right"),
    "exchange.request.begin": _("Begin a request for access"),
    "exchange.request.submit": _("Submit a request for access"),
    "exchange.request.return": _("Return a request with remarks"),
    "exchange.request.grant": _("Grant a request for access"),
    "exchange.request.refuse": _("Refuse a request for access"),
    "exchange.request.withdraw": _("Take a request for access back"),
    "exchange.request.late": _("A request is not answered in time"),
    "exchange.key.register": _("Register a key"),
    "exchange.key.revoke": _("Revoke a key"),
    "exchange.certificate.issue": _("Issue a certificate"),
    "exchange.certificate.register": _("Register a certificate"),
    "exchange.certificate.revoke": _("Revoke a certificate"),
    "exchange.authority.add": _("Trust an authority"),
    "exchange.authority.withdraw": _("Withdraw trust from an authority"),
    "exchange.group.create": _("Create a group"),
    "exchange.group.change": _("Change a group"),
    "exchange.group.join": _("Add a client to a group"),
    "exchange.group.leave": _("Take a client out of a group"),
    "exchange.quota.set": _("Set a quota"),
    "exchange.quota.remove": _("Remove a quota"),
    "exchange.network.allow": _("Allow a network without a key"),
    "exchange.network.forbid": _("Take a network back"),
    "exchange.gateway.register": _("Register a gateway"),
    "exchange.gateway.forget": _("Take a gateway off the list"),
    "exchange.snapshot.publish": _("Publish a routing snapshot"),
    "exchange.subject-key.rotate": _("Make a new version of the key for persons’ tokens"),
    "exchange.subject-key.retire": _("Forget an older version of the key for persons’ tokens"),
    "exchange.topic.open": _("Open a topic"),
    "exchange.topic.describe": _("Describe a type of event"),
    "exchange.topic.close": _("Close a topic"),
    "exchange.subscription.open": _("Subscribe to a topic"),
    "exchange.subscription.change": _("Change how events come"),
    "exchange.subscription.paused": _("Pause a subscription"),
    "exchange.subscription.active": _("Resume a subscription"),
    "exchange.subscription.ended": _("End the subscription"),
    "exchange.subscription.replay": _("Replay events"),
    "exchange.subscription.requeue": _("Try undelivered events again"),
}


def exchange_item(request: HttpRequest) -> NavigationItem | None:
    """Lead those who work with the exchange to it, with how much waits for them."""
    if not request.user.is_authenticated:
        return None
    authority = organisations.authority_in(request)
    if not scope.takes_part(authority):
        return None
    return NavigationItem(
        label=gettext("Exchange"),
        url=reverse("exchange:home"),
        icon="link",
        prefix="/exchange/",
        count=waiting.count(authority) or None,
    )


def register() -> None:
    """Register place, names, addresses and readers; called once when the room is ready."""
    navigation.register(exchange_item, order=40)
    naming.register_actions(ACTIONS)
    naming.register_subject(
        "exchange-member",
        label=_("Member of the exchange"),
        address=partial(_address, "exchange:member"),
        title=_member,
    )
    for subject, label, name in (
        ("exchange-service", _("Service of the exchange"), "exchange:service"),
        ("exchange-agreement", _("Agreement"), "exchange:agreement"),
        ("exchange-right", _("Access right"), "exchange:right"),
        ("exchange-request", _("Request for access"), "exchange:request"),
        ("exchange-application", _("Application of a firm"), "exchange:application"),
        ("exchange-group", _("Group of clients"), "exchange:group"),
        ("exchange-snapshot", _("Routing snapshot"), "exchange:snapshot"),
        ("exchange-topic", _("Topic"), "exchange:topic"),
        ("exchange-subscription", _("Subscription to a topic"), "exchange:subscription"),
    ):
        naming.register_subject(subject, label=label, address=partial(_address, name))
    for subject, label in (
        ("exchange-gateway", _("Gateway")),
        ("exchange-authority", _("Certificate authority")),
    ):
        naming.register_subject(subject, label=label, address=lambda _one: reverse("exchange:gateways"))
    naming.register_subject("exchange-subject-key", label=_("Key for persons’ tokens"))
    naming.register_subject(
        "exchange-quotas", label=_("Quotas"), address=lambda _all: reverse("exchange:quotas")
    )
    for subject in (*_READ, "exchange-quotas", "exchange-gateway"):
        visibility.register_reader(subject, may_read)


def _address(name: str, identifier: str) -> str:
    return reverse(name, args=[identifier])


def _member(public_id: str) -> str:
    """Name a member: the body in the page's language, and its name in the protocol."""
    row = Member.objects.filter(public_id=public_id).select_related("organisation").first()
    return f"{words.name_of(row.organisation)} · {names.member_name(row)}" if row else ""


_READ = {
    "exchange-member": scope.visible_member,
    "exchange-service": scope.visible_service,
    "exchange-agreement": scope.visible_agreement,
    "exchange-request": scope.visible_request,
    "exchange-application": scope.visible_application,
    "exchange-subscription": events.visible_subscription,
}


def may_read(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on something: who sees all, else who manages it."""
    authority = organisations.authority_of(cast("User", person))
    if scope.sees_all(authority):
        return True
    try:
        row: Any = _READ[subject.type](authority, subject.identifier)
    except (NotFound, KeyError):
        return False
    if subject.type == "exchange-service":
        return scope.manages(authority, row.subsystem.member)
    if subject.type == "exchange-member":
        return scope.manages(authority, row)
    return scope.takes_part(authority)
