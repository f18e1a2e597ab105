"""Know who speaks: a person who engineers for a member, or a member's machine that signs its requests.

A machine signs as it does towards a gateway (RFC 9421, keys of the exchange), so an agency needs one key for both.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from django.db import IntegrityError, transaction

from mehvar.exchange.actions import record
from mehvar.exchange.data.snapshot import KeyAlgorithm
from mehvar.exchange.models import SigningKey, Subsystem, UsedNonce
from mehvar.exchange.queries import names, scope
from mehvar.exchange.rules import signatures
from mehvar.kernel import clock
from mehvar.kernel.errors import InputError, NotPermitted, gettext_noop
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User

MAX_AGE_S = 60.0
Caller: TypeAlias = "User | Subsystem | None"


def demand(caller: Caller, subsystem: Subsystem) -> None:
    """Refuse who may not arrange for a subsystem: its own machine, engineers of its body, the operator.

    Raises:
        NotPermitted: the caller may not.
    """
    if isinstance(caller, Subsystem):
        _demand_own(caller, subsystem)
    else:
        record.demand_manager(caller, subsystem.member)


def demand_speaker(caller: Caller, subsystem: Subsystem) -> None:
    """Refuse who does not speak for a subsystem: its own machine, engineers of its body. The operator does not.

    Raises:
        NotPermitted: the caller does not.
    """
    if isinstance(caller, Subsystem):
        _demand_own(caller, subsystem)
    else:
        record.demand_speaker(caller, subsystem.member)


def _demand_own(machine: Subsystem, subsystem: Subsystem) -> None:
    if machine.pk != subsystem.pk:
        raise NotPermitted(gettext_noop("Your key speaks for another subsystem."), code="another-subsystem")


def demand_view(caller: Caller, subsystem: Subsystem) -> None:
    """Refuse who may not see how a subsystem's events stand: who may arrange for it, and auditors.

    Raises:
        NotPermitted: the caller may not.
    """
    if not (_is_person(caller) and scope.sees_all(organisations.authority_of(caller))):
        demand(caller, subsystem)


def reads_payloads(caller: Caller, subsystem: Subsystem) -> bool:
    """Tell whether a caller may read what a subsystem's events say: its own machine, engineers of its body.

    Operator, auditors and the server's console see that there are events and how they stand, as they prove calls without reading them.
    """
    if isinstance(caller, Subsystem):
        return caller.pk == subsystem.pk
    return caller is not None and scope.speaks_for(organisations.authority_of(caller), subsystem.member)


def _is_person(caller: Caller) -> TypeGuard[User]:
    return caller is not None and not isinstance(caller, Subsystem)


def demand_part(caller: Caller) -> None:
    """Refuse who has nothing to do with the exchange.

    Raises:
        NotPermitted: the caller has not.
    """
    if not _is_person(caller):
        return
    if not scope.takes_part(organisations.authority_of(caller)):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")


def person(caller: Caller) -> User | None:
    """Return the person, None for a machine or the console."""
    return None if isinstance(caller, Subsystem) else caller


def said_by(caller: Caller) -> dict[str, str]:
    """Return what the record says about a machine."""
    return {"machine": names.client_name(caller)} if isinstance(caller, Subsystem) else {}


def machine(
    method: str, address: tuple[str, str, str], fields: Mapping[str, Sequence[str]], body: bytes
) -> tuple[SigningKey, Subsystem]:
    """Find out which subsystem signed a request; ``address``: scheme, host with port, path with query.

    Raises:
        NotPermitted: the signature does not hold, is too old, was used before, or its key counts no more.
    """
    scheme, host, target = address
    parts = signatures.RequestParts(method, scheme, signatures.authority(host, scheme), target, fields)
    try:
        stated = signatures.read_signature(fields.get("signature-input", ()), fields.get("signature", ()))
        signatures.check_request(stated, parts, has_body=bool(body))
        base = signatures.signature_base(stated.text, stated.components, parts)
        if body:
            digest = signatures.BodyDigest(signatures.stated_digests(fields.get("content-digest", ())))
            digest.update(body)
            _demand(digest.holds(), gettext_noop("Content-Digest is not that of the body."))
    except InputError as error:
        raise NotPermitted(str(error), code="signature-refused") from error
    key = _key(stated.keyid)
    public = signatures.load_public_key(key.public_key, KeyAlgorithm(key.algorithm))
    is_fresh = signatures.is_fresh(stated, now=time.time(), max_age_s=MAX_AGE_S)
    _demand(is_fresh, gettext_noop("The signature must be made within a minute of our clock."))
    _demand(signatures.holds(stated.signature, base, public), gettext_noop("The signature does not hold."))
    client = fields.get("x-road-client", ("",))[-1].strip()
    _demand(
        client == names.client_name(key.subsystem), gettext_noop("The key does not speak for X-Road-Client.")
    )
    _use(f"{stated.keyid}\n{stated.nonce}")
    return key, key.subsystem


def forget_nonces() -> int:
    """Forget nonces whose signatures are too old anyway; return how many."""
    return UsedNonce.objects.filter(until__lt=clock.now()).delete()[0]


def _key(keyid: str) -> SigningKey:
    now = clock.now()
    found = (
        SigningKey.objects.select_related("subsystem__member__organisation")
        .filter(public_id=keyid, revoked_at=None, valid_from__lte=now, valid_until__gt=now)
        .filter(subsystem__state="active", subsystem__member__state="approved")
        .first()
    )
    if found is None:
        raise NotPermitted(gettext_noop("There is no valid key with this id."), code="unknown-key")
    return found


def _use(text: str) -> None:
    digest = hashlib.sha256(text.encode()).hexdigest()
    try:
        with transaction.atomic():
            UsedNonce.objects.create(digest=digest, until=clock.now() + timedelta(seconds=3 * MAX_AGE_S))
    except IntegrityError:
        raise NotPermitted(
            gettext_noop("This signed request was sent before; sign each with a new nonce."), code="replayed"
        ) from None


def _demand(is_so: bool, message: str) -> None:  # noqa: FBT001 - the answer itself
    if not is_so:
        raise NotPermitted(message, code="signature-refused")
