"""Let a body join or leave a group beside the group's rule, between dates."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction

from mehvar.kernel import errors
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import data, queries
from mehvar.organisations.actions import record
from mehvar.organisations.models import Group, GroupMember
from mehvar.organisations.rules import bodies
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def except_member(
    actor: User | None,
    group_id: int,
    *,
    organisation_id: int,
    included: bool,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> GroupMember:
    """Let a body count (or not count) as a member between dates, whatever the rule says.

    Raises:
        NotPermitted: The actor does not administer the whole tree (a group reaches across it).
        NotFound: There is no such group or body.
        InputError: The dates are out of order.
    """
    record.require(actor, Permission.MANAGE_ORGANISATIONS, data.WHOLE_TREE)
    group = _group(group_id)
    organisation = queries.organisation_by_id(organisation_id)
    bodies.check_dates(valid_from, valid_to)
    with transaction.atomic():
        member = group.exceptions.create(
            organisation=organisation, included=included, valid_from=valid_from, valid_to=valid_to
        )
        content = {"body": organisation.code, "included": included}
        _record(actor, group, "group.exception-made", content)
    return member


def withdraw_exception(actor: User | None, exception_id: int) -> None:
    """Let the rule alone decide about a body again.

    Raises:
        NotPermitted: The actor does not administer the whole tree.
        NotFound: There is no such exception.
    """
    record.require(actor, Permission.MANAGE_ORGANISATIONS, data.WHOLE_TREE)
    found = GroupMember.objects.select_related("group", "organisation").filter(pk=exception_id).first()
    if found is None:
        raise errors.NotFound("There is no such exception.", code="unknown-exception")
    with transaction.atomic():
        content = {"body": found.organisation.code, "included": found.included}
        GroupMember.objects.filter(pk=exception_id).delete()
        _record(actor, found.group, "group.exception-withdrawn", content)


def _group(group_id: int) -> Group:
    """Give a group."""
    group = Group.objects.filter(pk=group_id).first()
    if group is None:
        raise errors.NotFound("There is no such group.", code="unknown-group")
    return group


def _record(actor: User | None, group: Group, action: str, content: dict[str, Any]) -> None:
    """Age what is remembered and enter the change in the ledger."""
    record.touch(group.pack)
    subject = Subject("group", f"{group.pack}:{group.code}", group.code)
    ledger.record(actor=record.actor_of(actor), action=action, subject=subject, content=content)
