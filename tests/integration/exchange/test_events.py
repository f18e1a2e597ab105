"""Events from publisher to subscriber: over the API by signed requests, pushed and pulled, tried again, given up, replayed."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification
from mehvar.exchange.actions import agreements
from mehvar.exchange.actions.events import pushing, subscriptions, topics
from mehvar.exchange.actions.events.subscriptions import Wish
from mehvar.exchange.data.events import Delivering, EventDeliveryState, Mode
from mehvar.exchange.models import EventDelivery, EventSubscription, EventTopic
from mehvar.exchange.queries import names
from mehvar.exchange.rules import cloudevents, signatures
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, NotFound, NotPermitted
from tests.factories import events as make
from tests.factories.events import Machine, Receiver
from tests.factories.exchange import Federation, agreed, federation, file_in
from tests.factories.programs import Program, answered, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Federation:
    file_in(tmp_path, monkeypatch)
    settings.MEHVAR_EXCHANGE_EVENT_KEY_FILE = tmp_path / "event_key.pem"
    settings.MEHVAR_EXCHANGE_PUSH_NETWORKS = ("127.0.0.0/8",)
    return federation()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with make.receiver() as running:
        yield running


def pushed_to(made: Federation, receiver: Receiver, **wish: object) -> tuple[EventTopic, EventSubscription]:
    agreed(made)
    topic = make.topic(made)
    row = subscriptions.subscribe(
        made.consumer_engineer,
        topic.public_id,
        subsystem_id=made.clinic.pk,
        wish=Wish(Delivering.PUSH, receiver.address, **wish),  # type: ignore[arg-type]
    )
    return topic, row


def tell(made: Federation, topic: EventTopic, *numbers: int, **members: object) -> None:
    events = [cloudevents.from_json(json.dumps(make.sold(number, **members))) for number in numbers]
    topics.publish(made.provider_engineer, topic.public_id, events)


def deliver(count: int = 1, *, send: pushing.Send | None = None) -> None:
    """Deliver until so many attempts were settled, in this thread: the test's database lives in its connection."""
    deliverer = pushing.Deliverer(send)
    until = time.monotonic() + 90
    while count > 0:
        assert time.monotonic() < until
        count -= deliverer.step()
    deliverer.close()


def make_due() -> None:
    EventDelivery.objects.filter(state=EventDeliveryState.WAITING).update(due_at=clock.now())


def test_machines_publish_subscribe_and_pull_by_signed_requests(made: Federation) -> None:
    registry, clinic = Machine(made.registry), Machine(made.clinic)
    topic = make.topic(made)
    refused = clinic.ask("POST", "/subscriptions", {"topic": topic.public_id})
    assert (refused.status_code, refused.json()["code"]) == (403, "no-agreement")
    agreed(made)
    answer = clinic.ask("POST", "/subscriptions", {"topic": topic.public_id})
    assert answer.status_code == 201, answer.content
    subscription = answer.json()
    assert subscription["subscriber"].endswith("/GOV/health/clinic")
    assert clinic.ask("POST", "/subscriptions", {"topic": topic.public_id}).status_code == 409

    path = f"/topics/{topic.public_id}/events"
    structured = registry.ask("POST", path, make.sold(1), media="application/cloudevents+json")
    assert structured.json() == [{"id": "s-1", "sequence": 1, "is_new": True}]
    attributes = {
        "ce-specversion": "1.0",
        "ce-id": "s-2",
        "ce-source": "/registry/sales",
        "ce-type": "qf.parcel.sold",
        "ce-subject": "caf%C3%A9",
    }
    binary = registry.ask("POST", path, b'{"parcel": "P2"}', extra=attributes)
    assert binary.status_code == 201, binary.content
    batch = registry.ask(
        "POST", path, [make.sold(2), make.sold(3)], media="application/cloudevents-batch+json"
    )
    assert [(one["sequence"], one["is_new"]) for one in batch.json()] == [(2, False), (3, True)]

    bad = registry.ask("POST", path, make.sold(4, data={"parcel": 4}), media="application/cloudevents+json")
    assert (bad.status_code, bad.json()["code"]) == (422, "data-not-fitting")
    assert (
        registry.ask(
            "POST", path, make.sold(4, type="other"), media="application/cloudevents+json"
        ).status_code
        == 422
    )
    assert registry.ask("POST", path, b"not json").json()["code"] == "bad-event"
    assert clinic.ask("POST", path, make.sold(4), media="application/cloudevents+json").status_code == 403

    place = f"/subscriptions/{subscription['id']}"
    pulled = clinic.ask("POST", f"{place}/pull", {"limit": 10}).json()
    assert [one["event"]["id"] for one in pulled] == ["s-1", "s-2", "s-3"]
    assert pulled[1]["event"]["subject"] == "café"
    assert pulled[1]["event"]["data"] == {"parcel": "P2"}
    done = {"done": [pulled[0]["receipt"], pulled[1]["receipt"]], "failed": [pulled[2]["receipt"]]}
    assert clinic.ask("POST", f"{place}/acknowledgements", done).json() == {"changed": 3}
    assert clinic.ask("POST", f"{place}/acknowledgements", done).json() == {"changed": 0}
    whole = clinic.ask("GET", place).json()
    assert (whole["waiting"], whole["in_hand"], whole["dead"]) == (1, 0, 0)
    assert registry.ask("GET", place).status_code == 404
    standing = registry.ask("GET", f"{path}/3").json()
    assert standing["deliveries"] == [
        {
            "subscriber": subscription["subscriber"],
            "state": "waiting",
            "attempts": 1,
            "error": "refused by the receiver",
        }
    ]
    clinic.ask("POST", f"{place}/replay", {"from_sequence": 1})
    assert len(clinic.ask("POST", f"{place}/pull", {}).json()) == 3
    assert clinic.ask("DELETE", place).status_code == 204
    assert clinic.ask("POST", f"{place}/pull", {}).status_code == 403


