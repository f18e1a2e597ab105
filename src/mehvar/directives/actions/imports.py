"""Import a document: take it in, read it once, store what was found, or say in one sentence why not.

Small documents are read while the person waits; larger ones by a worker. A reader *claims* the document by raising its
``attempt`` and stores its result only while that claim holds, so that a crash, a second worker or a cancellation never
leads to a directive twice or to half of one.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, Q

from mehvar.directives.actions import intake, lifecycle
from mehvar.directives.data import ImportState
from mehvar.directives.models import Directive, ImportDocument
from mehvar.kernel import clock, events
from mehvar.kernel.errors import Conflict, InputError, LimitExceeded, MehvarError, NotFound, gettext_noop
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.directives.extraction.model import Extraction

INLINE_BYTES = 600_000
"""Documents up to this size are read while the person waits."""

HEARTBEAT_S = 1.0
GRACE_S = 30
"""A reader that is silent for so much longer than reading may take is taken to be dead."""

QUEUED_EVENT = "directives.import-queued"
OPEN_STATES = (ImportState.QUEUED, ImportState.READING)


class ReadingCancelled(MehvarError):  # noqa: N818 - says what happened; nobody is at fault
    """Stop reading because a person cancelled it or another reader took over."""

    status = 409
    default_code = "reading-cancelled"


def import_document(
    actor: User,
    *,
    data: bytes,
    filename: str,
    pack: str,
    issuer_id: int,
    again: bool = False,
    background: bool | None = None,
) -> ImportDocument:
    """Take a document in and read it: at once when it is small, else by a worker (state ``queued``).

    The same bytes for the same issuer give the document that is there already, unless ``again``. A document that
    cannot be read leaves nothing behind. ``background`` forces one of the two ways.

    Raises:
        NotPermitted: The person may not import for the issuer.
        NotFound: The pack or the issuer is unknown.
        InputError: The file cannot be read as a directive.
        LimitExceeded: The file is too large, or reading it took too long.
    """
    issuer = organisations.organisation_by_id(issuer_id)
    permissions.require(organisations.authority_of(actor), Permission.REVIEW_IMPORT, issuer.path)
    _require_size(data)
    digest = hashlib.sha256(data).hexdigest()
    if not again and (known := known_document(digest, issuer_id)):
        return known
    document = ImportDocument(
        filename=_plain_filename(filename),
        sha256=digest,
        size=len(data),
        pack=organisations.pack_of(pack).code,
        issuer=issuer,
        uploaded_by=actor,
        uploaded_at=clock.now(),
    )
    if background or (background is None and len(data) > INLINE_BYTES):
        return _queue(document, data, actor)
    return _read_at_once(document, data, actor)


def known_document(sha256: str, issuer_id: int) -> ImportDocument | None:
    """Give the document with these bytes that was imported for the issuer, if it still counts."""
    return (
        ImportDocument.objects.defer("blocks")
        .filter(sha256=sha256, issuer_id=issuer_id)
        .exclude(state__in=[ImportState.FAILED, ImportState.CANCELLED])
        .order_by("id")
        .last()
    )


def _require_size(data: bytes) -> None:
    if not data:
        raise InputError(gettext_noop("The file is empty."), code="empty-file", field="file")
    if len(data) > settings.MEHVAR_IMPORT_MAX_BYTES:
        raise LimitExceeded(
            gettext_noop("The file has {size} MB; at most {limit} MB can be imported."),
            code="file-too-big",
            field="file",
            size=round(len(data) / 1e6, 1),
            limit=round(settings.MEHVAR_IMPORT_MAX_BYTES / 1e6),
        )


def _plain_filename(filename: str) -> str:
    """Keep the last part of a file's name, without control characters."""
    name = PurePath(filename.replace("\\", "/")).name
    return "".join(letter for letter in name if letter.isprintable())[:255] or "document"


def _queue(document: ImportDocument, data: bytes, actor: User) -> ImportDocument:
    with transaction.atomic():
        document.file.save(
            document.sha256 + PurePath(document.filename).suffix[:12], ContentFile(data), save=False
        )
        document.save()
        _record(actor.as_actor(), "import.queued", document, {})
        transaction.on_commit(partial(events.publish, QUEUED_EVENT, public_id=document.public_id))
    return document


