"""Raise obstacles and product gaps, work on them, and let who raised them say that they are gone.

Every act is a dated step with who had the clock, until when, and why; each is on record.
Source: S0.4, S0.5, S4.1, S4.4; issue "Programmes", point 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors, identifiers, text
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import BodyType
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import holders
from mehvar.programmes.actions.record import changed, stale
from mehvar.programmes.data import Cause, Level, ObstacleKind, ObstacleState, ObstacleStep
from mehvar.programmes.models import Obstacle, ObstacleEvent
from mehvar.programmes.queries import obstacles as queries
from mehvar.programmes.queries import scope as scopes
from mehvar.programmes.queries.working_days import calendar_of
from mehvar.programmes.rules import escalation as rules

if TYPE_CHECKING:
    from datetime import date
    from typing import Any

    from mehvar.accounts.models import User
    from mehvar.organisations.models import Organisation
    from mehvar.programmes.models import Delivery
    from mehvar.programmes.queries.obstacles import Rights

OUTSIDE = Actor.system("public-form")


@dataclass(frozen=True, slots=True)
class Words:
    """Hold what somebody says about an obstacle or a product gap."""

    title: str
    text: str
    kind: ObstacleKind = ObstacleKind.OBSTACLE
    cause: Cause = Cause.OTHER
    decision_needed: str = ""
    product_need: str = ""
    market_size: str = ""
    could_make: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Hold where an obstacle belongs: who raises it, against which delivery, who must remove it, whose decision is needed."""

    raised_by: Organisation | None = None
    delivery: Delivery | None = None
    province: Organisation | None = None
    owner: Organisation | None = None
    decision_from: Organisation | None = None


def raise_obstacle(
    actor: User,
    words: Words,
    *,
    raised_by_id: int,
    delivery_public_id: str = "",
    province_id: int | None = None,
    owner_id: int | None = None,
    decision_from_id: int | None = None,
) -> Obstacle:
    """Raise an obstacle or a product gap for a body; the clock starts at once at who must remove it.

    Without ``owner_id`` that is the delivering body, else the body that raises it.

    Raises:
        NotPermitted: The person does not speak for the body.
        NotFound: There is no such delivery for this person, or no such body.
        InputError: Words are missing or too long.
    """
    authority = organisations.authority_of(actor)
    body = organisations.organisation_by_id(raised_by_id)
    permissions.require(authority, Permission.RAISE_OBSTACLE, body.path)
    delivery = scopes.visible_delivery(authority, delivery_public_id) if delivery_public_id else None
    owner = _body(owner_id) or (delivery.organisation if delivery else body)
    place = Place(
        raised_by=body,
        delivery=delivery,
        province=_body(province_id) or province_above(owner) or province_above(body),
        owner=owner,
        decision_from=_body(decision_from_id),
    )
    with transaction.atomic():
        row = _written(words, place, author=actor)
        _first_step(row, actor)
        holders.tell_holders(row)
        _record(actor.as_actor(), row, ObstacleStep.RAISE)
    return row


def raise_from_outside(
    words: Words,
    *,
    name: str,
    contact: str,
    tracking_sha256: str,
    submission_key: str,
    province_id: int | None,
) -> Obstacle:
    """Take an obstacle from somebody without an account; the ministry owns it until it is assigned.

    Raises:
        Conflict: The same form was sent before.
        InputError: Words are missing or too long.
    """
    place = Place(province=_body(province_id), owner=organisations.ministry())
    sent_already = errors.Conflict(gettext_noop("This was sent already."), code="sent-already")
    if Obstacle.objects.filter(submission_key=submission_key).exists():
        raise sent_already
    try:
        with transaction.atomic():
            row = _written(
                words,
                place,
                outside_name=name,
                outside_contact=contact,
                tracking_sha256=tracking_sha256,
                submission_key=submission_key,
            )
            _first_step(row, None)
            holders.tell_holders(row)
            _record(OUTSIDE, row, ObstacleStep.RAISE)
    except IntegrityError as error:
        raise sent_already from error
    return row


