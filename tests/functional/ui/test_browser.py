"""The style guide in a real browser: three languages, two widths, both themes, without script errors."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.functional import browsing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.functional.ui.urls"),
    pytest.mark.django_db(transaction=True),
]


def opened(
    browser: Browser, server: LiveServer, language: str, width: int, **options: Any
) -> tuple[Page, list[str]]:
    page = browsing.visitor(browser, language, width, **options).new_page()
    errors = browsing.errors_of(page)
    page.goto(f"{server.url}/ui/")
    return page, errors


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_the_style_guide_is_sound(
    browser: Browser, live_server: LiveServer, language: str, width: int, scheme: str
) -> None:
    page, errors = opened(browser, live_server, language, width, color_scheme=scheme)
    browsing.checked(page, f"style-{language}-{width}-{scheme}")
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
