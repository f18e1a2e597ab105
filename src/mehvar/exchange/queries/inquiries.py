"""Read who may ask what, and what was asked by people.

An officer sees own inquiries; who may authorise sees those below; auditors see that an inquiry was made, not its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Case, Count, Q, QuerySet, When

from mehvar.exchange.data.control import AgreementState, MemberState, ServiceState, SubsystemState
from mehvar.exchange.data.inquiries import InquiryState
from mehvar.exchange.models import (
    AccessRight,
    Inquiry,
    InquiryAuthorisation,
    InquiryBatch,
    InquiryFlag,
    Subsystem,
)
from mehvar.exchange.queries import catalogue, scope
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules import operations, questions
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from typing import Any

    from mehvar.exchange.data.operations import Operation
    from mehvar.exchange.models import ExchangeService, ServiceDescription
    from mehvar.organisations.data import Authority

RELATED = (
    "officer",
    "given_by",
    "right__agreement",
    "right__endpoint",
    "right__service__subsystem__member__organisation",
    "subsystem__member__organisation",
)
_OPERATIONAL = ("subsystem__member__organisation__path",)


@dataclass(frozen=True, slots=True)
class Askable:
    """Hold what an authorisation lets one ask now. ``why_not``: a sentence when nothing, in English."""

    document: Mapping[str, Any]
    operations: tuple[Operation, ...]
    why_not: str = ""


def inquires(authority: Authority) -> bool:
    """Tell whether a person inquires by the exchange."""
    return permissions.allows(authority, Permission.INQUIRE)


def inquires_for(authority: Authority, row: InquiryAuthorisation) -> bool:
    """Tell whether a person is still an inquiry officer of the body for which an authorisation was given."""
    top = row.subsystem.member.organisation.path
    return any(
        seat.path.startswith(top) and Permission.INQUIRE in permissions.PERMISSIONS_OF[seat.role]
        for seat in authority.held
    )


def authorises(authority: Authority) -> bool:
    """Tell whether a person lets others inquire."""
    return permissions.allows(authority, Permission.AUTHORISE_INQUIRY)


def authorisations() -> QuerySet[InquiryAuthorisation]:
    """Give all authorisations with what belongs to them."""
    return InquiryAuthorisation.objects.select_related(*RELATED).order_by("-given_at", "-pk")


def own_authorisations(authority: Authority) -> QuerySet[InquiryAuthorisation]:
    """Give the person's own authorisations that hold today."""
    day = today()
    return authorisations().filter(
        officer_id=authority.user_id, ended_at=None, valid_from__lte=day, valid_until__gte=day
    )


def own_authorisation(authority: Authority, public_id: str) -> InquiryAuthorisation:
    """Give one of the person's own authorisations, also one that no longer holds.

    Raises:
        NotFound: There is none.
    """
    found = authorisations().filter(officer_id=authority.user_id, public_id=public_id).first()
    if found is None:
        raise missing()
    return found


def visible_authorisations(authority: Authority) -> QuerySet[InquiryAuthorisation]:
    """Give the authorisations that a person may see: own ones, those of members below, all for auditors."""
    if permissions.allows(authority, Permission.AUDIT):
        return authorisations()
    return authorisations().filter(Q(officer_id=authority.user_id) | _below(authority, "subsystem__member__"))


def listed_authorisations(authority: Authority) -> QuerySet[InquiryAuthorisation]:
    """Give the authorisations that a person may see, each with whether the person may take it back (``is_own``)."""
    return visible_authorisations(authority).annotate(
        is_own=Case(
            When(_below(authority, "subsystem__member__"), then=True),
            default=False,
            output_field=BooleanField(),
        )
    )


def visible_authorisation(authority: Authority, public_id: str) -> InquiryAuthorisation:
    """Give one authorisation.

    Raises:
        NotFound: There is none that the person may see.
    """
    found = visible_authorisations(authority).filter(public_id=public_id).first()
    if found is None:
        raise missing()
    return found


def _below(authority: Authority, prefix: str) -> Q:
    """Build the condition that a row's member lies where the person authorises inquiries."""
    return scope.own(authority, prefix, permission=Permission.AUTHORISE_INQUIRY)


def own_inquiries(authority: Authority) -> QuerySet[Inquiry]:
    """Give the person's own questions, the latest first."""
    rows = Inquiry.objects.filter(authorisation__officer_id=authority.user_id)
    return rows.select_related("authorisation__right__service", "batch").order_by("-pk")


def own_inquiry(authority: Authority, public_id: str) -> Inquiry:
    """Give one of the person's own questions.

    Raises:
        NotFound: There is none.
    """
    found = own_inquiries(authority).filter(public_id=public_id).first()
    if found is None:
        raise missing()
    return found


def own_batches(authority: Authority) -> QuerySet[InquiryBatch]:
    """Give the person's own files of questions, the latest first."""
    rows = InquiryBatch.objects.filter(authorisation__officer_id=authority.user_id)
    return rows.select_related("authorisation__right__service").order_by("-pk")


def own_batch(authority: Authority, public_id: str) -> InquiryBatch:
    """Give one of the person's own files.

    Raises:
        NotFound: There is none.
    """
    found = own_batches(authority).filter(public_id=public_id).first()
    if found is None:
        raise missing()
    return found


def counts_of(batch: InquiryBatch) -> dict[str, int]:
    """Count the rows of a file by state."""
    found = dict(batch.rows.order_by().values_list("state").annotate(number=Count("pk")))
    return {str(state): found.get(state.value, 0) for state in InquiryState}


