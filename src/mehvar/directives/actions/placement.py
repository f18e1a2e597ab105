"""Lay the tree of clauses out after a change: positions, depths, paths and identifiers."""

from __future__ import annotations

from mehvar.directives.models import Provision
from mehvar.directives.rules import clauses

BATCH = 400
PLACEMENT = ("parent_id", "position", "depth", "path", "eid")

Order = dict[int | None, list[int]]


def siblings_by_parent(directive_id: int) -> Order:
    """Give the keys of clauses under each parent (None: at the top), in order."""
    rows = Provision.objects.filter(directive_id=directive_id).order_by("position", "pk")
    found: Order = {}
    for key, parent in rows.values_list("pk", "parent_id"):
        found.setdefault(parent, []).append(key)
    return found


def lay_out(
    directive_id: int, *, order: Order | None = None, first_after: tuple[int, int] | None = None
) -> None:
    """Renumber the whole tree; ``first_after`` puts its second clause directly behind the first."""
    order = order or siblings_by_parent(directive_id)
    if first_after:
        _put_after(order, *first_after)
    rows = Provision.objects.in_bulk([key for keys in order.values() for key in keys])
    parents = {key: parent for parent, keys in order.items() for key in keys}
    places = clauses.placed([(key, parent) for parent, keys in order.items() for key in keys])
    path_of = {place.key: place.path for place in places}
    eids = clauses.eids(
        [
            (place.path, path_of.get(parents[place.key] or 0), rows[place.key].kind, rows[place.key].number)
            for place in places
        ]
    )
    changed = []
    for place in places:
        row = rows[place.key]
        wanted = (parents[place.key], place.position, place.depth, place.path, eids[place.path][:200])
        if tuple(getattr(row, name) for name in PLACEMENT) != wanted:
            for name, value in zip(PLACEMENT, wanted, strict=True):
                setattr(row, name, value)
            changed.append(row)
    Provision.objects.bulk_update(changed, ["parent", "position", "depth", "path", "eid"], batch_size=BATCH)


def _put_after(order: Order, before_it: int, new: int) -> None:
    for keys in order.values():
        if before_it in keys and new in keys:
            keys.remove(new)
            keys.insert(keys.index(before_it) + 1, new)
