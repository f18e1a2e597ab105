"""Ask for time, claim and verify completion, and judge confidence over the HTTP API."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import StringConstraints

from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import completion, confidence, extensions
from mehvar.programmes.api import shapes
from mehvar.programmes.api.progress import deliveries as steps
from mehvar.programmes.api.shapes import WATCHERS, ActingBody, body_of, person
from mehvar.programmes.data import Rating
from mehvar.programmes.models import CompletionClaim, ConfidenceJudgement, ExtensionRequest
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.queries import scope
from mehvar.ui.api import Key, Paging, Schema, Versioned, allowed_to, page_of, version_if_given, version_seen

requests = Router(tags=["extensions"])
claims = Router(tags=["completions"])
REPORTERS = allowed_to("report-progress over the body that delivers")
APPROVERS = allowed_to("approve-report over the body that asks")
VERIFIERS = allowed_to("verify-completion, at another body than the one that claims")
JUDGES = allowed_to("judge-confidence over the body that asks or the one that delivers")


class ExtensionRow(Schema):
    """Show that a body asked for a later date; ``granted`` is null until it is decided."""

    id: int
    delivery: str
    body: ActingBody
    due_before: date
    asked_due_on: date
    reason: str
    asked_at: datetime
    granted: bool | None
    decision_reason: str
    decided_at: datetime | None
    version: int


class ExtensionIn(Schema):
    """Ask for a later date."""

    due_on: date
    reason: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class ExtensionDecision(shapes.VersionedReason):
    """Grant more time, until the day asked for or another later one, or refuse it with a reason."""

    granted: bool
    due_on: date | None = None


class ClaimRow(Schema):
    """Show that a body claims a delivery to be complete; ``verified`` is null until another body has looked."""

    id: int
    delivery: str
    body: ActingBody
    claimed_on: date
    note: str
    claimed_at: datetime
    verifier: ActingBody | None
    verified: bool | None
    verdict: str
    verified_at: datetime | None
    version: int


class ClaimIn(Schema):
    """Claim that a delivery was complete on a day."""

    claimed_on: date
    note: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class Appointment(Versioned):
    """Appoint the body that is to verify."""

    body: shapes.BodyCode


class Verification(Versioned):
    """Confirm a claimed completion, or refuse it and say why."""

    verified: bool
    verdict: shapes.Reason = ""


class JudgementRow(Schema):
    """Show how sure a person was that a delivery will succeed, and why."""

    confidence: Rating
    reason: str
    judged_by: str
    judged_at: datetime


class JudgementIn(Versioned):
    """Say how sure you are, and why; ``version`` is the delivery's."""

    confidence: Rating
    reason: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


