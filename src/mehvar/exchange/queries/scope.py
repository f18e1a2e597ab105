"""Say who may see and do what in the exchange.

The operator sees and arranges all; auditors see all; engineers see and manage what belongs to members within their subtree. Members'
names, published services, valid agreements and groups are open to everybody who works with the exchange.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model, Q, QuerySet

from mehvar.exchange.data.control import AgreementState, MemberState, ServiceState
from mehvar.exchange.models import (
    AccessRequest,
    AccessRight,
    Agreement,
    ExchangeService,
    Member,
    MemberApplication,
    Quota,
    Subsystem,
)
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

_M = TypeVar("_M", bound=Model)

ORGANISATION = tuple(f"organisation__{name}" for name in organisations.NAME_FIELDS)
SERVICE_RELATED = ("subsystem__member__organisation",)
EVERYTHING = Q(pk__isnull=False)
"""The condition that every row meets; unlike an empty one it survives “or”."""

OPEN_SERVICES = (ServiceState.PUBLISHED, ServiceState.DISABLED)
OPEN_AGREEMENTS = (AgreementState.VALID, AgreementState.ENDED)


def operates(authority: Authority) -> bool:
    """Tell whether the person operates the exchange."""
    return permissions.allows(authority, Permission.OPERATE_EXCHANGE)


def sees_all(authority: Authority) -> bool:
    """Tell whether the person reads everything: the operator, and auditors."""
    return operates(authority) or permissions.allows(authority, Permission.AUDIT)


def takes_part(authority: Authority) -> bool:
    """Tell whether the person works with the exchange at all."""
    return sees_all(authority) or permissions.allows(authority, Permission.VIEW_EXCHANGE)


def speaks_for(authority: Authority, member: Member) -> bool:
    """Tell whether the person is an engineer of the member's body or of one above it."""
    return permissions.allows(authority, Permission.MANAGE_SYSTEMS, member.organisation.path)


def manages(authority: Authority, member: Member) -> bool:
    """Tell whether the person may change what belongs to a member: its engineers and the operator."""
    return operates(authority) or speaks_for(authority, member)


def own(authority: Authority, prefix: str = "", *, permission: Permission = Permission.VIEW_EXCHANGE) -> Q:
    """Build the condition that a row's member (at ``prefix``, as ``"subsystem__member__"``) is one of the person's."""
    paths = permissions.paths_with(authority, permission)
    condition = Q(pk__in=())
    for path in paths:
        condition |= organisations.within(path, path_field=f"{prefix}organisation__path")
        if not path:
            return EVERYTHING
    return condition


def manageable(authority: Authority, prefix: str = "") -> Q:
    """Build the condition that the person may change what belongs to a row's member: its engineers and the operator."""
    return EVERYTHING if operates(authority) else own(authority, prefix, permission=Permission.MANAGE_SYSTEMS)


def _seen(authority: Authority, *prefixes: str) -> Q:
    """Build the condition that a row belongs to one of the person's members, or that the person sees all."""
    if sees_all(authority):
        return EVERYTHING
    condition = Q(pk__in=())
    for prefix in prefixes:
        condition |= own(authority, prefix)
    return condition


def visible_members(authority: Authority) -> QuerySet[Member]:
    """Give the members that a person may see: approved ones, and the person's own in any state."""
    rows = Member.objects.select_related("organisation").order_by("member_class", "code")
    if not takes_part(authority):
        return rows.none()
    return rows.filter(_seen(authority, "") | Q(state=MemberState.APPROVED))


def visible_member(authority: Authority, public_id: str) -> Member:
    """Give one member.

    Raises:
        NotFound: There is none, or not for this person.
    """
    return _one(visible_members(authority).filter(public_id=public_id), "member")


def managed_members(authority: Authority) -> QuerySet[Member]:
    """Give the approved members for which a person acts as an engineer."""
    rows = Member.objects.select_related("organisation").filter(state=MemberState.APPROVED)
    return rows.filter(own(authority, permission=Permission.MANAGE_SYSTEMS)).order_by("member_class", "code")


def managed_subsystems(authority: Authority) -> QuerySet[Subsystem]:
    """Give the active subsystems of members for which a person acts as an engineer."""
    rows = Subsystem.objects.select_related("member__organisation").filter(
        state="active", member__state=MemberState.APPROVED
    )
    condition = own(authority, "member__", permission=Permission.MANAGE_SYSTEMS)
    return rows.filter(condition).order_by("member__member_class", "member__code", "code")


