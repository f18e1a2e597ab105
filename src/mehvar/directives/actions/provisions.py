"""Write the clauses of a directive: add, edit, move, delete with undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from mehvar.directives.actions import drafts, placement, snapshots
from mehvar.directives.actions.drafts import Edit
from mehvar.directives.models import Provision
from mehvar.directives.rules.drafting import cleaned
from mehvar.kernel.errors import Conflict, InputError, NotFound, gettext_noop

if TYPE_CHECKING:
    from mehvar.accounts.models import User

KINDS = ("part", "chapter", "section", "article", "clause", "point", "note", "paragraph", "annex")
LONGEST = {"kind": 32, "number": 40, "heading": 1000, "text": 50_000}


class ProvisionChanges(TypedDict, total=False):
    """Hold what a person changes of a clause; what is left out stays."""

    kind: str
    number: str
    heading: str
    text: str


def add_provision(
    actor: User,
    directive_id: int,
    *,
    parent: str | None = None,
    after: str | None = None,
    **changes: Unpack[ProvisionChanges],
) -> Provision:
    """Write a clause below another (``parent``) or at the top; last among its like, or after a given one.

    Raises:
        InputError: It has neither a heading nor a text.
        NotFound: There is no such clause.
    """
    with drafts.editing(actor, directive_id, "provision-added") as edit:
        above = _provision(edit, parent) if parent else None
        before_it = _provision(edit, after) if after else None
        provision = Provision(
            directive=edit.directive,
            parent=above,
            position=before_it.position if before_it else 1_000_000,
            kind="clause",
        )
        _fill(provision, changes)
        provision.save()
        placement.lay_out(edit.directive.pk, first_after=(before_it.pk, provision.pk) if before_it else None)
        provision.refresh_from_db()
        edit.keep({"provisions": []}, {"provisions": snapshots.provisions([provision.pk])})
        edit.facts = {"provision": provision.public_id, **changes}
    return provision


def edit_provision(
    actor: User,
    directive_id: int,
    provision_id: str,
    *,
    version: int | None = None,
    **changes: Unpack[ProvisionChanges],
) -> Provision:
    """Change a clause.

    Raises:
        Conflict: Somebody changed the clause since ``version``.
        InputError: It would have neither a heading nor a text.
    """
    with drafts.editing(actor, directive_id, "provision-edited") as edit:
        provision = _provision(edit, provision_id)
        if version is not None and provision.version != version:
            raise Conflict(
                gettext_noop(
                    "Somebody changed this clause while you were at it. Both versions are shown; nothing is lost."
                ),
                code="stale-provision",
            )
        before = snapshots.provisions([provision.pk])
        _fill(provision, changes)
        provision.version += 1
        provision.save()
        placement.lay_out(edit.directive.pk)
        edit.keep({"provisions": before}, {"provisions": snapshots.provisions([provision.pk])})
        edit.facts = {"provision": provision_id, **changes}
    return provision


def move_provision(actor: User, directive_id: int, provision_id: str, *, direction: str) -> None:
    """Move a clause: ``up`` or ``down`` among its like, ``in`` (below the one before) or ``out`` (a level up).

    Raises:
        InputError: It cannot be moved there.
    """
    with drafts.editing(actor, directive_id, "provision-moved") as edit:
        provision = _provision(edit, provision_id)
        before = snapshots.placements(directive_id)
        order = _moved(placement.siblings_by_parent(edit.directive.pk), provision, direction)
        placement.lay_out(edit.directive.pk, order=order)
        edit.keep({"provisions": before}, {"provisions": snapshots.placements(directive_id)})
        edit.facts = {"provision": provision_id, "direction": direction}


def remove_provision(actor: User, directive_id: int, provision_id: str) -> int:
    """Delete a clause with all below it; its measures stay. The step can be undone. Give how many were deleted."""
    with drafts.editing(actor, directive_id, "provision-removed") as edit:
        provision = _provision(edit, provision_id)
        keys = _with_below(edit, provision)
        before = [*snapshots.provisions(keys), *snapshots.placements(directive_id, without=keys)]
        Provision.objects.filter(pk__in=keys).delete()
        placement.lay_out(edit.directive.pk)
        edit.keep({"provisions": before}, {"provisions": []})
        edit.facts = {"provision": provision_id, "deleted": len(keys)}
    return len(keys)


def _provision(edit: Edit, public_id: str | None) -> Provision:
    found = Provision.objects.filter(directive=edit.directive, public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such clause in this directive."), code="unknown-provision")
    return found


def _fill(provision: Provision, changes: ProvisionChanges) -> None:
    for name, longest in LONGEST.items():
        if name not in changes:
            continue
        words = str(changes[name])  # type: ignore[literal-required]
        setattr(provision, name, cleaned(words, field=name, limit=longest))
    if not provision.heading and not provision.text:
        raise InputError(
            gettext_noop("A clause needs a heading or a text."), code="empty-provision", field="text"
        )


def _moved(
    order: dict[int | None, list[int]], provision: Provision, direction: str
) -> dict[int | None, list[int]]:
    siblings = order[provision.parent_id]
    at = siblings.index(provision.pk)
    if direction in {"up", "down"}:
        other = at + (1 if direction == "down" else -1)
        if not 0 <= other < len(siblings):
            raise InputError(gettext_noop("The clause is at the end already."), code="cannot-move")
        siblings[at], siblings[other] = siblings[other], siblings[at]
    elif direction == "in" and at > 0:
        siblings.pop(at)
        order.setdefault(siblings[at - 1], []).append(provision.pk)
    elif direction == "out" and provision.parent is not None:
        siblings.pop(at)
        above = order[provision.parent.parent_id]
        above.insert(above.index(provision.parent.pk) + 1, provision.pk)
    else:
        raise InputError(gettext_noop("The clause cannot be moved there."), code="cannot-move")
    return order


def _with_below(edit: Edit, provision: Provision) -> list[int]:
    found = [provision.pk]
    below = placement.siblings_by_parent(edit.directive.pk)
    for key in found:
        found.extend(below.get(key, []))
    return found
