"""Keep groups of clients, as the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from mehvar.exchange.actions import publication, record
from mehvar.exchange.data.control import SubsystemState
from mehvar.exchange.models import ClientGroup, GroupMembership, Subsystem
from mehvar.exchange.queries import names, scope
from mehvar.exchange.rules import checks
from mehvar.kernel import clock, errors
from mehvar.ledger.data import Subject

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def of_group(row: ClientGroup) -> Subject:
    """Name a group as the ledger's subject."""
    return Subject("exchange-group", row.code, row.name)


def create_group(actor: User | None, *, code: str, name: str, description: str = "") -> ClientGroup:
    """Create a group of clients.

    Raises:
        NotPermitted, InputError, Conflict: No right to, code or name cannot be so, or the code is taken.
    """
    record.demand_operator(actor)
    clean = checks.code(code)
    said = _cleaned(name, description)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = ClientGroup.objects.create(code=clean, **said)
        except IntegrityError:
            raise errors.Conflict(
                "There is a group with this code.", code="group-taken", field="code"
            ) from None
        record.note(actor, "exchange.group.create", of_group(row), {"name": row.name}, public=True)
        publication.changed(f"exchange.group.create {row}")
    return row


def change_group(actor: User | None, code: str, *, name: str, description: str, version: int) -> ClientGroup:
    """Change name and description of a group.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale, or no name.
    """
    record.demand_operator(actor)
    said = _cleaned(name, description)
    with transaction.atomic():
        row = record.locked(ClientGroup.objects.filter(code=code), version)
        record.changed(row, **said)
        record.note(actor, "exchange.group.change", of_group(row), {"name": row.name}, public=True)
        publication.changed(f"exchange.group.change {row}")
    return row


def _cleaned(name: str, description: str) -> dict[str, str]:
    return {
        "name": checks.words(name, field="name", limit=200),
        "description": checks.words(description, field="description", required=False),
    }


def add_to_group(actor: User | None, code: str, *, client: str) -> GroupMembership:
    """Add a subsystem, by its whole name, to a group: it holds the group's rights from now on.

    Raises:
        NotFound, NotPermitted, InputError, Conflict: Something is unknown, no right to, no client's name, or in it already.
    """
    record.demand_operator(actor)
    with transaction.atomic():
        row = record.locked(ClientGroup.objects.filter(code=code))
        subsystem = _client(client)
        try:
            with transaction.atomic():
                made = GroupMembership.objects.create(group=row, subsystem=subsystem, joined_at=clock.now())
        except IntegrityError:
            raise errors.Conflict(
                "This client is in the group already.", code="in-group", field="client"
            ) from None
        _note(actor, row, subsystem, "join")
    return made


def _client(name: str) -> Subsystem:
    try:
        found = names.subsystem_named(name)
    except errors.MehvarError as error:
        raise errors.InputError(error.message, code=error.code, field="client", **error.params) from error
    if found.state != SubsystemState.ACTIVE:
        raise errors.Conflict("This subsystem is closed.", code="subsystem-closed", field="client")
    return found


def remove_from_group(actor: User | None, code: str, *, client: str, reason: str = "") -> None:
    """Take a subsystem out of a group; it loses the group's rights at once.

    Raises:
        NotFound, NotPermitted, InputError: It is not in it, no right to, or no client's name.
    """
    record.demand_operator(actor)
    with transaction.atomic():
        row = record.locked(ClientGroup.objects.filter(code=code))
        subsystem = names.subsystem_named(client)
        ended = row.memberships.filter(subsystem=subsystem, left_at=None).update(left_at=clock.now())
        if not ended:
            raise scope.missing("membership")
        _note(actor, row, subsystem, "leave", reason=reason)


def _note(
    actor: User | None, row: ClientGroup, subsystem: Subsystem, action: str, *, reason: str = ""
) -> None:
    content = {"client": names.client_name(subsystem)}
    record.note(actor, f"exchange.group.{action}", of_group(row), content, reason=reason, public=True)
    publication.changed(f"exchange.group.{action} {row}")
