"""Topics, subscriptions and dead letters, as engineers of both sides meet them; a directive announced as a public topic."""

import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from mehvar.config import announcing
from mehvar.exchange.actions.events import subscriptions, topics
from mehvar.exchange.actions.events.bus import bus
from mehvar.exchange.actions.events.subscriptions import Wish
from mehvar.exchange.data.events import Settlement, Verdict
from mehvar.exchange.models import EventSubscription, EventTopic
from mehvar.exchange.rules import cloudevents
from mehvar.ledger.models import Entry
from tests.factories import events as make
from tests.factories.exchange import Federation, agreed, federation, file_in
from tests.factories.promulgation import promulgated

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Federation:
    file_in(tmp_path, monkeypatch)
    settings.MEHVAR_EXCHANGE_EVENT_KEY_FILE = tmp_path / "event_key.pem"
    return federation()


def as_person(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def test_from_opening_a_topic_to_trying_a_dead_letter_again(made: Federation) -> None:
    provider, consumer = as_person(made.provider_engineer), as_person(made.consumer_engineer)
    opened = provider.post(
        "/exchange/topics/new/",
        {"subsystem": made.registry.pk, "code": "sales", "title": "Parcels sold", "summary": "Each sale.", "retention_days": "30"},
    )  # fmt: skip
    topic = EventTopic.objects.get()
    assert opened["Location"] == f"/exchange/topics/{topic.public_id}/"
    step = f"/exchange/topics/{topic.public_id}"
    wrong = provider.post(f"{step}/type/", {"name": "qf.parcel.sold", "schema": '{"type": "nonsense"}'})
    assert "cannot be the JSON Schema" in wrong.content.decode()
    assert (
        provider.post(
            f"{step}/type/", {"name": "qf.parcel.sold", "schema": json.dumps(make.SCHEMA)}
        ).status_code
        == 302
    )
    assert "qf.parcel.sold" in consumer.get(f"{step}/").content.decode()
    assert consumer.get(f"{step}/type/").status_code == 404

    wish = {
        "subsystem": made.clinic.pk,
        "delivering": "push",
        "address": "https://clinic.example/inbox",
        "mode": "binary",
        "attempts": "3",
    }
    assert "valid agreement" in consumer.post(f"{step}/subscribe/", wish).content.decode()
    agreed(made)
    bad = consumer.post(f"{step}/subscribe/", {**wish, "address": "mailto:x"})
    assert "Write an address" in bad.content.decode()
    subscribed = consumer.post(f"{step}/subscribe/", wish)
    row = EventSubscription.objects.get()
    place = f"/exchange/subscriptions/{row.public_id}"
    assert subscribed["Location"] == f"{place}/"

    topics.publish(
        made.provider_engineer,
        topic.public_id,
        cloudevents.read_http({"Content-Type": cloudevents.STRUCTURED}, json.dumps(make.sold()).encode()),
    )
    (claimed,) = bus().claim(row.public_id, limit=5, lease_s=60)
    bus().settle(row.public_id, [Settlement(claimed.receipt, Verdict.DEAD, error="HTTP 410")])
    shown = consumer.get(f"{place}/").content.decode()
    assert "status 410" in shown
    assert "s-1" in shown
    assert consumer.post(f"{place}/requeue/", {"version": row.version}).status_code == 302
    assert subscriptions.counts(row) == {"waiting": 1, "in_hand": 0, "dead": 0}
    consumer.post(f"{place}/pause/", {"version": row.version})
    row.refresh_from_db()
    assert row.state == "paused"
    assert "Somebody changed this" in consumer.post(f"{place}/end/", {"version": 1}).content.decode()
    assert consumer.post(f"{place}/end/", {"version": row.version}).status_code == 302
    assert provider.get(f"{place}/").status_code == 200  # to whom one's topic goes is the provider's concern
    assert provider.post(f"{place}/resume/", {}).status_code == 404
    actions = set(
        Entry.objects.filter(subject_type__in=["exchange-topic", "exchange-subscription"]).values_list(
            "action", flat=True
        )
    )
    assert actions == {
        "exchange.topic.open", "exchange.topic.describe", "exchange.subscription.open", "exchange.subscription.requeue",
        "exchange.subscription.paused", "exchange.subscription.ended",
    }  # fmt: skip
    for kind, identifier, words in (
        ("exchange-topic", topic.public_id, "Open a topic"),
        ("exchange-subscription", row.public_id, "Try undelivered events again"),
    ):
        history = consumer.get(reverse("ledger:history", args=[kind, identifier])).content.decode()
        assert words in history
        assert "Exchange topic" not in history
        assert "Exchange subscription" not in history


@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_pages_speak_the_readers_language(made: Federation, language: str) -> None:
    topic = make.topic(made, is_public=True)
    row = subscriptions.subscribe(
        made.consumer_engineer, topic.public_id, subsystem_id=made.clinic.pk, wish=Wish()
    )
    made.consumer_engineer.language = language
    made.consumer_engineer.save()
    client = as_person(made.consumer_engineer)
    titles = {"fa": "موضوع‌ها", "vi": "Chủ đề", "en": "Topics"}
    assert titles[language] in client.get("/exchange/topics/").content.decode()
    for address in (f"/exchange/topics/{topic.public_id}/", f"/exchange/subscriptions/{row.public_id}/"):
        assert f'lang="{language}"' in client.get(address).content.decode()
    assert b"BEGIN PUBLIC KEY" in Client().get("/exchange/events/key/").content


def test_the_list_of_topics_asks_the_database_a_fixed_number_of_times(
    made: Federation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        make.topic(made, code=f"t{number}")
    client = as_person(made.consumer_engineer)
    client.get("/exchange/topics/")
    with django_assert_max_num_queries(16):
        assert client.get("/exchange/topics/").status_code == 200


def test_a_promulgated_directive_is_announced_once(made: Federation) -> None:
    assert announcing.announce_promulgated() == 0
    directive = promulgated(made.house).directive
    topic = topics.open_topic(
        made.provider_engineer, made.registry.pk, code=announcing.TOPIC, title="Directives", is_public=True
    )
    assert announcing.announce_promulgated() == 1
    assert announcing.announce_promulgated() == 0
    announcing.announce_step(step="promulgate", directive_id=directive.pk)
    stored = bus().find(topic.public_id, 1)
    assert stored is not None
    assert stored.event.type == announcing.PROMULGATED
    assert json.loads(stored.event.data or b"")["title"] == directive.title
    assert bus().find(topic.public_id, 2) is None
