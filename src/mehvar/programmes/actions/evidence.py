"""Keep the files that support a report, and their hashes on record.

Source: issue "programmes", point 2.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.programmes.actions.reports import check_writable, found_in, locked_request, subject_of
from mehvar.programmes.models import Evidence, ProgressReport
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.rules import evidence as rules

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def attach_evidence(
    actor: User, request_id: int, delivery_id: int, *, filename: str, data: bytes
) -> Evidence:
    """Keep a file that supports the report on a delivery; the report begins with it if there is none yet.

    Raises:
        NotFound: There is no such request or delivery, or not for this person.
        Conflict: The period is closed, or the report was accepted.
        InputError: The file is empty, of a kind that is not taken, or not what its name says.
        LimitExceeded: It is too large, or there are too many.
    """
    with transaction.atomic():
        request = locked_request(actor, request_id)
        rows = {row.pk: row for row in queries.asked_deliveries(request)}
        delivery = found_in(rows, delivery_id)
        report, _created = ProgressReport.objects.get_or_create(round=request.round, delivery=delivery)
        check_writable(report, delivery)
        name = rules.check_file(filename, data, present=report.evidence.count())
        digest = hashlib.sha256(data).hexdigest()
        kept = Evidence.objects.create(
            report=report,
            file=ContentFile(data, name=f"{digest}.{name.rpartition('.')[2].lower()}"),
            filename=name,
            sha256=digest,
            size=len(data),
            uploaded_by=actor,
            uploaded_at=clock.now(),
        )
        ledger.record(
            actor=actor.as_actor(),
            action="report.attach",
            subject=subject_of(delivery),
            content={"period": request.round.period, "sha256": digest, "bytes": len(data)},
        )
    return kept


def remove_evidence(actor: User, request_id: int, evidence_id: int) -> None:
    """Take a file away from a report that was not accepted yet; its hash stays in the ledger.

    Raises:
        NotFound: There is no such file in this request.
        Conflict: The period is closed, or the report was accepted.
    """
    with transaction.atomic():
        request = locked_request(actor, request_id)
        found = (
            Evidence.objects.select_related("report__delivery")
            .filter(
                pk=evidence_id,
                report__round=request.round,
                report__delivery__organisation_id=request.organisation_id,
            )
            .first()
        )
        if found is None:
            raise errors.NotFound(gettext_noop("There is no such file."), code="unknown-evidence")
        check_writable(found.report, found.report.delivery)
        storage, name = found.file.storage, str(found.file.name)
        found.delete()
        transaction.on_commit(lambda: storage.delete(name))
        ledger.record(
            actor=actor.as_actor(),
            action="report.detach",
            subject=subject_of(found.report.delivery),
            content={"period": request.round.period, "sha256": found.sha256},
        )
