"""Name the gateways that follow the snapshots, and ask each how it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from mehvar.exchange.actions import outward, publication, record
from mehvar.exchange.actions.outward import Reach
from mehvar.exchange.data.operations import Question
from mehvar.exchange.models import Gateway, PublishedSnapshot
from mehvar.exchange.queries import scope
from mehvar.exchange.rules import checks
from mehvar.kernel import clock, errors
from mehvar.kernel.identifiers import canonical_json
from mehvar.ledger.data import Subject

if TYPE_CHECKING:
    from mehvar.accounts.models import User

ASK_TIMEOUT_S = 3.0
LARGEST_ANSWER = 1 << 20


def of_gateway(row: Gateway) -> Subject:
    """Name a gateway as the ledger's subject."""
    return Subject("exchange-gateway", row.code, row.code)


def register_gateway(
    actor: User | None, *, code: str, address: str, status_address: str = "", evidence_folder: str = ""
) -> Gateway:
    """Name a gateway: where callers reach it, where it tells its state, and where its evidence lies on this machine.

    A gateway with this code is changed.

    Raises:
        NotPermitted, InputError: The person does not operate the exchange, or an address cannot be one.
    """
    record.demand_operator(actor)
    clean = checks.code(code)
    said = {
        "address": checks.base_url(address, field="address"),
        "status_address": checks.base_url(status_address, field="status_address", required=False),
        "evidence_folder": checks.words(evidence_folder, field="evidence_folder", limit=500, required=False),
    }
    with transaction.atomic():
        try:
            with transaction.atomic():
                row, _is_new = Gateway.objects.update_or_create(code=clean, defaults=said)
        except IntegrityError:  # somebody made it at this moment
            row = Gateway.objects.get(code=clean)
        content = {"address": row.address}  # where it tells its state is nobody else's business
        record.note(actor, "exchange.gateway.register", of_gateway(row), content, public=True)
        publication.changed(f"exchange.gateway.register {row.code}")  # quotas are split over gateways
    return row


def forget_gateway(actor: User | None, code: str, *, reason: str) -> None:
    """Take a gateway off the list; its evidence stays where it is.

    Raises:
        NotFound, NotPermitted, InputError, Conflict: There is none, no right to, no reason, or its evidence is indexed here.
    """
    record.demand_operator(actor)
    why = checks.words(reason, field="reason")
    with transaction.atomic():
        row = Gateway.objects.select_for_update().filter(code=code).first()
        if row is None:
            raise scope.missing("gateway")
        subject = of_gateway(row)
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:
            raise errors.Conflict(
                "Evidence of this gateway is kept here; it stays on the list.", code="gateway-used"
            ) from None
        record.note(actor, "exchange.gateway.forget", subject, {}, reason=why, public=True)
        publication.changed(f"exchange.gateway.forget {code}")


def ask_gateways() -> int:
    """Ask every gateway that has an address for it how it is, and keep the answer; give how many answered."""
    newest = PublishedSnapshot.objects.order_by("-number").values_list("number", flat=True).first() or 0
    return sum(_ask(row, newest) for row in Gateway.objects.exclude(status_address=""))


def _ask(row: Gateway, newest: int) -> int:
    now = clock.now()
    found = _health(row.status_address)
    if found is None:
        Gateway.objects.filter(pk=row.pk).update(state="silent", asked_at=now)
        return 0
    number = _number(found)
    Gateway.objects.filter(pk=row.pk).update(
        state=state_of(found, number, newest),
        health=found,
        snapshot_number=number,
        asked_at=now,
        answered_at=now,
    )
    return 1


def state_of(health: dict[str, Any], number: int | None, newest: int) -> str:
    """Say how a gateway is: failing, degraded, behind (another snapshot than the newest), ok."""
    stated = str(health.get("state", ""))
    if stated in {"failing", "degraded"}:
        return stated
    if number is not None and number < newest:
        return "behind"
    return "ok" if stated == "ok" else "unknown"


def _number(health: dict[str, Any]) -> int | None:
    found = health.get("snapshot")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _health(address: str) -> dict[str, Any] | None:
    """Give a gateway's answer to ``/health``, None where it gives none that can be read."""
    reach = Reach(
        ASK_TIMEOUT_S, LARGEST_ANSWER, is_trusted=True, ca_file=settings.MEHVAR_EXCHANGE_GATEWAY_CA_FILE
    )
    try:
        base = address.rstrip("/").removesuffix("/health")
        heard = outward.call(base, Question("GET", "/health", {}, None), headers={}, reach=reach)
        found = json.loads(heard.body)
        canonical_json(found)
    except (errors.MehvarError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and b"\\u0000" not in heard.body else None
