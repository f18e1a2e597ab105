"""Register, rotate and revoke the keys and certificates with which clients prove who they are.

A key is registered with a proof that its private half is held, and so is the certificate of another authority that counts; our own is
issued upon a signed request. In a rotation old and new hold side by side, so that no call is dropped.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from mehvar.exchange.actions import authority, publication, record, telling
from mehvar.exchange.actions.subsystems import locked_subsystem
from mehvar.exchange.data.control import MemberState
from mehvar.exchange.models import Authority, ClientCertificate, Member, SigningKey, Subsystem
from mehvar.exchange.queries import names, scope
from mehvar.exchange.queries.days import day_of
from mehvar.exchange.rules import checks, proofs
from mehvar.kernel import clock, errors, identifiers
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from cryptography import x509
    from django.db.models import QuerySet

    from mehvar.accounts.models import User

SALT, CERTIFICATE_SALT = "mehvar.exchange.key", "mehvar.exchange.certificate"
CHALLENGE_S = 3_600
DAYS, LONGEST_DAYS = 365, 1_096
OVERLAP_DAYS = 14
LONGEST_KEPT_DAYS = 36_525
REMIND_DAYS = (30, 7, 1)

_R = TypeVar("_R", SigningKey, ClientCertificate)


def challenge(subsystem_id: int) -> str:
    """Give a text to be signed with the private half of a key for a subsystem, within an hour."""
    return signing.dumps({"s": subsystem_id, "n": secrets.token_urlsafe(12)}, salt=SALT)


def certificate_challenge(member: str, subsystem_id: int | None = None) -> str:
    """Give a text to be signed with a certificate's key, for a member (public id) or one of its subsystems, within an hour."""
    facts = {"m": member, "s": subsystem_id, "n": secrets.token_urlsafe(12)}
    return signing.dumps(facts, salt=CERTIFICATE_SALT)


def _check_challenge(text: str, salt: str, **facts: int | str | None) -> None:
    try:
        found = signing.loads(text, salt=salt, max_age=CHALLENGE_S)
    except signing.BadSignature:
        found = {}
    if not found or any(found.get(name) != value for name, value in facts.items()):
        raise errors.InputError(
            "The text to sign is too old or not ours. Take the new one and sign it.",
            code="old-challenge",
            field="proof",
        )


def register_key(
    actor: User | None,
    subsystem_id: int,
    *,
    label: str,
    public_key: str,
    challenge: str,  # noqa: A002, RUF100 - the protocol's word
    proof: str,
    days: int = DAYS,
    replaces: str = "",
    overlap_days: int = OVERLAP_DAYS,
) -> SigningKey:
    """Register a public key (PEM) with the signature of a challenge as proof; it may follow an older key (public id).

    The older one then holds for ``overlap_days`` more at most.

    Raises:
        NotFound, NotPermitted: Something is unknown, or no right to.
        InputError: No key, no proof, or the days are out of range.
        Conflict: The key is registered already.
    """
    algorithm, pem, sha256 = proofs.read_key(public_key)
    _check_challenge(challenge, SALT, s=subsystem_id)
    proofs.check_possession(pem, challenge, proof)
    with transaction.atomic():
        client = locked_subsystem(actor, subsystem_id)
        record.demand_speaker(actor, client.member)
        if SigningKey.objects.filter(sha256=sha256).exists():
            raise errors.Conflict("This key is registered already.", code="key-taken", field="public_key")
        old = _old(client.keys.all(), replaces)
        row = SigningKey.objects.create(
            public_id=identifiers.new_public_id(),
            subsystem=client,
            label=checks.words(label, field="label", limit=100),
            algorithm=algorithm,
            public_key=pem,
            sha256=sha256,
            valid_from=clock.now(),
            valid_until=_until(days),
            replaces=old,
            created_at=clock.now(),
        )
        _let_run_out(old, overlap_days)
        _note(actor, row, "key.register")
    return row


def _until(days: int) -> datetime:
    if not 1 <= days <= LONGEST_DAYS:
        raise errors.InputError(
            "Give a number from {least} to {most}.",
            code="out-of-range",
            field="days",
            least=1,
            most=LONGEST_DAYS,
        )
    return clock.now() + timedelta(days=days)


def _old(rows: QuerySet[_R], public_id: str) -> _R | None:
    if not public_id:
        return None
    found = rows.select_for_update().filter(public_id=public_id, revoked_at=None).first()
    if found is None:
        raise scope.missing("credential")
    return found


