"""Give browser tests their browser; without Chromium they are skipped, and fail where nothing may be."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser

from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import add_days
from tests.factories import plans
from tests.functional.browsing import CHROMIUM, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with chromium() as launched:
        yield launched


@pytest.fixture(autouse=True)
def static_files_from_source(request: pytest.FixtureRequest) -> None:
    """Let the live server find styles and scripts without collecting them first."""
    if "browser" in request.fixturenames:
        request.getfixturevalue("settings").DEBUG = True


@pytest.fixture
def loop_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what signs documents run its own loop beside the browser's."""
    run = asyncio.run

    def in_own_thread(work: Any, **options: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: run(work, **options)).result()

    monkeypatch.setattr(asyncio, "run", in_own_thread)


@pytest.fixture
def deadline_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls of the factory end a month from now, for tests that live in the present."""
    monkeypatch.setattr(plans, "DEADLINE", add_days(today(), 30))
