"""Keep the flagship register: draft a sheet, list and unlist it, order it, note that it was presented.

Source: S1.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from mehvar.kernel import clock, errors, identifiers
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions.record import changed, require, stale
from mehvar.programmes.models import Flagship
from mehvar.programmes.queries import flagships as queries
from mehvar.programmes.rules import flagships as rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mehvar.accounts.models import User
    from mehvar.programmes.rules.flagships import Sheet

LONGEST_TITLE = 300


def draft_flagship(
    actor: User,
    *,
    title: str,
    mark: str,
    programme_id: int | None = None,
    measure_id: int | None = None,
    criteria: Mapping[str, str] | None = None,
    sheet: Sheet | None = None,
) -> Flagship:
    """Draft a project's identity sheet, in the ministry's register; it is not public yet.

    It may rest on a programme, or on a single measure of one.

    Raises:
        NotPermitted: The person does not keep the register.
        InputError: No title, an unknown mark, criterion or field, or a text that is too long.
    """
    ministry = organisations.ministry()
    require(actor, Permission.MANAGE_FLAGSHIPS, ministry.path)
    values = _checked(title, mark, criteria or {}, sheet or {})
    if measure_id is not None:
        queries.measure_for(organisations.authority_of(actor), measure_id)
    with transaction.atomic():
        last = Flagship.objects.aggregate(last=Max("position"))["last"]
        row = Flagship.objects.create(
            public_id=identifiers.new_public_id("f"),
            organisation=ministry,
            programme_id=programme_id,
            measure_id=measure_id,
            position=int(last or 0) + 1,
            created_by=actor,
            **values,
        )
        _record(actor, row, "draft", values)
    return row


def change_flagship(
    actor: User,
    public_id: str,
    *,
    version: int,
    title: str,
    mark: str,
    programme_id: int | None = None,
    criteria: Mapping[str, str],
    sheet: Sheet,
) -> Flagship:
    """Change a sheet; one that is listed must stay complete.

    Raises:
        NotFound, NotPermitted, InputError: As for ``draft_flagship``, or there is none.
        Conflict: Stale, or a listed project would become incomplete.
    """
    values = _checked(title, mark, criteria, sheet)
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        if row.listed_at is not None:
            rules.require_complete(values["mark"], values["criteria"], values["sheet"])
        changed(row, programme_id=programme_id, **values)
        _record(actor, row, "change", values, public=row.listed_at is not None)
    return row


def list_flagship(actor: User, public_id: str, *, version: int) -> Flagship:
    """Put a project on the public list.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not keep the register.
        Conflict: Stale, listed already, or not complete.
    """
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        if row.listed_at is not None:
            raise errors.Conflict(gettext_noop("It is listed already."), code="listed")
        rules.require_complete(row.mark, row.criteria, row.sheet)
        changed(row, listed_at=clock.now())
        content = {"title": row.title, "mark": row.mark, "criteria": row.criteria, "sheet": row.sheet}
        _record(actor, row, "list", content, public=True)
    return row


def unlist_flagship(actor: User, public_id: str, *, version: int, reason: str) -> Flagship:
    """Take a project off the public list, with the reason on record.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not keep the register.
        InputError: No reason.
        Conflict: Stale, or it is not listed.
    """
    if not reason.strip():
        raise errors.InputError(
            gettext_noop("Please state the reason."), code="reason-required", field="reason"
        )
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        if row.listed_at is None:
            raise errors.Conflict(gettext_noop("It is not listed."), code="not-listed")
        changed(row, listed_at=None)
        _record(actor, row, "unlist", {"title": row.title}, reason=reason, public=True)
    return row


def move_flagship(actor: User, public_id: str, *, places: int) -> None:
    """Move a project up (negative) or down the list; beyond the ends it stays at the end.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not keep the register.
    """
    with transaction.atomic():
        row = _locked(actor, public_id)
        order = list(Flagship.objects.select_for_update().order_by("position", "pk"))
        index = next(place for place, one in enumerate(order) if one.pk == row.pk)
        order.insert(max(0, min(len(order) - 1, index + places)), order.pop(index))
        for place, one in enumerate(order, 1):
            one.position = place
        Flagship.objects.bulk_update(order, ["position"])
        _record(actor, row, "move", {"to": next(one.position for one in order if one.pk == row.pk)})


def note_presented(actor: User, public_id: str, *, version: int) -> Flagship:
    """Note that a listed project was officially presented today.

    Raises:
        NotFound, NotPermitted: There is none, or the person does not keep the register.
        Conflict: Stale, or it is not listed.
    """
    with transaction.atomic():
        row = _locked(actor, public_id, version)
        if row.listed_at is None:
            raise errors.Conflict(gettext_noop("It is not listed."), code="not-listed")
        changed(row, presented_at=clock.now())
        _record(actor, row, "present", {"title": row.title}, public=True)
    return row


def _checked(title: str, mark: str, criteria: Mapping[str, str], sheet: Sheet) -> dict[str, Any]:
    if not title.strip() or len(title) > LONGEST_TITLE:
        raise errors.InputError(gettext_noop("Please write this down."), code="empty", field="title")
    return {
        "title": title.strip(),
        "mark": rules.check_mark(mark).value,
        "criteria": rules.check_criteria(criteria),
        "sheet": rules.check_sheet(sheet),
    }


def _locked(actor: User, public_id: str, version: int | None = None) -> Flagship:
    rows = Flagship.objects.select_for_update(of=("self",)).select_related("organisation")
    row = rows.filter(public_id=public_id).first()
    authority = organisations.authority_of(actor)
    if row is None or not queries.kept_by(authority).filter(pk=row.pk).exists():
        raise errors.NotFound(gettext_noop("There is no such project."), code="unknown-flagship")
    if version is not None and row.version != version:
        raise stale()
    return row


def _record(
    actor: User,
    row: Flagship,
    verb: str,
    content: dict[str, Any],
    *,
    reason: str = "",
    public: bool = False,
) -> None:
    ledger.record(
        actor=actor.as_actor(),
        action=f"flagship.{verb}",
        subject=Subject("flagship", row.public_id, row.title[:200]),
        content=content,
        reason=reason.strip(),
        public=public,
    )
