"""Answer a repeated write with the first answer, and do nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from mehvar.accounts.models import IdempotentRequest
from mehvar.kernel import clock, errors
from mehvar.kernel.errors import gettext_noop

KEPT = timedelta(hours=48)
ABANDONED_AFTER = timedelta(minutes=10)
LONGEST_KEY = 200
FINAL_BELOW = 500
NOT_FINAL = frozenset({401, 403, 429})
"""What is refused at the door: nothing was done, and the same request may well be taken later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an HTTP answer as bytes."""

    status: int
    body: bytes
    content_type: str

    @property
    def is_final(self) -> bool:
        """Tell whether a repetition is to be given this same answer."""
        return self.status < FINAL_BELOW and self.status not in NOT_FINAL


def once(
    user_id: int,
    *,
    key: str,
    fingerprint: bytes,
    do: Callable[[], Answer],
    one_transaction: bool = True,
) -> tuple[Answer, bool]:
    """Run ``do`` once per person and key; return its answer, and whether it is a repetition.

    The key is claimed in a row of its own before the work begins, so that of two simultaneous requests one works and the other is
    told to wait. A failure of the server (status 500 and above, or an exception) frees the key for another try. What
    ``do`` changes and the answer are kept in one transaction: a process that dies in the middle leaves neither, and
    its key is free again ten minutes after it was claimed. With ``one_transaction=False`` (work too long for a
    transaction, which must itself refuse doubles) the answer is kept after the work.

    Raises:
        InputError: The key is too long, or was used for another request.
        Conflict: The first request with this key is still at work.
    """
    if len(key) > LONGEST_KEY:
        raise errors.InputError(
            gettext_noop("The idempotency key is longer than {limit}."),
            code="key-too-long",
            limit=LONGEST_KEY,
        )
    claim = IdempotentRequest(
        user_id=user_id,
        key=key,
        request_sha256=hashlib.sha256(fingerprint).hexdigest(),
        created_at=clock.now(),
    )
    known = _known(claim)
    if known is not None:
        return known, True
    try:
        answer = _work(claim, do, one_transaction=one_transaction)
    except BaseException:
        _release(claim)
        raise
    if not answer.is_final:
        _release(claim)
    return answer, False


def forget_old_keys() -> int:
    """Delete what is older than 48 hours and return how many rows went."""
    deleted, _ = IdempotentRequest.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return deleted


def _work(claim: IdempotentRequest, do: Callable[[], Answer], *, one_transaction: bool) -> Answer:
    whole: AbstractContextManager[None] = transaction.atomic() if one_transaction else nullcontext()
    with whole:
        answer = do()
        if answer.is_final:
            _keep(claim, answer)
        elif one_transaction:
            transaction.set_rollback(True)
    return answer


def _keep(claim: IdempotentRequest, answer: Answer) -> None:
    """Keep an answer while the claim still holds; a claim taken over by another try undoes the work."""
    kept = _own(claim).update(status=answer.status, body=answer.body, content_type=answer.content_type)
    if not kept:
        raise errors.Conflict(
            gettext_noop("Another request with this key took over."), code="request-in-progress"
        )


def _own(claim: IdempotentRequest) -> QuerySet[IdempotentRequest]:
    return IdempotentRequest.objects.filter(
        user_id=claim.user_id, key=claim.key, status=0, created_at=claim.created_at
    )


def _known(claim: IdempotentRequest) -> Answer | None:
    """Claim the key, or give the answer that is known for it."""
    try:
        with transaction.atomic():
            claim.save(force_insert=True)
    except IntegrityError:
        known = IdempotentRequest.objects.filter(user_id=claim.user_id, key=claim.key).first()
        if known is None:  # freed in this very moment
            raise _in_progress() from None
        return None if _takes_over(claim, known) else _repeated(known, claim.request_sha256)
    return None


def _takes_over(claim: IdempotentRequest, known: IdempotentRequest) -> bool:
    """Take a claim over whose process died; of several that try, one succeeds."""
    if known.status or claim.created_at - known.created_at < ABANDONED_AFTER:
        return False
    if known.request_sha256 != claim.request_sha256:
        return False
    return bool(_own(known).update(created_at=claim.created_at))


def _repeated(known: IdempotentRequest, digest: str) -> Answer:
    if known.request_sha256 != digest:
        raise errors.InputError(
            gettext_noop("This idempotency key was used for another request."), code="idempotency-key-reused"
        )
    if known.status == 0:
        raise _in_progress()
    return Answer(known.status, bytes(known.body), known.content_type)


def _in_progress() -> errors.Conflict:
    return errors.Conflict(
        gettext_noop("The first request with this key is still at work."), code="request-in-progress"
    )


def _release(claim: IdempotentRequest) -> None:
    _own(claim).delete()
