"""Ask a file of questions: checked whole first, then row by row in the background, each row exactly one question.

Every row has its X-Road-Id from the moment the file is taken. A process that dies leaves one row in the middle: when its method may be
repeated, the same question goes out again under the same number; when not, the row says that its outcome is unknown.
"""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from mehvar.exchange.actions import inquiries, record, telling
from mehvar.exchange.data.errors import ErrorType
from mehvar.exchange.data.inquiries import BatchState, InquiryState
from mehvar.exchange.models import Inquiry, InquiryAuthorisation, InquiryBatch
from mehvar.exchange.queries import catalogue
from mehvar.exchange.queries import inquiries as queries
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules import inquiries as rules
from mehvar.exchange.rules import operations, questions
from mehvar.exchange.rules.inquiries import CheckedFile
from mehvar.kernel import clock, events, identifiers
from mehvar.kernel.errors import Conflict, NotFound, gettext_noop
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mehvar.accounts.models import User
    from mehvar.exchange.data.operations import Question

QUEUED_EVENT = "exchange.inquiries-queued"
SILENT_FOR = timedelta(seconds=150)
"""A process that shows no life for so long is taken to be dead; a single call ends after 60 seconds."""

TRIES, PAUSE_S = 5, 1.0
_TRY_LATER = frozenset(
    {
        ErrorType.QUOTA_EXCEEDED,
        ErrorType.OVERLOADED,
        ErrorType.STOPPING,
        ErrorType.CIRCUIT_OPEN,
        ErrorType.LOGGING_FAILED,
        ErrorType.REPLAY_MEMORY_FULL,
    }
)


def take_file(
    actor: User, authorisation: str, operation_id: str, *, data: bytes, filename: str, reference: str
) -> tuple[InquiryBatch | None, CheckedFile]:
    """Check a file and keep it when every row can be asked; nothing is asked yet.

    Raises:
        NotFound, NotPermitted, InputError, LimitExceeded: as `inquiries.ask`, or the file cannot be read.
    """
    row, document, operation = inquiries.usable(actor, authorisation, operation_id)
    found = rules.read_file(data, questions.asks_of(document, operation))
    if found.faults:
        return None, found
    common = inquiries.fields_of(row, operation, reference)
    with transaction.atomic():
        inquiries.reserve(row, len(found.rows))
        batch = InquiryBatch.objects.create(
            public_id=identifiers.new_public_id("file"),
            authorisation=row,
            operation=operation.id,
            reference=common["reference"],
            filename=_plain(filename),
            total=len(found.rows),
            day=common["day"],
            created_at=clock.now(),
            expires_at=common["expires_at"],
        )
        Inquiry.objects.bulk_create(_rows(batch, common, found.rows), batch_size=500)
        record.note(
            actor, "inquiry.take-file", subject_of(batch), {"rows": batch.total, "operation": batch.operation}
        )
    return batch, found


def subject_of(batch: InquiryBatch) -> Subject:
    """Name a file of questions as the ledger's subject."""
    return Subject("inquiry-file", batch.public_id, batch.filename[:200])


def _plain(filename: str) -> str:
    name = PurePath(filename.replace("\\", "/")).name
    return "".join(letter for letter in name if letter.isprintable())[:255] or "questions"


def _rows(
    batch: InquiryBatch, common: Mapping[str, Any], rows: tuple[Mapping[str, Any], ...]
) -> list[Inquiry]:
    shared = {**common, "batch": batch, "state": InquiryState.WAITING}
    return [
        Inquiry(
            **{
                **shared,
                "public_id": f"{batch.public_id}-{number}",
                "message_id": f"mehvar-{batch.public_id}-{number}",
                "number": number,
                "values": dict(values),
            }
        )
        for number, values in enumerate(rows, start=1)
    ]