def _let_run_out(old: SigningKey | ClientCertificate | None, overlap_days: int) -> None:
    if old is None:
        return
    if not 0 <= overlap_days <= DAYS:
        raise errors.InputError(
            "Give a number from {least} to {most}.",
            code="out-of-range",
            field="overlap_days",
            least=0,
            most=DAYS,
        )
    old.valid_until = min(old.valid_until, clock.now() + timedelta(days=overlap_days))
    old.save(update_fields=["valid_until"])


def revoke_key(actor: User | None, public_id: str, *, reason: str) -> SigningKey:
    """Revoke a key at once, as an engineer of the client or the operator.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, revoked already, or no reason.
    """
    rows = SigningKey.objects.select_related("subsystem__member__organisation")
    return _revoked(actor, rows.filter(public_id=public_id), reason)


def issue_certificate(
    actor: User | None,
    member: str,
    *,
    label: str,
    request: str,
    subsystem_id: int | None = None,
    days: int = DAYS,
    replaces: str = "",
    overlap_days: int = OVERLAP_DAYS,
) -> ClientCertificate:
    """Issue a certificate upon a signed request (PEM) for a subsystem, or for a member (public id) and all its subsystems.

    Raises:
        NotFound, NotPermitted: Something is unknown, or no right to.
        InputError: The request cannot be taken, or the days are out of range.
        Conflict: There is no own authority, or the member takes no part.
        Unavailable: The authority's private key is not here.
    """
    asked = proofs.read_request(request)
    until = _until(days)
    with transaction.atomic():
        holder, client = _holder(actor, member, subsystem_id)
        name = names.client_name(client) if client else names.member_name(holder)
        issuer, made = authority.issue(
            asked, holder=name, organisation=holder.organisation.name_en or holder.code, until=until
        )
        old = _old(ClientCertificate.objects.filter(member=holder, subsystem=client), replaces)
        row = _kept(holder, client, label, issuer, made)
        row.replaces = old
        row.save(update_fields=["replaces"])
        _let_run_out(old, overlap_days)
        _note(actor, row, "certificate.issue")
    return row


def register_certificate(
    actor: User | None,
    member: str,
    *,
    label: str,
    certificate: str,
    challenge: str,  # noqa: A002, RUF100 - the protocol's word
    proof: str,
    subsystem_id: int | None = None,
) -> ClientCertificate:
    """Register a certificate that an authority that counts has issued, with a challenge's signature by the key in it.

    A certificate is no secret: whoever saw one in a TLS handshake could present it otherwise, and take the holder's place on record.

    Raises:
        NotFound, NotPermitted: Something is unknown, or no right to.
        InputError: It is none, has run out, no authority that counts issued it, or the proof does not hold.
        Conflict: It is registered already, or the member takes no part.
    """
    found = proofs.read_certificate(certificate)
    proofs.check_strength(found)
    issuer = next(
        (
            row
            for row in Authority.objects.filter(withdrawn_at=None)
            if proofs.is_issued_by(found, row.certificate)
        ),
        None,
    )
    if issuer is None or proofs.validity(found)[1] <= clock.now():
        raise errors.InputError(
            "No authority that counts here issued this certificate, or it has run out.",
            code="unknown-issuer",
            field="certificate",
        )
    _check_challenge(challenge, CERTIFICATE_SALT, m=member, s=subsystem_id)
    proofs.check_certified_possession(found, challenge, proof)
    with transaction.atomic():
        holder, client = _holder(actor, member, subsystem_id)
        row = _kept(holder, client, label, issuer, found)
        _note(actor, row, "certificate.register")
    return row


def _holder(actor: User | None, member: str, subsystem_id: int | None) -> tuple[Member, Subsystem | None]:
    if actor is not None:
        scope.visible_member(organisations.authority_of(actor), member)
    rows = Member.objects.select_related("organisation").filter(public_id=member)
    holder = record.locked(rows)
    record.demand_speaker(actor, holder)
    if holder.state != MemberState.APPROVED:
        raise errors.Conflict("Only an approved member has certificates.", code="not-approved")
    if subsystem_id is None:
        return holder, None
    client = locked_subsystem(actor, subsystem_id)
    if client.member_id != holder.pk:
        raise scope.missing("subsystem")
    return holder, client


