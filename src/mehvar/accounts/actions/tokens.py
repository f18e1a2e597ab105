"""Issue, use and revoke the tokens with which programs act for a person."""

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from mehvar.accounts.models import ApiToken
from mehvar.kernel import clock, errors
from mehvar.kernel.errors import gettext_noop
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject

if TYPE_CHECKING:
    from mehvar.accounts.models import User

PREFIX = "mhv_"
LONGEST_DAYS = 366
MOST_TOKENS = 20
USE_NOTED_EVERY = timedelta(minutes=5)


def issue_token(actor: "User", *, label: str, may_write: bool, valid_days: int) -> tuple[ApiToken, str]:
    """Make a token for the person and return it with its secret text, which is never shown again.

    Raises:
        InputError: No label, or a validity outside 1 to 366 days.
        LimitExceeded: The person has 20 valid tokens already.
    """
    if not label.strip():
        raise errors.InputError(
            gettext_noop("Say what the token is for."), code="label-required", field="label"
        )
    if not 1 <= valid_days <= LONGEST_DAYS:
        raise errors.InputError(
            gettext_noop("A token is valid for 1 to {most} days."),
            code="validity",
            field="valid_days",
            most=LONGEST_DAYS,
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    with transaction.atomic():
        if (
            ApiToken.objects.filter(user=actor, revoked_at__isnull=True, expires_at__gt=now).count()
            >= MOST_TOKENS
        ):
            raise errors.LimitExceeded(
                gettext_noop("You have {most} tokens already; revoke one first."), most=MOST_TOKENS
            )
        token = ApiToken.objects.create(
            user=actor,
            label=label.strip()[:120],
            token_sha256=hash_of(secret),
            beginning=secret[:10],
            may_write=may_write,
            created_at=now,
            expires_at=now + timedelta(days=valid_days),
        )
        _record(actor, token, "token.issued")
    return token, secret


def revoke_token(actor: "User", token_id: int) -> None:
    """Make one of the person's own tokens useless; doing it again changes nothing.

    Raises:
        NotFound: The person has no such token.
    """
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().filter(pk=token_id, user=actor).first()
        if token is None:
            raise errors.NotFound(gettext_noop("There is no such token."), code="unknown-token")
        if token.revoked_at is None:
            token.revoked_at = clock.now()
            token.save(update_fields=["revoked_at"])
            _record(actor, token, "token.revoked")


def use_token(secret: str) -> ApiToken | None:
    """Return the valid token that a secret text belongs to, with its active person; None for anything else."""
    now = clock.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(
            token_sha256=hash_of(secret), revoked_at__isnull=True, expires_at__gt=now, user__is_active=True
        )
        .first()
    )
    if token is not None and (token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def hash_of(secret: str) -> str:
    """Return the form in which a secret text is kept; it has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(actor: "User", token: ApiToken, action: str) -> None:
    ledger.record(
        actor=actor.as_actor(),
        action=action,
        subject=Subject("person", str(actor.pk), actor.name),
        content={"beginning": token.beginning, "may_write": token.may_write},
    )
