"""The home page, the search and the calendar in a real browser: three languages, desktop and phone, without barriers."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.models import User
from mehvar.directives.queries.days import today
from mehvar.home.actions import indexing
from mehvar.kernel.calendars import add_days
from tests.factories import plans as factory
from tests.factories.obstacles import raised_by_north
from tests.factories.organisations import PASSWORD
from tests.factories.plans import calling

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PICTURES = os.environ.get("MEHVAR_SCREENSHOTS", "")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


RUN = asyncio.run


def in_own_thread(work: Any, **options: Any) -> Any:
    """Let what signs documents run its own loop beside the browser's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(RUN, work, **options).result()


@pytest.fixture(autouse=True)
def developing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEBUG = True
    monkeypatch.setattr(factory, "DEADLINE", add_days(today(), 30))
    monkeypatch.setattr(asyncio, "run", in_own_thread)


def checked(page: Page, name: str) -> None:
    """Hold a page to its width and to what people with assistive tools need; keep a picture where asked."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"home-{name}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    serious = [
        f"{name} {found['id']}: {found['nodes'][0]['html'][:200]}"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in {"serious", "critical"}
    ]
    assert serious == []


@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_home_is_sound_on_desk_and_phone(browser: Browser, live_server: LiveServer, language: str) -> None:
    made = calling()
    raised_by_north(made.house)
    indexing.rebuild()
    User.objects.filter(pk=made.north.pk).update(language=language)
    client = Client()
    assert client.login(username=made.north.email, password=PASSWORD)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    pages = {
        "index": reverse("home:index"),
        "search": f"{reverse('home:search')}?q=directive",
        "calendar": reverse("home:calendar"),
    }
    for width in (1280, 390):
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
        page = context.new_page()
        page.goto(f"{live_server.url}{pages['index']}")
        checked(page, f"public-{language}-{width}")
        context.add_cookies([cookie])
        for name, path in pages.items():
            page.goto(f"{live_server.url}{path}")
            checked(page, f"{name}-{language}-{width}")
        context.close()
