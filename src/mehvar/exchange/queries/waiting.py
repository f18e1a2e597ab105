"""Gather what waits for a person in the exchange: requests to answer, proposals, credentials and agreements that run out.

Each is given with its last day; the nearest comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.exchange.data.control import AgreementState, ApplicationState, MemberState, RequestState
from mehvar.exchange.models import (
    AccessRequest,
    Agreement,
    ClientCertificate,
    Member,
    MemberApplication,
    SigningKey,
)
from mehvar.exchange.queries import scope
from mehvar.exchange.queries.days import today
from mehvar.kernel import clock
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.data import WaitingItem

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.organisations.data import Authority

SOON_DAYS = 30
MOST = 100


@dataclass(frozen=True, slots=True)
class Waits:
    """Hold one thing that waits: of which kind, the row, and until when."""

    kind: str
    row: Any
    until: date | None


def everything(authority: Authority) -> list[Waits]:
    """Give all that waits for the person, the nearest day first, what has no day last."""
    found = [
        *_requests(authority),
        *_returned(authority),
        *_proposals(authority),
        *_memberships(authority),
        *_credentials(authority),
        *_ending(authority),
    ]
    return sorted(found, key=lambda one: (one.until is None, one.until or date.max, one.kind))


def waiting_for(authority: Authority) -> list[WaitingItem]:
    """Give all that waits for the person in words, with the page where it is done; nothing is asked for who takes no part."""
    found = []
    for one in everything(authority):
        act, parts, path = words_of(one)
        title = " · ".join(str(part) for part in parts if part)
        found.append(WaitingItem(act, title, path, one.until, f"exchange-{one.kind}"))
    return found


def words_of(one: Waits) -> tuple[str, tuple[Any, ...], str]:
    """Give the words for what is to be done, on what (several names, which may be of several languages), and the page."""
    row = one.row
    if one.kind in {"answer", "finish"}:
        act = (
            _("Answer a request for access") if one.kind == "answer" else _("Finish your request for access")
        )
        names = (row.service.title, row.subsystem.name)
        return act, names, reverse("exchange:request", args=[row.public_id])
    if one.kind in {"agree", "ending"}:
        act = _("Answer a proposed agreement") if one.kind == "agree" else _("An agreement ends")
        return act, (row.title,), reverse("exchange:agreement", args=[row.public_id])
    if one.kind == "member":
        return _("Decide on a membership"), (row,), reverse("exchange:member", args=[row.public_id])
    if one.kind == "application":
        page = reverse("exchange:application", args=[row.public_id])
        return _("Decide on a firm's application"), (row.name,), page
    act = _("A key runs out") if one.kind == "key" else _("A certificate runs out")
    return act, (row.label, row.subsystem or row.member), _holder_page(row)


def _holder_page(row: Any) -> str:
    if row.subsystem is None:
        return reverse("exchange:member", args=[row.member.public_id])
    return reverse("exchange:subsystem", args=[row.subsystem.member.public_id, row.subsystem.code])


def count(authority: Authority) -> int:
    """Count the requests that wait for an answer here, proposals, and applications: what somebody else waits for."""
    operator = scope.operates(authority)
    others = (
        MemberApplication.objects.filter(state=ApplicationState.WAITING).count()
        + Member.objects.filter(state=MemberState.APPLIED).count()
        if operator
        else 0
    )
    return to_answer(authority).count() + proposals(authority).count() + others


def to_answer(authority: Authority) -> QuerySet[AccessRequest]:
    """Give the requests for access that wait for an answer of the person's members."""
    own = scope.own(authority, "service__subsystem__member__", permission=Permission.MANAGE_SYSTEMS)
    late = Q(due_on__lt=today()) if scope.operates(authority) else Q(pk__in=())
    rows = AccessRequest.objects.filter(own | late, state=RequestState.SUBMITTED)
    return rows.select_related("subsystem__member__organisation", "service__subsystem__member__organisation")


def proposals(authority: Authority) -> QuerySet[Agreement]:
    """Give the proposed agreements that wait for the person's side."""
    as_provider = scope.own(authority, "provider__", permission=Permission.MANAGE_SYSTEMS) & Q(
        provider_accepted_at=None
    )
    as_consumer = scope.own(authority, "consumer__", permission=Permission.MANAGE_SYSTEMS) & Q(
        consumer_accepted_at=None, consumer__isnull=False
    )
    rows = Agreement.objects.filter(as_provider | as_consumer, state=AgreementState.PROPOSED)
    return rows.select_related("provider__organisation", "consumer__organisation")


def _requests(authority: Authority) -> list[Waits]:
    return [Waits("answer", row, row.due_on) for row in to_answer(authority).order_by("due_on")[:MOST]]


def _returned(authority: Authority) -> list[Waits]:
    own = scope.own(authority, "subsystem__member__", permission=Permission.MANAGE_SYSTEMS)
    rows = AccessRequest.objects.filter(own, state__in=(RequestState.RETURNED, RequestState.DRAFT))
    related = rows.select_related("subsystem__member", "service__subsystem__member")
    return [Waits("finish", row, None) for row in related[:MOST]]


def _proposals(authority: Authority) -> list[Waits]:
    return [Waits("agree", row, None) for row in proposals(authority)[:MOST]]


def _memberships(authority: Authority) -> list[Waits]:
    if not scope.operates(authority):
        return []
    bodies = Member.objects.select_related("organisation").filter(state=MemberState.APPLIED)
    firms = MemberApplication.objects.filter(state=ApplicationState.WAITING)
    return [
        *(Waits("member", row, None) for row in bodies[:MOST]),
        *(Waits("application", row, None) for row in firms[:MOST]),
    ]


def _credentials(authority: Authority) -> list[Waits]:
    """Give the keys and certificates of the person's members that run out soon and that nothing follows yet."""
    now, zone = clock.now(), ZoneInfo(settings.TIME_ZONE)
    window = {"valid_until__gt": now, "valid_until__lte": now + timedelta(days=SOON_DAYS), "revoked_at": None}
    keys = SigningKey.objects.filter(
        scope.own(authority, "subsystem__member__", permission=Permission.MANAGE_SYSTEMS),
        ~_followed(SigningKey),
        **window,
    ).select_related("subsystem__member")
    certificates = ClientCertificate.objects.filter(
        scope.own(authority, "member__", permission=Permission.MANAGE_SYSTEMS),
        ~_followed(ClientCertificate),
        **window,
    ).select_related("member", "subsystem__member")
    return [
        *(Waits("key", row, _day(row.valid_until, zone)) for row in keys[:MOST]),
        *(Waits("certificate", row, _day(row.valid_until, zone)) for row in certificates[:MOST]),
    ]


def _followed(kind: type[SigningKey | ClientCertificate]) -> Exists:
    """Build the condition that another one, which is not revoked, takes a row's place."""
    return Exists(kind._default_manager.filter(replaces_id=OuterRef("pk"), revoked_at=None))  # noqa: SLF001


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def _ending(authority: Authority) -> list[Waits]:
    """Give the valid agreements of the person's members that end soon."""
    own = scope.own(authority, "provider__", permission=Permission.MANAGE_SYSTEMS) | scope.own(
        authority, "consumer__", permission=Permission.MANAGE_SYSTEMS
    )
    rows = Agreement.objects.filter(
        own, state=AgreementState.VALID, valid_until__range=(today(), today() + timedelta(days=SOON_DAYS))
    ).select_related("provider__organisation", "consumer__organisation")
    return [Waits("ending", row, row.valid_until) for row in rows.order_by("valid_until")[:MOST]]
