"""Give, read and revoke the secret address at which calendar programs find a person's deadlines."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.home.models import CalendarFeed
from mehvar.kernel import clock
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject

if TYPE_CHECKING:
    from mehvar.accounts.models import User

READ_NOTED_EVERY = timedelta(minutes=10)


def give_feed(actor: User) -> str:
    """Give the person a new secret address, of which the old one dies; return its secret part, which is never shown again."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _revoke(actor)
        CalendarFeed.objects.create(user=actor, token_sha256=_hash_of(secret), created_at=clock.now())
        _record(actor, "calendar.given")
    return secret


def revoke_feed(actor: User) -> bool:
    """Make the person's address useless at once; tell whether there was one."""
    with transaction.atomic():
        revoked = _revoke(actor)
        if revoked:
            _record(actor, "calendar.revoked")
    return revoked


def read_feed(secret: str) -> User | None:
    """Return the active person whose feed a secret opens, and note that it was read; None for anything else."""
    now = clock.now()
    feed = (
        CalendarFeed.objects.select_related("user")
        .filter(token_sha256=_hash_of(secret), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if feed is None:
        return None
    if feed.last_read_at is None or now - feed.last_read_at > READ_NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)
    found: User = feed.user
    return found


def _revoke(actor: User) -> bool:
    rows = CalendarFeed.objects.filter(user_id=actor.pk, revoked_at__isnull=True)
    return bool(rows.update(revoked_at=clock.now()))


def _hash_of(secret: str) -> str:
    """Return the form in which a secret is kept; it has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(actor: User, action: str) -> None:
    ledger.record(
        actor=actor.as_actor(),
        action=action,
        subject=Subject("person", str(actor.pk), actor.name),
        content={},
    )