def test_only_whole_fresh_and_new_signatures_count(made: Federation) -> None:
    machine = Machine(made.registry)
    path = "/api/v1/exchange/topics"
    once = machine.headers("GET", path, b"")
    assert Client().get(path, headers=once).status_code == 200
    again = Client().get(path, headers=once)
    assert (again.status_code, again.json()["code"]) == (403, "replayed")
    old = machine.headers("GET", path, b"", created=int(time.time()) - 3_600)
    unknown = machine.headers("GET", path, b"", keyid="k-unknown")
    other = {**machine.headers("GET", path, b""), "x-road-client": "MEHVAR/GOV/health/clinic"}
    elsewhere = machine.headers("GET", f"{path}?page=2", b"")
    for headers in (old, unknown, other, elsewhere):
        assert Client().get(path, headers=headers).status_code == 403
    body = json.dumps(make.sold()).encode()
    topic = make.topic(made)
    whole = f"{path}/{topic.public_id}/events"
    signed = machine.headers("POST", whole, body)
    changed = Client().post(
        whole, body.replace(b"P1", b"P9"), content_type="application/cloudevents+json", headers=signed
    )
    assert changed.status_code == 403
    assert (
        Client()
        .get("/api/v1/directives", headers=machine.headers("GET", "/api/v1/directives", b""))
        .status_code
        == 401
    )
    assert Client().get(path).status_code == 401


@pytest.mark.parametrize("mode", [Mode.BINARY, Mode.STRUCTURED])
def test_a_push_is_a_signed_cloudevent(made: Federation, receiver: Receiver, mode: Mode) -> None:
    topic, row = pushed_to(made, receiver, mode=mode)
    tell(made, topic, 1, subject="قطعه ۱", priority=3)
    deliver()
    headers, body = receiver.seen[0]
    (event,) = cloudevents.read_http(headers, body)
    assert (event.subject, json.loads(event.data or b"")["parcel"], int(event.extensions["priority"])) == (
        "قطعه ۱",
        "P1",
        3,
    )
    fields = {name: [value] for name, value in headers.items()}
    stated = signatures.read_signature(fields["signature-input"], fields["signature"])
    covered = {name for name in headers if name.startswith("ce-")} | {
        "content-digest",
        "content-type",
        "@target-uri",
    }
    assert covered <= set(stated.components)
    parts = signatures.RequestParts("POST", "http", headers["host"], "/inbox", fields)
    base = signatures.signature_base(stated.text, stated.components, parts)
    key = pushing.signing_key().public_key()
    assert signatures.holds(stated.signature, base, key)
    assert not signatures.holds(stated.signature, base.replace(b"/inbox", b"/elsewhere"), key)
    assert headers["content-digest"] == signatures.content_digest(body)
    assert subscriptions.counts(row) == {"waiting": 0, "in_hand": 0, "dead": 0}