@steps.get(
    "/{public_id}/extensions", response=list[ExtensionRow], summary="Extensions", openapi_extra=WATCHERS
)
def extensions_of(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[ExtensionRow]:
    """List the requests for more time for a delivery, oldest first."""
    row = scope.visible_delivery(organisations.authority_in(request), public_id)
    return [_extension(one) for one in page_of(request, response, queries.extensions_of(row), paging)]


@steps.post(
    "/{public_id}/extensions", response={201: ExtensionRow}, summary="Ask for time", openapi_extra=REPORTERS
)
def ask_for_time(request: HttpRequest, public_id: str, given: ExtensionIn) -> Status[ExtensionRow]:
    """Ask for a later date for a delivery; the first date stays on record."""
    row = scope.visible_delivery(organisations.authority_in(request), public_id)
    made = extensions.request_extension(person(request), row.pk, due_on=given.due_on, reason=given.reason)
    return Status(201, _extension(_known(ExtensionRequest, made.pk)))


@steps.get("/{public_id}/completions", response=list[ClaimRow], summary="Claims", openapi_extra=WATCHERS)
def claims_of(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[ClaimRow]:
    """List the completion claims of a delivery, oldest first."""
    row = scope.visible_delivery(organisations.authority_in(request), public_id)
    return [_claim(one) for one in page_of(request, response, queries.claims_of(row), paging)]


@steps.post(
    "/{public_id}/completions", response={201: ClaimRow}, summary="Claim completion", openapi_extra=REPORTERS
)
def claim_completion(request: HttpRequest, public_id: str, given: ClaimIn) -> Status[ClaimRow]:
    """Claim that a delivery is complete; it counts as done only once another body has verified it."""
    row = scope.visible_delivery(organisations.authority_in(request), public_id)
    made = completion.claim_completion(person(request), row.pk, claimed_on=given.claimed_on, note=given.note)
    return Status(201, _claim(_known(CompletionClaim, made.pk)))


@steps.get(
    "/{public_id}/confidence", response=list[JudgementRow], summary="Confidence", openapi_extra=WATCHERS
)
def judgements(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[JudgementRow]:
    """List the judgements of delivery confidence, latest first."""
    row = scope.visible_delivery(organisations.authority_in(request), public_id)
    return [_judgement(one) for one in page_of(request, response, queries.judgements_of(row), paging)]


@steps.post(
    "/{public_id}/confidence", response={201: JudgementRow}, summary="Judge confidence", openapi_extra=JUDGES
)
def judge(request: HttpRequest, public_id: str, given: JudgementIn) -> Status[JudgementRow]:
    """Say how sure you are that a delivery will succeed; earlier judgements stay."""
    row = scope.visible_delivery(organisations.authority_in(request), public_id)
    made = confidence.judge_confidence(
        person(request),
        row.pk,
        confidence=given.confidence.value,
        reason=given.reason,
        version=version_if_given(request, given.version),
    )
    return Status(201, _judgement(made))


@requests.get("", response=list[ExtensionRow], summary="What waits for me", openapi_extra=APPROVERS)
def open_extensions(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging]
) -> list[ExtensionRow]:
    """List the requests for more time that the person may decide, oldest first."""
    rows = queries.open_extensions(organisations.authority_in(request))
    return [_extension(row) for row in page_of(request, response, rows, paging)]


@requests.post("/{extension_id}/decision", response=ExtensionRow, summary="Decide", openapi_extra=APPROVERS)
def decide_extension(request: HttpRequest, extension_id: Key, given: ExtensionDecision) -> ExtensionRow:
    """Grant more time or refuse it with a reason."""
    _seen(request, ExtensionRequest, extension_id)
    extensions.decide_extension(
        person(request),
        extension_id,
        version=version_seen(request, given.version),
        granted=given.granted,
        due_on=given.due_on,
        reason=given.reason,
    )
    return _extension(_known(ExtensionRequest, extension_id))


@claims.get("", response=list[ClaimRow], summary="What waits for me", openapi_extra=VERIFIERS)
def open_claims(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[ClaimRow]:
    """List the completion claims that the person may have to verify, oldest first."""
    rows = queries.open_claims(organisations.authority_in(request)).select_related("verifier")
    return [_claim(row) for row in page_of(request, response, rows, paging)]


@claims.put("/{claim_id}/verifier", response=ClaimRow, summary="Appoint a verifier", openapi_extra=APPROVERS)
def appoint(request: HttpRequest, claim_id: Key, given: Appointment) -> ClaimRow:
    """Appoint, for the body that asks, another body that is to verify a claim."""
    _seen(request, CompletionClaim, claim_id)
    body = organisations.organisation(given.body)
    version = version_seen(request, given.version)
    completion.appoint_verifier(person(request), claim_id, body.pk, version=version)
    return _claim(_known(CompletionClaim, claim_id))


@claims.post("/{claim_id}/verification", response=ClaimRow, summary="Verify", openapi_extra=VERIFIERS)
def verify(request: HttpRequest, claim_id: Key, given: Verification) -> ClaimRow:
    """Confirm a claimed completion, or refuse it; then the delivery is open again."""
    version = version_seen(request, given.version)
    completion.verify_completion(
        person(request), claim_id, version=version, verified=given.verified, verdict=given.verdict
    )
    return _claim(_known(CompletionClaim, claim_id))


def _known(model: Any, key: int) -> Any:
    related = ("delivery__organisation", *(("verifier",) if model is CompletionClaim else ()))
    return model.objects.select_related(*related).get(pk=key)


def _seen(request: HttpRequest, model: Any, key: int) -> None:
    """Refuse what belongs to a delivery that the person does not see, as if it were not there."""
    row = model.objects.select_related("delivery").filter(pk=key).first()
    if row is None or not scope.scope_of(organisations.authority_in(request)).holds(row.delivery):
        raise NotFound(gettext_noop("There is no such thing."), code="unknown")


def _extension(row: ExtensionRequest) -> ExtensionRow:
    same = ("due_before", "asked_due_on", "reason", "asked_at", "granted", "decision_reason", "decided_at", "version")  # fmt: skip
    return ExtensionRow(
        **{name: getattr(row, name) for name in same},
        id=row.pk,
        delivery=row.delivery.public_id,
        body=body_of(row.delivery.organisation),
    )


def _claim(row: CompletionClaim) -> ClaimRow:
    same = ("claimed_on", "note", "claimed_at", "verified", "verdict", "verified_at", "version")
    return ClaimRow(
        **{name: getattr(row, name) for name in same},
        id=row.pk,
        delivery=row.delivery.public_id,
        body=body_of(row.delivery.organisation),
        verifier=body_of(row.verifier) if row.verifier else None,
    )


def _judgement(row: ConfidenceJudgement) -> JudgementRow:
    return JudgementRow(
        confidence=Rating(row.confidence),
        reason=row.reason,
        judged_by=row.judged_by.name if row.judged_by else "",
        judged_at=row.judged_at,
    )
