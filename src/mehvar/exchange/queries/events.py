"""Read topics, subscriptions, and whether a subscription may receive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from mehvar.exchange.data.events import SubscriptionState
from mehvar.exchange.models import Agreement, EventSubscription, EventTopic, Subsystem
from mehvar.exchange.queries import names, scope, standing
from mehvar.exchange.queries.days import today

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

_TOPIC = ("subsystem__member__organisation",)
_SUBSCRIPTION = (
    "topic__subsystem__member__organisation",
    "subsystem__member__organisation",
    "agreement",
)


def topics() -> QuerySet[EventTopic]:
    """Give every topic: what exists is no secret, what is told is."""
    order = ("subsystem__member__member_class", "subsystem__member__code", "subsystem__code", "code")
    return EventTopic.objects.select_related(*_TOPIC).prefetch_related("types").order_by(*order)


def topic(public_id: str) -> EventTopic:
    """Give one topic.

    Raises:
        NotFound: There is none.
    """
    found = topics().filter(public_id=public_id).first()
    if found is None:
        raise scope.missing("topic")
    return found


def topic_name(row: EventTopic) -> str:
    """Give ``INSTANCE/CLASS/MEMBER/SUBSYSTEM/TOPIC``."""
    return f"{names.client_name(row.subsystem)}/{row.code}"


def subscriptions() -> QuerySet[EventSubscription]:
    """Give every subscription, with what belongs to it."""
    return EventSubscription.objects.select_related(*_SUBSCRIPTION).order_by("-created_at")


def of_machine(subsystem: Subsystem) -> QuerySet[EventSubscription]:
    """Give a subsystem's own subscriptions."""
    return subscriptions().filter(subsystem=subsystem)


def visible(authority: Authority) -> QuerySet[EventSubscription]:
    """Give the subscriptions of a person's members, and those to their topics."""
    if scope.sees_all(authority):
        return subscriptions()
    mine = scope.own(authority, "subsystem__member__") | scope.own(authority, "topic__subsystem__member__")
    return subscriptions().filter(mine)


def visible_subscription(authority: Authority, public_id: str) -> EventSubscription:
    """Give one subscription.

    Raises:
        NotFound: There is none that the person may see.
    """
    found = visible(authority).filter(public_id=public_id).first()
    if found is None:
        raise scope.missing("subscription")
    return found


def open_agreement(row: EventTopic, subscriber: Subsystem) -> Agreement | None:
    """Give a valid agreement by which a subscriber may receive a topic, None where there is none."""
    valid = Q(state="valid", valid_from__lte=today()) & (Q(valid_until=None) | Q(valid_until__gte=today()))
    held = Agreement.objects.filter(valid, provider=row.subsystem.member, consumer=subscriber.member)
    return held.order_by("pk").first()


def needs_agreement(row: EventTopic, subscriber: Subsystem) -> bool:
    """Tell whether a subscriber needs an agreement: not for public topics, nor for those of its own member."""
    return not row.is_public and row.subsystem.member_id != subscriber.member_id


def may_receive(row: EventSubscription) -> bool:
    """Tell whether events may be handed out now; what may not waits."""
    if row.state != SubscriptionState.ACTIVE:
        return False
    member = row.subsystem.member
    if member.state != "approved" or row.subsystem.state != "active":
        return False
    if not needs_agreement(row.topic, row.subsystem):
        return True
    return row.agreement is not None and standing.of_agreement(row.agreement) == "valid"
