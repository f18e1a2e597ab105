"""Keep the exchange's members, services, rights, credentials and published snapshots."""

from mehvar.exchange.models.access import (
    AccessRequest,
    AccessRequestEvent,
    AccessRight,
    Agreement,
    Quota,
)
from mehvar.exchange.models.credentials import Authority, ClientCertificate, ClientNetwork, SigningKey
from mehvar.exchange.models.members import ClientGroup, GroupMembership, Member, Subsystem
from mehvar.exchange.models.publication import Gateway, PublishedSnapshot
from mehvar.exchange.models.services import Endpoint, ExchangeService, ServiceDescription

__all__ = [
    "AccessRequest",
    "AccessRequestEvent",
    "AccessRight",
    "Agreement",
    "Authority",
    "ClientCertificate",
    "ClientGroup",
    "ClientNetwork",
    "Endpoint",
    "ExchangeService",
    "Gateway",
    "GroupMembership",
    "Member",
    "PublishedSnapshot",
    "Quota",
    "ServiceDescription",
    "SigningKey",
    "Subsystem",
]
