"""Read reporting rounds, who was asked, what was reported, and what waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import ReportState
from mehvar.programmes.models import (
    CompletionClaim,
    ConfidenceJudgement,
    Delivery,
    Evidence,
    ExtensionRequest,
    MilestoneReport,
    ProgressReport,
    ReportingRound,
    RoundRequest,
    StatusRecord,
)
from mehvar.programmes.queries.deliveries import UNDONE
from mehvar.programmes.queries.scope import among, scope_of
from mehvar.programmes.rules.progress import GIVEN, Place

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

BODY_NAMES = tuple(f"organisation__{name}" for name in organisations.NAME_FIELDS)


def place_of(delivery: Delivery) -> Place:
    """Give where a delivery stands in the tree; issuer and organisation must have been fetched with it."""
    return Place(delivery.issuer.path, delivery.organisation.path, delivery.organisation_id)


def deliveries_in(asked: ReportingRound) -> QuerySet[Delivery]:
    """Give the deliveries that a round asks about."""
    if asked.directive_id is not None:
        return Delivery.objects.filter(directive_id=asked.directive_id)
    return Delivery.objects.filter(programme=asked.programme)


def reporting_round(round_id: int) -> ReportingRound:
    """Give a round by its key.

    Raises:
        NotFound: There is none.
    """
    found = ReportingRound.objects.select_related("issuer").filter(pk=round_id).first()
    if found is None:
        raise NotFound("There is no such reporting round.", code="unknown-round")
    return found


def visible_rounds(authority: Authority) -> QuerySet[ReportingRound]:
    """Give the rounds of the bodies over which a person watches, and those in which a body of the person was asked."""
    scope = scope_of(authority)
    if scope.everything:
        return ReportingRound.objects.all()
    asked = RoundRequest.objects.filter(round=OuterRef("pk"), organisation_id__in=scope.delivering_ids)
    return ReportingRound.objects.filter(Q(issuer_id__in=scope.body_ids) | Exists(asked))


def visible_round(authority: Authority, public_id: str) -> ReportingRound:
    """Give one round that a person may see.

    Raises:
        NotFound: There is none, or not for this person.
    """
    rows = visible_rounds(authority).select_related("issuer", "directive", "programme")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such reporting round.", code="unknown-round")
    return found


def listed_rounds(authority: Authority) -> QuerySet[ReportingRound]:
    """Give the visible rounds for the list."""
    return visible_rounds(authority).select_related("directive", "programme")


def rounds_with_counts(authority: Authority) -> QuerySet[ReportingRound]:
    """Give the visible rounds with how many bodies were asked and have reported, within the person's scope (``asked``, ``reported``)."""
    scope = scope_of(authority)
    mine = Q()
    if not scope.everything:
        mine = Q(issuer_id__in=scope.body_ids) | Q(requests__organisation_id__in=scope.delivering_ids)
    given = mine & Q(requests__submitted_at__isnull=False)
    return listed_rounds(authority).annotate(
        asked=Count("requests", filter=mine, distinct=True),
        reported=Count("requests", filter=given, distinct=True),
    )


def requests_in(authority: Authority, asked: ReportingRound) -> QuerySet[RoundRequest]:
    """Give the requests of a round as far as a person may see the bodies, with how many reports were given (``given``, ``wanted``)."""
    scope = scope_of(authority)
    rows = RoundRequest.objects.filter(round=asked)
    if not scope.holds_issuer(asked.issuer_id):
        rows = rows.filter(organisation_id__in=scope.delivering_ids)
    return rows


def counts_in(asked: ReportingRound) -> dict[int, tuple[int, int]]:
    """Count, for each body of a round, what is open and what of it was reported: body → (given, wanted); one query."""
    given = ProgressReport.objects.filter(round=asked, delivery=OuterRef("pk"), state__in=GIVEN)
    rows = (
        deliveries_in(asked)
        .filter(state__in=UNDONE)
        .annotate(has=Exists(given))
        .order_by()
        .values_list("organisation_id")
        .annotate(wanted=Count("pk"), given=Count("pk", filter=Q(has=True)))
    )
    return {body: (given_, wanted) for body, wanted, given_ in rows}


def request_on(authority: Authority, delivery: Delivery) -> RoundRequest | None:
    """Give the open request in which a person may report on one delivery, the soonest due; None where nothing is asked."""
    about = Q(round__directive=delivery.directive_id, round__directive__isnull=False) | Q(
        round__programme=delivery.programme_id, round__programme__isnull=False
    )
    return requests_for(authority).filter(about, organisation_id=delivery.organisation_id).first()


