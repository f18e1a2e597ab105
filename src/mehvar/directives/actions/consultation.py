"""Ask offices for opinions on a frozen edition, and close the round.

Source: S0.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.actions import lifecycle
from mehvar.directives.models import ConsultationRound, Invitation
from mehvar.directives.queries import consultation as queries
from mehvar.directives.queries.days import today
from mehvar.directives.rules import consultation as rules
from mehvar.directives.rules.consultation import OfficeState
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

INVITED = gettext_noop("Your opinion on “{title}” is asked until {deadline}.")
EXTENDED = gettext_noop("The time for your opinion on “{title}” is extended until {deadline}.")
REMINDED = gettext_noop("Your opinion on “{title}” is still awaited; the deadline is {deadline}.")
CLOSED = gettext_noop("The consultation on “{title}” is closed; all opinions can now be read.")

REMIND_DAYS_BEFORE = 2
"""How many days before the deadline silent offices are reminded by themselves."""


def open_round(
    actor: User,
    directive_id: int,
    *,
    organisation_ids: Iterable[int],
    deadline_on: date,
    deadline_raw: str = "",
    note: str = "",
    version: int | None = None,
) -> ConsultationRound:
    """Freeze the text as an edition and ask offices for their opinions on it until a deadline.

    Raises:
        InputError: Nobody is invited, or the deadline is not after today.
        NotPermitted: The person may not open consultations for the issuer.
        TransitionNotAllowed: The directive is not in a state from which it is consulted.
        NotFound: An invited organisation does not exist.
    """
    offices = list(dict.fromkeys(organisation_ids))
    if not offices:
        raise errors.InputError(
            gettext_noop("Please invite at least one office."), code="nobody-invited", field="offices"
        )
    rules.check_deadline(deadline_on, today=today())
    invited = [organisations.organisation_by_id(pk) for pk in offices]
    with transaction.atomic():
        lifecycle.locked_directive(directive_id, version=version)
        last = queries.latest_round(directive_id)
        number = last.number + 1 if last else 1
        facts = {
            "round": number,
            "deadline": deadline_on.isoformat(),
            "invited": sorted(office.code for office in invited),
        }
        lifecycle.advance(actor, directive_id, Step.OPEN_CONSULTATION, note=note, facts=facts)
        directive = lifecycle.locked_directive(directive_id)
        consultation = ConsultationRound.objects.create(
            directive=directive,
            number=number,
            edition=directive.edition,
            note=note.strip(),
            opened_at=clock.now(),
            deadline_on=deadline_on,
            first_deadline_on=deadline_on,
            deadline_raw=deadline_raw[:100],
            opened_by=actor,
        )
        _invite(consultation, offices)
    return consultation


def invite(actor: User, round_id: int, organisation_ids: Iterable[int]) -> int:
    """Ask further offices in an open round and return how many are new.

    Raises:
        NotPermitted: The person may not open consultations for the issuer.
        Conflict: The round is closed.
    """
    with transaction.atomic():
        consultation = open_round_locked(actor, round_id)
        known = set(consultation.invitations.values_list("organisation_id", flat=True))
        fresh = [pk for pk in dict.fromkeys(organisation_ids) if pk not in known]
        codes = sorted(organisations.organisation_by_id(pk).code for pk in fresh)
        if fresh:
            _invite(consultation, fresh)
            _record(actor, consultation, "invite", {"invited": codes})
    return len(fresh)


def extend_deadline(
    actor: User,
    round_id: int,
    *,
    deadline_on: date,
    deadline_raw: str = "",
    reason: str = "",
    version: int | None = None,
) -> ConsultationRound:
    """Give offices more time; the first deadline stays on record.

    Raises:
        InputError: The new deadline is not later.
        NotPermitted: The person may not open consultations for the issuer.
        Conflict: The round is closed, or somebody changed it in the meantime.
    """
    with transaction.atomic():
        consultation = open_round_locked(actor, round_id, version=version)
        before = consultation.deadline_on
        rules.check_extension(deadline_on, present=before, today=today())
        _save(consultation, deadline_on=deadline_on, deadline_raw=deadline_raw[:100])
        _record(
            actor,
            consultation,
            "extend",
            {
                "from": before.isoformat(),
                "to": deadline_on.isoformat(),
                "first": consultation.first_deadline_on.isoformat(),
            },
            reason=reason,
        )
        _tell(consultation, _offices_of(consultation), EXTENDED, f"extended-{deadline_on.isoformat()}")
    return consultation


def remind(actor: User, round_id: int) -> int:
    """Remind every office that has not answered, once a day, and return how many people were told.

    Raises:
        NotPermitted: The person may not open consultations for the issuer.
        Conflict: The round is closed.
    """
    with transaction.atomic():
        consultation = open_round_locked(actor, round_id)
        told = _remind(consultation)
        _record(actor, consultation, "remind", {"told": told})
    return told


def remind_due_rounds() -> int:
    """Remind silent offices of every open round whose deadline is near or past; safe to repeat.

    Returns how many people were told.
    """
    now, told = today(), 0
    for consultation in ConsultationRound.objects.filter(closed_at__isnull=True).select_related("directive"):
        if (consultation.deadline_on - now).days > REMIND_DAYS_BEFORE:
            continue
        with transaction.atomic():
            count = _remind(consultation)
            if count:
                _record(None, consultation, "remind", {"told": count})
        told += count
    return told


def close_round(
    actor: User, round_id: int, *, reason: str = "", version: int | None = None
) -> ConsultationRound:
    """Close a round: nothing more is taken, and every invited office sees all opinions.

    Before the deadline it needs a reason while offices are still waiting.

    Raises:
        InputError: Offices still have time and no reason is given.
        NotPermitted: The person may not open consultations for the issuer.
        Conflict: The round is closed already, or somebody changed it in the meantime.
    """
    with transaction.atomic():
        consultation = open_round_locked(actor, round_id, version=version)
        states = queries.states_in(consultation)
        rules.check_closing(states, reason=reason)
        _save(consultation, closed_at=clock.now())
        counts = {state.value: sum(1 for found in states if found is state) for state in OfficeState}
        _record(actor, consultation, "close", {"offices": counts}, reason=reason)
        _tell(consultation, _offices_of(consultation), CLOSED, "closed")
    return consultation


def open_round_locked(actor: User, round_id: int, *, version: int | None = None) -> ConsultationRound:
    """Give an open round, locked, to somebody who may run it.

    Raises:
        NotFound: There is no such round.
        NotPermitted: The person may not open consultations for the issuer.
        Conflict: The round is closed, or ``version`` is not the present one.
    """
    consultation = locked_round(round_id)
    lifecycle.require_permission(actor, Permission.OPEN_CONSULTATION, consultation.directive)
    if version is not None and version != consultation.version:
        raise errors.Conflict(
            gettext_noop("Somebody changed the consultation in the meantime."), code="stale-round"
        )
    refuse_closed(consultation)
    return consultation


def locked_round(round_id: int) -> ConsultationRound:
    """Give a round with its directive and issuer, locked until the transaction ends.

    Raises:
        NotFound: There is no such round.
    """
    found = (
        ConsultationRound.objects.select_for_update(of=("self",))
        .select_related("directive__issuer")
        .filter(pk=round_id)
        .first()
    )
    if found is None:
        raise errors.NotFound(gettext_noop("There is no such consultation round."), code="unknown-round")
    return found


def refuse_closed(consultation: ConsultationRound) -> None:
    """Refuse to touch a round that is over.

    Raises:
        Conflict: The round is closed, or the directive has left the consultation.
    """
    if consultation.closed_at is not None or consultation.directive.state != "consultation":
        raise errors.Conflict(gettext_noop("This consultation is closed."), code="round-closed")


def page_of_round(consultation: ConsultationRound) -> str:
    """Give the address of the round's page, for notices."""
    return f"{lifecycle.page_of(consultation.directive)}consultation/{consultation.number}/"


