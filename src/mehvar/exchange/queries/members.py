"""Read what belongs to members, subsystems and services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import BooleanField, Case, Q, When

from mehvar.exchange.models import (
    AccessRight,
    ClientCertificate,
    ClientGroup,
    ClientNetwork,
    Quota,
    SigningKey,
    Subsystem,
)
from mehvar.exchange.queries import scope

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.exchange.models import ExchangeService, Member
    from mehvar.organisations.data import Authority

RIGHT_RELATED = (
    "agreement", "service__subsystem__member__organisation", "subsystem__member__organisation", "group", "endpoint",
)  # fmt: skip


def subsystems_of(member: Member) -> QuerySet[Subsystem]:
    """Give a member's subsystems, active ones first."""
    return member.subsystems.select_related("member__organisation").order_by("state", "code")


def keys_of(subsystem: Subsystem) -> QuerySet[SigningKey]:
    """Give a subsystem's keys, the newest first."""
    return SigningKey.objects.filter(subsystem=subsystem).order_by("-created_at")


def certificates_of(member: Member, subsystem: Subsystem | None = None) -> QuerySet[ClientCertificate]:
    """Give the certificates of a subsystem, or those of the member itself, the newest first."""
    rows = ClientCertificate.objects.filter(member=member, subsystem=subsystem)
    return rows.select_related("authority").order_by("-created_at")


def networks_of(subsystem: Subsystem) -> QuerySet[ClientNetwork]:
    """Give the networks from which a subsystem may call without a key."""
    return ClientNetwork.objects.filter(subsystem=subsystem).order_by("network")


def groups_of(subsystem: Subsystem) -> QuerySet[ClientGroup]:
    """Give the groups to which a subsystem belongs now."""
    return ClientGroup.objects.filter(memberships__subsystem=subsystem, memberships__left_at=None).order_by(
        "code"
    )


def rights_held_by(subsystem: Subsystem) -> QuerySet[AccessRight]:
    """Give the rights that a subsystem holds now, by itself or by a group."""
    condition = Q(subsystem=subsystem) | Q(group__in=groups_of(subsystem).order_by())
    rows = AccessRight.objects.filter(condition, revoked_at=None).select_related(*RIGHT_RELATED)
    return rows.order_by("service__title", "pk")


def rights_on(service: ExchangeService) -> QuerySet[AccessRight]:
    """Give the rights on a service that are not revoked."""
    rows = AccessRight.objects.filter(service=service, revoked_at=None).select_related(*RIGHT_RELATED)
    return rows.order_by("subsystem__member__code", "pk")


def quotas_on(service: ExchangeService) -> QuerySet[Quota]:
    """Give the quotas that hold on a service: its own, and those for every service."""
    rows = Quota.objects.filter(Q(service=service) | Q(service=None))
    return rows.select_related("service", "subsystem__member").order_by("service", "subsystem")


def visible_quotas(authority: Authority) -> QuerySet[Quota]:
    """Give the quotas on visible services and on all, each with whether the person may remove it (``is_own``)."""
    shown = scope.visible_services(authority).order_by()
    rows = Quota.objects.filter(Q(service=None) | Q(service__in=shown))
    rows = rows.annotate(
        is_own=Case(
            When(scope.manageable(authority, "service__subsystem__member__"), then=True),
            default=False,
            output_field=BooleanField(),
        )
    )
    return rows.select_related("service__subsystem__member", "subsystem__member").order_by("pk")
