"""Read obstacles and product gaps: what a person may see, what waits for whom, counts, and what is public.

Who steers (the issuer of the delivery, or the ministry) sees all of its obstacles; a body sees what it raised, owns or holds; deputies
also see what has climbed to them; a provincial committee's body sees what reached the committee. Nothing else.
Source: S0.4, S0.5, S4.1, S4.4; the house's scope rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet

from mehvar.accounts.data import Role
from mehvar.directives.queries.days import today
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.kernel.outside import hash_of_code
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import CommitteeKind
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import Level, ObstacleKind, ObstacleState
from mehvar.programmes.models import Obstacle, ObstacleEvent
from mehvar.programmes.queries.scope import scope_of
from mehvar.programmes.rules.escalation import LIVE, RUNNING

if TYPE_CHECKING:
    from collections.abc import Collection

    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Committee, Organisation

HIGH = (Level.DEPUTY, Level.COUNCIL)
RELATED = (
    "owner",
    "issuer",
    "level_holder",
    "raised_by",
    "province",
    "decision_from",
    "committee__organisation",
)
DELIVERY = (
    "delivery__organisation",
    "delivery__directive",
    "delivery__measure__provision",
    "delivery__plan_item__plan",
)
STEP = 4


@dataclass(frozen=True, slots=True)
class Rights:
    """Say what a person may do with one obstacle.

    ``handles``: works on it for the body that has it, or steers; ``decides``: at its present level; ``raised``: speaks for who raised
    it; ``steers``: assigns it to anybody, merges; ``publishes``: releases words to the public.
    """

    handles: bool
    decides: bool
    raised: bool
    steers: bool
    publishes: bool


def everything() -> QuerySet[Obstacle]:
    """Give all obstacles with the bodies that pages name."""
    return Obstacle.objects.select_related(*RELATED)


def visible_obstacles(authority: Authority) -> QuerySet[Obstacle]:
    """Give the obstacles and gaps that a person may see."""
    scope = scope_of(authority, Permission.VIEW_PROGRESS)
    if scope.everything:
        return Obstacle.objects.all()
    if scope.is_empty:
        return Obstacle.objects.none()
    bodies = scope.delivering_ids
    return Obstacle.objects.filter(
        Q(issuer_id__in=scope.body_ids)
        | Q(owner_id__in=bodies)
        | Q(raised_by_id__in=bodies)
        | Q(level_holder_id__in=bodies)
        | Q(committee__isnull=False, committee__organisation_id__in=bodies)
        | Q(highest_level__in=HIGH, issuer__path__in=_above_deputies(authority))
    )


def visible_obstacle(authority: Authority, public_id: str) -> Obstacle:
    """Give one obstacle with the bodies that its page names.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found = (
        visible_obstacles(authority).select_related(*RELATED, "author", *DELIVERY).filter(public_id=public_id)
    )
    return _one(found)


def obstacle_by_public_id(public_id: str) -> Obstacle:
    """Give one obstacle whoever asks; pages ask ``visible_obstacle``.

    Raises:
        NotFound: There is none.
    """
    return _one(everything().filter(public_id=public_id))


def _one(rows: QuerySet[Obstacle]) -> Obstacle:
    found = rows.first()
    if found is None:
        raise NotFound(gettext_noop("There is no such obstacle."), code="unknown-obstacle")
    return found


def _above_deputies(authority: Authority) -> list[str]:
    """Give the paths of the bodies over which a person sits as a deputy: the office's own and those above."""
    return sorted(
        {
            held.path[:end]
            for held in authority.in_role(Role.DEPUTY)
            for end in range(STEP, len(held.path) + 1, STEP)
        }
    )


def _within_any(field: str, paths: Collection[str]) -> Q:
    condition = Q(pk__in=())
    for path in paths:
        condition |= organisations.within(path, path_field=field)
        if not path:
            return Q()
    return condition


def decidable(authority: Authority) -> Q:
    """Build the condition that an obstacle's present level is one at which the person decides."""
    decides = permissions.paths_with(authority, Permission.DECIDE_OBSTACLE)
    council = {*decides, *permissions.paths_with(authority, Permission.HOLD_STOCKTAKE)}
    deputies = Q(issuer__path__in=_above_deputies(authority))
    return (
        (Q(level=Level.COMMITTEE) & _within_any("level_holder__path", decides))
        | (Q(level=Level.DEPUTY) & (_within_any("level_holder__path", decides) | deputies))
        | (Q(level=Level.COUNCIL) & (_within_any("issuer__path", council) | deputies))
    )


def waiting_for_decision(
    authority: Authority | None = None, *, organisation: Organisation | None = None
) -> QuerySet[Obstacle]:
    """Give the obstacles above the bodies that wait for a decision here, those whose clock ends first in front.

    ``authority``: those at which this person decides; ``organisation``: those of this body's table (it steers them and they have
    climbed to its deputies or its council, or their level is held in its subtree). Both may be given.
    """
    rows = everything().filter(state__in=RUNNING).exclude(level=Level.BODY)
    if authority is not None:
        rows = rows.filter(decidable(authority))
    if organisation is not None:
        steered = Q(issuer_id=organisation.pk, level__in=HIGH)
        rows = rows.filter(steered | organisations.within(organisation.path, path_field="level_holder__path"))
    return rows.order_by("level_due_on", "pk")


def to_handle(authority: Authority) -> QuerySet[Obstacle]:
    """Give the obstacles whose clock runs at a body for which the person works, those whose clock ends first in front."""
    handles = permissions.paths_with(authority, Permission.HANDLE_OBSTACLE)
    return (
        everything()
        .filter(_within_any("level_holder__path", handles), state__in=RUNNING, level=Level.BODY)
        .order_by("level_due_on", "pk")
    )