def assign(actor: User, public_id: str, *, owner_id: int, reason: str, version: int) -> Obstacle:
    """Give an obstacle to the body that must remove it; its clock starts anew there.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: Not visible, not one's own, stale, or without a reason.
    """
    with transaction.atomic():
        row, rights = _opened(actor, public_id, version)
        owner = organisations.organisation_by_id(owner_id)
        _demand(rights.steers or (rights.handles and owner.path.startswith(row.owner.path)))
        rules.check_step(row.state, ObstacleStep.ASSIGN, note=reason)
        province = row.province or province_above(owner)
        _restart(row, Level.BODY, owner, owner=owner, province=province)
        _enter(actor, row, ObstacleStep.ASSIGN, note=reason)
    return row


def propose_remedy(
    actor: User, public_id: str, *, remedy: str, due_on: date | None, version: int
) -> Obstacle:
    """Say what will be done until when; the clock then ends with that day.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: Not visible, not one's own, stale, or no remedy or day.
    """
    with transaction.atomic():
        row, rights = _opened(actor, public_id, version)
        _demand(rights.handles or rights.decides)
        rules.check_step(row.state, ObstacleStep.PROPOSE_REMEDY)
        _promise(row, remedy, due_on)
        _enter(actor, row, ObstacleStep.PROPOSE_REMEDY, note=remedy)
    return row


def decide(
    actor: User,
    public_id: str,
    *,
    decision: str,
    due_on: date | None,
    version: int,
    owner_id: int | None = None,
) -> Obstacle:
    """Decide at the present level what will be done, by whom (the owner stays when nobody is named) and until when.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: Not visible, not at one's level, stale, or no decision or day.
    """
    with transaction.atomic():
        row, rights = _opened(actor, public_id, version)
        _demand(rights.decides or (row.level == Level.BODY and rights.handles))
        rules.check_step(row.state, ObstacleStep.DECIDE)
        owner = _body(owner_id) or row.owner
        _promise(row, decision, due_on, decision=decision.strip(), owner=owner)
        holders.tell_owner_of_decision(row)
        _enter(actor, row, ObstacleStep.DECIDE, note=decision)
    return row


def hand_up(actor: User, public_id: str, *, reason: str, version: int) -> Obstacle:
    """Pass an obstacle to the next level at once, because the decision is not made here.

    Raises:
        NotFound, NotPermitted, InputError: Not visible, not one's own, or without a reason.
        Conflict: Stale, or there is no level above.
    """
    with transaction.atomic():
        row, rights = _opened(actor, public_id, version)
        _demand(rights.handles or rights.decides)
        rules.check_step(row.state, ObstacleStep.HAND_UP, note=reason)
        climb(row)
        _enter(actor, row, ObstacleStep.HAND_UP, note=reason)
    return row


def report_remedied(actor: User, public_id: str, *, note: str, version: int) -> Obstacle:
    """Say that an obstacle is gone and what was done; it stays open until who raised it confirms.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: Not visible, not one's own, stale, or nothing said.
    """
    with transaction.atomic():
        row, rights = _opened(actor, public_id, version)
        _demand(rights.handles or rights.decides)
        rules.check_step(row.state, ObstacleStep.REPORT_REMEDIED, note=note)
        changed(row, state=ObstacleState.REMEDIED, remedied_at=clock.now())
        holders.tell_raiser(
            row, gettext_noop("“{title}” is said to be gone. Please confirm it or send it back.")
        )
        _enter(actor, row, ObstacleStep.REPORT_REMEDIED, note=note)
    return row