def _invite(consultation: ConsultationRound, organisation_ids: list[int]) -> None:
    now = clock.now()
    Invitation.objects.bulk_create(
        Invitation(round=consultation, organisation_id=pk, invited_at=now) for pk in organisation_ids
    )
    _tell(consultation, organisation_ids, INVITED, "invited")


def _remind(consultation: ConsultationRound) -> int:
    silent = consultation.invitations.filter(responded_at__isnull=True).values_list(
        "organisation_id", flat=True
    )
    return _tell(consultation, silent, REMINDED, f"reminded-{today().isoformat()}")


def _offices_of(consultation: ConsultationRound) -> Iterable[int]:
    return consultation.invitations.values_list("organisation_id", flat=True)


def _tell(consultation: ConsultationRound, organisation_ids: Iterable[int], message: str, key: str) -> int:
    """Notify those who speak for the offices; each key reaches a person once per round."""
    people: list[int] = []
    for organisation_id in organisation_ids:
        office = organisations.organisation_by_id(organisation_id)
        people += organisations.holders_of(Permission.GIVE_OPINION, office.path, at_most_above=False)
    return notifications.notify(
        people,
        kind="consultation",
        key=f"consultation-{consultation.pk}-{key}",
        message=message,
        params={
            "title": consultation.directive.title[:160],
            "deadline": consultation.deadline_on.isoformat(),
        },
        path=page_of_round(consultation),
    )


def _save(consultation: ConsultationRound, **values: Any) -> None:
    changed = ConsultationRound.objects.filter(pk=consultation.pk, version=consultation.version).update(
        version=F("version") + 1, **values
    )
    if not changed:
        raise errors.Conflict(
            gettext_noop("Somebody changed the consultation in the meantime."), code="stale-round"
        )
    for name, value in values.items():
        setattr(consultation, name, value)
    consultation.version += 1


def _record(
    actor: User | None,
    consultation: ConsultationRound,
    verb: str,
    content: Mapping[str, Any],
    *,
    reason: str = "",
) -> None:
    ledger.record(
        actor=actor.as_actor() if actor else Actor.system("consultation"),
        action=f"consultation.{verb}",
        subject=lifecycle.subject_of(consultation.directive),
        content={"round": consultation.number, **content},
        reason=reason.strip(),
    )