def _read_at_once(document: ImportDocument, data: bytes, actor: User) -> ImportDocument:
    started = time.monotonic()
    extraction = _extract(document, data, progress=None)
    with transaction.atomic():
        document.state, document.attempt = ImportState.READING, 1
        document.file.save(
            document.sha256 + PurePath(document.filename).suffix[:12], ContentFile(data), save=False
        )
        document.save()
        _finish(
            document, extraction, read_ms=round((time.monotonic() - started) * 1000), actor=actor.as_actor()
        )
    return document


def read_document(public_id: str) -> ImportDocument | None:
    """Read a queued document as its worker; give None when it is done, cancelled or in another reader's hands.

    A document whose reader died is read again from the start; nothing of the dead reader's work was stored.
    """
    document = _claim(public_id)
    if document is None:
        return None
    started = time.monotonic()
    try:
        with document.file.open("rb") as source:
            data = source.read()
        extraction = _extract(document, data, progress=_reporter(document))
        with transaction.atomic():
            _finish(
                document,
                extraction,
                read_ms=round((time.monotonic() - started) * 1000),
                actor=document.uploaded_by.as_actor() if document.uploaded_by else Actor.system("import"),
            )
    except ReadingCancelled:
        return None
    except MehvarError as error:
        _fail(document, error)
    return document


def _claim(public_id: str) -> ImportDocument | None:
    """Become the reader of a document that has none alive."""
    now = clock.now()
    free = Q(state=ImportState.QUEUED) | Q(state=ImportState.READING, heartbeat_at__lt=now - stale_after())
    with transaction.atomic():
        claimed = ImportDocument.objects.filter(free, public_id=public_id).update(
            state=ImportState.READING, attempt=F("attempt") + 1, heartbeat_at=now, done=0
        )
    if not claimed:
        return None
    return ImportDocument.objects.select_related("uploaded_by").get(public_id=public_id)


def _reporter(document: ImportDocument) -> Callable[[int, int], None]:
    """Make the function by which extraction tells how far it is; it also notices a cancellation."""
    last = [0.0]

    def report(done: int, total: int) -> None:
        if done < total and time.monotonic() - last[0] < HEARTBEAT_S:
            return
        last[0] = time.monotonic()
        alive = _mine(document).update(done=done, total=total, heartbeat_at=clock.now())
        if not alive:
            raise ReadingCancelled(gettext_noop("Reading the document was cancelled."))

    return report


def _mine(document: ImportDocument) -> Any:
    """Select the document as long as this reader's claim holds."""
    return ImportDocument.objects.filter(pk=document.pk, state=ImportState.READING, attempt=document.attempt)


def _extract(
    document: ImportDocument, data: bytes, *, progress: Callable[[int, int], None] | None
) -> Extraction:
    """Read the bytes in a process of their own, within the limits of the settings."""
    from mehvar.directives import extraction
    from mehvar.directives.extraction.limits import Limits

    limits = Limits(
        file_bytes=settings.MEHVAR_IMPORT_MAX_BYTES, time_s=float(settings.MEHVAR_IMPORT_TIMEOUT_S)
    )
    return extraction.extract_isolated(
        data,
        document.filename,
        register=organisations.register_for(document.pack),
        limits=limits,
        progress=progress,
    )


def _finish(document: ImportDocument, extraction: Extraction, *, read_ms: int, actor: Actor) -> None:
    """Store the directive and hand it to review, unless the claim was lost meanwhile."""
    now = clock.now()
    if not _mine(document).update(heartbeat_at=now):
        raise ReadingCancelled(gettext_noop("Reading the document was cancelled."))
    directive = intake.store(document, extraction)
    document.directive = directive
    document.state = ImportState.REVIEW
    document.blocks = intake.blocks_of(extraction)
    document.findings = intake.findings_of(extraction)
    document.done = document.total = len(extraction.measures)
    document.finished_at, document.read_ms = now, read_ms
    document.save()
    _record_directive(actor, document, directive, measures=len(extraction.measures))


