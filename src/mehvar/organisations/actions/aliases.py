"""Teach the register another name of a body, so that documents that use it are understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.kernel import errors, text
from mehvar.ledger import actions as ledger
from mehvar.organisations import queries
from mehvar.organisations.actions import record
from mehvar.organisations.data import NameKind
from mehvar.organisations.models import OrganisationName
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

LONGEST_NAME = 300


def teach_alias(
    actor: User | None, organisation_id: int, wording: str, language: str, *, kind: NameKind = NameKind.ALIAS
) -> OrganisationName:
    """Add an alias to a body; an alias that it has already is given back unchanged.

    Whoever may teach may do so for any body: the wording of a document names bodies of the whole state.

    Raises:
        NotPermitted: No role of the actor permits teaching.
        NotFound: There is no such body.
        InputError: The alias is empty, too long, or the official name of another body of the pack.
    """
    if actor is not None:
        permissions.require(queries.authority_of(actor), Permission.TEACH_ALIAS)
    organisation = queries.organisation_by_id(organisation_id)
    written = _checked(wording, organisation.pack, organisation_id)
    with transaction.atomic():
        name, created = OrganisationName.objects.get_or_create(
            organisation=organisation,
            text=written,
            language=language,
            kind=kind,
            defaults={"folded": text.fold_for_search(written)},
        )
        if created:
            record.touch(organisation.pack)
            ledger.record(
                actor=record.actor_of(actor),
                action="organisation.alias-taught",
                subject=record.subject_of(organisation),
                content={"text": written, "language": language, "kind": kind.value},
            )
    return name


def _checked(written: str, pack: str, organisation_id: int) -> str:
    """Clean an alias and refuse one that cannot be used."""
    clean = text.display_form(written).strip()
    if not text.fold_for_match(clean) or len(clean) > LONGEST_NAME:
        raise errors.InputError(
            "A name has 1 to {longest} characters.", code="bad-alias", field="text", longest=LONGEST_NAME
        )
    official = OrganisationName.objects.filter(
        organisation__pack=pack,
        kind=NameKind.OFFICIAL,
        folded=text.fold_for_search(clean),
        valid_to__isnull=True,
    ).exclude(organisation_id=organisation_id)
    others = [name for name in official if text.fold_for_match(name.text) == text.fold_for_match(clean)]
    if others:
        raise errors.InputError(
            "“{alias}” is the official name of another body.", code="alias-taken", field="text", alias=clean
        )
    return clean


def forget_alias(actor: User | None, name_id: int) -> None:
    """Remove an alias or abbreviation that was entered by mistake; official names are never removed.

    Raises:
        NotPermitted: No role of the actor permits it for this body.
        NotFound: There is no such alias.
    """
    name = OrganisationName.objects.select_related("organisation").filter(pk=name_id).first()
    if name is None or name.kind == NameKind.OFFICIAL:
        raise errors.NotFound("There is no such alias.", code="unknown-alias")
    organisation = name.organisation
    record.require(actor, Permission.MANAGE_ORGANISATIONS, organisation.path)
    with transaction.atomic():
        name.delete()
        record.touch(organisation.pack)
        ledger.record(
            actor=record.actor_of(actor),
            action="organisation.alias-removed",
            subject=record.subject_of(organisation),
            content={"text": name.text, "language": name.language, "kind": name.kind},
        )
