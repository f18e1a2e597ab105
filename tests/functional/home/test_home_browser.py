"""The home page, the search and the calendar in a real browser: three languages, desktop and phone, without barriers."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from mehvar.home.actions import indexing
from tests.factories.obstacles import raised_by_north
from tests.factories.plans import calling
from tests.functional.browsing import checked, sign_in, visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("loop_apart", "deadline_ahead"),
]


@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_home_is_sound_on_desk_and_phone(browser: Browser, live_server: LiveServer, language: str) -> None:
    made = calling()
    raised_by_north(made.house)
    indexing.rebuild()
    pages = {
        "index": reverse("home:index"),
        "search": f"{reverse('home:search')}?q=directive",
        "calendar": reverse("home:calendar"),
    }
    for width in (1280, 390):
        context = visitor(browser, language, width)
        page = context.new_page()
        page.goto(f"{live_server.url}{pages['index']}")
        checked(page, f"home-public-{language}-{width}")
        sign_in(context, live_server, made.north, language)
        for name, path in pages.items():
            page.goto(f"{live_server.url}{path}")
            checked(page, f"home-{name}-{language}-{width}")
        context.close()