def start(actor: User, public_id: str) -> InquiryBatch:
    """Let the questions of a checked file be asked.

    Raises:
        NotFound: no such file of this person.
        Conflict: it was started or dropped.
        InputError, NotPermitted: the authorisation no longer holds.
    """
    batch = queries.own_batch(organisations.authority_of(actor), public_id)
    inquiries.usable(actor, batch.authorisation.public_id, batch.operation)
    with transaction.atomic():
        started = InquiryBatch.objects.filter(pk=batch.pk, state=BatchState.CHECKED).update(
            state=BatchState.RUNNING,
            started_at=clock.now(),
            expires_at=clock.now() + timedelta(hours=settings.MEHVAR_EXCHANGE_KEPT_HOURS),
        )
        if not started:
            raise Conflict(gettext_noop("This file was started or dropped already."), code="started")
        record.note(actor, "inquiry.start-file", subject_of(batch), {"rows": batch.total})
        transaction.on_commit(partial(events.publish, QUEUED_EVENT, public_id=public_id))
    batch.refresh_from_db()
    return batch


def cancel(actor: User, public_id: str) -> InquiryBatch:
    """Ask no more of a file; what was asked stays, what waits no longer counts.

    Raises:
        NotFound: no such file of this person.
        Conflict: it is done.
    """
    batch = queries.own_batch(organisations.authority_of(actor), public_id)
    with transaction.atomic():
        _stop(batch, note="", states=(BatchState.CHECKED, BatchState.RUNNING))
        record.note(actor, "inquiry.cancel-file", subject_of(batch), {})
    return batch


def _stop(batch: InquiryBatch, *, note: str, states: tuple[str, ...]) -> None:
    stopped = InquiryBatch.objects.filter(pk=batch.pk, state__in=states).update(
        state=BatchState.CANCELLED, finished_at=clock.now(), note=note[:500]
    )
    if not stopped:
        raise Conflict(gettext_noop("This file is done."), code="done")
    Inquiry.objects.filter(batch=batch, state=InquiryState.WAITING).update(
        state=InquiryState.DROPPED, values={}
    )
    batch.refresh_from_db()


def resume_batches() -> int:
    """Hand files whose process died, or that were paused, to the workers again; return how many."""
    silent = Q(heartbeat_at=None) | Q(heartbeat_at__lt=clock.now() - SILENT_FOR)
    found = list(
        InquiryBatch.objects.filter(silent, state=BatchState.RUNNING).values_list("public_id", flat=True)
    )
    for public_id in found:
        events.publish(QUEUED_EVENT, public_id=public_id)
    return len(found)


def run_batch(public_id: str) -> None:
    """Ask the rows of a file that are not asked yet; does nothing when another process is at it."""
    batch = _claimed(public_id)
    if batch is None:
        return
    document, why_not = _description(batch)
    if why_not:
        _stop(batch, note=why_not, states=(BatchState.RUNNING,))
        return
    while (row := _next(batch)) is not None:
        if not _is_mine(batch) or not _holds(batch) or not _work(row, document):
            _release(batch)
            return
    _finish(batch)


def _claimed(public_id: str) -> InquiryBatch | None:
    """Become the process that works on a file, unless one is alive."""
    silent = Q(heartbeat_at=None) | Q(heartbeat_at__lt=clock.now() - SILENT_FOR)
    taken = InquiryBatch.objects.filter(silent, public_id=public_id, state=BatchState.RUNNING).update(
        attempt=F("attempt") + 1, heartbeat_at=clock.now()
    )
    if not taken:
        return None
    return InquiryBatch.objects.get(public_id=public_id)


def _description(batch: InquiryBatch) -> tuple[Mapping[str, Any], str]:
    row = queries.authorisations().get(pk=batch.authorisation_id)
    if not queries.inquires_for(organisations.authority_of(row.officer), row):
        return {}, inquiries.MOVED
    can = queries.askable(row)
    covered = any(one.id == batch.operation for one in can.operations)
    why_not = can.why_not or (
        "" if covered else gettext_noop("Your authorisation does not cover this operation.")
    )
    return can.document, why_not


def _next(batch: InquiryBatch) -> Inquiry | None:
    """Give the first row that is not settled; one that was in the middle comes before those that wait."""
    rows = Inquiry.objects.filter(batch=batch, state__in=(InquiryState.ASKING, InquiryState.WAITING))
    related = [f"authorisation__{name}" for name in queries.RELATED]
    return rows.select_related(*related).order_by("state", "number").first()


def _is_mine(batch: InquiryBatch) -> bool:
    """Show life; False when the file was cancelled or another process took over."""
    mine = InquiryBatch.objects.filter(pk=batch.pk, state=BatchState.RUNNING, attempt=batch.attempt)
    return bool(mine.update(heartbeat_at=clock.now()))


