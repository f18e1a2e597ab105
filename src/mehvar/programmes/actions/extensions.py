"""Ask for a later date, and decide on it; the first date stays on record.

Source: issue "programmes", point 2; design page, "Life cycle" (extension requested / granted, first date kept).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import deliveries as delivery_actions
from mehvar.programmes.actions.reports import subject_of
from mehvar.programmes.data import DeliveryState
from mehvar.programmes.models import Delivery, ExtensionRequest
from mehvar.programmes.queries import scope
from mehvar.programmes.queries.audience import names_told
from mehvar.programmes.rules import progress as rules

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def locked_delivery(delivery_id: int) -> Delivery:
    """Give a delivery with both its bodies, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    found = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("organisation", "issuer")
        .filter(pk=delivery_id)
        .first()
    )
    if found is None:
        raise errors.NotFound(gettext_noop("There is no such delivery."), code="unknown-delivery")
    return found


def own_delivery(actor: User, delivery_id: int) -> Delivery:
    """Give a locked delivery of a body for which the person reports.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found = locked_delivery(delivery_id)
    allowed = scope.scope_of(organisations.authority_of(actor), Permission.REPORT_PROGRESS)
    if not allowed.holds_body(found.organisation_id):
        raise errors.NotFound(gettext_noop("There is no such delivery."), code="unknown-delivery")
    return found


def require_open(delivery: Delivery) -> None:
    """Refuse an act on a delivery that is not open.

    Raises:
        Conflict: It was claimed, is done, or is no longer asked for.
    """
    if delivery.state != DeliveryState.OPEN:
        raise errors.Conflict(gettext_noop("This delivery is not open any more."), code="not-open")


def request_extension(actor: User, delivery_id: int, *, due_on: date, reason: str) -> ExtensionRequest:
    """Ask for a later date for a delivery, with the reason.

    Raises:
        NotFound: There is no such delivery, or not for this person.
        Conflict: The delivery is not open, or a request waits already.
        InputError: It has no date, the new one is not later, or there is no reason.
    """
    clean = rules.check_reason(reason)
    with transaction.atomic():
        delivery = own_delivery(actor, delivery_id)
        require_open(delivery)
        if delivery.due_on is None or due_on <= delivery.due_on:
            raise errors.InputError(
                gettext_noop("The new day must be later than the present one."),
                code="due-too-early",
                field="due_on",
            )
        if delivery.extensions.filter(granted=None).exists():
            raise errors.Conflict(
                gettext_noop("A request for more time waits for its answer already."), code="already-asked"
            )
        asked = ExtensionRequest.objects.create(
            delivery=delivery,
            due_before=delivery.due_on,
            asked_due_on=due_on,
            reason=clean,
            asked_by=actor,
            asked_at=clock.now(),
        )
        _tell_deciders(delivery, asked)
        ledger.record(
            actor=actor.as_actor(),
            action="delivery.ask_extension",
            subject=subject_of(delivery),
            content={"from": delivery.due_on.isoformat(), "to": due_on.isoformat()},
            reason=clean,
        )
    return asked


def decide_extension(
    actor: User,
    extension_id: int,
    *,
    version: int,
    granted: bool,
    due_on: date | None = None,
    reason: str = "",
) -> ExtensionRequest:
    """Grant more time (until the day asked for, or another later one) or refuse it with a reason.

    Raises:
        NotFound: There is no such request.
        NotPermitted: The person does not decide for the body that asks.
        Conflict: It was decided already, or the delivery is not open any more.
        InputError: A refusal has no reason, or the day is not later.
    """
    clean = reason.strip() if granted else rules.check_reason(reason)
    with transaction.atomic():
        asked = _locked_extension(actor, extension_id, version)
        delivery = locked_delivery(asked.delivery_id)
        require_open(delivery)
        if granted:
            _move_date(delivery, due_on or asked.asked_due_on)
        asked.granted, asked.decision_reason = granted, clean
        asked.decided_by, asked.decided_at, asked.version = actor, clock.now(), asked.version + 1
        asked.save()
        _tell_decided(delivery, asked)
        ledger.record(
            actor=actor.as_actor(),
            action="delivery.grant_extension" if granted else "delivery.refuse_extension",
            subject=subject_of(delivery),
            content={
                "first": delivery.first_due_on.isoformat() if delivery.first_due_on else "",
                "from": asked.due_before.isoformat(),
                "to": delivery.due_on.isoformat() if delivery.due_on else "",
            },
            reason=clean,
        )
    return asked


def _move_date(delivery: Delivery, due_on: date) -> None:
    if delivery.due_on is not None and due_on <= delivery.due_on:
        raise errors.InputError(
            gettext_noop("The new day must be later than the present one."),
            code="due-too-early",
            field="due_on",
        )
    delivery.due_on = due_on
    delivery_actions.store([delivery])


def _locked_extension(actor: User, extension_id: int, version: int) -> ExtensionRequest:
    found = (
        ExtensionRequest.objects.select_for_update(of=("self",))
        .select_related("delivery__issuer")
        .filter(pk=extension_id)
        .first()
    )
    authority = organisations.authority_of(actor)
    if found is None or not scope.scope_of(authority).holds(found.delivery):
        raise errors.NotFound(
            gettext_noop("There is no such request for more time."), code="unknown-extension"
        )
    permissions.require(authority, Permission.APPROVE_REPORT, found.delivery.issuer.path)
    if found.asked_by_id == actor.pk:
        raise errors.NotPermitted(
            gettext_noop("Another person must decide on your own request."), code="own-request"
        )
    if found.granted is not None or found.version != version:
        raise errors.Conflict(
            gettext_noop("This request was decided already. Look at the new state."), code="stale-extension"
        )
    return found


def _tell_deciders(delivery: Delivery, asked: ExtensionRequest) -> None:
    notifications.notify(
        organisations.people_with(Permission.APPROVE_REPORT, [delivery.issuer_id]),
        kind="extension-asked",
        key=f"extension-{asked.pk}-asked",
        message=gettext_noop("{body} asks for more time for “{title}”: until {due}."),
        params={
            **names_told(delivery.organisation),
            "title": delivery.text[:120],
            "due": asked.asked_due_on.isoformat(),
        },
        path=f"/programmes/deliveries/{delivery.public_id}/",
    )


def _tell_decided(delivery: Delivery, asked: ExtensionRequest) -> None:
    notifications.notify(
        [asked.asked_by_id] if asked.asked_by_id else [],
        kind="extension-decided",
        key=f"extension-{asked.pk}-decided",
        message=gettext_noop("More time for “{title}” was granted.")
        if asked.granted
        else gettext_noop("More time for “{title}” was refused."),
        params={"title": delivery.text[:120]},
        path=f"/programmes/deliveries/{delivery.public_id}/",
    )
