"""Give members, subsystems and services the names by which the protocol calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from mehvar.exchange.data.identifiers import ClientId, ServiceId
from mehvar.exchange.models import Member, Subsystem
from mehvar.exchange.queries.scope import missing
from mehvar.exchange.rules.identifiers import parse_client_id
from mehvar.kernel.errors import InputError

if TYPE_CHECKING:
    from mehvar.exchange.models import ExchangeService


def instance() -> str:
    """Give the name of this exchange, the first part of every identifier."""
    return str(settings.MEHVAR_EXCHANGE_INSTANCE)


def member_name(member: Member) -> str:
    """Give ``INSTANCE/CLASS/CODE``, each part percent-encoded."""
    return str(ClientId(instance(), member.member_class, member.code))


def client_name(subsystem: Subsystem) -> str:
    """Give ``INSTANCE/CLASS/CODE/SUBSYSTEM``, each part percent-encoded."""
    member = subsystem.member
    return str(ClientId(instance(), member.member_class, member.code, subsystem.code))


def service_name(service: ExchangeService) -> str:
    """Give ``INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE``, each part percent-encoded."""
    member = service.subsystem.member
    provider = ClientId(instance(), member.member_class, member.code, service.subsystem.code)
    return str(ServiceId(provider, service.code))


def subsystem_named(text: str) -> Subsystem:
    """Give the subsystem that a client's name means.

    Raises:
        InputError: It is no name of a client.
        NotFound: There is no such subsystem.
    """
    name = parse_client_id(text.strip())
    if name.instance != instance() or not name.subsystem:
        raise InputError(
            "Write the whole name of a subsystem: {instance}/CLASS/MEMBER/SUBSYSTEM",
            code="bad-client",
            instance=instance(),
        )
    found = (
        Subsystem.objects.select_related("member__organisation")
        .filter(member__member_class=name.member_class, member__code=name.member_code, code=name.subsystem)
        .first()
    )
    if found is None:
        raise missing("subsystem")
    return found
