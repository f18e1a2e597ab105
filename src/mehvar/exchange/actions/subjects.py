"""Let a person see who asked about them: by a code from a counter, or by what the OpenID provider says.

Identifiers are never stored or logged; what is kept is a token under the operator's key.
Source: exchange-and-ledger §5; issue "exchange", point 6.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from mehvar.accounts import queries as accounts
from mehvar.exchange.actions import guessing, record, subject_keys
from mehvar.exchange.data.inquiries import DelayReason, Proof
from mehvar.exchange.models import CounterCode, DisclosureDelay, SubjectLookup
from mehvar.exchange.queries import scope
from mehvar.kernel import clock, identifiers
from mehvar.kernel.errors import InputError, LimitExceeded, NotPermitted, Unavailable, gettext_noop
from mehvar.kernel.text import to_ascii_digits
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

CODE_DIGITS = 12
VALID_FOR = timedelta(hours=48)
CODES_A_DAY = 200
LONGEST_DELAY_DAYS = 730
LONGEST_IDENTIFIER = 40


def tokens_of(identifier: str) -> tuple[str, ...]:
    """Give the tokens of an identifier under all versions of the key, the newest first.

    Raises:
        Unavailable: the operator put no key in place.
        InputError: it is empty or too long.
    """
    keys = subject_keys.present()
    if keys is None:
        raise Unavailable(
            gettext_noop("This installation cannot yet answer who asked about you."), code="no-subject-key"
        )
    if not identifier.strip() or len(identifier) > LONGEST_IDENTIFIER:
        raise InputError(
            gettext_noop("Please write the number as it stands on the card."),
            code="bad-identifier",
            field="identifier",
        )
    return keys.tokens(identifier)


def issue_code(actor: User, identifier: str, *, document: str) -> tuple[CounterCode, str]:
    """Give a one-time code to a person whose identity card was seen; the code is shown once, here.

    Raises:
        NotPermitted: the officer has no counter.
        InputError, Unavailable: as `token_of`, or no document is named.
        LimitExceeded: too many codes today.
    """
    authority = organisations.authority_of(actor)
    permissions.require(authority, Permission.INQUIRE)
    if not document.strip():
        raise InputError(gettext_noop("Say which document you saw."), code="empty", field="document")
    subject = tokens_of(identifier)[0]
    seat = next(one for one in authority.held if Permission.INQUIRE in permissions.PERMISSIONS_OF[one.role])
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    now = clock.now()
    with transaction.atomic():
        recent = CounterCode.objects.filter(issued_by=actor, issued_at__gt=now - timedelta(days=1)).count()
        if recent >= CODES_A_DAY:
            raise LimitExceeded(gettext_noop("No more codes can be given today."), code="daily-limit")
        row = CounterCode.objects.create(
            public_id=identifiers.new_public_id("code"),
            code_sha256=_hash(subject, code),
            subject=subject,
            issued_by=actor,
            organisation_id=seat.organisation_id,
            document=document.strip()[:200],
            issued_at=now,
            expires_at=now + VALID_FOR,
        )
        content = {"subject": subject, "document": row.document, "body": seat.code}
        record.note(actor, "subject.issue-code", Subject("subject-code", row.public_id), content)
    return row, code


def open_by_code(identifier: str, code: str, *, address: str) -> tuple[str, ...]:
    """Open a person's list by identifier and code; give the tokens, the newest first. The code is used up.

    Raises:
        LimitExceeded, Unavailable: too many tries, as `guessing.count_try`; or no key is in place.
        InputError: identifier and code do not belong together, or the code is used or too old.
    """
    tokens = tokens_of(identifier)
    guessing.count_try(tokens[0], address=address)
    digits = "".join(letter for letter in to_ascii_digits(code) if letter.isdigit())
    now = clock.now()
    with transaction.atomic():
        hashes = [_hash(token, digits) for token in tokens]
        used = CounterCode.objects.filter(
            code_sha256__in=hashes, subject__in=tokens, used_at=None, expires_at__gt=now
        )
        row = used.select_for_update().first()
        if row is None:
            raise _wrong_code()
        if not CounterCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now):
            raise _wrong_code()  # somebody was faster; not every database waits for the row
        _look(tokens[0], Proof.CODE, row)
    return tokens


def _wrong_code() -> InputError:
    return InputError(
        gettext_noop("Number and code do not belong together, or the code was used or is too old."),
        code="wrong-code",
        field="code",
    )


def open_by_claim(user: User) -> tuple[str, ...]:
    """Open the list of who is signed in through the OpenID provider; give the tokens, the newest first.

    Raises:
        NotPermitted: the provider does not say who the person is.
        Unavailable: no key is in place.
    """
    claim = settings.MEHVAR_OIDC_SUBJECT_CLAIM
    identifier = accounts.claim_of(user.pk, claim) if claim else ""
    if not identifier:
        raise NotPermitted(gettext_noop("Your sign-in does not say which person you are."), code="no-claim")
    tokens = tokens_of(identifier)
    with transaction.atomic():
        _look(tokens[0], Proof.CLAIM, None)
    return tokens


def has_claim(user: User) -> bool:
    """Tell whether the OpenID provider says who the person is."""
    claim = settings.MEHVAR_OIDC_SUBJECT_CLAIM
    return bool(claim and user.pk and accounts.claim_of(user.pk, claim))


def delay_disclosure(
    actor: User,
    agreement: str,
    *,
    reason: str,
    legal_basis: str,
    days: int,
    valid_from: date,
    valid_until: date,
) -> DisclosureDelay:
    """Let questions under an agreement be told to the person only after some days, as a law permits; on public record.

    Raises:
        NotPermitted, NotFound: the person does not operate the exchange, or there is no such agreement.
        InputError: no class of reason, no law, or terms beyond reason.
    """
    authority = organisations.authority_of(actor)
    permissions.require(authority, Permission.OPERATE_EXCHANGE)
    under = scope.visible_agreement(authority, agreement)
    if reason not in set(DelayReason) or not legal_basis.strip():
        raise InputError(
            gettext_noop("Name the class of reason and the law."), code="empty", field="legal_basis"
        )
    if not 0 < days <= LONGEST_DELAY_DAYS or valid_until < valid_from:
        raise InputError(
            gettext_noop("At most {limit} days."), code="bad-delay", field="days", limit=LONGEST_DELAY_DAYS
        )
    with transaction.atomic():
        row = DisclosureDelay.objects.create(
            public_id=identifiers.new_public_id("delay"),
            agreement=under,
            reason=reason,
            legal_basis=legal_basis.strip(),
            days=days,
            valid_from=valid_from,
            valid_until=valid_until,
            given_by=actor,
            given_at=clock.now(),
        )
        content = {
            "agreement": under.public_id, "reason": reason, "legal_basis": row.legal_basis, "days": days,
            "valid_from": valid_from.isoformat(), "valid_until": valid_until.isoformat(),
        }  # fmt: skip
        record.note(actor, "subject.delay", record.of_agreement(under), content, public=True)
    return row


def end_delay(actor: User, public_id: str) -> None:
    """End a delay: what it held back is told from now on.

    Raises:
        NotPermitted: the person does not operate the exchange.
        NotFound: there is no such delay, or it has ended.
    """
    permissions.require(organisations.authority_of(actor), Permission.OPERATE_EXCHANGE)
    with transaction.atomic():
        row = (
            DisclosureDelay.objects.select_related("agreement")
            .filter(public_id=public_id, ended_at=None)
            .first()
        )
        if row is None:
            raise scope.missing("delay")
        DisclosureDelay.objects.filter(pk=row.pk).update(ended_at=clock.now())
        content = {"agreement": row.agreement.public_id, "reason": row.reason}
        record.note(actor, "subject.end-delay", record.of_agreement(row.agreement), content, public=True)


def _look(subject: str, proof: Proof, code: CounterCode | None) -> None:
    """Put on record that a person's list was opened."""
    row = SubjectLookup.objects.create(subject=subject, proof=proof, code=code, at=clock.now())
    ledger.record(
        actor=Actor.system("citizen"),
        action="subject.look",
        subject=Subject("subject-lookup", str(row.pk)),
        content={"subject": subject, "proof": proof.value, "code": code.public_id if code else None},
    )


def _hash(subject: str, code: str) -> str:
    return hmac.new(bytes.fromhex(subject), code.encode(), hashlib.sha256).hexdigest()
