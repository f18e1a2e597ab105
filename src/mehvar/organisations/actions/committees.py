"""Establish committees, seat and release members, change mandates, dissolve.

Source: S0.4 (a committee drafts the programmes), S1.9 (provincial directors chair provincial committees).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries
from mehvar.organisations.actions import record
from mehvar.organisations.data import Capacity, CommitteeKind
from mehvar.organisations.models import Committee, CommitteeMember
from mehvar.organisations.rules import bodies
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mehvar.accounts.models import User

WHOLE = 100


def establish_committee(
    actor: User | None,
    *,
    organisation_id: int,
    kind: CommitteeKind,
    name: str,
    mandate: str,
    established_on: date,
    quorum: int = 50,
) -> Committee:
    """Establish a committee at a body with a mandate and a quorum (percent of the members who vote).

    Raises:
        NotPermitted: The actor does not manage committees there.
        InputError: The name, the mandate or the quorum is wrong.
    """
    organisation = queries.organisation_by_id(organisation_id)
    record.require(actor, Permission.MANAGE_COMMITTEES, organisation.path)
    with transaction.atomic():
        committee = Committee.objects.create(
            organisation=organisation,
            kind=kind,
            name=bodies.checked_name(name, field="name"),
            mandate=_checked_mandate(mandate),
            quorum=_checked_quorum(quorum),
            established_on=established_on,
        )
        _record(actor, committee, "committee.established", {"kind": kind.value, "mandate": committee.mandate})
    return committee


def change_committee(
    actor: User | None, committee_id: int, *, version: int, name: str, mandate: str, quorum: int
) -> Committee:
    """Change a committee's name, mandate or quorum.

    Raises:
        NotFound: There is no such committee.
        NotPermitted: The actor does not manage committees there.
        InputError: The name, the mandate or the quorum is wrong.
        Conflict: Somebody changed it since ``version`` was read, or it is dissolved.
    """
    with transaction.atomic():
        committee = _claimed(actor, committee_id, version)
        committee.name = bodies.checked_name(name, field="name")
        committee.mandate = _checked_mandate(mandate)
        committee.quorum = _checked_quorum(quorum)
        committee.save(update_fields=["name", "mandate", "quorum"])
        content = {"name": committee.name, "mandate": committee.mandate, "quorum": committee.quorum}
        _record(actor, committee, "committee.changed", content)
    return committee


def dissolve_committee(
    actor: User | None, committee_id: int, *, version: int, on: date, reason: str = ""
) -> Committee:
    """Dissolve a committee on a day; its memberships end with it.

    Raises:
        NotFound: There is no such committee.
        NotPermitted: The actor does not manage committees there.
        InputError: The day lies before it was established.
        Conflict: Somebody changed it since ``version`` was read, or it is dissolved.
    """
    with transaction.atomic():
        committee = _claimed(actor, committee_id, version)
        bodies.check_dates(committee.established_on, on, field="on")
        committee.dissolved_on = on
        committee.save(update_fields=["dissolved_on"])
        committee.members.filter(valid_to__isnull=True).update(valid_to=on)
        _record(actor, committee, "committee.dissolved", {"on": on.isoformat()}, reason=reason)
    return committee


def seat_member(
    actor: User | None,
    committee_id: int,
    *,
    capacity: Capacity,
    user_id: int | None = None,
    organisation_id: int | None = None,
    office: str = "",
    valid_from: date | None = None,
) -> CommitteeMember:
    """Seat a person, or an office of a body, on a committee from a day (today).

    Raises:
        NotFound: There is no such committee.
        NotPermitted: The actor does not manage committees there.
        InputError: Neither a person nor an office is named.
        Conflict: The person sits there already, or there is a chair already, or it is dissolved.
    """
    if user_id is None and not office.strip():
        raise errors.InputError("Name a person or an office.", code="nobody-named", field="user")
    with transaction.atomic():
        committee = _open_committee(actor, committee_id)
        _refuse_seat(committee, capacity, user_id)
        member = committee.members.create(
            user_id=user_id,
            organisation_id=organisation_id,
            office=office.strip(),
            capacity=capacity,
            valid_from=valid_from or clock.today(),
        )
        content = {
            "member": member.pk,
            "person": user_id,
            "office": member.office,
            "capacity": capacity.value,
        }
        _record(actor, committee, "committee.member-seated", content)
    return member


def _refuse_seat(committee: Committee, capacity: Capacity, user_id: int | None) -> None:
    """Refuse a second seat for one person and a second chair."""
    sitting = committee.members.filter(queries.valid_on(clock.today()))
    if user_id is not None and sitting.filter(user_id=user_id).exists():
        raise errors.Conflict("This person sits on the committee already.", code="seated", field="user")
    if capacity is Capacity.CHAIR and sitting.filter(capacity=Capacity.CHAIR).exists():
        raise errors.Conflict("The committee has a chair already.", code="second-chair", field="capacity")


def release_member(actor: User | None, member_id: int, *, on: date | None = None) -> CommitteeMember:
    """End a membership on a day (today).

    Raises:
        NotFound: There is no such membership.
        NotPermitted: The actor does not manage committees there.
        Conflict: It has ended already.
        InputError: The day lies before the membership began.
    """
    member = CommitteeMember.objects.filter(pk=member_id).first()
    if member is None:
        raise errors.NotFound("There is no such member.", code="unknown-member")
    day = on or clock.today()
    with transaction.atomic():
        committee = _open_committee(actor, member.committee_id)
        if day < member.valid_from:
            raise errors.InputError("The last day must follow the first.", code="bad-dates", field="on")
        if not CommitteeMember.objects.filter(pk=member_id, valid_to__isnull=True).update(valid_to=day):
            raise errors.Conflict("This membership has ended already.", code="released")
        _record(actor, committee, "committee.member-released", {"member": member_id, "on": day.isoformat()})
    member.valid_to = day
    return member


def _open_committee(actor: User | None, committee_id: int) -> Committee:
    """Give a committee that the actor manages and that is not dissolved."""
    committee = queries.committee(committee_id)
    record.require(actor, Permission.MANAGE_COMMITTEES, committee.organisation.path)
    if committee.dissolved_on is not None:
        raise errors.Conflict("The committee is dissolved.", code="dissolved")
    return committee


def _claimed(actor: User | None, committee_id: int, version: int) -> Committee:
    """Take a committee for a change, as the person saw it; its version goes up."""
    committee = _open_committee(actor, committee_id)
    if not Committee.objects.filter(pk=committee_id, version=version).update(version=F("version") + 1):
        raise errors.Conflict(
            "Somebody changed this committee while you were editing. Your words are kept below; compare, then save again.",
            code="stale",
        )
    committee.version = version + 1
    return committee


def _checked_mandate(mandate: str) -> str:
    """Refuse a committee without a mandate."""
    if not mandate.strip():
        raise errors.InputError("Say what the committee is for.", code="no-mandate", field="mandate")
    return mandate.strip()


def _checked_quorum(quorum: int) -> int:
    """Refuse a quorum that is not a share."""
    if not 0 < quorum <= WHOLE:
        raise errors.InputError(
            "The quorum is a share from 1 to 100 percent.", code="bad-quorum", field="quorum"
        )
    return quorum


def _record(
    actor: User | None, committee: Committee, action: str, content: Mapping[str, Any], *, reason: str = ""
) -> None:
    """Enter a committee's change in the ledger."""
    ledger.record(
        actor=record.actor_of(actor),
        action=action,
        subject=Subject("committee", str(committee.pk), committee.name),
        content=content,
        reason=reason,
    )