def asked_today(authorisation_id: int, day: date) -> int:
    """Count the questions of a day under an authorisation, those of files that still wait included."""
    rows = Inquiry.objects.filter(authorisation_id=authorisation_id, day=day)
    return rows.exclude(state=InquiryState.DROPPED).count()


def asked_today_each(authorisation_ids: Iterable[int], day: date) -> dict[int, int]:
    """Count the questions of a day under several authorisations; who asked nothing is absent."""
    rows = Inquiry.objects.filter(authorisation__in=[*authorisation_ids], day=day)
    counted = rows.exclude(state=InquiryState.DROPPED).order_by().values_list("authorisation")
    return dict(counted.annotate(number=Count("pk")))


def askable(row: InquiryAuthorisation, language: str = "") -> Askable:
    """Say what may be asked under an authorisation now, or why nothing."""
    return _askable(row, catalogue.description_of(row.right.service), language)


def askable_each(
    rows: Iterable[InquiryAuthorisation], language: str = ""
) -> list[tuple[InquiryAuthorisation, Askable]]:
    """Say of several authorisations what may be asked, with one query however many they are."""
    found = list(rows)
    described = catalogue.descriptions_of({row.right.service_id for row in found})
    return [(row, _askable(row, described.get(row.right.service_id), language)) for row in found]


def _askable(row: InquiryAuthorisation, described: ServiceDescription | None, language: str) -> Askable:
    document = described.document if described else {}
    why_not = _why_not(row)
    if why_not:
        return Askable(document, (), why_not)
    endpoint = row.right.endpoint
    method, pattern = (endpoint.method, endpoint.path) if endpoint else ("", "")
    allowed = [
        one
        for one in operations.operations_of(document, language)
        if questions.is_covered(one, method, pattern)
    ]
    return Askable(
        document,
        tuple(allowed),
        "" if allowed else gettext_noop("The provider has not described what may be asked."),
    )


def _why_not(row: InquiryAuthorisation) -> str:
    day, agreement, service = today(), row.right.agreement, row.right.service
    if row.ended_at is not None or not row.valid_from <= day <= row.valid_until:
        return gettext_noop("Your authorisation does not hold today.")
    is_agreed = agreement.state == AgreementState.VALID and agreement.valid_from <= day
    if not is_agreed or (agreement.valid_until is not None and agreement.valid_until < day):
        return gettext_noop("The agreement under which you ask does not hold today.")
    if row.right.revoked_at is not None:
        return gettext_noop("The right under which you ask was revoked.")
    is_open = (
        row.subsystem.state == SubsystemState.ACTIVE and row.subsystem.member.state == MemberState.APPROVED
    )
    if not is_open or service.state != ServiceState.PUBLISHED:
        return gettext_noop("The service does not answer at present.")
    return ""


def subject_place(service: ExchangeService, operation: Operation) -> str:
    """Say where the identifier of the person asked about stands in an operation, empty for nowhere."""
    for endpoint in service.endpoints.order_by("pk"):
        if questions.is_covered(operation, endpoint.method, endpoint.path):
            return endpoint.subject
    return ""


def offered_rights(authority: Authority) -> list[tuple[AccessRight, Subsystem]]:
    """Give the rights that a director may let officers use, each with the subsystem that asks."""
    below = _below(authority, "member__")
    systems = list(
        Subsystem.objects.filter(below, state=SubsystemState.ACTIVE, member__state=MemberState.APPROVED)
        .select_related("member__organisation")
        .order_by("member__code", "code")[:500]
    )
    keys = {one.pk: one for one in systems}
    held = AccessRight.objects.filter(revoked_at=None, agreement__state=AgreementState.VALID).filter(
        Q(subsystem__in=keys) | Q(group__memberships__subsystem__in=keys, group__memberships__left_at=None)
    )
    found: list[tuple[AccessRight, Subsystem]] = []
    for right in (
        held.select_related("agreement", "endpoint", "service")
        .distinct()
        .order_by("service__title", "pk")[:500]
    ):
        if right.subsystem_id is not None:
            found.append((right, keys[right.subsystem_id]))
        elif right.group is not None:
            members = right.group.memberships.filter(left_at=None).values_list("subsystem_id", flat=True)
            found += [(right, keys[pk]) for pk in members if pk in keys]
    return found


def officers_for(authority: Authority) -> list[tuple[int, str]]:
    """Give the inquiry officers whom a director may authorise: those who sit where the director authorises."""
    seats = organisations.scoped(
        organisations.seats_with(Permission.INQUIRE),
        authority,
        Permission.AUTHORISE_INQUIRY,
        "organisation__path",
    )
    rows = seats.exclude(user_id=authority.user_id or 0).values_list("user_id", "user__name").distinct()
    return sorted(rows, key=lambda pair: str(pair[1]))


def open_flags() -> QuerySet[InquiryFlag]:
    """Give unusual volumes at which nobody has looked."""
    return InquiryFlag.objects.filter(settled_at=None).select_related("officer").order_by("-day", "pk")


def flags() -> QuerySet[InquiryFlag]:
    """Give every unusual volume, the latest first."""
    return InquiryFlag.objects.select_related("officer", "settled_by").order_by("-day", "pk")


def flag(flag_id: int) -> InquiryFlag:
    """Give one unusual volume.

    Raises:
        NotFound: There is none.
    """
    found = flags().filter(pk=flag_id).first()
    if found is None:
        raise missing()
    return found


def missing() -> NotFound:
    """Say that something is not there, or not for this person."""
    return NotFound(gettext_noop("There is no such inquiry."), code="unknown-inquiry")
