"""Give browser tests their browser; without Chromium they are skipped, and fail where nothing may be."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

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
