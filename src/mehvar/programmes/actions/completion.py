"""Claim that a delivery is complete, and let another body than the one that claims verify it.

Source: issue "programmes", point 2.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors, events
from mehvar.ledger import actions as ledger
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import deliveries as delivery_actions
from mehvar.programmes.actions.extensions import locked_delivery, own_delivery, require_open
from mehvar.programmes.actions.reports import subject_of
from mehvar.programmes.data import DeliveryState
from mehvar.programmes.models import CompletionClaim, Delivery
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.queries import scope
from mehvar.programmes.queries.audience import names_told
from mehvar.programmes.rules import progress as rules

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def claim_completion(actor: User, delivery_id: int, *, claimed_on: date, note: str) -> CompletionClaim:
    """Claim for a body that a delivery was complete on a day; it counts as done only once it is verified.

    Raises:
        NotFound: There is no such delivery, or not for this person.
        Conflict: The delivery is not open.
        InputError: The day is still to come, or nothing says what was delivered.
    """
    clean = rules.check_reason(note, "note")
    if claimed_on > today():
        raise errors.InputError(
            gettext_noop("The day of completion is still to come."), code="future-day", field="claimed_on"
        )
    with transaction.atomic():
        delivery = own_delivery(actor, delivery_id)
        require_open(delivery)
        claim = CompletionClaim.objects.create(
            delivery=delivery, claimed_on=claimed_on, note=clean, claimed_by=actor, claimed_at=clock.now()
        )
        delivery.state, delivery.done_on, delivery.claimed = DeliveryState.CLAIMED, claimed_on, rules.WHOLE
        delivery_actions.store([delivery])
        _tell_verifiers(delivery, claim)
        ledger.record(
            actor=actor.as_actor(),
            action="delivery.claim",
            subject=subject_of(delivery),
            content={"done_on": claimed_on.isoformat()},
            reason=clean,
        )
    return claim


def _tell_verifiers(delivery: Delivery, claim: CompletionClaim) -> None:
    body = claim.verifier_id or delivery.issuer_id
    wanted = rules.VERIFIES_WHEN_APPOINTED if claim.verifier_id else {Permission.VERIFY_COMPLETION}
    people = {
        person
        for permission in wanted
        if body != delivery.organisation_id
        for person in organisations.people_with(permission, [body])
    }
    notifications.notify(
        sorted(people - {claim.claimed_by_id}),
        kind="completion-claimed",
        key=f"claim-{claim.pk}-{claim.verifier_id or 0}",
        message=gettext_noop("{body} claims that “{title}” is complete; verify it."),
        params={"title": delivery.text[:120], **names_told(delivery.organisation)},
        path=f"/programmes/deliveries/{delivery.public_id}/",
    )


def appoint_verifier(actor: User, claim_id: int, organisation_id: int, *, version: int) -> CompletionClaim:
    """Appoint, for the body that asks, another body that is to verify a claim.

    Raises:
        NotFound: There is no such claim or body.
        NotPermitted: The person does not manage programmes of the body that asks.
        InputError: The claiming body itself was chosen.
        Conflict: The claim was judged already.
    """
    with transaction.atomic():
        claim = _locked_claim(actor, claim_id, version)
        delivery = locked_delivery(claim.delivery_id)
        authority = organisations.authority_of(actor)
        permissions.require(authority, Permission.MANAGE_PROGRAMMES, delivery.issuer.path)
        body = organisations.organisation_by_id(organisation_id)
        if body.pk == delivery.organisation_id:
            raise errors.InputError(
                gettext_noop("The body that claims cannot verify its own claim."),
                code="own-claim",
                field="verifier",
            )
        claim.verifier, claim.version = body, claim.version + 1
        claim.save(update_fields=["verifier", "version"])
        _tell_verifiers(delivery, claim)
        ledger.record(
            actor=actor.as_actor(),
            action="delivery.appoint_verifier",
            subject=subject_of(delivery),
            content={"verifier": body.code},
        )
    return claim


def verify_completion(
    actor: User, claim_id: int, *, version: int, verified: bool, verdict: str = ""
) -> CompletionClaim:
    """Confirm a claimed completion, or refuse it with the reason; then the delivery is open again.

    Raises:
        NotFound: There is no such claim, or not for this person.
        NotPermitted: The person speaks for the body that claims, or does not verify here.
        Conflict: It was judged already.
        InputError: A refusal has no reason.
    """
    clean = verdict.strip() if verified else rules.check_reason(verdict, "verdict")
    with transaction.atomic():
        claim = _locked_claim(actor, claim_id, version)
        delivery = locked_delivery(claim.delivery_id)
        if not rules.may_verify(
            organisations.authority_of(actor),
            queries.place_of(delivery),
            claimed_by=claim.claimed_by_id,
            verifier_id=claim.verifier_id,
        ):
            raise errors.NotPermitted(
                gettext_noop("Completion is verified by another body than the one that claims it."),
                code="not-another-body",
            )
        claim.verified, claim.verdict, claim.version = verified, clean, claim.version + 1
        claim.verified_by, claim.verified_at = actor, clock.now()
        claim.save()
        _settle(delivery, claim)
        _tell_claimant(delivery, claim)
        ledger.record(
            actor=actor.as_actor(),
            action="delivery.verify" if verified else "delivery.refuse",
            subject=subject_of(delivery),
            content={"done_on": claim.claimed_on.isoformat()},
            reason=clean,
        )
        if verified:
            transaction.on_commit(
                partial(events.publish, "programmes.delivery-verified", public_id=delivery.public_id)
            )
    return claim


def _settle(delivery: Delivery, claim: CompletionClaim) -> None:
    if claim.verified:
        delivery.state, delivery.verified_at = DeliveryState.DONE, claim.verified_at
        delivery.accepted = delivery.approved = rules.WHOLE
        delivery.silent = False
    else:
        delivery.state, delivery.done_on = DeliveryState.OPEN, None
    delivery_actions.store([delivery])


def _locked_claim(actor: User, claim_id: int, version: int) -> CompletionClaim:
    found = (
        CompletionClaim.objects.select_for_update(of=("self",))
        .select_related("delivery")
        .filter(pk=claim_id)
        .first()
    )
    authority = organisations.authority_of(actor)
    if found is None or not (
        scope.scope_of(authority).holds(found.delivery) or found.verifier_id in authority.organisation_ids
    ):
        raise errors.NotFound(gettext_noop("There is no such claim."), code="unknown-claim")
    if found.verified is not None or found.version != version:
        raise errors.Conflict(
            gettext_noop("This claim was judged already. Look at the new state."), code="stale-claim"
        )
    return found


def _tell_claimant(delivery: Delivery, claim: CompletionClaim) -> None:
    notifications.notify(
        [claim.claimed_by_id] if claim.claimed_by_id else [],
        kind="completion-judged",
        key=f"claim-{claim.pk}-judged",
        message=gettext_noop("“{title}” was verified as complete.")
        if claim.verified
        else gettext_noop("The completion of “{title}” was not confirmed."),
        params={"title": delivery.text[:120]},
        path=f"/programmes/deliveries/{delivery.public_id}/",
    )