def _record_directive(actor: Actor, document: ImportDocument, directive: Directive, *, measures: int) -> None:
    ledger.record(
        actor=actor,
        action="directive.imported",
        subject=lifecycle.subject_of(directive),
        content={
            "document": document.public_id,
            "sha256": document.sha256,
            "filename": document.filename,
            "measures": measures,
        },
    )
    transaction.on_commit(
        partial(events.publish, "directives.imported", public_id=directive.public_id, measures=measures)
    )


def _fail(document: ImportDocument, error: MehvarError) -> None:
    """Keep why the document could not be read, and nothing else of it."""
    params = {
        name: value if isinstance(value, int | float) else str(value) for name, value in error.params.items()
    }
    changed = _mine(document).update(
        state=ImportState.FAILED,
        error={"message": error.message, "code": error.code, "params": params},
        finished_at=clock.now(),
    )
    if changed:
        document.file.delete(save=False)
    document.refresh_from_db()


def cancel_import(actor: User, public_id: str) -> ImportDocument:
    """Stop the reading of a document; the reader notices within a second and stores nothing.

    Raises:
        NotFound: There is no such document.
        NotPermitted: The person may not import for the issuer.
        Conflict: The document is read already.
    """
    document = _document_for(actor, public_id)
    with transaction.atomic():
        changed = ImportDocument.objects.filter(pk=document.pk, state__in=OPEN_STATES).update(
            state=ImportState.CANCELLED, finished_at=clock.now()
        )
        if not changed:
            raise Conflict(gettext_noop("The document is not being read any more."), code="not-reading")
        _record(actor.as_actor(), "import.cancelled", document, {})
    document.file.delete(save=False)
    document.refresh_from_db()
    return document


def resume_import(actor: User, public_id: str) -> ImportDocument:
    """Let a worker read a document again whose reader died.

    Raises:
        NotFound: There is no such document.
        NotPermitted: The person may not import for the issuer.
        Conflict: A reader is at work on it, or the document is read already.
    """
    document = _document_for(actor, public_id)
    if document.state not in OPEN_STATES or not is_stalled(document):
        raise Conflict(gettext_noop("The document is being read, or was read already."), code="not-stalled")
    with transaction.atomic():
        _record(actor.as_actor(), "import.resumed", document, {"attempt": document.attempt})
        transaction.on_commit(partial(events.publish, QUEUED_EVENT, public_id=document.public_id))
    return document


def stale_after() -> timedelta:
    """Give how long a reader may be silent: the time that reading may take, and some grace."""
    from mehvar.directives.extraction import WALL_RATIO

    return timedelta(seconds=WALL_RATIO * settings.MEHVAR_IMPORT_TIMEOUT_S + GRACE_S)


def is_stalled(document: ImportDocument) -> bool:
    """Tell whether a document waits for a reader that is not heard of any more."""
    return (document.heartbeat_at or document.uploaded_at) < clock.now() - stale_after()


def resume_stalled_imports() -> int:
    """Queue every document again whose reader died, as a worker does when it starts; give how many."""
    waiting = ImportDocument.objects.defer("blocks").filter(state__in=OPEN_STATES)
    stalled = [document.public_id for document in waiting if is_stalled(document)]
    for public_id in stalled:
        events.publish(QUEUED_EVENT, public_id=public_id)
    return len(stalled)


def _document_for(actor: User, public_id: str) -> ImportDocument:
    document = (
        ImportDocument.objects.defer("blocks").select_related("issuer").filter(public_id=public_id).first()
    )
    if document is None:
        raise NotFound(gettext_noop("There is no such document."), code="unknown-document")
    permissions.require(organisations.authority_of(actor), Permission.REVIEW_IMPORT, document.issuer.path)
    return document


def _record(actor: Actor, action: str, document: ImportDocument, facts: dict[str, Any]) -> None:
    ledger.record(
        actor=actor,
        action=action,
        subject=Subject("import", document.public_id, document.filename[:200]),
        content={"sha256": document.sha256, "size": document.size, **facts},
    )
