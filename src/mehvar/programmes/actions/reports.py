"""Write, submit, accept, approve and return progress reports, and keep their evidence.

The body claims, a reviewer accepts, the body that asked approves; each figure stays beside the others.
Source: issue "programmes", point 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import deliveries as delivery_actions
from mehvar.programmes.actions.rounds import settle_request
from mehvar.programmes.data import Rating, ReportState
from mehvar.programmes.models import (
    Delivery,
    Milestone,
    MilestoneReport,
    ProgressReport,
    ReportingRound,
    RoundRequest,
)
from mehvar.programmes.queries import deliveries as delivery_queries
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.queries import scope
from mehvar.programmes.queries.audience import names_told
from mehvar.programmes.rules import progress as rules
from mehvar.programmes.rules.progress import ReportStep

if TYPE_CHECKING:
    from mehvar.accounts.models import User

STALE = gettext_noop(
    "Somebody else changed the report on “{title}” in the meantime. Your words are kept below; compare and save again."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold what a body says about one delivery; ``version`` is the report's as it was read, 0 when there was none."""

    delivery_id: int
    version: int
    claimed: int | None = None
    self_rating: str = Rating.UNKNOWN
    done_text: str = ""
    next_text: str = ""
    milestones: Mapping[int, date] = field(default_factory=dict)


def subject_of(delivery: Delivery) -> Subject:
    """Name the delivery as the ledger's subject."""
    return Subject("delivery", delivery.public_id, delivery.text[:200])


def save_reports(
    actor: User, request_id: int, entries: Sequence[Entry], *, submit: bool = False
) -> list[ProgressReport]:
    """Keep what a body writes about its deliveries in a round, all or nothing; with ``submit`` claim it.

    Entries that say nothing new are left alone.

    Raises:
        NotFound: There is no such request, or not for this person.
        Conflict: The period is closed, or somebody changed one of the reports (param ``delivery``).
        InputError: A figure is missing or wrong (param ``delivery``).
    """
    with transaction.atomic():
        request = locked_request(actor, request_id)
        rows = {
            row.pk: row for row in queries.asked_deliveries(request).select_related("organisation", "issuer")
        }
        reports = _locked_reports(request.round, rows.values())
        saved = [
            report
            for entry in entries
            if (
                report := _save(
                    actor, request.round, found_in(rows, entry.delivery_id), reports, entry, submit=submit
                )
            )
        ]
        if submit:
            _claim(actor, request, [(rows[report.delivery_id], report) for report in saved])
    return saved


def locked_request(actor: User, request_id: int) -> RoundRequest:
    """Give the request of an open period to a body for which the person reports, locked with its round.

    Raises:
        NotFound: There is none, or not for this person.
        Conflict: The period is closed, or not open yet.
    """
    allowed = scope.scope_of(organisations.authority_of(actor), Permission.REPORT_PROGRESS)
    found = (
        RoundRequest.objects.select_for_update(of=("self",))
        .select_related("round__issuer", "organisation")
        .filter(pk=request_id)
        .first()
    )
    if found is None or not allowed.holds_body(found.organisation_id):
        raise errors.NotFound(gettext_noop("There is no such request for a report."), code="unknown-request")
    asked = ReportingRound.objects.select_for_update().get(pk=found.round_id)
    rules.check_open(closed=asked.closed_at is not None, opens_on=asked.opens_on, day=today())
    return found


def _locked_reports(asked: ReportingRound, rows: Iterable[Delivery]) -> dict[int, ProgressReport]:
    found = ProgressReport.objects.select_for_update().filter(round=asked, delivery__in=list(rows))
    return {report.delivery_id: report for report in found}


def found_in(rows: Mapping[int, Delivery], delivery_id: int) -> Delivery:
    """Give one of the deliveries that a body is asked about.

    Raises:
        NotFound: It is not among them.
    """
    found = rows.get(delivery_id)
    if found is None:
        raise errors.NotFound(gettext_noop("There is no such delivery."), code="unknown-delivery")
    return found


