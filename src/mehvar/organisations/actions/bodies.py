"""Create, edit, rename, move, merge and dissolve bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from mehvar.kernel import clock, errors, text
from mehvar.ledger import actions as ledger
from mehvar.organisations import data, queries
from mehvar.organisations.actions import record
from mehvar.organisations.data import AttributeValue, BodyType, NameKind, SuccessionKind
from mehvar.organisations.models import Organisation, OrganisationName, Register, Succession
from mehvar.organisations.rules import bodies, names
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

EDITABLE = ("type", "email", "attributes", "valid_from", "valid_to")


def create_organisation(
    actor: User | None,
    *,
    code: str,
    type: BodyType,  # noqa: A002 - the field's own name
    parent_id: int | None,
    official: Mapping[str, str],
    valid_from: date | None = None,
    valid_to: date | None = None,
    attributes: Mapping[str, AttributeValue] | None = None,
    email: str = "",
    pack: str = "",
) -> Organisation:
    """Create a body below another (or, for who administers the whole tree, a root).

    ``official`` holds its official names by language; it belongs to its parent's register.

    Raises:
        NotPermitted: The actor does not manage organisations there.
        InputError: The code, a name or the dates are wrong.
        Conflict: The code is taken.
    """
    parent = queries.organisation_by_id(parent_id) if parent_id else None
    record.require(actor, Permission.MANAGE_ORGANISATIONS, parent.path if parent else data.WHOLE_TREE)
    clean = bodies.checked_code(code)
    written = {language: bodies.checked_name(name) for language, name in official.items() if name.strip()}
    bodies.check_dates(valid_from, valid_to)
    if not written:
        raise errors.InputError(
            "A body needs a name in at least one language.", code="no-name", field="name_fa"
        )
    with transaction.atomic():
        if Organisation.objects.filter(code=clean).exists():
            raise errors.Conflict("The code {value} is taken.", code="code-taken", field="code", value=clean)
        fields: dict[str, Any] = {
            "code": clean,
            "type": type.value,
            "pack": parent.pack if parent else pack or _home(),
            "valid_from": valid_from,
            "valid_to": valid_to,
            "attributes": dict(attributes or {}),
            "email": email,
            "version": 2,
            **{f"name_{language}": name for language, name in written.items()},
        }
        made: Organisation = (
            Organisation.objects.add_child(Organisation.objects.select_for_update().get(pk=parent.pk), fields)
            if parent
            else Organisation.objects.add_root(fields)
        )
        for language, name in written.items():
            _add_name(made.pk, name, language, NameKind.OFFICIAL, valid_from=valid_from)
        _recorded(actor, made, "organisation.created", {"type": type.value, "names": written})
    return made


def _home() -> str:
    """Give the code of the installation's register, if one is loaded."""
    return Register.objects.order_by("-is_home", "pk").values_list("code", flat=True).first() or ""


def edit_organisation(
    actor: User | None, organisation_id: int, *, version: int, changes: Mapping[str, Any]
) -> Organisation:
    """Change a body's type, e-mail address, attributes or dates (``EDITABLE``); nothing changed, nothing recorded.

    Raises:
        NotPermitted: The actor does not manage organisations there.
        InputError: The dates are out of order.
        Conflict: Somebody changed the body since ``version`` was read.
    """
    with transaction.atomic():
        body = _claimed(actor, organisation_id, version)
        before = {field: getattr(body, field) for field in EDITABLE}
        after = before | {field: changes[field] for field in EDITABLE if field in changes}
        bodies.check_dates(after["valid_from"], after["valid_to"])
        changed = {field: value for field, value in after.items() if before[field] != value}
        if changed:
            for field, value in changed.items():
                setattr(body, field, value)
            _save(body, [*changed])
            _recorded(actor, body, "organisation.edited", _plain(changed))
    return body


def rename_organisation(
    actor: User | None, organisation_id: int, *, version: int, official: Mapping[str, str], on: date
) -> Organisation:
    """Give a body new official names from a day; the names it bore until then stay, dated.

    Raises:
        NotPermitted: The actor does not manage organisations there.
        InputError: No name is new, or a present name began later than the day.
        Conflict: Somebody changed the body since ``version`` was read.
    """
    wanted = {language: bodies.checked_name(name) for language, name in official.items() if name.strip()}
    with transaction.atomic():
        body = _claimed(actor, organisation_id, version)
        present = {language: getattr(body, f"name_{language}") for language in names.LANGUAGES}
        fresh = {language: name for language, name in wanted.items() if name != present.get(language)}
        if not fresh:
            raise errors.InputError("No name is new.", code="nothing-new", field="name_fa")
        for language, name in fresh.items():
            _end_official(body.pk, language, on)
            _add_name(body.pk, name, language, NameKind.OFFICIAL, valid_from=on)
        _show_names(body)
        _save(body, [f"name_{language}" for language in names.LANGUAGES])
        _recorded(
            actor, body, "organisation.renamed", {"from": on.isoformat(), "names": fresh, "before": present}
        )
    return body


