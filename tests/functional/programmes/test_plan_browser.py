"""Programmes, calls and plans in a real browser: three languages, desktop and phone; rows saved while one works."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from mehvar.accounts.models import User
from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import add_days
from mehvar.organisations.models import Organisation
from mehvar.programmes.actions import programmes, reviews, templates
from mehvar.programmes.actions.plans import ItemEdit, save_items
from mehvar.programmes.models import PlanCall, PlanItem
from mehvar.programmes.queries import plans as queries
from tests.factories import plans as factory
from tests.factories.organisations import PASSWORD
from tests.factories.plans import Calling, calling, fill, good_item, stored

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PICTURES = os.environ.get("MEHVAR_SCREENSHOTS", "")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


RUN = asyncio.run


def in_own_thread(work: Any, **options: Any) -> Any:
    """Let what signs documents run its own loop beside the browser's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(RUN, work, **options).result()


@pytest.fixture(autouse=True)
def developing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEBUG = True
    monkeypatch.setattr(factory, "DEADLINE", add_days(today(), 30))
    monkeypatch.setattr(asyncio, "run", in_own_thread)


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


def place(body: Organisation, name: str, x: int) -> None:
    """Give a province its square and its name in each language."""
    body.attributes = {**body.attributes, "tile_x": x, "tile_y": 0}
    body.name_fa, body.name_vi = name, f"Tỉnh {body.name_en}"
    body.save()


def reviewed(case: Calling) -> None:
    """Let the north submit and be remarked on, the south begin."""
    place(case.house.north, "شمال", 0)
    place(case.house.south, "جنوب", 1)
    first, second, _third = queries.measures_asked(case.north_plan)
    fill(
        case.north,
        case.north_plan,
        good_item(1, source_id=first.pk),
        good_item(2, source_id=second.pk, needs=(1,)),
    )
    fill(case.south, case.south_plan, good_item(1, source_id=first.pk))
    item = stored(case.south_plan)[0]
    bare = replace(item.content, owner_office="", budget=(), due_on=None)
    save_items(case.south, case.south_plan.pk, [ItemEdit(bare, item.public_id, item.version)])
    reviews.submit_plan(case.north, case.north_plan.pk)
    reviews.add_remark(
        case.planner,
        case.north_plan.pk,
        "Name the plants.",
        item_public_id=stored(case.north_plan)[0].public_id,
    )
    national = case.programme.measures.first()
    assert national is not None
    programmes.edit_measure(case.planner, national.pk, version=1, product_class="emerging")
    programmes.derive_measures(case.planner, national.pk, [case.house.north.pk])


@pytest.mark.parametrize(
    ("language", "width"), [("fa", 1280), ("vi", 1280), ("en", 1280), ("fa", 390), ("vi", 390)]
)
def test_every_page_can_be_seen_and_used(
    browser: Browser, live_server: LiveServer, language: str, width: int
) -> None:
    case = calling(language=language)
    reviewed(case)
    shipped = templates.load_shipped(case.planner, "shahkar-to-gnaf", language)
    measure = case.programme.measures.first()
    assert measure is not None
    pages = [
        ("programmes", case.planner, path_of("programmes")),
        ("programme", case.planner, path_of("programme", case.programme.public_id)),
        ("measure", case.planner, path_of("measure", case.programme.public_id, measure.pk)),
        ("calls", case.north, path_of("calls")),
        ("call", case.planner, path_of("call", case.call.public_id)),
        ("call-new", case.planner, path_of("call_new", case.programme.public_id)),
        ("plan", case.planner, path_of("plan", case.north_plan.public_id)),
        ("grid", case.south, path_of("plan_grid", case.south_plan.public_id)),
        ("submit", case.south, path_of("plan_submit", case.south_plan.public_id)),
        ("hand-in", case.south, path_of("workbook_hand_in", case.south_plan.public_id)),
        ("template", case.planner, path_of("template", shipped.public_id)),
    ]
    for name, user, path in pages:
        context = signed_in(browser, live_server, user, language, width)
        page = context.new_page()
        failures: list[str] = []
        page.on("pageerror", lambda error, into=failures: into.append(str(error)))
        page.on(
            "console",
            lambda message, into=failures: into.append(message.text) if message.type == "error" else None,
        )
        page.goto(live_server.url + path)
        checked(page, f"plans-{name}-{language}-{width}")
        assert failures == [], name
        context.close()
    assert PlanCall.objects.count() == 1


def test_a_plan_is_filled_like_a_spreadsheet(browser: Browser, live_server: LiveServer) -> None:
    case = calling()
    context = signed_in(browser, live_server, case.north, "en", 1280)
    page = context.new_page()
    page.goto(live_server.url + path_of("plan_grid", case.north_plan.public_id))
    page.locator("#id_n1-text").fill("Equip the plants")
    page.locator("#id_n1-owner_office").fill("Office of industry")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#id_n1-starts_on")).to_be_focused()
    expect(page.locator("#mark-n1")).to_have_class("row-mark is-saved")
    assert PlanItem.objects.get().owner_office == "Office of industry"
    expect(page.locator("#checks")).to_contain_text("20%")
    page.locator("#id_n1-due_on").fill("soon")
    page.keyboard.press("Enter")
    expect(page.locator("#id_n2-due_on")).to_be_focused()
    expect(page.locator("#trouble-n1")).to_contain_text("is not a date")
    page.locator("#id_n1-due_on").fill("1405/06/31")
    page.keyboard.press("Tab")
    expect(page.locator("#trouble-n1")).to_be_empty()
    expect(page.locator("#row-n4")).to_have_count(1)
    context.close()


def test_a_block_of_a_spreadsheet_is_pasted_over_rows(browser: Browser, live_server: LiveServer) -> None:
    case = calling()
    context = signed_in(browser, live_server, case.north, "en", 1280)
    page = context.new_page()
    page.goto(live_server.url + path_of("plan_grid", case.north_plan.public_id))
    page.locator("#id_n1-owner_office").focus()
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", 'Office A\\t1/6/2026\\t22/9/2026\\t"1/7/2026 | Contract\\n1/9/2026 | Handover"\\nOffice B\\t\\t1405/06/31\\t\\n');
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.locator("#mark-n1")).to_have_class("row-mark is-saved")
    expect(page.locator("#mark-n2")).to_have_class("row-mark is-saved")
    first, second = stored(case.north_plan)
    assert [line.title for line in first.content.milestones] == ["Contract", "Handover"]
    assert (second.content.owner_office, str(second.content.due_on)) == ("Office B", "2026-09-22")
    context.close()


def test_two_people_in_one_row_see_both_versions(browser: Browser, live_server: LiveServer) -> None:
    case = calling()
    fill(case.north, case.north_plan, good_item())
    context = signed_in(browser, live_server, case.north, "en", 1280)
    page = context.new_page()
    page.goto(live_server.url + path_of("plan_grid", case.north_plan.public_id))
    item = stored(case.north_plan)[0]
    save_items(case.north, case.north_plan.pk, [ItemEdit(good_item(7), item.public_id, item.version)])
    field = page.locator(f"#id_r{item.public_id}-target")
    field.fill("mine")
    page.keyboard.press("Tab")
    expect(page.locator(f"#trouble-r{item.public_id}")).to_contain_text("Equip plant 7")
    expect(field).to_have_value("mine")
    assert stored(case.north_plan)[0].content.target == "12"
    field.fill("mine, decided")
    page.keyboard.press("Tab")
    expect(page.locator(f"#mark-r{item.public_id}")).to_have_class("row-mark is-saved")
    assert stored(case.north_plan)[0].content.target == "mine, decided"
    context.close()
