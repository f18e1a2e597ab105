"""What every event bus promises, over tables and over NATS JetStream."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from mehvar.exchange.actions.events.nats_bus import NatsBus
from mehvar.exchange.actions.events.table_bus import TableBus
from mehvar.exchange.data.events import Bus, Claimed, EventDeliveryState, Settlement, Start, Verdict
from mehvar.kernel import clock
from tests.integration.exchange.buses import (
    LEASE_S,
    SHORT_LEASE_S,
    event,
    name,
    nats_bus_at,
    nats_server,
    numbers,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with nats_server(tmp_path_factory.mktemp("nats")) as address:
        yield address


@pytest.fixture(scope="module")
def nats(server: str) -> Iterator[NatsBus]:
    with nats_bus_at(server) as bus:
        yield bus


@pytest.fixture(scope="module")
def hasty_nats(server: str) -> Iterator[NatsBus]:
    with nats_bus_at(server, lease_s=SHORT_LEASE_S) as bus:
        yield bus


@pytest.fixture(params=["tables", "nats"])
def bus(request: pytest.FixtureRequest) -> Bus:
    return TableBus() if request.param == "tables" else request.getfixturevalue("nats")


@pytest.fixture(params=["tables", "nats"])
def hasty_bus(request: pytest.FixtureRequest) -> Bus:
    """Give a bus whose leases of JetStream are short; of tables each claim says how long."""
    return TableBus() if request.param == "tables" else request.getfixturevalue("hasty_nats")


@pytest.fixture
def topic() -> str:
    return name()


def attached(bus: Bus, topic: str, **options: object) -> str:
    subscription = name()
    bus.attach(subscription, topic, **options)  # type: ignore[arg-type]
    return subscription


def claimed_until(
    bus: Bus, subscription: str, is_enough: Callable[[list[Claimed]], bool], *, lease_s: float = LEASE_S
) -> list[Claimed]:
    found: list[Claimed] = []
    until = time.monotonic() + 90
    while not is_enough(found):
        assert time.monotonic() < until, found
        found += bus.claim(subscription, limit=10, lease_s=lease_s)
    return found


def take(bus: Bus, subscription: str, count: int) -> list[Claimed]:
    """Claim and settle until so many have come."""
    found: list[Claimed] = []
    while len(found) < count:
        got = claimed_until(bus, subscription, bool)
        bus.settle(subscription, [Settlement(one.receipt) for one in got])
        found += got
    return found


def test_an_event_reaches_every_subscription_once_and_whole(bus: Bus, topic: str) -> None:
    one, two = attached(bus, topic), attached(bus, topic)
    sent = event(1, extensions={"partitionkey": "p", "urgent": True})
    accepted = bus.append(topic, [sent])
    assert [(item.sequence, item.is_new) for item in accepted] == [(1, True)]
    for subscription in (one, two):
        got = take(bus, subscription, 1)
        assert got[0].event == sent
        assert (got[0].sequence, got[0].attempt) == (1, 1)
        assert bus.claim(subscription, limit=5, lease_s=1) == []
        assert bus.backlog(subscription).waiting == 0


def test_publishing_again_changes_nothing(bus: Bus, topic: str) -> None:
    subscription = attached(bus, topic)
    assert [item.is_new for item in bus.append(topic, [event(1), event(2)])] == [True, True]
    assert [(item.sequence, item.is_new) for item in bus.append(topic, [event(2), event(3)])] == [
        (2, False),
        (3, True),
    ]
    assert sorted(numbers(take(bus, subscription, 3))) == [1, 2, 3]
    assert bus.claim(subscription, limit=5, lease_s=1) == []


def test_order_holds_within_a_key_even_when_one_is_tried_again(bus: Bus, topic: str) -> None:
    subscription = attached(bus, topic)
    bus.append(topic, [event(number, key="k") for number in range(4)])
    first = claimed_until(bus, subscription, bool)
    assert numbers(first)[0] == 0
    bus.settle(
        subscription,
        [
            Settlement(one.receipt, Verdict.RETRY if place == 0 else Verdict.RELEASE, 0.1, "busy")
            for place, one in enumerate(first)
        ],
    )
    again = take(bus, subscription, 4)
    assert numbers(again) == [0, 1, 2, 3]
    assert again[0].attempt == 2
    assert again[-1].attempt == 1


def test_other_keys_go_on_while_one_waits(bus: Bus, topic: str) -> None:
    subscription = attached(bus, topic)
    bus.append(topic, [event(1, key="stuck"), event(2, key="stuck"), event(3), event(4)])
    got = claimed_until(bus, subscription, lambda found: {1, 3, 4} <= set(numbers(found)))
    for one in got:
        verdict = Verdict.RETRY if one.event.key else Verdict.DONE
        bus.settle(subscription, [Settlement(one.receipt, verdict, 30)])
    assert bus.claim(subscription, limit=5, lease_s=1) == []
    assert bus.backlog(subscription).waiting + bus.backlog(subscription).in_hand == 2


def test_a_lease_that_runs_out_frees_the_event(hasty_bus: Bus, topic: str) -> None:
    bus, subscription = hasty_bus, attached(hasty_bus, topic)
    bus.append(topic, [event(1, key="k")])
    began = time.monotonic()
    lost = claimed_until(bus, subscription, bool, lease_s=SHORT_LEASE_S)
    again = bus.claim(subscription, limit=5, lease_s=SHORT_LEASE_S)
    assert again == [] or time.monotonic() - began > SHORT_LEASE_S
    again = again or claimed_until(bus, subscription, bool, lease_s=SHORT_LEASE_S)
    assert numbers(again) == [1]
    assert again[0].attempt == 2
    if isinstance(bus, TableBus):  # JetStream does not say whose lease was lost
        assert bus.settle(subscription, [Settlement(lost[0].receipt)]) == 0
    while bus.settle(subscription, [Settlement(again[0].receipt)]) != 1:  # a busy machine lost this lease too
        assert time.monotonic() - began > SHORT_LEASE_S
        again = claimed_until(bus, subscription, bool, lease_s=SHORT_LEASE_S)
    time.sleep(SHORT_LEASE_S)
    assert bus.claim(subscription, limit=5, lease_s=1) == []


def test_dead_letters_are_kept_shown_and_tried_again(bus: Bus, topic: str) -> None:
    subscription = attached(bus, topic)
    bus.append(topic, [event(1, key="k"), event(2, key="k")])
    bad = claimed_until(bus, subscription, bool)
    bus.settle(subscription, [Settlement(bad[0].receipt, Verdict.DEAD, error="HTTP 410")])
    bus.settle(subscription, [Settlement(one.receipt, Verdict.RELEASE) for one in bad[1:]])
    assert numbers(take(bus, subscription, 1)) == [2]
    letters = bus.dead_letters(subscription)
    assert [(letter.sequence, letter.attempts, letter.error) for letter in letters] == [(1, 1, "HTTP 410")]
    assert letters[0].event == event(1, key="k")
    assert bus.backlog(subscription).dead == 1
    assert [item.state for item in bus.standings(topic, 1)] == [EventDeliveryState.DEAD]
    assert bus.requeue(subscription, [1, 99]) == 1
    assert [(one.sequence, one.attempt) for one in take(bus, subscription, 1)] == [(1, 1)]
    assert bus.dead_letters(subscription) == []


def test_replay_from_a_number_or_an_instant(bus: Bus, topic: str) -> None:
    bus.append(topic, [event(1), event(2)])
    time.sleep(0.05)
    between = clock.now()
    time.sleep(0.05)
    bus.append(topic, [event(3)])
    late = attached(bus, topic)
    assert bus.claim(late, limit=5, lease_s=1) == []
    assert sorted(numbers(take(bus, attached(bus, topic, start=Start(sequence=2)), 2))) == [2, 3]
    assert numbers(take(bus, attached(bus, topic, start=Start(since=between)), 1)) == [3]
    bus.append(topic, [event(4)])
    assert numbers(take(bus, late, 1)) == [4]
    bus.replay(late, Start(sequence=3))
    assert sorted(numbers(take(bus, late, 2))) == [3, 4]
    bus.replay(late, Start(since=between - timedelta(minutes=1)))
    assert sorted(numbers(take(bus, late, 4))) == [1, 2, 3, 4]


def test_types_are_chosen_and_states_told(bus: Bus, topic: str) -> None:
    sold = attached(bus, topic, types=["qf.parcel.sold"])
    every = attached(bus, topic)
    bus.append(topic, [event(1, kind="qf.parcel.split"), event(2)])
    assert numbers(take(bus, sold, 1)) == [2]
    assert bus.claim(sold, limit=5, lease_s=1) == []
    states = {item.subscription: item.state for item in bus.standings(topic, 2)}
    assert states == {sold: EventDeliveryState.DONE, every: EventDeliveryState.WAITING}
    assert [item.subscription for item in bus.standings(topic, 1)] == [every]
    stored = bus.find(topic, 1)
    assert stored is not None
    assert stored.event == event(1, kind="qf.parcel.split")
    assert bus.find(topic, 99) is None
    bus.detach(every)
    bus.append(topic, [event(3)])
    assert bus.claim(every, limit=5, lease_s=1) == []


def test_what_is_old_and_delivered_is_forgotten(bus: Bus, topic: str) -> None:
    subscription = attached(bus, topic)
    bus.append(topic, [event(1), event(2)])
    take(bus, subscription, 2)
    bus.forget(topic, clock.now() - timedelta(hours=1))
    assert bus.find(topic, 1) is not None
    if isinstance(bus, TableBus):
        bus.append(topic, [event(3)])
        assert bus.forget(topic, clock.now() + timedelta(seconds=1)) == 2
        assert bus.find(topic, 1) is None
        assert numbers(take(bus, subscription, 1)) == [3]  # what somebody waits for stays


def test_what_came_late_to_one_process_and_lay_there_is_had_by_another(server: str, topic: str) -> None:
    with nats_bus_at(server) as one, nats_bus_at(server) as other:
        subscription = attached(one, topic)
        one.append(topic, [event(1, key="k"), event(2, key="k")])
        in_hand = claimed_until(one, subscription, bool)
        assert (
            one.claim(subscription, limit=5, lease_s=LEASE_S) == []
        )  # its wish stands now, on a lane in hand
        one.settle(subscription, [Settlement(in_hand[0].receipt)])
        assert numbers(claimed_until(other, subscription, bool)) == [2]