def _end_official(organisation_id: int, language: str, on: date) -> None:
    """Let the present official name in a language end on a day."""
    present = OrganisationName.objects.filter(
        organisation_id=organisation_id, language=language, kind=NameKind.OFFICIAL, valid_to__isnull=True
    )
    if present.filter(valid_from__gte=on).exists():
        raise errors.InputError(
            "The present name holds from a later day; correct that name instead.",
            code="bad-dates",
            field="on",
        )
    present.update(valid_to=on, origin="local")


def correct_name(
    actor: User | None,
    name_id: int,
    *,
    version: int,
    wording: str,
    valid_from: date | None,
    valid_to: date | None,
) -> OrganisationName:
    """Correct a name's wording or dates (a slip of the pen, not a renaming).

    Raises:
        NotFound: There is no such name.
        NotPermitted: The actor does not manage organisations there.
        InputError: The name or the dates are wrong, or the body has this name already.
        Conflict: Somebody changed the body since ``version`` was read.
    """
    clean = bodies.checked_name(wording)
    bodies.check_dates(valid_from, valid_to)
    with transaction.atomic():
        name = OrganisationName.objects.filter(pk=name_id).first()
        if name is None:
            raise errors.NotFound("There is no such name.", code="unknown-name")
        body = _claimed(actor, name.organisation_id, version)
        _refuse_double(name, clean, valid_from)
        before = name.text
        name.text, name.folded = clean, text.fold_for_search(clean)
        name.valid_from, name.valid_to, name.origin = valid_from, valid_to, "local"
        name.save()
        _show_names(body)
        _save(body, [f"name_{language}" for language in names.LANGUAGES])
        _recorded(actor, body, "organisation.name-corrected", {"before": before, "text": clean})
    return name


def _refuse_double(name: OrganisationName, wording: str, valid_from: date | None) -> None:
    """Refuse a name that the body bears already."""
    same = OrganisationName.objects.filter(
        organisation_id=name.organisation_id,
        text=wording,
        language=name.language,
        kind=name.kind,
        valid_from=valid_from,
    )
    if same.exclude(pk=name.pk).exists():
        raise errors.InputError("The body bears this name already.", code="name-twice", field="text")