def confirm(actor: User | None, public_id: str, *, version: int, note: str = "") -> Obstacle:
    """Confirm, as who raised it, that an obstacle is gone; ``actor`` is None where the tracking code was shown.

    Raises:
        NotFound, NotPermitted, Conflict: Not visible, raised by somebody else, stale, or not said to be gone.
    """
    with transaction.atomic():
        row = _of_raiser(actor, public_id, version)
        rules.check_step(row.state, ObstacleStep.CONFIRM, note=note)
        changed(row, state=ObstacleState.CLOSED, closed_at=clock.now())
        for twin in row.merged.all():
            holders.tell_raiser(
                twin, gettext_noop("“{title}” is closed together with another of the same kind.")
            )
        holders.tell_owner(row, gettext_noop("Who raised “{title}” confirmed that it is gone."))
        _enter(actor, row, ObstacleStep.CONFIRM, note=note)
    return row


def send_back(actor: User | None, public_id: str, *, reason: str, version: int) -> Obstacle:
    """Say, as who raised it, that an obstacle is still there: the clock of its level starts anew.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: Not visible, raised by somebody else, stale, or without a reason.
    """
    with transaction.atomic():
        row = _of_raiser(actor, public_id, version)
        rules.check_step(row.state, ObstacleStep.SEND_BACK, note=reason)
        _restart(row, Level(row.level), row.level_holder, state=ObstacleState.OPEN, remedied_at=None)
        _enter(actor, row, ObstacleStep.SEND_BACK, note=reason)
    return row


def reject(actor: User, public_id: str, *, reason: str, version: int) -> Obstacle:
    """Reject an obstacle with a reason; who raised it may object, and then the next level looks at it.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: Not visible, not one's own, stale, or without a reason.
    """
    with transaction.atomic():
        row, rights = _opened(actor, public_id, version)
        _demand(rights.handles or rights.decides)
        rules.check_step(row.state, ObstacleStep.REJECT, note=reason)
        changed(row, state=ObstacleState.REJECTED, closed_at=clock.now())
        holders.tell_raiser(
            row, gettext_noop("“{title}” was rejected. You may object; then the next level looks at it.")
        )
        _enter(actor, row, ObstacleStep.REJECT, note=reason)
    return row


def object_to_rejection(actor: User | None, public_id: str, *, reason: str, version: int) -> Obstacle:
    """Object, as who raised it, to a rejection: the next level has it now (the council keeps what it rejected).

    Raises:
        NotFound, NotPermitted, InputError: Not visible, raised by somebody else, or without a reason.
        Conflict: Stale, or the highest level rejected it.
    """
    with transaction.atomic():
        row = _of_raiser(actor, public_id, version)
        rules.check_step(row.state, ObstacleStep.OBJECT, note=reason)
        climb(row, closed_at=None)
        _enter(actor, row, ObstacleStep.OBJECT, note=reason)
    return row


def withdraw(actor: User | None, public_id: str, *, reason: str, version: int) -> Obstacle:
    """Take an obstacle back, as who raised it.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: Not visible, raised by somebody else, stale, or without a reason.
    """
    with transaction.atomic():
        row = _of_raiser(actor, public_id, version)
        rules.check_step(row.state, ObstacleStep.WITHDRAW, note=reason)
        changed(row, state=ObstacleState.WITHDRAWN, closed_at=clock.now())
        _enter(actor, row, ObstacleStep.WITHDRAW, note=reason)
    return row


def merge(actor: User, public_id: str, *, into: str, version: int) -> Obstacle:
    """Merge a duplicate into another live obstacle of the same kind; both stay readable, one clock runs.

    Raises:
        NotFound, NotPermitted: One is not visible, or the person does not steer both.
        Conflict: Stale, or one of them is not live.
        InputError: It is the same one, or another kind.
    """
    authority = organisations.authority_of(actor)
    with transaction.atomic():
        row, rights = _opened(actor, public_id, version)
        main = queries.visible_obstacle(authority, into)
        _demand(rights.steers and queries.rights_on(authority, main).steers)
        rules.check_step(row.state, ObstacleStep.MERGE)
        if main.pk == row.pk or main.kind != row.kind or main.state not in rules.LIVE:
            raise errors.InputError(
                gettext_noop("Choose another live one of the same kind."), code="bad-merge", field="into"
            )
        row.merged.update(merged_into=main)
        changed(row, state=ObstacleState.MERGED, merged_into=main, closed_at=clock.now())
        holders.tell_raiser(row, gettext_noop("“{title}” was joined with another of the same kind."))
        _enter(actor, row, ObstacleStep.MERGE)
    return row


