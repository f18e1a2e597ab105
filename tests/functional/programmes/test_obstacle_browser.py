"""Obstacles, the public form and the provinces' pages in a real browser: three languages, desktop and phone, without barriers."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.queries.days import today
from mehvar.programmes.actions import obstacles, proposals, recognition, stakeholders
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.data import Cause, MeetingKind, ObstacleKind
from mehvar.programmes.models import Obstacle, RecognitionEdition, RecognitionResult
from mehvar.programmes.rules import outside
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS
from tests.factories.obstacles import make_committee
from tests.factories.organisations import PASSWORD, SmallMinistry, small_ministry

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PICTURES = os.environ.get("MEHVAR_SCREENSHOTS", "")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

WORDS = {
    "en": (
        "No land for the data centre",
        "The municipality has not handed over the plot.",
        "Hand over the plot.",
    ),
    "vi": ("Chưa có đất xây trung tâm dữ liệu", "Thành phố chưa bàn giao thửa đất.", "Bàn giao thửa đất."),
    "fa": ("زمین مرکز داده واگذار نشده است", "شهرداری هنوز زمین را تحویل نداده است.", "زمین تحویل شود."),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def developing(settings: Settings) -> None:
    settings.DEBUG = True
    cache.clear()


def signed_in(browser: Browser, server: LiveServer, user: User, language: str, width: int) -> BrowserContext:
    User.objects.filter(pk=user.pk).update(language=language)
    client = Client()
    assert client.login(username=user.email, password=PASSWORD)
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}]
    )
    return context


def checked(page: Page, name: str) -> None:
    """Hold a page to its width and to what people with assistive tools need; keep a picture where asked."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    serious = [
        f"{name} {found['id']}: {found['nodes'][0]['html'][:200]}"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def path_of(name: str, *args: object) -> str:
    return reverse(f"programmes:{name}", args=args)


def make_case(house: SmallMinistry, language: str) -> dict[str, str]:
    """Make one of everything; give the addresses of its pages by name."""
    title, text, decision = WORDS[language]
    director, officer = house.people[Role.PROVINCIAL_DIRECTOR], house.people[Role.PLANNING_OFFICER]
    words = Words(title, text, cause=Cause.LAND, decision_needed=decision, language=language)
    row = obstacles.raise_obstacle(director, words, raised_by_id=house.north_ict.pk)
    row = obstacles.hand_up(officer, row.public_id, reason=decision, version=row.version)
    row = obstacles.decide(
        officer_of_level(house),
        row.public_id,
        decision=decision,
        due_on=today() + timedelta(days=20),
        version=row.version,
    )
    row = obstacles.report_remedied(officer, row.public_id, note=text, version=row.version)
    row = obstacles.send_back(director, row.public_id, reason=text, version=row.version)
    obstacles.publish(officer, row.public_id, title=title, words=text, version=row.version)
    gap = Words(
        title,
        text,
        kind=ObstacleKind.PRODUCT_GAP,
        product_need=decision,
        market_size="12,000",
        could_make=text,
    )
    obstacles.raise_obstacle(director, gap, raised_by_id=house.north_ict.pk)
    committee = make_committee(house.north_ict, chair=director, name=title)
    proposal = proposals.propose(director, committee.pk, title=title, text=text)
    meeting = stakeholders.record_meeting(
        director,
        house.north_ict.pk,
        held_on=today(),
        kind=MeetingKind.GOVERNOR,
        with_whom=title,
        subject=title,
        notes=text,
        promises=(Promise(text, title, today() + timedelta(days=9)),),
    )
    edition = recognition.draft_edition(
        officer,
        title=title,
        period="2099",
        weights={code.value: weight for code, weight in DEFAULT_WEIGHTS.items()},
    )
    return {
        "list": path_of("obstacles"),
        "gaps": path_of("gaps"),
        "waiting": path_of("obstacles_waiting"),
        "obstacle": path_of("obstacle", row.public_id),
        "decide": path_of("obstacle_step", row.public_id, "decide"),
        "new": path_of("obstacle_new"),
        "gap-new": path_of("gap_new"),
        "proposals": path_of("proposals"),
        "proposal": path_of("proposal", proposal.public_id),
        "meetings": path_of("stakeholders"),
        "meeting": path_of("stakeholder_meeting", meeting.public_id),
        "commitments": path_of("commitments"),
        "recognition": path_of("recognition"),
        "edition": path_of("recognition_edition", edition.public_id),
        "edition-new": path_of("recognition_new"),
        "calendar": path_of("working_days"),
    }


def officer_of_level(house: SmallMinistry) -> User:
    """Give who decides at the deputies' level."""
    return house.people[Role.MINISTER]


