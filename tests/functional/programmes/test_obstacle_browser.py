"""Obstacles, the public form and the provinces' pages in a real browser: three languages, desktop and phone, without barriers."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.queries.days import today
from mehvar.kernel import outside
from mehvar.programmes.actions import obstacles, proposals, recognition, stakeholders
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.data import Cause, MeetingKind, ObstacleKind
from mehvar.programmes.models import Obstacle, RecognitionEdition, RecognitionResult
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS
from tests.factories.obstacles import make_committee
from tests.factories.organisations import SmallMinistry, small_ministry
from tests.functional.browsing import LANGUAGES, checked, signed_in, visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {
    "en": (
        "No land for the data centre",
        "The municipality has not handed over the plot.",
        "Hand over the plot.",
    ),
    "vi": ("Chưa có đất xây trung tâm dữ liệu", "Thành phố chưa bàn giao thửa đất.", "Bàn giao thửa đất."),
    "fa": ("زمین مرکز داده واگذار نشده است", "شهرداری هنوز زمین را تحویل نداده است.", "زمین تحویل شود."),
}


@pytest.fixture(autouse=True)
def forgotten_limits() -> None:
    cache.clear()


def fits_a_phone(page: Page, name: str) -> None:
    """Hold the page that is shown to the width of a phone."""
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    page.set_viewport_size({"width": 1280, "height": 900})


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


def test_officials_pages_are_sound_in_three_languages_on_desk_and_phone(
    browser: Browser, live_server: LiveServer
) -> None:
    house = small_ministry(language="fa")
    addresses = make_case(house, "fa")
    people = {
        role: house.people[role] for role in (Role.PLANNING_OFFICER, Role.MINISTER, Role.PROVINCIAL_DIRECTOR)
    }
    windows = {role: signed_in(browser, live_server, user, "fa").new_page() for role, user in people.items()}
    edition = RecognitionEdition.objects.get()
    recognition.publish_criteria(people[Role.PLANNING_OFFICER], edition.public_id, version=1)
    edition.refresh_from_db()
    for language in LANGUAGES:
        User.objects.filter(pk__in=[user.pk for user in people.values()]).update(language=language)
        for name, address in addresses.items():
            page = windows[Role.MINISTER if name in {"waiting", "decide"} else Role.PLANNING_OFFICER]
            page.goto(live_server.url + address)
            checked(page, f"{name}-{language}", contrast=language == "fa")
            fits_a_phone(page, f"{name}-{language}-390")
        director = windows[Role.PROVINCIAL_DIRECTOR]
        for name in ("meeting", "proposal", "obstacle"):
            director.goto(live_server.url + addresses[name])
            checked(director, f"{name}-director-{language}", contrast=False)
    awarded(edition, house)
    officer = windows[Role.PLANNING_OFFICER]
    officer.goto(live_server.url + addresses["edition"])
    checked(officer, "awarded")
    fits_a_phone(officer, "awarded-390")
    for page in windows.values():
        page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_citizen_tells_and_follows_on_a_phone(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(outside, "SHORTEST_FILL_S", 0)
    house = small_ministry(language=language)
    addresses = make_case(house, language)
    title, text, decision = WORDS[language]
    page = visitor(browser, language, 390).new_page()
    page.goto(live_server.url + path_of("public_obstacles"))
    checked(page, f"public-list-{language}", contrast=language == "fa")
    page.goto(live_server.url + path_of("public_obstacle", addresses["obstacle"].split("/")[-2]))
    checked(page, f"public-one-{language}", contrast=language == "fa")
    expect(page.locator("a.seal")).to_be_visible()
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
        checked(page, f"tell-{name}-{language}", contrast=language == "fa")
        fill()
        page.locator("form .form-actions .button").click()
    checked(page, f"tell-check-{language}", contrast=language == "fa")
    page.locator("form .form-actions .button").click()
    expect(page.locator("code")).to_be_visible()
    checked(page, f"tell-sent-{language}", contrast=language == "fa")
    code = page.locator("code").inner_text()
    page.goto(live_server.url + path_of("outside_track"))
    checked(page, f"track-{language}", contrast=language == "fa")
    page.locator("[name=code]").fill(code)
    page.locator("form .form-actions .button").click()
    expect(page.locator("h1")).to_contain_text(title)
    checked(page, f"track-status-{language}", contrast=language == "fa")
    assert Obstacle.objects.filter(raised_by__isnull=True).count() == 1
    page.context.close()


def test_the_form_works_with_scripts_switched_off(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "SHORTEST_FILL_S", 0)
    house = small_ministry()
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
    code = page.locator("code").inner_text()
    row = Obstacle.objects.get()
    assert row.product_need == "Schools"
    obstacles.report_remedied(
        house.people[Role.PLANNING_OFFICER], row.public_id, note="It is sold now.", version=row.version
    )
    page.goto(live_server.url + path_of("outside_track"))
    page.locator("[name=code]").fill("AAAA-BBBB-CCCC-DDDD")
    page.locator("form .form-actions .button").click()
    expect(page.locator(".field-error, .error-summary").first).to_be_visible()  # no such code
    page.locator("[name=code]").fill(code)
    page.locator("form .form-actions .button").click()
    page.locator("button[name=act][value=confirm]").click()
    row.refresh_from_db()
    assert row.state == "closed"  # only who raised it closes it
    context.close()
