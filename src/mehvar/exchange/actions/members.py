"""Take members into the exchange, suspend them, let them leave.

Source: S4.4; issue "Ledger and exchange", point 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from mehvar.exchange.actions import publication, record, telling
from mehvar.exchange.models import Member
from mehvar.exchange.queries import names, scope
from mehvar.exchange.rules import checks
from mehvar.exchange.rules.lifecycles import MEMBER
from mehvar.kernel import clock, errors, identifiers
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def apply(
    actor: User | None,
    *,
    organisation_id: int,
    member_class: str,
    code: str,
    contact_name: str = "",
    contact_email: str = "",
) -> Member:
    """Apply for membership of a body; who was refused or left applies again with the same name.

    Raises:
        NotPermitted: The person is no engineer of the body and does not operate the exchange.
        InputError: A code cannot be one.
        Conflict: The body is a member already, or another member has the name.
    """
    body = organisations.organisation_by_id(organisation_id)
    if actor is not None:
        authority = organisations.authority_of(actor)
        if not scope.operates(authority):
            permissions.require(authority, Permission.MANAGE_SYSTEMS, body.path)
    named = {
        "member_class": checks.code(member_class, field="member_class"),
        "code": checks.code(code),
        "contact_name": checks.words(contact_name, field="contact_name", limit=200, required=False),
        "contact_email": contact_email.strip(),
    }
    with transaction.atomic():
        row = _applied(organisation_id, named)
        content = {"member": names.member_name(row), "body": body.code}
        record.note(actor, "exchange.member.apply", record.of_member(row), content, public=True)
        telling.tell(
            telling.operators(),
            key=f"member:{row.public_id}:{row.version}",
            message=gettext_noop("{member} applies for membership of the exchange."),
            path=reverse("exchange:member", args=[row.public_id]),
            member=str(row),
        )
    return row


def _applied(organisation_id: int, named: dict[str, Any]) -> Member:
    row = Member.objects.select_for_update().filter(organisation_id=organisation_id).first()
    try:
        with transaction.atomic():
            if row is None:
                return Member.objects.create(
                    public_id=identifiers.new_public_id(),
                    organisation_id=organisation_id,
                    applied_at=clock.now(),
                    **named,
                )
            state = MEMBER.transition(row.state, "apply")
            if row.decided_at and row.subsystems.exists():
                named |= {"member_class": row.member_class, "code": row.code}
            record.changed(row, state=state, applied_at=clock.now(), decided_at=None, **named)
    except IntegrityError:
        raise errors.Conflict(
            "Another member has this class and code.", code="member-taken", field="code"
        ) from None
    return row


def enrol(
    actor: User | None,
    *,
    organisation_id: int,
    member_class: str,
    code: str,
    contact_name: str = "",
    contact_email: str = "",
) -> Member:
    """Take a body into the exchange at once, as the operator.

    Raises:
        NotPermitted: The person does not operate the exchange.
        InputError, Conflict: As for ``apply``.
    """
    record.demand_operator(actor)
    with transaction.atomic():
        row = apply(
            actor,
            organisation_id=organisation_id,
            member_class=member_class,
            code=code,
            contact_name=contact_name,
            contact_email=contact_email,
        )
        return approve(actor, row.public_id, version=row.version)


def approve(actor: User | None, public_id: str, *, version: int, note: str = "") -> Member:
    """Approve an application, as the operator: from now on the member is in the routing snapshot.

    Raises:
        NotFound, NotPermitted, Conflict: There is none, no right to, stale or not waiting.
    """
    return _step(actor, public_id, "approve", version=version, note=note)


def refuse(actor: User | None, public_id: str, *, reason: str, version: int) -> Member:
    """Refuse an application with its reason, as the operator.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale, not waiting, no reason.
    """
    return _step(actor, public_id, "refuse", version=version, note=_reason(reason))


def suspend(actor: User | None, public_id: str, *, reason: str, version: int) -> Member:
    """Suspend a member, as the operator: none of its calls passes and none reaches it, until it is resumed.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale, not a member, no reason.
    """
    return _step(actor, public_id, "suspend", version=version, note=_reason(reason))


def resume(actor: User | None, public_id: str, *, version: int, note: str = "") -> Member:
    """Let a suspended member take part again, as the operator.

    Raises:
        NotFound, NotPermitted, Conflict: There is none, no right to, stale or not suspended.
    """
    return _step(actor, public_id, "resume", version=version, note=note)


def leave(actor: User | None, public_id: str, *, reason: str, version: int) -> Member:
    """Let a member leave, as one of its engineers or the operator; its name is never given to another.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale, not a member, no reason.
    """
    return _step(actor, public_id, "leave", version=version, note=_reason(reason))


def _reason(text: str) -> str:
    return checks.words(text, field="reason")


def _step(actor: User | None, public_id: str, action: str, *, version: int, note: str) -> Member:
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        if action == "leave":
            record.demand_manager(actor, row)
        else:
            record.demand_operator(actor)
        state = MEMBER.transition(row.state, action)
        record.changed(row, state=state, decided_at=clock.now(), decision_note=note.strip())
        content = {"member": names.member_name(row), "state": str(state)}
        telling.tell(
            telling.engineers_of([row]),
            key=f"member:{row.public_id}:{row.version}",
            message=_TOLD[action],
            path=reverse("exchange:member", args=[row.public_id]),
            member=str(row),
        )
        record.note(
            actor, f"exchange.member.{action}", record.of_member(row), content, reason=note, public=True
        )
        publication.changed(f"exchange.member.{action} {row}")
    return row


_TOLD = {
    "approve": gettext_noop("{member} is a member of the exchange now."),
    "refuse": gettext_noop("The application of {member} for the exchange was refused."),
    "suspend": gettext_noop("{member} is suspended from the exchange."),
    "resume": gettext_noop("{member} takes part in the exchange again."),
    "leave": gettext_noop("{member} has left the exchange."),
}


def change_contact(
    actor: User | None, public_id: str, *, contact_name: str, contact_email: str, version: int
) -> Member:
    """Change who answers for a member.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale, or too long.
    """
    clean = checks.words(contact_name, field="contact_name", limit=200, required=False)
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        record.demand_manager(actor, row)
        record.changed(row, contact_name=clean, contact_email=contact_email.strip())
        record.note(actor, "exchange.member.change", record.of_member(row), {"contact": clean})
    return row


def _locked(actor: User | None, public_id: str, version: int) -> Member:
    rows = Member.objects.select_related("organisation").filter(public_id=public_id)
    if actor is not None:
        scope.visible_member(organisations.authority_of(actor), public_id)
    return record.locked(rows, version)