def publish(actor: User, public_id: str, *, title: str, words: str, version: int) -> Obstacle:
    """Release an obstacle to the public in an officer's own words; names and addresses of who sent it never appear.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: Not visible, no right to publish, stale, or no words.
    """
    with transaction.atomic():
        row, rights = _opened(actor, public_id, version)
        _demand(rights.publishes)
        rules.check_words(title, words)
        changed(row, published=True, public_title=title.strip(), public_text=words.strip())
        _enter(actor, row, ObstacleStep.PUBLISH, public=True)
    return row


def unpublish(actor: User, public_id: str, *, version: int) -> Obstacle:
    """Take an obstacle off the public page; its words stay for the next release.

    Raises:
        NotFound, NotPermitted, Conflict: Not visible, no right to publish, or stale.
    """
    with transaction.atomic():
        row, rights = _opened(actor, public_id, version)
        _demand(rights.publishes)
        changed(row, published=False)
        _enter(actor, row, ObstacleStep.UNPUBLISH)
    return row


def climb(row: Obstacle, **values: Any) -> None:
    """Move a locked obstacle to the next level from today on, and tell who has it now.

    Raises:
        Conflict: There is no level above.
    """
    committee = queries.committee_of(row.province)
    level = rules.next_level(row.level, has_committee=committee is not None)
    if level is None:
        raise errors.Conflict(gettext_noop("There is no level above the council."), code="highest-level")
    _restart(
        row,
        level,
        holders.holder_at(row, level, committee),
        state=ObstacleState.OPEN,
        committee=committee if level is Level.COMMITTEE else row.committee,
        **values,
    )


@organisations.read_once
def province_above(body: Organisation) -> Organisation | None:
    """Give the province in which a body lies, or which it is."""
    if body.type == BodyType.PROVINCE:
        return body
    return organisations.line_above(body.path).filter(type=BodyType.PROVINCE).last()


def subject_of(row: Obstacle, *, public: bool = False) -> Subject:
    """Name an obstacle as the ledger's subject; public entries bear only the words that were released."""
    return Subject("obstacle", row.public_id, (row.public_title if public else row.title)[:200])


def locked(public_id: str, *, version: int | None = None) -> Obstacle:
    """Give an obstacle with its bodies, locked until the transaction ends.

    Raises:
        NotFound: There is none.
        Conflict: Somebody changed it since ``version`` was read.
    """
    row = queries.everything().select_for_update(of=("self",)).filter(public_id=public_id).first()
    if row is None:
        raise errors.NotFound(gettext_noop("There is no such obstacle."), code="unknown-obstacle")
    if version is not None and row.version != version:
        raise stale()
    return row


def enter(
    row: Obstacle, step: ObstacleStep, *, actor: User | None, note: str = "", effective_on: date | None = None
) -> ObstacleEvent:
    """Write one step of the trail."""
    return ObstacleEvent.objects.create(
        obstacle=row,
        action=step,
        level=row.level,
        state=row.state,
        holder=row.level_holder,
        note=note.strip(),
        due_on=row.level_due_on if row.state in rules.RUNNING else None,
        effective_on=effective_on or today(),
        at=clock.now(),
        actor=actor,
    )


def _opened(actor: User, public_id: str, version: int) -> tuple[Obstacle, Rights]:
    """Give a visible obstacle, locked, with what the person may do."""
    authority = organisations.authority_of(actor)
    queries.visible_obstacle(authority, public_id)
    row = locked(public_id, version=version)
    return row, queries.rights_on(authority, row)


