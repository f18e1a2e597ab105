"""Share what every action of the room does: name the actor and the subject, and age what is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries
from mehvar.organisations.models import Organisation, Register, new_stamp
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def actor_of(user: User | None) -> Actor:
    """Name who acts; without a person it is Mehvar itself (a command on the server)."""
    return Actor.system("console") if user is None else user.as_actor()


def require(user: User | None, permission: Permission, path: str) -> None:
    """Refuse an act over the body at ``path`` that the person's roles do not permit; the server's console may.

    Raises:
        NotPermitted: No role of the person permits it.
    """
    if user is not None:
        permissions.require(queries.authority_of(user), permission, path)


def subject_of(organisation: Organisation) -> Subject:
    """Name a body the way the ledger does."""
    return Subject("organisation", organisation.code, str(organisation))


def touch(pack_code: str) -> None:
    """Let every process read the register anew."""
    Register.objects.filter(code=pack_code).update(stamp=new_stamp())
