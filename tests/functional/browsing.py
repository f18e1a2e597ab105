"""Drive the system's Chromium: sign people in, and hold every page to its width and to what assistive tools need."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.models import User
from tests.functional import visiting

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PICTURES = os.environ.get("MEHVAR_SCREENSHOTS", "")
LANGUAGES = ("fa", "vi", "en")
WIDTHS = (1280, 390)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser. Its event loop lives in this thread; the database is only set up and flushed here, never awaited."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            yield launched
            launched.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def visitor(browser: Browser, language: str, width: int = 1280, **options: Any) -> BrowserContext:
    """Give the window of somebody without an account."""
    return browser.new_context(viewport={"width": width, "height": 900}, locale=language, **options)


def signed_in(
    browser: Browser, server: LiveServer, user: User, language: str, width: int = 1280, **options: Any
) -> BrowserContext:
    """Give the window of a person who reads the language."""
    context = visitor(browser, language, width, **options)
    sign_in(context, server, user, language)
    return context


def sign_in(context: BrowserContext, server: LiveServer, user: User, language: str) -> None:
    """Let a window be a person's."""
    session = visiting.signed_in(user, language).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])


def errors_of(page: Page) -> list[str]:
    """Keep what goes wrong in a page's scripts and against its security policy, from now on; a refusal by the server is none."""
    errors: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith("Failed to load resource"):
            errors.append(said.text)

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", hear)
    return errors


def checked(page: Page, name: str, *, contrast: bool = True) -> None:
    """Hold a page to its width and to what assistive tools need; keep a picture where asked.

    Measuring ``contrast`` takes most of the time; where the same page was measured in another language it may be left out.
    """
    page.wait_for_load_state()
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    page.wait_for_function("document.body !== null")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    assert barriers(page, name, contrast=contrast) == []


def barriers(page: Page, name: str, *, contrast: bool = True) -> list[str]:
    """Give what is a serious or critical barrier."""
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": contrast}}}
    return [
        f"{name} {found['id']}: {found['nodes'][0]['html'][:200]}"
        for found in Axe().run(page, options=options).response["violations"]
        if found["impact"] in {"serious", "critical"}
    ]
