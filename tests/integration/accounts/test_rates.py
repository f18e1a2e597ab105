"""Callers are counted in the database, so that a limit holds over all processes."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from django.core.cache import cache
from django.db import connection

from mehvar.accounts.actions import rates
from mehvar.accounts.models import CachedValue, RequestCount
from mehvar.config.api.throttle import STEP, Counts
from mehvar.kernel import clock
from tests.factories.promulgation import MORNING


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.mark.django_db
def test_each_window_counts_anew_and_is_forgotten() -> None:
    assert [rates.count("door:a", window_s=60) for _number in range(3)] == [1, 2, 3]
    assert rates.count("door:b", window_s=60) == 1
    assert rates.count("door:a", window_s=60, by=7) == 10
    with clock.fixed(MORNING + timedelta(seconds=60)):
        assert rates.count("door:a", window_s=60) == 1
        assert rates.forget_old_counts() == 0
    with clock.fixed(MORNING + timedelta(seconds=125)):
        assert rates.forget_old_counts() == 2
    assert RequestCount.objects.get().count == 1


@pytest.mark.django_db
def test_two_processes_share_one_limit() -> None:
    one, other = Counts(), Counts()
    for _number in range(2 * STEP):
        one.count("token:1", 7)
    assert other.count("token:1", 7) > 2 * STEP - STEP  # it learns at once what the other wrote down
    assert other.count("token:2", 7) == 1
    assert one.count("token:1", 8) == 1  # another minute
    assert [one.count("token:3", 8) for _number in range(30)] == list(range(1, 31))


@pytest.mark.django_db
def test_counting_costs_a_write_only_now_and_then(django_assert_num_queries: object) -> None:
    counts = Counts()
    with django_assert_num_queries(3):  # type: ignore[operator]
        for _number in range(2 * STEP + 1):
            counts.count("token:1", 7)


@pytest.mark.django_db
def test_what_is_cached_is_in_the_database() -> None:
    cache.set("sign-ins", 3, 60)
    assert cache.get("sign-ins") == 3
    assert CachedValue.objects.count() == 1
    cache.clear()
    assert not CachedValue.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_is_counted() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time: SQLite has no two who write at once in memory")
    found: list[int] = []

    def ask() -> None:
        with clock.fixed(MORNING):
            found.extend(rates.count("door:a", window_s=60) for _number in range(20))
        connection.close()

    threads = [Thread(target=ask) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 81))
