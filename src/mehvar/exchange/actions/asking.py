"""Carry an officer's question through the gateway, signed with the key of the subsystem in whose name it is asked.

The private keys are files of the operator (`MEHVAR_EXCHANGE_INQUIRY_KEYS`), named after the registered key.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from django.conf import settings

from mehvar.exchange.actions import outward
from mehvar.exchange.actions.outward import Heard, Reach
from mehvar.exchange.data.operations import Question
from mehvar.exchange.models import Gateway, SigningKey
from mehvar.exchange.queries import names
from mehvar.exchange.rules import signatures
from mehvar.exchange.rules.snippets import CallFacts
from mehvar.kernel import clock
from mehvar.kernel.errors import Unavailable, gettext_noop

if TYPE_CHECKING:
    from mehvar.exchange.models import ExchangeService, Subsystem

TOTAL_S = 60.0
LARGEST = 1_048_576
_SILENT = ("failing", "silent")


def send(
    subsystem: Subsystem, service: ExchangeService, question: Question, *, headers: Mapping[str, str]
) -> Heard:
    """Ask through a gateway that answers and return what came back, whatever its status.

    Raises:
        Unavailable: no key, no gateway, or no whole answer (code ``unreachable`` when nothing was sent).
    """
    key_id, key = _key_of(subsystem)
    client = names.client_name(subsystem)
    reach = Reach(TOTAL_S, LARGEST, is_trusted=True, ca_file=settings.MEHVAR_EXCHANGE_GATEWAY_CA_FILE)
    refused = Unavailable(gettext_noop("No gateway is registered."), code="unreachable")
    for address in _gateways():
        facts = CallFacts(address, client, names.service_name(service), question, key_id)
        signed = {**headers, "X-Road-Client": client, "Accept": "application/json"}
        signed |= _signature(facts, key, signed)
        through = Question(question.method, facts.target, question.headers, question.body)
        try:
            return outward.call(_origin(address), through, headers=signed, reach=reach)
        except Unavailable as error:
            if error.code not in {"unreachable", "unknown-host"}:
                raise
            refused = error
    raise refused


def bus_headers(*, message_id: str, officer_id: int, reference: str) -> dict[str, str]:
    """Give the protocol's headers of a person's question; the officer stands under a number that the asking body can resolve."""
    return {
        "X-Road-Id": message_id,
        "X-Road-UserId": f"officer-{officer_id}",
        "X-Road-Issue": quote(reference, safe=" ")[:300],
    }


def _gateways() -> list[str]:
    rows = Gateway.objects.exclude(address="").order_by("pk")
    return [row.address for row in sorted(rows, key=lambda row: row.state in _SILENT)]


def _origin(address: str) -> str:
    url = urlsplit(address)
    return f"{url.scheme}://{url.netloc}"


def _key_of(subsystem: Subsystem) -> tuple[str, signatures.PrivateKey]:
    """Give the newest registered key whose file is here.

    Raises:
        Unavailable: there is none.
    """
    now = clock.now()
    rows = SigningKey.objects.filter(
        subsystem=subsystem, revoked_at=None, valid_from__lte=now, valid_until__gt=now
    ).order_by("-valid_from", "-pk")
    for name in rows.values_list("public_id", flat=True):
        path = Path(settings.MEHVAR_EXCHANGE_INQUIRY_KEYS) / f"{name}.pem"
        if path.is_file():
            return name, _loaded(path)
    raise Unavailable(
        gettext_noop("There is no key with which {client} can ask here; the operator must put it in place."),
        code="no-key",
        client=names.client_name(subsystem),
    )


def _loaded(path: Path) -> signatures.PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise Unavailable(gettext_noop("The key cannot sign questions."), code="no-key")
    return key


def _signature(facts: CallFacts, key: signatures.PrivateKey, headers: Mapping[str, str]) -> dict[str, str]:
    body = facts.question.body
    added = {"Content-Digest": signatures.content_digest(body)} if body is not None else {}
    fields = {name.lower(): [value] for name, value in {**headers, **added}.items()}
    parts = signatures.RequestParts(
        facts.question.method, facts.scheme, facts.authority, facts.target, fields
    )
    covered = ["@method", "@target-uri", "x-road-client", "x-road-id", "x-road-userid"]
    covered += ["content-digest"] if body is not None else []
    signed = signatures.sign_request(
        parts,
        key,
        keyid=facts.key_id,
        created=int(clock.now().timestamp()),
        nonce=secrets.token_hex(16),
        components=covered,
    )
    return {**added, **signed}