def _of_raiser(actor: User | None, public_id: str, version: int) -> Obstacle:
    """Give an obstacle, locked, to who raised it: a person of the body, or whoever showed the tracking code."""
    if actor is None:
        row = locked(public_id, version=version)
        _demand(bool(row.tracking_sha256))
        return row
    row, rights = _opened(actor, public_id, version)
    _demand(rights.raised)
    return row


def _demand(is_allowed: bool) -> None:  # noqa: FBT001 - says whether, nothing else
    if not is_allowed:
        raise errors.NotPermitted(gettext_noop("Your role does not permit this here."), code="not-permitted")


def _body(organisation_id: int | None) -> Organisation | None:
    return organisations.organisation_by_id(organisation_id) if organisation_id else None


def _written(words: Words, place: Place, **values: Any) -> Obstacle:
    rules.check_words(words.title, words.text)
    owner = place.owner or organisations.ministry()
    issuer = place.delivery.issuer if place.delivery else organisations.ministry()
    now = clock.now()
    return Obstacle.objects.create(
        public_id=identifiers.new_public_id("o"),
        kind=words.kind,
        cause=words.cause,
        title=words.title.strip(),
        folded=text.fold_for_search(f"{words.title} {words.market_size}")[:600],
        text=words.text.strip(),
        decision_needed=words.decision_needed.strip(),
        product_need=words.product_need.strip(),
        market_size=words.market_size.strip(),
        could_make=words.could_make.strip(),
        language=words.language,
        raised_by=place.raised_by,
        delivery=place.delivery,
        province=place.province,
        decision_from=place.decision_from,
        issuer=issuer,
        owner=owner,
        level_holder=owner,
        level_since=now,
        level_due_on=rules.due_after(today(), calendar_of(owner)),
        raised_at=now,
        **values,
    )


def _first_step(row: Obstacle, actor: User | None) -> None:
    enter(row, ObstacleStep.RAISE, actor=actor)


def _restart(row: Obstacle, level: Level, holder: Organisation, **values: Any) -> None:
    """Start the clock of a level today and tell who has it."""
    changed(
        row,
        level=level,
        highest_level=rules.higher(level, row.highest_level),
        level_holder=holder,
        level_since=clock.now(),
        level_due_on=rules.due_after(today(), calendar_of(holder)),
        **values,
    )
    holders.tell_holders(row)


def _promise(row: Obstacle, remedy: str, due_on: date | None, **values: Any) -> None:
    """Keep a remedy with its day; the first day stays."""
    day = rules.check_remedy(remedy, due_on, today())
    changed(
        row,
        state=ObstacleState.IN_REMEDY,
        remedy=remedy.strip(),
        remedy_due_on=day,
        first_remedy_due_on=row.first_remedy_due_on or day,
        level_due_on=day,
        **values,
    )


def _enter(
    actor: User | None, row: Obstacle, step: ObstacleStep, *, note: str = "", public: bool = False
) -> None:
    """Write the step and put it on record; the last thing of each act."""
    enter(row, step, actor=actor, note=note)
    _record(actor.as_actor() if actor else OUTSIDE, row, step, reason=note, public=public)


def _record(
    actor: Actor, row: Obstacle, step: ObstacleStep, *, reason: str = "", public: bool = False
) -> None:
    content: dict[str, Any] = {
        "kind": row.kind,
        "state": row.state,
        "level": row.level,
        "owner": row.owner.code,
        "holder": row.level_holder.code,
        "level_due_on": row.level_due_on.isoformat(),
    }
    if public:
        content |= {"title": row.public_title, "text": row.public_text}
    ledger.record(
        actor=actor,
        action=f"obstacle.{step.value}",
        subject=subject_of(row, public=public),
        content=content,
        reason="" if public else reason.strip(),
        public=public,
    )
