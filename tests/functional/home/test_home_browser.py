"""The home page, the search and the calendar in a real browser: three languages, desktop and phone, without barriers."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
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
from tests.functional.browsing import checked

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


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
        checked(page, f"home-public-{language}-{width}")
        context.add_cookies([cookie])
        for name, path in pages.items():
            page.goto(f"{live_server.url}{path}")
            checked(page, f"home-{name}-{language}-{width}")
        context.close()
