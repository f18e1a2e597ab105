"""Answer a repeated write with the first answer, and do nothing twice."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction

from mehvar.accounts.models import IdempotentRequest
from mehvar.kernel import clock, errors

KEPT = timedelta(hours=48)
LONGEST_KEY = 200
FINAL_BELOW = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an HTTP answer as bytes."""

    status: int
    body: bytes
    content_type: str


def once(user_id: int, *, key: str, fingerprint: bytes, do: Callable[[], Answer]) -> tuple[Answer, bool]:
    """Run ``do`` once per person and key; return its answer, and whether it is a repetition.

    The key is claimed in a row of its own before the work begins, so that of two simultaneous requests one works and the other is
    told to wait. A failure of the server (status 500 and above, or an exception) frees the key for another try.

    Raises:
        InputError: The key is too long, or was used for another request.
        Conflict: The first request with this key is still at work.
    """
    if len(key) > LONGEST_KEY:
        raise errors.InputError(
            "The idempotency key is longer than {limit}.", code="key-too-long", limit=LONGEST_KEY
        )
    digest = hashlib.sha256(fingerprint).hexdigest()
    known = _claim(user_id, key, digest)
    if known is not None:
        return _repeated(known, digest), True
    try:
        answer = do()
    except BaseException:
        _release(user_id, key)
        raise
    if answer.status >= FINAL_BELOW:
        _release(user_id, key)
    else:
        IdempotentRequest.objects.filter(user_id=user_id, key=key).update(
            status=answer.status, body=answer.body, content_type=answer.content_type
        )
    return answer, False


def forget_old_keys() -> int:
    """Delete what is older than 48 hours and return how many rows went."""
    deleted, _ = IdempotentRequest.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return deleted


def _claim(user_id: int, key: str, digest: str) -> IdempotentRequest | None:
    try:
        with transaction.atomic():
            IdempotentRequest.objects.create(
                user_id=user_id, key=key, request_sha256=digest, created_at=clock.now()
            )
    except IntegrityError:
        return IdempotentRequest.objects.filter(user_id=user_id, key=key).first()
    return None


def _repeated(known: IdempotentRequest, digest: str) -> Answer:
    if known.request_sha256 != digest:
        raise errors.InputError(
            "This idempotency key was used for another request.", code="idempotency-key-reused"
        )
    if known.status == 0:
        raise errors.Conflict("The first request with this key is still at work.", code="request-in-progress")
    return Answer(known.status, bytes(known.body), known.content_type)


def _release(user_id: int, key: str) -> None:
    IdempotentRequest.objects.filter(user_id=user_id, key=key, status=0).delete()