def requests_for(authority: Authority) -> QuerySet[RoundRequest]:
    """Give the open requests to the bodies for which a person reports, soonest due first."""
    scope = scope_of(authority, Permission.REPORT_PROGRESS)
    rows = RoundRequest.objects.filter(round__closed_at=None, round__opens_on__lte=today())
    if not scope.everything:
        rows = rows.filter(organisation_id__in=scope.delivering_ids)
    return rows.select_related("round__directive", "round__programme", "organisation").order_by(
        "round__due_on", "organisation__path"
    )


def waiting_requests(authority: Authority) -> QuerySet[RoundRequest]:
    """Give the open requests that were not answered in full yet."""
    return requests_for(authority).filter(submitted_at=None)


def late_requests(authority: Authority, day: date | None = None) -> QuerySet[RoundRequest]:
    """Give the requests that a person may see whose reports are late, oldest first."""
    scope, on = scope_of(authority), day or today()
    rows = RoundRequest.objects.filter(submitted_at=None, round__due_on__lt=on, round__closed_at=None)
    if not scope.everything:
        rows = rows.filter(
            Q(round__issuer_id__in=scope.body_ids) | Q(organisation_id__in=scope.delivering_ids)
        )
    return rows.select_related("round", "organisation").order_by("round__due_on", "organisation__path")


def report_request(authority: Authority, round_public_id: str, code: str) -> RoundRequest:
    """Give the request of a round to a body for which the person reports.

    Raises:
        NotFound: There is none, or not for this person.
    """
    scope = scope_of(authority, Permission.REPORT_PROGRESS)
    rows = RoundRequest.objects.filter(round__public_id=round_public_id, organisation__code=code)
    if not scope.everything:
        rows = rows.filter(organisation_id__in=scope.delivering_ids)
    found = rows.select_related(
        "round__directive", "round__programme", "round__issuer", "organisation"
    ).first()
    if found is None:
        raise NotFound("There is no such request for a report.", code="unknown-request")
    return found


@dataclass(frozen=True, slots=True)
class EntryRow:
    """Hold one line of the entry page: a delivery, its report in this round, files and milestones."""

    delivery: Delivery
    report: ProgressReport | None
    evidence: tuple[Evidence, ...]
    milestones: tuple[Mapping[str, Any], ...]


def asked_deliveries(request: RoundRequest) -> QuerySet[Delivery]:
    """Give the deliveries that a body must report on in a round: what is open, and what it reported on before it was done."""
    reported = ProgressReport.objects.filter(round=request.round, delivery=OuterRef("pk"))
    rows = deliveries_in(request.round).filter(organisation_id=request.organisation_id)
    return rows.filter(Q(state__in=UNDONE) | Exists(reported)).order_by(
        F("due_on").asc(nulls_last=True), "pk"
    )


def reports_of(asked: ReportingRound, deliveries: list[Delivery]) -> dict[int, ProgressReport]:
    """Give the reports of a round on some deliveries, by delivery, with files and reached milestones; three queries."""
    rows = ProgressReport.objects.filter(round=asked, delivery__in=deliveries)
    return {row.delivery_id: row for row in rows.prefetch_related("evidence", "milestones")}


def to_review(authority: Authority, step: str = "accept") -> QuerySet[ProgressReport]:
    """Give the reports that wait for a person's acceptance (``accept``) or approval (``approve``), oldest first."""
    permission = Permission.ACCEPT_REPORT if step == "accept" else Permission.APPROVE_REPORT
    state = ReportState.CLAIMED if step == "accept" else ReportState.ACCEPTED
    scope = scope_of(authority, permission)
    rows = ProgressReport.objects.filter(state=state).exclude(submitted_by_id=authority.user_id)
    if not scope.everything:
        condition = Q(issuer_id__in=scope.body_ids)
        below = scope.delivering_ids - set(authority.organisation_ids)
        if permission is Permission.ACCEPT_REPORT and below:
            condition |= Q(organisation_id__in=below)
        # asked of each report: a join lets SQLite read every delivery first, to learn which it may leave out
        reached = Exists(Delivery.objects.filter(condition, pk=OuterRef("delivery_id")))
        rows = rows.filter(reached) if scope.body_ids else rows.none()
    return rows.order_by("submitted_at", "pk")


