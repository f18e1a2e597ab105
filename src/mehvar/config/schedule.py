"""List what runs once a minute beside the background tasks; every job is safe to run at any time, by several processes."""

from collections.abc import Callable

from mehvar.accounts.actions import idempotency, mail, rates
from mehvar.config import announcing
from mehvar.directives.actions import cascade, consultation, imports, resolutions
from mehvar.exchange.actions import (
    agreements,
    batches,
    credentials,
    gateways,
    publication,
    requests,
    watching,
)
from mehvar.exchange.actions import catalogue as service_catalogue
from mehvar.exchange.actions import indexing as evidence_indexing
from mehvar.exchange.actions.events import pushing
from mehvar.home.actions import indexing
from mehvar.ledger.actions import sealing
from mehvar.programmes.actions import (
    calls,
    escalation,
    making,
    proposals,
    rounds,
    stakeholders,
    tallies,
)
from mehvar.programmes.actions import imports as sheet_imports

JOBS: tuple[Callable[[], int], ...] = (
    imports.resume_stalled_imports,
    sheet_imports.resume_silent_imports,
    cascade.send_reminders,
    consultation.remind_due_rounds,
    resolutions.remind_overdue,
    making.resume_making,
    calls.send_plan_reminders,
    rounds.chase_missing_reports,
    tallies.turn_day,
    indexing.follow,
    escalation.escalate_due_obstacles,
    escalation.remind_holders,
    proposals.climb_late_answers,
    proposals.remind_answers,
    stakeholders.remind_commitments,
    requests.remind_answers,
    credentials.remind_expiries,
    agreements.remind_ends,
    publication.publish_due,
    gateways.ask_gateways,
    evidence_indexing.index_evidence,
    service_catalogue.follow_descriptions,
    batches.resume_batches,
    watching.forget_answers,
    watching.flag_unusual,
    announcing.announce_promulgated,
    pushing.forget_old,
    sealing.seal,
    mail.send_due_mail,
    idempotency.forget_old_keys,
    rates.forget_old_counts,
)
