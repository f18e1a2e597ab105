"""Propose, accept, extend and end agreements: on what legal basis and for what purpose data flow.

A proposal holds when both sides accepted it; who proposes accepts by that. An agreement with a group needs the provider only.
Source: issue "Ledger and exchange", point 2.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from mehvar.exchange.actions import publication, record, telling
from mehvar.exchange.data.control import AgreementState, AgreementTerms, MemberState
from mehvar.exchange.models import Agreement, Member
from mehvar.exchange.queries import names, scope
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules import checks
from mehvar.exchange.rules.lifecycles import AGREEMENT
from mehvar.kernel import clock, errors, identifiers
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User

REMIND_DAYS = (30, 7, 1)


def propose(actor: User | None, *, provider: str, consumer: str | None, terms: AgreementTerms) -> Agreement:
    """Propose an agreement between two members (public ids), as an engineer of one; that side accepts by it.

    Without a consumer it is for a group, and valid at once. The server's console accepts for both sides.

    Raises:
        NotFound, NotPermitted: A member is unknown, or the person speaks for neither.
        InputError: Words are missing, or the dates are out of order.
        Conflict: A member takes no part.
    """
    giver, taker = _member(provider), _member(consumer) if consumer else None
    said = cleaned(terms)
    gives, takes = _sides(actor, giver, taker)
    if not (gives or takes):
        record.demand_speaker(actor, giver)
    with transaction.atomic():
        row = make_agreement(giver, taker, said, gives=gives, takes=takes)
        note_agreement(actor, row, "propose")
        if row.state == AgreementState.PROPOSED:
            _ask_other_side(row)
    return row


def cleaned(terms: AgreementTerms) -> dict[str, Any]:
    """Give an agreement's terms as they are kept.

    Raises:
        InputError: Words are missing, or the dates are out of order.
    """
    checks.dates(terms.valid_from, terms.valid_until)
    said = asdict(terms)
    for name, limit in (("title", 300), ("legal_basis", 2_000), ("purpose", 500)):
        said[name] = checks.words(said[name], field=name, limit=limit)
    return said


def make_agreement(
    giver: Member, taker: Member | None, said: dict[str, Any], *, gives: bool, takes: bool
) -> Agreement:
    """Write an agreement down, valid where both sides accept; shared by the room's actions."""
    if any(side is not None and side.state != MemberState.APPROVED for side in (giver, taker)):
        raise errors.Conflict("Both sides must be members that take part.", code="not-approved")
    now = clock.now()
    takes = takes or taker is None
    return Agreement.objects.create(
        public_id=identifiers.new_public_id(),
        provider=giver,
        consumer=taker,
        first_valid_until=said["valid_until"],
        state=AgreementState.VALID if gives and takes else AgreementState.PROPOSED,
        provider_accepted_at=now if gives else None,
        consumer_accepted_at=now if takes and taker is not None else None,
        created_at=now,
        **said,
    )


def _sides(actor: User | None, giver: Member, taker: Member | None) -> tuple[bool, bool]:
    """Tell for which sides the person speaks."""
    if actor is None:
        return True, True
    authority = organisations.authority_of(actor)
    return scope.speaks_for(authority, giver), taker is not None and scope.speaks_for(authority, taker)


def _member(public_id: str) -> Member:
    found = Member.objects.select_related("organisation").filter(public_id=public_id).first()
    if found is None:
        raise scope.missing("member")
    return found


def accept(actor: User | None, public_id: str, *, version: int) -> Agreement:
    """Accept a proposal for the side or sides for which the person speaks; when both have, it is valid.

    Raises:
        NotFound, NotPermitted, Conflict: There is none, no right to, stale, or no proposal any more.
    """
    with transaction.atomic():
        row = locked_agreement(actor, public_id, version)
        AGREEMENT.transition(row.state, "accept")
        gives, takes = _sides(actor, row.provider, row.consumer)
        if not (gives or takes):
            record.demand_speaker(actor, row.provider)
        now = clock.now()
        values: dict[str, Any] = {}
        if gives and row.provider_accepted_at is None:
            values["provider_accepted_at"] = now
        if takes and row.consumer_accepted_at is None:
            values["consumer_accepted_at"] = now
        if not values:
            raise errors.Conflict("Your side has accepted already.", code="accepted-already")
        has_both = (row.provider_accepted_at or "provider_accepted_at" in values) and (
            row.consumer is None or row.consumer_accepted_at or "consumer_accepted_at" in values
        )
        record.changed(row, state=AgreementState.VALID if has_both else row.state, **values)
        note_agreement(actor, row, "accept")
    return row