def test_a_failing_receiver_gets_rest_and_then_everything_in_order(
    made: Federation, receiver: Receiver
) -> None:
    topic, row = pushed_to(made, receiver)
    receiver.answers = [(503, {"Retry-After": "300"})]
    tell(made, topic, 1, 2, 3, subject="same")
    deliver(3)
    assert len(receiver.seen) == 1  # the others of the key wait behind it
    row.refresh_from_db()
    assert row.failing_since is not None
    assert row.last_error == "HTTP 503"
    due = EventDelivery.objects.order_by("sequence").first()
    assert due is not None
    assert due.due_at - clock.now() > timedelta(seconds=250)
    assert [one.attempts for one in EventDelivery.objects.order_by("sequence")] == [1, 0, 0]
    make_due()
    row.refresh_from_db()
    deliver(3)
    assert [json.loads(body)["parcel"] for _, body in receiver.seen] == ["P1", "P1", "P2", "P3"]
    assert receiver.seen[1][0]["mehvar-attempt"] == "2"
    row.refresh_from_db()
    assert row.failing_since is None


def test_dead_letters_are_told_shown_and_tried_again(made: Federation, receiver: Receiver) -> None:
    topic, row = pushed_to(made, receiver, attempts=2)
    receiver.answers = [(410, {}), (500, {}), (500, {})]
    tell(made, topic, 1, 2)
    deliver(2)
    make_due()
    deliver(1)
    letters = subscriptions.dead_letters(made.consumer_engineer, row.public_id)
    assert sorted((one.error, one.attempts) for one in letters) == [("HTTP 410", 1), ("HTTP 500", 2)]
    told = Notification.objects.get(kind="exchange", path__contains=row.public_id)
    assert told.user_id == made.consumer_engineer.pk
    assert subscriptions.requeue(made.consumer_engineer, row.public_id, []) == 2
    deliver(2)
    assert subscriptions.counts(row) == {"waiting": 0, "in_hand": 0, "dead": 0}
    assert len(receiver.seen) == 5


def test_the_server_pushes_into_no_network_of_its_own(
    made: Federation, receiver: Receiver, settings: Settings
) -> None:
    topic, row = pushed_to(made, receiver)
    settings.MEHVAR_EXCHANGE_PUSH_NETWORKS = ()
    tell(made, topic, 1)
    deliver()
    row.refresh_from_db()
    assert "127.0.0.1" in row.last_error
    assert receiver.seen == []
    for address in (
        "ftp://example.org/x",
        "http://user@example.org/",
        "https://example.org/?q=1",
        "javascript:1",
        "",
    ):
        with pytest.raises(InputError):
            subscriptions.change(made.consumer_engineer, row.public_id, wish=Wish(Delivering.PUSH, address))


def test_without_a_valid_agreement_events_wait(made: Federation, receiver: Receiver) -> None:
    topic, row = pushed_to(made, receiver)
    assert row.agreement is not None
    row.agreement.refresh_from_db()
    agreements.end(
        made.provider_engineer, row.agreement.public_id, reason="law repealed", version=row.agreement.version
    )
    tell(made, topic, 1)
    assert pushing.Deliverer().step() == 0
    assert receiver.seen == []
    assert subscriptions.counts(row)["waiting"] == 1
    subscriptions.change(made.consumer_engineer, row.public_id, wish=Wish())
    with pytest.raises(NotPermitted):
        subscriptions.pull(made.consumer_engineer, row.public_id)


def test_a_paused_subscription_keeps_its_place_and_a_closed_topic_takes_nothing(made: Federation) -> None:
    topic = make.topic(made, is_public=True)
    row = subscriptions.subscribe(
        made.consumer_engineer,
        topic.public_id,
        subsystem_id=made.clinic.pk,
        wish=Wish(types=("qf.parcel.sold",)),
    )
    subscriptions.pause(made.consumer_engineer, row.public_id)
    tell(made, topic, 1)
    with pytest.raises(NotPermitted):
        subscriptions.pull(made.consumer_engineer, row.public_id)
    subscriptions.resume(made.consumer_engineer, row.public_id)
    assert [one.sequence for one in subscriptions.pull(made.consumer_engineer, row.public_id)] == [1]
    with pytest.raises(NotFound):
        subscriptions.pull(
            made.provider_engineer.__class__.objects.create(email="x@demo.example"), row.public_id
        )
    topics.close_topic(made.provider_engineer, topic.public_id, reason="replaced")
    with pytest.raises(Conflict):
        tell(made, topic, 2)
    with pytest.raises(NotPermitted):
        topics.open_topic(made.consumer_engineer, made.registry.pk, code="mine", title="Mine")