def _holds(batch: InquiryBatch) -> bool:
    """Tell whether the authorisation still holds; if not, the rest of the file is dropped."""
    holding = InquiryAuthorisation.objects.filter(
        pk=batch.authorisation_id, ended_at=None, valid_until__gte=today(), right__revoked_at=None
    )
    if holding.exists():
        return True
    _stop(batch, note=gettext_noop("Your authorisation does not hold today."), states=(BatchState.RUNNING,))
    return False


def _work(row: Inquiry, document: Mapping[str, Any]) -> bool:
    """Ask one row and store what came back; False when the file should wait for a better moment."""
    question = questions.question_of(operations.operation_of(document, row.operation), row.values)
    if row.state == InquiryState.ASKING and question.method not in rules.IDEMPOTENT:
        Inquiry.objects.filter(pk=row.pk).update(state=InquiryState.UNKNOWN, answered_at=clock.now())
        return True
    _begin(row, question)
    for attempt in range(TRIES):
        not_sent = inquiries.send_row(row, question)
        if not_sent or row.error in _TRY_LATER:
            _put_back(row)
            if not_sent:
                return False
            time.sleep(PAUSE_S * (attempt + 1))
            continue
        return True
    return False


def _begin(row: Inquiry, question: Question) -> None:
    """Put a row on record before it is asked, once however often it is tried."""
    with transaction.atomic():
        is_first = Inquiry.objects.filter(pk=row.pk, asked_at=None).update(asked_at=clock.now())
        Inquiry.objects.filter(pk=row.pk).update(state=InquiryState.ASKING)
        if is_first:
            inquiries.put_on_record(row.authorisation.officer, row, question)
    row.refresh_from_db(fields=["state", "asked_at"])


def _put_back(row: Inquiry) -> None:
    """Let a row that was certainly not carried out wait again; its number and its record stay."""
    row.state, row.status, row.answered_at = InquiryState.WAITING, None, None
    row.save(update_fields=["state", "status", "answered_at"])


def _release(batch: InquiryBatch) -> None:
    """Let another process go on at the next round."""
    InquiryBatch.objects.filter(pk=batch.pk, attempt=batch.attempt).update(heartbeat_at=None)


def _finish(batch: InquiryBatch) -> None:
    with transaction.atomic():
        done = InquiryBatch.objects.filter(
            pk=batch.pk, state=BatchState.RUNNING, attempt=batch.attempt
        ).update(
            state=BatchState.DONE,
            finished_at=clock.now(),
            heartbeat_at=None,
            expires_at=clock.now() + timedelta(hours=settings.MEHVAR_EXCHANGE_KEPT_HOURS),
        )
        if not done:
            return
        Inquiry.objects.filter(batch=batch).update(
            expires_at=clock.now() + timedelta(hours=settings.MEHVAR_EXCHANGE_KEPT_HOURS)
        )
        telling.tell(
            [batch.authorisation.officer_id],
            key=f"file:{batch.public_id}",
            message=gettext_noop(
                "The questions of “{file}” have been asked; the answers can be fetched for a short while."
            ),
            path=f"/exchange/inquiries/files/{batch.public_id}/",
            file=batch.filename,
        )


def answers_of(actor: User, public_id: str) -> tuple[InquiryBatch, list[Inquiry]]:
    """Give the rows of a file that is settled and not yet forgotten.

    Raises:
        NotFound: no such file of this person, or its answers are forgotten.
        Conflict: it is still at work.
    """
    batch = queries.own_batch(organisations.authority_of(actor), public_id)
    if batch.state == BatchState.EXPIRED or batch.expires_at <= clock.now():
        raise NotFound(gettext_noop("The answers of this file are no longer kept."), code="forgotten")
    if batch.state not in {BatchState.DONE, BatchState.CANCELLED}:
        raise Conflict(gettext_noop("The questions are still being asked."), code="at-work")
    return batch, list(batch.rows.order_by("number"))


def description_of(batch: InquiryBatch) -> Mapping[str, Any]:
    """Give the description of the service that a file asks."""
    found = catalogue.description_of(batch.authorisation.right.service)
    return found.document if found else {}