def _save(
    actor: User,
    asked: ReportingRound,
    delivery: Delivery,
    reports: Mapping[int, ProgressReport],
    entry: Entry,
    *,
    submit: bool,
) -> ProgressReport | None:
    """Store one entry and give its report; none when nothing is new."""
    report = reports.get(delivery.pk)
    if report is None and _is_empty(entry):
        return None
    if (
        report is not None
        and _is_same(report, entry)
        and not (submit and report.state != ReportState.CLAIMED)
    ):
        return None
    _check(delivery, report, entry, submit=submit)
    report = report or ProgressReport(round=asked, delivery=delivery, version=0)
    report.claimed, report.self_rating = entry.claimed, entry.self_rating
    report.done_text, report.next_text = entry.done_text.strip(), entry.next_text.strip()
    report.version += 1
    if submit:
        report.state = rules.REPORTS.transition(report.state, ReportStep.SUBMIT)
        report.submitted_by, report.submitted_at = actor, clock.now()
        report.late = today() > asked.due_on
        report.accepted = None
    report.save()
    _keep_milestones(delivery, report, entry.milestones)
    return report


def _is_empty(entry: Entry) -> bool:
    said = (entry.done_text.strip(), entry.next_text.strip(), entry.milestones)
    return entry.claimed is None and entry.self_rating == Rating.UNKNOWN and not any(said)


def _is_same(report: ProgressReport, entry: Entry) -> bool:
    return (
        report.claimed == entry.claimed
        and report.self_rating == entry.self_rating
        and report.done_text == entry.done_text.strip()
        and report.next_text == entry.next_text.strip()
        and queries.reached_in(report) == dict(entry.milestones)
    )


def _check(delivery: Delivery, report: ProgressReport | None, entry: Entry, *, submit: bool) -> None:
    title = delivery.text[:80]
    if (report.version if report else 0) != entry.version:
        raise errors.Conflict(STALE, code="stale-report", delivery=delivery.pk, title=title)
    if report is not None:
        check_writable(report, delivery)
    _check_words(delivery, entry, submit=submit)


def check_writable(report: ProgressReport, delivery: Delivery) -> None:
    """Refuse a change of what a reviewer accepted.

    Raises:
        Conflict: The report was accepted already.
    """
    if report.state not in rules.WRITABLE:
        raise errors.Conflict(
            gettext_noop("The report on “{title}” was accepted already; it can no longer be changed."),
            code="report-accepted",
            delivery=delivery.pk,
            title=delivery.text[:80],
        )


def _check_words(delivery: Delivery, entry: Entry, *, submit: bool) -> None:
    key = delivery.pk
    if entry.claimed is not None and not 0 <= entry.claimed <= rules.WHOLE:
        raise errors.InputError(
            gettext_noop("Progress is between 0 and 100 per cent."),
            code="bad-percent",
            field="claimed",
            delivery=key,
        )
    if max(len(entry.done_text), len(entry.next_text)) > rules.LONGEST_TEXT:
        raise errors.InputError(
            gettext_noop("The text is longer than {limit} characters."),
            code="long-text", field="done_text", delivery=key, limit=rules.LONGEST_TEXT,
        )  # fmt: skip
    if entry.self_rating not in set(Rating):
        raise errors.InputError(
            gettext_noop("There is no such rating."), code="bad-rating", field="self_rating", delivery=key
        )
    if submit and entry.claimed is None:
        raise errors.InputError(
            gettext_noop("Enter the progress in per cent."), code="no-percent", field="claimed", delivery=key
        )
    if submit and not entry.done_text.strip():
        raise errors.InputError(
            gettext_noop("Say what was done."), code="no-text", field="done_text", delivery=key
        )
    if any(day > today() for day in entry.milestones.values()):
        raise errors.InputError(
            gettext_noop("A milestone cannot have been reached on a day that is still to come."),
            code="future-milestone", field="milestones", delivery=key,
        )  # fmt: skip


