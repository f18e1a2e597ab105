"""The minister's room, the flagship presentation and the performance report in a real browser: three languages, keys, no scripts."""

import pypdfium2
import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.data import Role
from mehvar.directives.queries.days import today
from mehvar.programmes.actions import flagships, performance
from mehvar.programmes.models import Stocktake
from tests.factories.stocktakes import Room, begun, minister_room, planned
from tests.functional.browsing import checked, errors_of, signed_in, visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {"fa": "تصمیم یک", "vi": "Quyết định một", "en": "Decision one"}
CRITERIA = {"drives_others": "Ten follow.", "people_feel": "Queues end.", "repeatable": "Anywhere."}
TITLES = ("North", "South")


@pytest.fixture
def room(loop_apart: None) -> Room:
    return minister_room()


def here(row: Stocktake, step: str = "") -> str:
    address = reverse("programmes:stocktake", args=[row.public_id])
    return f"{address}?step={step}" if step else address


def list_two(room: Room) -> None:
    """Put two projects on the public list."""
    for title in TITLES:
        sheet = {
            code: {"name": f"{title} {code}", "summary": f"{title} 1", "people_feel": f"{title} 2"}
            for code in WORDS
        }
        row = flagships.draft_flagship(
            room.world.officer, title=title, mark="driver", criteria=CRITERIA, sheet=sheet
        )
        flagships.list_flagship(room.world.officer, row.public_id, version=row.version)


def decide(page: Page, text: str) -> None:
    """Write a decision into the box and take it."""
    page.fill("#id_text", text)
    page.fill("#id_owner", "xx.north")
    page.fill("#id_due_on", f"{today().year + 1}-03-01")
    page.locator(".decide button[type=submit]").click()
    page.wait_for_load_state()


@pytest.mark.parametrize(("language", "width"), [("fa", 1920), ("vi", 390), ("en", 1280)])
def test_the_minister_decides_and_the_minutes_are_there(
    browser: Browser, live_server: LiveServer, room: Room, language: str, width: int
) -> None:
    row = begun(room, planned(room, today(), language=language))
    minister = room.world.house.people[Role.MINISTER]
    with signed_in(browser, live_server, minister, language, width) as context:
        page = context.new_page()
        errors = errors_of(page)
        for step in ("overview", "provinces", "red"):
            page.goto(live_server.url + here(row, step))
            checked(page, f"stocktake-{step}-{language}-{width}")
        forward = "ArrowLeft" if language == "fa" else "ArrowRight"
        with page.expect_navigation():
            page.keyboard.press(forward)
        expect(page).to_have_url(live_server.url + here(row, "obstacles"))
        decide(page, WORDS[language])
        expect(page.locator("#decisions table")).to_contain_text(WORDS[language])
        page.locator("#id_text").focus()
        page.keyboard.press(forward)  # in a field, arrows belong to the field
        expect(page).to_have_url(live_server.url + here(row, "obstacles") + "#decisions")
        checked(page, f"stocktake-decided-{language}-{width}")
        page.goto(live_server.url + reverse("programmes:stocktake_end", args=[row.public_id]))
        page.locator("main form button[type=submit]").click()
        page.wait_for_load_state()
        checked(page, f"stocktake-ended-{language}-{width}")
        paper = page.request.get(
            live_server.url
            + reverse("programmes:stocktake_minutes", args=[row.public_id])
            + f"?language={language}"
        )
        leaves = pypdfium2.PdfDocument(paper.body())
        printed = "\n".join(leaf.get_textpage().get_text_range() for leaf in leaves)
        assert WORDS[language].split()[0] in printed
        assert errors == []


def test_a_decision_needs_no_script_and_errors_stand_beside_their_fields(
    browser: Browser, live_server: LiveServer, room: Room
) -> None:
    row = begun(room, planned(room, today()))
    with signed_in(browser, live_server, room.world.officer, "en", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(live_server.url + here(row, "red"))
        page.fill("#id_text", "Act.")
        page.fill("#id_owner", "Nobody at all")
        page.fill("#id_due_on", "soon")
        page.locator(".decide button[type=submit]").click()
        expect(page.locator(".decide .field-error")).to_have_count(2)
        assert page.input_value("#id_text") == "Act."
        decide(page, "Act at once.")
        expect(page.locator("#decisions table")).to_contain_text("Act at once.")
        page.locator("a[rel=next]").click()
        expect(page).to_have_url(live_server.url + here(row, "obstacles"))


@pytest.mark.parametrize(("language", "width"), [("fa", 390), ("vi", 1920), ("en", 1280)])
def test_flagships_are_presented_by_keys_and_reports_are_read(
    browser: Browser, live_server: LiveServer, room: Room, language: str, width: int
) -> None:
    list_two(room)
    report = performance.freeze_report(room.world.officer, body="", period=str(today().year))
    performance.publish_report(room.world.house.people[Role.MINISTER], report.public_id)
    with visitor(browser, language, width) as context:
        page = context.new_page()
        errors = errors_of(page)
        for name, address in (
            ("flagships", reverse("programmes:flagships")),
            ("report", reverse("programmes:performance_report", args=[report.public_id])),
            ("reports", reverse("programmes:performance_public")),
            ("present", reverse("programmes:flagships_present")),
        ):
            page.goto(live_server.url + address)
            checked(page, f"{name}-{language}-{width}")
        expect(page.locator("h1")).to_have_text(f"North {language}")
        with page.expect_navigation():
            page.keyboard.press("ArrowLeft" if language == "fa" else "ArrowRight")
        expect(page.locator("h1")).to_have_text(f"South {language}")
        with page.expect_navigation():
            page.keyboard.press("PageUp")
        expect(page.locator("h1")).to_have_text(f"North {language}")
        assert errors == []
    with signed_in(browser, live_server, room.world.officer, language, width) as context:
        page = context.new_page()
        for name, address in (
            ("register", reverse("programmes:flagship_register")),
            ("sheet", reverse("programmes:flagship_new")),
            ("performance", reverse("programmes:performance") + f"?period={today().year}"),
            ("stocktakes", reverse("programmes:stocktakes")),
            ("stocktake-new", reverse("programmes:stocktake_new")),
        ):
            page.goto(live_server.url + address)
            checked(page, f"{name}-{language}-{width}")
