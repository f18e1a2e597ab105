"""Give opinions and proposals in a round, answer them, and bring accepted wordings into the text.

Source: S0.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.actions import lifecycle
from mehvar.directives.actions.consultation import locked_round, page_of_round, refuse_closed
from mehvar.directives.data import Answer, DirectiveState, OpinionKind, OpinionTarget
from mehvar.directives.models import Directive, Invitation, Measure, Opinion, Provision
from mehvar.directives.queries import consultation as queries
from mehvar.directives.queries.days import today
from mehvar.directives.rules import consultation as rules
from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.directives.models import ConsultationRound

ANSWERED = gettext_noop("Your proposal on “{title}” has been answered.")

APPLIED_IN = frozenset({DirectiveState.CONSULTATION, DirectiveState.REVISION})
"""The states in which an accepted wording may be brought into the text."""


def submit_opinion(
    actor: User,
    invitation_id: int,
    *,
    kind: OpinionKind,
    target: OpinionTarget,
    target_id: str = "",
    text: str = "",
    proposed_text: str = "",
    submission_key: str = "",
) -> Opinion:
    """Give an opinion or a proposal in the name of an invited office; late ones are taken and marked.

    ``target_id`` is the public id of the provision or measure. Sending again with the same ``submission_key`` gives
    back what the first sending stored.

    Raises:
        NotPermitted: The person does not speak for the invited office.
        Conflict: The round is closed.
        InputError: The opinion says nothing, or its target is not in the edition.
    """
    rules.check_opinion(kind, target, text, proposed_text)
    with transaction.atomic():
        invitation, consultation = _open_invitation(actor, invitation_id)
        repeated = _sent_before(invitation, submission_key)
        if repeated is not None:
            return repeated
        opinion = Opinion.objects.create(
            invitation=invitation,
            kind=kind.value,
            target=target.value,
            text=text.strip(),
            proposed_text=proposed_text.strip(),
            author=actor,
            submitted_at=clock.now(),
            late=rules.is_late(deadline=consultation.deadline_on, today=today()),
            submission_key=submission_key,
            **_target_values(consultation, target, target_id),
        )
        _responded(invitation, no_comment=False)
        _record(actor, opinion, "submit", {"late": opinion.late, "text": opinion.text, **_wording(opinion)})
    return opinion


def declare_no_comment(actor: User, invitation_id: int) -> Invitation:
    """Say, in the name of an invited office, that it has no comment.

    Raises:
        NotPermitted: The person does not speak for the invited office.
        Conflict: The round is closed, or the office has opinions standing.
    """
    with transaction.atomic():
        invitation, consultation = _open_invitation(actor, invitation_id)
        if invitation.no_comment:
            return invitation
        if invitation.opinions.filter(withdrawn_at__isnull=True).exists():
            raise errors.Conflict(
                gettext_noop("Your office has given opinions; withdraw them first."), code="opinions-standing"
            )
        _responded(invitation, no_comment=True)
        late = rules.is_late(deadline=consultation.deadline_on, today=today())
        ledger.record(
            actor=actor.as_actor(),
            action="opinion.no_comment",
            subject=lifecycle.subject_of(consultation.directive),
            content={"round": consultation.number, "office": invitation.organisation.code, "late": late},
        )
    return invitation


def withdraw_opinion(actor: User, opinion_id: int, *, version: int | None = None) -> Opinion:
    """Take back an opinion of one's own office before the deadline and before it was answered.

    Raises:
        NotPermitted: The person does not speak for the office.
        Conflict: The deadline has passed, the round is closed, the opinion was answered or changed meanwhile.
    """
    with transaction.atomic():
        opinion, consultation = _locked_opinion(opinion_id)
        _require_voice(actor, opinion.invitation)
        refuse_closed(consultation)
        _refuse_late_withdrawal(opinion, consultation)
        _save(opinion, version=version, withdrawn_at=clock.now())
        others = opinion.invitation.opinions.filter(withdrawn_at__isnull=True).exists()
        if not others:
            Invitation.objects.filter(pk=opinion.invitation_id).update(responded_at=None, no_comment=False)
        _record(actor, opinion, "withdraw", {})
    return opinion


def answer_opinion(
    actor: User, opinion_id: int, *, answer: Answer, reason: str = "", version: int | None = None
) -> Opinion:
    """Answer an opinion or a proposal; an answer may be corrected until the directive is put to the next body.

    Raises:
        NotPermitted: The person may not answer opinions for the issuer.
        InputError: The answer does not fit the kind, or its reason is missing.
        Conflict: Somebody answered meanwhile, or the opinion was withdrawn, or the text has gone further.
    """
    with transaction.atomic():
        opinion, consultation = _locked_opinion(opinion_id)
        lifecycle.require_permission(actor, Permission.ANSWER_OPINION, consultation.directive)
        _refuse_gone(opinion, consultation)
        rules.check_answer(OpinionKind(opinion.kind), answer, reason)
        if opinion.applied_at is not None and answer not in rules.APPLICABLE:
            raise errors.Conflict(
                gettext_noop("The proposed wording is already in the text; change the text first."),
                code="wording-applied",
            )
        before = opinion.answer
        _save(
            opinion,
            version=version,
            answer=answer.value,
            answer_reason=reason.strip(),
            answered_by=actor,
            answered_at=clock.now(),
        )
        _record(actor, opinion, "answer", {"answer": answer.value, "before": before}, reason=reason)
        _tell_author(opinion, consultation)
    return opinion


def apply_proposal(actor: User, opinion_id: int, *, wording: str = "", version: int | None = None) -> Opinion:
    """Bring an accepted proposal's wording into the text; it becomes part of the next edition.

    ``wording`` replaces the proposed one where drafters word it differently (a partly accepted proposal).

    Raises:
        NotPermitted: The person may not draft for the issuer.
        Conflict: The proposal is not accepted, was applied before, or the text has changed since it was made and no
            ``wording`` says what it shall be now.
    """
    with transaction.atomic():
        opinion, consultation = _locked_opinion(opinion_id)
        directive = lifecycle.locked_directive(consultation.directive_id)
        lifecycle.require_permission(actor, Permission.DRAFT_DIRECTIVE, directive)
        _refuse_inapplicable(opinion, directive)
        present = queries.present_text(opinion)
        if present is None:
            raise errors.Conflict(
                gettext_noop("What the proposal speaks of is no longer in the text."), code="target-gone"
            )
        if not wording.strip() and present != opinion.target_text:
            raise errors.Conflict(
                gettext_noop("The text has changed since the proposal was made. Please word it yourself."),
                code="text-changed",
            )
        new = wording.strip() or opinion.proposed_text
        _save(opinion, version=version, applied_at=clock.now(), applied_edition=None)
        _write(opinion, directive, new)
        _record(actor, opinion, "apply", {"before": present, "after": new})
    return opinion


def _open_invitation(actor: User, invitation_id: int) -> tuple[Invitation, ConsultationRound]:
    invitation = Invitation.objects.select_related("organisation").filter(pk=invitation_id).first()
    if invitation is None:
        raise errors.NotFound(gettext_noop("There is no such invitation."), code="unknown-invitation")
    _require_voice(actor, invitation)
    consultation = locked_round(invitation.round_id)
    refuse_closed(consultation)
    return invitation, consultation


def _require_voice(actor: User, invitation: Invitation) -> None:
    if not rules.speaks_for(organisations.authority_of(actor), invitation.organisation_id):
        raise errors.NotPermitted(gettext_noop("You do not speak for this office."), code="not-your-office")


def _sent_before(invitation: Invitation, submission_key: str) -> Opinion | None:
    if not submission_key:
        return None
    return invitation.opinions.filter(submission_key=submission_key).first()


def _target_values(consultation: ConsultationRound, target: OpinionTarget, target_id: str) -> dict[str, Any]:
    """Find the clause or measure in the frozen edition and keep how it read there."""
    if target is OpinionTarget.WHOLE:
        return {}
    content = queries.edition_of(consultation).content
    parts = content["provisions"] if target is OpinionTarget.PROVISION else content["measures"]
    part = next((part for part in parts if part["id"] == target_id), None)
    if part is None:
        raise errors.InputError(
            gettext_noop("The edition has no such clause or measure."), code="unknown-target", field="target"
        )
    label = " ".join(
        value for value in (part.get("section", ""), part["number"], part.get("heading", "")) if value
    )
    values: dict[str, Any] = {"target_label": label[:300], "target_text": part["text"]}
    found: Provision | Measure | None
    if target is OpinionTarget.PROVISION:
        found = Provision.objects.filter(directive_id=consultation.directive_id, public_id=target_id).first()
    else:
        found = Measure.objects.filter(directive_id=consultation.directive_id, public_id=target_id).first()
    return values | {target.value: found}


def _responded(invitation: Invitation, *, no_comment: bool) -> None:
    """Note that the office responded; the first time counts, unless it had only said "no comment"."""
    if invitation.responded_at is None or invitation.no_comment != no_comment:
        invitation.responded_at = invitation.responded_at or clock.now()
        invitation.no_comment = no_comment
        invitation.save(update_fields=["responded_at", "no_comment"])


def _locked_opinion(opinion_id: int) -> tuple[Opinion, ConsultationRound]:
    opinion = queries.opinion_by_id(opinion_id)
    consultation = locked_round(opinion.invitation.round_id)
    opinion.refresh_from_db(
        fields=[
            "answer",
            "answer_reason",
            "answered_at",
            "withdrawn_at",
            "applied_at",
            "applied_edition",
            "version",
        ]
    )
    return opinion, consultation


def _refuse_late_withdrawal(opinion: Opinion, consultation: ConsultationRound) -> None:
    if opinion.withdrawn_at is not None:
        raise errors.Conflict(gettext_noop("The opinion was withdrawn already."), code="opinion-withdrawn")
    if opinion.answer:
        raise errors.Conflict(
            gettext_noop("The opinion was answered; it stays on record."), code="opinion-answered"
        )
    if rules.is_late(deadline=consultation.deadline_on, today=today()):
        raise errors.Conflict(
            gettext_noop("After the deadline an opinion stays on record."), code="deadline-passed"
        )


def _refuse_gone(opinion: Opinion, consultation: ConsultationRound) -> None:
    if opinion.withdrawn_at is not None:
        raise errors.Conflict(gettext_noop("The opinion was withdrawn."), code="opinion-withdrawn")
    if consultation.directive.state != DirectiveState.CONSULTATION and opinion.answer:
        raise errors.Conflict(
            gettext_noop("The consultation has ended; its answers stay as they are."), code="answers-settled"
        )


def _refuse_inapplicable(opinion: Opinion, directive: Directive) -> None:
    if opinion.answer not in rules.APPLICABLE or opinion.withdrawn_at is not None:
        raise errors.Conflict(
            gettext_noop("Only an accepted proposal can be brought into the text."), code="not-accepted"
        )
    if opinion.applied_at is not None:
        raise errors.Conflict(gettext_noop("The wording is in the text already."), code="already-applied")
    if not opinion.proposed_text:
        raise errors.Conflict(gettext_noop("The proposal has no wording of its own."), code="no-wording")
    if directive.state not in APPLIED_IN:
        raise errors.Conflict(gettext_noop("The text cannot be changed in this state."), code="text-frozen")


def _write(opinion: Opinion, directive: Directive, text: str) -> None:
    if opinion.provision_id is not None:
        Provision.objects.filter(pk=opinion.provision_id).update(text=text, version=F("version") + 1)
    if opinion.measure_id is not None:
        Measure.objects.filter(pk=opinion.measure_id).update(text=text, version=F("version") + 1)
    Directive.objects.filter(pk=directive.pk).update(version=F("version") + 1, changed_at=clock.now())


def _save(opinion: Opinion, *, version: int | None, **values: Any) -> None:
    """Write the values when the opinion is still the version that was looked at."""
    expected = opinion.version if version is None else version
    changed = Opinion.objects.filter(pk=opinion.pk, version=expected).update(
        version=F("version") + 1, **values
    )
    if not changed:
        raise errors.Conflict(
            gettext_noop("Somebody answered or changed this opinion in the meantime. Look at it again."),
            code="stale-opinion",
        )
    for name, value in values.items():
        setattr(opinion, name, value)
    opinion.version = expected + 1


def _tell_author(opinion: Opinion, consultation: ConsultationRound) -> None:
    if opinion.author_id is not None:
        notifications.notify(
            [opinion.author_id],
            kind="opinion-answered",
            key=f"opinion-{opinion.pk}-answered",
            message=ANSWERED,
            params={"title": consultation.directive.title[:160]},
            path=page_of_round(consultation),
        )


def _wording(opinion: Opinion) -> dict[str, str]:
    return {"proposed_text": opinion.proposed_text} if opinion.proposed_text else {}


def _record(
    actor: User, opinion: Opinion, verb: str, content: Mapping[str, Any], *, reason: str = ""
) -> None:
    invitation = opinion.invitation
    ledger.record(
        actor=actor.as_actor(),
        action=f"opinion.{verb}",
        subject=lifecycle.subject_of(invitation.round.directive),
        content={
            "round": invitation.round.number,
            "opinion": opinion.pk,
            "office": invitation.organisation.code,
            "kind": opinion.kind,
            "target": opinion.target,
            "target_id": queries.target_id(opinion),
            **content,
        },
        reason=reason.strip(),
    )
