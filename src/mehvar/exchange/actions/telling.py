"""Tell engineers and operators of the exchange what waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mehvar.accounts import actions as accounts
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.exchange.models import Member


def engineers_of(members: Iterable[Member]) -> set[int]:
    """Give the people who engineer for these members' bodies, or for the nearest body above."""
    return organisations.nearest_people(
        Permission.MANAGE_SYSTEMS, [member.organisation_id for member in members]
    )


def operators() -> set[int]:
    """Give the people who operate the exchange."""
    return set(organisations.seats_with(Permission.OPERATE_EXCHANGE).values_list("user_id", flat=True))


def tell(people: Iterable[int], *, key: str, message: str, path: str, **params: str | int) -> int:
    """Tell people once; a second notice with the same key is not sent. Give how many were told."""
    return accounts.notify(
        people, kind="exchange", key=f"exchange:{key}", message=message, params=params, path=path
    )
