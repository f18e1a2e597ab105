"""Open, describe and close the subsystems of members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from mehvar.exchange.actions import publication, record
from mehvar.exchange.data.control import MemberState, SubsystemState
from mehvar.exchange.models import Member, Subsystem
from mehvar.exchange.queries import names, scope
from mehvar.exchange.rules import checks
from mehvar.kernel import clock, errors
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def open_subsystem(
    actor: User | None, member_public_id: str, *, code: str, name: str, description: str = ""
) -> Subsystem:
    """Open a subsystem of an approved member, as one of its engineers or the operator.

    Raises:
        NotFound, NotPermitted: There is no such member, or no right to.
        InputError: The code cannot be one, or no name is given.
        Conflict: The member has such a subsystem, or takes no part.
    """
    clean = checks.code(code)
    with transaction.atomic():
        member = record.locked(
            Member.objects.select_related("organisation").filter(public_id=member_public_id)
        )
        record.demand_manager(actor, member)
        if member.state != MemberState.APPROVED:
            raise errors.Conflict("Only an approved member opens subsystems.", code="not-approved")
        row = _made(member, clean, name, description)
        content = {"subsystem": names.client_name(row), "name": row.name}
        record.note(actor, "exchange.subsystem.open", record.of_subsystem(row), content, public=True)
        publication.changed(f"exchange.subsystem.open {row}")
    return row


def _made(member: Member, code: str, name: str, description: str) -> Subsystem:
    try:
        with transaction.atomic():
            return Subsystem.objects.create(
                member=member,
                code=code,
                name=checks.words(name, field="name", limit=200),
                description=checks.words(description, field="description", required=False),
                created_at=clock.now(),
            )
    except IntegrityError:
        raise errors.Conflict(
            "The member has a subsystem with this code.", code="subsystem-taken", field="code"
        ) from None


def change_subsystem(
    actor: User | None, subsystem_id: int, *, name: str, description: str, version: int
) -> Subsystem:
    """Change name and description of a subsystem.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale, or no name.
    """
    said = {
        "name": checks.words(name, field="name", limit=200),
        "description": checks.words(description, field="description", required=False),
    }
    with transaction.atomic():
        row = locked_subsystem(actor, subsystem_id, version)
        record.changed(row, **said)
        record.note(
            actor, "exchange.subsystem.change", record.of_subsystem(row), {"name": row.name}, public=True
        )
        publication.changed(f"exchange.subsystem.change {row}")
    return row


def close_subsystem(actor: User | None, subsystem_id: int, *, reason: str, version: int) -> Subsystem:
    """Close a subsystem: it neither asks nor answers any more.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale or closed, or no reason.
    """
    why = checks.words(reason, field="reason")
    with transaction.atomic():
        row = locked_subsystem(actor, subsystem_id, version)
        if row.state != SubsystemState.ACTIVE:
            raise errors.Conflict("This subsystem is closed.", code="subsystem-closed")
        record.changed(row, state=SubsystemState.CLOSED)
        content = {"subsystem": names.client_name(row)}
        record.note(
            actor, "exchange.subsystem.close", record.of_subsystem(row), content, reason=why, public=True
        )
        publication.changed(f"exchange.subsystem.close {row}")
    return row


def locked_subsystem(actor: User | None, subsystem_id: int, version: int | None = None) -> Subsystem:
    """Give a subsystem that the person manages, locked; shared by the room's actions.

    Raises:
        NotFound, NotPermitted, Conflict: There is none, no right to, or stale.
    """
    rows = Subsystem.objects.select_related("member__organisation").filter(pk=subsystem_id)
    if actor is not None:
        seen = scope.visible_subsystems(organisations.authority_of(actor)).filter(pk=subsystem_id)
        record.demand_seen(actor, seen)
    row = record.locked(rows, version)
    record.demand_manager(actor, row.member)
    return row
