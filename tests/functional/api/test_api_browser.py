"""The page of routes and the page of tokens in a real browser: three languages, desktop and phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.actions import tokens
from mehvar.accounts.data import Role
from tests.factories.organisations import PASSWORD, small_ministry
from tests.factories.programs import Program, answered
from tests.functional.browsing import PICTURES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(params=["fa", "vi", "en"])
def page(browser: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    house = small_ministry()
    person = house.people[Role.PLANNING_OFFICER]
    person.language = request.param
    person.save()
    tokens.issue_token(person, label="برون‌بری شبانه", may_write=False, valid_days=30)
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=request.param)
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    opened = context.new_page()
    refusals: list[str] = []
    opened.on("console", lambda said: refusals.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: refusals.append(str(error)))
    yield opened
    context.close()
    assert refusals == []


def looked_at(page: Page, name: str) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert found.violations_count == 0, found.generate_report()
    language = page.evaluate("document.documentElement.lang")
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"api-{name}-{language}.png"), full_page=name == "tokens")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        wide = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1).filter(e => !e.closest('pre, .table-frame')).map(e => e.outerHTML.slice(0, 200))"
        assert page.evaluate(wide) == [], f"{name} is too wide at {width}"


def test_a_person_makes_a_token_and_a_program_uses_it(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/accounts/tokens/")
    page.fill("#id_label", "Export")
    page.click("main form.stack button[type=submit]")
    secret = page.inner_text("#secret")
    caller = Program(None)
    caller.headers = {"Authorization": f"Bearer {secret}"}
    assert answered(caller.get("/me"))["positions"][0]["role"] == "planning_officer"
    looked_at(page, "tokens")
    page.reload()


def test_the_routes_are_read_and_unfolded_without_a_script(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/api/v1/docs")
    route = page.locator("#post-api-v1-directives--public-id--promulgation")
    route.locator("summary").click()
    assert "curl -X POST" in route.locator("pre").inner_text()
    route.scroll_into_view_if_needed()
    looked_at(page, "docs")
