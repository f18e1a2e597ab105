"""Take a spreadsheet in, let it be checked, take it over when that is confirmed, stop it, and let it go on."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from functools import partial
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, cast

from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from mehvar.directives.queries.days import today
from mehvar.kernel import clock, events
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import Conflict, NotPermitted
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries as organisations
from mehvar.programmes.data import SheetKind, SheetState
from mehvar.programmes.models import SheetImport
from mehvar.programmes.queries import imports as queries
from mehvar.programmes.rules import imports as rules
from mehvar.programmes.rules.lines import Writing

if TYPE_CHECKING:
    from mehvar.accounts.models import User

QUEUED_EVENT = "programmes.sheet-queued"
SILENT_AFTER = timedelta(seconds=90)
"""A worker that is silent for longer is taken to be dead; it tells of itself after every portion of rows."""

_RUNNING = (SheetState.CHECKING, SheetState.APPLYING)


def hand_in(
    actor: User,
    kind: SheetKind,
    *,
    subject: str = "",
    file_name: str,
    content: bytes | rules.Source,
    language: str,
    calendar: Calendar,
    submit: bool = False,
) -> SheetImport:
    """Keep a spreadsheet and let it be checked in the background; nothing changes before that is confirmed.

    The file is gone through at once, so that one that is no table of this list, broken further down or too long is refused before
    anything is kept. A file is read as it stands and not held in memory (a workbook is).

    Raises:
        NotFound, NotPermitted: There is no such list for this person, or the person changes nothing in it.
        InputError: The file cannot be read, or has not the columns.
        LimitExceeded: It is too large or has too many rows.
    """
    place = queries.place_of(organisations.authority_of(actor), kind, subject)
    if not place.may_hand_in:
        raise NotPermitted(gettext_noop("Your role does not permit this here."), code="not-permitted")
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    found = rules.find_table(rules.open_table(source, rules.most_rows(kind)), kind, language)
    total = rules.count_rows(found, kind)
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    sheet = SheetImport(
        kind=kind,
        subject=place.subject,
        filename=_plain_name(file_name),
        sha256=hashlib.file_digest(source, "sha256").hexdigest(),  # type: ignore[arg-type]  # any file will do
        size=size,
        total=total,
        writing={
            "language": language,
            "calendar": calendar.value,
            "currency": place.currency,
            "today": today().isoformat(),
        },
        options={"submit": submit and kind is SheetKind.REPORTS},
        findings={"ignored": list(found.ignored)[:20]},
        uploaded_by=actor,
        uploaded_at=clock.now(),
    )
    with transaction.atomic():
        sheet.file.save(
            f"{sheet.sha256}{PurePath(sheet.filename).suffix[:6]}",
            File(cast("IO[bytes]", source)),
            save=False,
        )
        sheet.save()
        record(actor.as_actor(), "sheet.hand_in", sheet, {"kind": kind.value, "subject": place.subject})
        _queue(sheet)
    return sheet


def writing_of(sheet: SheetImport) -> Writing:
    """Give how the person who handed a sheet in writes."""
    from datetime import date

    said = sheet.writing
    return Writing(
        said["language"], Calendar(said["calendar"]), said["currency"], date.fromisoformat(said["today"])
    )


def _plain_name(name: str) -> str:
    last = PurePath(name.replace("\\", "/")).name
    return "".join(sign for sign in last if sign.isprintable())[:255] or "sheet"


def _queue(sheet: SheetImport) -> None:
    transaction.on_commit(partial(events.publish, QUEUED_EVENT, public_id=sheet.public_id))


def accept_import(actor: User, public_id: str) -> SheetImport:
    """Take a checked sheet over, in the background; doing it again changes nothing.

    Raises:
        NotFound: There is none of this person's own.
        NotPermitted: The person may no longer change anything in the list.
        Conflict: It is not checked yet, was cancelled, or failed.
    """
    with transaction.atomic():
        sheet = _locked(actor, public_id)
        if sheet.accepted_at is not None and sheet.state != SheetState.CANCELLED:
            return sheet
        if sheet.state != SheetState.CHECKED:
            raise Conflict(gettext_noop("The file is not checked yet, or was stopped."), code="not-checked")
        place = queries.place_of(organisations.authority_of(actor), SheetKind(sheet.kind), sheet.subject)
        if not place.may_hand_in:
            raise NotPermitted(gettext_noop("Your role does not permit this here."), code="not-permitted")
        sheet.findings["check"] = {result.value: number for result, number in queries.counts(sheet).items()}
        sheet.state, sheet.accepted_at = SheetState.ACCEPTED, clock.now()
        sheet.done = sheet.created = sheet.updated = sheet.unchanged = sheet.refused = 0
        sheet.began_at, sheet.heartbeat_at, sheet.finished_at = None, None, None
        sheet.save()
        record(actor.as_actor(), "sheet.accept", sheet, {"rows": sheet.total})
        _queue(sheet)
    return sheet


def cancel_import(actor: User, public_id: str) -> SheetImport:
    """Stop an import: the portion at work is ended, no further one begins; rows taken over so far stay.

    Raises:
        NotFound: There is none of this person's own.
        Conflict: It is over already.
    """
    with transaction.atomic():
        sheet = _locked(actor, public_id)
        if sheet.state not in (*queries.OPEN_STATES, SheetState.CHECKED):
            raise Conflict(gettext_noop("The import is over already."), code="import-over")
        sheet.state, sheet.finished_at = SheetState.CANCELLED, clock.now()
        sheet.save(update_fields=["state", "finished_at"])
        record(actor.as_actor(), "sheet.cancel", sheet, {"done": sheet.done, "rows": sheet.total})
    return sheet


def resume_import(actor: User, public_id: str) -> SheetImport:
    """Let an import go on where it stopped: one whose worker died, that failed, or that was cancelled.

    Raises:
        NotFound: There is none of this person's own.
        Conflict: A worker is at it, or it is over.
    """
    with transaction.atomic():
        sheet = _locked(actor, public_id)
        stopped = sheet.state in {SheetState.CANCELLED, SheetState.FAILED}
        if not stopped and not (sheet.state in queries.OPEN_STATES and is_silent(sheet)):
            raise Conflict(gettext_noop("The import is at work, or is over already."), code="not-stopped")
        if stopped:
            sheet.state = SheetState.ACCEPTED if sheet.accepted_at else SheetState.QUEUED
            sheet.error, sheet.finished_at, sheet.heartbeat_at = {}, None, None
            sheet.save()
        record(actor.as_actor(), "sheet.resume", sheet, {"done": sheet.done, "rows": sheet.total})
        _queue(sheet)
    return sheet


def _locked(actor: User, public_id: str) -> SheetImport:
    found = queries.import_of(actor.pk, public_id)
    return SheetImport.objects.select_for_update().get(pk=found.pk)


def silent() -> Q:
    """Build the condition that nobody is heard of any more who works at an import."""
    before = clock.now() - SILENT_AFTER
    return Q(heartbeat_at__lt=before) | Q(heartbeat_at=None, uploaded_at__lt=before)


def is_silent(sheet: SheetImport) -> bool:
    """Tell whether an import waits for a worker that is not heard of any more."""
    return (sheet.heartbeat_at or sheet.accepted_at or sheet.uploaded_at) < clock.now() - SILENT_AFTER


def resume_silent_imports() -> int:
    """Queue every import again whose worker died, as a worker does every minute; give how many."""
    rows = SheetImport.objects.filter(silent(), state__in=queries.OPEN_STATES)
    waiting = list(rows.values_list("public_id", flat=True))
    for public_id in waiting:
        events.publish(QUEUED_EVENT, public_id=public_id)
    return len(waiting)


def record(actor: Actor, action: str, sheet: SheetImport, facts: dict[str, Any]) -> None:
    """Put a step of an import on record, as the last thing of its transaction."""
    ledger.record(
        actor=actor,
        action=action,
        subject=Subject("sheet-import", sheet.public_id, sheet.filename[:200]),
        content={"sha256": sheet.sha256, **facts},
    )
