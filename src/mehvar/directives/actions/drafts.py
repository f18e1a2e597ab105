"""Open a draft for change: permission, lock, version, ledger entry, and the step that can be undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from mehvar.directives.actions import lifecycle
from mehvar.directives.models import Directive, EditStep
from mehvar.directives.rules.lifecycle import EDITABLE
from mehvar.kernel import clock, events
from mehvar.kernel.errors import TransitionNotAllowed, gettext_noop
from mehvar.ledger import actions as ledger
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

Snapshot = dict[str, list[dict[str, Any]]]


@dataclass
class Edit:
    """Hold a draft that is being changed; ``facts`` go into the ledger entry, ``kind`` names the step."""

    directive: Directive
    actor: User
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    step: EditStep | None = None

    def keep(self, before: Snapshot, after: Snapshot) -> EditStep:
        """Keep what the step changed, so that it can be undone."""
        self.step = EditStep.objects.create(
            directive=self.directive,
            kind=self.kind,
            before=before,
            after=after,
            actor=self.actor,
            at=clock.now(),
        )
        return self.step


@contextmanager
def editing(
    actor: User,
    directive_id: int,
    kind: str,
    *,
    permission: Permission = Permission.DRAFT_DIRECTIVE,
    version: int | None = None,
) -> Iterator[Edit]:
    """Change a draft within the block, as one transaction with one ledger entry ``directive.<kind>``.

    ``version`` is the directive's version that the person saw; left out where a finer version guards the change.

    Raises:
        NotFound: There is no such directive.
        NotPermitted: The person may not change it.
        TransitionNotAllowed: The text is not open for change in its state.
        Conflict: Somebody changed the directive since ``version``.
    """
    with transaction.atomic():
        directive = lifecycle.locked_directive(directive_id, version=version)
        lifecycle.require_permission(actor, permission, directive)
        require_editable(directive)
        edit = Edit(directive, actor, kind)
        yield edit
        touch(directive)
        ledger.record(
            actor=actor.as_actor(),
            action=f"directive.{kind}",
            subject=lifecycle.subject_of(directive),
            content=edit.facts,
            reason=edit.reason,
        )
        transaction.on_commit(
            partial(events.publish, "directives.edited", directive_id=directive.pk, kind=kind)
        )


def require_editable(directive: Directive) -> None:
    """Refuse a change of a text that lies before others or is promulgated.

    Raises:
        TransitionNotAllowed: The text is not open for change.
    """
    if directive.state not in EDITABLE:
        raise TransitionNotAllowed(
            gettext_noop("The text can be changed only while it is a draft or under revision."),
            code="text-closed",
        )


def touch(directive: Directive) -> None:
    """Count one more saved edit."""
    Directive.objects.filter(pk=directive.pk).update(version=F("version") + 1, changed_at=clock.now())
    directive.version += 1


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Give the entries of ``after`` that differ from ``before``."""
    return {name: value for name, value in after.items() if before.get(name) != value}