def _keep_milestones(delivery: Delivery, report: ProgressReport, reached: Mapping[int, date]) -> None:
    if not reached and report.version == 1:
        return
    own = {row["id"] for row in delivery_queries.milestones_of(delivery)}
    if not own.issuperset(reached):
        raise errors.NotFound(gettext_noop("There is no such milestone."), code="unknown-milestone")
    report.milestones.exclude(milestone_id__in=list(reached)).delete()
    for key, day in reached.items():
        MilestoneReport.objects.update_or_create(report=report, milestone_id=key, defaults={"done_on": day})


def _claim(actor: User, request: RoundRequest, pairs: Sequence[tuple[Delivery, ProgressReport]]) -> None:
    """Let submitted reports count: the claimed figure, the self-rating, the end of silence; on record each."""
    for delivery, report in pairs:
        delivery.claimed, delivery.self_rating = report.claimed, report.self_rating
        delivery.reported_on, delivery.silent = today(), False
    delivery_actions.store([delivery for delivery, _report in pairs])
    settle_request(request.round, request.organisation_id)
    _tell_reviewers(request, len(pairs))
    for delivery, report in pairs:
        _record(
            actor, delivery, report, ReportStep.SUBMIT, {"claimed": report.claimed or 0, "late": report.late}
        )


def _tell_reviewers(request: RoundRequest, number: int) -> None:
    if number:
        notifications.notify(
            organisations.people_with(Permission.ACCEPT_REPORT, [request.round.issuer_id]),
            kind="report-claimed",
            key=f"round-{request.round.public_id}-{request.organisation_id}-claimed-{today().isoformat()}",
            message=gettext_noop("{body} reported for {period}: {number} reports wait for your review."),
            params={
                "period": request.round.period,
                "number": number,
                **names_told(request.organisation),
            },
            path="/programmes/review/",
        )


def _record(
    actor: User,
    delivery: Delivery,
    report: ProgressReport,
    step: ReportStep,
    content: Mapping[str, str | int | bool],
    *,
    reason: str = "",
) -> None:
    ledger.record(
        actor=actor.as_actor(),
        action=f"report.{step.value}",
        subject=subject_of(delivery),
        content={"period": report.round.period, **content},
        reason=reason.strip(),
    )


def accept_report(
    actor: User, report_id: int, *, version: int, accepted: int | None = None, reason: str = ""
) -> ProgressReport:
    """Accept a claimed report with its figure or, with a reason, with another one.

    Raises:
        NotFound: There is no such report, or not for this person.
        NotPermitted: The person reports himself, or does not review this body.
        Conflict: Somebody changed the report meanwhile, or it does not wait for acceptance.
        InputError: The figure is wrong, or differs without a reason.
    """
    with transaction.atomic():
        report = _reviewed(actor, report_id, version, ReportStep.ACCEPT)
        report.accepted = rules.check_decided(accepted, report.claimed or 0, reason, "accepted")
        delivery = _stored(report, reason)
        if _is_latest(report):
            delivery.accepted = report.accepted
            delivery_actions.store([delivery])
        _record(actor, delivery, report, ReportStep.ACCEPT, {"accepted": report.accepted}, reason=reason)
    return report


def approve_report(
    actor: User, report_id: int, *, version: int, approved: int | None = None, reason: str = ""
) -> ProgressReport:
    """Approve an accepted report for the body that asked: its figure now is the verified progress, its milestones are reached.

    A report of an earlier period than the latest approved one keeps its own figure and changes no other.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: As for ``accept_report``.
    """
    with transaction.atomic():
        report = _reviewed(actor, report_id, version, ReportStep.APPROVE)
        report.approved = rules.check_decided(approved, report.accepted or 0, reason, "approved")
        delivery = _stored(report, reason)
        for key, day in queries.reached_in(report).items():
            Milestone.objects.filter(pk=key, done_on=None).update(done_on=day)
        if _is_latest(report):
            delivery.approved = report.approved
            delivery_actions.store([delivery])
        _record(actor, delivery, report, ReportStep.APPROVE, {"approved": report.approved}, reason=reason)
    return report


