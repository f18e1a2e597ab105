"""Read what others did since a person's last visit, on what the person may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mehvar.directives.queries import directives
from mehvar.home.data import Change
from mehvar.ledger import queries as ledger
from mehvar.programmes.queries import obstacles, plans, programmes, progress, provinces, scope

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.ledger.data import ActRecord
    from mehvar.organisations.data import Authority

LOOKED_AT = 400
"""So many of the newest acts are looked at; who was away for longer reads the newest."""
MOST_CHANGES = 12

VISIBLE: dict[str, Callable[[Authority], QuerySet[Any]]] = {
    "directive": directives.visible,
    "programme": programmes.visible_programmes,
    "plan-call": plans.visible_calls,
    "plan": plans.visible_plans,
    "delivery": scope.visible_deliveries,
    "reporting-round": progress.visible_rounds,
    "obstacle": obstacles.visible_obstacles,
    "committee-proposal": provinces.visible_proposals,
}
"""Which subjects of each type a person may see."""


def changes_since(authority: Authority, since: datetime) -> list[Change]:
    """Return what others did since an instant, one line a subject, the latest first; at most one query a type beside the scopes."""
    acts = [
        act
        for act in ledger.newest_acts(LOOKED_AT)
        if act.recorded_at > since and not _is_own(act, authority)
    ]
    seen = _visible(authority, acts)
    lines: dict[tuple[str, str], list[ActRecord]] = {}
    for act in acts:
        subject = (act.subject_type, act.subject_identifier)
        if subject in seen:
            lines.setdefault(subject, []).append(act)
    return [_change(found) for found in list(lines.values())[:MOST_CHANGES]]


def _is_own(act: ActRecord, authority: Authority) -> bool:
    return act.actor_identifier == str(authority.user_id)


def _visible(authority: Authority, acts: Iterable[ActRecord]) -> set[tuple[str, str]]:
    asked: dict[str, set[str]] = {}
    for act in acts:
        asked.setdefault(act.subject_type, set()).add(act.subject_identifier)
    return {
        (subject_type, identifier)
        for subject_type, visible in VISIBLE.items()
        if subject_type in asked
        for identifier in visible(authority)
        .filter(public_id__in=asked[subject_type])
        .order_by()
        .values_list("public_id", flat=True)
    }


def _change(acts: list[ActRecord]) -> Change:
    last = acts[0]
    return Change(
        act=ledger.action_label(last.action),
        kind=ledger.subject_type_label(last.subject_type),
        title=last.subject_label,
        path=ledger.subject_address(last.subject_type, last.subject_identifier),
        at=last.recorded_at,
        more=len(acts) - 1,
    )