def visible_subsystems(authority: Authority) -> QuerySet[Subsystem]:
    """Give the subsystems of the members that a person may see."""
    rows = Subsystem.objects.select_related("member__organisation")
    return rows.filter(member__in=visible_members(authority).order_by())


def visible_subsystem(authority: Authority, member: str, code: str) -> Subsystem:
    """Give one subsystem by its member's public id and its code.

    Raises:
        NotFound: There is none, or not for this person.
    """
    return _one(visible_subsystems(authority).filter(member__public_id=member, code=code), "subsystem")


def visible_services(authority: Authority) -> QuerySet[ExchangeService]:
    """Give the services that a person may see: published and disabled ones, and own ones in any state."""
    rows = ExchangeService.objects.select_related(*SERVICE_RELATED)
    if authority.user_id is None:
        return rows.none()
    is_open = Q(state__in=OPEN_SERVICES, subsystem__state="active", subsystem__member__state="approved")
    return rows.filter(is_open | _seen(authority, "subsystem__member__"))


def visible_service(authority: Authority, public_id: str) -> ExchangeService:
    """Give one service.

    Raises:
        NotFound: There is none, or not for this person.
    """
    return _one(visible_services(authority).filter(public_id=public_id), "service")


def visible_agreements(authority: Authority) -> QuerySet[Agreement]:
    """Give the agreements that a person may see: valid and ended ones are public, proposals belong to their sides."""
    rows = Agreement.objects.select_related("provider__organisation", "consumer__organisation")
    is_open = Q(state__in=OPEN_AGREEMENTS) & ~Q(provider_accepted_at=None)
    return rows.filter(is_open | _seen(authority, "provider__", "consumer__"))


def visible_agreement(authority: Authority, public_id: str) -> Agreement:
    """Give one agreement.

    Raises:
        NotFound: There is none, or not for this person.
    """
    return _one(visible_agreements(authority).filter(public_id=public_id), "agreement")


def own_agreements(authority: Authority) -> QuerySet[Agreement]:
    """Give the agreements of the person's members, on either side; all to who sees all."""
    rows = Agreement.objects.select_related("provider__organisation", "consumer__organisation")
    return rows.filter(_seen(authority, "provider__", "consumer__"))


def visible_requests(authority: Authority) -> QuerySet[AccessRequest]:
    """Give the requests for access that a person may see: made by own members, and to own services once sent."""
    rows = AccessRequest.objects.select_related(
        "subsystem__member__organisation", "service__subsystem__member__organisation", "agreement", "author"
    )
    if sees_all(authority):
        return rows
    to_own = own(authority, "service__subsystem__member__") & ~Q(submitted_at=None)
    return rows.filter(own(authority, "subsystem__member__") | to_own)


def visible_request(authority: Authority, public_id: str) -> AccessRequest:
    """Give one request for access.

    Raises:
        NotFound: There is none, or not for this person.
    """
    return _one(visible_requests(authority).filter(public_id=public_id), "request for access")


def visible_rights(authority: Authority) -> QuerySet[AccessRight]:
    """Give the rights on own services, and those that own subsystems hold by themselves or by a group."""
    rows = AccessRight.objects.select_related(
        "agreement", "service__subsystem__member__organisation", "subsystem__member__organisation", "group", "endpoint"
    )  # fmt: skip
    if sees_all(authority):
        return rows
    members = own(authority, "member__")
    in_group = Subsystem.objects.filter(members, memberships__left_at=None).values("memberships__group")
    return rows.filter(
        own(authority, "service__subsystem__member__")
        | own(authority, "subsystem__member__")
        | Q(group__in=in_group)
    )


def visible_applications(authority: Authority) -> QuerySet[MemberApplication]:
    """Give the applications of private bodies; the operator and auditors read them."""
    rows = MemberApplication.objects.order_by("-applied_at")
    return rows if sees_all(authority) else rows.none()


def visible_application(authority: Authority, public_id: str) -> MemberApplication:
    """Give one application.

    Raises:
        NotFound: There is none, or not for this person.
    """
    return _one(visible_applications(authority).filter(public_id=public_id), "application")


def _one(rows: QuerySet[_M], kind: str) -> _M:
    found = rows.first()
    if found is None:
        raise missing(kind)
    return found


def may_remove_quota(authority: Authority, row: Quota) -> bool:
    """Tell whether a person may remove a quota: the provider's engineers that of a service, else the operator."""
    if row.service is None:
        return operates(authority)
    return manages(authority, row.service.subsystem.member)


def missing(kind: str) -> NotFound:
    """Say that something is not there, or not for this person."""
    return NotFound("There is no such entry in the exchange.", code="unknown-" + kind.replace(" ", "-"))