def _kept(
    holder: Member, client: Subsystem | None, label: str, issuer: Authority, made: x509.Certificate
) -> ClientCertificate:
    sha256 = proofs.fingerprint(made)
    if ClientCertificate.objects.filter(sha256=sha256).exists():
        raise errors.Conflict(
            "This certificate is registered already.", code="certificate-taken", field="certificate"
        )
    begins, ends = proofs.validity(made)
    ends = min(
        ends, clock.now() + timedelta(days=LONGEST_KEPT_DAYS)
    )  # some never end; no calendar shows that
    return ClientCertificate.objects.create(
        public_id=identifiers.new_public_id(),
        member=holder,
        subsystem=client,
        authority=issuer,
        label=checks.words(label, field="label", limit=100),
        certificate=proofs.pem_of(made),
        sha256=sha256,
        serial=f"{made.serial_number:x}"[:64],
        valid_from=begins,
        valid_until=ends,
        created_at=clock.now(),
    )


def revoke_certificate(actor: User | None, public_id: str, *, reason: str) -> ClientCertificate:
    """Revoke a certificate at once, as an engineer of the client or the operator.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, revoked already, or no reason.
    """
    rows = ClientCertificate.objects.select_related("member__organisation", "subsystem__member__organisation")
    return _revoked(actor, rows.filter(public_id=public_id), reason)


def _revoked(actor: User | None, rows: QuerySet[_R], reason: str) -> _R:
    why = checks.words(reason, field="reason", limit=500)
    with transaction.atomic():
        row = rows.select_for_update(of=("self",)).first()
        if row is None:
            raise scope.missing("credential")
        record.demand_manager(actor, member_of(row))
        if row.revoked_at is not None:
            raise errors.Conflict("This is revoked already.", code="revoked-already")
        row.revoked_at, row.revoke_reason = clock.now(), why
        row.save(update_fields=["revoked_at", "revoke_reason"])
        kind = "key" if isinstance(row, SigningKey) else "certificate"
        _note(actor, row, f"{kind}.revoke", reason=why)
    return row


def member_of(row: SigningKey | ClientCertificate) -> Member:
    """Give the member to which a key or certificate belongs."""
    return row.subsystem.member if isinstance(row, SigningKey) else row.member


def holder_name(row: SigningKey | ClientCertificate) -> str:
    """Give the client's name for which a key or certificate speaks."""
    return names.client_name(row.subsystem) if row.subsystem else names.member_name(member_of(row))


def _note(actor: User | None, row: SigningKey | ClientCertificate, action: str, *, reason: str = "") -> None:
    """Put an act on record: fingerprints are public, so that anybody can compare them."""
    content = {
        "client": holder_name(row),
        "sha256": row.sha256,
        "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat(),
        "replaces": row.replaces.sha256 if row.replaces else None,
    }
    subject = record.of_subsystem(row.subsystem) if row.subsystem else record.of_member(member_of(row))
    record.note(actor, f"exchange.{action}", subject, content, reason=reason, public=True)
    publication.changed(f"exchange.{action} {row.public_id}")


def remind_expiries() -> int:
    """Remind engineers 30, 7 and 1 days before a key or certificate runs out that nothing follows; give how many were told."""
    now = clock.now()
    window = {
        "valid_until__gt": now,
        "valid_until__lte": now + timedelta(days=REMIND_DAYS[0]),
        "revoked_at": None,
    }
    keys = SigningKey.objects.select_related("subsystem__member__organisation").filter(**window)
    certificates = ClientCertificate.objects.select_related(
        "member__organisation", "subsystem__member__organisation"
    ).filter(**window)
    return sum(_remind(row, now) for row in keys) + sum(_remind(row, now) for row in certificates)


def _remind(row: SigningKey | ClientCertificate, now: datetime) -> int:
    kind = type(row)._default_manager  # noqa: SLF001
    left = row.valid_until - now
    stage = min(days for days in REMIND_DAYS if left <= timedelta(days=days))
    mark = (row.valid_until - timedelta(days=stage)).date()
    if row.reminded_for == mark or kind.filter(replaces_id=row.pk, revoked_at=None).exists():
        return 0
    member = member_of(row)
    with transaction.atomic():
        kind.filter(pk=row.pk).update(reminded_for=mark)
        return telling.tell(
            telling.engineers_of([member]),
            key=f"credential:{row.public_id}:{stage}",
            message=gettext_noop("“{label}” of {client} runs out on {date}; put a new one beside it."),
            path=reverse("exchange:member", args=[member.public_id]),
            label=row.label,
            client=holder_name(row),
            date=day_of(row.valid_until).isoformat(),
        )
