"""Settle rows of obstacles: new ones are raised, live ones get other words from who raised them, or a remedy from who works on them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from mehvar.programmes.actions import obstacles, revisions
from mehvar.programmes.actions.imports.work import (
    KeyedWork,
    Outcome,
    Run,
    changes_in,
    created,
    fixed,
    require_version,
    unchanged,
    updated,
)
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.data import Cause, ObstacleKind
from mehvar.programmes.models import Obstacle
from mehvar.programmes.queries import obstacles as queries
from mehvar.programmes.rules.imports import ReadRow

_WORDS = ("title", "text", "cause", "kind", "decision_needed", "product_need", "market_size", "could_make")


class ObstacleWork(KeyedWork[Obstacle]):
    """Raise and revise obstacles and product gaps."""

    unknown = (gettext_noop("There is no such obstacle."), "unknown-obstacle")

    def visible(self, run: Run) -> QuerySet[Obstacle]:
        """Give the obstacles that the person may see."""
        related = ("owner", "raised_by", "decision_from", "delivery")
        return queries.visible_obstacles(run.authority).select_related(*related)

    def create(self, run: Run, row: ReadRow) -> Outcome:
        """Raise a new obstacle, with its remedy where the row names one."""
        body = run.body(row.get("raised_by") or "", "raised_by")
        owner = run.body_or_none(row.get("owner") or "", "owner")
        decider = run.body_or_none(row.get("decision_from") or "", "decision_from")
        made = obstacles.raise_obstacle(
            run.actor,
            _words(run, {name: row.get(name) or "" for name in _WORDS}),
            raised_by_id=body.pk,
            delivery_public_id=(row.get("delivery") or "").split(":", 1)[0],
            owner_id=owner.pk if owner else None,
            decision_from_id=decider.pk if decider else None,
        )
        if row.get("remedy"):
            made = self._promise(run, row, made)
        return created(made)

    def _promise(self, run: Run, row: ReadRow, stored: Obstacle) -> Obstacle:
        return obstacles.propose_remedy(
            run.actor,
            stored.public_id,
            remedy=row.get("remedy") or "",
            due_on=row.get("remedy_due_on", stored.remedy_due_on),
            version=stored.version,
        )

    def change(self, run: Run, row: ReadRow, stored: Obstacle) -> Outcome:
        """Give a live obstacle other words, or promise its remedy."""
        _require_same(run, row, stored)
        kept = {name: getattr(stored, name) for name in _WORDS}
        words = changes_in(_filled(row), kept)
        decider = stored.decision_from
        if "decision_from" in row.values:
            decider = run.body_or_none(row.get("decision_from") or "", "decision_from")
        is_reworded = bool(words) or (decider.pk if decider else None) != stored.decision_from_id
        is_promised = bool(changes_in(row, {"remedy": stored.remedy, "remedy_due_on": stored.remedy_due_on}))
        if not (is_reworded or is_promised):
            return unchanged(stored)
        require_version(row, stored.version)
        if is_reworded:
            stored = revisions.revise_obstacle(
                run.actor,
                stored.public_id,
                _words(run, {**kept, **words}),
                version=stored.version,
                decision_from_id=decider.pk if decider else None,
            )
        if is_promised:
            stored = self._promise(run, row, stored)
        return updated(stored)


def _words(run: Run, said: dict[str, Any]) -> Words:
    return Words(
        title=said["title"],
        text=said["text"],
        kind=ObstacleKind(said["kind"] or ObstacleKind.OBSTACLE),
        cause=Cause(said["cause"] or Cause.OTHER),
        decision_needed=said["decision_needed"],
        product_need=said["product_need"],
        market_size=said["market_size"],
        could_make=said["could_make"],
        language=run.writing.language,
    )


def _filled(row: ReadRow) -> ReadRow:
    """Give a row whose empty choices keep what is stored."""
    values = {name: value for name, value in row.values.items() if value or name not in ("kind", "cause")}
    return ReadRow(row.number, row.public_id, row.version, values, row.raws, row.notes, row.fingerprint)


def _require_same(run: Run, row: ReadRow, stored: Obstacle) -> None:
    """Refuse to change who raised an obstacle, whose it is, and what it concerns: those are steps of their own."""
    for column, kept in (("raised_by", stored.raised_by_id), ("owner", stored.owner_id)):
        body = run.body_or_none(row.get(column) or "", column)
        if column in row.values and body is not None and body.pk != kept:
            raise fixed(column)
    concerned = stored.delivery.public_id if stored.delivery else ""
    if "delivery" in row.values and (row.get("delivery") or "").split(":", 1)[0] != concerned:
        raise fixed("delivery")
