"""Keep a spreadsheet between its preview and its taking over; take it over wholly or not at all."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries
from mehvar.organisations.actions import record
from mehvar.organisations.actions.sheets.planning import Change, Plan, first_failure, plan_sheet
from mehvar.organisations.models import SheetImport
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.organisations.rules.sheets import CellError, SheetKind, read_table

if TYPE_CHECKING:
    from mehvar.accounts.models import User

PERMISSION_FOR = {
    SheetKind.ORGANISATIONS: Permission.MANAGE_ORGANISATIONS,
    SheetKind.NAMES: Permission.MANAGE_ORGANISATIONS,
    SheetKind.POSITIONS: Permission.MANAGE_PEOPLE,
}


class _Refused(Exception):  # noqa: N818 - it only carries the errors out of the transaction
    """Carry what rows were refused out of the transaction that is rolled back."""

    def __init__(self, found: list[CellError]) -> None:
        super().__init__()
        self.found = found


def hand_in_sheet(actor: User, *, kind: SheetKind, file_name: str, content: bytes) -> SheetImport:
    """Read a spreadsheet and keep it for its preview; nothing of the register changes.

    Raises:
        NotPermitted: The actor administers nothing of the kind.
        InputError: The file is empty, broken or not UTF-8.
        LimitExceeded: It is too large or has too many rows.
    """
    permissions.require(queries.authority_of(actor), PERMISSION_FOR[kind])
    rows = read_table(content)
    return SheetImport.objects.create(
        user=actor,
        kind=kind,
        file_name=file_name[:200],
        digest=hashlib.sha256(content).hexdigest(),
        rows=rows,
        created_at=clock.now(),
    )


def plan_of(actor: User, sheet: SheetImport) -> Plan:
    """Work out what a sheet that was handed in would change now."""
    return plan_sheet(actor, SheetKind(sheet.kind), sheet.rows)


def commit_sheet(actor: User, sheet_id: int) -> Plan:
    """Take a sheet over: every row, or none when one is refused (the plan then carries the errors).

    Raises:
        NotFound: The actor handed in no such sheet.
        Conflict: It was taken over already.
    """
    plan = None
    try:
        with transaction.atomic():
            sheet = SheetImport.objects.select_for_update().filter(pk=sheet_id, user=actor).first()
            if sheet is None:
                raise errors.NotFound("There is no such sheet.", code="unknown-sheet")
            if sheet.committed_at is not None:
                raise errors.Conflict("This sheet was taken over already.", code="already-done")
            plan = plan_of(actor, sheet)
            if plan.errors:
                return plan
            _do_all(actor, plan.changes)
            _record(actor, sheet, plan)
    except _Refused as refused:
        assert plan is not None  # noqa: S101 - refused rows come from a plan
        return Plan(plan.kind, plan.rows, plan.changes, tuple(refused.found))
    return plan


def _do_all(actor: User, changes: tuple[Change, ...]) -> None:
    """Make every change; gather the rows that are refused."""
    found: list[CellError] = []
    for change in changes:
        try:
            with transaction.atomic():
                change.do(actor)
        except errors.MehvarError as refusal:
            found.append(first_failure(change, refusal))
    if found:
        raise _Refused(found)


def _record(actor: User, sheet: SheetImport, plan: Plan) -> None:
    """Enter the taking over in the ledger and drop the rows, which now stand in the register."""
    SheetImport.objects.filter(pk=sheet.pk).update(committed_at=clock.now(), rows=[])
    ledger.record(
        actor=record.actor_of(actor),
        action="sheet.taken-over",
        subject=Subject("sheet", str(sheet.pk), sheet.file_name),
        content={
            "kind": plan.kind.value,
            "sha256": sheet.digest,
            "created": plan.created,
            "updated": plan.updated,
            "unchanged": plan.unchanged,
        },
    )
