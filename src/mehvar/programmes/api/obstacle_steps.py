"""Take every step of an obstacle's life over the HTTP API; each answers with the obstacle and its whole trail."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from pydantic import StringConstraints

from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import obstacles as actions
from mehvar.programmes.actions import revisions
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.api import shapes
from mehvar.programmes.api.obstacles import ObstacleWhole, router, whole_of
from mehvar.programmes.api.shapes import key_of, person
from mehvar.programmes.data import Cause, ObstacleKind
from mehvar.programmes.queries import obstacles as queries
from mehvar.ui.api import Versioned, allowed_to, version_seen

HANDLERS = allowed_to("handle-obstacle over who steers, owns or holds it, or who decides at its level")
DECIDERS = allowed_to("who decides at its present level; at the body's level who handles it")
RAISERS = allowed_to("raise-obstacle over the body that raised it")
STEERERS = allowed_to("handle-obstacle over the body that steers it")
PUBLISHERS = allowed_to("publish over the body that steers it, or handle-obstacle there")
Said = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class Assignment(Versioned):
    """Say who must remove it, and why."""

    owner: shapes.BodyCode
    reason: Said


class Remedy(Versioned):
    """Say what will be done until when."""

    remedy: Said
    due_on: date


class ObstacleDecision(Versioned):
    """Decide what will be done, by whom (the owner stays when nobody is named) and until when."""

    decision: Said
    due_on: date
    owner: shapes.BodyCode | None = None


class Because(Versioned):
    """Say why, or what was done."""

    reason: Said


class Merging(Versioned):
    """Name the obstacle into which this one goes."""

    into: shapes.PublicId


class Release(Versioned):
    """Give the words for the public."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class NewWords(Versioned):
    """Correct the words of an obstacle."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    kind: ObstacleKind = ObstacleKind.OBSTACLE
    cause: Cause = Cause.OTHER
    decision_needed: shapes.Reason = ""
    decision_from: shapes.BodyCode | None = None
    product_need: shapes.Reason = ""
    market_size: shapes.Line = ""
    could_make: shapes.Reason = ""


@router.put("/{public_id}/words", response=ObstacleWhole, summary="Correct the words", openapi_extra=RAISERS)
def revise(request: HttpRequest, response: HttpResponse, public_id: str, given: NewWords) -> ObstacleWhole:
    """Correct the words of an obstacle as long as it is live; its clock does not change by it."""
    said = given.dict(exclude={"version", "decision_from"})
    revisions.revise_obstacle(
        person(request),
        public_id,
        Words(**said),
        version=version_seen(request, given.version),
        decision_from_id=key_of(given.decision_from),
    )
    return whole_of(request, response, public_id)


@router.post("/{public_id}/assignment", response=ObstacleWhole, summary="Assign", openapi_extra=HANDLERS)
def assign(request: HttpRequest, response: HttpResponse, public_id: str, given: Assignment) -> ObstacleWhole:
    """Give an obstacle to the body that must remove it; its clock starts anew there."""
    _require_visible(request, public_id)
    actions.assign(
        person(request),
        public_id,
        owner_id=organisations.organisation(given.owner).pk,
        reason=given.reason,
        version=version_seen(request, given.version),
    )
    return whole_of(request, response, public_id)


@router.post(
    "/{public_id}/remedy", response=ObstacleWhole, summary="Propose a remedy", openapi_extra=HANDLERS
)
def propose_remedy(
    request: HttpRequest, response: HttpResponse, public_id: str, given: Remedy
) -> ObstacleWhole:
    """Say what will be done until when; the clock then ends with that day."""
    version = version_seen(request, given.version)
    actions.propose_remedy(
        person(request), public_id, remedy=given.remedy, due_on=given.due_on, version=version
    )
    return whole_of(request, response, public_id)


@router.post("/{public_id}/decision", response=ObstacleWhole, summary="Decide", openapi_extra=DECIDERS)
def decide(
    request: HttpRequest, response: HttpResponse, public_id: str, given: ObstacleDecision
) -> ObstacleWhole:
    """Decide at the present level what will be done, by whom and until when."""
    _require_visible(request, public_id)
    actions.decide(
        person(request),
        public_id,
        decision=given.decision,
        due_on=given.due_on,
        version=version_seen(request, given.version),
        owner_id=key_of(given.owner),
    )
    return whole_of(request, response, public_id)


@router.post("/{public_id}/hand-up", response=ObstacleWhole, summary="Hand up", openapi_extra=HANDLERS)
def hand_up(request: HttpRequest, response: HttpResponse, public_id: str, given: Because) -> ObstacleWhole:
    """Pass an obstacle to the next level at once, because the decision is not made here."""
    version = version_seen(request, given.version)
    actions.hand_up(person(request), public_id, reason=given.reason, version=version)
    return whole_of(request, response, public_id)


@router.post(
    "/{public_id}/remedied", response=ObstacleWhole, summary="Report it gone", openapi_extra=HANDLERS
)
def report_remedied(
    request: HttpRequest, response: HttpResponse, public_id: str, given: Because
) -> ObstacleWhole:
    """Say that an obstacle is gone and what was done; it stays open until who raised it confirms."""
    version = version_seen(request, given.version)
    actions.report_remedied(person(request), public_id, note=given.reason, version=version)
    return whole_of(request, response, public_id)


@router.post("/{public_id}/confirmation", response=ObstacleWhole, summary="Confirm", openapi_extra=RAISERS)
def confirm(
    request: HttpRequest, response: HttpResponse, public_id: str, given: shapes.VersionedReason
) -> ObstacleWhole:
    """Confirm, as who raised it, that an obstacle is gone: it is closed."""
    version = version_seen(request, given.version)
    actions.confirm(person(request), public_id, version=version, note=given.reason)
    return whole_of(request, response, public_id)


@router.post("/{public_id}/return", response=ObstacleWhole, summary="Send back", openapi_extra=RAISERS)
def send_back(request: HttpRequest, response: HttpResponse, public_id: str, given: Because) -> ObstacleWhole:
    """Say, as who raised it, that an obstacle is still there: the clock of its level starts anew."""
    version = version_seen(request, given.version)
    actions.send_back(person(request), public_id, reason=given.reason, version=version)
    return whole_of(request, response, public_id)


@router.post("/{public_id}/rejection", response=ObstacleWhole, summary="Reject", openapi_extra=HANDLERS)
def reject(request: HttpRequest, response: HttpResponse, public_id: str, given: Because) -> ObstacleWhole:
    """Reject an obstacle with a reason; who raised it may object."""
    version = version_seen(request, given.version)
    actions.reject(person(request), public_id, reason=given.reason, version=version)
    return whole_of(request, response, public_id)


@router.post("/{public_id}/objection", response=ObstacleWhole, summary="Object", openapi_extra=RAISERS)
def object_to_rejection(
    request: HttpRequest, response: HttpResponse, public_id: str, given: Because
) -> ObstacleWhole:
    """Object, as who raised it, to a rejection: the next level has it now."""
    version = version_seen(request, given.version)
    actions.object_to_rejection(person(request), public_id, reason=given.reason, version=version)
    return whole_of(request, response, public_id)


@router.post("/{public_id}/withdrawal", response=ObstacleWhole, summary="Take back", openapi_extra=RAISERS)
def withdraw(request: HttpRequest, response: HttpResponse, public_id: str, given: Because) -> ObstacleWhole:
    """Take an obstacle back, as who raised it."""
    version = version_seen(request, given.version)
    actions.withdraw(person(request), public_id, reason=given.reason, version=version)
    return whole_of(request, response, public_id)


@router.post("/{public_id}/merger", response=ObstacleWhole, summary="Merge", openapi_extra=STEERERS)
def merge(request: HttpRequest, response: HttpResponse, public_id: str, given: Merging) -> ObstacleWhole:
    """Merge a duplicate into another live obstacle of the same kind; both stay readable, one clock runs."""
    version = version_seen(request, given.version)
    actions.merge(person(request), public_id, into=given.into, version=version)
    return whole_of(request, response, public_id)


@router.put("/{public_id}/publication", response=ObstacleWhole, summary="Publish", openapi_extra=PUBLISHERS)
def publish(request: HttpRequest, response: HttpResponse, public_id: str, given: Release) -> ObstacleWhole:
    """Release an obstacle to the public in an officer's own words."""
    version = version_seen(request, given.version)
    actions.publish(person(request), public_id, title=given.title, words=given.text, version=version)
    return whole_of(request, response, public_id)


@router.delete(
    "/{public_id}/publication", response=ObstacleWhole, summary="Unpublish", openapi_extra=PUBLISHERS
)
def unpublish(request: HttpRequest, response: HttpResponse, public_id: str) -> ObstacleWhole:
    """Take an obstacle off the public page; ``If-Match`` carries the version."""
    actions.unpublish(person(request), public_id, version=version_seen(request, None))
    return whole_of(request, response, public_id)


def _require_visible(request: HttpRequest, public_id: str) -> None:
    """Refuse what the person does not see before any other name in the request is looked up."""
    queries.visible_obstacle(organisations.authority_in(request), public_id)
