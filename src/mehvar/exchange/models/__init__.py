"""Keep the exchange's members, services, rights, credentials and published snapshots."""

from mehvar.exchange.models.access import (
    AccessRequest,
    AccessRequestEvent,
    AccessRight,
    Agreement,
    Quota,
)
from mehvar.exchange.models.credentials import Authority, ClientCertificate, ClientNetwork, SigningKey
from mehvar.exchange.models.events import (
    EventCursor,
    EventDelivery,
    EventLog,
    EventSubscription,
    EventTopic,
    EventType,
    StoredEvent,
    UsedNonce,
)
from mehvar.exchange.models.inquiries import Inquiry, InquiryAuthorisation, InquiryBatch, InquiryFlag
from mehvar.exchange.models.members import (
    ClientGroup,
    GroupMembership,
    Member,
    MemberApplication,
    Subsystem,
)
from mehvar.exchange.models.operations import (
    CatalogueEntry,
    EvidenceChain,
    EvidenceFault,
    HourlyTally,
    IndexedCall,
)
from mehvar.exchange.models.publication import Gateway, PublishedSnapshot
from mehvar.exchange.models.services import Endpoint, ExchangeService, ServiceDescription
from mehvar.exchange.models.subjects import CounterCode, DisclosureDelay, SubjectLookup

__all__ = [
    "AccessRequest",
    "AccessRequestEvent",
    "AccessRight",
    "Agreement",
    "Authority",
    "CatalogueEntry",
    "ClientCertificate",
    "ClientGroup",
    "ClientNetwork",
    "CounterCode",
    "DisclosureDelay",
    "Endpoint",
    "EventCursor",
    "EventDelivery",
    "EventLog",
    "EventSubscription",
    "EventTopic",
    "EventType",
    "EvidenceChain",
    "EvidenceFault",
    "ExchangeService",
    "Gateway",
    "GroupMembership",
    "HourlyTally",
    "IndexedCall",
    "Inquiry",
    "InquiryAuthorisation",
    "InquiryBatch",
    "InquiryFlag",
    "Member",
    "MemberApplication",
    "PublishedSnapshot",
    "Quota",
    "ServiceDescription",
    "SigningKey",
    "StoredEvent",
    "SubjectLookup",
    "Subsystem",
    "UsedNonce",
]