def awarded(edition: RecognitionEdition, house: SmallMinistry) -> None:
    """Award an edition as if its period were over."""
    figures = {code.value: {"part": 18.5, "whole": 20, "percent": 92.5} for code in DEFAULT_WEIGHTS}
    for rank, province in ((1, house.north), (None, house.south)):
        RecognitionResult.objects.create(
            edition=edition,
            organisation=province,
            score=92.5 if rank else None,
            rank=rank,
            awarded=bool(rank),
            figures=figures if rank else {},
        )
    RecognitionEdition.objects.filter(pk=edition.pk).update(
        awarded_at=edition.published_at, content_hash="ab" * 32, ledger_sequence=1
    )


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_officials_pages_are_sound(
    browser: Browser, live_server: LiveServer, language: str, width: int
) -> None:
    house = small_ministry(language=language)
    addresses = make_case(house, language)
    officer = signed_in(browser, live_server, house.people[Role.PLANNING_OFFICER], language, width).new_page()
    minister = signed_in(browser, live_server, house.people[Role.MINISTER], language, width).new_page()
    for name, address in addresses.items():
        page = minister if name in {"waiting", "decide"} else officer
        page.goto(live_server.url + address)
        checked(page, f"{name}-{language}-{width}")
    edition = RecognitionEdition.objects.get()
    recognition.publish_criteria(house.people[Role.PLANNING_OFFICER], edition.public_id, version=1)
    edition.refresh_from_db()
    awarded(edition, house)
    officer.goto(live_server.url + addresses["edition"])
    checked(officer, f"awarded-{language}-{width}")
    director = signed_in(
        browser, live_server, house.people[Role.PROVINCIAL_DIRECTOR], language, width
    ).new_page()
    for name in ("meeting", "proposal", "obstacle"):
        director.goto(live_server.url + addresses[name])
        checked(director, f"{name}-director-{language}-{width}")
    for page in (officer, minister, director):
        page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_a_citizen_tells_without_script(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, language: str, width: int
) -> None:
    monkeypatch.setattr(outside, "SHORTEST_FILL_S", 0)
    house = small_ministry(language=language)
    addresses = make_case(house, language)
    title, text, decision = WORDS[language]
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, java_script_enabled=True
    )
    page = context.new_page()
    page.goto(live_server.url + path_of("public_obstacles"))
    checked(page, f"public-list-{language}-{width}")
    page.goto(live_server.url + path_of("public_obstacle", addresses["obstacle"].split("/")[-2]))
    checked(page, f"public-one-{language}-{width}")
    page.goto(live_server.url + path_of("outside_tell"))
    fields = {
        "kind": lambda: page.locator("[name=kind][value=obstacle]").check(),
        "what": lambda: (page.locator("[name=title]").fill(title), page.locator("[name=text]").fill(text)),
        "cause": lambda: (
            page.locator("[name=cause][value=land]").check(),
            page.locator("[name=decision_needed]").fill(decision),
        ),
        "where": lambda: page.locator("[name=province]").select_option(index=1),
        "who": lambda: page.locator("[name=name]").fill(title),
    }
    for name, fill in fields.items():
        checked(page, f"tell-{name}-{language}-{width}")
        fill()
        page.locator("form .form-actions .button").click()
    checked(page, f"tell-check-{language}-{width}")
    page.locator("form .form-actions .button").click()
    expect(page.locator("code")).to_be_visible()
    checked(page, f"tell-sent-{language}-{width}")
    code = page.locator("code").inner_text()
    page.goto(live_server.url + path_of("outside_track"))
    checked(page, f"track-{language}-{width}")
    page.locator("[name=code]").fill(code)
    page.locator("form .form-actions .button").click()
    expect(page.locator("h1")).to_contain_text(title)
    checked(page, f"track-status-{language}-{width}")
    assert Obstacle.objects.filter(raised_by__isnull=True).count() == 1
    context.close()


def test_the_form_works_with_scripts_switched_off(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "SHORTEST_FILL_S", 0)
    small_ministry()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + path_of("outside_tell"))
    page.locator("[name=kind][value=product_gap]").check()
    page.locator("form .form-actions .button").click()
    page.locator("[name=title]").fill("A router")
    page.locator("[name=text]").fill("   ")
    page.locator("form .form-actions .button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.locator("[name=text]").fill("None on the market")
    page.locator("form .form-actions .button").click()
    page.locator("[name=product_need]").fill("Schools")
    for _page in ("gap", "where", "who", "check"):
        page.locator("form .form-actions .button").click()
    expect(page.locator("code")).to_be_visible()
    assert Obstacle.objects.get().product_need == "Schools"
    context.close()
