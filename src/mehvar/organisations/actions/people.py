"""Administer people: invite them into a position, close and open accounts, within one's own subtree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.accounts import actions as accounts
from mehvar.accounts.data import Role
from mehvar.kernel import errors
from mehvar.organisations import queries
from mehvar.organisations.actions import record
from mehvar.organisations.actions.positions import give_position
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def invite_into_position(
    actor: User | None,
    *,
    email: str,
    name: str,
    language: str,
    organisation_id: int,
    role: Role,
    title: str = "",
) -> User:
    """Invite a person by e-mail and give the first position; neither happens without the other.

    Raises:
        NotPermitted: The actor does not manage people at the body.
        InputError: The address or the name is not one.
        Conflict: Somebody has the address already.
    """
    record.require(actor, Permission.MANAGE_PEOPLE, queries.organisation_by_id(organisation_id).path)
    with transaction.atomic():
        user = accounts.invite_person(record.actor_of(actor), email=email, name=name, language=language)
        give_position(actor, user_id=user.pk, organisation_id=organisation_id, role=role, title=title)
    return user


def invite_again(actor: User | None, user_id: int) -> User:
    """Send a person who has not signed in yet a new link.

    Raises:
        NotPermitted: The person holds a position outside the actor's subtree.
        Conflict: The person signed in already.
    """
    _require_over(actor, user_id)
    return accounts.invite_again(record.actor_of(actor), user_id)


def close_account(actor: User | None, user_id: int) -> User:
    """Close the account of a person all of whose positions lie in the actor's subtree.

    Raises:
        NotPermitted: The person holds a position outside it.
        Conflict: It is closed already, or the actor's own.
    """
    _require_over(actor, user_id)
    return accounts.close_account(record.actor_of(actor), user_id)


def open_account(actor: User | None, user_id: int) -> User:
    """Open a closed account again.

    Raises:
        NotPermitted: The person holds a position outside the actor's subtree.
        Conflict: It is open already.
    """
    _require_over(actor, user_id)
    return accounts.open_account(record.actor_of(actor), user_id)


def _require_over(actor: User | None, user_id: int) -> None:
    """Refuse an act on a person whom the actor does not administer."""
    if actor is not None and not queries.administers(queries.authority_of(actor), user_id):
        raise errors.NotPermitted(
            "This person holds positions that you do not administer.",
            code="not-permitted",
            permission=permissions.Permission.MANAGE_PEOPLE.value,
        )
