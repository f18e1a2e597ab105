"""Read imports of spreadsheets: where a list belongs, who may hand one in, how far an import has come, what it found.

An import is seen by the person who handed it in, and by nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from mehvar.kernel import clock
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.data import RowResult, SheetKind, SheetState
from mehvar.programmes.models import SheetImport, SheetImportRow
from mehvar.programmes.queries import plans, programmes, progress
from mehvar.programmes.rules.plans import CHANGEABLE

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

OPEN_STATES = (SheetState.QUEUED, SheetState.CHECKING, SheetState.ACCEPTED, SheetState.APPLYING)
CHECK_STATES = (SheetState.QUEUED, SheetState.CHECKING, SheetState.CHECKED)

_MAY_HAND_IN = {
    SheetKind.OBSTACLES: (Permission.RAISE_OBSTACLE, Permission.HANDLE_OBSTACLE),
    SheetKind.MEETINGS: (Permission.MANAGE_STAKEHOLDERS,),
    SheetKind.COMMITMENTS: (Permission.MANAGE_STAKEHOLDERS,),
    SheetKind.PROPOSALS: (Permission.PROPOSE, Permission.ANSWER_PROPOSAL),
    SheetKind.PROGRAMMES: (Permission.MANAGE_PROGRAMMES,),
    SheetKind.CALLS: (Permission.CALL_FOR_PLANS,),
    SheetKind.ROUNDS: (Permission.MANAGE_PROGRAMMES,),
    SheetKind.FLAGSHIPS: (Permission.MANAGE_FLAGSHIPS,),
    SheetKind.RECOGNITION: (Permission.AWARD_RECOGNITION,),
}


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """Hold where a list belongs: the key, public id and words of its programme, call or round (none for the room's own lists).

    ``may_hand_in`` says whether the person may change anything by it; ``currency`` is that of amounts without one.
    """

    kind: SheetKind
    subject: str = ""
    pk: int = 0
    label: str = ""
    may_hand_in: bool = False
    currency: str = ""
    calendar: str = ""


def place_of(authority: Authority, kind: SheetKind, subject: str) -> SheetPlace:
    """Find where a list belongs, for a person who may see it.

    Raises:
        NotFound: There is no such programme, call or round, or not for this person.
        NotPermitted: The person sees nothing of this kind.
    """
    permissions.require(authority, Permission.VIEW_PROGRESS)
    if kind is SheetKind.MEASURES:
        return _of_programme(authority, subject)
    if kind is SheetKind.PLAN_ITEMS:
        return _of_call(authority, subject)
    if kind is SheetKind.REPORTS:
        return _of_round(authority, subject)
    if subject:
        raise NotFound(gettext_noop("There is no such list."), code="unknown-list")
    if kind is SheetKind.FLAGSHIPS:  # what is listed is public, drafts are the keepers' alone
        permissions.require(authority, Permission.MANAGE_FLAGSHIPS)
    allowed = any(permissions.allows(authority, one) for one in _MAY_HAND_IN[kind])
    return SheetPlace(kind, may_hand_in=allowed)


def _of_programme(authority: Authority, subject: str) -> SheetPlace:
    row = programmes.visible_programme(authority, subject)
    allowed = programmes.may_manage(authority, row) and row.state in CHANGEABLE
    return SheetPlace(SheetKind.MEASURES, row.public_id, row.pk, row.title, allowed, calendar=row.calendar)


def _of_call(authority: Authority, subject: str) -> SheetPlace:
    row = plans.visible_call(authority, subject)
    allowed = row.closed_at is None and plans.fileable_plans(authority).filter(call=row).exists()
    currency = str(row.template.get("currency", ""))
    return SheetPlace(SheetKind.PLAN_ITEMS, row.public_id, row.pk, row.title, allowed, currency)


def _of_round(authority: Authority, subject: str) -> SheetPlace:
    row = progress.visible_round(authority, subject)
    about = row.directive or row.programme
    label = f"{row.period} · {about.title}" if about else row.period
    allowed = progress.requests_for(authority).filter(round=row).exists()
    return SheetPlace(SheetKind.REPORTS, row.public_id, row.pk, label, allowed)


def imports_of(user_id: int) -> QuerySet[SheetImport]:
    """Give the imports that a person handed in, the latest first."""
    return SheetImport.objects.filter(uploaded_by_id=user_id).order_by("-uploaded_at", "-pk")


def import_of(user_id: int, public_id: str) -> SheetImport:
    """Give one import of a person's own.

    Raises:
        NotFound: There is none, or it is somebody else's.
    """
    found = imports_of(user_id).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such import."), code="unknown-import")
    return found


def rows_told(sheet: SheetImport, result: RowResult | None = None) -> QuerySet[SheetImportRow]:
    """Give what there is to tell of an import's rows in its present phase, in the order of the sheet."""
    rows = sheet.rows.filter(is_check=sheet.state in CHECK_STATES or sheet.accepted_at is None)
    return rows.filter(result=result) if result else rows


def counts(sheet: SheetImport) -> dict[RowResult, int]:
    """Give how many rows came to each result in the present phase."""
    return {result: int(getattr(sheet, result.value)) for result in RowResult}


@dataclass(frozen=True, slots=True)
class Pace:
    """Hold how fast an import goes: rows a second since its worker began, and the seconds left; None where unknown."""

    elapsed_s: int
    rate: float | None
    left_s: int | None


def pace_of(sheet: SheetImport, at: datetime | None = None) -> Pace:
    """Work out how fast an import goes."""
    now = at or sheet.finished_at or clock.now()
    if sheet.began_at is None:
        return Pace(max(0, round((now - sheet.uploaded_at).total_seconds())), None, None)
    elapsed = max((now - sheet.began_at).total_seconds(), 0.001)
    settled = sheet.done - sheet.began_with
    rate = settled / elapsed if settled > 0 else None
    left = round((sheet.total - sheet.done) / rate) if rate else None
    return Pace(round(elapsed), rate, left)


def rows_by_number(sheet: SheetImport, numbers: list[int]) -> dict[int, dict[str, Any]]:
    """Give what is told of some rows, by their number; one query."""
    rows = rows_told(sheet).filter(number__in=numbers).values("number", "result", "key", "notes")
    return {row["number"]: dict(row) for row in rows}
