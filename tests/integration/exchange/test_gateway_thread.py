"""What people do in the control plane decides what a real gateway lets pass."""

from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("httptools", reason="the gateway needs the extra [gateway]")

from mehvar.exchange.actions import limits, rights
from mehvar.exchange.models import PublishedSnapshot
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules import snapshots
from tests.factories.exchange import agreed, federation, file_in, granted
from tests.integration.gateway.federation import Provider, echo, start_worker, wait_until

CLIENT, SERVICE = "MEHVAR/GOV/health/clinic", "/r1/MEHVAR/GOV/min/registry/parcels/parcels/12"


@pytest.mark.django_db(transaction=True)
def test_a_granted_right_lets_a_call_pass_and_a_revoked_one_refuses_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_in(tmp_path / "control", monkeypatch)
    provider = Provider(echo)
    provider.start()
    made = federation(base_url=f"http://127.0.0.1:{provider.port}")
    limits.allow_network(
        made.operator, made.clinic.pk, network="127.0.0.0/8", reason="stands in the same room"
    )
    right = granted(made)
    numbers = list(PublishedSnapshot.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)), "numbered without gaps"
    assert file.read_bytes() == bytes(PublishedSnapshot.objects.get(number=numbers[-1]).content)

    gateway_folder = tmp_path / "gateway"
    gateway_folder.mkdir()
    gateway = start_worker(
        gateway_folder, snapshots.decode_snapshot(file.read_bytes()), snapshot=str(file), status_port=0
    )
    try:
        with gateway.client() as client:
            answer = client.ask("GET", SERVICE, client=CLIENT)
            assert (answer.status, answer.json["target"]) == (200, "/parcels/12")
            rights.revoke(made.provider_engineer, right.public_id, reason="the purpose has gone")
            wait_until(lambda: client.ask("GET", SERVICE, client=CLIENT).status == 500)
            assert client.ask("GET", SERVICE, client=CLIENT).error == "Server.ServerProxy.AccessDenied"
            later = agreed(made, valid_from=today() + timedelta(days=2))
            granted(made, later)
            wait_until(
                lambda: (
                    client.ask("GET", SERVICE, client=CLIENT).error
                    == "Server.ServerProxy.AccessDenied.NoValidAgreement"
                )
            )
    finally:
        gateway.kill()
        provider.stop()
