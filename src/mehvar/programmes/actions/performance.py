"""Freeze a performance report with its hash on record, and publish it.

Source: S4.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.directives.queries.days import today
from mehvar.kernel import clock, errors, identifiers
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject as LedgerSubject
from mehvar.organisations import queries as organisations
from mehvar.programmes.models import PerformanceReport
from mehvar.programmes.queries import performance as queries
from mehvar.programmes.rules import performance as rules

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def freeze_report(actor: User, *, body: str, period: str, language: str = "") -> PerformanceReport:
    """Compute a body's report on a period as it stands now and freeze it.

    Raises:
        NotPermitted: The person only reads.
        NotFound: There is no such body, or the person may not see how it performs.
        InputError: It is no period.
        Conflict: The period has not begun.
    """
    authority = organisations.authority_of(actor)
    if not queries.may_freeze(authority):
        raise errors.NotPermitted(gettext_noop("Your role does not permit this here."), code="not-permitted")
    subject = queries.subject_for(authority, body, period)
    rules.require_begun(subject.period.start, today())
    with transaction.atomic():
        content = queries.content_of(authority, subject)
        digest = identifiers.content_hash(content)
        row = PerformanceReport.objects.create(
            public_id=identifiers.new_public_id("p"),
            organisation=subject.body,
            period=subject.period.id,
            language=language or actor.language or "en",
            content=content,
            content_hash=digest,
            made_by=actor,
            made_at=clock.now(),
        )
        _record(actor, row, "freeze", public=False)
    return row


def publish_report(actor: User, public_id: str) -> PerformanceReport:
    """Publish a frozen report; its hash goes on the public record.

    Raises:
        NotFound: There is none, or not for this person.
        NotPermitted: The person does not publish for the body or the ministry.
        Conflict: It is published already, or its content no longer has its hash.
    """
    authority = organisations.authority_of(actor)
    with transaction.atomic():
        rows = PerformanceReport.objects.select_for_update(of=("self",)).select_related("organisation")
        row = rows.filter(public_id=public_id).first()
        if row is None or not queries.reports_for(authority).filter(pk=row.pk).exists():
            raise errors.NotFound(gettext_noop("There is no such report."), code="unknown-report")
        if not queries.may_publish(authority, row.organisation):
            raise errors.NotPermitted(
                gettext_noop("Your role does not permit this here."), code="not-permitted"
            )
        if row.published_at is not None:
            raise errors.Conflict(gettext_noop("It is published already."), code="published")
        if not queries.is_intact(row):
            raise errors.Conflict(gettext_noop("The report was changed after it was frozen."), code="changed")
        row.published_at = clock.now()
        row.ledger_sequence = _record(actor, row, "publish", public=True)
        row.save(update_fields=["published_at", "ledger_sequence"])
    return row


def _record(actor: User, row: PerformanceReport, verb: str, *, public: bool) -> int:
    label = f"{row.organisation.code} · {row.period}"
    return ledger.record(
        actor=actor.as_actor(),
        action=f"performance.{verb}",
        subject=LedgerSubject("performance-report", row.public_id, label),
        content={"body": row.organisation.code, "period": row.period, "hash": row.content_hash},
        public=public,
    )
