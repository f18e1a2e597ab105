"""Settle rows of meetings with stakeholders, of what was promised in them, and of committees' proposals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from mehvar.kernel import text
from mehvar.kernel.errors import InputError, NotFound
from mehvar.programmes.actions import proposals, revisions, stakeholders
from mehvar.programmes.actions.imports.work import (
    KeyedWork,
    Outcome,
    Run,
    SheetWork,
    changes_in,
    created,
    fixed,
    require_version,
    unchanged,
    updated,
)
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.data import CommitmentState, MeetingKind, ProposalAnswer, RowResult
from mehvar.programmes.models import Commitment, CommitteeProposal, StakeholderMeeting
from mehvar.programmes.queries import provinces as queries
from mehvar.programmes.rules.imports import ReadRow

_MEETING = ("held_on", "kind", "with_whom", "subject", "notes")


class MeetingWork(KeyedWork[StakeholderMeeting]):
    """Write down and correct meetings."""

    unknown = (gettext_noop("There is no such meeting."), "unknown-meeting")

    def visible(self, run: Run) -> QuerySet[StakeholderMeeting]:
        """Give the meetings that the person may see."""
        return queries.visible_meetings(run.authority)

    def change(self, run: Run, row: ReadRow, stored: StakeholderMeeting) -> Outcome:
        """Correct a meeting."""
        if "body" in row.values and run.body(row.get("body"), "body").pk != stored.organisation_id:
            raise fixed("body")
        kept = {name: getattr(stored, name) for name in _MEETING}
        wanted = changes_in(row, kept)
        if not wanted:
            return unchanged(stored)
        require_version(row, stored.version)
        said = {**kept, **wanted}
        said["kind"] = MeetingKind(said["kind"])
        return updated(revisions.edit_meeting(run.actor, stored.public_id, version=row.version, **said))

    def create(self, run: Run, row: ReadRow) -> Outcome:
        """Write a new meeting down."""
        made = stakeholders.record_meeting(
            run.actor,
            run.body(row.get("body"), "body").pk,
            held_on=row.values["held_on"],
            kind=MeetingKind(row.get("kind")),
            with_whom=row.get("with_whom"),
            subject=row.get("subject"),
            notes=row.get("notes") or "",
        )
        return created(made)


class CommitmentWork(SheetWork):
    """Keep what was promised, move its date, and say what became of it."""

    def begin(self, run: Run, rows: Sequence[ReadRow]) -> None:
        """Look up the commitments that the rows name, as far as the person may see them."""
        wanted = [_pk(row) for row in rows if row.public_id]
        found = queries.visible_commitments(run.authority).filter(pk__in=wanted)
        run.portion["stored"] = {row.pk: row for row in found}

    def seen(self, run: Run, keys: Collection[str]) -> set[str]:
        """Give which of the keys are commitments that the person sees."""
        wanted = [key.removeprefix("C") for key in keys]
        found = queries.visible_commitments(run.authority).filter(pk__in=wanted)
        return {f"C{pk}" for pk in found.values_list("pk", flat=True)}

    def settle(self, run: Run, row: ReadRow) -> Outcome:
        """Add what was promised, or follow a known commitment up."""
        if not row.public_id:
            return self._add(run, row)
        stored: Commitment | None = run.portion["stored"].get(_pk(row))
        if stored is None:
            raise NotFound(
                gettext_noop("There is no such commitment."), code="unknown-commitment", field="key"
            )
        return self._follow(run, row, stored)

    def _add(self, run: Run, row: ReadRow) -> Outcome:
        promise = Promise(row.get("text"), row.get("promised_by"), row.get("due_on"))
        made = stakeholders.add_commitment(run.actor, _meeting(row), promise)
        if row.get("state") not in (None, "", CommitmentState.OPEN):
            made = self._settled(run, row, made)
        return Outcome(RowResult.CREATED, f"C{made.pk}:{made.version}")

    def _follow(self, run: Run, row: ReadRow, stored: Commitment) -> Outcome:
        for column, kept in (("text", stored.text), ("promised_by", stored.promised_by)):
            if column in row.values and row.values[column] != kept:
                raise fixed(column)
        if "meeting" in row.values and _meeting(row) != stored.meeting.public_id:
            raise fixed("meeting")
        wanted = changes_in(row, {"due_on": stored.due_on, "state": stored.state})
        wanted = {name: value for name, value in wanted.items() if value not in (None, "")}
        if not wanted:
            return Outcome(RowResult.UNCHANGED, f"C{stored.pk}:{stored.version}")
        require_version(row, stored.version)
        if stored.state != CommitmentState.OPEN:
            raise InputError(
                gettext_noop("It is settled already and stays so."), code="settled", field="state"
            )
        if "due_on" in wanted:
            stored = stakeholders.move_date(
                run.actor,
                stored.pk,
                due_on=wanted["due_on"],
                reason=row.get("note") or "",
                version=stored.version,
            )
        if "state" in wanted:
            stored = self._settled(run, row, stored)
        return Outcome(RowResult.UPDATED, f"C{stored.pk}:{stored.version}")

    def _settled(self, run: Run, row: ReadRow, stored: Commitment) -> Commitment:
        return stakeholders.settle(
            run.actor,
            stored.pk,
            state=CommitmentState(row.get("state")),
            note=row.get("note") or "",
            version=stored.version,
            settled_on=row.get("settled_on"),
        )


def _pk(row: ReadRow) -> int:
    number = row.public_id.removeprefix("C")
    return int(number) if number.isdigit() and len(number) < 16 else 0  # noqa: PLR2004 - what a key can be


def _meeting(row: ReadRow) -> str:
    return str(row.get("meeting") or "").split(":", 1)[0].strip()


class ProposalWork(KeyedWork[CommitteeProposal]):
    """Submit committees' proposals, and answer them in the ministry's name."""

    unknown = (gettext_noop("There is no such proposal."), "unknown-proposal")

    def visible(self, run: Run) -> QuerySet[CommitteeProposal]:
        """Give the proposals that the person may see."""
        return queries.visible_proposals(run.authority)

    def change(self, run: Run, row: ReadRow, stored: CommitteeProposal) -> Outcome:
        """Answer a known proposal."""
        kept = {"title": stored.title, "text": stored.text, "committee": stored.committee.name}
        for column in changes_in(row, kept):
            raise fixed(column)
        wanted: dict[str, Any] = changes_in(
            row, {"answer": stored.answer, "answer_reason": stored.answer_reason}
        )
        if not wanted:
            return unchanged(stored)
        require_version(row, stored.version)
        if stored.answer or not row.get("answer"):
            raise fixed("answer")
        answered = proposals.answer(
            run.actor,
            stored.public_id,
            given=ProposalAnswer(row.get("answer")),
            reason=row.get("answer_reason") or "",
            version=row.version,
        )
        return updated(answered)

    def create(self, run: Run, row: ReadRow) -> Outcome:
        """Submit a new proposal."""
        known = run.once(
            "committees",
            lambda: {text.fold_for_search(one.name): one.pk for one in queries.committees_for(run.authority)},
        )
        committee = known.get(text.fold_for_search(row.get("committee") or ""))
        if committee is None:
            raise NotFound(
                gettext_noop("You propose in the name of no such committee."),
                code="unknown-committee",
                field="committee",
            )
        made = proposals.propose(
            run.actor, committee, title=row.get("title") or "", text=row.get("text") or ""
        )
        return created(made)
