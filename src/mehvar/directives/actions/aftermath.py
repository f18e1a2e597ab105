"""Say what became of a promulgated directive: amended or superseded by another one, or withdrawn.

The promulgation stays as it was; its public page says the change beside it. Source: design page "directives and
programmes", section 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.actions import lifecycle
from mehvar.directives.actions.cascade import acting_for
from mehvar.directives.data import ModificationKind
from mehvar.directives.models import AssignedBody, Directive, Modification
from mehvar.directives.rules.cascade import IN_FORCE
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import clock, errors

if TYPE_CHECKING:
    from mehvar.accounts.models import User

STEP_OF = {
    ModificationKind.AMENDED: Step.AMEND,
    ModificationKind.SUPERSEDED: Step.SUPERSEDE,
    ModificationKind.WITHDRAWN: Step.WITHDRAW,
}
MESSAGE_OF = {
    ModificationKind.AMENDED: gettext_noop("Directive {number} “{title}” was amended by {by}."),
    ModificationKind.SUPERSEDED: gettext_noop("Directive {number} “{title}” was superseded by {by}."),
    ModificationKind.WITHDRAWN: gettext_noop("Directive {number} “{title}” was withdrawn."),
}


def withdraw_directive(
    actor: User, directive_id: int, *, reason: str, version: int | None = None
) -> Modification:
    """Withdraw a promulgated directive with a reason; its bodies are told, nobody is reminded any more.

    Raises:
        NotFound: There is no such promulgated directive.
        NotPermitted: No role of the person permits it.
        TransitionNotAllowed: It is not in force.
        InputError: No reason is given.
    """
    with transaction.atomic():
        directive = _promulgated(directive_id, version=version)
        return _modify(actor, directive, ModificationKind.WITHDRAWN, by=None, reason=reason)


def supersede_directive(
    actor: User, directive_id: int, *, by_id: int, reason: str = "", version: int | None = None
) -> Modification:
    """Put another promulgated directive of the same issuer in the place of this one.

    Raises:
        NotFound, NotPermitted, TransitionNotAllowed: As for ``withdraw_directive``.
        InputError: The other directive is not in force, or is this one.
    """
    with transaction.atomic():
        directive = _promulgated(directive_id, version=version)
        other = _other_in_force(directive, by_id)
        return _modify(actor, directive, ModificationKind.SUPERSEDED, by=other, reason=reason)


def amend_directive(
    actor: User, directive_id: int, *, by_id: int, reason: str = "", version: int | None = None
) -> Modification:
    """Say that another promulgated directive of the same issuer amends this one, which stays in force.

    Raises:
        NotFound, NotPermitted, TransitionNotAllowed, InputError: As for ``supersede_directive``.
    """
    with transaction.atomic():
        directive = _promulgated(directive_id, version=version)
        other = _other_in_force(directive, by_id)
        return _modify(actor, directive, ModificationKind.AMENDED, by=other, reason=reason)


def supersede_predecessor(actor: User, directive: Directive) -> Modification | None:
    """Supersede the directive that a newly promulgated one names as its predecessor, where that is in force.

    Runs in the promulgation's transaction.
    """
    older = directive.supersedes
    if older is None or older.state not in IN_FORCE:
        return None
    locked = lifecycle.locked_directive(older.pk)
    directive.refresh_from_db(fields=["number"])
    return _modify(actor, locked, ModificationKind.SUPERSEDED, by=directive, reason="")


def _other_in_force(directive: Directive, by_id: int) -> Directive:
    other = Directive.objects.filter(
        pk=by_id, issuer_id=directive.issuer_id, state__in=IN_FORCE, promulgated_at__isnull=False
    ).first()
    if other is None or other.pk == directive.pk:
        raise errors.InputError(
            gettext_noop("Choose another directive of the same issuer that is in force."),
            code="not-in-force",
            field="by",
        )
    return other


def _promulgated(directive_id: int, *, version: int | None) -> Directive:
    directive = lifecycle.locked_directive(directive_id, version=version)
    if directive.promulgated_at is None:
        raise errors.NotFound(gettext_noop("There is no such directive."), code="unknown-directive")
    return directive


def _modify(
    actor: User, directive: Directive, kind: ModificationKind, *, by: Directive | None, reason: str
) -> Modification:
    lifecycle.advance(
        actor,
        directive.pk,
        STEP_OF[kind],
        reason=reason,
        facts={"kind": kind.value, **({"by": by.public_id, "by_number": by.number} if by else {})},
        public=True,
    )
    made = Modification.objects.create(
        directive=directive, kind=kind, by=by, reason=reason.strip(), made_at=clock.now(), made_by=actor
    )
    _tell_bodies(directive, made)
    return made


def _tell_bodies(directive: Directive, made: Modification) -> None:
    kind = ModificationKind(made.kind)
    bodies = (
        AssignedBody.objects.filter(directive=directive)
        .order_by()
        .values_list("organisation_id", flat=True)
        .distinct()
    )
    notifications.notify(
        acting_for(bodies),
        kind=f"directive-{kind.value}",
        key=f"directive-{directive.pk}-{kind.value}-{made.pk}",
        message=MESSAGE_OF[kind],
        params={
            "number": directive.number,
            "title": directive.title[:160],
            "by": made.by.number if made.by else "",
        },
        path=lifecycle.page_of(directive),
    )
