"""Tell people, once, that something waits for them."""

from collections.abc import Iterable, Mapping

from mehvar.accounts.models import Notification
from mehvar.kernel import clock, errors


def notify(
    user_ids: Iterable[int], *, kind: str, key: str, message: str, params: Mapping[str, str | int], path: str
) -> int:
    """Store a notification for each person and return how many are new.

    ``message`` is English source text with ``{name}`` places, translated when shown; ``key`` makes
    repeating harmless: a person never gets two notifications with the same key. Runs in the caller's
    transaction. E-mail follows from ``send_due_mail``.
    """
    before = Notification.objects.filter(key=key).count()
    Notification.objects.bulk_create(
        [
            Notification(
                user_id=user_id,
                kind=kind,
                key=key,
                message_id=message,
                params=dict(params),
                path=path,
                created_at=clock.now(),
            )
            for user_id in sorted(set(user_ids))
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    return Notification.objects.filter(key=key).count() - before


def mark_read(user_id: int, notification_id: int) -> str:
    """Mark what a person was told as read and give the path to which it leads.

    Raises:
        NotFound: The person was told no such thing.
    """
    row = Notification.objects.filter(pk=notification_id, user_id=user_id).first()
    if row is None:
        raise errors.NotFound("There is no such notice.", code="unknown-notice")
    Notification.objects.filter(pk=row.pk, read_at__isnull=True).update(read_at=clock.now())
    return row.path


def mark_all_read(user_id: int) -> int:
    """Mark everything a person was told as read; give how much it was."""
    return Notification.objects.filter(user_id=user_id, read_at__isnull=True).update(read_at=clock.now())
