"""Fixtures of the API's tests: a small ministry and empty counters of calls."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.factories.organisations import SmallMinistry, small_ministry


@pytest.fixture(autouse=True)
def no_calls_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()
