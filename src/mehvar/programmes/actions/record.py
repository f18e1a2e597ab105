"""Put the room's acts on record, and guard against two people changing one thing.

Shared by the room's actions; other rooms do not call it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import F, Model, QuerySet
from django.utils.translation import gettext_noop

from mehvar.kernel import errors, text
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.organisations.rules.permissions import Permission
    from mehvar.programmes.models import Plan, PlanCall, Programme

_M = TypeVar("_M", bound=Model)


def locked(rows: QuerySet[_M], pk: int, *, version: int | None = None) -> _M:
    """Give a row, locked until the transaction ends.

    Raises:
        NotFound: There is no such row.
        Conflict: ``version`` is given and somebody has changed the row since.
    """
    found = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise errors.NotFound(gettext_noop("There is no such thing."), code="unknown")
    if version is not None and version != found.version:  # type: ignore[attr-defined]
        raise stale()
    return found


def stale() -> errors.Conflict:
    """Say that somebody was faster."""
    return errors.Conflict(
        gettext_noop("Somebody changed this in the meantime. Look at the new state and try again."),
        code="stale",
    )


def changed(row: Model, **values: Any) -> None:
    """Save some fields of a locked row and count its version up."""
    type(row)._default_manager.filter(pk=row.pk).update(version=F("version") + 1, **values)  # noqa: SLF001
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1  # type: ignore[attr-defined]


def require(actor: User, permission: Permission, path: str) -> None:
    """Refuse an act that no role of the person permits over the body at ``path``.

    Raises:
        NotPermitted: No role permits it.
    """
    permissions.require(organisations.authority_of(actor), permission, path)


def subject_of_programme(programme: Programme) -> Subject:
    """Name a programme as the ledger's subject."""
    return Subject("programme", programme.public_id, programme.title[:200])


def subject_of_call(call: PlanCall) -> Subject:
    """Name a call as the ledger's subject."""
    return Subject("plan-call", call.public_id, call.title[:200])


def subject_of_plan(plan: Plan) -> Subject:
    """Name a plan as the ledger's subject, its body in the language of the call's title."""
    body = organisations.name_in(plan.organisation, text.guess_language(plan.call.title) or "en")
    return Subject("plan", plan.public_id, f"{plan.call.title[:120]} · {body}"[:200])


def note(
    actor: User | None, action: str, subject: Subject, content: Mapping[str, Any], *, reason: str = ""
) -> None:
    """Put an act on record, as the last step of its transaction; without a person the system acted."""
    ledger.record(
        actor=actor.as_actor() if actor else Actor.system("programmes"),
        action=action,
        subject=subject,
        content=dict(content),
        reason=reason.strip(),
    )
