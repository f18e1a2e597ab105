"""Programmes, calls and plans in a real browser: three languages, desktop and phone; rows saved while one works."""

from dataclasses import replace

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from mehvar.organisations.models import Organisation
from mehvar.programmes.actions import programmes, reviews, templates
from mehvar.programmes.actions.plans import ItemEdit, save_items
from mehvar.programmes.models import PlanCall, PlanItem
from mehvar.programmes.queries import plans as queries
from tests.factories.plans import Calling, calling, fill, good_item, stored
from tests.functional.browsing import checked, errors_of, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("loop_apart", "deadline_ahead"),
]


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
        failures = errors_of(page)
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