def to_confirm(authority: Authority) -> QuerySet[Obstacle]:
    """Give the obstacles that are said to be gone and wait for the word of a body for which the person speaks."""
    raises = permissions.paths_with(authority, Permission.RAISE_OBSTACLE)
    return (
        everything()
        .filter(_within_any("raised_by__path", raises), state=ObstacleState.REMEDIED)
        .order_by("remedied_at", "pk")
    )


def waiting_count(authority: Authority) -> int:
    """Count what waits here: for a decision, to be removed, to be confirmed; one query."""
    handles = permissions.paths_with(authority, Permission.HANDLE_OBSTACLE)
    raises = permissions.paths_with(authority, Permission.RAISE_OBSTACLE)
    running = Q(state__in=RUNNING) & (
        (~Q(level=Level.BODY) & decidable(authority))
        | (Q(level=Level.BODY) & _within_any("level_holder__path", handles))
    )
    gone = Q(state=ObstacleState.REMEDIED) & _within_any("raised_by__path", raises)
    return Obstacle.objects.filter(running | gone).count()


def rights_on(authority: Authority, row: Obstacle) -> Rights:
    """Work out what a person may do with an obstacle; no query when the bodies were fetched with it."""
    allows = permissions.allows
    steers = allows(authority, Permission.HANDLE_OBSTACLE, row.issuer.path)
    return Rights(
        handles=steers
        or allows(authority, Permission.HANDLE_OBSTACLE, row.owner.path)
        or allows(authority, Permission.HANDLE_OBSTACLE, row.level_holder.path),
        decides=decides_on(authority, row),
        raised=row.raised_by is not None and allows(authority, Permission.RAISE_OBSTACLE, row.raised_by.path),
        steers=steers,
        publishes=steers or allows(authority, Permission.PUBLISH, row.issuer.path),
    )


def decides_on(authority: Authority, row: Obstacle) -> bool:
    """Tell whether a person decides at an obstacle's present level, as ``decidable`` does for many."""
    is_deputy = row.issuer.path in _above_deputies(authority)
    decides = permissions.allows(authority, Permission.DECIDE_OBSTACLE, row.level_holder.path)
    if row.level == Level.COUNCIL:
        over = permissions.allows(authority, Permission.DECIDE_OBSTACLE, row.issuer.path)
        return over or is_deputy or permissions.allows(authority, Permission.HOLD_STOCKTAKE, row.issuer.path)
    return decides or (row.level == Level.DEPUTY and is_deputy)


def steps_of(row: Obstacle) -> list[ObstacleEvent]:
    """Give the whole trail of an obstacle, first step first; one query."""
    return list(row.events.select_related("holder", "actor").order_by("at", "pk"))


def counts_by(rows: QuerySet[Obstacle], field: str) -> dict[str, int]:
    """Count obstacles by ``cause``, ``level``, ``state`` or ``kind``; one query."""
    return dict(rows.order_by().values_list(field).annotate(number=Count("pk")).values_list(field, "number"))


def live(rows: QuerySet[Obstacle]) -> QuerySet[Obstacle]:
    """Keep the obstacles of which something is still to be done."""
    return rows.filter(state__in=LIVE)


def overdue(rows: QuerySet[Obstacle]) -> QuerySet[Obstacle]:
    """Keep the obstacles whose clock has run out (only the council's can stay so for longer than a minute)."""
    return rows.filter(state__in=RUNNING, level_due_on__lt=today())


def gaps(rows: QuerySet[Obstacle]) -> QuerySet[Obstacle]:
    """Keep the product gaps of the market."""
    return rows.filter(kind=ObstacleKind.PRODUCT_GAP)


def published_obstacles() -> QuerySet[Obstacle]:
    """Give what an officer released to the public, the latest first."""
    return (
        Obstacle.objects.filter(published=True)
        .select_related("owner", "province")
        .order_by("-raised_at", "pk")
    )


def published_obstacle(public_id: str) -> Obstacle:
    """Give one released obstacle.

    Raises:
        NotFound: There is none.
    """
    return _one(published_obstacles().filter(public_id=public_id))


def obstacle_by_code(code: str) -> Obstacle:
    """Give the obstacle of a tracking code.

    Raises:
        NotFound: The code belongs to none.
    """
    return _one(everything().exclude(tracking_sha256="").filter(tracking_sha256=hash_of_code(code)))


def committee_of(province: Organisation | None) -> Committee | None:
    """Give the provincial committee of a province on this day: the one established first; None without one."""
    if province is None:
        return None
    rows = organisations.committees_below(province.path, on=today()).filter(kind=CommitteeKind.PROVINCIAL)
    return rows.order_by("established_on", "pk").first()


def obstacles_of_delivery(authority: Authority, delivery_id: int) -> QuerySet[Obstacle]:
    """Give what is in the way of one delivery, as far as the person may see it."""
    return (
        visible_obstacles(authority)
        .filter(delivery_id=delivery_id)
        .select_related("owner")
        .order_by("-raised_at")
    )


def similar(row: Obstacle, authority: Authority) -> QuerySet[Obstacle, Any]:
    """Give live obstacles of the same cause and kind, into which a duplicate may be merged."""
    rows = (
        live(visible_obstacles(authority)).filter(kind=row.kind, merged_into__isnull=True).exclude(pk=row.pk)
    )
    return rows.order_by("raised_at", "pk")
