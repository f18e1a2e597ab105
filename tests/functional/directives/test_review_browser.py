"""The review by keyboard and the editor in a real browser: three languages, desktop and phone."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.data import Role
from mehvar.directives import extraction as reader
from mehvar.directives.actions import imports
from mehvar.directives.models import ImportDocument, Measure
from tests.factories import directives as make
from tests.factories.organisations import small_ministry
from tests.functional import browsing

LANGUAGES = ("fa", "vi", "en")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@dataclass
class Desk:
    page: Page
    document: ImportDocument
    errors: list[str]
    server: str

    def open(self, name: str, *args: object) -> None:
        self.page.goto(self.server + reverse(f"directives:{name}", args=args))


def seated(
    browser: Browser,
    server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    *,
    width: int = 1280,
    **options: Any,
) -> Desk:
    """Seat a planning officer before a document of six rows, of which two name a body that nobody knows."""
    house = small_ministry()
    user = house.people[Role.PLANNING_OFFICER]
    rows = [make.found_measure(str(n), block=n - 1) for n in (1, 2, 3)]
    rows += [make.doubtful_measure(str(n), block=n - 1) for n in (4, 5)]
    rows.append(make.found_measure("6", "First half; the second half is another task", block=5))
    monkeypatch.setattr(reader, "extract_isolated", lambda *_a, **_k: make.extraction(*rows), raising=False)
    document = imports.import_document(
        user, data=b"x", filename="annex.docx", pack="xx", issuer_id=house.ministry.pk
    )
    page = browsing.signed_in(browser, server, user, language, width, **options).new_page()
    return Desk(page, document, browsing.errors_of(page), server.url)


def checked(desk: Desk, name: str) -> None:
    """Hold a page to what every page is held to, and to quiet scripts."""
    assert desk.errors == []
    browsing.checked(desk.page, name)


def left(desk: Desk) -> int:
    return Measure.objects.filter(removed_at=None).exclude(review_state__in=["accepted", "corrected"]).count()


def number_shown(desk: Desk) -> Any:
    return desk.page.locator("#row-form [name=number]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_review_is_done_by_keyboard_alone(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    desk = seated(browser, live_server, monkeypatch, language)
    page = desk.page
    desk.open("review", desk.document.public_id)
    expect(number_shown(desk)).to_have_value("4")

    page.keyboard.press("j")
    expect(number_shown(desk)).to_have_value("5")
    page.keyboard.press("k")
    expect(number_shown(desk)).to_have_value("4")

    page.keyboard.press("t")
    expect(page.locator("#teach [name=body]")).to_be_focused()
    page.keyboard.type("Information Tech")
    expect(page.locator(".suggest-list [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#teach [name=body]")).to_have_value(
        "Information Technology Organisation [xx.min.it]"
    )
    page.keyboard.press("Enter")
    expect(page.locator("#teach")).to_have_count(0)
    assert not Measure.objects.filter(open_flags__gt=0).exists()

    page.keyboard.press("Enter")
    expect(number_shown(desk)).to_have_value("5")
    assert left(desk) == 5
    page.keyboard.press("u")
    expect(number_shown(desk)).to_have_value("4")
    assert left(desk) == 6

    for number in ("5", "1", "2", "3", "6"):
        page.keyboard.press("Enter")
        expect(number_shown(desk)).to_have_value(number)
    page.keyboard.press("s")
    expect(page.locator("#split input[type=radio]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".strip a")).to_have_count(7)
    page.keyboard.press("j")
    page.wait_for_url("**row=*")
    expect(page.locator("#row-form [name=text]")).to_have_value("the second half is another task")
    page.keyboard.press("m")
    expect(page.locator(".strip a")).to_have_count(6)
    page.keyboard.press("Enter")
    expect(page.locator(".strip .is-settled")).to_have_count(6)
    assert left(desk) == 0
    checked(desk, f"review-done-{language}")

    page.locator("#finish button").click()
    expect(page.locator("ol.life")).to_be_visible()
    checked(desk, f"directive-{language}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_the_editor_are_sound_on_a_phone_and_on_a_desk(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    desk = seated(browser, live_server, monkeypatch, language)
    for width in (390, 1280):
        desk.page.set_viewport_size({"width": width, "height": 900})
        directive = desk.document.directive
        assert directive is not None
        row = Measure.objects.order_by("position")[0]
        for name, args in (
            ("review", (desk.document.public_id,)),
            ("list", ()),
            ("import", ()),
            ("imports", ()),
            ("measures", ()),
            ("duties", ()),
            ("duty_new", ()),
            ("themes", ()),
            ("plans", ()),
            ("directive", (directive.public_id,)),
            ("measure", (directive.public_id, row.public_id)),
            *((name, (directive.public_id,)) for name in ("edit", "citations", "fields", "text", "outcomes")),
            ("measure_edit", (directive.public_id, row.public_id)),
            ("exchange", (directive.public_id,)),
            ("alignment", (directive.public_id,)),
        ):
            desk.open(name, *args)
            checked(desk, f"{name}-{language}-{width}")


def test_two_reviewers_in_two_browsers_lose_nothing(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = seated(browser, live_server, monkeypatch, "en")
    desk.open("review", desk.document.public_id)
    second = desk.page.context.new_page()
    second.goto(desk.page.url)
    second.locator("#row-form [name=text]").fill("What the second wrote")
    second.keyboard.press("Control+Enter")
    expect(second.locator("#row-form [name=number]")).to_have_value("5")

    desk.page.locator("#row-form [name=text]").fill("What the first wrote")
    desk.page.keyboard.press("Control+Enter")
    conflict = desk.page.locator("[role=alert]")
    expect(conflict).to_contain_text("What the second wrote")
    expect(desk.page.locator("#row-form [name=text]")).to_have_value("What the first wrote")
    desk.page.locator("[data-accept]").click()
    expect(desk.page.locator("#row-form [name=number]")).to_have_value("5")
    assert Measure.objects.get(number="4").text == "What the first wrote"


def test_the_same_review_works_without_javascript(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = seated(browser, live_server, monkeypatch, "en", java_script_enabled=False)
    page = desk.page
    desk.open("review", desk.document.public_id)
    page.locator("#teach [name=body]").fill("Information Technology Organisation")
    page.locator("#teach button").click()
    page.get_by_role("button", name="Accept all 6 rows without a doubt").click()
    page.locator("#finish button").click()
    expect(page.locator("ol.life")).to_be_visible()
