"""Run an import: claim it, read the file as it goes, settle portion after portion, and leave each portion whole behind.

The check settles every row in a transaction that is then taken back, so that it finds exactly what taking over would find.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.kernel import clock, events
from mehvar.kernel.errors import MehvarError
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions.imports import jobs
from mehvar.programmes.actions.imports.lists import WORK
from mehvar.programmes.actions.imports.work import Outcome, Run, SheetWork
from mehvar.programmes.data import RowResult, SheetKind, SheetState
from mehvar.programmes.models import SheetImport, SheetImportRow
from mehvar.programmes.queries import imports as queries
from mehvar.programmes.rules import imports as rules
from mehvar.programmes.rules.imports import ReadRow

log = logging.getLogger(__name__)
FINISHED_EVENT = "programmes.sheet-finished"
TELL_AFTER = timedelta(seconds=15)
CHECKED = gettext_noop(
    "“{file}” is checked: it would change {changed} rows; {refused} are refused. Decide whether it is taken over."
)
TAKEN_OVER = gettext_noop("“{file}” is taken over: {changed} rows changed; {refused} were refused.")
_AFTER = {SheetState.CHECKING: SheetState.CHECKED, SheetState.APPLYING: SheetState.DONE}


class _LostClaim(Exception):  # noqa: N818 - says what happened; nobody is at fault
    """Stop, because the import was cancelled or another worker took it over."""


def run_import(public_id: str) -> SheetImport | None:
    """Check a sheet, or take it over, as its worker; give None when it is over, stopped or in another worker's hands."""
    sheet = _claim(public_id)
    if sheet is None:
        return None
    try:
        _work(sheet)
    except _LostClaim:
        return None
    except MehvarError as error:
        _fail(sheet, error.message, error.code, dict(error.params))
    except Exception:
        log.exception("the import %s stopped", public_id)
        _fail(
            sheet,
            gettext_noop("Something failed here. What was taken over so far stays; the import can go on."),
            "internal-error",
            {},
        )
    sheet.refresh_from_db()
    return sheet


def _claim(public_id: str) -> SheetImport | None:
    """Become the worker of an import that has none alive."""
    now = clock.now()
    for waiting, working in (
        (SheetState.QUEUED, SheetState.CHECKING),
        (SheetState.ACCEPTED, SheetState.APPLYING),
    ):
        free = Q(state=waiting) | (Q(state=working) & jobs.silent())
        claimed = SheetImport.objects.filter(free, public_id=public_id).update(
            state=working, attempt=F("attempt") + 1, heartbeat_at=now, began_at=now, began_with=F("done")
        )
        if claimed:
            return SheetImport.objects.select_related("uploaded_by").get(public_id=public_id)
    return None


def _work(sheet: SheetImport) -> None:
    work, run = WORK[SheetKind(sheet.kind)], _run_of(sheet)
    if not _mine(sheet).update(heartbeat_at=clock.now()):
        raise _LostClaim
    with sheet.file.open("rb") as source:
        rows = islice(work.ordered(_read(sheet, source)), sheet.done, None)
        for portion in work.portions(rows):
            _settle(sheet, work, run, portion)
    _finish(sheet)


def _read(sheet: SheetImport, source: rules.Source) -> Iterator[ReadRow]:
    kind, writing = SheetKind(sheet.kind), jobs.writing_of(sheet)
    found = rules.find_table(rules.open_table(source, rules.most_rows(kind)), kind, writing.language)
    return rules.read_rows(found, kind, writing)


def _run_of(sheet: SheetImport) -> Run:
    """Ask again what the person may do, each time that a worker begins."""
    authority = organisations.authority_of(sheet.uploaded_by)
    place = queries.place_of(authority, SheetKind(sheet.kind), sheet.subject)
    return Run(sheet, sheet.uploaded_by, authority, place, jobs.writing_of(sheet))


def _mine(sheet: SheetImport) -> Any:
    """Select the import as long as this worker's claim holds."""
    return SheetImport.objects.filter(pk=sheet.pk, state=sheet.state, attempt=sheet.attempt)


def _settle(sheet: SheetImport, work: SheetWork, run: Run, portion: Sequence[ReadRow]) -> None:
    """Settle one portion and count it, in one transaction; for a check nothing but the count stays."""
    with transaction.atomic():
        if not _mine(sheet).update(heartbeat_at=clock.now()):
            raise _LostClaim
        with transaction.atomic(), organisations.register_held():
            outcomes = work.apply(run, portion)
            transaction.set_rollback(sheet.state == SheetState.CHECKING)
        _keep(sheet, portion, outcomes)
    sheet.done += len(portion)


def _keep(sheet: SheetImport, portion: Sequence[ReadRow], outcomes: Sequence[Outcome]) -> None:
    """Store what became of the rows, and how far the import has come."""
    told = [
        SheetImportRow(
            sheet=sheet,
            is_check=sheet.state == SheetState.CHECKING,
            number=row.number,
            result=outcome.result,
            key=outcome.key,
            notes=[asdict(note) for note in (*row.notes, *((outcome.note,) if outcome.note else ()))],
        )
        for row, outcome in zip(portion, outcomes, strict=True)
        if row.notes or outcome.note or outcome.result is not RowResult.UNCHANGED
    ]
    SheetImportRow.objects.bulk_create(told, batch_size=500)
    counted = Counter(outcome.result.value for outcome in outcomes)
    _mine(sheet).update(
        done=F("done") + len(portion),
        heartbeat_at=clock.now(),
        **{result.value: F(result.value) + counted[result.value] for result in RowResult},
    )


def _finish(sheet: SheetImport) -> None:
    """Say that the phase is over; only what was taken over is put on record and told."""
    with transaction.atomic():
        ended = _mine(sheet).update(state=_AFTER[SheetState(sheet.state)], finished_at=clock.now())
        if not ended:
            raise _LostClaim
        is_check = sheet.state == SheetState.CHECKING
        sheet.refresh_from_db()
        _tell(sheet, CHECKED if is_check else TAKEN_OVER)
        if not is_check:
            facts = {result.value: number for result, number in queries.counts(sheet).items()}
            jobs.record(sheet.uploaded_by.as_actor(), "sheet.finish", sheet, facts)
            transaction.on_commit(partial(events.publish, FINISHED_EVENT, public_id=sheet.public_id))


def _tell(sheet: SheetImport, message: str) -> None:
    """Tell the person, who has gone on to other things where it took long."""
    began = sheet.accepted_at or sheet.uploaded_at
    if clock.now() - began < TELL_AFTER:
        return
    notifications.notify(
        [sheet.uploaded_by_id],
        kind="sheet-import",
        key=f"sheet-{sheet.public_id}-{sheet.state}",
        message=message,
        params={
            "file": sheet.filename[:120],
            "changed": sheet.created + sheet.updated,
            "refused": sheet.refused,
        },
        path=f"/programmes/imports/{sheet.public_id}/",
    )


def _fail(sheet: SheetImport, message: str, code: str, params: dict[str, Any]) -> None:
    """Keep why an import stopped; it can go on from where it stopped."""
    said = {name: value if isinstance(value, int | float) else str(value) for name, value in params.items()}
    _mine(sheet).update(
        state=SheetState.FAILED,
        error={"message": message, "code": code, "params": said},
        finished_at=clock.now(),
    )
