"""Decide, without a database, what concerns accounts: which e-mails a person gets, when failures are told."""

from datetime import datetime, timedelta

from mehvar.accounts.data import NotificationChoice

DAILY_GAP = timedelta(hours=20)
"""Between two daily e-mails lies at least this time, so that clock changes skip no day."""
TOLD_FAILURES = 5
"""The ledger is told of every fifth failed sign-in in a row: a flood of failures must not flood the record."""


def mail_is_due(choice: str, *, now: datetime, last_sent_at: datetime | None) -> bool:
    """Tell whether a person who chose so gets an e-mail now."""
    if choice == NotificationChoice.NONE:
        return False
    if choice == NotificationChoice.DAILY and last_sent_at is not None:
        return now - last_sent_at >= DAILY_GAP
    return True


def failures_are_told(failures: int) -> bool:
    """Tell whether so many failed sign-ins in a row are entered in the ledger."""
    return failures > 0 and failures % TOLD_FAILURES == 0