def report_of(report_id: int) -> ProgressReport:
    """Give a report with its round and delivery.

    Raises:
        NotFound: There is none.
    """
    found = (
        ProgressReport.objects.select_related(
            "round__issuer",
            "delivery__issuer",
            "delivery__organisation",
            "delivery__directive",
            "delivery__measure__provision",
            "delivery__plan_item__plan",
            "submitted_by",
        )
        .filter(pk=report_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such report.", code="unknown-report")
    return found


def history_of(delivery: Delivery) -> list[StatusRecord]:
    """Give how a delivery stood at the end of each period, in the order of time."""
    return list(StatusRecord.objects.filter(delivery=delivery).order_by("recorded_at", "pk"))


def reports_on(delivery: Delivery) -> list[ProgressReport]:
    """Give the reports on a delivery, latest first, with round, author and files; two queries."""
    rows = ProgressReport.objects.filter(delivery=delivery).exclude(state=ReportState.DRAFT)
    return list(
        rows.select_related("round", "submitted_by")
        .prefetch_related("evidence")
        .order_by("-round__opens_on", "-pk")
    )


def extensions_of(delivery: Delivery) -> list[ExtensionRequest]:
    """Give the extension requests of a delivery, oldest first."""
    return list(
        ExtensionRequest.objects.filter(delivery=delivery)
        .select_related("asked_by", "decided_by")
        .order_by("asked_at", "pk")
    )


def claims_of(delivery: Delivery) -> list[CompletionClaim]:
    """Give the completion claims of a delivery, oldest first."""
    return list(
        CompletionClaim.objects.filter(delivery=delivery)
        .select_related("claimed_by", "verified_by", "verifier")
        .order_by("claimed_at", "pk")
    )


def judgements_of(delivery: Delivery) -> list[ConfidenceJudgement]:
    """Give the judgements of delivery confidence, latest first."""
    return list(
        ConfidenceJudgement.objects.filter(delivery=delivery)
        .select_related("judged_by")
        .order_by("-judged_at", "-pk")
    )


def open_extensions(authority: Authority) -> QuerySet[ExtensionRequest]:
    """Give the extension requests that a person may decide."""
    scope = scope_of(authority, Permission.APPROVE_REPORT)
    rows = ExtensionRequest.objects.filter(granted=None)
    if not scope.everything:
        rows = rows.filter(among("delivery__issuer_id", scope.body_ids)) if scope.body_ids else rows.none()
    return rows.select_related("delivery__organisation").order_by("asked_at", "pk")


def open_claims(authority: Authority) -> QuerySet[CompletionClaim]:
    """Give the completion claims that a person may have to verify; ``rules.progress.may_verify`` has the last word on each."""
    scope = scope_of(authority, Permission.VERIFY_COMPLETION)
    rows = CompletionClaim.objects.filter(verified=None).exclude(claimed_by_id=authority.user_id)
    if not scope.everything:
        reached = Q(delivery__issuer_id__in=scope.body_ids) | Q(
            delivery__organisation_id__in=scope.delivering_ids
        )
        own = authority.organisation_ids
        rows = rows.filter(
            (Q(verifier=None) & reached & ~Q(delivery__organisation_id__in=own)) | Q(verifier_id__in=own)
        )
    return rows.select_related("delivery__organisation", "delivery__issuer").order_by("claimed_at", "pk")


def evidence(authority: Authority, evidence_id: int) -> Evidence:
    """Give a file whose delivery a person may see.

    Raises:
        NotFound: There is none, or not for this person.
    """
    scope = scope_of(authority)
    found = Evidence.objects.select_related("report__delivery").filter(pk=evidence_id).first()
    if found is None or not (
        scope.holds(found.report.delivery)
        or found.report.delivery.claims.filter(verifier_id__in=authority.organisation_ids).exists()
    ):
        raise NotFound("There is no such file.", code="unknown-evidence")
    return found


def reached_in(report: ProgressReport) -> dict[int, date]:
    """Give the milestones that a report calls reached: key → day."""
    return dict(MilestoneReport.objects.filter(report=report).values_list("milestone_id", "done_on"))


def reportable_subjects(authority: Authority) -> list[tuple[str, str]]:
    """Give what a person may ask reports about, as ``directive:key`` or ``programme:key`` with its title."""
    scope = scope_of(authority, Permission.MANAGE_PROGRAMMES)
    rows = Delivery.objects.filter(state__in=UNDONE)
    if not scope.everything:
        rows = rows.filter(issuer_id__in=scope.body_ids)
    directives = (
        rows.filter(directive__isnull=False)
        .order_by("-directive_id")
        .values_list("directive_id", "directive__number", "directive__title")
        .distinct()
    )
    programmes = (
        rows.filter(programme__isnull=False)
        .order_by("-programme_id")
        .values_list("programme_id", "programme__title")
        .distinct()
    )
    return [
        *((f"programme:{key}", title) for key, title in programmes),
        *((f"directive:{key}", f"{number} {title}".strip()) for key, number, title in directives),
    ]
