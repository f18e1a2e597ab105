"""The style guide in a real browser: three languages, two widths, both themes, without script errors."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.functional.ui.urls"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread; the database is only set up and flushed here, never awaited.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def developing(settings: Settings) -> None:
    settings.DEBUG = True


def opened(
    browser: Browser, server: LiveServer, language: str, width: int, **options: Any
) -> tuple[Page, list[str]]:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=language, **options)
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/ui/")
    return page, errors


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_the_style_guide_is_sound(
    browser: Browser, live_server: LiveServer, language: str, width: int, scheme: str
) -> None:
    page, errors = opened(browser, live_server, language, width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    found = Axe().run(page)
    serious = [
        f"{v['id']}: {v['nodes'][0]['html'][:160]}"
        for v in found.response["violations"]
        if v["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    assert errors == []
    page.context.close()


def test_a_list_is_filtered_in_place_and_the_address_follows(
    browser: Browser, live_server: LiveServer
) -> None:
    page, errors = opened(browser, live_server, "en", 1280)
    with page.expect_response(lambda response: "q=contenttype" in response.url):
        page.fill("#list-rights-q", "contenttype")
    page.wait_for_url("**/ui/?*q=contenttype*")
    expect(page.locator("#list-rights tbody tr")).to_have_count(4)
    assert page.evaluate("document.activeElement.id") == "list-rights-q"
    page.go_back()
    expect(page.locator("#list-rights tbody tr")).to_have_count(25)
    assert errors == []
    page.context.close()


def test_the_list_works_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    page, _errors = opened(browser, live_server, "en", 1280, java_script_enabled=False)
    page.fill("#list-rights-q", "contenttype")
    page.click(".list-bar button[type=submit]")
    expect(page.locator("#list-rights tbody tr")).to_have_count(4)
    page.context.close()


def test_the_theme_changes_at_once_and_stays(browser: Browser, live_server: LiveServer) -> None:
    page, _errors = opened(browser, live_server, "en", 1280)
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("[data-theme-form] button[value=dark]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.context.close()


def test_the_keyboard_reaches_the_content_and_the_search(browser: Browser, live_server: LiveServer) -> None:
    page, _errors = opened(browser, live_server, "en", 1280)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "shell-search"
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.focus(".skip-link")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"
    page.context.close()
