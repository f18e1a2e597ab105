"""Progress and obstacles from end to end in a real browser, with and without scripts, and their pages without barriers in three languages."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.queries.days import today
from mehvar.kernel import clock
from mehvar.programmes.actions import confidence, escalation, extensions, obstacles, rounds
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.models import Delivery, Obstacle, ProgressReport
from mehvar.ui.reader import for_language
from tests.factories.obstacles import make_committee
from tests.factories.progress import ReportingHouse, approved, opened_round, reported, reporting_house
from tests.factories.promulgation import MORNING
from tests.functional.browsing import LANGUAGES, barriers, checked, errors_of, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DONE = {"en": "Two plants assessed.", "fa": "دو واحد ارزیابی شد.", "vi": "Đã đánh giá hai nhà máy."}


ALIKE = {"rounds", "rosy", "late", "round-extend", "round-close", "delivery-officer", "status_heat"}
"""Pages built of the same parts as another that is walked; their barriers are looked for in one language."""


def path_of(name: str, *args: object) -> str:
    return reverse(f"programmes:{name}", args=args)


def _promulgated(language: str) -> ReportingHouse:
    try:
        with clock.fixed(MORNING):
            return reporting_house(language=language)
    finally:
        connections.close_all()


def world_of_today(language: str = "en") -> ReportingHouse:
    """Make the reporting house with its dates in the coming days; in a thread of its own, since signing has an event loop too."""
    with ThreadPoolExecutor(1) as pool:
        world = pool.submit(_promulgated, language).result()
    soon = today() + timedelta(20)
    Delivery.objects.update(due_on=soon, first_due_on=soon, red_on=soon + timedelta(1))
    return world


def furnished(world: ReportingHouse, language: str) -> dict[str, tuple[User, str]]:
    """Give the pages of progress with something on each: name → who looks, and where."""
    asked = opened_round(world, period="1405-Q1", due_on=today() + timedelta(5))
    approved(world, reported(world, asked, world.north, "xx.north", claimed=40), world.officer)
    waiting = reported(world, asked, world.health, "xx.health", claimed=30)
    rounds.close_round(world.officer, asked.pk, version=asked.version)
    later = opened_round(world, period="1405-02", due_on=today() + timedelta(9))
    waiting = reported(world, later, world.health, "xx.health", claimed=35)
    delivery = world.delivery("xx.north")
    extensions.request_extension(
        world.north, delivery.pk, due_on=today() + timedelta(90), reason=DONE[language]
    )
    confidence.judge_confidence(world.officer, delivery.pk, confidence="amber", reason=DONE[language])
    obstacles.raise_obstacle(
        world.north,
        Words(DONE[language], DONE[language], language=language),
        raised_by_id=world.house.north.pk,
        delivery_public_id=delivery.public_id,
    )
    officer, north, minister = world.officer, world.north, world.house.people[Role.MINISTER]
    return {
        "deliveries": (officer, path_of("deliveries")),
        "delivery-officer": (officer, path_of("delivery", delivery.public_id)),
        "delivery-own": (north, path_of("delivery", delivery.public_id)),
        "rounds-own": (north, path_of("rounds")),
        "rounds": (officer, path_of("rounds")),
        "round": (officer, path_of("round", later.public_id)),
        "round-new": (officer, path_of("round_new")),
        "round-extend": (officer, path_of("round_extend", later.public_id)),
        "round-close": (officer, path_of("round_close", later.public_id)),
        "entry": (north, path_of("report_entry", later.public_id, "xx.north")),
        "entry-closed": (north, path_of("report_entry", asked.public_id, "xx.north")),
        "review": (officer, path_of("review")),
        "report": (officer, path_of("report", waiting.pk)),
        "obstacle-new": (north, f"{path_of('obstacle_new')}?delivery={delivery.public_id}"),
        **{
            name: (minister, path_of(name))
            for name in ("status", "status_provinces", "status_heat", "red", "rosy", "late")
        },
    }


def test_every_page_of_progress_is_sound_in_three_languages_on_desk_and_phone(
    browser: Browser, live_server: LiveServer
) -> None:
    world = world_of_today("fa")
    pages = furnished(world, "fa")
    people = {user.pk: user for user, _address in pages.values()}
    windows = {pk: signed_in(browser, live_server, user, "fa").new_page() for pk, user in people.items()}
    for language in LANGUAGES:
        User.objects.filter(pk__in=people).update(language=language)
        for name, (user, address) in pages.items():
            page = windows[user.pk]
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(live_server.url + address)
            if language == "fa" or name not in ALIKE:
                checked(page, f"{name}-{language}", contrast=language == "fa")
            main = page.locator("main").inner_text()
            assert not re.search(r"\b1405-(Q1|02)\b", main), (name, language)  # periods have names
            if language == "fa":
                plain = re.sub(r"[0-9]{4}/[0-9]{3}|[A-Z]{2,}|xx\S*|SHA-\d+|\S+@\S+", "", main)
                assert not re.search(r"[0-9]{2}", plain), name  # Jalali days, Persian digits
            page.set_viewport_size({"width": 390, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (name, language)
    for page in windows.values():
        page.context.close()


@pytest.mark.parametrize(("language", "has_scripts"), [("fa", True), ("en", False)])
def test_a_report_goes_from_the_body_to_its_approval(
    browser: Browser,
    live_server: LiveServer,
    tmp_path: Path,
    language: str,
    has_scripts: bool,  # noqa: FBT001
) -> None:
    world = world_of_today(language)
    asked = opened_round(world, period="1405-Q1", due_on=today() + timedelta(5))
    delivery = world.delivery("xx.north")
    minutes = tmp_path / "minutes.pdf"
    minutes.write_bytes(b"%PDF-1.7 minutes")
    width = 390 if has_scripts else 1280
    north = signed_in(
        browser, live_server, world.north, language, width, java_script_enabled=has_scripts
    ).new_page()
    errors = errors_of(north)
    north.goto(live_server.url + path_of("delivery", delivery.public_id))
    north.locator(".page-actions .button:not(.button-quiet)").click()  # the main action: report progress
    line = f"#id_d{delivery.pk}-"
    north.locator(f"{line}claimed").fill(for_language(language).digits("45"))
    north.locator(f"{line}self_rating").select_option("green")
    north.locator(f"{line}done_text").fill(DONE[language])
    north.locator(f"#d{delivery.pk}-file").set_input_files(minutes)
    north.locator("button[name=act][value=save]").click()
    expect(north.locator(".entry-files")).to_contain_text("minutes.pdf")
    assert ProgressReport.objects.get().state == "draft"
    north.locator("button[name=act][value=submit]").click()
    expect(north.locator(".notices")).not_to_be_empty()
    report = ProgressReport.objects.get()
    assert (report.state, report.claimed, report.done_text) == ("claimed", 45, DONE[language])

    officer = signed_in(
        browser, live_server, world.officer, language, width, java_script_enabled=has_scripts
    ).new_page()
    officer.goto(live_server.url + path_of("review"))
    officer.locator(f"a[href='{path_of('report', report.pk)}']").first.click()
    officer.locator("#id_figure").fill("30")
    officer.locator("button[name=act][value=accept]").click()
    expect(
        officer.locator(".field-error, .error-summary").first
    ).to_be_visible()  # another figure needs a reason
    assert officer.locator("#id_figure").input_value() in {"30", for_language(language).digits("30")}
    officer.locator("#id_reason").fill(DONE[language])
    officer.locator("button[name=act][value=accept]").click()
    officer.wait_for_url(re.compile(r"/review/"))
    officer.goto(live_server.url + path_of("report", report.pk))
    officer.locator("button[name=act][value=approve]").click()
    officer.wait_for_url(re.compile(r"/review/"))
    delivery.refresh_from_db()
    assert (delivery.claimed, delivery.accepted, delivery.approved) == (45, 30, 30)

    officer.goto(live_server.url + path_of("round", asked.public_id))
    north.goto(live_server.url + path_of("delivery", delivery.public_id))
    expect(north.locator(".figures")).to_contain_text(for_language(language).digits("30"))
    steps = north.locator(".axis").first.locator("a")
    assert steps.count() >= 4  # clause, measure, figure and report lead away; progress is here
    assert errors == []
    north.context.close()
    officer.context.close()


def raised_on_the_page(page: Page, server: LiveServer, delivery: Delivery, words: str) -> Obstacle:
    """Raise an obstacle from the page of a delivery, as its body does."""
    page.goto(server.url + path_of("delivery", delivery.public_id))
    page.locator(f"a[href*='{path_of('obstacle_new')}?delivery=']").click()
    page.locator("#id_title").fill(words)
    page.locator("#id_text").fill(words)
    page.locator("#id_cause").select_option("land")
    page.locator("#id_decision_needed").fill(words)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/obstacles/o-"))
    return Obstacle.objects.get()


@pytest.mark.parametrize(("language", "has_scripts"), [("vi", True), ("en", False)])
def test_an_obstacle_is_raised_climbs_is_decided_and_closed_by_who_raised_it(
    browser: Browser,
    live_server: LiveServer,
    language: str,
    has_scripts: bool,  # noqa: FBT001
) -> None:
    cache.clear()
    world = world_of_today(language)
    make_committee(world.house.north, chair=world.north)
    options = {"java_script_enabled": has_scripts}
    width = 390 if has_scripts else 1280
    north = signed_in(browser, live_server, world.north, language, width, **options).new_page()
    north.on("pageerror", lambda error: pytest.fail(str(error)))
    delivery = world.delivery("xx.north")
    row = raised_on_the_page(north, live_server, delivery, DONE[language])
    assert row.delivery_id == delivery.pk
    assert row.raised_by_id == world.house.north.pk
    address = path_of("obstacle", row.public_id)
    for days in (8, 16, 24):
        escalation.escalate_due_obstacles(today() + timedelta(days))
    row.refresh_from_db()
    assert row.level == "council"

    minister = signed_in(
        browser, live_server, world.house.people[Role.MINISTER], language, width, **options
    ).new_page()
    minister.goto(live_server.url + path_of("obstacles_waiting"))
    minister.locator(f"a[href='{address}']").click()
    minister.locator(".page-actions .button").click()
    minister.locator("main form button[type=submit]").click()
    expect(
        minister.locator(".error-summary, .field-error").first
    ).to_be_visible()  # a decision has words and a day
    minister.locator("#id_decision").fill(DONE[language])
    minister.locator("#id_due_on").fill((today() + timedelta(30)).isoformat())
    minister.locator("main form button[type=submit]").click()
    minister.wait_for_url(f"**{address}")
    row.refresh_from_db()
    assert (row.state, row.decision) == ("in_remedy", DONE[language])

    obstacles.report_remedied(world.officer, row.public_id, note=DONE[language], version=row.version)
    north.goto(live_server.url + address)
    if has_scripts:
        assert barriers(north, f"obstacle-{language}") == []
    north.locator(".page-actions .button").click()  # it is gone: only who raised it says so
    north.locator("main form button[type=submit]").click()
    north.wait_for_url(f"**{address}")
    row.refresh_from_db()
    assert row.state == "closed"
    expect(north.locator("#trail li")).to_have_count(row.events.count())
    north.context.close()
    minister.context.close()
