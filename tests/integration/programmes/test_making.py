"""Deliveries are made in the background, part by part: pages say so meanwhile, a dead maker loses nothing, nothing comes twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.directives.models import AssignedBody
from mehvar.kernel import clock, events
from mehvar.ledger.models import Entry
from mehvar.organisations import queries as organisations
from mehvar.programmes import tasks
from mehvar.programmes.actions import making, rounds
from mehvar.programmes.models import CellTally, Delivery, DeliveryMaking, DeliveryText
from mehvar.programmes.queries import cells
from tests.factories.organisations import PASSWORD, SmallMinistry, small_ministry
from tests.factories.promulgation import MORNING, promulgated

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def no_worker() -> Iterator[None]:
    """Let nobody take what is handed to the workers."""
    events.unsubscribe(making.QUEUED_EVENT, tasks.enqueue_making)
    yield
    events.subscribe(making.QUEUED_EVENT, tasks.enqueue_making)


def seen_by(house: SmallMinistry, name: str) -> str:
    client = Client()
    assert client.login(username=house.people[Role.PLANNING_OFFICER].email, password=PASSWORD)
    return client.get(reverse(f"programmes:{name}")).content.decode()


@pytest.mark.usefixtures("no_worker")
def test_pages_say_that_deliveries_are_being_made(
    house: SmallMinistry, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        made = promulgated(house)
    assert not Delivery.objects.exists()
    assert DeliveryMaking.objects.get().finished_at is None
    for name in ("deliveries", "status", "red"):
        assert "are being made" in seen_by(house, name)
    tasks.make_deliveries.enqueue(made.directive_id)
    assert Delivery.objects.count() == 4
    for name in ("deliveries", "status", "red"):
        assert "are being made" not in seen_by(house, name)


@pytest.mark.usefixtures("no_worker")
def test_a_maker_that_dies_between_two_parts_is_taken_over(
    house: SmallMinistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    directive_id = promulgated(house).directive_id
    monkeypatch.setattr(making, "PART", 1)
    make_part, done = making._make_part, []

    def dies(key: int) -> int:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(key)
        return make_part(key)

    monkeypatch.setattr(making, "_make_part", dies)
    with pytest.raises(KeyboardInterrupt):
        making.make_deliveries(directive_id)
    assert Delivery.objects.count() == 2
    authority = organisations.authority_of(house.people[Role.MINISTER])
    assert cells.cells_total(authority).total == 2  # what is there is counted
    monkeypatch.setattr(making, "_make_part", make_part)
    asked: list[int] = []
    with events.subscribed(making.QUEUED_EVENT, lambda *, directive_id: asked.append(directive_id)):
        assert making.resume_making() == 0  # perhaps it is only slow
        with clock.fixed(MORNING + making.GRACE + timedelta(seconds=1)):
            assert making.resume_making() == 1
    assert asked == [directive_id]
    assert making.make_deliveries(directive_id) == 2
    assert making.make_deliveries(directive_id) == 0
    assert Delivery.objects.count() == AssignedBody.objects.filter(role="lead").count() == 4
    assert sum(row.missing for row in CellTally.objects.all()) == 4
    assert Entry.objects.filter(action="directive.deliveries").count() == 1
    assert making.resume_making() == 0


@pytest.mark.usefixtures("no_worker")
def test_a_promulgation_of_which_nobody_was_told_is_found(house: SmallMinistry) -> None:
    directive_id = promulgated(house).directive_id  # the process died before it could tell
    asked: list[int] = []
    with events.subscribed(making.QUEUED_EVENT, lambda *, directive_id: asked.append(directive_id)):
        assert making.resume_making() == 1
    assert asked == [directive_id]


@pytest.mark.usefixtures("no_worker")
def test_a_round_asks_every_body_even_before_the_worker_came(house: SmallMinistry) -> None:
    directive_id = promulgated(house).directive_id
    making.ask_for_deliveries(directive_id)
    asked = rounds.open_round(
        house.people[Role.PLANNING_OFFICER], period="2026-Q2", due_on=MORNING.date() + timedelta(10),
        directive_id=directive_id,
    )  # fmt: skip
    assert asked.requests.count() == 4


def test_one_text_serves_all_who_lead_a_measure(house: SmallMinistry) -> None:
    making.make_deliveries(promulgated(house).directive_id)
    assert Delivery.objects.count() == 4
    assert DeliveryText.objects.count() == 3
    both = Delivery.objects.filter(organisation__code__in=("xx.north", "xx.south"))
    assert len(set(both.values_list("words_id", flat=True))) == 1
