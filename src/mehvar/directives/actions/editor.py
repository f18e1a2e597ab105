"""Write a directive by hand: its head, what it cites, its fields of work, what it answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction

from mehvar.directives.actions import drafts, lifecycle
from mehvar.directives.data import DirectiveState
from mehvar.directives.models import AnnualTheme, Citation, Directive, Field, LegalDuty, StatusEvent
from mehvar.directives.rules.content import CitationContent
from mehvar.directives.rules.drafting import cleaned
from mehvar.kernel import clock
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.ledger import actions as ledger
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

LONGEST = {
    "title": 600,
    "number": 80,
    "motto": 300,
    "goal": 20_000,
    "legal_basis": 20_000,
    "role_statement": 20_000,
    "kind": 32,
}


class HeadValues(TypedDict, total=False):
    """Hold what a directive says of itself besides its title. ``theme`` is a key or None."""

    number: str
    kind: str
    goal: str
    motto: str
    legal_basis: str
    role_statement: str
    theme: int | None
    dated_on: date | None
    effective_on: date | None
    acknowledge_within_days: int


class HeadChanges(HeadValues, total=False):
    """Hold what a person changes of a directive's head; what is left out stays."""

    title: str


def create_directive(
    actor: User,
    *,
    issuer_code: str,
    title: str,
    language: str,
    **head: Unpack[HeadValues],
) -> Directive:
    """Begin a directive by hand, as a draft of the issuer.

    Raises:
        NotFound: There is no such issuer.
        NotPermitted: The person may not draft for it.
        InputError: The title is empty or something is too long.
    """
    issuer = organisations.organisation(issuer_code)
    permissions.require(organisations.authority_of(actor), Permission.DRAFT_DIRECTIVE, issuer.path)
    pack = organisations.pack_of(issuer.pack)
    now = clock.now()
    with transaction.atomic():
        directive = Directive(
            issuer=issuer,
            pack=pack.code,
            language=language,
            calendar=pack.calendar,
            created_by=actor,
            created_at=now,
            changed_at=now,
        )
        _fill(directive, {"title": title, **head})
        directive.save()
        StatusEvent.objects.create(
            directive=directive, action="create", target=DirectiveState.DRAFT, at=now, actor=actor
        )
        ledger.record(
            actor=actor.as_actor(),
            action="directive.created",
            subject=lifecycle.subject_of(directive),
            content={"issuer": issuer_code, "title": directive.title, "language": language},
        )
    return directive


def edit_directive(
    actor: User, directive_id: int, *, version: int | None = None, **head: Unpack[HeadChanges]
) -> Directive:
    """Change the head of a draft.

    Raises:
        Conflict: Somebody changed the directive since ``version``.
        InputError: The title is empty, something is too long, or the number is in use.
        NotPermitted, TransitionNotAllowed, NotFound: As ``drafts.editing``.
    """
    with drafts.editing(actor, directive_id, "edited", version=version) as edit:
        _fill(edit.directive, head)
        edit.directive.save(update_fields=["theme" if name == "theme" else name for name in head] or None)
        edit.facts = {
            name: value.isoformat() if isinstance(value, date) else value for name, value in head.items()
        }
    return edit.directive


def _fill(directive: Directive, head: Mapping[str, Any]) -> None:
    for name, value in head.items():
        if name in LONGEST:
            setattr(directive, name, cleaned(value, field=name, limit=LONGEST[name]))
        elif name == "theme":
            directive.theme = AnnualTheme.objects.filter(pk=value).first() if value else None
        else:
            setattr(directive, name, value)
    if not directive.title:
        raise InputError(gettext_noop("The directive needs a title."), code="no-title", field="title")
    _require_free_number(directive)


def _require_free_number(directive: Directive) -> None:
    others = Directive.objects.filter(issuer_id=directive.issuer_id, number=directive.number)
    if directive.number and others.exclude(pk=directive.pk).exists():
        raise InputError(
            gettext_noop("The issuer has another directive with the number {number}."),
            code="number-taken",
            field="number",
            number=directive.number,
        )


def set_citations(
    actor: User, directive_id: int, citations: Sequence[CitationContent], *, version: int | None = None
) -> int:
    """Replace the legal documents that a draft cites, in this order (S2.2); give how many there are."""
    with drafts.editing(actor, directive_id, "citations-set", version=version) as edit:
        Citation.objects.filter(directive=edit.directive).delete()
        rows = [
            Citation(
                directive=edit.directive,
                position=position,
                raw=item["raw"].strip()[:600],
                kind=item["kind"].strip()[:80],
                number=item["number"].strip()[:80],
                dated_on=date.fromisoformat(item["dated_on"]) if item["dated_on"] else None,
                issuer_name=item["issuer_name"].strip()[:300],
                subject=item["subject"].strip()[:600],
                to_disseminate=item["to_disseminate"],
            )
            for position, item in enumerate(citations)
            if item["raw"].strip()
        ]
        Citation.objects.bulk_create(rows)
        edit.facts = {"citations": [row.raw for row in rows]}
    return len(rows)


def set_fields(
    actor: User,
    directive_id: int,
    fields: Sequence[tuple[int | None, str, int | None]],
    *,
    version: int | None = None,
) -> int:
    """Set the fields of work of a draft: ``(key of a present field or None, name, declared count)`` in order.

    A field left out is removed; its measures stay, without a field. Give how many fields there are.

    Raises:
        InputError: Two fields have one name.
    """
    wanted = [(key, name.strip()[:600], count) for key, name, count in fields if name.strip()]
    names = [name for _, name, _ in wanted]
    if len(set(names)) != len(names):
        raise InputError(gettext_noop("Two fields have the same name."), code="field-twice", field="name")
    with drafts.editing(actor, directive_id, "fields-set", version=version) as edit:
        present = {row.pk: row for row in Field.objects.filter(directive=edit.directive)}
        kept = {key for key, _, _ in wanted if key in present}
        Field.objects.filter(pk__in=set(present) - kept).delete()
        for key in kept:
            Field.objects.filter(pk=key).update(name=f"\x1f{key}")
        for position, (known, name, count) in enumerate(wanted, 1):
            values = {"position": position, "name": name, "declared_count": count}
            if known in kept:
                Field.objects.filter(pk=known).update(**values)
            else:
                Field.objects.create(directive=edit.directive, **values)
        edit.facts = {"fields": names}
    return len(wanted)


def tie_duties(actor: User, directive_id: int, duty_ids: Collection[int]) -> int:
    """Say which legal duties a draft answers (S0.1); give how many."""
    with drafts.editing(actor, directive_id, "duties-tied") as edit:
        duties = LegalDuty.objects.filter(pk__in=duty_ids)
        edit.directive.duties.set(duties)
        edit.facts = {"duties": sorted(duties.values_list("pk", flat=True))}
    return len(edit.facts["duties"])