def test_old_events_are_forgotten(made: Federation) -> None:
    topic = make.topic(made)
    tell(made, topic, 1)
    with clock.fixed(clock.now() + timedelta(days=31)):
        tell(made, topic, 2)
        assert pushing.forget_old() == 1
        with pytest.raises(NotFound):
            topics.state_of(made.provider_engineer, topic.public_id, 1)
        assert topics.state_of(made.provider_engineer, topic.public_id, 2)[0].sequence == 2


def test_who_oversees_sees_how_events_stand_and_never_what_they_say(
    made: Federation, receiver: Receiver
) -> None:
    topic, row = pushed_to(made, receiver)
    receiver.answers = [(410, {})]
    tell(made, topic, 1, subject="person-7", priority=3)
    deliver()
    published, letters = (
        f"/exchange/topics/{topic.public_id}/events",
        f"/exchange/subscriptions/{row.public_id}",
    )
    for person, place in (
        (made.provider_engineer, f"{published}/1"),
        (made.consumer_engineer, f"{letters}/dead-letters"),
    ):
        found = answered(Program(person).get(place))
        event = (found[0] if isinstance(found, list) else found)["event"]
        assert (event["data"], event["subject"], event["priority"]) == ({"parcel": "P1"}, "person-7", 3)
    auditor = made.house.people[Role.AUDITOR]
    for person in (made.operator, auditor):
        standing = answered(Program(person).get(f"{published}/1"))
        assert [one["state"] for one in standing["deliveries"]] == ["dead"]
        (letter,) = answered(Program(person).get(f"{letters}/dead-letters"))
        assert letter["error"] == "HTTP 410"
        for event in (standing["event"], letter["event"]):
            assert {name: event[name] for name in ("id", "type")} == {"id": "s-1", "type": "qf.parcel.sold"}
            assert not event.keys() & {"data", "data_base64", "subject", "priority", "partitionkey"}
        assert "P1" not in json.dumps([standing, letter])
    (letter,) = subscriptions.dead_letters(None, row.public_id)
    assert letter.event.data is None


def test_the_operator_neither_speaks_for_a_subsystem_nor_turns_its_events_elsewhere(made: Federation) -> None:
    agreed(made)
    topic = make.topic(made)
    wish, place = (
        {"topic": topic.public_id, "subscriber": names.client_name(made.clinic)},
        "/exchange/subscriptions",
    )
    operator, engineer = Program(made.operator), Program(made.consumer_engineer)
    problem(operator.post(place, wish), 403, "not-permitted")
    row = answered(engineer.post(place, wish), 201)
    tell(made, topic, 1)
    problem(operator.post(f"{place}/{row['id']}/pull", {}), 403, "not-permitted")
    problem(operator.post(f"{place}/{row['id']}/acknowledgements", {}), 403, "not-permitted")
    away = {"delivering": "push", "address": "https://elsewhere.example/inbox"}
    problem(operator.send("PUT", f"{place}/{row['id']}", away), 403, "not-permitted")
    attributes = {"ce-specversion": "1.0", "ce-id": "s-2", "ce-source": "/x", "ce-type": "qf.parcel.split"}
    told = operator.send("POST", f"/exchange/topics/{topic.public_id}/events", {"parcel": "P2"}, **attributes)
    problem(told, 403, "not-permitted")
    browser = Client()
    browser.force_login(made.operator)
    address = f"/exchange/subscriptions/{row['id']}/"
    assert "Pause" in browser.get(address).content.decode()
    assert browser.get(f"{address}change/").status_code == 404
    assert answered(operator.post(f"{place}/{row['id']}/pause", {}))["state"] == "paused", "it still arranges"
    assert answered(operator.post(f"{place}/{row['id']}/resume", {}))["state"] == "active"
    (pulled,) = answered(engineer.post(f"{place}/{row['id']}/pull", {}))
    assert pulled["event"]["data"] == {"parcel": "P1"}
