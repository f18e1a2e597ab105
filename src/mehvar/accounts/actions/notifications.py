"""Tell people, once, that something waits for them."""

from collections.abc import Iterable, Mapping

from mehvar.accounts.models import Notification
from mehvar.kernel import clock


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