def return_report(actor: User, report_id: int, *, version: int, reason: str) -> ProgressReport:
    """Send a report back to its body with the reason, as long as the period is open.

    Raises:
        NotFound, NotPermitted, Conflict: As for ``accept_report``; also when the period is closed.
        InputError: There is no reason.
    """
    clean = rules.check_reason(reason)
    with transaction.atomic():
        report = _reviewed(actor, report_id, version, ReportStep.RETURN)
        asked = ReportingRound.objects.select_for_update().get(pk=report.round_id)
        rules.check_open(closed=asked.closed_at is not None, opens_on=asked.opens_on, day=today())
        delivery = _stored(report, clean)
        settle_request(asked, delivery.organisation_id)
        if report.submitted_by_id is not None:
            _tell_returned(report, delivery)
        _record(actor, delivery, report, ReportStep.RETURN, {}, reason=clean)
    return report


def _tell_returned(report: ProgressReport, delivery: Delivery) -> None:
    notifications.notify(
        [report.submitted_by_id] if report.submitted_by_id else [],
        kind="report-returned",
        key=f"report-{report.pk}-returned-{report.version}",
        message=gettext_noop("Your report on “{title}” came back: {reason}"),
        params={"title": delivery.text[:120], "reason": report.return_reason[:200]},
        path=f"/programmes/rounds/{report.round.public_id}/",
    )


def _reviewed(actor: User, report_id: int, version: int, step: ReportStep) -> ProgressReport:
    """Give a locked report in the state after the step, for a person who may take it."""
    authority = organisations.authority_of(actor)
    found = (
        ProgressReport.objects.select_for_update(of=("self",))
        .select_related("round", "delivery__issuer", "delivery__organisation")
        .filter(pk=report_id)
        .first()
    )
    if found is None or not scope.scope_of(authority).holds(found.delivery):
        raise errors.NotFound(gettext_noop("There is no such report."), code="unknown-report")
    place = queries.place_of(found.delivery)
    allowed = (
        rules.may_approve(authority, place, submitted_by=found.submitted_by_id)
        if step is ReportStep.APPROVE
        else rules.may_accept(authority, place, submitted_by=found.submitted_by_id)
    )
    if not allowed:
        raise errors.NotPermitted(gettext_noop("Your role does not permit this here."), code="not-permitted")
    if found.version != version:
        raise errors.Conflict(
            STALE, code="stale-report", delivery=found.delivery_id, title=found.delivery.text[:80]
        )
    found.state = rules.REPORTS.transition(found.state, step)
    return found


def _stored(report: ProgressReport, reason: str) -> Delivery:
    """Save the report's new state and give its delivery, locked."""
    report.return_reason = reason.strip()[: rules.LONGEST_REASON]
    report.version += 1
    report.save(update_fields=["state", "accepted", "approved", "return_reason", "version"])
    return (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("organisation", "issuer")
        .get(pk=report.delivery_id)
    )


def _is_latest(report: ProgressReport) -> bool:
    """Tell whether no later period was accepted or approved already."""
    later = ProgressReport.objects.filter(
        delivery_id=report.delivery_id,
        round__opens_on__gt=report.round.opens_on,
        state__in=(ReportState.ACCEPTED, ReportState.APPROVED),
    )
    return not later.exists()


def review_many(
    actor: User, chosen: Sequence[tuple[int, int]], step: ReportStep
) -> tuple[int, list[tuple[int, errors.MehvarError]]]:
    """Accept or approve several reports with their own figures, each in its own transaction.

    ``chosen`` are pairs of report and version. Gives how many went through, and what was refused.
    """
    act = approve_report if step is ReportStep.APPROVE else accept_report
    refused: list[tuple[int, errors.MehvarError]] = []
    for report_id, version in chosen:
        try:
            act(actor, report_id, version=version)
        except errors.MehvarError as error:
            refused.append((report_id, error))
    return len(chosen) - len(refused), refused