def extend(
    actor: User | None, public_id: str, *, valid_until: date | None, reason: str, version: int
) -> Agreement:
    """Extend a valid agreement, as the provider; the first last day stays known. None: without end.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale or not valid, not later, no reason.
    """
    why = checks.words(reason, field="reason")
    with transaction.atomic():
        row = locked_agreement(actor, public_id, version)
        record.demand_speaker(actor, row.provider)
        checks.dates(row.valid_from, valid_until)
        AGREEMENT.transition(row.state, "extend")
        if row.valid_until is None or (valid_until is not None and valid_until <= row.valid_until):
            raise errors.InputError(
                "Give a day after the present last one.", code="not-later", field="valid_until"
            )
        record.changed(row, valid_until=valid_until)
        note_agreement(actor, row, "extend", reason=why)
    return row


def end(actor: User | None, public_id: str, *, reason: str, version: int) -> Agreement:
    """End an agreement, or take a proposal back, as either side or the operator; no call passes under it any more.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale or ended, or no reason.
    """
    why = checks.words(reason, field="reason")
    with transaction.atomic():
        row = locked_agreement(actor, public_id, version)
        state = AGREEMENT.transition(row.state, "end")
        if not any(_sides(actor, row.provider, row.consumer)):
            record.demand_manager(actor, row.provider)
        record.changed(row, state=state, ended_at=clock.now(), end_reason=why)
        note_agreement(actor, row, "end", reason=why)
        telling.tell(
            telling.engineers_of([side for side in (row.provider, row.consumer) if side]),
            key=f"agreement:{row.public_id}:ended",
            message=gettext_noop("The agreement “{title}” has ended."),
            path=reverse("exchange:agreement", args=[row.public_id]),
            title=row.title,
        )
    return row


def _ask_other_side(row: Agreement) -> None:
    side = row.provider if row.provider_accepted_at is None else row.consumer
    if side is not None:
        telling.tell(
            telling.engineers_of([side]),
            key=f"agreement:{row.public_id}:proposed",
            message=gettext_noop("An agreement is proposed to {member}: “{title}”."),
            path=reverse("exchange:agreement", args=[row.public_id]),
            member=str(side),
            title=row.title,
        )


def note_agreement(actor: User | None, row: Agreement, action: str, *, reason: str = "") -> None:
    """Put an act on an agreement on record (publicly once both sides accepted) and publish; shared by the room's actions."""
    is_public = row.state != AgreementState.PROPOSED and row.provider_accepted_at is not None
    content = {
        "provider": names.member_name(row.provider),
        "consumer": names.member_name(row.consumer) if row.consumer else None,
        "title": row.title,
        "legal_basis": row.legal_basis,
        "purpose": row.purpose,
        "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
        "state": str(row.state),
        "document_sha256": row.document_sha256,
    }
    subject = record.of_agreement(row)
    record.note(actor, f"exchange.agreement.{action}", subject, content, reason=reason, public=is_public)
    publication.changed(f"exchange.agreement.{action} {row.public_id}")


def locked_agreement(actor: User | None, public_id: str, version: int) -> Agreement:
    """Give an agreement that the person may see, locked; shared by the room's actions.

    Raises:
        NotFound, Conflict: There is none for this person, or stale.
    """
    if actor is not None:
        scope.visible_agreement(organisations.authority_of(actor), public_id)
    rows = Agreement.objects.select_related("provider__organisation", "consumer__organisation")
    return record.locked(rows.filter(public_id=public_id), version)


def remind_ends() -> int:
    """Remind both sides' engineers 30, 7 and 1 days before an agreement's last day, once each; give how many were told."""
    now = today()
    rows = Agreement.objects.select_related("provider__organisation", "consumer__organisation").filter(
        state=AgreementState.VALID,
        valid_until__gte=now,
        valid_until__lte=now + timedelta(days=REMIND_DAYS[0]),
    )
    return sum(_remind(row, now) for row in rows)


def _remind(row: Agreement, now: date) -> int:
    last = row.valid_until or now
    stage = min(days for days in REMIND_DAYS if last - now <= timedelta(days=days))
    mark = last - timedelta(days=stage)
    if row.reminded_for == mark:
        return 0
    with transaction.atomic():
        Agreement.objects.filter(pk=row.pk).update(reminded_for=mark)
        return telling.tell(
            telling.engineers_of([side for side in (row.provider, row.consumer) if side]),
            key=f"agreement:{row.public_id}:{last.isoformat()}:{stage}",
            message=gettext_noop(
                "The agreement “{title}” ends on {date}; afterwards no call passes under it."
            ),
            path=reverse("exchange:agreement", args=[row.public_id]),
            title=row.title,
            date=last.isoformat(),
        )


def has_run_out(row: Agreement) -> bool:
    """Tell whether an agreement's last day has passed."""
    return row.valid_until is not None and row.valid_until < today()
