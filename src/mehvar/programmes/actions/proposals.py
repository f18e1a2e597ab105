"""Let provincial committees propose, and the ministry answer every proposal; late answers climb.

Source: S1.9 (provincial directors chair provincial committees and give views and proposals on priorities).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.accounts.data import Role
from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors, identifiers, wording
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import CommitteeKind
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions.record import changed, stale
from mehvar.programmes.data import ProposalAnswer, ProposalLevel
from mehvar.programmes.models import CommitteeProposal
from mehvar.programmes.queries import provinces as queries
from mehvar.programmes.queries.working_days import calendar_of
from mehvar.programmes.rules import escalation as rules

if TYPE_CHECKING:
    from datetime import date
    from typing import Any

    from mehvar.accounts.models import User

WORKING_DAYS_TO_ANSWER = 10
LEVELS = (ProposalLevel.OFFICERS, ProposalLevel.DEPUTIES, ProposalLevel.MINISTER)
PAGE = "/programmes/proposals/{public_id}/"
LATE = gettext_noop(
    "The proposal “{title}” of a provincial committee was not answered in time. It now waits for you until {due}."
)


def propose(actor: User, committee_id: int, *, title: str, text: str) -> CommitteeProposal:
    """Put a proposal of a provincial committee before the ministry; the answer is due after ten working days.

    Raises:
        NotFound: There is no such committee.
        NotPermitted: The person does not propose for it.
        InputError: It is not a provincial committee, or words are missing or too long.
    """
    committee = organisations.committee(committee_id)
    permissions.require(organisations.authority_of(actor), Permission.PROPOSE, committee.organisation.path)
    if committee.kind != CommitteeKind.PROVINCIAL or committee.dissolved_on is not None:
        raise errors.InputError(
            gettext_noop("Choose a provincial committee that exists."),
            code="bad-committee",
            field="committee",
        )
    rules.check_words(title, text)
    ministry = organisations.ministry()
    due_on = calendar_of(ministry).add_working_days(today(), WORKING_DAYS_TO_ANSWER)
    with transaction.atomic():
        row = CommitteeProposal.objects.create(
            public_id=identifiers.new_public_id("p"),
            addressee=ministry,
            committee=committee,
            title=title.strip(),
            text=text.strip(),
            submitted_by=actor,
            submitted_at=clock.now(),
            due_on=due_on,
            level_due_on=due_on,
        )
        _tell(row, gettext_noop("A provincial committee proposes “{title}”. Its answer is due {due}."))
        _record(actor.as_actor(), row, "proposal.submit", {"due_on": due_on.isoformat()})
    return row


def answer(
    actor: User, public_id: str, *, given: ProposalAnswer, reason: str, version: int
) -> CommitteeProposal:
    """Answer a proposal in the ministry's name; a refusal and a partial acceptance say why.

    Raises:
        NotFound: There is none, or not for this person.
        NotPermitted: The person does not answer proposals, nor decides now that it is late.
        Conflict: Somebody answered or changed it in the meantime.
        InputError: The reason is missing or too long.
    """
    authority = organisations.authority_of(actor)
    queries.visible_proposal(authority, public_id)
    with transaction.atomic():
        row = _locked(public_id)
        if not queries.answers(authority, row):
            raise errors.NotPermitted(
                gettext_noop("Your role does not permit this here."), code="not-permitted"
            )
        if row.version != version or row.answer:
            raise stale()
        _check_reason(given, reason)
        changed(row, answer=given, answer_reason=reason.strip(), answered_by=actor, answered_at=clock.now())
        _tell_committee(row)
        _record(actor.as_actor(), row, "proposal.answer", {"answer": given.value}, reason=reason.strip())
    return row


def climb_late_answers(day: date | None = None) -> int:
    """Let proposals climb that were not answered in time: officers → deputies → minister; return how many climbed.

    Safe at any time and by several processes; what passed while nothing ran is caught up.
    """
    on = day or today()
    late = CommitteeProposal.objects.filter(answer="", level_due_on__lt=on).exclude(
        level=ProposalLevel.MINISTER
    )
    return sum(
        _climb(public_id, on) for public_id in late.order_by("pk").values_list("public_id", flat=True)[:500]
    )


def remind_answers(day: date | None = None) -> int:
    """Remind who owes an answer on the last working day, once; return how many were reminded of."""
    on = day or today()
    waiting = CommitteeProposal.objects.filter(answer="", level_due_on__gte=on).select_related("addressee")
    reminded = 0
    for row in waiting.order_by("level_due_on", "pk")[:500]:
        if row.reminded_for != row.level_due_on and rules.reminder_due(
            row.level_due_on, on, calendar_of(row.addressee)
        ):
            with transaction.atomic():
                CommitteeProposal.objects.filter(pk=row.pk).update(reminded_for=row.level_due_on)
                _tell(
                    row,
                    gettext_noop(
                        "The proposal “{title}” of a provincial committee is to be answered until {due}."
                    ),
                )
            reminded += 1
    return reminded


def _climb(public_id: str, day: date) -> bool:
    with transaction.atomic():
        row = _locked(public_id)
        place = LEVELS.index(ProposalLevel(row.level))
        due = rules.answer_climbs(
            row.level_due_on, day, calendar_of(row.addressee), rest=len(LEVELS) - 1 - place
        )
        if row.answer or not due:
            return False
        changed(row, level=LEVELS[place + len(due)], level_due_on=due[-1])
        _tell(row, LATE)
        _record(
            Actor.system("clock"), row, "proposal.climb", {"level": row.level, "due_on": due[-1].isoformat()}
        )
    return True


def _locked(public_id: str) -> CommitteeProposal:
    row = queries.proposals().select_for_update(of=("self",)).filter(public_id=public_id).first()
    if row is None:
        raise errors.NotFound(gettext_noop("There is no such proposal."), code="unknown-proposal")
    return row


def _check_reason(given: ProposalAnswer, reason: str) -> None:
    if given is not ProposalAnswer.ACCEPTED and not reason.strip():
        raise errors.InputError(gettext_noop("Please state the reason."), code="no-reason", field="reason")
    wording.within(reason, field="reason", limit=rules.LONGEST_NOTE)


def _people_at(row: CommitteeProposal) -> set[int]:
    path = row.addressee.path
    if row.level == ProposalLevel.OFFICERS:
        return set(organisations.holders_of(Permission.ANSWER_PROPOSAL, path))
    if row.level == ProposalLevel.MINISTER:
        return set(organisations.holders_of(Permission.DECIDE_OBSTACLE, path))
    seats = organisations.seats_with(Permission.DECIDE_OBSTACLE).filter(
        organisations.within(path, path_field="organisation__path"), role=Role.DEPUTY
    )
    return set(seats.values_list("user_id", flat=True))


def _tell(row: CommitteeProposal, message: str) -> None:
    _notify(row, _people_at(row), message, step=f"{row.level}-{row.level_due_on.isoformat()}-{row.version}")


def _tell_committee(row: CommitteeProposal) -> None:
    path = row.committee.organisation.path
    people = {
        *organisations.voters_of(row.committee_id),
        *organisations.holders_of(Permission.PROPOSE, path, at_most_above=False),
    }
    _notify(row, people, gettext_noop("The ministry answered the proposal “{title}”."), step="answered")


def _notify(row: CommitteeProposal, people: set[int], message: str, *, step: str) -> None:
    notifications.notify(
        people,
        kind="proposal",
        key=f"proposal-{row.pk}-{step}",
        message=message,
        params={"title": row.title[:160], "due": row.level_due_on.isoformat()},
        path=PAGE.format(public_id=row.public_id),
    )


def _record(
    actor: Actor, row: CommitteeProposal, action: str, content: dict[str, Any], *, reason: str = ""
) -> None:
    ledger.record(
        actor=actor,
        action=action,
        subject=Subject("committee-proposal", row.public_id, row.title[:200]),
        content={"committee": row.committee_id, "body": row.committee.organisation.code, **content},
        reason=reason,
    )
