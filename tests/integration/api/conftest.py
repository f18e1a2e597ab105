"""Fixtures of the API's tests: a small ministry and empty counters of calls."""

from collections.abc import Iterator

import pytest

from mehvar.config.api import throttle
from tests.factories.organisations import SmallMinistry, small_ministry


@pytest.fixture(autouse=True)
def no_calls_counted() -> Iterator[None]:
    throttle.COUNTS.clear()
    yield
    throttle.COUNTS.clear()


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls go uncounted: every tenth, and the first in a minute, writes a statement more."""
    monkeypatch.setattr(throttle.COUNTS, "count", lambda _caller, _minute: 1)


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()
