"""Programs do over HTTP what engineers and operators do on pages, with the same permissions."""

from pathlib import Path

import pytest

from mehvar.exchange.models import PublishedSnapshot
from tests.factories.exchange import Federation, federation, file_in
from tests.factories.organisations import make_user
from tests.factories.programs import Program, answered, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Federation:
    file_in(tmp_path, monkeypatch)
    return federation()


def test_access_is_asked_granted_and_revoked_by_programs(made: Federation) -> None:
    consumer, provider = Program(made.consumer_engineer), Program(made.provider_engineer)
    service = made.service.public_id
    client = "MEHVAR/GOV/health/clinic"
    asked = answered(
        consumer.post(
            "/exchange/requests",
            {"client": client, "service": service, "purpose": "address", "legal_basis": "Act 4"},
        ),
        201,
    )
    path = f"/exchange/requests/{asked['id']}"
    problem(consumer.post(f"{path}/submit", {}), 422, "version-required")
    problem(provider.get(path), 404, "unknown-request-for-access")
    answered(consumer.post(f"{path}/submit", {"version": asked["version"]}))
    seen = answered(provider.get(path))
    problem(consumer.post(f"{path}/grant", {"version": seen["version"]}), 403, "not-permitted")
    done = answered(provider.post(f"{path}/grant", {"version": seen["version"]}))
    assert done["state"] == "granted"
    right = answered(provider.get("/exchange/rights", service=service))[0]
    assert (right["client"], right["agreement"]) == (client, done["agreement"])
    assert answered(consumer.get(f"/exchange/agreements/{done['agreement']}"))["state"] == "valid"
    problem(consumer.post(f"/exchange/rights/{right['id']}/revoke", {"reason": "x"}), 403, "not-permitted")
    assert answered(provider.post(f"/exchange/rights/{right['id']}/revoke", {"reason": "gone"}))["revoked_at"]


def test_a_service_is_drafted_described_and_published_by_a_program(made: Federation) -> None:
    engineer = Program(made.provider_engineer)
    place = f"/exchange/members/{made.provider.public_id}/subsystems/registry"
    row = answered(
        engineer.post(
            f"{place}/services", {"code": "lots", "title": "Lots", "base_url": "https://lots.example"}
        ),
        201,
    )
    path = f"/exchange/services/{row['id']}"
    problem(Program(made.consumer_engineer).get(path), 404, "unknown-service")
    document = '{"openapi": "3.1.0", "paths": {"/lots/{id}": {"get": {"summary": "One lot"}}}}'
    uploaded = answered(engineer.put(f"{path}/description", None, raw=document))
    assert (uploaded["number"], uploaded["changes"]) == (1, [])
    newer = answered(engineer.put(f"{path}/description", None, raw=document.replace("/lots/", "/areas/")))
    assert [change["breaks"] for change in newer["changes"]] == [True, False]
    problem(engineer.put(f"{path}/description", None, raw="openapi: [1"), 422, "description-unreadable")
    row = answered(engineer.get(path))
    assert [one["path"] for one in row["endpoints"]] == ["/areas/*"]
    published = answered(engineer.post(f"{path}/publish", {"version": row["version"]}))
    assert published["state"] == "published"
    problem(engineer.post(f"{path}/publish", {"version": row["version"]}), 409, "stale")
    assert row["id"] in [one["id"] for one in answered(Program(make_user()).get("/exchange/services"))]


def test_the_operator_decides_on_members_and_sets_limits(made: Federation) -> None:
    operator, engineer = Program(made.operator), Program(made.consumer_engineer)
    path = f"/exchange/members/{made.consumer.public_id}"
    version = answered(operator.get(path))["version"]
    problem(engineer.post(f"{path}/suspend", {"reason": "x", "version": version}), 403, "not-permitted")
    problem(operator.post(f"{path}/suspend", {"version": version}), 422, "empty")
    assert (
        answered(operator.post(f"{path}/suspend", {"reason": "incident", "version": version}))["state"]
        == "suspended"
    )
    quota = answered(operator.post("/exchange/quotas", {"calls_per_s": 5, "burst": 10}), 201)
    problem(engineer.delete(f"/exchange/quotas/{quota}"), 403, "not-permitted")
    assert operator.delete(f"/exchange/quotas/{quota}").status_code == 204
    answered(operator.post("/exchange/groups", {"code": "all", "title": "All"}), 201)
    problem(operator.post("/exchange/groups/all/clients", {"client": "nonsense"}), 422, "invalid-identifier")
    assert answered(Program(make_user()).get("/exchange/members")) == []
    assert PublishedSnapshot.objects.count() == len(answered(operator.get("/exchange/snapshots")))
