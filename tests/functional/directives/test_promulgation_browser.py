"""From approval to acknowledgement in a real browser, by the pages alone: three languages, desktop and phone, no scripts."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.models import Acknowledgement, Directive, Promulgation
from tests.factories.organisations import PASSWORD, SmallMinistry, small_ministry
from tests.factories.promulgation import approved_directive, officers_of_provinces
from tests.functional import browsing

SCREENS = (("fa", 1280), ("vi", 1280), ("en", 1280), ("fa", 390))
CITED = "Resolution 01/NQ-CP"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


class Desk:
    """One person before a browser; what goes wrong on any page is kept."""

    def __init__(self, context: BrowserContext, server: LiveServer) -> None:
        self.server, self.page = server.url, context.new_page()
        self.errors = browsing.errors_of(self.page)

    def open(self, address: str) -> Page:
        self.page.goto(self.server + address)
        return self.page

    def checked(self, name: str, *, axe: bool = True) -> None:
        assert self.errors == []
        if axe:
            browsing.checked(self.page, name)


def desk(
    browser: Browser,
    server: LiveServer,
    user: User | None,
    language: str,
    *,
    width: int = 1280,
    scripts: bool = True,
) -> Desk:
    if user is None:
        context = browsing.visitor(browser, language, width, java_script_enabled=scripts)
    else:
        context = browsing.signed_in(browser, server, user, language, width, java_script_enabled=scripts)
    return Desk(context, server)


def promulgate_by_the_pages(seat: Desk, directive: Directive, name: str, *, axe: bool = True) -> Promulgation:
    page = seat.open(reverse("directives:promulgation", args=[directive.public_id]))
    seat.checked(f"{name}-gates", axe=axe)
    page.fill("input[name=number]", "2026/077")
    page.click("form[action$='/confirm/'] button:not([formaction])")
    assert "reauthenticate" in page.url
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/promulgation/confirm/**")
    assert page.input_value("input[name=number]") == "2026/077"
    seat.checked(f"{name}-confirm", axe=axe)
    page.click("form.confirm button[type=submit]")
    page.wait_for_url(f"**/{directive.public_id}/promulgation/")
    seat.checked(f"{name}-result", axe=axe)
    return Promulgation.objects.get(directive=directive)


@pytest.fixture
def house() -> SmallMinistry:
    made = small_ministry()
    officers_of_provinces(made)
    return made


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_from_approval_to_the_public_page(
    browser: Browser, live_server: LiveServer, house: SmallMinistry, language: str, width: int
) -> None:
    directive = approved_directive(house, language=language, cites=[CITED])
    name = f"promulgation-{language}-{width}"
    officer = desk(browser, live_server, house.people[Role.PLANNING_OFFICER], language, width=width)
    made = promulgate_by_the_pages(officer, directive, name)
    officer.open(reverse("directives:coverage", args=[directive.public_id]))
    officer.checked(f"{name}-coverage")

    body = desk(browser, live_server, house.people[Role.BODY_OFFICER], language, width=width)
    page = body.open(reverse("directives:inbox"))
    body.checked(f"{name}-inbox")
    page.click("article form button[type=submit]")
    page.wait_for_selector(".error-summary")
    body.checked(f"{name}-inbox-refused")
    page.check("article input[type=checkbox]")
    page.click("article form button[type=submit]")
    page.wait_for_selector(".notice-done")
    assert Acknowledgement.objects.get(organisation=house.health).disseminated
    body.open(reverse("directives:assignments"))
    body.checked(f"{name}-assignments")

    citizen = desk(browser, live_server, None, language, width=width)
    page = citizen.open(f"/d/{made.short_code}/")
    citizen.checked(f"{name}-public")
    page.fill("#public-q", "group 2")
    page.press("#public-q", "Enter")
    page.wait_for_url("**/?q=group+2*")
    assert page.locator(".public-measures li").count() == 1
    citizen.open(f"/d/{made.short_code}/verify/")
    citizen.checked(f"{name}-verify")
    page = citizen.open(reverse("directives:check_document"))
    with made.pdf.open("rb") as stored:
        held = stored.read()
    page.set_input_files(
        "input[type=file]", {"name": "held.pdf", "mimeType": "application/pdf", "buffer": held}
    )
    page.click("main form button[type=submit]")
    page.wait_for_selector("main .badge-done")
    citizen.checked(f"{name}-check")
    for each in (officer, body, citizen):
        each.page.context.close()


def test_everything_works_without_scripts(
    browser: Browser, live_server: LiveServer, house: SmallMinistry
) -> None:
    directive = approved_directive(house)
    officer = desk(browser, live_server, house.people[Role.PLANNING_OFFICER], "en", scripts=False)
    promulgate_by_the_pages(officer, directive, "no-scripts", axe=False)
    page = officer.open(reverse("directives:coverage", args=[directive.public_id]))
    page.select_option("select[name=standing]", "waiting")
    page.click(".list-bar button[type=submit]")
    assert page.locator("#list-coverage tbody tr").count() == 5
    body = desk(browser, live_server, house.people[Role.BODY_OFFICER], "en", scripts=False)
    page = body.open(reverse("directives:inbox"))
    page.click("article form button[type=submit]")
    assert "Acknowledged for 1 body." in page.inner_text("body")