def add_name(
    actor: User | None,
    organisation_id: int,
    *,
    version: int,
    wording: str,
    language: str,
    kind: NameKind,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> OrganisationName:
    """Add a dated name of any kind to a body.

    Raises:
        NotPermitted: The actor does not manage organisations there.
        InputError: The name or the dates are wrong, or the body has this name already.
        Conflict: Somebody changed the body since ``version`` was read.
    """
    clean = bodies.checked_name(wording)
    bodies.check_dates(valid_from, valid_to)
    with transaction.atomic():
        body = _claimed(actor, organisation_id, version)
        draft = OrganisationName(organisation_id=body.pk, language=language, kind=kind)
        _refuse_double(draft, clean, valid_from)
        name = _add_name(body.pk, clean, language, kind, valid_from=valid_from, valid_to=valid_to)
        _show_names(body)
        _save(body, [f"name_{code}" for code in names.LANGUAGES])
        content = {"text": clean, "language": language, "kind": kind.value}
        _recorded(actor, body, "organisation.name-added", content)
    return name


def move_organisation(
    actor: User | None, organisation_id: int, *, version: int, new_parent_id: int
) -> Organisation:
    """Put a body, with all below it, below another body.

    Raises:
        NotPermitted: The actor does not manage organisations at the old or at the new place.
        InputError: The new place is the body itself or below it, or in another register.
        Conflict: Somebody changed the body since ``version`` was read.
    """
    with transaction.atomic():
        body = _claimed(actor, organisation_id, version)
        parent = queries.organisation_by_id(new_parent_id)
        record.require(actor, Permission.MANAGE_ORGANISATIONS, parent.path)
        bodies.check_move(body.path, parent.path)
        if parent.pack != body.pack:
            raise errors.InputError(
                "The two belong to different registers.", code="other-register", field="parent"
            )
        before = list(queries.line_above(body.path).values_list("code", flat=True))
        Organisation.objects.move(body, parent, pos="last-child")
        body = queries.organisation_by_id(organisation_id)
        _recorded(
            actor,
            body,
            "organisation.moved",
            {"below": parent.code, "was_below": before[-1] if before else None},
        )
    return body


def merge_organisations(
    actor: User | None,
    *,
    predecessor_ids: Iterable[int],
    successor_id: int | None,
    on: date,
    kind: SuccessionKind,
    note: str = "",
) -> list[Succession]:
    """Let bodies end on a day and another answer for them from then (``None``: nobody does, they are dissolved).

    What was assigned to a predecessor stays as it was written; the successor answers for it.

    Raises:
        NotPermitted: The actor does not manage organisations at one of them.
        InputError: A body would follow itself, or ended before.
    """
    successor = queries.organisation_by_id(successor_id) if successor_id else None
    if successor is not None:
        record.require(actor, Permission.MANAGE_ORGANISATIONS, successor.path)
    with transaction.atomic():
        made = [
            _succeed(actor, queries.organisation_by_id(pk), successor, on=on, kind=kind, note=note)
            for pk in predecessor_ids
        ]
        if not made:
            raise errors.InputError(
                "Choose the bodies that end.", code="no-predecessor", field="predecessors"
            )
        if successor is not None:
            content = {
                "on": on.isoformat(),
                "kind": kind.value,
                "of": [item.predecessor.code for item in made],
            }
            _recorded(actor, successor, "organisation.succeeds", content)
    return made


def _succeed(
    actor: User | None,
    body: Organisation,
    successor: Organisation | None,
    *,
    on: date,
    kind: SuccessionKind,
    note: str,
) -> Succession:
    """End one body."""
    record.require(actor, Permission.MANAGE_ORGANISATIONS, body.path)
    if successor is not None and body.pk == successor.pk:
        raise errors.InputError("A body cannot follow itself.", code="succession-loop", field="successor")
    if body.valid_to is not None and body.valid_to < on:
        raise errors.InputError(
            "{name} ended before that day.", code="ended-before", field="on", name=str(body)
        )
    bodies.check_dates(body.valid_from, on, field="on")
    Organisation.objects.filter(pk=body.pk).update(valid_to=on, version=F("version") + 1)
    succession, _made = Succession.objects.get_or_create(
        predecessor=body,
        successor=successor,
        on=on,
        defaults={"kind": kind.value, "note": note.strip()},
    )
    content = {"on": on.isoformat(), "kind": kind.value, "successor": successor.code if successor else None}
    _recorded(actor, body, "organisation.ended", content)
    return succession


def _claimed(actor: User | None, organisation_id: int, version: int) -> Organisation:
    """Take a body for a change: permitted, and as the person saw it; its version goes up."""
    body = queries.organisation_by_id(organisation_id)
    record.require(actor, Permission.MANAGE_ORGANISATIONS, body.path)
    if not Organisation.objects.filter(pk=organisation_id, version=version).update(version=F("version") + 1):
        raise errors.Conflict(
            "Somebody changed this body while you were editing. Your words are kept below; compare, then save again.",
            code="stale",
        )
    body.version = version + 1
    return body


def _save(body: Organisation, fields: list[str]) -> None:
    """Write some fields of a body."""
    Organisation.objects.filter(pk=body.pk).update(**{field: getattr(body, field) for field in fields})


def _show_names(body: Organisation) -> None:
    """Set the names that lists show to the official ones of today."""
    rows = OrganisationName.objects.filter(organisation_id=body.pk).order_by("pk")
    known = [
        data.Name(row.text, row.language, NameKind(row.kind), row.valid_from, row.valid_to) for row in rows
    ]
    for field, value in names.names_to_show(known, clock.today()).items():
        setattr(body, field, value)


def _add_name(
    organisation_id: int,
    wording: str,
    language: str,
    kind: NameKind,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> OrganisationName:
    """Write a name's row."""
    return OrganisationName.objects.create(
        organisation_id=organisation_id,
        text=wording,
        folded=text.fold_for_search(wording),
        language=language,
        kind=kind,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write dates as text for the record."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}


def _recorded(actor: User | None, body: Organisation, action: str, content: Mapping[str, Any]) -> None:
    """Age what is remembered of the register and enter the act in the ledger."""
    record.touch(body.pack)
    ledger.record(
        actor=record.actor_of(actor),
        action=action,
        subject=record.subject_of(body),
        content=content,
        public=False,
    )
